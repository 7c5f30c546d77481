-- pgTAP: what the views answer on small fixtures, that a span of t reads only its days, and rows around
-- midnight, month ends, leap days and clock changes. Run by test_schema.py on a fresh schema. The
-- session's zone has summer time: nothing may follow it.
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();
SET LOCAL timezone = 'Europe/Berlin';

-- only what PostgreSQL itself brings
SELECT is_empty($$SELECT DISTINCT c.relname, d.refclassid::regclass, d.refobjid FROM pg_class c
    JOIN pg_rewrite r ON r.ev_class = c.oid JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
    JOIN pg_depend e ON e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
    WHERE c.relnamespace = 'cascade_risk'::regnamespace$$, 'no view needs an extension');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'cascade_risk'::regnamespace
    AND c.relkind NOT IN ('r', 'p', 'v', 'i', 'I', 'S', 'c')$$, 'no foreign table, no materialised view');
SELECT is_empty($$SELECT e.extname FROM pg_extension e WHERE e.extname NOT IN ('plpgsql', 'pgtap')$$,
    'the migrations create no extension');

-- days, in a zone where some have 23 or 25 hours
SELECT cascade_risk.ensure_partitions(2, DATE '2027-03-27'), cascade_risk.ensure_partitions(2, DATE '2027-10-30'),
       cascade_risk.ensure_partitions(1, DATE '2027-12-31'), cascade_risk.ensure_partitions(2, DATE '2028-02-28'),
       cascade_risk.ensure_partitions(1, DATE '2027-04-30') \g /dev/null
SELECT is(upper_day - lower_day, interval '24 hours', part || ' has 24 hours') FROM (
    SELECT c.relname AS part, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''([^'']+)'))[1]::timestamptz AS lower_day,
           (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)'))[1]::timestamptz AS upper_day
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'cascade_risk.m_asset'::regclass) d
    ORDER BY part;
-- the functions do not follow the zone of who calls them: the same days, whatever the clocks there do
CREATE FUNCTION pg_temp.bounds(zone text, first_day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    b text;
BEGIN
    PERFORM set_config('timezone', zone, true);
    PERFORM cascade_risk.ensure_partitions(1, first_day);
    PERFORM set_config('timezone', 'UTC', true); -- to print them
    SELECT string_agg(c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid), E'\n' ORDER BY c.relname) INTO b
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relispartition AND c.relkind = 'r'
    AND i.inhparent IN ('cascade_risk.liquidation'::regclass, 'cascade_risk.m_asset_1m'::regclass)
    AND (right(c.relname, 8) IN (to_char(first_day, 'YYYYMMDD'), to_char(first_day + 1, 'YYYYMMDD'))
         OR c.relname = 'm_asset_1m_' || to_char(first_day, 'YYYYMM'));
    RAISE EXCEPTION USING ERRCODE = 'CR999'; -- undoes it all but b
EXCEPTION WHEN SQLSTATE 'CR999' THEN
    RETURN b;
END $$;
SELECT is(pg_temp.bounds(z.zone, z.day::date), format(
    E'liquidation_%s FOR VALUES FROM (''%s 00:00:00+00'') TO (''%s 00:00:00+00'')\nliquidation_%s FOR VALUES FROM (''%s 00:00:00+00'') TO (''%s 00:00:00+00'')'
    || E'\nm_asset_1m_%s FOR VALUES FROM (''%s-01 00:00:00+00'') TO (''%s-01 00:00:00+00'')', replace(z.day, '-', ''), z.day, z.next, replace(z.next, '-', ''), z.next,
    z.third, left(replace(z.day, '-', ''), 6), left(z.day, 7), z.month_after), z.zone || ' on ' || z.day) FROM (VALUES
    ('America/New_York', '2029-03-10', '2029-03-11', '2029-03-12', '2029-04'), -- 23 hours there
    ('America/New_York', '2029-11-03', '2029-11-04', '2029-11-05', '2029-12'), -- 25 hours
    ('Europe/Berlin', '2029-03-24', '2029-03-25', '2029-03-26', '2029-04'),
    ('Europe/Berlin', '2029-10-27', '2029-10-28', '2029-10-29', '2029-11'),
    ('Australia/Lord_Howe', '2030-04-06', '2030-04-07', '2030-04-08', '2030-05'), -- half an hour
    ('Pacific/Kiritimati', '2030-12-30', '2030-12-31', '2031-01-01', '2031-01'), -- 14 hours before
    ('Pacific/Pago_Pago', '2032-02-28', '2032-02-29', '2032-03-01', '2032-03')) z (zone, day, next, third, month_after);
