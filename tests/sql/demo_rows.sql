-- Half an hour of made-up rows for docs/ANALYSTS.md and its test: three assets on four venues, a fall
-- at 21:00 of the shape of 10 October 2025, a link that is down for 90 s. Nothing in it is random, so
-- what the page prints is what everybody gets. Runs on a fresh schema, as its owner.
SET timezone = 'UTC';
SET search_path = cascade_risk, pg_catalog;
SELECT ensure_partitions(1, DATE '2026-10-10') \g /dev/null

INSERT INTO run (instance, epoch, version, started, ended, conf, conf_sha256) OVERRIDING USER VALUE VALUES
    ('6a3e9c1e-0d4b-4a3f-9c55-1f0a7b2d8e01', 7, '0.1.0', '2026-10-10 20:50+00', '2026-10-10 21:20+00', '', encode(sha256(''), 'hex'));
INSERT INTO write_position SELECT run_id, 'bulk', 1800, 0, 30000, '2026-10-10 21:20+00', '2026-10-10 21:20+00' FROM run;
INSERT INTO venue VALUES ('binance', 'sampled', '2026-10-10 20:50+00'), ('bybit', 'complete', '2026-10-10 20:50+00'),
    ('hyperliquid', NULL, '2026-10-10 20:50+00'), ('okx', 'partial', '2026-10-10 20:50+00');
INSERT INTO asset VALUES ('BTC', '2026-10-10 20:50+00'), ('DOGE', '2026-10-10 20:50+00'), ('ETH', '2026-10-10 20:50+00');
INSERT INTO metric VALUES
    ('m_asset', 'oi_usd', 'USD', 'measured', 1, 0, NULL, 'Open interest, one-sided, at the mark price, all known venues.'),
    ('m_asset', 'oi_hhi', '1', 'measured', 1, 0, 1, 'Herfindahl-Hirschman index of open interest over the known venues: sum of squared shares.'),
    ('m_asset', 'liq_long_1m_usd', 'USD', 'lower_bound', 1, 0, NULL, 'Notional of long positions closed by liquidation over the last minute, as shown.'),
    ('m_asset', 'depth_10bps_bid_usd', 'USD', 'measured', 1, 0, NULL, 'Bids within 10 bps of mid, all known venues.');

-- What the market is made of.
CREATE TEMP TABLE a (asset text, px float8, oi_base float8, fall float8, depth_usd float8, fund float8);
INSERT INTO a VALUES ('BTC', 120000, 250000, 0.10, 9e6, 0.0001), ('ETH', 4400, 5e6, 0.16, 5e6, 0.00015), ('DOGE', 0.25, 12e9, 0.40, 6e5, 0.0004);
CREATE TEMP TABLE v (venue text, share float8, cov text, symbol text, interval_h float8, cov_bps float8);
INSERT INTO v VALUES ('binance', 0.44, 'sampled', '%sUSDT', 8, 400), ('bybit', 0.26, 'complete', '%sUSDT', 8, 600),
    ('hyperliquid', 0.12, NULL, '%s', 1, 60), ('okx', 0.18, 'partial', '%s-USDT-SWAP', 8, 300);
INSERT INTO instrument (venue, symbol, base, quote, settle, asset, multiplier, ct_size, ct_unit, linear, tick, max_leverage,
    funding_interval_h, status, category, included, valid_from)
    SELECT v.venue, format(v.symbol, a.asset), a.asset, 'USDT', 'USDT', a.asset, 1, 1, 'base', true, NULL, 50, v.interval_h,
    'trading', 'perp', true, '2026-10-10 20:50+00' FROM v CROSS JOIN a ORDER BY 1, 2;

