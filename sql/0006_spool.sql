-- Where each lane of each run stands: what the spool sends is stored exactly once. Replaces the one
-- number a run had.
SET LOCAL ROLE cascaded_owner;

CREATE TABLE cascade_risk.write_position (
    run_id bigint NOT NULL,
    lane text NOT NULL,
    seq bigint NOT NULL,
    row_n bigint NOT NULL,
    rows bigint NOT NULL,
    t_row timestamptz,
    t_commit timestamptz NOT NULL,
    PRIMARY KEY (run_id, lane)
) WITH (fillfactor = 20);
COMMENT ON TABLE cascade_risk.write_position IS 'How far the batches of each run and lane are stored: written in the transaction that stores them, so that what is sent again is not stored twice';
COMMENT ON COLUMN cascade_risk.write_position.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.write_position.lane IS 'text: alert (transitions, gaps, universe) or bulk (all else)';
COMMENT ON COLUMN cascade_risk.write_position.seq IS 'id: number of the last batch that is stored whole';
COMMENT ON COLUMN cascade_risk.write_position.row_n IS 'count: rows of the batch after it that are stored, too';
COMMENT ON COLUMN cascade_risk.write_position.rows IS 'count: rows stored so far';
COMMENT ON COLUMN cascade_risk.write_position.t_row IS 'UTC: engine time of the latest row stored; NULL = none yet';
COMMENT ON COLUMN cascade_risk.write_position.t_commit IS 'UTC: start of the last such transaction, by the database clock';

INSERT INTO cascade_risk.write_position
SELECT run_id, 'bulk', 0, 0, rows, t_commit, t_commit FROM cascade_risk.write_batch;

-- The run of p_instance, registered when it is not yet. p_own: it is the caller, so it is running.
CREATE FUNCTION cascade_risk.run_open(p_instance uuid, p_epoch bigint, p_version text,
                                      p_started timestamptz, p_conf text, p_own boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    r bigint;
BEGIN
    INSERT INTO cascade_risk.run AS n (instance, epoch, version, started, conf, conf_sha256)
    VALUES (p_instance, p_epoch, p_version, p_started, p_conf,
            encode(sha256(convert_to(p_conf, 'UTF8')), 'hex'))
    ON CONFLICT (instance) DO UPDATE SET ended = CASE WHEN p_own THEN NULL ELSE n.ended END
    RETURNING n.run_id INTO r;
    RETURN r;
END $$;
COMMENT ON FUNCTION cascade_risk.run_open IS
    'Registers a run, or finds it again; returns its id';

-- The row is locked, so a transaction of an older connection of this lane either has been committed
-- when this returns, or never will be: position_move then refuses it.
CREATE FUNCTION cascade_risk.position_get(p_run bigint, p_lane text)
RETURNS TABLE (seq bigint, row_n bigint, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cascade_risk.write_position AS w VALUES (p_run, p_lane, 0, 0, 0, NULL, now())
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT w.seq, w.row_n, w.rows FROM cascade_risk.write_position w
                 WHERE w.run_id = p_run AND w.lane = p_lane FOR UPDATE;
END $$;
COMMENT ON FUNCTION cascade_risk.position_get IS
    'How far a lane of a run is stored; waits for a transaction of it that is still under way';

-- p_from and p_to are {seq, row_n}. p_durable: this commit, and with it every one before, waits for
-- the disk.
CREATE FUNCTION cascade_risk.position_move(p_run bigint, p_lane text, p_from bigint[], p_to bigint[],
                                           p_rows bigint, p_t_row timestamptz, p_durable boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', CASE WHEN p_durable THEN 'on' ELSE 'off' END, true);
    UPDATE cascade_risk.write_position w
    SET seq = p_to[1], row_n = p_to[2], rows = w.rows + p_rows, t_row = greatest(w.t_row, p_t_row),
        t_commit = now()
    WHERE w.run_id = p_run AND w.lane = p_lane AND w.seq = p_from[1] AND w.row_n = p_from[2];
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lane % of run % does not stand at batch % row %', p_lane, p_run, p_from[1],
            p_from[2] USING ERRCODE = 'CR001';
    END IF;
END $$;
COMMENT ON FUNCTION cascade_risk.position_move IS
    'First statement of the transaction that stores rows of a batch; SQLSTATE CR001 when the lane does not stand where the caller believes';

REVOKE ALL ON FUNCTION cascade_risk.run_open, cascade_risk.position_get, cascade_risk.position_move FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cascade_risk.run_open, cascade_risk.position_get, cascade_risk.position_move TO cascaded_writer;
GRANT SELECT ON cascade_risk.write_position TO cascaded_reader;
GRANT SELECT, INSERT, UPDATE ON cascade_risk.write_position TO cascaded_writer;

-- Spans a run left open end with the latest row it has stored, whenever that was stored.
CREATE OR REPLACE VIEW cascade_risk.v_gaps AS
SELECT g.t_from, coalesce(g.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_row END) AS t_to,
       g.t_to IS NULL AND r.ended IS NULL AND newer.run_id IS NULL AS ongoing,
       extract(epoch FROM coalesce(g.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_row END)
               - g.t_from)::double precision AS length_s,
       g.run_id, g.venue, g.channel, g.symbol, g.cause, g.lost_rows
FROM cascade_risk.feed_gap g
JOIN cascade_risk.run r USING (run_id)
LEFT JOIN (SELECT run_id, max(t_row) AS t_row FROM cascade_risk.write_position GROUP BY run_id) w USING (run_id)
LEFT JOIN LATERAL (SELECT n.run_id FROM cascade_risk.run n WHERE n.run_id > g.run_id LIMIT 1) newer ON true;

CREATE OR REPLACE VIEW cascade_risk.v_unknown AS
SELECT u.t_from, coalesce(u.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_row END) AS t_to,
       u.t_to IS NULL AND r.ended IS NULL AND newer.run_id IS NULL AS ongoing,
       extract(epoch FROM coalesce(u.t_to, r.ended, CASE WHEN newer.run_id IS NOT NULL THEN w.t_row END)
               - u.t_from)::double precision AS length_s,
       u.run_id, u.metric, u.venue, u.asset, u.channel, u.symbol, u.reason
FROM cascade_risk.metric_unknown u
JOIN cascade_risk.run r USING (run_id)
LEFT JOIN (SELECT run_id, max(t_row) AS t_row FROM cascade_risk.write_position GROUP BY run_id) w USING (run_id)
LEFT JOIN LATERAL (SELECT n.run_id FROM cascade_risk.run n WHERE n.run_id > u.run_id LIMIT 1) newer ON true;

DROP FUNCTION cascade_risk.run_begin, cascade_risk.batch_begin;
DROP TABLE cascade_risk.write_batch;
