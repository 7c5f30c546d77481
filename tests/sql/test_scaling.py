#!/usr/bin/env python3
"""Proves what docs/SCALING.md says: the statements for Citus and TimescaleDB run on a fresh schema, with stand-ins that
refuse what those refuse (stand_ins.sql); afterwards the writer, the migrations and every query of the analysts' page do what
they did; and nothing in the schema is of a kind that would forbid it."""
import os, re, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import analysts, pg
from pg import check

PAGE = open(os.path.join(pg.ROOT, "docs/SCALING.md"), encoding="utf-8").read()
HERE = os.path.dirname(os.path.abspath(__file__))
BIG = ["asset", "liqmap", "liquidation", "m_asset", "m_asset_1m", "m_group_asset_side", "m_group_asset_side_1m", "m_scenario", "m_scenario_1m",
       "m_venue_asset", "m_venue_asset_1m"]


def statements(which):
    found = re.findall(r"```sql %s\n(.*?)```" % which, PAGE, re.S)
    check(len(found) == 1, "the page has statements for " + which, len(found))
    text, n = re.subn(r"^CREATE EXTENSION IF NOT EXISTS %s;\n" % which, "", found[0])
    check(n == 1, "which begin with the extension")
    return text


def fresh(c, db):
    c.create(db)
    rc, out = c.apply(db)
    check(rc == 0, "schema for " + db, out)
    rc, out = c.file(db, os.path.join(HERE, "stand_ins.sql"))
    check(rc == 0, "stand-ins", out)


def test_stand_ins(c):
    """They do refuse: one table for each thing."""
    fresh(c, "refused")
    for what, sql, call in (
            ("unique keys must hold the column", "CREATE TABLE x (t timestamptz NOT NULL, asset text NOT NULL, n int UNIQUE)", "create_distributed_table('x', 'asset')"),
            ("must be there, is never NULL", "CREATE TABLE x (asset text)", "create_distributed_table('x', 'asset')"),
            ("must be there, is never NULL", "CREATE TABLE x (a text)", "create_distributed_table('x', 'asset')"),
            ("foreign keys", "CREATE TABLE y (a text PRIMARY KEY); CREATE TABLE x (asset text NOT NULL REFERENCES y)", "create_distributed_table('x', 'asset')"),
            ("triggers", "CREATE TABLE x (asset text NOT NULL); CREATE TRIGGER z BEFORE UPDATE ON x FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
             "create_distributed_table('x', 'asset')"),
            ("exclusion", "CREATE TABLE x (asset text NOT NULL, r int4range, EXCLUDE USING gist (r WITH &&))", "create_distributed_table('x', 'asset')"),
            ("rule system", "CREATE TABLE x (asset text NOT NULL); CREATE RULE z AS ON DELETE TO x DO INSTEAD NOTHING", "create_distributed_table('x', 'asset')"),
            ("partitions of partitions", "CREATE TABLE x (asset text NOT NULL) PARTITION BY LIST (asset); CREATE TABLE y PARTITION OF x DEFAULT PARTITION BY LIST (asset)",
             "create_distributed_table('x', 'asset')"),
            ("already partitioned", "SELECT 1", "create_hypertable('cascade_risk.m_asset', 't', '1 day')"),
            ("unique keys must hold the time", "CREATE TABLE x (t timestamptz NOT NULL, n int PRIMARY KEY)", "create_hypertable('x', 't', '1 day')"),
            ("inheritance", "CREATE TABLE x (t timestamptz NOT NULL); CREATE TABLE y () INHERITS (x)", "create_hypertable('x', 't', '1 day')"),
            ("time must be there", "CREATE TABLE x (t timestamptz)", "create_hypertable('x', 't', '1 day')")):
        out = c.psql("refused", "BEGIN; %s; SELECT %s; ROLLBACK" % (sql, call))
        check(out.startswith("ERROR") and what in out, "refused: " + what, out)


