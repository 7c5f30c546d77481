#!/usr/bin/env python3
"""Proves that a database of every earlier version, with rows in every table, becomes the newest one: nothing is
lost, the result is the same schema as a fresh one, the views answer, the daemon's functions go on. And how
migrations meet others: a reader that holds a table, a second applier, a program that is too old."""
import os, shutil, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pg
from pg import FILES, TOOL, check, prefix, run

NEWEST, ROWS = len(FILES), 5
# Databases with these exist: the files never change again.
LANDED = {"0001_core.sql": "4e94f4fca68e2f02b078c50ad2971c22954606d01d9b3dbb4f4f99e31140e167",
          "0002_metrics.sql": "8b683d66bf53bb06cabaa4fba89223c3e631a862b6533fa23ac1270f8123afbc",
          "0003_views.sql": "50cddddb1ff989fd8a5cb9c40c03a3a27f4cb1c5be8307dff18f2ea50dbf2645",
          "0004_models_and_metrics.sql": "528a60009af5ce35f1d28722f08c3cfe8963bbc41592f6b13097614be2758ff9",
          "0005_views.sql": "1d8ac07d337c7c2f5aaf034ab6415a94dbf99591799d343e5fe430d609d5c177",
          "0006_spool.sql": "d563eec2b2745567af20ca6a3c2817b9acdeb2e25c33d4e5c1ffccf1adbe3e50",
          "0007_rollups.sql": "6afeb03118be1a6ee8e75ef0b7a4a3800b045d378795e06b5ffae4ebdb6f5447",
          "0008_merged_alerts.sql": "f8b7b37c589cd2fbd6ae0228dc11058c1425c508e214bb4495ef7ba114d482f6",
          "0009_takeover_gaps.sql": "fb0cef2d035d3e26c7c17d3cad5a571a211dff002e307184906fed2fee33ad8e"}
COLUMNS = """SELECT array_agg(c.relname || '.' || a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'cascade_risk'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0
    AND NOT a.attisdropped AND c.relname NOT IN ('schema_migration', 'fact_table')"""
VIEWS = "SELECT relname FROM pg_class WHERE relnamespace = 'cascade_risk'::regnamespace AND relkind = 'v' ORDER BY 1"


def test_landed():
    for name, want in LANDED.items():
        rc, out = run("sha256sum", os.path.join(pg.SQL, name))
        check(out.split()[0] == want, "%s is what landed" % name, out)


def test_tool_can_tell(c):
    """shape and digests see a change."""
    c.create("seen", "newest")
    was = c.psql("seen", "SELECT md5(string_agg(line, '' ORDER BY line)) FROM public.shape")
    cols = c.psql("seen", COLUMNS)
    c.psql("seen", "SELECT public.fill_any(2)")
    rows = c.psql("seen", "SELECT public.digests('%s')" % cols)
    c.psql("seen", "COMMENT ON COLUMN cascade_risk.m_asset.oi_usd IS 'USD: other'; UPDATE cascade_risk.m_asset SET oi_usd = oi_usd + 1e-9")
    check(was != c.psql("seen", "SELECT md5(string_agg(line, '' ORDER BY line)) FROM public.shape"), "another comment is another shape")
    other = c.psql("seen", "SELECT public.digests('%s')" % cols)
    check(sum(a != b for a, b in zip(rows.splitlines(), other.splitlines())) == 1, "a changed number is another digest", other)


def upgrade(c, tmp, n):
    db = "v%d" % n
    c.create(db)
    rc, out = c.apply(db, prefix(tmp, n))
    check(rc == 0 and "version %d\n" % n in out, "a database of version %d" % n, out)
    c.file(db, os.path.join(pg.ROOT, "tests/sql/fill_any.sql"))
    filled = c.psql(db, "SELECT public.fill_any(%d)" % ROWS)
    check(filled.isdigit() and int(filled) >= 14, "with rows in its tables", filled)
    cols = c.psql(db, COLUMNS)
    was = c.psql(db, "SELECT public.digests('%s')" % cols).splitlines()
    batch = c.psql(db, "SELECT string_agg(w::text, ' ' ORDER BY run_id) FROM cascade_risk.write_batch w") if n < 6 else None
    rc, out = run(TOOL, "check", c.info(db))
    check(rc == 1 and "%s pending" % FILES[n] in out and "version %d of %d" % (n, NEWEST) in out, "%d: check says what is pending" % n, out)
    rc, out = c.apply(db)
    check(rc == 0 and out.count(" applied\n") == NEWEST - n, "%d: upgraded" % n, out)
    return db, cols, was, batch


