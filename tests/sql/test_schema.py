#!/usr/bin/env python3
"""Proves the migrations and their runner against a real private cluster: applied twice, two at once,
changed, broken or too new ones are told; shipped files and metric tables agree; then pgTAP looks at
tables, grants, views and units."""
import os, re, shutil, subprocess, sys, tempfile

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
TOOL = os.path.join(BUILD, "tools/schema")
SQL = os.path.join(ROOT, "sql")
NEWEST = max(int(f[:4]) for f in os.listdir(SQL) if re.match(r"^\d{4}_.*\.sql$", f))
NEXT = NEWEST + 1
CLUSTER = ["sh", os.path.join(ROOT, "tests/it/pgcluster.sh")]
passed = failed = 0


def check(good, what, detail=""):
    global passed, failed
    passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
    if not good:
        print("FAILED: %s\n%s" % (what, detail))


def run(*cmd):
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return p.returncode, p.stdout


class Cluster:
    def __init__(self):
        self.dir = subprocess.run(CLUSTER + ["start", "--owner", str(os.getpid())], stdout=subprocess.PIPE,
                                  text=True, check=True).stdout.strip()

    def info(self, db, user="postgres"):
        return "host=%s port=5432 user=%s dbname=%s" % (self.dir, user, db)

    def psql(self, db, sql, user="postgres"):
        rc, out = run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.info(db, user), "-c", sql)
        return out.strip() if rc == 0 else "ERROR " + out

    def create(self, db):
        self.psql("postgres", "CREATE DATABASE " + db)
        return self.info(db)


def test_apply(c):
    info = c.create("a")
    rc, out = run(TOOL, "check", info)
    check(rc == 1 and "0001_core.sql pending" in out and "version 0 of" in out, "check of an empty database", out)
    rc, out = run(TOOL, "apply", info)
    n = NEWEST
    check(rc == 0 and out.count(" applied\n") == n, "first apply", out)
    rc, out = run(TOOL, "apply", info)
    check(rc == 0 and " applied\n" not in out, "second apply does nothing", out)
    rc, out = run(TOOL, "check", info)
    check(rc == 0 and "version %d of %d" % (n, n) in out, "check of a complete database", out)
    sums = c.psql("a", "SELECT string_agg(name || ' ' || checksum, E'\n' ORDER BY version) FROM"
                       " cascade_risk.schema_migration")
    rc, out = run("sh", "-c", "cd %s && for f in *.sql; do set -- $(sha256sum $f); echo $f $1; done" % SQL)
    check(sums == out.strip(), "checksums are SHA-256 of the files", sums)


def test_version_constant():
    text = open(os.path.join(ROOT, "daemon/store/schema.h")).read()
    check("#define SCHEMA_VERSION %d\n" % NEWEST in text, "SCHEMA_VERSION is the newest migration (%d)" % NEWEST)


def test_delta(tmp):
    rc, out = run(TOOL, "delta", SQL)
    check(rc == 0 and out == "", "metric tables and shipped migrations agree; else add this as the next one", out)
    d = os.path.join(tmp, "delta")
    shutil.copytree(SQL, d)
    path = os.path.join(d, "0002_metrics.sql")
    text = open(path).read()
    lost = re.search(r"^COMMENT ON COLUMN cascade_risk\.m_asset\.(\w+) IS", text, re.M)[1]
    open(path, "w").write(re.sub(r"(?m)^COMMENT ON COLUMN cascade_risk\.m_asset\.%s IS.*\n" % lost, "", text))
    rc, out = run(TOOL, "delta", d)
    check(rc == 1 and out.count("ADD COLUMN") == 1 and "ADD COLUMN IF NOT EXISTS %s double" % lost in out and
          "refresh_latest_views" in out, "a missing column is printed, and only that", out)
    os.remove(path)
    rc, out = run(TOOL, "delta", d)
    check(rc == 1 and out == text, "an empty catalogue gives the shipped 0002_metrics.sql to the byte")
    return d


def test_delta_applies(c, d):
    """A metric that a later migration brings reaches table and view."""
    info = c.create("delta")
    rc, out = run(TOOL, "delta", d)
    open(os.path.join(d, "0002_metrics.sql"), "w").write(out)
    rc, out = run(TOOL, "apply", info, d)
    check(rc == 0, "what delta prints can be applied", out)
    rc, out = run(TOOL, "delta", d)
    check(rc == 0 and out == "", "and then nothing is missing", out)