def test_kinds(c):
    """Things that neither of them can distribute, nowhere in the schema."""
    one = lambda what, sql: check(c.psql("refused", sql) == "", "no " + what, c.psql("refused", sql))
    n = "relnamespace = 'cascade_risk'::regnamespace"
    one("foreign key, exclusion", "SELECT conname FROM pg_constraint WHERE connamespace = 'cascade_risk'::regnamespace AND contype NOT IN ('p', 'u', 'c', 'n')")
    one("trigger", "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal AND c." + n)
    one("rule but those of views", "SELECT rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relkind <> 'v' AND c." + n)
    one("inheritance but of days", "SELECT relname FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE NOT relispartition AND " + n)
    one("partition of a partition", "SELECT relname FROM pg_class WHERE relkind = 'p' AND relispartition AND " + n)
    one("materialised view, foreign table, unlogged table", "SELECT relname FROM pg_class WHERE (relkind IN ('m', 'f') OR relpersistence <> 'p') AND " + n)
    one("generated column, column of a type of its own", "SELECT attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid"
        " WHERE a.attnum > 0 AND (a.attgenerated <> '' OR t.typnamespace <> 'pg_catalog'::regnamespace) AND c." + n)
    one("recursion, samples, grouping sets, locks in a view", "SELECT relname FROM pg_class WHERE relkind = 'v' AND " + n +
        " AND pg_get_viewdef(oid) ~* '(recursive|tablesample|grouping sets|rollup *\\(|cube *\\(|for update|for share)'")
    one("modifying view", "SELECT relname FROM pg_class WHERE relkind = 'v' AND %s AND pg_relation_is_updatable(oid, false) <> 0"
        " AND has_table_privilege('cascaded_writer', oid, 'INSERT, UPDATE, DELETE')" % n)
    one("window over several assets", "SELECT relname FROM pg_class WHERE relkind = 'v' AND relname <> 'v_liqmap' AND " + n +
        " AND pg_get_viewdef(oid) ~ 'OVER \\(' AND pg_get_viewdef(oid) !~ 'OVER \\(PARTITION BY [a-z_., ]*asset'")
    one("function that reads or writes a table that is distributed, but by making and dropping its partitions",
        "SELECT proname, t FROM pg_proc, unnest('{%s}'::text[]) t WHERE pronamespace = 'cascade_risk'::regnamespace AND proname NOT LIKE 'refresh%%'"
        " AND proname NOT LIKE 'mend%%' AND prosrc ~ ('(FROM|INTO|UPDATE|JOIN) cascade_risk\\.' || t || '\\M')" % ",".join(BIG))
    one("fact without its time in a unique key, or with a NULL in it", "SELECT tbl FROM cascade_risk.fact_table f WHERE public.keys_without(('cascade_risk.' || tbl)::regclass,"
        " t_column::name) OR NOT (SELECT attnotnull FROM pg_attribute WHERE attrelid = ('cascade_risk.' || tbl)::regclass AND attname = t_column)")
    one("table of an asset that its key does not begin with", "SELECT tbl FROM unnest('{%s}'::text[]) tbl WHERE tbl <> 'liquidation' AND NOT EXISTS (SELECT FROM pg_index i"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = ('cascade_risk.' || tbl)::regclass AND a.attname = 'asset')" % ",".join(BIG))
    one("temporary table or COPY in a function", "SELECT proname FROM pg_proc WHERE pronamespace = 'cascade_risk'::regnamespace AND prosrc ~* '(temp table|\\mcopy\\M)'")


def same_as_ever(c, db):
    """The rows of the analysts' page go in, and its queries say what they say there."""
    rc, out = c.file(db, os.path.join(HERE, "demo_rows.sql"))
    check(rc == 0, "%s: rows go in" % db, out)
    c.psql(db, "ANALYZE")
    wrong = [n for n, _, query, said in analysts.entries(analysts.read()) if analysts.ask(c.info(db, "cascaded_reader"), query)[1] != said]
    check(not wrong, "%s: every query of the analysts answers the same" % db, wrong)
    out = c.psql(db, "SELECT cascade_risk.ensure_partitions(2) >= 0, cascade_risk.drop_partitions(5) >= 0, cascade_risk.drop_rollups(50) >= 0", "cascaded_writer")
    check(out == "t|t|t", "%s: what the daemon calls does not mind" % db, out)


def test_citus(c):
    fresh(c, "citus")
    out = c.psql("citus", "SELECT cascade_risk.ensure_partitions(3)")
    out = c.psql("citus", statements("citus"))
    check(not out.startswith("ERROR"), "the statements for Citus run, with partitions there", out)
    placed = c.psql("citus", "SELECT string_agg(relname, ' ' ORDER BY relname COLLATE \"C\") FROM public.placed p JOIN pg_class c ON c.oid = p.tbl WHERE col IS NOT NULL")
    check(placed == " ".join(BIG), "they distribute the tables that grow", placed)
    same_as_ever(c, "citus")


def test_timescale(c):
    fresh(c, "timescaledb")
    names = "SELECT relname, relowner::regrole, (SELECT string_agg(x::text, ' ' ORDER BY x::text) FROM unnest(relacl) x) FROM pg_class WHERE relnamespace = 'cascade_risk'::regnamespace AND relkind IN ('v', 'r', 'p') AND NOT relispartition ORDER BY 1"
    comments = ("SELECT md5(string_agg(concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, col_description(c.oid, a.attnum),"
                " obj_description(c.oid)), ';' ORDER BY c.relname, a.attnum)) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
                " WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('v', 'r', 'p') AND NOT c.relispartition")
    facts = int(c.psql("timescaledb", "SELECT count(*) FROM cascade_risk.fact_table"))
    was, said = c.psql("timescaledb", names), c.psql("timescaledb", comments)
    out = c.psql("timescaledb", statements("timescaledb"))
    check(not out.startswith("ERROR"), "the statements for TimescaleDB run", out)
    check(c.psql("timescaledb", "SELECT count(*) FROM public.placed") == str(facts) and facts >= 15, "every fact table is given to it")
    check(c.psql("timescaledb", names) == was, "tables and views have their names, owners and rights", c.psql("timescaledb", names))
    check(c.psql("timescaledb", comments) == said, "columns, their types and comments")
    check(c.psql("timescaledb", "SELECT cascade_risk.ensure_partitions(2)", "cascaded_writer") == "0", "no partitions are made any more")
    same_as_ever(c, "timescaledb")
    rc, out = pg.run(pg.TOOL, "check", c.info("timescaledb"))
    check(rc == 0, "migrations know where they are", out)
    out = c.psql("timescaledb", "SET ROLE cascaded_owner; ALTER TABLE cascade_risk.m_asset ADD COLUMN IF NOT EXISTS new_usd float8;"
                                " COMMENT ON COLUMN cascade_risk.m_asset.new_usd IS 'USD: new'; SELECT cascade_risk.refresh_latest_views()")
    check(not out.startswith("ERROR"), "and one that adds a metric still applies", out)


def main():
    c = pg.Cluster()
    try:
        test_stand_ins(c)
        test_kinds(c)
        test_citus(c)
        test_timescale(c)
    finally:
        c.stop()
    return pg.end()


sys.exit(main())
