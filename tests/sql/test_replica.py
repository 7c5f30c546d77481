#!/usr/bin/env python3
"""Proves sql/replica.sh against two real servers: a running primary gets a streaming replica, the reader finds every
view with the same rows there, nobody can write, new rows and new days arrive, how far it is behind is visible by the query
of docs/SCALING.md, it outlives the primary, and it leaves nothing behind."""
import os, re, subprocess, sys, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import analysts, pg
from pg import check

SCRIPT = os.path.join(pg.SQL, "replica.sh")
LAG = re.search(r"```sql\n(SELECT pg_is_in_recovery.*?)```", open(os.path.join(pg.ROOT, "docs/SCALING.md"), encoding="utf-8").read(), re.S)[1]
PORT = "5440"
COUNTS = ("SELECT string_agg(format('SELECT %L, count(*), md5(coalesce(string_agg(x::text, '' '' ORDER BY x::text), '''')) FROM cascade_risk.%I x', relname, relname),"
          " ' UNION ALL ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'cascade_risk'::regnamespace AND relkind = 'v' AND relname NOT LIKE '%1m'")


def script(*args):
    """As the user who owns the servers, and who may have no way into the folder the script lies in."""
    who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    with open(SCRIPT, encoding="utf-8") as f:
        return pg.run(*who, "sh", "-c", f.read(), SCRIPT, *args, cwd="/")


class Replica:
    def __init__(self, c):
        self.c, self.dir = c, os.path.join(c.dir, "replica")

    def info(self, user="cascaded_reader"):
        return "host=%s port=%s user=%s dbname=main" % (self.c.dir, PORT, user)

    def psql(self, sql, user="cascaded_reader"):
        rc, out = pg.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.info(user), "-c", sql)
        return out.strip() if rc == 0 else "ERROR " + out

    def until(self, sql, want, user="cascaded_reader", s=30):
        deadline = time.monotonic() + s
        while self.psql(sql, user) != want and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.psql(sql, user)


def test_refusals(c, r):
    rc, out = script("make", c.info("main"), c.dir, "--port", PORT)
    check(rc == 1 and "not empty" in out, "a folder with something in it is refused", out)
    rc, out = script("make", "host=%s port=1 user=postgres" % c.dir, r.dir)
    check(rc == 1 and not os.path.exists(os.path.join(r.dir, "PG_VERSION")), "no primary: told", out)
    rc, out = script("make", c.info("main", "cascaded_reader"), r.dir)
    check(rc == 1 and "replication role" in out, "who may not replicate is told", out)
    check(c.psql("main", "SELECT count(*) FROM pg_replication_slots") == "0", "and no slot is left")
    rc, out = script("drop", c.info("main"), os.path.join(c.dir, "data"))
    check(rc == 1 and "not a replica" in out, "a primary is not dropped", out)
    for bad in ((), ("make", "x"), ("status",), ("other",), ("make", "x", "y", "--port")):
        check(script(*bad)[0] == 2, "usage: %s" % (bad,))


def test_make(c, r):
    rc, out = script("make", c.info("main"), r.dir, "--port", PORT, "--socket", c.dir)
    check(rc == 0 and "runs on port " + PORT in out and "max_slot_wal_keep_size" in out, "made of a running primary", out)
    check(r.psql("SELECT pg_is_in_recovery()") == "t", "it is a standby")
    check(c.psql("main", "SELECT string_agg(concat_ws(' ', state, sync_state), ',') FROM pg_stat_replication") == "streaming async",
          "which streams, and nobody waits for it")
    check(c.psql("main", "SELECT concat_ws(' ', slot_name, active) FROM pg_replication_slots") == "cascaded_replica_%s t" % PORT, "over its slot")


def test_reader(c, r):
    ask = c.psql("main", COUNTS)
    ours, theirs = r.psql(ask), c.psql("main", ask, "cascaded_reader")
    check(ours == theirs and ours.count("\n") >= 12 and "v_asset_latest|3|" in ours, "every view has the rows of the primary", ours)
    wrong = [n for n, _, query, said in analysts.entries(analysts.read()) if analysts.ask(r.info(), query)[1] != said]
    check(not wrong, "every query of the analysts answers as on the page", wrong)
    check(r.psql("SHOW statement_timeout") == "1min" and r.psql("SELECT count(*) FROM v_gaps").isdigit(), "the reader's settings came along")


