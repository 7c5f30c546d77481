-- More views with stable names: minutes, funding, depth, feeds, scenarios. Each can be cut by a span of t, and
-- then reads only the days of that span: none groups or windows over t itself.
SET LOCAL ROLE cascaded_owner;

-- The newest second of the daemon is asked for by every view that says "latest".
CREATE INDEX m_process_time ON cascade_risk.m_process (t);

-- What is asked of a venue's metrics is asked of an asset: with the asset first in the key a day of it is read, not
-- a day of all. The times an alert fired are asked for across all days; the largest liquidations, too.
DROP INDEX cascade_risk.m_venue_asset_key;
CREATE INDEX m_venue_asset_key ON cascade_risk.m_venue_asset (asset, venue, t);
CREATE INDEX alert_transition_fired ON cascade_risk.alert_transition (t_firing) WHERE t_firing IS NOT NULL;
CREATE INDEX liquidation_size ON cascade_risk.liquidation (notional_usd DESC);

-- Minutes are made first and filled afterwards: so a span of t is cut out of the minutes, and the
-- rows are found by (asset, t). Grouping the rows themselves would read every day there is.
CREATE VIEW cascade_risk.v_asset_1m AS
SELECT s.t, a.asset, w.run_id, w.rows, w.px_open_usd, w.px_high_usd, w.px_low_usd, w.px_close_usd,
       w.oi_usd, w.oi_base, w.oi_cov_min_frac, w.fund_oiw_8h, w.basis_mean_bps, w.liq_long_usd,
       w.liq_short_usd, w.depth_10bps_bid_min_usd, w.depth_10bps_ask_min_usd, w.depth_10bps_rel_min_frac
FROM cascade_risk.asset a
CROSS JOIN LATERAL (SELECT
    (SELECT x.t FROM cascade_risk.m_asset x WHERE x.asset = a.asset ORDER BY x.t LIMIT 1) AS first,
    (SELECT x.t FROM cascade_risk.m_asset x WHERE x.asset = a.asset ORDER BY x.t DESC LIMIT 1) AS last) e
CROSS JOIN LATERAL generate_series(date_trunc('minute', e.first, 'UTC'), e.last, interval '1 minute') s (t)
CROSS JOIN LATERAL (
    SELECT max(x.run_id) AS run_id, count(*) AS rows,
           (array_agg(x.px_fair_usd ORDER BY x.t) FILTER (WHERE x.px_fair_usd IS NOT NULL))[1] AS px_open_usd,
           max(x.px_fair_usd) AS px_high_usd, min(x.px_fair_usd) AS px_low_usd,
           (array_agg(x.px_fair_usd ORDER BY x.t DESC) FILTER (WHERE x.px_fair_usd IS NOT NULL))[1] AS px_close_usd,
           (array_agg(x.oi_usd ORDER BY x.t DESC) FILTER (WHERE x.oi_usd IS NOT NULL))[1] AS oi_usd,
           (array_agg(x.oi_base ORDER BY x.t DESC) FILTER (WHERE x.oi_base IS NOT NULL))[1] AS oi_base,
           min(x.oi_cov_frac) AS oi_cov_min_frac,
           (array_agg(x.fund_oiw_8h ORDER BY x.t DESC) FILTER (WHERE x.fund_oiw_8h IS NOT NULL))[1] AS fund_oiw_8h,
           avg(x.basis_bps) AS basis_mean_bps,
           (array_agg(x.liq_long_1m_usd ORDER BY x.t DESC))[1] AS liq_long_usd,
           (array_agg(x.liq_short_1m_usd ORDER BY x.t DESC))[1] AS liq_short_usd,
           min(x.depth_10bps_bid_usd) AS depth_10bps_bid_min_usd,
           min(x.depth_10bps_ask_usd) AS depth_10bps_ask_min_usd,
           min(x.depth_10bps_rel_frac) AS depth_10bps_rel_min_frac
    FROM cascade_risk.m_asset x
    WHERE x.asset = a.asset AND x.t >= s.t AND x.t < s.t + interval '1 minute'
    HAVING count(*) > 0) w;
