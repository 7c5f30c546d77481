-- Schema cascade_risk: roles, dimension tables, day-partitioned facts, and the functions that the
-- daemon calls. The columns of the metric tables come in the migrations that `cascaded --schema-delta`
-- prints. Runs in one transaction, by a superuser or (later files) a member of cascaded_owner.
-- Every column comment starts with a unit of the table `unit`.

-- Roles. They are the cluster's, so another database of it may have made them already.
DO $$
DECLARE r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['cascaded_owner', 'cascaded_writer', 'cascaded_reader'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I %s', r, CASE r WHEN 'cascaded_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END $$;
ALTER ROLE cascaded_reader SET default_transaction_read_only = on;
ALTER ROLE cascaded_reader SET statement_timeout = '60s';
ALTER ROLE cascaded_reader SET search_path = cascade_risk, pg_catalog;

ALTER SCHEMA cascade_risk OWNER TO cascaded_owner;
ALTER TABLE cascade_risk.schema_migration OWNER TO cascaded_owner;
SET LOCAL ROLE cascaded_owner;
GRANT USAGE ON SCHEMA cascade_risk TO cascaded_writer, cascaded_reader;
COMMENT ON SCHEMA cascade_risk IS 'cascaded: leverage, liquidations and cascade risk of perpetual futures';

COMMENT ON TABLE cascade_risk.schema_migration IS 'Migrations applied, written by cascadectl schema apply';
COMMENT ON COLUMN cascade_risk.schema_migration.version IS 'id: number of the migration file';
COMMENT ON COLUMN cascade_risk.schema_migration.name IS 'text: name of the migration file';
COMMENT ON COLUMN cascade_risk.schema_migration.checksum IS 'text: SHA-256 of the file as applied, hexadecimal';
COMMENT ON COLUMN cascade_risk.schema_migration.applied_at IS 'UTC: when, by the database clock';
COMMENT ON COLUMN cascade_risk.schema_migration.applied_by IS 'text: the session user who applied it';

-- Units ---------------------------------------------------------------------------------------
CREATE TABLE cascade_risk.unit (
    unit text PRIMARY KEY,
    meaning text NOT NULL
);
COMMENT ON TABLE cascade_risk.unit IS 'The closed list of units that a column comment may start with';
COMMENT ON COLUMN cascade_risk.unit.unit IS 'text: the unit as column comments and metric.unit write it';
COMMENT ON COLUMN cascade_risk.unit.meaning IS 'text: what one of it is';
INSERT INTO cascade_risk.unit (unit, meaning) VALUES
    ('USD', 'US dollars; 1 USD = 1 USDT = 1 USDC except in px_fair, px_dev_* and peg_*'),
    ('base', 'units of the asset itself'),
    ('quote', 'price in the quote coin of the instrument, for one of its units'),
    ('venue', 'quantity in the unit that the venue counts in; a unit column beside it names it'),
    ('bps', 'hundredths of a percent'),
    ('frac', 'fraction, 1 = all'),
    ('1', 'dimensionless number, index or ratio'),
    ('sd', 'standard deviations'),
    ('x', 'multiple'),
    ('count', 'number of things'),
    ('1/s', 'events per second'),
    ('1/h', 'rate per hour'),
    ('1/8h', 'rate per eight hours'),
    ('1/y', 'rate per year of 365 days'),
    ('us', 'microseconds'),
    ('ms', 'milliseconds'),
    ('s', 'seconds'),
    ('h', 'hours'),
    ('day', 'days'),
    ('bytes', 'bytes'),
    ('UTC', 'point in time, timestamptz'),
    ('text', 'text'),
    ('id', 'identifier or ordinal number without unit'),
    ('bool', 'true or false');

-- Dimensions ----------------------------------------------------------------------------------
CREATE TABLE cascade_risk.venue (
    venue text PRIMARY KEY,
    liq_coverage text,
    first_seen timestamptz NOT NULL
);
COMMENT ON TABLE cascade_risk.venue IS 'Exchanges';
COMMENT ON COLUMN cascade_risk.venue.venue IS 'text: name, as in every key';
COMMENT ON COLUMN cascade_risk.venue.liq_coverage IS 'text: complete, sampled or partial public liquidation feed; NULL = there is none';
COMMENT ON COLUMN cascade_risk.venue.first_seen IS 'UTC: engine time of the first run that knew it';

CREATE TABLE cascade_risk.asset (
    asset text PRIMARY KEY,
    first_seen timestamptz NOT NULL
);
COMMENT ON TABLE cascade_risk.asset IS 'Assets: what instruments of several venues have in common';
COMMENT ON COLUMN cascade_risk.asset.asset IS 'text: name, as in every key';
COMMENT ON COLUMN cascade_risk.asset.first_seen IS 'UTC: engine time when it was first named';

CREATE TABLE cascade_risk.instrument (
    instrument_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    venue text NOT NULL,
    symbol text NOT NULL,
    base text,
    quote text,
    settle text,
    asset text,
    multiplier double precision,
    ct_size double precision,
    ct_unit text,
    linear boolean,
    tick double precision,
    max_leverage double precision,
    funding_interval_h double precision,
    status text,
    category text,
    included boolean NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz
);
CREATE UNIQUE INDEX instrument_current ON cascade_risk.instrument (venue, symbol) WHERE valid_to IS NULL;
CREATE INDEX instrument_history ON cascade_risk.instrument (venue, symbol, valid_from);
CREATE INDEX instrument_asset ON cascade_risk.instrument (asset);
COMMENT ON TABLE cascade_risk.instrument IS 'Instruments as the venues specify them; a changed multiplier, contract or a relisting is a new row';
COMMENT ON COLUMN cascade_risk.instrument.instrument_id IS 'id: surrogate of this version of the instrument';
COMMENT ON COLUMN cascade_risk.instrument.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.instrument.symbol IS 'text: the venue''s own symbol';
COMMENT ON COLUMN cascade_risk.instrument.base IS 'text: base code of the venue';
COMMENT ON COLUMN cascade_risk.instrument.quote IS 'text: quote coin';
COMMENT ON COLUMN cascade_risk.instrument.settle IS 'text: settlement coin';
COMMENT ON COLUMN cascade_risk.instrument.asset IS 'text: asset; NULL while only a stub';
COMMENT ON COLUMN cascade_risk.instrument.multiplier IS 'base: units of the asset in one unit of the base code (1000 for 1000PEPE)';
COMMENT ON COLUMN cascade_risk.instrument.ct_size IS 'venue: size of one contract, in ct_unit';
COMMENT ON COLUMN cascade_risk.instrument.ct_unit IS 'text: base or usd; NULL unknown';
COMMENT ON COLUMN cascade_risk.instrument.linear IS 'bool: true linear, false inverse, NULL unknown';
COMMENT ON COLUMN cascade_risk.instrument.tick IS 'quote: smallest step of the price';
COMMENT ON COLUMN cascade_risk.instrument.max_leverage IS 'x: highest leverage allowed';
COMMENT ON COLUMN cascade_risk.instrument.funding_interval_h IS 'h: between two funding payments';
COMMENT ON COLUMN cascade_risk.instrument.status IS 'text: trading, pre, halted, settling, delisted; NULL not said';
COMMENT ON COLUMN cascade_risk.instrument.category IS 'text: perp, tradfi, dated, builder, index, other; NULL not said';
COMMENT ON COLUMN cascade_risk.instrument.included IS 'bool: counted in the metrics of its asset';
COMMENT ON COLUMN cascade_risk.instrument.valid_from IS 'UTC: engine time from which this row holds';
COMMENT ON COLUMN cascade_risk.instrument.valid_to IS 'UTC: engine time until which it held; NULL = still';

CREATE TABLE cascade_risk.metric (
    tbl text NOT NULL,
    metric text NOT NULL,
    unit text NOT NULL,
    quality text NOT NULL,
    period_s integer,
    lo double precision,
    hi double precision,
    help text NOT NULL,
    PRIMARY KEY (tbl, metric)
);
COMMENT ON TABLE cascade_risk.metric IS 'Catalogue of metrics, as the newest program described them; a metric is a column of its table';
COMMENT ON COLUMN cascade_risk.metric.tbl IS 'text: table that has it as a column';
COMMENT ON COLUMN cascade_risk.metric.metric IS 'text: name and column name';
COMMENT ON COLUMN cascade_risk.metric.unit IS 'text: unit, one of the table unit';
COMMENT ON COLUMN cascade_risk.metric.quality IS 'text: measured, modelled or lower_bound';
COMMENT ON COLUMN cascade_risk.metric.period_s IS 's: between two evaluations';
COMMENT ON COLUMN cascade_risk.metric.lo IS '1: smallest value it can have, in its unit; NULL open';
COMMENT ON COLUMN cascade_risk.metric.hi IS '1: largest value it can have, in its unit; NULL open';
COMMENT ON COLUMN cascade_risk.metric.help IS 'text: what it says';

CREATE TABLE cascade_risk.run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    instance uuid NOT NULL UNIQUE,
    epoch bigint NOT NULL,
    version text NOT NULL,
    started timestamptz NOT NULL,
    ended timestamptz,
    conf text NOT NULL,
    conf_sha256 text NOT NULL
);
COMMENT ON TABLE cascade_risk.run IS 'Runs of the daemon; every fact names its run';
COMMENT ON COLUMN cascade_risk.run.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.run.instance IS 'id: uuid of the process';
COMMENT ON COLUMN cascade_risk.run.epoch IS 'id: number of the start, upper half of alert_transition.seq';
COMMENT ON COLUMN cascade_risk.run.version IS 'text: version of the program';
COMMENT ON COLUMN cascade_risk.run.started IS 'UTC: engine time of the start';
COMMENT ON COLUMN cascade_risk.run.ended IS 'UTC: engine time of the clean stop; NULL = running, or it did not stop cleanly';
COMMENT ON COLUMN cascade_risk.run.conf IS 'text: configuration in force at the start';
COMMENT ON COLUMN cascade_risk.run.conf_sha256 IS 'text: SHA-256 of conf, hexadecimal';

