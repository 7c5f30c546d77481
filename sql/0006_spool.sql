-- Where each lane of each run stands: what the spool sends is stored exactly once. Replaces the one
-- number a run had. And who may write: of several daemons of one writer, one at a time.
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

ALTER TABLE cascade_risk.run ADD COLUMN writer text NOT NULL DEFAULT 'main', ADD COLUMN node uuid;
COMMENT ON COLUMN cascade_risk.run.writer IS 'text: the writer it is a run of, see writer_lease';
COMMENT ON COLUMN cascade_risk.run.node IS 'id: the spool it wrote from, see writer_lease; NULL = before there were spools';

-- The newest term of a writer is the one without t_lost. A row belongs to the node of the last term
-- taken at or before its time, whoever stores it, and whenever.
CREATE TABLE cascade_risk.writer_lease (
    writer text NOT NULL,
    term bigint NOT NULL,
    node uuid NOT NULL,
    instance uuid NOT NULL,
    t_taken timestamptz NOT NULL,
    t_lost timestamptz,
    t_before timestamptz,
    t_commit timestamptz NOT NULL,
    PRIMARY KEY (writer, term)
);
COMMENT ON TABLE cascade_risk.writer_lease IS 'Which of the daemons that run as one writer wrote when: a term each time another one took over; all others stand by';
COMMENT ON COLUMN cascade_risk.writer_lease.writer IS 'text: the name in the configuration';
COMMENT ON COLUMN cascade_risk.writer_lease.term IS 'id: 1 for the first, one more for each takeover';
COMMENT ON COLUMN cascade_risk.writer_lease.node IS 'id: the spool of the daemon that took it, the same over its restarts';
COMMENT ON COLUMN cascade_risk.writer_lease.instance IS 'id: uuid of the process that took it, as in run';
COMMENT ON COLUMN cascade_risk.writer_lease.t_taken IS 'UTC: rows from here on are of this node; -infinity for the first term';
COMMENT ON COLUMN cascade_risk.writer_lease.t_lost IS 'UTC: t_taken of the next term; NULL = there is none';
COMMENT ON COLUMN cascade_risk.writer_lease.t_before IS 'UTC: the latest row that was stored before the takeover; NULL = none was';
COMMENT ON COLUMN cascade_risk.writer_lease.t_commit IS 'UTC: when it was taken, by the database clock';