def judge(c, db, cols, was, batch):
    keep = ",".join(x for x in cols.strip("{}").split(",") if not x.startswith("write_batch."))
    now = c.psql(db, "SELECT public.digests('{%s}')" % keep).splitlines()
    was = [x for x in was if not x.startswith("write_batch ")]
    check(now == was and len(now) > 14, "%s: every row of every table is what it was" % db, [x for x in zip(was, now) if x[0] != x[1]])
    check(sum(x.split()[1] == str(ROWS) for x in now) >= 14, "%s: and they are there" % db, now)
    if batch:
        check(c.psql(db, "SELECT count(*), min(lane), sum(rows) FROM cascade_risk.write_position") == "%d|bulk|%d" % (ROWS, ROWS * (ROWS + 1) / 2),
              "%s: the number of each run is now its position" % db)
    sums = c.psql(db, "SELECT string_agg(checksum || '  ' || name, E'\n' ORDER BY version) FROM cascade_risk.schema_migration")
    rc, out = run("sha256sum", *FILES, cwd=pg.SQL)
    check(sums == out.strip(), "%s: checksums of the files" % db, sums)
    diff = run("bash", "-c", "diff <(psql -XAtq '%s' -c \"$0\") <(psql -XAtq '%s' -c \"$0\")" % (c.info("newest"), c.info(db)),
               "SELECT line FROM public.shape ORDER BY line COLLATE \"C\"")[1]
    check(diff == "", "%s: the same schema as a fresh one" % db, diff)


def goes_on(c, db):
    """Views answer the reader on the old rows, the writer writes new ones, and the shape of old partitions is new."""
    views = c.psql(db, VIEWS).split()
    out = c.psql(db, " UNION ALL ".join("SELECT count(*) FROM cascade_risk." + v for v in views), "cascaded_reader")
    check(len(views) >= 16 and all(x.isdigit() for x in out.split()) and len(out.split()) == len(views), "%s: each view answers the reader" % db, out)
    check(c.psql(db, "SELECT count(*) FROM cascade_risk.v_liquidations") == str(ROWS), "%s: old rows are in the views" % db)
    check(c.psql(db, "SELECT count(*) FROM cascade_risk.v_gaps") == str(ROWS), "%s: and gaps" % db)
    out = c.psql(db, "DO $$ DECLARE me uuid := '00000000-0000-4000-8000-0000000000aa'; r bigint := cascade_risk.run_open(me, 99, '9', now(), 'x', true, 'new', me);"
                     " BEGIN PERFORM cascade_risk.lease_take('new', me, me, now());"
                     " PERFORM cascade_risk.position_get(r, 'bulk', 0), cascade_risk.ensure_partitions(1);"
                     " PERFORM cascade_risk.position_move(r, 'bulk', '{0,0}', '{1,0}', 1, now(), true, 1, NULL);"
                     " INSERT INTO cascade_risk.m_asset_1m (t, run_id, asset, seconds, oi_usd) VALUES (date_trunc('minute', now()), r, 'NEW', 60, 1);"
                     " INSERT INTO cascade_risk.m_asset (t, run_id, asset, oi_adv_days) VALUES (now(), r, 'NEW', 2); END $$", "cascaded_writer")
    check(out == "", "%s: the writer goes on" % db, out)
    check(c.psql(db, "SELECT count(*) FROM cascade_risk.m_asset WHERE asset = 'NEW' AND oi_adv_days = 2") == "1", "%s: into new columns" % db)
    check(c.psql(db, "INSERT INTO cascade_risk.m_asset (t, run_id, asset, oi_adv_days) VALUES ('2026-02-28 12:00+00', 1, 'OLD', 3)", "cascaded_writer")
          == "", "%s: of old days as well" % db)