COMMENT ON VIEW cascade_risk.v_asset_1m IS 'm_asset by the minute; minutes without a row are absent, NULL = unknown in the whole minute';
COMMENT ON COLUMN cascade_risk.v_asset_1m.t IS 'UTC: start of the minute';
COMMENT ON COLUMN cascade_risk.v_asset_1m.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_asset_1m.run_id IS 'id: run; the newest where a restart lies within the minute';
COMMENT ON COLUMN cascade_risk.v_asset_1m.rows IS 'count: rows of m_asset in the minute, 60 when complete and one is kept each second';
COMMENT ON COLUMN cascade_risk.v_asset_1m.px_open_usd IS 'USD: first known px_fair_usd';
COMMENT ON COLUMN cascade_risk.v_asset_1m.px_high_usd IS 'USD: highest px_fair_usd';
COMMENT ON COLUMN cascade_risk.v_asset_1m.px_low_usd IS 'USD: lowest px_fair_usd';
COMMENT ON COLUMN cascade_risk.v_asset_1m.px_close_usd IS 'USD: last known px_fair_usd';
COMMENT ON COLUMN cascade_risk.v_asset_1m.oi_usd IS 'USD: last known open interest, one-sided';
COMMENT ON COLUMN cascade_risk.v_asset_1m.oi_base IS 'base: last known open interest, one-sided';
COMMENT ON COLUMN cascade_risk.v_asset_1m.oi_cov_min_frac IS 'frac: lowest coverage of the open interest by known venues';
COMMENT ON COLUMN cascade_risk.v_asset_1m.fund_oiw_8h IS '1/8h: last known funding rate, weighted by open interest';
COMMENT ON COLUMN cascade_risk.v_asset_1m.basis_mean_bps IS 'bps: mean basis of the seconds at which it was known';
COMMENT ON COLUMN cascade_risk.v_asset_1m.liq_long_usd IS 'USD: long positions liquidated, as shown within 60 s before the last row of the minute; a lower bound';
COMMENT ON COLUMN cascade_risk.v_asset_1m.liq_short_usd IS 'USD: short positions liquidated, likewise';
COMMENT ON COLUMN cascade_risk.v_asset_1m.depth_10bps_bid_min_usd IS 'USD: thinnest bid depth within 10 bps of mid';
COMMENT ON COLUMN cascade_risk.v_asset_1m.depth_10bps_ask_min_usd IS 'USD: thinnest ask depth within 10 bps of mid';
COMMENT ON COLUMN cascade_risk.v_asset_1m.depth_10bps_rel_min_frac IS 'frac: lowest depth within 10 bps over its own 5-minute mean';

CREATE VIEW cascade_risk.v_funding AS
SELECT t, run_id, asset, venue, fund_8h, fund_ann_frac, fund_interval_h, fund_next_s,
       t + make_interval(secs => fund_next_s) AS funding_at, oi_usd, fund_8h / 8 * oi_usd AS longs_pay_per_hour_usd
FROM cascade_risk.m_venue_asset;
COMMENT ON VIEW cascade_risk.v_funding IS 'Funding of each venue: rates on one scale, and what the longs pay the shorts at that rate; give it a span of t';
COMMENT ON COLUMN cascade_risk.v_funding.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_funding.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_funding.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_funding.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.v_funding.fund_8h IS '1/8h: running rate, scaled to 8 hours whatever the venue''s interval; positive = longs pay';
COMMENT ON COLUMN cascade_risk.v_funding.fund_ann_frac IS 'frac: the same per year, simple';
COMMENT ON COLUMN cascade_risk.v_funding.fund_interval_h IS 'h: between two payments of the primary instrument';
COMMENT ON COLUMN cascade_risk.v_funding.fund_next_s IS 's: until its next payment';
COMMENT ON COLUMN cascade_risk.v_funding.funding_at IS 'UTC: its next payment';
COMMENT ON COLUMN cascade_risk.v_funding.oi_usd IS 'USD: one-sided open interest of the venue';
COMMENT ON COLUMN cascade_risk.v_funding.longs_pay_per_hour_usd IS 'USD: what the longs pay the shorts in an hour at this rate; negative = the shorts pay';

CREATE VIEW cascade_risk.v_depth AS
SELECT m.t, m.run_id, m.asset, m.venue, d.side, d.band_bps, d.depth_usd, d.cov_bps, m.mid_px, m.spread_bps
FROM cascade_risk.m_venue_asset m
CROSS JOIN LATERAL (VALUES
    ('bid', 10::double precision, m.depth_10bps_bid_usd, m.depth_cov_bps_bid),
    ('bid', 50, m.depth_50bps_bid_usd, m.depth_cov_bps_bid),
    ('bid', 100, m.depth_100bps_bid_usd, m.depth_cov_bps_bid),
    ('ask', 10, m.depth_10bps_ask_usd, m.depth_cov_bps_ask),
    ('ask', 50, m.depth_50bps_ask_usd, m.depth_cov_bps_ask),
    ('ask', 100, m.depth_100bps_ask_usd, m.depth_cov_bps_ask)) d (side, band_bps, depth_usd, cov_bps);