-- s: seconds since 20:50. fallen: how much of the fall is there; stress: how strained the books are.
CREATE TEMP TABLE s AS
SELECT s, timestamptz '2026-10-10 20:50+00' + s * interval '1 second' AS t,
       CASE WHEN s < 600 THEN 0 WHEN s < 720 THEN (s - 600) / 120.0 ELSE 1 - 0.4 * least(1, (s - 720) / 300.0) END::float8 AS fallen,
       CASE WHEN s < 600 THEN 0 WHEN s < 660 THEN (s - 600) / 60.0 ELSE greatest(0, 1 - (s - 660) / 240.0) END::float8 AS stress
FROM generate_series(0, 1799) s;

-- Liquidations, one a second, venue, asset and side at most. OKX is down from 21:03 to 21:04:30.
INSERT INTO liquidation
SELECT s.t + interval '250 ms', s.t + interval '90 ms', (SELECT max(run_id) FROM run), v.venue, format(v.symbol, a.asset), a.asset,
       c.closed, p.px, CASE v.venue WHEN 'bybit' THEN 'bankruptcy' WHEN 'okx' THEN 'bankruptcy' ELSE 'limit' END,
       f.px, n.usd / coalesce(f.px, p.px), 'base', n.usd, v.cov, true
FROM s CROSS JOIN v CROSS JOIN a CROSS JOIN (VALUES ('long', 1.0), ('short', 0.05)) c (closed, weight)
CROSS JOIN LATERAL (SELECT a.px * (1 - a.fall * s.fallen) AS px) p
CROSS JOIN LATERAL (SELECT CASE v.venue WHEN 'binance' THEN p.px * 1.001 END AS px) f
CROSS JOIN LATERAL (SELECT round((a.px * a.oi_base * v.share * a.fall * s.stress * c.weight * (1 + (s.s * 7 + length(v.venue)) % 11) / 1900)::numeric, 2)::float8 AS usd) n
WHERE v.cov IS NOT NULL AND n.usd > 0 AND (s.s + length(v.venue)) % 3 = 0 AND NOT (v.venue = 'okx' AND s.s BETWEEN 780 AND 869)
ORDER BY 1, 4, 6, 7;

-- Metrics of a venue. up: OKX while its link is up.
INSERT INTO m_venue_asset (t, run_id, venue, asset, oi_usd, oi_base, fund_8h, fund_ann_frac, fund_interval_h, fund_next_s, mark_px,
    index_px, basis_bps, liq_long_1m_usd, liq_short_1m_usd, depth_10bps_bid_usd, depth_50bps_bid_usd, depth_100bps_bid_usd,
    depth_10bps_ask_usd, depth_50bps_ask_usd, depth_100bps_ask_usd, depth_cov_bps_bid, depth_cov_bps_ask, mid_px, spread_bps, px_dev_bps)
SELECT s.t, (SELECT max(run_id) FROM run), v.venue, a.asset, up * o.base * p.px, up * o.base, up * f.rate, up * f.rate * 1095,
       v.interval_h, up * (v.interval_h * 3600 - (s.s + 10200) % (v.interval_h * 3600)::int), up * p.px, up * p.px * (1 + 0.002 * s.stress),
       up * -20 * s.stress, up * l.long, up * l.short, up * d.usd, up * d.usd * 3.5, CASE WHEN v.cov_bps >= 100 THEN up * d.usd * 6 END,
       up * d.usd * 1.2, up * d.usd * 4, CASE WHEN v.cov_bps >= 100 THEN up * d.usd * 7 END, up * v.cov_bps, up * v.cov_bps, up * p.px,
       up * (0.1 + 12 * s.stress), up * 1e4 * ln(p.px / p.fair)
FROM s CROSS JOIN v CROSS JOIN a
CROSS JOIN LATERAL (SELECT CASE WHEN v.venue = 'okx' AND s.s BETWEEN 780 AND 869 THEN NULL ELSE 1 END AS up) u
CROSS JOIN LATERAL (SELECT x.fair, x.fair * (1 - CASE WHEN v.venue = 'okx' AND a.asset = 'DOGE' THEN 0.03 * s.stress ELSE 0 END) AS px
    FROM (SELECT a.px * (1 - a.fall * s.fallen) AS fair) x) p
