-- pgTAP: tables, partitions, grants, views, units in comments. Run by test_schema.py on a fresh schema.
BEGIN;
CREATE EXTENSION pgtap;
SELECT no_plan();

SELECT schema_owner_is('cascade_risk', 'cascaded_owner');

-- tables and their kind
SELECT has_table('cascade_risk', t, t) FROM unnest(ARRAY['unit', 'venue', 'asset', 'instrument', 'metric', 'run',
    'write_position', 'schema_migration', 'fact_table']) t;
SELECT is_partitioned('cascade_risk', tbl, tbl || ' is partitioned') FROM cascade_risk.fact_table ORDER BY tbl;
SELECT cmp_ok(count(*)::int, '>=', 9, 'the fact tables') FROM cascade_risk.fact_table;
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'cascade_risk'::regnamespace
    AND c.relkind = 'p' AND c.relname NOT IN (SELECT tbl FROM cascade_risk.fact_table)$$,
    'every partitioned table is listed in fact_table');
SELECT is_empty($$SELECT f.tbl FROM cascade_risk.fact_table f JOIN pg_partitioned_table p
    ON p.partrelid = ('cascade_risk.' || f.tbl)::regclass
    WHERE p.partstrat <> 'r' OR pg_get_partkeydef(p.partrelid) <> format('RANGE (%s)', f.t_column)$$,
    'each is partitioned by range of its t_column');
SELECT is_empty($$SELECT tbl FROM cascade_risk.fact_table f JOIN pg_attribute a
    ON a.attrelid = ('cascade_risk.' || f.tbl)::regclass AND a.attname IN (f.t_column, 'run_id')
    WHERE NOT a.attnotnull$$, 'time and run are never null in a fact');
SELECT results_eq($$SELECT count(*)::int FROM cascade_risk.fact_table f JOIN pg_attribute a
    ON a.attrelid = ('cascade_risk.' || f.tbl)::regclass AND a.attname = 'run_id'$$, $$SELECT count(*)::int FROM cascade_risk.fact_table$$, 'each names its run');
SELECT is_empty($$SELECT f.tbl FROM cascade_risk.fact_table f WHERE EXISTS (
    SELECT FROM pg_constraint c WHERE c.conrelid = ('cascade_risk.' || f.tbl)::regclass AND c.contype = 'f')$$,
    'no foreign keys on facts');

-- types: only plain ones; money and prices are doubles
SELECT is_empty($$SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
    AND NOT a.attisdropped AND format_type(a.atttypid, a.atttypmod) NOT IN ('text', 'double precision',
    'timestamp with time zone', 'bigint', 'integer', 'boolean', 'uuid', 'double precision[]')$$,
    'only plain types, and arrays of numbers');

-- comments: every column of every table and view starts with a unit of the closed list
SELECT is_empty($$SELECT c.relname || '.' || a.attname || ': ' || coalesce(col_description(c.oid, a.attnum), 'none')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0
    AND NOT a.attisdropped AND NOT EXISTS (SELECT FROM cascade_risk.unit u
        WHERE col_description(c.oid, a.attnum) LIKE replace(u.unit, '%', '\%') || ': _%')$$,
    'every column comment starts with its unit');
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'cascade_risk'::regnamespace
    AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition AND obj_description(c.oid) IS NULL$$,
    'every table and view has a comment');
SELECT is_empty($$SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'cascade_risk'::regnamespace
    AND obj_description(p.oid) IS NULL$$, 'every function has a comment');
SELECT is_empty($$SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'p', 'v')
    AND (a.atttypid = 'timestamptz'::regtype) <> (col_description(c.oid, a.attnum) LIKE 'UTC: %')$$,
    'UTC is said of points in time and of nothing else');