COMMENT ON VIEW cascade_risk.v_depth IS 'Resting orders of each venue by side and band, one row each; give it a span of t';
COMMENT ON COLUMN cascade_risk.v_depth.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_depth.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_depth.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_depth.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.v_depth.side IS 'text: bid or ask';
COMMENT ON COLUMN cascade_risk.v_depth.band_bps IS 'bps: distance from the book''s own mid within which is summed';
COMMENT ON COLUMN cascade_risk.v_depth.depth_usd IS 'USD: sum of price x quantity of the levels; NULL unknown, also where the venue shows less than the band';
COMMENT ON COLUMN cascade_risk.v_depth.cov_bps IS 'bps: how far from mid the venue''s levels reach on that side';
COMMENT ON COLUMN cascade_risk.v_depth.mid_px IS 'USD: mid of the primary instrument, per unit of the asset';
COMMENT ON COLUMN cascade_risk.v_depth.spread_bps IS 'bps: best ask minus best bid against mid';

-- Views whose columns follow a metric table, now also that of the feeds. All feeds are written at
-- the same second; it is looked for within the longest period there is before the newest m_process.
CREATE OR REPLACE FUNCTION cascade_risk.refresh_latest_views()
RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c record;
BEGIN
    CREATE OR REPLACE VIEW cascade_risk.v_asset_latest AS
        SELECT m.* FROM cascade_risk.asset a CROSS JOIN LATERAL (
            SELECT x.* FROM cascade_risk.m_asset x WHERE x.asset = a.asset ORDER BY x.t DESC LIMIT 1) m;
    COMMENT ON VIEW cascade_risk.v_asset_latest IS 'The newest row of m_asset for each asset, however old';
    CREATE OR REPLACE VIEW cascade_risk.v_venue_asset_latest AS
        SELECT m.* FROM (SELECT DISTINCT i.venue, i.asset FROM cascade_risk.instrument i WHERE i.included) k
        CROSS JOIN LATERAL (
            SELECT x.* FROM cascade_risk.m_venue_asset x WHERE x.venue = k.venue AND x.asset = k.asset
            ORDER BY x.t DESC LIMIT 1) m;
    COMMENT ON VIEW cascade_risk.v_venue_asset_latest IS
        'The newest row of m_venue_asset for each venue and asset that has an included instrument, however old';
    CREATE OR REPLACE VIEW cascade_risk.v_feed_latest AS
        SELECT m.* FROM cascade_risk.m_feed m WHERE m.t = (
            SELECT max(x.t) FROM cascade_risk.m_feed x
            WHERE x.t >= (SELECT max(p.t) FROM cascade_risk.m_process p) - interval '1 hour 1 minute');
    COMMENT ON VIEW cascade_risk.v_feed_latest IS
        'The rows of m_feed at the newest second that has any; feeds that are no longer wanted are absent';
    CREATE OR REPLACE VIEW cascade_risk.v_scenario_latest AS
        SELECT m.* FROM cascade_risk.asset a
        CROSS JOIN (SELECT v.venue FROM cascade_risk.venue v UNION ALL SELECT '') k
        CROSS JOIN (VALUES ('flow'), ('news')) s (scenario)
        CROSS JOIN LATERAL (
            SELECT x.* FROM cascade_risk.m_scenario x
            WHERE x.asset = a.asset AND x.scenario = s.scenario AND x.venue = k.venue ORDER BY x.t DESC LIMIT 1) m;
    COMMENT ON VIEW cascade_risk.v_scenario_latest IS
        'The newest row of m_scenario for each asset, venue and scenario, however old; modelled, uncalibrated';
    FOR c IN SELECT v.view, a.attname, col_description(a.attrelid, a.attnum) AS said
             FROM (VALUES ('v_asset_latest', 'm_asset'), ('v_venue_asset_latest', 'm_venue_asset'),
                          ('v_feed_latest', 'm_feed'), ('v_scenario_latest', 'm_scenario')) v (view, tbl)
             JOIN pg_attribute a ON a.attrelid = to_regclass(format('cascade_risk.%I', v.tbl))
             WHERE a.attnum > 0 AND NOT a.attisdropped LOOP
        EXECUTE format('COMMENT ON COLUMN cascade_risk.%I.%I IS %L', c.view, c.attname, c.said);
    END LOOP;
    GRANT SELECT ON cascade_risk.v_asset_latest, cascade_risk.v_venue_asset_latest, cascade_risk.v_feed_latest,
        cascade_risk.v_scenario_latest TO cascaded_reader, cascaded_writer;