CROSS JOIN LATERAL (SELECT a.oi_base * v.share * (1 - 1.5 * a.fall * least(1, greatest(0, s.s - 600) / 300.0)) AS base) o
CROSS JOIN LATERAL (SELECT a.fund * (1 + CASE v.venue WHEN 'hyperliquid' THEN 1.5 WHEN 'okx' THEN -0.5 ELSE 0 END) * (1 - 2 * s.stress) AS rate) f
CROSS JOIN LATERAL (SELECT a.depth_usd * v.share * (1 - 0.92 * s.stress) AS usd) d
CROSS JOIN LATERAL (SELECT CASE WHEN v.cov IS NOT NULL THEN coalesce(sum(q.notional_usd) FILTER (WHERE q.closed = 'long'), 0) END AS long,
    CASE WHEN v.cov IS NOT NULL THEN coalesce(sum(q.notional_usd) FILTER (WHERE q.closed = 'short'), 0) END AS short
    FROM liquidation q WHERE q.asset = a.asset AND q.venue = v.venue AND q.t > s.t - interval '1 min' AND q.t <= s.t) l
ORDER BY s.s, v.venue, a.asset;

-- Metrics of an asset: sums of the venues that are known.
INSERT INTO m_asset (t, run_id, asset, oi_usd, oi_base, oi_hhi, oi_neff, oi_cov_frac, fund_oiw_8h, basis_bps, liq_long_1m_usd,
    liq_short_1m_usd, liq_1m_oi_frac, liq_cov_venues, depth_10bps_bid_usd, depth_10bps_ask_usd, depth_10bps_rel_frac, px_fair_usd, px_fair_venues)
SELECT m.t, max(m.run_id), m.asset, sum(m.oi_usd), sum(m.oi_base), sum(m.oi_usd ^ 2) / sum(m.oi_usd) ^ 2, sum(m.oi_usd) ^ 2 / sum(m.oi_usd ^ 2),
       sum(v.share) FILTER (WHERE m.oi_usd IS NOT NULL), sum(m.fund_8h * m.oi_usd) / sum(m.oi_usd), max(m.basis_bps),
       sum(m.liq_long_1m_usd), sum(m.liq_short_1m_usd), (sum(m.liq_long_1m_usd) + sum(m.liq_short_1m_usd)) / sum(m.oi_usd),
       count(m.liq_long_1m_usd), sum(m.depth_10bps_bid_usd), sum(m.depth_10bps_ask_usd), 1 - 0.92 * max(s.stress),
       max(m.mark_px), count(m.mark_px)
FROM m_venue_asset m JOIN v USING (venue) JOIN s USING (t) GROUP BY m.t, m.asset ORDER BY m.t, m.asset;

-- What a model would say before and in the fall: it sees the books empty.
INSERT INTO m_scenario (t, run_id, venue, asset, scenario, casc_amp_1pct_dn, casc_amp_2pct_dn, casc_amp_5pct_dn, casc_amp_10pct_dn,
    casc_final_1pct_dn_frac, casc_final_2pct_dn_frac, casc_final_5pct_dn_frac, casc_final_10pct_dn_frac, casc_liq_1pct_dn_usd,
    casc_liq_2pct_dn_usd, casc_liq_5pct_dn_usd, casc_liq_10pct_dn_usd)
SELECT s.t, (SELECT max(run_id) FROM run), '', a.asset, c.scenario, 1 + 0.1 * k, 1 + 0.15 * k, 1 + 0.25 * k, CASE WHEN k < 3 THEN 1 + 0.4 * k END,
       0.01 + 0.001 * k, 0.02 + 0.003 * k, 0.05 + 0.0125 * k, CASE WHEN k < 3 THEN 0.1 + 0.04 * k END,
       1e7 * k, 3e7 * k, 9e7 * k, CASE WHEN k < 3 THEN 3e8 * k END