SELECT is_empty($$SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    JOIN (VALUES ('%\_usd', 'USD'), ('%\_bps', 'bps'), ('%\_frac', 'frac'), ('%\_base', 'base'), ('%\_ms', 'ms'),
        ('%\_8h', '1/8h'), ('%\_per\_s', '1/s'), ('%\_s', 's')) x (pattern, unit)
        ON a.attname LIKE x.pattern AND NOT (x.unit = 's' AND a.attname LIKE '%\_per\_s')
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND a.attnum > 0 AND c.relkind IN ('r', 'p', 'v')
    AND col_description(c.oid, a.attnum) NOT LIKE x.unit || ': %'$$, 'the unit in a name is the unit of the comment');

-- indexes
SELECT is_empty($$SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_am m ON m.oid = c.relam WHERE c.relnamespace = 'cascade_risk'::regnamespace AND m.amname = 'brin'
    AND NOT coalesce('autosummarize=on' = ANY (c.reloptions), false)$$, 'every BRIN index, of partitions too, summarises itself');
SELECT has_index('cascade_risk', 'm_asset', 'm_asset_key', ARRAY['asset', 't']);
SELECT has_index('cascade_risk', 'm_venue_asset', 'm_venue_asset_key', ARRAY['asset', 'venue', 't']);

-- rights
SELECT is_empty($$SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'cascade_risk'::regnamespace
    AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    AND NOT has_table_privilege('cascaded_reader', c.oid, 'SELECT')$$, 'the reader reads everything');
SELECT is_empty($$SELECT c.relname, p FROM pg_class c CROSS JOIN unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    AND has_table_privilege('cascaded_reader', c.oid, p)$$, 'the reader writes nothing');
SELECT is_empty($$SELECT c.relname, p FROM pg_class c CROSS JOIN unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) p
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    AND has_table_privilege('cascaded_writer', c.oid, p)$$, 'the writer deletes nothing');
SELECT is_empty($$SELECT tbl FROM cascade_risk.fact_table
    WHERE NOT has_table_privilege('cascaded_writer', 'cascade_risk.' || tbl, 'INSERT')$$, 'the writer fills every fact table');
SELECT schema_privs_are('cascade_risk', 'cascaded_writer', ARRAY['USAGE']);
SELECT schema_privs_are('cascade_risk', 'cascaded_reader', ARRAY['USAGE']);
SELECT schema_privs_are('cascade_risk', 'public', ARRAY[]::text[]);
SELECT is_empty($$SELECT c.relname, x.privilege_type FROM pg_class c CROSS JOIN aclexplode(c.relacl) x
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND x.grantee = 0$$, 'nothing is granted to all');
SELECT is_empty($$SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'cascade_risk'::regnamespace
    AND has_function_privilege('public', p.oid, 'EXECUTE')$$, 'no function is open to all');
SELECT is_empty($$SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'cascade_risk'::regnamespace
    AND has_function_privilege('cascaded_reader', p.oid, 'EXECUTE')$$, 'the reader calls none');
SELECT is_empty($$SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'cascade_risk'::regnamespace AND p.prosecdef
    AND NOT ('search_path=pg_catalog, pg_temp' = ANY (p.proconfig))$$, 'SECURITY DEFINER only with a pinned search_path');
SELECT set_eq($$SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'cascade_risk'::regnamespace AND p.prosecdef$$,
    ARRAY['ensure_partitions', 'drop_partitions', 'drop_rollups'], 'and only the partition functions');
SELECT ok(NOT rolsuper AND NOT rolcreatedb AND NOT rolcreaterole, rolname || ' is an ordinary role')
    FROM pg_roles WHERE rolname LIKE 'cascaded\_%' ORDER BY rolname;
SELECT is(array_to_string(setconfig, '; '),
    'default_transaction_read_only=on; statement_timeout=60s; search_path=cascade_risk, pg_catalog',
    'the reader is read only and has a time limit')
    FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname = 'cascaded_reader';
