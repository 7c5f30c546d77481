-- Views with stable names for analysts. Those that list metric columns one for one are made by
-- refresh_latest_views.
SET LOCAL ROLE cascaded_owner;

CREATE VIEW cascade_risk.v_liquidations AS
SELECT t, t_venue, run_id, venue, symbol, asset, closed, coalesce(fill_px, px) AS px,
       CASE WHEN fill_px IS NULL THEN px_kind ELSE 'fill' END AS px_kind, qty, qty_unit, notional_usd,
       coverage, coverage <> 'complete' AS lower_bound, final
FROM cascade_risk.liquidation;
COMMENT ON VIEW cascade_risk.v_liquidations IS 'Liquidations with the best price known; sums over rows with lower_bound are lower bounds';
COMMENT ON COLUMN cascade_risk.v_liquidations.t IS 'UTC: engine time of receipt';
COMMENT ON COLUMN cascade_risk.v_liquidations.t_venue IS 'UTC: the venue''s own time stamp; NULL = it gave none';
COMMENT ON COLUMN cascade_risk.v_liquidations.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_liquidations.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.v_liquidations.symbol IS 'text: the venue''s own symbol';
COMMENT ON COLUMN cascade_risk.v_liquidations.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_liquidations.closed IS 'text: the position that was closed, long or short';
COMMENT ON COLUMN cascade_risk.v_liquidations.px IS 'quote: fill price when known, else the price the venue names';
COMMENT ON COLUMN cascade_risk.v_liquidations.px_kind IS 'text: what px is: fill, limit, bankruptcy or takeover';
COMMENT ON COLUMN cascade_risk.v_liquidations.qty IS 'venue: quantity in qty_unit';
COMMENT ON COLUMN cascade_risk.v_liquidations.qty_unit IS 'text: contracts, base or usd';
COMMENT ON COLUMN cascade_risk.v_liquidations.notional_usd IS 'USD: quantity at px; NULL while the contract size is unknown';
COMMENT ON COLUMN cascade_risk.v_liquidations.coverage IS 'text: complete, sampled or partial';
COMMENT ON COLUMN cascade_risk.v_liquidations.lower_bound IS 'bool: the feed does not show every liquidation';
COMMENT ON COLUMN cascade_risk.v_liquidations.final IS 'bool: the order is done';

CREATE VIEW cascade_risk.v_open_interest_by_venue AS
SELECT t, run_id, asset, venue, oi_usd, oi_base,
       oi_usd / nullif(sum(oi_usd) OVER (PARTITION BY run_id, asset, t), 0) AS share_frac
FROM cascade_risk.m_venue_asset;
COMMENT ON VIEW cascade_risk.v_open_interest_by_venue IS 'Open interest of each venue and its share of the venues known at that second; give it a span of t';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.oi_usd IS 'USD: one-sided open interest; NULL unknown';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.oi_base IS 'base: one-sided open interest; NULL unknown';
COMMENT ON COLUMN cascade_risk.v_open_interest_by_venue.share_frac IS 'frac: of the open interest in USD of the venues known; NULL unknown';

CREATE VIEW cascade_risk.v_gaps AS
SELECT g.t_from, coalesce(g.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_commit END) AS t_to,
       g.t_to IS NULL AND r.ended IS NULL AND newer.run_id IS NULL AS ongoing,
       extract(epoch FROM coalesce(g.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_commit END)
               - g.t_from)::double precision AS length_s,
       g.run_id, g.venue, g.channel, g.symbol, g.cause, g.lost_rows
FROM cascade_risk.feed_gap g
JOIN cascade_risk.run r USING (run_id)
LEFT JOIN cascade_risk.write_batch w USING (run_id)
LEFT JOIN LATERAL (SELECT n.run_id FROM cascade_risk.run n WHERE n.run_id > g.run_id LIMIT 1) newer ON true;
COMMENT ON VIEW cascade_risk.v_gaps IS 'What is missing; spans that a run left open end with the run, or with its last commit when it did not stop cleanly';
COMMENT ON COLUMN cascade_risk.v_gaps.t_from IS 'UTC: engine time at which it began';
COMMENT ON COLUMN cascade_risk.v_gaps.t_to IS 'UTC: when it ended; NULL = it goes on';
COMMENT ON COLUMN cascade_risk.v_gaps.ongoing IS 'bool: it goes on in the newest run';
COMMENT ON COLUMN cascade_risk.v_gaps.length_s IS 's: from t_from to t_to';
COMMENT ON COLUMN cascade_risk.v_gaps.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_gaps.venue IS 'text: venue; empty for cause store';
COMMENT ON COLUMN cascade_risk.v_gaps.channel IS 'text: channel; for cause store the table that lacks the rows';
COMMENT ON COLUMN cascade_risk.v_gaps.symbol IS 'text: the venue''s own symbol; empty = the whole venue';
COMMENT ON COLUMN cascade_risk.v_gaps.cause IS 'text: link_down, silent, sequence, refused, poll_failed, unwanted or store';
COMMENT ON COLUMN cascade_risk.v_gaps.lost_rows IS 'count: rows lost; NULL = not known';