END $$;
COMMENT ON FUNCTION cascade_risk.refresh_latest_views IS
    'Gives v_asset_latest, v_venue_asset_latest, v_feed_latest and v_scenario_latest the columns that their tables have now';
SELECT cascade_risk.refresh_latest_views();

CREATE VIEW cascade_risk.v_feed_health AS
SELECT f.t, f.run_id, f.venue, f.channel, f.symbol,
       (ARRAY['down', 'waiting', 'live', 'silent', 'refused'])[f.feed_state::integer + 1] AS state,
       f.feed_age_s, f.feed_overdue_frac, f.feed_down_s,
       coalesce(g.gaps, 0) AS gaps_24h, coalesce(g.missing_s, 0) AS missing_24h_s
FROM cascade_risk.v_feed_latest f
LEFT JOIN (
    SELECT x.venue, x.channel, x.symbol, count(*) AS gaps,
           sum(extract(epoch FROM least(coalesce(x.t_to, n.t), n.t) - greatest(x.t_from, n.t - interval '24 hours')))
               ::double precision AS missing_s
    FROM (SELECT max(p.t) AS t FROM cascade_risk.m_process p) n
    JOIN cascade_risk.v_gaps x ON x.t_from >= n.t - interval '48 hours' AND x.t_from <= n.t
        AND coalesce(x.t_to, n.t) >= n.t - interval '24 hours' AND x.cause <> 'store'
    GROUP BY x.venue, x.channel, x.symbol) g USING (venue, channel, symbol);
COMMENT ON VIEW cascade_risk.v_feed_health IS 'Each feed now, and what it lacked in the last 24 hours (of gaps that began within 48)';
COMMENT ON COLUMN cascade_risk.v_feed_health.t IS 'UTC: engine time, the newest second with rows of feeds';
COMMENT ON COLUMN cascade_risk.v_feed_health.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_feed_health.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.v_feed_health.channel IS 'text: channel';
COMMENT ON COLUMN cascade_risk.v_feed_health.symbol IS 'text: the venue''s own symbol; empty = the whole venue';
COMMENT ON COLUMN cascade_risk.v_feed_health.state IS 'text: down (no link), waiting (for the first datum), live, silent or refused; NULL unknown';
COMMENT ON COLUMN cascade_risk.v_feed_health.feed_age_s IS 's: since its last datum; NULL = none yet';
COMMENT ON COLUMN cascade_risk.v_feed_health.feed_overdue_frac IS 'frac: silence over its limit; NULL = sparse, or the link is down';
COMMENT ON COLUMN cascade_risk.v_feed_health.feed_down_s IS 's: since its last datum while the link is down; 0 = it is up';
COMMENT ON COLUMN cascade_risk.v_feed_health.gaps_24h IS 'count: spans without data that touch the last 24 hours';
COMMENT ON COLUMN cascade_risk.v_feed_health.missing_24h_s IS 's: their length within the last 24 hours';

CREATE VIEW cascade_risk.v_scenario AS
SELECT m.t, m.run_id, m.venue, m.asset, m.scenario, d.direction, d.shock_frac, d.amp, d.final_frac, d.liq_usd
FROM cascade_risk.m_scenario m
CROSS JOIN LATERAL (VALUES
    ('down', 0.01::double precision, m.casc_amp_1pct_dn, m.casc_final_1pct_dn_frac, m.casc_liq_1pct_dn_usd),
    ('down', 0.02, m.casc_amp_2pct_dn, m.casc_final_2pct_dn_frac, m.casc_liq_2pct_dn_usd),
    ('down', 0.05, m.casc_amp_5pct_dn, m.casc_final_5pct_dn_frac, m.casc_liq_5pct_dn_usd),
    ('down', 0.10, m.casc_amp_10pct_dn, m.casc_final_10pct_dn_frac, m.casc_liq_10pct_dn_usd),
    ('up', 0.01, m.casc_amp_1pct_up, m.casc_final_1pct_up_frac, m.casc_liq_1pct_up_usd),
    ('up', 0.02, m.casc_amp_2pct_up, m.casc_final_2pct_up_frac, m.casc_liq_2pct_up_usd),
    ('up', 0.05, m.casc_amp_5pct_up, m.casc_final_5pct_up_frac, m.casc_liq_5pct_up_usd),
    ('up', 0.10, m.casc_amp_10pct_up, m.casc_final_10pct_up_frac, m.casc_liq_10pct_up_usd))
    d (direction, shock_frac, amp, final_frac, liq_usd);
