-- What is missing at a takeover, when the one before it had taken over as well and stored nothing of its term: then
-- from that takeover on, not from what it had stored in a term of long ago; and a row also when it never stored any.
SET LOCAL ROLE cascaded_owner;

CREATE OR REPLACE VIEW cascade_risk.v_gaps AS
WITH last AS (
    SELECT w.run_id, max(w.t_row) AS t_row FROM cascade_risk.write_position w GROUP BY w.run_id
), span AS (
    SELECT g.t_from, coalesce(g.t_to, r.ended, CASE WHEN c.run_id IS DISTINCT FROM g.run_id THEN w.t_row END) AS t_to,
           g.t_to IS NULL AND r.ended IS NULL AND c.run_id IS NOT DISTINCT FROM g.run_id AS ongoing,
           g.run_id, g.venue, g.channel, g.symbol, g.cause, g.lost_rows
    FROM cascade_risk.feed_gap g
    JOIN cascade_risk.run r USING (run_id)
    LEFT JOIN last w USING (run_id)
    LEFT JOIN cascade_risk.v_run_current c ON c.writer = r.writer
    UNION ALL
    SELECT greatest(p.t_taken,
                    coalesce((SELECT max(o.t_row) FROM last o JOIN cascade_risk.run n USING (run_id)
                              WHERE n.writer = l.writer AND n.node = p.node AND o.t_row < l.t_taken), l.t_before)),
           l.t_taken, false, r.run_id, '', '', '', 'takeover', NULL
    FROM cascade_risk.writer_lease l
    JOIN cascade_risk.writer_lease p ON p.writer = l.writer AND p.term = l.term - 1
    LEFT JOIN cascade_risk.run r ON r.instance = l.instance
    WHERE l.t_before IS NOT NULL OR isfinite(p.t_taken)
)
SELECT t_from, t_to, ongoing, extract(epoch FROM t_to - t_from)::double precision AS length_s,
       run_id, venue, channel, symbol, cause, lost_rows
FROM span;