CREATE TABLE cascade_risk.write_batch (
    run_id bigint PRIMARY KEY,
    batch bigint NOT NULL,
    rows bigint NOT NULL,
    t_commit timestamptz NOT NULL
) WITH (fillfactor = 20);
COMMENT ON TABLE cascade_risk.write_batch IS 'Number of the last batch each run has committed: what is resent after a lost connection is not stored twice';
COMMENT ON COLUMN cascade_risk.write_batch.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.write_batch.batch IS 'id: number of its last batch';
COMMENT ON COLUMN cascade_risk.write_batch.rows IS 'count: rows it has sent so far';
COMMENT ON COLUMN cascade_risk.write_batch.t_commit IS 'UTC: start of that transaction, by the database clock';

-- Facts, one partition a UTC day --------------------------------------------------------------
CREATE TABLE cascade_risk.fact_table (
    tbl text PRIMARY KEY,
    t_column text NOT NULL
);
COMMENT ON TABLE cascade_risk.fact_table IS 'Tables that are partitioned by UTC day: what ensure_partitions and drop_partitions work on';
COMMENT ON COLUMN cascade_risk.fact_table.tbl IS 'text: table';
COMMENT ON COLUMN cascade_risk.fact_table.t_column IS 'text: the column it is partitioned by';

