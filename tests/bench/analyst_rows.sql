-- A day of made-up rows for bench_analysts.py: psql -v day=2026-09-01. The first call makes the catalogues.
-- BTC and DOGE each 10 s on four venues, every metric known; minutes of 50 assets on four venues (all metrics for
-- BTC and DOGE, of the others those that the queries read); liquidations, alerts, gaps, maps. Needs the owner.
SET timezone = 'UTC';
SET search_path = cascade_risk, pg_catalog;
SET synchronous_commit = off;
SELECT setseed(0.5), ensure_partitions(0, :'day') \g /dev/null
CREATE TEMP TABLE v (n int, venue text, cov text);
INSERT INTO v VALUES (0, 'binance', 'sampled'), (1, 'bybit', 'complete'), (2, 'hyperliquid', NULL), (3, 'okx', 'partial');
CREATE TEMP TABLE a AS SELECT n, CASE n WHEN 0 THEN 'BTC' WHEN 1 THEN 'DOGE' WHEN 2 THEN 'ETH' ELSE 'ASSET' || n END AS asset FROM generate_series(0, 49) n;
INSERT INTO venue SELECT venue, cov, :'day' FROM v ON CONFLICT DO NOTHING;
INSERT INTO asset SELECT asset, :'day' FROM a ON CONFLICT DO NOTHING;
INSERT INTO run (instance, epoch, version, started, conf, conf_sha256) VALUES ('6a3e9c1e-0d4b-4a3f-9c55-1f0a7b2d8e02', 1, '0.1.0', :'day', '', '')
    ON CONFLICT DO NOTHING;
INSERT INTO instrument (venue, symbol, base, quote, asset, multiplier, ct_size, linear, status, included, valid_from)
    SELECT venue, asset || 'USDT', asset, 'USDT', asset, 1, 1, true, 'trading', true, :'day' FROM v, a ON CONFLICT DO NOTHING;