COMMENT ON VIEW cascade_risk.v_scenario IS 'm_scenario with a row for each shock; modelled, uncalibrated; give it a span of t';
COMMENT ON COLUMN cascade_risk.v_scenario.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_scenario.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_scenario.venue IS 'text: venue; empty = all venues pooled';
COMMENT ON COLUMN cascade_risk.v_scenario.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_scenario.scenario IS 'text: flow (the shock eats the standing book) or news (the book re-quotes at the shocked price)';
COMMENT ON COLUMN cascade_risk.v_scenario.direction IS 'text: down (longs are sold) or up (shorts are bought back)';
COMMENT ON COLUMN cascade_risk.v_scenario.shock_frac IS 'frac: size of the shock';
COMMENT ON COLUMN cascade_risk.v_scenario.amp IS '1: amplification, final move over shock; NULL unknown: runaway, or past the book';
COMMENT ON COLUMN cascade_risk.v_scenario.final_frac IS 'frac: distance from the mark at which it ends';
COMMENT ON COLUMN cascade_risk.v_scenario.liq_usd IS 'USD: positions liquidated on the way';

-- The arrays of the map, a row a band. The unnesting is per row of the table, so spans of t and keys cut it.
CREATE VIEW cascade_risk.v_liqmap AS
SELECT m.t, m.run_id, m.grp, m.asset, m.side, b.band, b.from_frac, b.to_frac,
       m.px_ref * (1 + s.sign * b.from_frac) AS px_from, m.px_ref * (1 + s.sign * b.to_frac) AS px_to,
       b.mass_base, b.mass_base * m.px_ref AS mass_usd, b.cum_base * m.px_ref AS cum_usd,
       b.cum_base / nullif(m.oi_base, 0) AS cum_frac, m.px_ref, m.oi_base, m.seeded_frac
FROM cascade_risk.liqmap m
CROSS JOIN LATERAL (SELECT CASE m.side WHEN 'long' THEN -1 ELSE 1 END AS sign) s
CROSS JOIN LATERAL (
    SELECT x.band::integer AS band, m.edge_frac[x.band::integer] AS from_frac, m.edge_frac[x.band::integer + 1] AS to_frac,
           x.mass_base, sum(x.mass_base) OVER (ORDER BY x.band) AS cum_base
    FROM unnest(m.mass_base) WITH ORDINALITY x (mass_base, band)) b;
COMMENT ON VIEW cascade_risk.v_liqmap IS 'The liquidation map of each minute, a row for each band: what is liquidated while the mark moves through it; modelled, uncalibrated; give it a span of t';
COMMENT ON COLUMN cascade_risk.v_liqmap.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_liqmap.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_liqmap.grp IS 'text: group of venues; for now a group is a venue and has its name';
COMMENT ON COLUMN cascade_risk.v_liqmap.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_liqmap.side IS 'text: positions that would be liquidated: long (below the mark) or short (above it)';
COMMENT ON COLUMN cascade_risk.v_liqmap.band IS 'id: number of the band, 1 nearest to the mark';
COMMENT ON COLUMN cascade_risk.v_liqmap.from_frac IS 'frac: distance from px_ref at which the band begins';
COMMENT ON COLUMN cascade_risk.v_liqmap.to_frac IS 'frac: and ends';
COMMENT ON COLUMN cascade_risk.v_liqmap.px_from IS 'quote: mark price at which the band begins';
COMMENT ON COLUMN cascade_risk.v_liqmap.px_to IS 'quote: and ends, farther from px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap.mass_base IS 'base: units of the asset liquidated while the mark moves through the band';
COMMENT ON COLUMN cascade_risk.v_liqmap.mass_usd IS 'USD: the same, valued at px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap.cum_usd IS 'USD: this band and all nearer ones, valued at px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap.cum_frac IS 'frac: the same as a share of the open interest';
COMMENT ON COLUMN cascade_risk.v_liqmap.px_ref IS 'quote: mark price the distances start from, per unit of the asset';
COMMENT ON COLUMN cascade_risk.v_liqmap.oi_base IS 'base: all mass of the side = open interest; what the bands lack of it lies beyond the last';
COMMENT ON COLUMN cascade_risk.v_liqmap.seeded_frac IS 'frac: share of the map that was there when tracking began and stands where it does by assumption alone';