SET LOCAL ROLE cascaded_writer;
SELECT throws_ok($$CREATE TABLE cascade_risk.x (a int)$$, '42501', NULL, 'the writer has no DDL');
SELECT throws_ok($$ALTER TABLE cascade_risk.m_asset ADD COLUMN x int$$, '42501', NULL, 'nor may it alter');
SELECT throws_ok($$DROP TABLE cascade_risk.m_asset$$, '42501', NULL, 'nor drop');
SELECT throws_ok($$SELECT cascade_risk.refresh_latest_views()$$, '42501', NULL, 'nor remake views');
SELECT throws_ok($$SELECT cascade_risk.drop_partitions(0)$$, '22023', NULL, 'it cannot drop today');
SELECT throws_ok($$SELECT cascade_risk.drop_rollups(0)$$, '22023', NULL, 'nor this month''s rollups');
SELECT throws_ok($$SELECT cascade_risk.ensure_partitions(100000)$$, '22023', NULL, 'nor make a hundred thousand days');
SELECT throws_ok($$SELECT cascade_risk.ensure_partitions(0, DATE '1970-01-01')$$, '22023', NULL, 'nor a day before its time');
RESET ROLE;

-- partitions over midnight, month and leap day, whatever the time zone of the session
SET LOCAL timezone = 'Pacific/Auckland';
SELECT is(cascade_risk.ensure_partitions(3, DATE '2028-02-27'), sum(CASE span WHEN 'day' THEN 4 ELSE 2 END)::int,
    'four days of every table, or their two months') FROM cascade_risk.fact_table;
SELECT is(cascade_risk.ensure_partitions(3, DATE '2028-02-27'), 0, 'made once');
SELECT is(cascade_risk.ensure_partitions(4, DATE '2028-02-27'), count(*)::int, 'only the missing day')
    FROM cascade_risk.fact_table WHERE span = 'day';
INSERT INTO cascade_risk.m_asset (t, run_id, asset) VALUES
    ('2028-02-28 23:59:59.999999+00', 1, 'A'), ('2028-02-29 00:00:00+00', 1, 'B'),
    ('2028-02-29 23:59:59.999999+00', 1, 'C'), ('2028-03-01 00:00:00+00', 1, 'D');
SELECT is(string_agg(asset || ' ' || tableoid::regclass, ',' ORDER BY asset), 'A cascade_risk.m_asset_20280228,B cascade_risk.m_asset_20280229,C cascade_risk.m_asset_20280229,D cascade_risk.m_asset_20280301',
    'days end at UTC midnight') FROM cascade_risk.m_asset;
SELECT throws_ok($$INSERT INTO cascade_risk.m_asset (t, run_id, asset) VALUES ('2028-03-03 00:00+00', 1, 'E')$$, '23514',
    NULL, 'there is no default partition that would swallow a stray day');
SELECT is_empty($$SELECT c.relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind = 'r'
    AND pg_get_userbyid(c.relowner) <> 'cascaded_owner'$$, 'partitions belong to the owner');
SELECT is(cascade_risk.ensure_partitions(2), sum(CASE WHEN span = 'day' THEN 3 WHEN to_char(now() AT TIME ZONE 'UTC', 'MM')
    = to_char((now() AT TIME ZONE 'UTC') + interval '2 days', 'MM') THEN 1 ELSE 2 END)::int, 'three days from today') FROM cascade_risk.fact_table;