def test_no_writing(r):
    for user in ("cascaded_reader", "cascaded_writer", "postgres"):
        out = r.psql("SET default_transaction_read_only = off; INSERT INTO cascade_risk.asset VALUES ('X', now())", user)
        check(out.startswith("ERROR") and ("read-only transaction" in out or "permission denied" in out or "recovery" in out), "%s cannot write" % user, out)
    out = r.psql("SELECT cascade_risk.ensure_partitions(1)", "cascaded_writer")
    check("read-only" in out or "recovery" in out, "nor make days", out)


def lag(r):
    """(replica, unapplied bytes, last commit s, newest row s)"""
    x = r.psql(LAG).split("|")
    return [x[0]] + [float(v) for v in x[1:]] if len(x) == 4 else x


def test_follows(c, r):
    c.psql("main", "SELECT cascade_risk.ensure_partitions(1)", "cascaded_writer")
    c.psql("main", "INSERT INTO cascade_risk.m_process (t, run_id) VALUES (now(), 1)", "cascaded_writer")
    check(r.until("SELECT count(*) FROM cascade_risk.m_process WHERE t > now() - interval '1 hour'", "1") == "1", "a new day and its row arrive")
    now = lag(r)
    check(now[0] == "t" and now[1] == 0 and 0 <= now[3] < 60, "it is not behind", now)
    rc, out = script("status", r.info())
    check(rc == 0 and "newest_row_s" in out and "unapplied_bytes" in out, "status says so", out)
    r.psql("SELECT pg_wal_replay_pause()", "postgres")
    r.until("SELECT pg_get_wal_replay_pause_state()", "paused", "postgres")
    c.psql("main", "INSERT INTO cascade_risk.m_process (t, run_id) SELECT now() + i * interval '1 us', 1 FROM generate_series(1, 2000) i", "cascaded_writer")
    deadline = time.monotonic() + 20
    while lag(r)[1] == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    behind = lag(r)
    check(behind[1] > 50000 and behind[3] >= now[3], "while it is held, what it lacks is visible", behind)
    check(r.psql("SELECT count(*) FROM cascade_risk.m_process WHERE t > now() - interval '1 hour'") == "1", "and not in the tables")
    r.psql("SELECT pg_wal_replay_resume()", "postgres")
    check(r.until("SELECT count(*) FROM cascade_risk.m_process WHERE t > now() - interval '1 hour'", "2001") == "2001", "then it catches up")
    check(lag(r)[1] == 0, "to the last byte", lag(r))


def test_migration_and_outage(c, r):
    c.psql("main", "ALTER TABLE cascade_risk.m_asset ADD COLUMN more_usd float8; SELECT cascade_risk.refresh_latest_views()")
    check(r.until("SELECT count(*) FROM pg_attribute WHERE attrelid = 'cascade_risk.v_asset_latest'::regclass AND attname = 'more_usd'", "1") == "1",
          "a migration of the primary is one of the replica")
    subprocess.run(pg.CLUSTER + ["down", c.dir], check=True)
    check(r.psql("SELECT count(*) FROM v_asset_latest") == "3", "without the primary it still answers")
    subprocess.run(pg.CLUSTER + ["up", c.dir], check=True)
    c.psql("main", "INSERT INTO cascade_risk.m_process (t, run_id) VALUES (now() + interval '1 s', 77)", "cascaded_writer")
    check(r.until("SELECT count(*) FROM cascade_risk.m_process WHERE run_id = 77", "1") == "1", "and goes on when it is back")


def main():
    c = pg.Cluster()
    r = Replica(c)
    try:
        c.create("main")
        c.apply("main")
        rc, out = c.file("main", os.path.join(pg.ROOT, "tests/sql/demo_rows.sql"))
        check(rc == 0, "rows", out)
        test_refusals(c, r)
        test_make(c, r)
        test_reader(c, r)
        test_no_writing(r)
        test_follows(c, r)
        test_migration_and_outage(c, r)
    finally:
        rc, out = script("drop", c.info("main"), r.dir)
        check(rc == 0 and not os.path.exists(r.dir), "dropped", out)
        check(c.psql("main", "SELECT count(*) FROM pg_replication_slots") == "0", "with its slot")
        c.stop()
    return pg.end()


sys.exit(main())