-- The session's lock says that the holder lives: it falls free with the connection. The term is what
-- fences: a new one is begun only when no transaction that has checked the last one is under way.
-- p_from: rows from here on would be the caller's; those that are stored stay the other's.
CREATE FUNCTION cascade_risk.lease_take(p_writer text, p_node uuid, p_instance uuid, p_from timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    l cascade_risk.writer_lease;
    t timestamptz;
    stored timestamptz;
BEGIN
    PERFORM set_config('synchronous_commit', 'on', true);
    IF NOT pg_try_advisory_lock(hashtextextended('cascade_risk writer ' || p_writer, 0)) THEN
        RETURN false;
    END IF;
    SELECT * INTO l FROM cascade_risk.writer_lease w
    WHERE w.writer = p_writer ORDER BY w.term DESC LIMIT 1 FOR UPDATE;
    IF l.node = p_node THEN
        RETURN true;
    END IF;
    SELECT max(w.t_row) INTO stored FROM cascade_risk.write_position w JOIN cascade_risk.run r USING (run_id)
    WHERE r.writer = p_writer AND r.node = l.node;
    t := CASE WHEN l.term IS NULL THEN '-infinity'
              ELSE greatest(p_from, greatest(stored, l.t_taken) + interval '1 microsecond') END;
    UPDATE cascade_risk.writer_lease w SET t_lost = t WHERE w.writer = p_writer AND w.term = l.term;
    INSERT INTO cascade_risk.writer_lease
    VALUES (p_writer, coalesce(l.term, 0) + 1, p_node, p_instance, t, NULL, stored, clock_timestamp());
    RETURN true;
END $$;
COMMENT ON FUNCTION cascade_risk.lease_take IS
    'Makes the caller the one daemon of a writer that writes, for as long as its connection lives; false when another one lives';

-- Holds until the transaction ends: a takeover waits for it.
CREATE FUNCTION cascade_risk.lease_check(p_writer text, p_term bigint, p_t_last timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM cascade_risk.writer_lease w
    WHERE w.writer = p_writer AND w.term = p_term AND (w.t_lost IS NULL OR p_t_last < w.t_lost) FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'term % of writer % has ended', p_term, p_writer USING ERRCODE = 'CR002';
    END IF;
END $$;
COMMENT ON FUNCTION cascade_risk.lease_check IS
    'SQLSTATE CR002 when the term of the caller has ended before p_t_last (NULL: has ended)';

-- The run of p_instance, registered when it is not yet. p_own: it is the caller, so it is running.
CREATE FUNCTION cascade_risk.run_open(p_instance uuid, p_epoch bigint, p_version text,
                                      p_started timestamptz, p_conf text, p_own boolean,
                                      p_writer text, p_node uuid)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    r bigint;
BEGIN
    INSERT INTO cascade_risk.run AS n (instance, epoch, version, started, conf, conf_sha256, writer, node)
    VALUES (p_instance, p_epoch, p_version, p_started, p_conf,
            encode(sha256(convert_to(p_conf, 'UTF8')), 'hex'), p_writer, p_node)
    ON CONFLICT (instance) DO UPDATE SET ended = CASE WHEN p_own THEN NULL ELSE n.ended END
    RETURNING n.run_id INTO r;
    RETURN r;
END $$;
COMMENT ON FUNCTION cascade_risk.run_open IS
    'Registers a run, or finds it again; returns its id';

-- The row is locked, so a transaction of an older connection of this lane either has been committed
-- when this returns, or never will be: position_move then refuses it. p_first: where a lane of which
-- nothing is stored begins.
CREATE FUNCTION cascade_risk.position_get(p_run bigint, p_lane text, p_first bigint)
RETURNS TABLE (seq bigint, row_n bigint, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cascade_risk.write_position AS w VALUES (p_run, p_lane, p_first, 0, 0, NULL, now())
    ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT w.seq, w.row_n, w.rows FROM cascade_risk.write_position w
                 WHERE w.run_id = p_run AND w.lane = p_lane FOR UPDATE;
END $$;
COMMENT ON FUNCTION cascade_risk.position_get IS
    'How far a lane of a run is stored; waits for a transaction of it that is still under way';

-- p_from and p_to are {seq, row_n}. p_durable: this commit, and with it every one before, waits for
-- the disk. p_term, p_t_last: as lease_check takes them.
CREATE FUNCTION cascade_risk.position_move(p_run bigint, p_lane text, p_from bigint[], p_to bigint[],
                                           p_rows bigint, p_t_row timestamptz, p_durable boolean,
                                           p_term bigint, p_t_last timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM cascade_risk.lease_check(r.writer, p_term, p_t_last) FROM cascade_risk.run r WHERE r.run_id = p_run;
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
    'First statement of the transaction that stores rows of a batch; SQLSTATE CR001 when the lane does not stand where the caller believes, CR002 when another daemon has taken over';

REVOKE ALL ON FUNCTION cascade_risk.run_open, cascade_risk.position_get, cascade_risk.position_move,
    cascade_risk.lease_take, cascade_risk.lease_check FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cascade_risk.run_open, cascade_risk.position_get, cascade_risk.position_move,
    cascade_risk.lease_take, cascade_risk.lease_check TO cascaded_writer;
GRANT SELECT ON cascade_risk.write_position, cascade_risk.writer_lease TO cascaded_reader;
GRANT SELECT, INSERT, UPDATE ON cascade_risk.write_position, cascade_risk.writer_lease TO cascaded_writer;

-- The run that writes now, of each writer: the last one of the node that holds it.
CREATE VIEW cascade_risk.v_run_current AS
SELECT DISTINCT ON (r.writer) r.writer, r.run_id
FROM cascade_risk.run r
LEFT JOIN cascade_risk.writer_lease l ON l.writer = r.writer AND l.t_lost IS NULL
WHERE (r.node = l.node) IS NOT FALSE
ORDER BY r.writer, r.run_id DESC;
COMMENT ON VIEW cascade_risk.v_run_current IS 'The latest run of each writer: of the daemon that writes, not of one that stands by';
COMMENT ON COLUMN cascade_risk.v_run_current.writer IS 'text: writer';
COMMENT ON COLUMN cascade_risk.v_run_current.run_id IS 'id: run';
GRANT SELECT ON cascade_risk.v_run_current TO cascaded_reader;

-- Spans a run left open end with the latest row it has stored, whenever that was stored. Between the
-- death of a daemon and the takeover nobody wrote: what its spool held is stored when it comes back.
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
    SELECT coalesce((SELECT max(o.t_row) FROM last o JOIN cascade_risk.run n USING (run_id)
                     WHERE n.writer = l.writer AND n.node = p.node AND o.t_row < l.t_taken), l.t_before),
           l.t_taken, false, r.run_id, '', '', '', 'takeover', NULL
    FROM cascade_risk.writer_lease l
    JOIN cascade_risk.writer_lease p ON p.writer = l.writer AND p.term = l.term - 1
    LEFT JOIN cascade_risk.run r ON r.instance = l.instance
    WHERE l.t_before IS NOT NULL
)
SELECT t_from, t_to, ongoing, extract(epoch FROM t_to - t_from)::double precision AS length_s,
       run_id, venue, channel, symbol, cause, lost_rows
FROM span;
COMMENT ON VIEW cascade_risk.v_gaps IS 'What is missing; spans that a run left open end with the run, or with its latest row when it did not stop cleanly';
COMMENT ON COLUMN cascade_risk.v_gaps.cause IS 'text: link_down, silent, sequence, refused, poll_failed, unwanted, store or takeover';

CREATE OR REPLACE VIEW cascade_risk.v_unknown AS
SELECT u.t_from, coalesce(u.t_to, r.ended, CASE WHEN c.run_id IS DISTINCT FROM u.run_id THEN w.t_row END) AS t_to,
       u.t_to IS NULL AND r.ended IS NULL AND c.run_id IS NOT DISTINCT FROM u.run_id AS ongoing,
       extract(epoch FROM coalesce(u.t_to, r.ended, CASE WHEN c.run_id IS DISTINCT FROM u.run_id THEN w.t_row END)
               - u.t_from)::double precision AS length_s,
       u.run_id, u.metric, u.venue, u.asset, u.channel, u.symbol, u.reason
FROM cascade_risk.metric_unknown u
JOIN cascade_risk.run r USING (run_id)
LEFT JOIN (SELECT run_id, max(t_row) AS t_row FROM cascade_risk.write_position GROUP BY run_id) w USING (run_id)
LEFT JOIN cascade_risk.v_run_current c ON c.writer = r.writer;

DROP FUNCTION cascade_risk.run_begin, cascade_risk.batch_begin;
DROP TABLE cascade_risk.write_batch;