-- Every metric column of a table gets a random number but those named here.
CREATE FUNCTION pg_temp.fill(tbl text, source text, keys text, vals text, own jsonb, others boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c text;
    x text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
           string_agg(coalesce(own ->> attname, 'random() * 1000'), ', ' ORDER BY attnum) INTO c, x
    FROM pg_attribute WHERE attrelid = ('cascade_risk.' || tbl)::regclass AND attnum > 0 AND NOT attisdropped AND atttypid = 'float8'::regtype
    AND (others OR own ? attname);
    EXECUTE format('INSERT INTO cascade_risk.%I (%s, %s) SELECT %s, %s FROM %s', tbl, keys, c, vals, x, source);
END $$;
CREATE TEMP TABLE s AS SELECT t, (1 + 0.1 * sin(extract(epoch FROM t) / 20000))::float8 AS w FROM generate_series(:'day', timestamptz :'day' + interval '1 day' - interval '10 s', interval '10 s') t;
CREATE TEMP TABLE m AS SELECT * FROM s WHERE extract(second FROM t) = 0;
ANALYZE s, m, v, a;
SELECT pg_temp.fill('m_asset', 's, a WHERE a.n < 2 ORDER BY s.t, a.n', 't, run_id, asset', 's.t, 1, a.asset',
    '{"px_fair_usd": "60000 * w", "oi_usd": "15e9 * w", "oi_base": "250000 * w", "oi_cov_frac": "1", "liq_1m_oi_frac": "random() / 1e4"}', true);
SELECT pg_temp.fill('m_venue_asset', 's, v, a WHERE a.n < 2 ORDER BY s.t, v.n, a.n', 't, run_id, venue, asset', 's.t, 1, v.venue, a.asset',
    '{"oi_usd": "4e9 * w", "oi_base": "60000 * w", "px_dev_bps": "60 * (random() - 0.5)", "fund_interval_h": "8", "fund_next_s": "100",
      "depth_100bps_bid_usd": "CASE WHEN v.n <> 2 THEN 1e6 * random() END"}', true);
SELECT pg_temp.fill('m_asset_1m', 'm, a ORDER BY m.t, a.n', 't, run_id, asset, seconds', 'm.t, 1, a.asset, 60', x.own, false)
    FROM (VALUES ('{"px_open_usd": "60000 * w", "px_fair_usd": "60000 * w", "px_fair_usd_min": "59990 * w", "px_fair_usd_max": "60010 * w", "oi_usd": "15e9 * w",
      "oi_base": "250000 * w", "oi_cov_frac_min": "1", "fund_oiw_8h": "1e-4", "basis_mean_bps": "2", "liq_long_1m_usd": "random()", "liq_short_1m_usd": "random()",
      "depth_10bps_bid_usd_min": "1e6", "depth_10bps_ask_usd_min": "1e6", "depth_10bps_rel_frac_min": "0.9"}'::jsonb)) x (own);
SELECT pg_temp.fill('m_venue_asset_1m', 'm, v, a ORDER BY m.t, v.n, a.n', 't, run_id, venue, asset, seconds', 'm.t, 1, v.venue, a.asset, 60',
    '{"oi_usd": "4e9 * w", "oi_base": "60000 * w", "fund_8h": "1e-4", "px_dev_bps_max": "random()", "depth_100bps_bid_usd_min": "1e6"}', false);
SELECT pg_temp.fill('m_scenario', 's, a, (VALUES (''flow''), (''news'')) c (scenario) WHERE a.n < 2 ORDER BY s.t, a.n', 't, run_id, venue, asset, scenario', 's.t, 1, '''', a.asset, c.scenario',
    '{"casc_amp_5pct_dn": "1 + random()"}', true);
INSERT INTO m_process (t, run_id, feeds_live) SELECT t, 1, 12 FROM s;
INSERT INTO m_feed (t, run_id, venue, channel, symbol, feed_age_s, feed_state, feed_down_s)
    SELECT m.t, 1, v.venue, 'depth', a.asset || 'USDT', random(), 2, 0 FROM m, v, a WHERE m.t = date_trunc('hour', m.t) OR m.t > timestamptz :'day' + interval '23:58' ORDER BY 1;
INSERT INTO liquidation SELECT t + random() * interval '10 s', t, 1, v.venue, a.asset || 'USDT', a.asset, CASE WHEN random() < 0.7 THEN 'long' ELSE 'short' END,
    60000 * w, 'bankruptcy', NULL, 1, 'base', exp(12 * random()), v.cov, true FROM s, v, a WHERE v.cov IS NOT NULL AND random() < 0.05 ORDER BY 1;
INSERT INTO liqmap SELECT m.t, 1, v.venue, a.asset, d.side, 60000 * w, 0.5, 60000, e.edges, e.mass FROM m, v, a, (VALUES ('long'), ('short')) d (side),
    (SELECT array_agg(i / 58.0 ORDER BY i) AS edges, (array_agg(1000 * random()))[1:58] AS mass FROM generate_series(0, 58) i) e WHERE a.n < 2 ORDER BY m.t;
INSERT INTO feed_gap SELECT t, t + interval '20 s', 1, v.venue, 'depth', a.asset || 'USDT', 'silent' FROM m, v, a WHERE random() < 0.001;
INSERT INTO metric_unknown SELECT t, t + interval '60 s', 1, 'oi_usd', v.venue, a.asset, '', '', 'stale' FROM m, v, a WHERE random() < 0.003;
INSERT INTO alert_transition SELECT x.t, 1, x.i * 2 + k.n, 1, x.i * 2 + k.n, x.i, x.rule, 1, 'liq_1m_oi_frac', '', x.asset, '', '', k.state, 'inactive', 'warning', 'none', 1, 0.0015, 2, 'value', false,
    NULL, false, false, x.t, x.t, CASE WHEN k.n = 1 THEN x.t + interval '5 min' END
    FROM (SELECT m.t, a.asset, CASE WHEN random() < 0.5 THEN 'liq_1m' ELSE 'px_dev' END AS rule, row_number() OVER () AS i FROM m, a WHERE random() < 0.004) x,
    (VALUES (0, 'firing'), (1, 'resolved')) k (n, state);