-- days only: the month of a past day may be there or not
CREATE FUNCTION pg_temp.new_days(days_ago integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    before integer := (SELECT count(*) FROM pg_class WHERE relispartition AND relname ~ '_[0-9]{8}$' AND relkind = 'r');
BEGIN
    PERFORM cascade_risk.ensure_partitions(0, (now() AT TIME ZONE 'UTC')::date - days_ago);
    RETURN (SELECT count(*) FROM pg_class WHERE relispartition AND relname ~ '_[0-9]{8}$' AND relkind = 'r') - before;
END $$;
SELECT is(pg_temp.new_days(10), count(*)::int, 'a day of the past') FROM cascade_risk.fact_table WHERE span = 'day';
SELECT is(pg_temp.new_days(11), count(*)::int, 'and the day before') FROM cascade_risk.fact_table WHERE span = 'day';
SELECT is(cascade_risk.drop_partitions(10), count(*)::int, 'retention drops what is older than ten days')
    FROM cascade_risk.fact_table WHERE span = 'day';
SELECT is(cascade_risk.drop_partitions(10), 0, 'once');
SELECT is(to_regclass('cascade_risk.m_asset_' || to_char((now() AT TIME ZONE 'UTC')::date - 10, 'YYYYMMDD')) IS NOT NULL,
    true, 'and keeps the tenth');

-- rollups lie in months, and are kept by a rule of their own
INSERT INTO cascade_risk.m_asset_1m (t, run_id, asset, seconds) VALUES
    ('2028-02-29 23:59:00+00', 1, 'A', 60), ('2028-03-01 00:00:00+00', 1, 'B', 60);
SELECT is(string_agg(asset || ' ' || tableoid::regclass, ',' ORDER BY asset), 'A cascade_risk.m_asset_1m_202802,B cascade_risk.m_asset_1m_202803',
    'months end at UTC midnight') FROM cascade_risk.m_asset_1m;
SELECT lives_ok($$SELECT cascade_risk.ensure_partitions(0, (now() AT TIME ZONE 'UTC')::date - 100)$$);
SELECT is(cascade_risk.drop_rollups(131), 0, 'a month stays while a day of it may be asked for');
SELECT is(cascade_risk.drop_rollups(60), count(*)::int, 'retention drops months') FROM cascade_risk.fact_table WHERE span = 'month';
SELECT is(cascade_risk.drop_rollups(60), 0, 'once');
SELECT is_empty($$SELECT f.tbl, a.attname FROM cascade_risk.fact_table f
    JOIN pg_attribute a ON a.attrelid = ('cascade_risk.' || f.tbl)::regclass AND a.atttypid = 'float8'::regtype
    CROSS JOIN unnest(ARRAY['', '_min', '_max']) suffix
    WHERE to_regclass('cascade_risk.' || f.tbl || '_1m') IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute r
        WHERE r.attrelid = ('cascade_risk.' || f.tbl || '_1m')::regclass AND r.attname = a.attname || suffix)$$,
    'a rollup has three columns for each metric of its table');

-- a minute that a killed daemon took with it is made from its rows, once, when nothing more can come of them
CREATE FUNCTION pg_temp.at(s numeric) RETURNS timestamptz LANGUAGE sql AS
    $$SELECT date_trunc('minute', now(), 'UTC') - interval '10 minutes' + s * interval '1 second'$$;
SELECT cascade_risk.ensure_partitions(0, (pg_temp.at(-60) AT TIME ZONE 'UTC')::date), cascade_risk.ensure_partitions(1) \g /dev/null
INSERT INTO cascade_risk.run (run_id, instance, epoch, version, started, ended, conf, conf_sha256, writer, node) OVERRIDING SYSTEM VALUE
    SELECT 1000 + n, ('00000000-0000-4000-8000-00000000010' || n)::uuid, n, '0', pg_temp.at(-600), CASE n WHEN 2 THEN pg_temp.at(30) END, '', '', 'mended',
           ('00000000-0000-4000-8000-00000000020' || n % 3)::uuid FROM generate_series(1, 4) n;
CREATE TEMP TABLE r AS SELECT run_id, epoch FROM cascade_risk.run WHERE writer = 'mended';
INSERT INTO cascade_risk.write_position SELECT run_id, 'bulk', 1, 0, CASE epoch WHEN 4 THEN 0 ELSE 9 END, pg_temp.at(59), now() FROM r;
-- killed (1); of other spools, ended (2) and perhaps alive (3); the next of the spool of 1, nothing stored yet (4)
INSERT INTO cascade_risk.m_asset (t, run_id, asset, oi_usd, px_fair_usd, basis_bps) SELECT pg_temp.at(x.s), run_id, x.asset, x.oi, x.px, x.basis FROM r,
    (VALUES (-130, 'M', 1, 1, 1), (-40, 'M', 9, 9, 9), (10, 'M', 5, NULL, 2), (20, 'M', 3, 7, NULL), (50, 'M', NULL, 8, 4), (50, 'N', NULL, NULL, NULL))
    x (s, asset, oi, px, basis);