-- retention counts UTC days, wherever the caller lives: of eleven, twelve and ten days ago the tenth stays
CREATE FUNCTION pg_temp.kept(zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
    k text;
BEGIN
    PERFORM cascade_risk.ensure_partitions(2, today - 12);
    PERFORM set_config('timezone', zone, true);
    PERFORM cascade_risk.drop_partitions(10);
    SELECT string_agg((today - to_date(right(c.relname, 8), 'YYYYMMDD'))::text, ' ' ORDER BY c.relname) INTO k FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'cascade_risk.m_feed'::regclass
    AND right(c.relname, 8) <= to_char(today, 'YYYYMMDD');
    RAISE EXCEPTION USING ERRCODE = 'CR999';
EXCEPTION WHEN SQLSTATE 'CR999' THEN
    RETURN k;
END $$;
SELECT is(pg_temp.kept(zone), '10', 'retention, called from ' || zone)
    FROM unnest(ARRAY['UTC', 'America/New_York', 'Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']) zone;
INSERT INTO cascade_risk.asset VALUES ('DST', now()), ('A', now()), ('B', now());
INSERT INTO cascade_risk.m_asset (t, run_id, asset)
    SELECT d::timestamptz + s, 1, 'DST' FROM unnest(ARRAY['2027-03-28 00:00+00', '2027-10-31 00:00+00', '2028-01-01 00:00+00',
        '2028-02-29 00:00+00', '2028-03-01 00:00+00', '2027-05-01 00:00+00']) d
    CROSS JOIN unnest(ARRAY[interval '-1 us', '0', '30 min', '90 min', '150 min']) s;
SELECT is_empty($$SELECT t, tableoid::regclass FROM cascade_risk.m_asset
    WHERE tableoid::regclass::text <> 'cascade_risk.m_asset_' || to_char(t AT TIME ZONE 'UTC', 'YYYYMMDD')$$,
    'every row lies in the partition of its UTC day');
SELECT is(count(*), 30::bigint, 'and none was lost') FROM cascade_risk.m_asset;
SELECT is(string_agg(to_char(t AT TIME ZONE 'UTC', 'HH24:MI'), ' ' ORDER BY t), '00:00 00:30 01:30 02:30',
    'v_asset_1m: minutes are UTC minutes through a change of clocks') FROM cascade_risk.v_asset_1m
    WHERE asset = 'DST' AND t >= '2027-10-31 00:00+00' AND t < '2027-11-01 00:00+00';

-- a venue's clock may say anything: only engine time decides where a row lies
INSERT INTO cascade_risk.liquidation (t, t_venue, run_id, venue, symbol, asset, closed, px, px_kind, qty, qty_unit,
    notional_usd, coverage, final) VALUES
    ('2028-02-29 12:00+00', '2286-11-20 17:46:39.999999+00', 1, 'x', 's', 'A', 'long', 10, 'bankruptcy', 2, 'base', 20, 'complete', true),
    ('2028-02-29 12:00+00', NULL, 1, 'y', 's', 'A', 'short', 10, 'limit', 3, 'base', 30, 'sampled', true),
    ('2028-02-29 12:00+00', '1970-01-01 00:00+00', 1, 'z', 's', 'A', 'short', NULL, 'limit', 3, 'contracts', NULL, 'partial', false);
SELECT is(string_agg(concat_ws(' ', venue, px, notional_usd, lower_bound, extract(year FROM t_venue)), ', ' ORDER BY venue),
    'x 10 20 f 2286, y 10 30 t, z t 1970', 'v_liquidations: stamps of 1970, of 2286 and none; complete feeds are no lower bound')
    FROM cascade_risk.v_liquidations;
SELECT is(min(tableoid::regclass::text), 'cascade_risk.liquidation_20280229', 'all in the day they came') FROM cascade_risk.liquidation;
SELECT throws_ok($$INSERT INTO cascade_risk.m_asset (t, run_id, asset) VALUES ('2286-11-20 17:46:40+00', 1, 'A')$$, '23514', NULL,
    'a row of the year 2286 has no partition');
SELECT throws_ok($$SELECT cascade_risk.ensure_partitions(0, DATE '2286-11-20')$$, '22023', NULL, 'nor is one made');

-- minutes: open, high, low, close of what was known
INSERT INTO cascade_risk.m_asset (t, run_id, asset, px_fair_usd, oi_usd, oi_base, oi_cov_frac, fund_oiw_8h, basis_bps,
    liq_long_1m_usd, liq_short_1m_usd, depth_10bps_bid_usd, depth_10bps_ask_usd, depth_10bps_rel_frac) VALUES
    ('2028-02-29 10:00:00+00', 1, 'A', 100, 1000, 10, 1, 0.0001, 2, 0, 0, 50, 60, 1),
    ('2028-02-29 10:00:20+00', 1, 'A', NULL, 1100, 11, 0.4, NULL, 4, 7, 0, 10, 70, 0.2),
    ('2028-02-29 10:00:40+00', 2, 'A', 90, NULL, NULL, NULL, 0.0002, NULL, 9, 1, NULL, 80, NULL),
    ('2028-02-29 10:00:59+00', 2, 'A', 95, NULL, NULL, 0.9, NULL, NULL, 11, NULL, 40, 90, 0.8),
    ('2028-02-29 10:02:00+00', 2, 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT results_eq($$SELECT to_char(t AT TIME ZONE 'UTC', 'HH24:MI'), run_id, rows, px_open_usd, px_high_usd, px_low_usd, px_close_usd,
    oi_usd, oi_base, oi_cov_min_frac, fund_oiw_8h, basis_mean_bps, liq_long_usd, liq_short_usd, depth_10bps_bid_min_usd,
    depth_10bps_ask_min_usd, depth_10bps_rel_min_frac FROM cascade_risk.v_asset_1m WHERE asset = 'A'$$,
    $$VALUES ('10:00', 2::bigint, 4::bigint, 100::float8, 100::float8, 90::float8, 95::float8, 1100::float8, 11::float8, 0.4::float8,
    0.0002::float8, 3::float8, 11::float8, NULL::float8, 10::float8, 60::float8, 0.2::float8),
    ('10:02', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$,
    'v_asset_1m: a minute without rows is absent, one without values is NULL');
-- where there is a rollup it counts, put together over the runs of the minute
INSERT INTO cascade_risk.m_asset_1m (t, run_id, asset, seconds, px_open_usd, basis_mean_bps, px_fair_usd, px_fair_usd_min,
    px_fair_usd_max, oi_usd, liq_long_1m_usd) VALUES
    ('2028-02-29 10:00+00', 1, 'A', 40, 100, 2, 101, 99, 102, 7, 1), ('2028-02-29 10:00+00', 2, 'A', 10, 103, 4.5, NULL, 103, 104, 8, NULL),
    ('2028-02-29 10:05+00', 2, 'A', 60, 1, NULL, 2, 1, 3, NULL, 5);
SELECT results_eq($$SELECT to_char(t AT TIME ZONE 'UTC', 'HH24:MI'), run_id, rows, px_open_usd, px_high_usd, px_low_usd, px_close_usd,
    oi_usd, basis_mean_bps, liq_long_usd FROM cascade_risk.v_asset_1m WHERE asset = 'A' ORDER BY t$$,
    $$VALUES ('10:00', 2::bigint, 50::bigint, 100::float8, 104::float8, 99::float8, 101::float8, 8::float8, 2.5::float8, NULL::float8),
    ('10:02', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ('10:05', 2, 60, 1, 3, 1, 2, NULL, NULL, 5)$$,
    'v_asset_1m: minutes of the rollup, also of a restart, before rows');
SELECT is_empty($$SELECT * FROM cascade_risk.v_asset_1m WHERE asset = 'B'$$, 'v_asset_1m: no data, no minute');
SELECT is(string_agg(concat_ws(' ', asset, t = '2028-02-29 10:02:00+00'), ',' ORDER BY asset), 'A t,DST f',
    'v_asset_latest: the newest row, though nothing in it is known') FROM cascade_risk.v_asset_latest;

-- venues
INSERT INTO cascade_risk.instrument (venue, symbol, asset, included, valid_from) VALUES
    ('x', 'AUSDT', 'A', true, now()), ('x', 'AUSDC', 'A', true, now()), ('y', 'A', 'A', true, now()), ('z', 'A', 'A', false, now());
INSERT INTO cascade_risk.m_venue_asset (t, run_id, venue, asset, oi_usd, fund_8h, fund_ann_frac, fund_interval_h, fund_next_s,
    depth_10bps_bid_usd, depth_50bps_bid_usd, depth_10bps_ask_usd, depth_50bps_ask_usd, depth_100bps_ask_usd, depth_cov_bps_bid,
    depth_cov_bps_ask, mid_px, spread_bps) VALUES
    ('2028-02-29 10:00:00+00', 1, 'x', 'A', 300, 0.0008, 0.876, 8, 3600, 1, 2, 3, 4, 5, 60, 120, 10, 1),
    ('2028-02-29 10:00:00+00', 1, 'y', 'A', 100, -0.0016, -1.752, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('2028-02-28 10:00:00+00', 1, 'y', 'A', 900, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('2028-02-29 10:00:00+00', 1, 'z', 'A', NULL, 0, 0, 8, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT is(string_agg(concat_ws(' ', venue, round(longs_pay_per_hour_usd::numeric, 6), funding_at = '2028-02-29 11:00+00'), ',' ORDER BY venue),
    'x 0.030000 t,y -0.020000,z f', 'v_funding: what the longs pay an hour; unknown stays unknown')
    FROM cascade_risk.v_funding WHERE t = '2028-02-29 10:00+00';
SELECT is(string_agg(concat_ws(' ', side, band_bps, coalesce(depth_usd::text, 'null'), cov_bps), ', ' ORDER BY side, band_bps),
    'ask 10 3 120, ask 50 4 120, ask 100 5 120, bid 10 1 60, bid 50 2 60, bid 100 null 60',
    'v_depth: a row for each side and band, NULL past what the venue shows') FROM cascade_risk.v_depth
    WHERE venue = 'x' AND t = '2028-02-29 10:00+00';
SELECT is(string_agg(venue || coalesce(' ' || share_frac, ' null'), ',' ORDER BY venue), 'x 0.75,y 0.25,z null',
    'v_open_interest_by_venue: shares of that second') FROM cascade_risk.v_open_interest_by_venue WHERE t = '2028-02-29 10:00+00';
SELECT is(string_agg(concat_ws(' ', venue, oi_usd), ',' ORDER BY venue), 'x 300,y 100',
    'v_venue_asset_latest: one row each, of venues with an included instrument') FROM cascade_risk.v_venue_asset_latest;

-- scenarios: a row a shock, and the newest of each
INSERT INTO cascade_risk.venue VALUES ('x', NULL, now());
INSERT INTO cascade_risk.m_scenario (t, run_id, venue, asset, scenario, casc_amp_1pct_dn, casc_final_1pct_dn_frac, casc_liq_1pct_dn_usd,
    casc_amp_10pct_up, casc_final_5pct_up_frac, casc_liq_2pct_dn_usd) VALUES
    ('2028-02-29 10:00:00+00', 1, '', 'A', 'flow', 1.5, 0.015, 7, 2.5, 0.08, 9), ('2028-02-29 10:00:00+00', 1, 'x', 'A', 'flow', 1, 1, 1, 1, 1, 1),
    ('2028-02-28 10:00:00+00', 1, '', 'A', 'news', 3, 3, 3, 3, 3, 3), ('2028-02-28 10:00:00+00', 1, '', 'A', 'flow', 4, 4, 4, 4, 4, 4);
SELECT is(string_agg(concat_ws(' ', direction, shock_frac, coalesce(amp::text, '-'), coalesce(final_frac::text, '-'), coalesce(liq_usd::text, '-')), ', '
    ORDER BY direction, shock_frac), 'down 0.01 1.5 0.015 7, down 0.02 - - 9, down 0.05 - - -, down 0.1 - - -, up 0.01 - - -, up 0.02 - - -, up 0.05 - 0.08 -, up 0.1 2.5 - -',
    'v_scenario: each number at its shock') FROM cascade_risk.v_scenario WHERE venue = '' AND t = '2028-02-29 10:00+00';
SELECT is(string_agg(concat_ws(' ', scenario, venue, casc_amp_1pct_dn), ', ' ORDER BY scenario, venue), 'flow  1.5, flow x 1, news  3',
    'v_scenario_latest: the newest of each venue, of all pooled, and of each scenario') FROM cascade_risk.v_scenario_latest;

-- the map: a row a band, prices fall for longs and rise for shorts; one without any band, one without open interest
INSERT INTO cascade_risk.liqmap (t, run_id, grp, asset, side, px_ref, seeded_frac, oi_base, edge_frac, mass_base) VALUES
    ('2028-02-29 10:00:05+00', 1, 'x', 'A', 'long', 200, 0.5, 10, '{0,0.01,0.05,0.5}', '{1,2,4}'),
    ('2028-02-29 10:00:05+00', 1, 'x', 'A', 'short', 200, NULL, 10, '{0,0.01,0.05}', '{3,0}'),
    ('2028-02-28 10:00:05+00', 1, 'x', 'A', 'long', 100, 1, 10, '{0,1}', '{10}'),
    ('2028-02-29 10:00:05+00', 1, 'x', 'B', 'long', 100, 1, 0, '{0,1}', '{0}'),
    ('2028-02-29 10:00:05+00', 1, 'x', 'B', 'short', 100, 1, 5, '{0}', '{}');
SELECT is(string_agg(concat_ws(' ', side, band, from_frac, to_frac, px_from, px_to, mass_base, mass_usd, cum_usd, cum_frac, coalesce(seeded_frac::text, '-')), ', '
    ORDER BY side, band), 'long 1 0 0.01 200 198 1 200 200 0.1 0.5, long 2 0.01 0.05 198 190 2 400 600 0.3 0.5, long 3 0.05 0.5 190 100 4 800 1400 0.7 0.5, '
    'short 1 0 0.01 200 202 3 600 600 0.3 -, short 2 0.01 0.05 202 210 0 0 600 0.3 -', 'v_liqmap: each band at its prices, summed from the mark')
    FROM cascade_risk.v_liqmap WHERE asset = 'A' AND t >= '2028-02-29';
SELECT is(string_agg(concat_ws(' ', side, band, coalesce(cum_frac::text, '-')), ', '), 'long 1 -',
    'v_liqmap: a map without bands has no rows, a share of nothing is unknown') FROM cascade_risk.v_liqmap WHERE asset = 'B';
SELECT is(count(*), 7::bigint, 'v_liqmap loses no band') FROM cascade_risk.v_liqmap;
SELECT is(string_agg(concat_ws(' ', asset, side, band, px_ref), ', ' ORDER BY asset, side, band), 'A long 1 200, A long 2 200, A long 3 200, A short 1 200, A short 2 200, B long 1 100',
    'v_liqmap_latest: the newest map of each side, whole') FROM cascade_risk.v_liqmap_latest;

-- feeds
INSERT INTO cascade_risk.run (instance, epoch, version, started, conf, conf_sha256)
    VALUES ('00000000-0000-4000-8000-000000000009', 9, '0', '2028-02-28', '', '');
INSERT INTO cascade_risk.m_process (t, run_id) SELECT '2028-02-29 10:00:03.5+00', max(run_id) FROM cascade_risk.run;
INSERT INTO cascade_risk.m_feed (t, run_id, venue, channel, symbol, feed_state, feed_age_s, feed_overdue_frac, feed_down_s)
    SELECT f.t::timestamptz, r.run_id, 'x', f.channel, f.symbol, f.state, f.age, f.age / 60, 0
    FROM (SELECT max(run_id) AS run_id FROM cascade_risk.run) r CROSS JOIN (VALUES
    ('2028-02-29 09:59:50+00', 'depth', 'AUSDT', 2, 1), ('2028-02-29 09:59:50+00', 'gone', '', 2, 1),
    ('2028-02-29 10:00:00+00', 'depth', 'AUSDT', 3, 70), ('2028-02-29 10:00:00+00', 'mark', '', 0, NULL),
    ('2028-02-29 10:00:00+00', 'liq', '', NULL, NULL)) f (t, channel, symbol, state, age);
INSERT INTO cascade_risk.feed_gap (t_from, t_to, run_id, venue, channel, symbol, cause)
    SELECT g.t_from::timestamptz, g.t_to::timestamptz, r.run_id, 'x', g.channel, g.symbol, g.cause
    FROM (SELECT max(run_id) AS run_id FROM cascade_risk.run) r CROSS JOIN (VALUES
    ('2028-02-28 10:00:00+00', '2028-02-28 10:01:03.5+00', 'depth', 'AUSDT', 'silent'),
    ('2028-02-29 09:58:53.5+00', NULL, 'depth', 'AUSDT', 'silent'),
    ('2028-02-28 09:00:00+00', '2028-02-28 09:30:00+00', 'mark', '', 'link_down'),
    ('2028-02-29 09:00:00+00', '2028-02-29 09:10:00+00', 'm_feed', '', 'store')) g (t_from, t_to, channel, symbol, cause);
SELECT is(string_agg(concat_ws(' ', channel, symbol, coalesce(state, '-'), feed_age_s, gaps_24h, missing_24h_s), ', ' ORDER BY channel),
    'depth AUSDT silent 70 2 130, liq  - 0 0, mark  down 0 0',
    'v_feed_health: the newest second; gaps are cut to 24 hours, lost rows are no gap of a feed') FROM cascade_risk.v_feed_health;
SELECT is(count(*), 3::bigint, 'v_feed_latest: what is no longer wanted is absent') FROM cascade_risk.v_feed_latest;
SELECT is(string_agg(concat_ws(' ', channel, cause, length_s, ongoing), ', ' ORDER BY t_from),
    'mark link_down 1800 f, depth silent 63.5 f, m_feed store 600 f, depth silent t', 'v_gaps: length, and what goes on') FROM cascade_risk.v_gaps;
INSERT INTO cascade_risk.metric_unknown (t_from, t_to, run_id, metric, venue, asset, channel, symbol, reason)
    SELECT '2028-02-28 23:59:30+00', '2028-02-29 00:00:30+00', run_id, 'depth_50bps_bid_usd', 'x', 'A', '', '', 'off_grid'
    FROM cascade_risk.run;
SELECT is(concat_ws(' ', metric, venue, reason, length_s), 'depth_50bps_bid_usd x off_grid 60', 'v_unknown: over midnight')
    FROM cascade_risk.v_unknown;

-- alerts: two firings of one rule, the second not yet over
INSERT INTO cascade_risk.alert_transition (t, run_id, seq, epoch, n, alert_id, rule, rule_version, metric, venue, asset,
    channel, symbol, state, was, severity, severity_was, cause, acked, acked_by, silenced, inhibited, t_firing, t_resolved, peak, threshold)
    SELECT '2028-02-29 10:00+00'::timestamptz + a.n * interval '1 min', 1, a.n, 1, a.n, 1, 'r', 1, 'm', '', 'A', '', '', a.state, 'x',
    a.severity, 'none', 'value', a.acked, CASE WHEN a.acked THEN 'eve' END, a.n = 3, false,
    '2028-02-29 10:00+00'::timestamptz + a.f * interval '1 min', CASE WHEN a.state = 'resolved' THEN '2028-02-29 10:04+00'::timestamptz END,
    a.peak, 5 FROM (VALUES (1, 1, 'firing', 'warning', false, 6), (2, 1, 'firing', 'critical', false, 20), (3, 1, 'firing', 'critical', true, 21),
    (4, 1, 'resolved', 'critical', true, 21), (6, 6, 'firing', 'info', false, 5)) a (n, f, state, severity, acked, peak);
SELECT is(string_agg(concat_ws(' ', to_char(fired AT TIME ZONE 'UTC', 'MI'), severity, peak, length_s,
    to_char(acked AT TIME ZONE 'UTC', 'MI'), acked_by, silenced, inhibited, transitions), ', ' ORDER BY fired),
    '01 critical 21 180 03 eve t f 4, 06 info 5 f f 1', 'v_alert_history: one row for each firing; who acknowledged and when')
    FROM cascade_risk.v_alert_history;

-- a span of t reads its days only
CREATE FUNCTION pg_temp.days(q text, OUT day text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' || q LOOP
        day := (regexp_match(line, ' on (?:m_[a-z_]+|liqmap|liquidation)_(\d{8})'))[1];
        IF day IS NOT NULL AND line NOT LIKE '%never executed%' THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
SELECT set_eq(format($$SELECT DISTINCT pg_temp.days('SELECT * FROM cascade_risk.%s WHERE asset = ''A'' AND t >= ''2028-02-29 10:00+00'' AND t < ''2028-02-29 11:00+00''')$$, v),
    ARRAY['20280229'], v || ' reads one day of one hour') FROM unnest(ARRAY['v_funding', 'v_depth', 'v_open_interest_by_venue', 'v_scenario', 'v_liqmap', 'v_liquidations']) v;
SELECT set_eq($$SELECT DISTINCT pg_temp.days('SELECT * FROM cascade_risk.v_asset_1m WHERE asset = ''DST'' AND t >= ''2027-10-31 00:00+00'' AND t < ''2027-10-31 01:00+00''')$$,
    ARRAY['20270327', '20271031', '20280301'], 'v_asset_1m reads the first day, the last and the one asked for');

-- the reader reads all of them
SET LOCAL ROLE cascaded_reader;
SELECT lives_ok(format('SELECT * FROM cascade_risk.%I', relname), 'the reader reads ' || relname) FROM pg_class
    WHERE relnamespace = 'cascade_risk'::regnamespace AND relkind = 'v' ORDER BY relname;
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