FROM s CROSS JOIN a CROSS JOIN (VALUES ('flow', 1.0), ('news', 0.6)) c (scenario, weight)
CROSS JOIN LATERAL (SELECT c.weight * a.fall * 5 * (1 + 4 * s.stress) AS k) f
WHERE s.s % 5 = 0 ORDER BY s.s, a.asset, c.scenario;

-- And the map each minute, in six bands: what the fall has crossed is gone, the rest is nearer.
INSERT INTO liqmap
SELECT s.t, (SELECT max(run_id) FROM run), v.venue, a.asset, d.side, p.px, 1 - s.s / 3600.0, o.base, '{0,0.005,0.01,0.02,0.05,0.1,0.2}',
       (SELECT array_agg(o.base * d.weight * x * CASE d.side WHEN 'long' THEN 1 - 0.8 * s.fallen * a.fall / 0.4 ELSE 1 + s.fallen END ORDER BY n)
        FROM unnest('{0.002,0.004,0.02,0.08,0.15,0.2}'::float8[]) WITH ORDINALITY b (x, n))
FROM s CROSS JOIN v CROSS JOIN a CROSS JOIN (VALUES ('long', 1.0), ('short', 0.6)) d (side, weight)
CROSS JOIN LATERAL (SELECT a.px * (1 - a.fall * s.fallen) AS px) p
CROSS JOIN LATERAL (SELECT a.oi_base * v.share * (1 - 1.5 * a.fall * least(1, greatest(0, s.s - 600) / 300.0)) AS base) o
WHERE s.s % 60 = 5 AND NOT (v.venue = 'okx' AND s.s BETWEEN 780 AND 869) ORDER BY s.s, a.asset, v.venue, d.side;

-- Feeds each 10 s, the daemon, and what was missing.
INSERT INTO m_process (t, run_id, feeds_live) SELECT t, (SELECT max(run_id) FROM run), 12 FROM s WHERE s.s % 10 = 0;
INSERT INTO m_feed (t, run_id, venue, channel, symbol, feed_age_s, feed_overdue_frac, feed_state, feed_down_s)
SELECT s.t, (SELECT max(run_id) FROM run), f.venue, f.channel, f.symbol, CASE WHEN d.down > 0 THEN d.down ELSE f.age END,
       CASE WHEN d.down = 0 THEN f.age / f.limit_s END, CASE WHEN d.down > 0 THEN 0 WHEN f.age > f.limit_s THEN 3 ELSE 2 END, d.down
FROM s CROSS JOIN (VALUES ('binance', 'markPrice', '', 0.4, 10), ('binance', 'depth', 'BTCUSDT', 0.1, 60), ('bybit', 'orderbook', 'BTCUSDT', 0.2, 60),
    ('hyperliquid', 'assetCtxs', '', 2.5, 30), ('okx', 'markPrice', 'BTC-USDT-SWAP', 0.2, 30), ('okx', 'funding', 'BTC-USDT-SWAP', 250, 240))
    f (venue, channel, symbol, age, limit_s)
CROSS JOIN LATERAL (SELECT CASE WHEN f.venue = 'okx' AND s.s BETWEEN 780 AND 869 THEN s.s - 780 + 0.5 ELSE 0 END AS down) d
WHERE s.s % 10 = 0 ORDER BY s.s, f.venue, f.channel;
INSERT INTO feed_gap (t_from, t_to, run_id, venue, channel, symbol, cause)
SELECT g.t_from::timestamptz, g.t_to::timestamptz, (SELECT max(run_id) FROM run), g.venue, g.channel, g.symbol, g.cause FROM (VALUES
    ('2026-10-10 21:03:00+00', '2026-10-10 21:04:30+00', 'okx', 'markPrice', 'BTC-USDT-SWAP', 'link_down'),
    ('2026-10-10 21:03:00+00', '2026-10-10 21:04:30+00', 'okx', 'funding', 'BTC-USDT-SWAP', 'link_down'),
    ('2026-10-10 21:00:31+00', '2026-10-10 21:00:31.8+00', 'binance', 'depth', 'BTCUSDT', 'sequence'),
    ('2026-10-10 21:00:52+00', '2026-10-10 21:00:53.1+00', 'binance', 'depth', 'BTCUSDT', 'sequence'),
    ('2026-10-10 21:19:50+00', '2026-10-10 21:20:00+00', 'okx', 'funding', 'BTC-USDT-SWAP', 'silent')) g (t_from, t_to, venue, channel, symbol, cause);