CREATE VIEW cascade_risk.v_unknown AS
SELECT u.t_from, coalesce(u.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_commit END) AS t_to,
       u.t_to IS NULL AND r.ended IS NULL AND newer.run_id IS NULL AS ongoing,
       extract(epoch FROM coalesce(u.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_commit END)
               - u.t_from)::double precision AS length_s,
       u.run_id, u.metric, u.venue, u.asset, u.channel, u.symbol, u.reason
FROM cascade_risk.metric_unknown u
JOIN cascade_risk.run r USING (run_id)
LEFT JOIN cascade_risk.write_batch w USING (run_id)
LEFT JOIN LATERAL (SELECT n.run_id FROM cascade_risk.run n WHERE n.run_id > u.run_id LIMIT 1) newer ON true;
COMMENT ON VIEW cascade_risk.v_unknown IS 'Why metrics were NULL; spans that a run left open end with the run, or with its last commit when it did not stop cleanly';
COMMENT ON COLUMN cascade_risk.v_unknown.t_from IS 'UTC: engine time from which it was unknown';
COMMENT ON COLUMN cascade_risk.v_unknown.t_to IS 'UTC: when that ended; NULL = it goes on';
COMMENT ON COLUMN cascade_risk.v_unknown.ongoing IS 'bool: it goes on in the newest run';
COMMENT ON COLUMN cascade_risk.v_unknown.length_s IS 's: from t_from to t_to';
COMMENT ON COLUMN cascade_risk.v_unknown.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.v_unknown.metric IS 'text: metric';
COMMENT ON COLUMN cascade_risk.v_unknown.venue IS 'text: venue; empty = not of one venue';
COMMENT ON COLUMN cascade_risk.v_unknown.asset IS 'text: asset; empty = not of one asset';
COMMENT ON COLUMN cascade_risk.v_unknown.channel IS 'text: channel; empty = not of a feed';
COMMENT ON COLUMN cascade_risk.v_unknown.symbol IS 'text: the venue''s own symbol; empty = not of one instrument';
COMMENT ON COLUMN cascade_risk.v_unknown.reason IS 'text: reason';

CREATE VIEW cascade_risk.v_alert_history AS
SELECT t_firing AS fired, max(t_resolved) AS resolved, rule, venue, asset, channel, symbol,
       (ARRAY['none', 'info', 'warning', 'critical'])[max(array_position(
           ARRAY['none', 'info', 'warning', 'critical'], severity))] AS severity,
       max(metric) AS metric, (array_agg(peak ORDER BY t DESC, n DESC))[1] AS peak,
       (array_agg(threshold ORDER BY t, n))[1] AS threshold,
       (array_agg(cause ORDER BY t DESC, n DESC))[1] AS cause,
       max(acked_by) AS acked_by, count(*) AS transitions, min(run_id) AS run_id
FROM cascade_risk.alert_transition
WHERE t_firing IS NOT NULL
GROUP BY rule, venue, asset, channel, symbol, t_firing;
COMMENT ON VIEW cascade_risk.v_alert_history IS 'One row for each time an alert fired';
COMMENT ON COLUMN cascade_risk.v_alert_history.fired IS 'UTC: when it began to fire';
COMMENT ON COLUMN cascade_risk.v_alert_history.resolved IS 'UTC: when it was resolved; NULL = not yet';
COMMENT ON COLUMN cascade_risk.v_alert_history.rule IS 'text: rule';
COMMENT ON COLUMN cascade_risk.v_alert_history.venue IS 'text: venue; empty = not of one venue';
COMMENT ON COLUMN cascade_risk.v_alert_history.asset IS 'text: asset; empty = not of one asset';
COMMENT ON COLUMN cascade_risk.v_alert_history.channel IS 'text: channel; empty = not of a feed';
COMMENT ON COLUMN cascade_risk.v_alert_history.symbol IS 'text: the venue''s own symbol; empty = not of one instrument';
COMMENT ON COLUMN cascade_risk.v_alert_history.severity IS 'text: highest severity it reached';
COMMENT ON COLUMN cascade_risk.v_alert_history.metric IS 'text: metric that the rule judges';
COMMENT ON COLUMN cascade_risk.v_alert_history.peak IS '1: worst value of the episode, in the unit of the metric';
COMMENT ON COLUMN cascade_risk.v_alert_history.threshold IS '1: threshold it first crossed, in the unit of the metric';
COMMENT ON COLUMN cascade_risk.v_alert_history.cause IS 'text: cause of the last transition';
COMMENT ON COLUMN cascade_risk.v_alert_history.acked_by IS 'text: by whom it was acknowledged; NULL = by nobody';
COMMENT ON COLUMN cascade_risk.v_alert_history.transitions IS 'count: transitions of the episode';
COMMENT ON COLUMN cascade_risk.v_alert_history.run_id IS 'id: run in which it began to fire';

GRANT SELECT ON cascade_risk.v_liquidations, cascade_risk.v_open_interest_by_venue, cascade_risk.v_gaps,
    cascade_risk.v_unknown, cascade_risk.v_alert_history TO cascaded_reader, cascaded_writer;