INSERT INTO cascade_risk.m_asset_1m (t, run_id, asset, seconds, oi_usd) SELECT pg_temp.at(-60), run_id, 'M', 60, 77 FROM r;
INSERT INTO cascade_risk.m_venue_asset (t, run_id, venue, asset, oi_usd) SELECT pg_temp.at(10), run_id, v, 'M', 2 FROM r, unnest('{x,y}'::text[]) v WHERE epoch = 1;
INSERT INTO cascade_risk.m_scenario (t, run_id, venue, asset, scenario, casc_amp_1pct_dn) SELECT pg_temp.at(s), run_id, '', 'M', 'flow', s FROM r, generate_series(10, 20, 10) s WHERE epoch = 1;
INSERT INTO cascade_risk.m_group_asset_side (t, run_id, grp, asset, side, liqmap_neff) SELECT pg_temp.at(10), run_id, 'x', 'M', 'long', 4 FROM r WHERE epoch = 1;
SET LOCAL ROLE cascaded_writer;
SELECT is(cascade_risk.mend_rollups(), 0::bigint, 'mend_rollups waits until the next run from that spool writes');
RESET ROLE;
UPDATE cascade_risk.write_position SET rows = 1 WHERE run_id = (SELECT run_id FROM r WHERE epoch = 4);
SET LOCAL ROLE cascaded_writer;
SELECT is(cascade_risk.mend_rollups(interval '1 second'), 0::bigint, 'and looks back only so far');
SELECT is(cascade_risk.mend_rollups(), 6::bigint, 'then makes the rows of the minute that is lacking');
SELECT is(cascade_risk.mend_rollups(), 0::bigint, 'once');
RESET ROLE;
SELECT results_eq($$SELECT t = pg_temp.at(0), asset, seconds, oi_usd, oi_usd_min, oi_usd_max, px_fair_usd, px_open_usd, basis_mean_bps, basis_bps_max FROM cascade_risk.m_asset_1m
    JOIN r USING (run_id) WHERE epoch = 1 AND t >= pg_temp.at(0) ORDER BY asset$$, $$VALUES (true, 'M', 3, 3::float8, 3::float8, 5::float8, 8::float8, 7::float8, 3::float8, 4::float8),
    (true, 'N', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$, 'as the daemon would, of the rows there are');
SELECT is(string_agg(concat_ws(' ', oi_usd, seconds), ','), '77 60', 'a minute that is there stays') FROM cascade_risk.m_asset_1m JOIN r USING (run_id)
    WHERE epoch = 1 AND t < pg_temp.at(0);
SELECT is(count(*), 0::bigint, 'runs that ended, or may be alive, are left alone') FROM cascade_risk.m_asset_1m JOIN r USING (run_id)
    WHERE epoch > 1 AND t >= pg_temp.at(0);
SELECT is((SELECT string_agg(concat_ws(' ', s.scenario, s.evaluations, s.casc_amp_1pct_dn, s.casc_amp_1pct_dn_min), ',') FROM cascade_risk.m_scenario_1m s) || ' | ' ||
    (SELECT string_agg(concat_ws(' ', v.venue, v.seconds, v.oi_usd), ',' ORDER BY v.venue) FROM cascade_risk.m_venue_asset_1m v) || ' | ' ||
    (SELECT string_agg(concat_ws(' ', g.grp, g.side, g.evaluations, g.liqmap_neff_max), ',') FROM cascade_risk.m_group_asset_side_1m g),
    'flow 2 20 10 | x 1 2,y 1 2 | x long 1 4', 'in all four tables');
DELETE FROM cascade_risk.m_asset m USING r WHERE m.run_id = r.run_id;
DELETE FROM cascade_risk.m_asset_1m m USING r WHERE m.run_id = r.run_id;
DELETE FROM cascade_risk.m_venue_asset m USING r WHERE m.run_id = r.run_id;
DELETE FROM cascade_risk.write_position m USING r WHERE m.run_id = r.run_id;
DELETE FROM cascade_risk.run m USING r WHERE m.run_id = r.run_id;

-- positions: a lane moves on once, from where it stands
SELECT ok(cascade_risk.lease_take('main', '00000000-0000-4000-8000-0000000000aa',
    '00000000-0000-4000-8000-000000000001', now()), 'the first one may write');
SELECT lives_ok($$SELECT cascade_risk.run_open('00000000-0000-4000-8000-000000000001', 1, '0', now(), 'x', true, 'main', '00000000-0000-4000-8000-0000000000aa')$$);
SELECT is(cascade_risk.run_open('00000000-0000-4000-8000-000000000001', 1, '0', now(), 'x', true, 'main', NULL), run_id,
    'a run is found again') FROM cascade_risk.run;
SELECT is(count(*), 1::bigint, 'and there is one') FROM cascade_risk.run;
SELECT results_eq(format('SELECT seq, row_n, rows FROM cascade_risk.position_get(%s, ''bulk'', 0)', run_id),
    'VALUES (0::bigint, 0::bigint, 0::bigint)', 'a lane begins at nothing') FROM cascade_risk.run;
SELECT lives_ok(format('SELECT cascade_risk.position_move(%s, ''bulk'', ''{0,0}'', ''{0,5}'', 5, now(), false, 1, now())', run_id))
    FROM cascade_risk.run;
SELECT throws_ok(format('SELECT cascade_risk.position_move(%s, ''bulk'', ''{0,0}'', ''{0,5}'', 5, now(), false, 1, now())', run_id), 'CR001')
    FROM cascade_risk.run;
SELECT lives_ok(format('SELECT cascade_risk.position_move(%s, ''bulk'', ''{0,5}'', ''{1,0}'', 7, NULL, true, 1, ''-infinity'')', run_id))
    FROM cascade_risk.run;
SELECT throws_ok(format('SELECT cascade_risk.position_move(%s, ''alert'', ''{0,0}'', ''{1,0}'', 1, now(), true, 1, now())', run_id), 'CR001',
    NULL, 'a lane nobody asked for has no position') FROM cascade_risk.run;
SELECT results_eq(format('SELECT seq, row_n, rows FROM cascade_risk.position_get(%s, ''bulk'', 0)', run_id),
    'VALUES (1::bigint, 0::bigint, 12::bigint)', 'and it is where it was moved to') FROM cascade_risk.run;
SELECT isnt(t_row, NULL, 'with the time of its latest row') FROM cascade_risk.write_position WHERE lane = 'bulk';

SELECT results_eq(format('SELECT seq FROM cascade_risk.position_get(%s, ''alert'', 7)', run_id), 'VALUES (7::bigint)',
    'a lane of which nothing is stored begins where it says') FROM cascade_risk.run;

-- the lease: one daemon of a writer writes, a row belongs to the last term taken before it
SELECT ok(cascade_risk.lease_take('main', '00000000-0000-4000-8000-0000000000aa',
    '00000000-0000-4000-8000-000000000002', now()), 'it may go on after a restart');
SELECT is(string_agg(concat_ws(' ', term, t_taken, t_lost), ','), '1 -infinity', 'in the same term') FROM cascade_risk.writer_lease;
CREATE TEMP TABLE stored AS SELECT max(t_row) AS t FROM cascade_risk.write_position;
SELECT ok(cascade_risk.lease_take('main', '00000000-0000-4000-8000-0000000000bb',
    '00000000-0000-4000-8000-000000000003', t - interval '10 seconds'), 'another one takes over') FROM stored;
SELECT results_eq('SELECT term, t_taken, t_lost, t_before FROM cascade_risk.writer_lease ORDER BY term',
    $$SELECT 1::bigint, '-infinity'::timestamptz, t + interval '1 microsecond', NULL::timestamptz FROM stored UNION ALL
      SELECT 2, t + interval '1 microsecond', NULL, t FROM stored$$,
    'from behind what is stored, though it had asked for more');
SELECT throws_ok(format('SELECT cascade_risk.position_move(%s, ''bulk'', ''{1,0}'', ''{2,0}'', 1, now(), false, 1, %L)', run_id,
    stored.t + interval '1 microsecond'), 'CR002', NULL, 'who was overtaken is refused rows of after') FROM cascade_risk.run, stored;
SELECT lives_ok(format('SELECT cascade_risk.position_move(%s, ''bulk'', ''{1,0}'', ''{2,0}'', 1, %L, false, 1, %L)', run_id,
    stored.t, stored.t), 'not those of before') FROM cascade_risk.run, stored;
SELECT throws_ok($$SELECT cascade_risk.lease_check('main', 1, NULL)$$, 'CR002', NULL, 'and all that has no time');
SELECT throws_ok($$SELECT cascade_risk.lease_check('main', 3, '-infinity')$$, 'CR002', NULL, 'a term that never was allows nothing');
SELECT lives_ok($$SELECT cascade_risk.lease_check('main', 2, NULL)$$, 'who holds it may');
SELECT ok(cascade_risk.lease_take('other', '00000000-0000-4000-8000-0000000000cc',
    '00000000-0000-4000-8000-000000000004', now()), 'another writer has its own');
UPDATE cascade_risk.writer_lease SET t_taken = t_taken + interval '30 seconds' WHERE term = 2;
SELECT is(string_agg(concat_ws(' ', cause, length_s, ongoing), ','), 'takeover 30.000001 f', 'v_gaps: what nobody wrote')
    FROM cascade_risk.v_gaps;
UPDATE cascade_risk.write_position SET t_row = t_row + interval '20 seconds' WHERE lane = 'bulk';
SELECT is(string_agg(concat_ws(' ', cause, length_s, ongoing), ','), 'takeover 10.000001 f',
    'less, when the other comes back with what it had accepted') FROM cascade_risk.v_gaps;
SELECT ok(cascade_risk.lease_take('main', '00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000002',
    t_taken + interval '5 seconds'), 'the first one again, before the other has stored anything')
    FROM cascade_risk.writer_lease WHERE writer = 'main' AND term = 2;
SELECT ok(cascade_risk.lease_take('main', '00000000-0000-4000-8000-0000000000bb', '00000000-0000-4000-8000-000000000003',
    t_taken + interval '7 seconds'), 'and the other, before the first one has')
    FROM cascade_risk.writer_lease WHERE writer = 'main' AND term = 3;
SELECT is(string_agg(concat_ws(' ', cause, length_s), ',' ORDER BY t_from), 'takeover 10.000001,takeover 5,takeover 7',
    'who took over and stored nothing leaves a gap of its own term, not from what it stored before') FROM cascade_risk.v_gaps;
DELETE FROM cascade_risk.writer_lease;

-- views: answers
INSERT INTO cascade_risk.asset VALUES ('A', now()), ('B', now()), ('Z', now());
SELECT is(string_agg(asset, ' ' ORDER BY asset), 'A B', 'v_asset_latest: one row each, none without data')
    FROM cascade_risk.v_asset_latest;
INSERT INTO cascade_risk.m_venue_asset (t, run_id, venue, asset, oi_usd) VALUES
    ('2028-02-29', 1, 'x', 'A', 30), ('2028-02-29', 1, 'y', 'A', 10), ('2028-02-29', 1, 'z', 'A', NULL);
SELECT is(string_agg(venue || coalesce(' ' || share_frac, ' null'), ',' ORDER BY venue), 'x 0.75,y 0.25,z null',
    'v_open_interest_by_venue: shares of the known') FROM cascade_risk.v_open_interest_by_venue;
INSERT INTO cascade_risk.run (instance, epoch, version, started, ended, conf, conf_sha256)
    SELECT ('00000000-0000-4000-8000-00000000001' || n)::uuid, n, '0', '2028-02-28',
           CASE n WHEN 2 THEN timestamptz '2028-02-29 00:01+00' END, '', '' FROM generate_series(2, 3) n;
INSERT INTO cascade_risk.feed_gap (t_from, t_to, run_id, venue, channel, symbol, cause)
    SELECT '2028-02-29 00:00+00', NULL, run_id, 'x', 'depth', '', 'silent' FROM cascade_risk.run WHERE epoch > 1;
SELECT is(string_agg(concat_ws(' ', r.epoch, g.length_s, g.ongoing), ',' ORDER BY r.epoch), '2 60 f,3 t',
    'v_gaps: what a run left open ends with it; in the newest run it goes on')
    FROM cascade_risk.v_gaps g JOIN cascade_risk.run r USING (run_id);
INSERT INTO cascade_risk.metric_unknown (t_from, run_id, metric, venue, asset, channel, symbol, reason)
    SELECT '2028-02-29 00:00+00', run_id, 'oi_usd', '', 'A', '', '', 'stale' FROM cascade_risk.run WHERE epoch = 2;
SELECT is(length_s, 60::double precision, 'v_unknown likewise') FROM cascade_risk.v_unknown;
INSERT INTO cascade_risk.alert_transition (t, run_id, seq, epoch, n, alert_id, rule, rule_version, metric, venue, asset,
    channel, symbol, state, was, severity, severity_was, cause, acked, silenced, inhibited, t_pending, t_firing, t_resolved,
    peak, threshold, value)
    SELECT timestamptz '2028-02-29' + n * interval '1 min', 1, n, 1, n, 1, 'r', 1, 'm', '', 'A', '', '',
    (ARRAY['pending', 'firing', 'firing', 'resolved'])[n], (ARRAY['inactive', 'pending', 'firing', 'firing'])[n],
    (ARRAY['warning', 'warning', 'critical', 'warning'])[n], 'none', 'value', false, false, false, '2028-02-29 00:01+00',
    CASE WHEN n > 1 THEN timestamptz '2028-02-29 00:02+00' END, CASE WHEN n > 3 THEN timestamptz '2028-02-29 00:04+00' END,
    n * 10, 5, n FROM generate_series(1, 4) n;
SELECT is(concat_ws(' ', severity, peak, transitions, extract(epoch FROM resolved - fired)::int), 'critical 40 3 120',
    'v_alert_history: one row for each firing') FROM cascade_risk.v_alert_history;
INSERT INTO cascade_risk.liquidation (t, run_id, venue, symbol, closed, px, px_kind, fill_px, qty_unit, coverage, final)
    VALUES ('2028-02-29', 1, 'x', 's', 'long', 10, 'bankruptcy', 11, 'base', 'sampled', true);
SELECT is(concat_ws(' ', px, px_kind, lower_bound), '11 fill t', 'v_liquidations: best price, and whether it is a lower bound')
    FROM cascade_risk.v_liquidations;

-- new metric columns reach the views without changing the old ones
ALTER TABLE cascade_risk.m_asset ADD COLUMN new_metric_usd double precision;
COMMENT ON COLUMN cascade_risk.m_asset.new_metric_usd IS 'USD: new';
SELECT lives_ok($$SELECT cascade_risk.refresh_latest_views()$$);
SELECT col_type_is('cascade_risk', 'v_asset_latest', 'new_metric_usd', 'double precision', 'v_asset_latest follows its table');

SELECT * FROM finish();
ROLLBACK;