CREATE TABLE cascade_risk.m_asset (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    asset text NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_asset_t ON cascade_risk.m_asset USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_asset_key ON cascade_risk.m_asset (asset, t);
COMMENT ON TABLE cascade_risk.m_asset IS 'Metrics of an asset over all venues; NULL = unknown, metric_unknown says why';
COMMENT ON COLUMN cascade_risk.m_asset.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.m_asset.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.m_asset.asset IS 'text: asset';

CREATE TABLE cascade_risk.m_venue_asset (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_venue_asset_t ON cascade_risk.m_venue_asset USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX m_venue_asset_key ON cascade_risk.m_venue_asset (venue, asset, t);
COMMENT ON TABLE cascade_risk.m_venue_asset IS 'Metrics of an asset on one venue; NULL = unknown, metric_unknown says why';
COMMENT ON COLUMN cascade_risk.m_venue_asset.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.m_venue_asset.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.m_venue_asset.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.m_venue_asset.asset IS 'text: asset';

CREATE TABLE cascade_risk.m_feed (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    channel text NOT NULL,
    symbol text NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_feed_t ON cascade_risk.m_feed USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE cascade_risk.m_feed IS 'Metrics of one feed: a channel of a venue, for one instrument or the whole venue';
COMMENT ON COLUMN cascade_risk.m_feed.t IS 'UTC: engine time, a whole second';
COMMENT ON COLUMN cascade_risk.m_feed.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.m_feed.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.m_feed.channel IS 'text: channel';
COMMENT ON COLUMN cascade_risk.m_feed.symbol IS 'text: the venue''s own symbol; empty = the whole venue';

CREATE TABLE cascade_risk.m_process (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX m_process_t ON cascade_risk.m_process USING brin (t) WITH (pages_per_range = 32, autosummarize = on);
COMMENT ON TABLE cascade_risk.m_process IS 'Metrics of the daemon itself';
COMMENT ON COLUMN cascade_risk.m_process.t IS 'UTC: engine time';
COMMENT ON COLUMN cascade_risk.m_process.run_id IS 'id: run';

CREATE TABLE cascade_risk.metric_unknown (
    t_from timestamptz NOT NULL,
    t_to timestamptz,
    run_id bigint NOT NULL,
    metric text NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    channel text NOT NULL,
    symbol text NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (asset, metric, venue, channel, symbol, t_from, run_id)
) PARTITION BY RANGE (t_from);
CREATE INDEX metric_unknown_t ON cascade_risk.metric_unknown USING brin (t_from) WITH (autosummarize = on);
COMMENT ON TABLE cascade_risk.metric_unknown IS 'Why a metric was NULL, one row for each span with the same reason';
COMMENT ON COLUMN cascade_risk.metric_unknown.t_from IS 'UTC: engine time from which it was unknown';
COMMENT ON COLUMN cascade_risk.metric_unknown.t_to IS 'UTC: engine time at which that ended; NULL = it had not when the run ended, or has not yet';
COMMENT ON COLUMN cascade_risk.metric_unknown.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.metric_unknown.metric IS 'text: metric';
COMMENT ON COLUMN cascade_risk.metric_unknown.venue IS 'text: venue; empty = not of one venue';
COMMENT ON COLUMN cascade_risk.metric_unknown.asset IS 'text: asset; empty = not of one asset';
COMMENT ON COLUMN cascade_risk.metric_unknown.channel IS 'text: channel; empty = not of a feed';
COMMENT ON COLUMN cascade_risk.metric_unknown.symbol IS 'text: the venue''s own symbol; empty = not of one instrument';
COMMENT ON COLUMN cascade_risk.metric_unknown.reason IS 'text: warmup, stale, no_oi, empty_book, off_grid, throttled, unit_unproven, gap, down, not_tracked, late or runaway';

CREATE TABLE cascade_risk.feed_gap (
    t_from timestamptz NOT NULL,
    t_to timestamptz,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    channel text NOT NULL,
    symbol text NOT NULL,
    cause text NOT NULL,
    lost_rows bigint,
    PRIMARY KEY (t_from, run_id, venue, channel, symbol, cause)
) PARTITION BY RANGE (t_from);
COMMENT ON TABLE cascade_risk.feed_gap IS 'What is missing: spans without data of a feed, and rows that the store could not write';
COMMENT ON COLUMN cascade_risk.feed_gap.t_from IS 'UTC: engine time at which it began; for cause store the time of the first row lost';
COMMENT ON COLUMN cascade_risk.feed_gap.t_to IS 'UTC: engine time at which it ended, for cause store of the last row lost; NULL = not ended in this run';
COMMENT ON COLUMN cascade_risk.feed_gap.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.feed_gap.venue IS 'text: venue; empty for cause store';
COMMENT ON COLUMN cascade_risk.feed_gap.channel IS 'text: channel; for cause store the table that lacks the rows';
COMMENT ON COLUMN cascade_risk.feed_gap.symbol IS 'text: the venue''s own symbol; empty = the whole venue';
COMMENT ON COLUMN cascade_risk.feed_gap.cause IS 'text: link_down, silent, sequence, refused, poll_failed, unwanted or store';
COMMENT ON COLUMN cascade_risk.feed_gap.lost_rows IS 'count: rows lost; NULL = not known';

CREATE TABLE cascade_risk.liquidation (
    t timestamptz NOT NULL,
    t_venue timestamptz,
    run_id bigint NOT NULL,
    venue text NOT NULL,
    symbol text NOT NULL,
    asset text,
    closed text NOT NULL,
    px double precision,
    px_kind text NOT NULL,
    fill_px double precision,
    qty double precision,
    qty_unit text NOT NULL,
    notional_usd double precision,
    coverage text NOT NULL,
    final boolean NOT NULL
) PARTITION BY RANGE (t);
CREATE INDEX liquidation_t ON cascade_risk.liquidation USING brin (t) WITH (autosummarize = on);
CREATE INDEX liquidation_key ON cascade_risk.liquidation (asset, t);
COMMENT ON TABLE cascade_risk.liquidation IS 'Liquidations as the venues show them; unless coverage is complete their sums are lower bounds';
COMMENT ON COLUMN cascade_risk.liquidation.t IS 'UTC: engine time of receipt';
COMMENT ON COLUMN cascade_risk.liquidation.t_venue IS 'UTC: the venue''s own time stamp; NULL = it gave none';
COMMENT ON COLUMN cascade_risk.liquidation.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.liquidation.venue IS 'text: venue';
COMMENT ON COLUMN cascade_risk.liquidation.symbol IS 'text: the venue''s own symbol';
COMMENT ON COLUMN cascade_risk.liquidation.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.liquidation.closed IS 'text: the position that was closed, long or short';
COMMENT ON COLUMN cascade_risk.liquidation.px IS 'quote: price the venue names, of kind px_kind';
COMMENT ON COLUMN cascade_risk.liquidation.px_kind IS 'text: limit, bankruptcy, takeover or fill';
COMMENT ON COLUMN cascade_risk.liquidation.fill_px IS 'quote: average price of the fill; NULL unknown';
COMMENT ON COLUMN cascade_risk.liquidation.qty IS 'venue: quantity in qty_unit';
COMMENT ON COLUMN cascade_risk.liquidation.qty_unit IS 'text: contracts, base or usd';
COMMENT ON COLUMN cascade_risk.liquidation.notional_usd IS 'USD: quantity at fill_px when known, else at px; NULL while the contract size is unknown';
COMMENT ON COLUMN cascade_risk.liquidation.coverage IS 'text: how complete the feed is: complete, sampled or partial';
COMMENT ON COLUMN cascade_risk.liquidation.final IS 'bool: the order is done';

CREATE TABLE cascade_risk.alert_transition (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    seq bigint NOT NULL,
    epoch bigint NOT NULL,
    n bigint NOT NULL,
    alert_id bigint NOT NULL,
    rule text NOT NULL,
    rule_version bigint NOT NULL,
    metric text NOT NULL,
    venue text NOT NULL,
    asset text NOT NULL,
    channel text NOT NULL,
    symbol text NOT NULL,
    state text NOT NULL,
    was text NOT NULL,
    severity text NOT NULL,
    severity_was text NOT NULL,
    value double precision,
    threshold double precision,
    peak double precision,
    cause text NOT NULL,
    acked boolean NOT NULL,
    acked_by text,
    silenced boolean NOT NULL,
    inhibited boolean NOT NULL,
    t_pending timestamptz,
    t_firing timestamptz,
    t_resolved timestamptz,
    PRIMARY KEY (t, run_id, n)
) PARTITION BY RANGE (t);
CREATE INDEX alert_transition_key ON cascade_risk.alert_transition (rule, asset, t);
COMMENT ON TABLE cascade_risk.alert_transition IS 'Every change of state of every alert';
COMMENT ON COLUMN cascade_risk.alert_transition.t IS 'UTC: engine time of the transition';
COMMENT ON COLUMN cascade_risk.alert_transition.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.alert_transition.seq IS 'id: epoch x 2^32 + n, as on the socket';
COMMENT ON COLUMN cascade_risk.alert_transition.epoch IS 'id: number of the daemon''s start';
COMMENT ON COLUMN cascade_risk.alert_transition.n IS 'id: order of the transitions in this epoch';
COMMENT ON COLUMN cascade_risk.alert_transition.alert_id IS 'id: of the alert while it is not inactive';
COMMENT ON COLUMN cascade_risk.alert_transition.rule IS 'text: rule';
COMMENT ON COLUMN cascade_risk.alert_transition.rule_version IS 'id: hash of the rule as it was';
COMMENT ON COLUMN cascade_risk.alert_transition.metric IS 'text: metric that the rule judges';
COMMENT ON COLUMN cascade_risk.alert_transition.venue IS 'text: venue; empty = not of one venue';
COMMENT ON COLUMN cascade_risk.alert_transition.asset IS 'text: asset; empty = not of one asset';
COMMENT ON COLUMN cascade_risk.alert_transition.channel IS 'text: channel; empty = not of a feed';
COMMENT ON COLUMN cascade_risk.alert_transition.symbol IS 'text: the venue''s own symbol; empty = not of one instrument';
COMMENT ON COLUMN cascade_risk.alert_transition.state IS 'text: state after: inactive, pending, firing, resolved';
COMMENT ON COLUMN cascade_risk.alert_transition.was IS 'text: state before';
COMMENT ON COLUMN cascade_risk.alert_transition.severity IS 'text: after: none, info, warning, critical';
COMMENT ON COLUMN cascade_risk.alert_transition.severity_was IS 'text: before';
COMMENT ON COLUMN cascade_risk.alert_transition.value IS '1: value judged, in the unit of the metric; NULL = it was unknown';
COMMENT ON COLUMN cascade_risk.alert_transition.threshold IS '1: threshold of the level, in the unit of the metric';
COMMENT ON COLUMN cascade_risk.alert_transition.peak IS '1: worst value of the episode so far, in the unit of the metric';
COMMENT ON COLUMN cascade_risk.alert_transition.cause IS 'text: value, left_universe, rule_gone, desk or restart';
COMMENT ON COLUMN cascade_risk.alert_transition.acked IS 'bool: acknowledged';
COMMENT ON COLUMN cascade_risk.alert_transition.acked_by IS 'text: by whom';
COMMENT ON COLUMN cascade_risk.alert_transition.silenced IS 'bool: a silence covers it';
COMMENT ON COLUMN cascade_risk.alert_transition.inhibited IS 'bool: data of its subject was stale, so it was frozen';
COMMENT ON COLUMN cascade_risk.alert_transition.t_pending IS 'UTC: when this episode became pending';
COMMENT ON COLUMN cascade_risk.alert_transition.t_firing IS 'UTC: when it began to fire';
COMMENT ON COLUMN cascade_risk.alert_transition.t_resolved IS 'UTC: when it was resolved';

CREATE TABLE cascade_risk.universe_change (
    t timestamptz NOT NULL,
    run_id bigint NOT NULL,
    asset text NOT NULL,
    entered boolean NOT NULL,
    rank_usd double precision
) PARTITION BY RANGE (t);
CREATE INDEX universe_change_t ON cascade_risk.universe_change (t);
COMMENT ON TABLE cascade_risk.universe_change IS 'Assets that began or ceased to be tracked';
COMMENT ON COLUMN cascade_risk.universe_change.t IS 'UTC: engine time';
COMMENT ON COLUMN cascade_risk.universe_change.run_id IS 'id: run';
COMMENT ON COLUMN cascade_risk.universe_change.asset IS 'text: asset';
COMMENT ON COLUMN cascade_risk.universe_change.entered IS 'bool: true entered, false left';
COMMENT ON COLUMN cascade_risk.universe_change.rank_usd IS 'USD: figure it was ranked by; NULL unknown';

INSERT INTO cascade_risk.fact_table (tbl, t_column) VALUES
    ('m_asset', 't'), ('m_venue_asset', 't'), ('m_feed', 't'), ('m_process', 't'),
    ('metric_unknown', 't_from'), ('feed_gap', 't_from'), ('liquidation', 't'),
    ('alert_transition', 't'), ('universe_change', 't');

-- Partitions ----------------------------------------------------------------------------------
-- A partition is built beside the table and attached: that takes no lock a reader waits for. There is
-- no default partition, which would hold rows back from the partition made later.
CREATE FUNCTION cascade_risk.ensure_partitions(days_ahead integer, from_day date DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    f record;
    d date;
    part text;
    made integer := 0;
    first_day date := coalesce(from_day, (now() AT TIME ZONE 'UTC')::date);
BEGIN
    IF days_ahead IS NULL OR days_ahead NOT BETWEEN 0 AND 400
       OR first_day NOT BETWEEN DATE '2015-01-01' AND DATE '2100-01-01' THEN
        RAISE EXCEPTION 'ensure_partitions: % days from % refused', days_ahead, first_day
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('cascade_risk.partitions'));
    FOR f IN SELECT tbl, t_column FROM cascade_risk.fact_table ORDER BY tbl LOOP
        FOR i IN 0 .. days_ahead LOOP
            d := first_day + i;
            part := f.tbl || '_' || to_char(d, 'YYYYMMDD');
            CONTINUE WHEN to_regclass(format('cascade_risk.%I', part)) IS NOT NULL;
            EXECUTE format('CREATE TABLE cascade_risk.%I (LIKE cascade_risk.%I INCLUDING ALL) WITH '
                           '(autovacuum_vacuum_insert_scale_factor = 0.05)', part, f.tbl);
            EXECUTE format('ALTER TABLE cascade_risk.%I ATTACH PARTITION cascade_risk.%I '
                           'FOR VALUES FROM (%L) TO (%L)', f.tbl, part,
                           d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC');
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION cascade_risk.ensure_partitions IS
    'Makes the partitions of every fact table from from_day (default today, UTC) over days_ahead more days; returns how many were missing';

CREATE FUNCTION cascade_risk.drop_partitions(keep_days integer)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    p record;
    dropped integer := 0;
    oldest text := to_char((now() AT TIME ZONE 'UTC')::date - keep_days, 'YYYYMMDD');
BEGIN
    IF keep_days IS NULL OR keep_days < 1 THEN
        RAISE EXCEPTION 'drop_partitions: keeping % days refused', keep_days
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR p IN SELECT c.relname FROM cascade_risk.fact_table f
             JOIN pg_inherits i ON i.inhparent = to_regclass(format('cascade_risk.%I', f.tbl))
             JOIN pg_class c ON c.oid = i.inhrelid
             WHERE c.relname ~ '_[0-9]{8}$' AND right(c.relname, 8) < oldest
             ORDER BY right(c.relname, 8), c.relname LOOP
        BEGIN
            EXECUTE format('DROP TABLE cascade_risk.%I', p.relname);
            dropped := dropped + 1;
        EXCEPTION WHEN lock_not_available THEN
            NULL; -- somebody reads it: the next call will
        END;
    END LOOP;
    RETURN dropped;
END $$;
COMMENT ON FUNCTION cascade_risk.drop_partitions IS
    'Drops the partitions of every fact table that are older than keep_days UTC days; returns how many';

-- What the daemon calls -----------------------------------------------------------------------
-- The row is locked, so a batch of an older connection of this process either has been committed when
-- this returns, or never will be: batch_begin then refuses it.
CREATE FUNCTION cascade_risk.run_begin(p_instance uuid, p_epoch bigint, p_version text,
                                       p_started timestamptz, p_conf text)
RETURNS TABLE (run_id bigint, batch bigint) LANGUAGE plpgsql AS $$
DECLARE
    r bigint;
BEGIN
    INSERT INTO cascade_risk.run AS n (instance, epoch, version, started, conf, conf_sha256)
    VALUES (p_instance, p_epoch, p_version, p_started, p_conf,
            encode(sha256(convert_to(p_conf, 'UTF8')), 'hex'))
    ON CONFLICT (instance) DO UPDATE SET ended = NULL RETURNING n.run_id INTO r;
    INSERT INTO cascade_risk.write_batch AS w VALUES (r, 0, 0, now()) ON CONFLICT DO NOTHING;
    RETURN QUERY SELECT w.run_id, w.batch FROM cascade_risk.write_batch w WHERE w.run_id = r FOR UPDATE;
END $$;
COMMENT ON FUNCTION cascade_risk.run_begin IS
    'Registers a run, or finds it again after a reconnect; returns its id and the last batch it has committed';

CREATE FUNCTION cascade_risk.batch_begin(p_run bigint, p_batch bigint, p_rows integer)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE cascade_risk.write_batch w
    SET batch = p_batch, rows = w.rows + p_rows, t_commit = now()
    WHERE w.run_id = p_run AND w.batch = p_batch - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'batch % of run % does not follow the last one committed', p_batch, p_run
            USING ERRCODE = 'CR001';
    END IF;
END $$;
COMMENT ON FUNCTION cascade_risk.batch_begin IS
    'First statement of the transaction that writes a batch; SQLSTATE CR001 when that batch was committed before';

CREATE FUNCTION cascade_risk.run_end(p_run bigint, p_ended timestamptz)
RETURNS void LANGUAGE sql AS $$
    UPDATE cascade_risk.run SET ended = p_ended WHERE run_id = p_run
$$;
COMMENT ON FUNCTION cascade_risk.run_end IS 'Marks the clean end of a run';

-- The current row is closed and a new one begun when what the instrument is has changed, or when it is
-- listed again; what only became known, or may change in its life, is updated in place.
CREATE FUNCTION cascade_risk.instrument_put(i cascade_risk.instrument)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c cascade_risk.instrument;
BEGIN
    SELECT * INTO c FROM cascade_risk.instrument x
    WHERE x.venue = i.venue AND x.symbol = i.symbol AND x.valid_to IS NULL FOR UPDATE;
    IF FOUND AND ((c.status = 'delisted' AND i.status IS DISTINCT FROM 'delisted')
                  OR c.base <> i.base OR c.quote <> i.quote OR c.settle <> i.settle
                  OR c.asset <> i.asset OR c.multiplier <> i.multiplier OR c.ct_size <> i.ct_size
                  OR c.ct_unit <> i.ct_unit OR c.linear <> i.linear) THEN
        UPDATE cascade_risk.instrument SET valid_to = i.valid_from WHERE instrument_id = c.instrument_id;
        c.instrument_id := NULL;
    END IF;
    IF c.instrument_id IS NULL THEN
        INSERT INTO cascade_risk.instrument (venue, symbol, base, quote, settle, asset, multiplier, ct_size,
            ct_unit, linear, tick, max_leverage, funding_interval_h, status, category, included, valid_from)
        VALUES (i.venue, i.symbol, i.base, i.quote, i.settle, i.asset, i.multiplier, i.ct_size,
            i.ct_unit, i.linear, i.tick, i.max_leverage, i.funding_interval_h, i.status, i.category,
            i.included, i.valid_from);
        RETURN;
    END IF;
    UPDATE cascade_risk.instrument u SET
        (base, quote, settle, asset, multiplier, ct_size, ct_unit, linear, tick, max_leverage,
         funding_interval_h, status, category, included)
        = (coalesce(i.base, u.base), coalesce(i.quote, u.quote), coalesce(i.settle, u.settle),
           coalesce(i.asset, u.asset), coalesce(i.multiplier, u.multiplier), coalesce(i.ct_size, u.ct_size),
           coalesce(i.ct_unit, u.ct_unit), coalesce(i.linear, u.linear), i.tick, i.max_leverage,
           i.funding_interval_h, i.status, i.category, i.included)
    WHERE u.instrument_id = c.instrument_id
      AND (u.base, u.quote, u.settle, u.asset, u.multiplier, u.ct_size, u.ct_unit, u.linear, u.tick,
           u.max_leverage, u.funding_interval_h, u.status, u.category, u.included)
        IS DISTINCT FROM
          (coalesce(i.base, u.base), coalesce(i.quote, u.quote), coalesce(i.settle, u.settle),
           coalesce(i.asset, u.asset), coalesce(i.multiplier, u.multiplier), coalesce(i.ct_size, u.ct_size),
           coalesce(i.ct_unit, u.ct_unit), coalesce(i.linear, u.linear), i.tick, i.max_leverage,
           i.funding_interval_h, i.status, i.category, i.included);
END $$;
COMMENT ON FUNCTION cascade_risk.instrument_put IS
    'Takes the state of an instrument at valid_from: updates its current row, or ends it and begins a new one';

-- Views whose columns follow a metric table: called by every migration that adds metrics -----------
CREATE FUNCTION cascade_risk.refresh_latest_views()
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
    FOR c IN SELECT v.view, a.attname, col_description(a.attrelid, a.attnum) AS said
             FROM (VALUES ('v_asset_latest', 'm_asset'), ('v_venue_asset_latest', 'm_venue_asset')) v (view, tbl)
             JOIN pg_attribute a ON a.attrelid = to_regclass(format('cascade_risk.%I', v.tbl))
             WHERE a.attnum > 0 AND NOT a.attisdropped LOOP
        EXECUTE format('COMMENT ON COLUMN cascade_risk.%I.%I IS %L', c.view, c.attname, c.said);
    END LOOP;
    GRANT SELECT ON cascade_risk.v_asset_latest, cascade_risk.v_venue_asset_latest TO cascaded_reader, cascaded_writer;
END $$;
COMMENT ON FUNCTION cascade_risk.refresh_latest_views IS
    'Gives v_asset_latest and v_venue_asset_latest the columns that their tables have now';

-- Rights --------------------------------------------------------------------------------------
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA cascade_risk FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cascade_risk.ensure_partitions, cascade_risk.drop_partitions, cascade_risk.run_begin,
    cascade_risk.batch_begin, cascade_risk.run_end, cascade_risk.instrument_put TO cascaded_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA cascade_risk TO cascaded_reader, cascaded_writer;
GRANT INSERT ON cascade_risk.m_asset, cascade_risk.m_venue_asset, cascade_risk.m_feed, cascade_risk.m_process,
    cascade_risk.metric_unknown, cascade_risk.feed_gap, cascade_risk.liquidation,
    cascade_risk.alert_transition, cascade_risk.universe_change, cascade_risk.venue, cascade_risk.asset,
    cascade_risk.instrument, cascade_risk.metric, cascade_risk.run, cascade_risk.write_batch TO cascaded_writer;
GRANT UPDATE ON cascade_risk.metric_unknown, cascade_risk.feed_gap, cascade_risk.venue, cascade_risk.instrument,
    cascade_risk.metric, cascade_risk.run, cascade_risk.write_batch TO cascaded_writer;