def test_newer(c, tmp):
    """Each earlier program against the newest database: told, nothing touched."""
    for n in range(1, NEWEST):
        for verb in ("check", "apply"):
            rc, out = run(TOOL, verb, c.info("newest"), prefix(tmp, n))
            check(rc == 1 and "the database has migration %04d (%s), newer than this program's %04d" % (n + 1, FILES[n], n) in out,
                  "a program of version %d: %s refuses" % (n, verb), out)


def hold(c, db, sql):
    """A session that did sql in a transaction and keeps it open."""
    p = subprocess.Popen(["psql", "-XAtq", c.info(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    p.stdin.write("BEGIN;\n%s;\n\\echo held\n" % sql)
    p.stdin.flush()
    while p.stdout.readline().strip() != "held":
        pass
    return p


def let_go(p):
    p.stdin.write("COMMIT;\n")
    p.stdin.close()
    p.wait(timeout=20)


def test_lock_timeout(c, tmp):
    """A long query on a table that a migration alters: after 5 s the migration gives up and leaves all as it was."""
    c.create("busy")
    c.apply("busy", prefix(tmp, 3))
    reader = hold(c, "busy", "SELECT count(*) FROM cascade_risk.m_asset")
    t0 = time.monotonic()
    rc, out = c.apply("busy")
    waited = time.monotonic() - t0
    check(rc == 4 and FILES[3] in out and "lock timeout" in out, "a table in use: told, by the file that wanted it", out)
    check(4.5 < waited < 30, "after 5 s", waited)
    check(c.psql("busy", "SELECT max(version), to_regclass('cascade_risk.m_scenario') IS NULL FROM cascade_risk.schema_migration") == "3|t",
          "and nothing of it is there")
    let_go(reader)
    rc, out = c.apply("busy")
    check(rc == 0 and out.count(" applied\n") == NEWEST - 3, "when the reader is gone it goes through", out)


def test_two_at_once(c, tmp):
    """Appliers wait for each other; who waits does not apply again."""
    c.create("two")
    c.apply("two", prefix(tmp, 3))
    c.file("two", os.path.join(pg.ROOT, "tests/sql/fill_any.sql"))
    c.psql("two", "SELECT public.fill_any(50)")
    first = hold(c, "two", "SELECT pg_advisory_lock(hashtext('cascade_risk.schema'))")
    ps = [subprocess.Popen([TOOL, "apply", c.info("two")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    deadline = time.monotonic() + 20
    while c.psql("two", waiting) != "2" and time.monotonic() < deadline:
        time.sleep(0.05)
    check(c.psql("two", waiting) == "2", "both wait for the one before them")
    check(c.psql("two", "SELECT max(version) FROM cascade_risk.schema_migration") == "3", "and do nothing meanwhile")
    let_go(first)
    outs = [p.communicate(timeout=100)[0] for p in ps]
    check(all(p.returncode == 0 for p in ps), "then both succeed", outs)
    check(sorted(o.count(" applied\n") for o in outs) == [0, NEWEST - 3], "one of them did it all", outs)
    check(c.psql("two", "SELECT count(*) FROM cascade_risk.m_asset") == "50", "the rows are there")


def main():
    tmp, c = tempfile.mkdtemp(prefix="cascaded-upgrade-"), pg.Cluster()
    try:
        c.create("newest")
        c.apply("newest")
        c.file("newest", os.path.join(pg.ROOT, "tests/sql/fill_any.sql"))
        test_landed()
        test_tool_can_tell(c)
        for n in range(1, NEWEST):
            db, cols, was, batch = upgrade(c, tmp, n)
            judge(c, db, cols, was, batch)
            goes_on(c, db)
        test_newer(c, tmp)
        test_lock_timeout(c, tmp)
        test_two_at_once(c, tmp)
    finally:
        c.stop()
        shutil.rmtree(tmp)
    return pg.end()


sys.exit(main())