CREATE VIEW cascade_risk.v_liqmap_latest AS
SELECT m.* FROM cascade_risk.asset a CROSS JOIN cascade_risk.venue v CROSS JOIN (VALUES ('long'), ('short')) s (side)
CROSS JOIN LATERAL (SELECT n.t FROM cascade_risk.liqmap n WHERE n.asset = a.asset AND n.grp = v.venue AND n.side = s.side
                    ORDER BY n.t DESC LIMIT 1) n
JOIN cascade_risk.v_liqmap m ON m.asset = a.asset AND m.grp = v.venue AND m.side = s.side AND m.t = n.t;
COMMENT ON VIEW cascade_risk.v_liqmap_latest IS 'The newest map of each asset, group and side, however old, a row for each band; modelled, uncalibrated';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.grp IS 'text: group of venues; for now a group is a venue and has its name';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.side IS 'text: positions that would be liquidated: long (below the mark) or short (above it)';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.band IS 'id: number of the band, 1 nearest to the mark';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.from_frac IS 'frac: distance from px_ref at which the band begins';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.to_frac IS 'frac: and ends';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.px_from IS 'quote: mark price at which the band begins';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.px_to IS 'quote: and ends, farther from px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.mass_base IS 'base: units of the asset liquidated while the mark moves through the band';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.mass_usd IS 'USD: the same, valued at px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.cum_usd IS 'USD: this band and all nearer ones, valued at px_ref';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.cum_frac IS 'frac: the same as a share of the open interest';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.px_ref IS 'quote: mark price the distances start from, per unit of the asset';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.oi_base IS 'base: all mass of the side = open interest; what the bands lack of it lies beyond the last';
COMMENT ON COLUMN cascade_risk.v_liqmap_latest.seeded_frac IS 'frac: share of the map that was there when tracking began and stands where it does by assumption alone';

-- The same columns as before, and four more.
CREATE OR REPLACE VIEW cascade_risk.v_alert_history AS
SELECT t_firing AS fired, max(t_resolved) AS resolved, rule, venue, asset, channel, symbol,
       (ARRAY['none', 'info', 'warning', 'critical'])[max(array_position(
           ARRAY['none', 'info', 'warning', 'critical'], severity))] AS severity,
       max(metric) AS metric, (array_agg(peak ORDER BY t DESC, n DESC))[1] AS peak,
       (array_agg(threshold ORDER BY t, n))[1] AS threshold,
       (array_agg(cause ORDER BY t DESC, n DESC))[1] AS cause,
       max(acked_by) AS acked_by, count(*) AS transitions, min(run_id) AS run_id,
       extract(epoch FROM max(t_resolved) - t_firing)::double precision AS length_s,
       min(t) FILTER (WHERE acked) AS acked, bool_or(silenced) AS silenced, bool_or(inhibited) AS inhibited
FROM cascade_risk.alert_transition
WHERE t_firing IS NOT NULL
GROUP BY rule, venue, asset, channel, symbol, t_firing;
COMMENT ON COLUMN cascade_risk.v_alert_history.length_s IS 's: from fired to resolved; NULL = not yet resolved';
COMMENT ON COLUMN cascade_risk.v_alert_history.acked IS 'UTC: when it was acknowledged; NULL = it was not';
COMMENT ON COLUMN cascade_risk.v_alert_history.silenced IS 'bool: a silence covered it at some time';
COMMENT ON COLUMN cascade_risk.v_alert_history.inhibited IS 'bool: data of its subject was stale at some time, so it was frozen';

GRANT SELECT ON cascade_risk.v_asset_1m, cascade_risk.v_funding, cascade_risk.v_depth, cascade_risk.v_feed_health,
    cascade_risk.v_scenario, cascade_risk.v_liqmap, cascade_risk.v_liqmap_latest TO cascaded_reader, cascaded_writer;
