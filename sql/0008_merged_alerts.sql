-- Alert transitions that waited for room: while neither the disk nor the database took any, what was told of one
-- rule and subject became one row, the latest, with the count of the transitions it stands for.
SET LOCAL ROLE cascaded_owner;

ALTER TABLE cascade_risk.alert_transition ADD COLUMN transitions bigint;
COMMENT ON COLUMN cascade_risk.alert_transition.transitions IS
    'count: transitions this row stands for, itself the latest of them; NULL = 1, of a time before this column';

CREATE OR REPLACE VIEW cascade_risk.v_alert_history AS
SELECT t_firing AS fired, max(t_resolved) AS resolved, rule, venue, asset, channel, symbol,
       (ARRAY['none', 'info', 'warning', 'critical'])[max(array_position(
           ARRAY['none', 'info', 'warning', 'critical'], severity))] AS severity,
       max(metric) AS metric, (array_agg(peak ORDER BY t DESC, n DESC))[1] AS peak,
       (array_agg(threshold ORDER BY t, n))[1] AS threshold,
       (array_agg(cause ORDER BY t DESC, n DESC))[1] AS cause,
       max(acked_by) AS acked_by, sum(coalesce(transitions, 1))::bigint AS transitions, min(run_id) AS run_id,
       extract(epoch FROM max(t_resolved) - t_firing)::double precision AS length_s,
       min(t) FILTER (WHERE acked) AS acked, bool_or(silenced) AS silenced, bool_or(inhibited) AS inhibited
FROM cascade_risk.alert_transition
WHERE t_firing IS NOT NULL
GROUP BY rule, venue, asset, channel, symbol, t_firing;
COMMENT ON COLUMN cascade_risk.v_alert_history.transitions IS 'count: transitions of the episode; merged rows also count those of episodes before it';