def test_concurrent(c):
    info = c.create("four")
    ps = [subprocess.Popen([TOOL, "apply", info], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
          for _ in range(4)]
    outs = [p.communicate(timeout=100)[0] for p in ps]
    check(all(p.returncode == 0 for p in ps), "four at once all succeed", "\n".join(outs))
    check(sum("0001_core.sql applied" in o for o in outs) == 1, "one of them did the work", "\n".join(outs))


def test_changed(c, tmp):
    d = os.path.join(tmp, "changed")
    shutil.copytree(SQL, d)
    with open(os.path.join(d, "0001_core.sql"), "a") as f:
        f.write("-- changed\n")
    for verb in ("check", "apply"):
        rc, out = run(TOOL, verb, c.info("a"), d)
        check(rc == 1 and "0001_core.sql is not what was applied" in out, verb + " refuses a changed file", out)


def test_newer(c):
    c.psql("a", "INSERT INTO cascade_risk.schema_migration VALUES (%d, '%04d_later.sql', 'x')" % (NEXT, NEXT))
    for verb in ("check", "apply"):
        rc, out = run(TOOL, verb, c.info("a"))
        check(rc == 1 and "newer than this program's %04d" % NEWEST in out, verb + " refuses a newer database", out)
    c.psql("a", "DELETE FROM cascade_risk.schema_migration WHERE version = %d" % NEXT)


def test_broken(c, tmp):
    d = os.path.join(tmp, "broken")
    shutil.copytree(SQL, d)
    path = os.path.join(d, "%04d_bad.sql" % NEXT)
    open(path, "w").write("SET LOCAL ROLE cascaded_owner;\nCREATE TABLE cascade_risk.half (a int);\n\nSELECT nonsense;\n")
    rc, out = run(TOOL, "apply", c.info("a"), d)
    check(rc == 4 and "%04d_bad.sql:4:" % NEXT in out and "nonsense" in out, "a failing migration names its line", out)
    check(c.psql("a", "SELECT to_regclass('cascade_risk.half') IS NULL, max(version) FROM cascade_risk.schema_migration")
          == "t|%d" % NEWEST, "and leaves nothing behind")
    os.rename(path, os.path.join(d, "%04d_bad.sql" % (NEXT + 1)))
    rc, out = run(TOOL, "check", c.info("a"), d)
    check(rc == 2 and "no migration %04d" % NEXT in out, "a hole in the numbers is refused", out)
    rc, out = run(TOOL, "check", c.info("a"), os.path.join(tmp, "nowhere"))
    check(rc == 2, "no folder", out)
    rc, out = run(TOOL, "check", "host=%s dbname=a user=postgres" % tmp)
    check(rc == 3, "no server", out)
    rc, out = run(TOOL, "apply", c.info("a", "cascaded_reader"))
    check(rc == 0, "nothing pending needs no right", out)
    c.create("denied")
    rc, out = run(TOOL, "apply", c.info("denied", "cascaded_reader"))
    check(rc == 4 and ("permission denied" in out or "read-only" in out), "no right to create: told", out)


def test_owner_applies(c, tmp):
    """After the first migration a member of cascaded_owner is enough."""
    d = os.path.join(tmp, "owner")
    shutil.copytree(SQL, d)
    c.psql("a", "CREATE ROLE deploy LOGIN IN ROLE cascaded_owner")
    open(os.path.join(d, "%04d_more.sql" % NEXT), "w").write(
        "SET LOCAL ROLE cascaded_owner;\nCREATE TABLE cascade_risk.more (a int);\n")
    rc, out = run(TOOL, "apply", c.info("a", "deploy"), d)
    check(rc == 0 and "%04d_more.sql applied" % NEXT in out, "a member of the owner role applies", out)
    check(c.psql("a", "SELECT applied_by FROM cascade_risk.schema_migration WHERE version = %d" % NEXT) == "deploy",
          "and is named")


def test_reader(c):
    check("read-only" in c.psql("b", "CREATE TEMP TABLE x (a int)", "cascaded_reader"), "the reader's session is read only")
    check(c.psql("b", "SHOW statement_timeout", "cascaded_reader") == "1min", "and has a statement timeout")
    check(c.psql("b", "SELECT count(*) FROM v_gaps", "cascaded_reader") == "0", "and finds the views by name")


def test_pgtap(c):
    global passed
    rc, out = run(TOOL, "apply", c.create("b"))
    for name, least in (("schema", 60), ("views", 40)):
        path = os.path.join(ROOT, "tests/sql/%s.pgtap.sql" % name)
        rc, out = run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", c.info("b"), "-f", path)
        ok = len(re.findall(r"^ok ", out, re.M))
        bad = re.findall(r"^not ok .*", out, re.M)
        check(rc == 0 and ok > least and "\n1..%d" % (ok + len(bad)) in out, "pgTAP %s ran to its end (%d)" % (name, ok),
              out[-3000:])
        for line in bad:
            check(False, line, "\n".join(l for l in out.splitlines() if l.startswith("#"))[:3000])
        passed += ok


def main():
    tmp = tempfile.mkdtemp(prefix="cascaded-schema-")
    c = Cluster()
    try:
        test_apply(c)
        test_version_constant()
        d = test_delta(tmp)
        test_delta_applies(c, d)
        test_concurrent(c)
        test_changed(c, tmp)
        test_newer(c)
        test_broken(c, tmp)
        test_owner_applies(c, tmp)
        test_pgtap(c)
        test_reader(c)
    finally:
        subprocess.run(CLUSTER + ["stop", c.dir])
        shutil.rmtree(tmp)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