INSERT INTO metric_unknown
SELECT u.t_from::timestamptz, u.t_to::timestamptz, (SELECT max(run_id) FROM run), u.metric, u.venue, a.asset, '', '', u.reason FROM a CROSS JOIN (VALUES
    ('2026-10-10 20:50+00', NULL, 'depth_100bps_bid_usd', 'hyperliquid', 'off_grid'), ('2026-10-10 20:50+00', NULL, 'liq_long_1m_usd', 'hyperliquid', 'not_tracked'),
    ('2026-10-10 21:03+00', '2026-10-10 21:04:30+00', 'oi_usd', 'okx', 'down'), ('2026-10-10 21:03+00', '2026-10-10 21:04:30+00', 'mark_px', 'okx', 'down'))
    u (t_from, t_to, metric, venue, reason);

-- Alerts, at the seconds at which the shipped thresholds were crossed.
CREATE TEMP TABLE fired AS
SELECT 'liq_1m' AS rule, 'liq_1m_oi_frac' AS metric, '' AS venue, asset, min(t) FILTER (WHERE liq_1m_oi_frac >= 0.0015) AS warn,
       min(t) FILTER (WHERE liq_1m_oi_frac >= 0.006) AS crit, max(t) FILTER (WHERE liq_1m_oi_frac >= 0.0005) + interval '11 s' AS done,
       max(liq_1m_oi_frac) AS peak, 0.0015 AS threshold FROM m_asset GROUP BY asset
UNION ALL
SELECT 'px_dev', 'px_dev_bps', venue, asset, min(t) FILTER (WHERE abs(px_dev_bps) >= 75), min(t) FILTER (WHERE abs(px_dev_bps) >= 300),
       max(t) FILTER (WHERE abs(px_dev_bps) >= 50) + interval '11 s', min(px_dev_bps), 75 FROM m_venue_asset GROUP BY venue, asset;
INSERT INTO alert_transition
SELECT e.t, r.run_id, (r.epoch << 32) + e.n, r.epoch, e.n, e.alert_id, e.rule, 1, e.metric, e.venue, e.asset, '', '', e.state, e.was,
       e.severity, 'none', NULL, e.threshold, e.peak, 'value', e.acked, CASE WHEN e.acked THEN 'desk' END, false, false, e.warn, e.warn,
       CASE WHEN e.state = 'resolved' THEN e.t END
FROM run r CROSS JOIN (
    SELECT x.*, row_number() OVER (ORDER BY x.t, x.rule, x.venue, x.asset) AS n, dense_rank() OVER (ORDER BY x.rule, x.venue, x.asset) AS alert_id FROM (
        SELECT warn AS t, f.*, 'firing' AS state, 'inactive' AS was, 'warning' AS severity, false AS acked FROM fired f
        UNION ALL SELECT crit, f.*, 'firing', 'firing', 'critical', false FROM fired f
        UNION ALL SELECT crit + interval '40 s', f.*, 'firing', 'firing', 'critical', true FROM fired f WHERE asset = 'BTC'
        UNION ALL SELECT done, f.*, 'resolved', 'firing', CASE WHEN crit IS NULL THEN 'warning' ELSE 'critical' END, asset = 'BTC' FROM fired f) x
    WHERE x.t IS NOT NULL AND x.warn IS NOT NULL) e;
