#!/usr/bin/env python3
"""Proves `make install`: what lands where, that what is installed finds its own files, and that a
configuration somebody has changed is kept. Nothing outside a temporary folder is touched."""
import os, re, shutil, subprocess, sys, tempfile

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
SCRIPT = os.path.join(ROOT, "tests/tools/install.sh")
MAN = (("cascaded", "8"), ("cascadectl", "1"), ("cascade-replay", "1"), ("cascaded.conf", "5"), ("cascaded-rules", "5"))
passed = failed = 0


def check(good, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED: %s\n%s" % (what, detail))


def run(*cmd, **more):
    env = {k: v for k, v in os.environ.items() if k != "CASCADED_SQL"}
    p = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=60, env=env, **more)
    return p.returncode, p.stdout


def install(dest, prefix="/usr"):
    return run("sh", SCRIPT, BUILD, dest, prefix, cwd="/")


def tree(dest):
    return {os.path.relpath(os.path.join(d, f), dest): oct(os.stat(os.path.join(d, f)).st_mode & 0o777)
            for d, _, files in os.walk(dest) for f in files}


def same(a, b):
    with open(a, "rb") as f, open(b, "rb") as g:
        return f.read() == g.read()


def expected(prefix):
    want = {prefix + "/bin/" + p: "0o755" for p in ("cascaded", "cascadectl", "cascade-replay")}
    for folder, to in (("conf", "etc/cascaded"), ("sql", prefix + "/share/cascaded/sql"),
                       ("docs", prefix + "/share/doc/cascaded")):
        want.update({to + "/" + f: "0o755" if f.endswith(".sh") else "0o644" for f in os.listdir(os.path.join(ROOT, folder))
                     if os.path.isfile(os.path.join(ROOT, folder, f))})
    want.update({"%s/share/man/man%s/%s" % (prefix, f[-1], f): "0o644" for f in os.listdir(ROOT + "/docs/man")})
    for f in ("lib/systemd/system/cascaded.service", "lib/systemd/system/cascaded.socket",
              "lib/sysusers.d/cascaded.conf", "lib/tmpfiles.d/cascaded.conf",
              "share/doc/cascaded/README.md", "share/doc/cascaded/LICENSE"):
        want[prefix + "/" + f] = "0o644"
    return want


def test_layout(dest):
    rc, out = install(dest)
    check(rc == 0 and not out, "first install is silent", out)
    have, want = tree(dest), expected("usr")
    check(have == want, "what is installed", sorted(set(have.items()) ^ set(want.items())))
    check(os.path.join("etc/cascaded/rules.conf") in have and "etc/cascaded/tiers.ndjson" in have, "rules and tiers")
    check(same(dest + "/usr/share/cascaded/sql/0001_core.sql", ROOT + "/sql/0001_core.sql"), "migrations are the same")
    for page, section in MAN:
        rc, out = run("man", "-M", dest + "/usr/share/man", "-P", "cat", section, page, cwd="/")
        check(rc == 0 and page in out and "SEE ALSO" in out, "man finds %s(%s)" % (page, section), out[:300])
    rc, out = run(dest + "/usr/bin/cascaded", "-t", "-c", dest + "/etc/cascaded/cascaded.conf", cwd="/")
    check(rc == 0, "the installed daemon takes the installed configuration", out)


def test_schema(dest):
    """The delta is empty with the installed migrations, and not with one of them gone."""
    sql = dest + "/usr/share/cascaded/sql/0002_metrics.sql"
    rc, out = run(dest + "/usr/bin/cascaded", "--schema-delta", cwd="/")
    check(rc == 0 and not out, "no metric lacks a column", out)
    os.rename(sql, sql + ".away")
    rc, out = run(dest + "/usr/bin/cascaded", "--schema-delta", cwd="/")
    check("ADD COLUMN IF NOT EXISTS oi_usd" in out, "the migrations read are the installed ones", out[:300])
    with open(dest + "/usr/share/cascaded/sql/0001_other.sql", "w") as f:
        f.write("SELECT 1;\n")
    rc, out = run(dest + "/usr/bin/cascadectl", "--database", "host=/nonexistent", "schema", "check", cwd="/")
    check(rc != 0 and "0001_core.sql" in out and "0001_other.sql" in out, "cascadectl reads them too", out)
    install(dest)
    check("usr/share/cascaded/sql/0001_other.sql" not in tree(dest) and os.path.exists(sql),
          "a migration that is not ours does not survive the next install")


def test_again(dest):
    etc = dest + "/etc/cascaded/"
    os.unlink(etc + "assets.conf")
    with open(etc + "rules.conf", "a") as f:
        f.write("; mine\n")
    rc, out = install(dest)
    check(rc == 0 and "kept" in out and "rules.conf.new" in out, "says what it kept", out)
    with open(etc + "rules.conf") as f:
        check(f.read().endswith("; mine\n"), "a changed file is kept")
    check(same(etc + "rules.conf.new", ROOT + "/conf/rules.conf"), "and the new one lies beside it")
    check(os.path.exists(etc + "assets.conf") and not os.path.exists(etc + "assets.conf.new"), "a missing one comes back")
    check(not os.path.exists(etc + "cascaded.conf.new"), "an unchanged one needs none")
    shutil.copy(ROOT + "/conf/rules.conf", etc + "rules.conf")
    install(dest)
    check(not os.path.exists(etc + "rules.conf.new"), "a .new that says nothing new goes away")


def test_prefix(dest):
    rc, out = install(dest, "/usr/local/")
    check(rc == 0 and tree(dest) == expected("usr/local"), "another PREFIX", out)
    with open(dest + "/usr/local/lib/systemd/system/cascaded.service") as f:
        unit = f.read()
    check(re.search(r"^ExecStart=/usr/local/bin/cascaded ", unit, re.M) and
          "file:///usr/local/share/doc/cascaded/README.md" in unit and "/usr/bin/cascaded" not in unit,
          "the unit follows PREFIX", unit[:400])
    rc, out = run(dest + "/usr/local/bin/cascaded", "--schema-delta", cwd="/")
    check(rc == 0 and not out, "migrations are found below another PREFIX", out)
    rc, out = install(dest, "relative")
    check(rc == 2 and "PREFIX" in out, "a relative PREFIX is refused", out)
    rc, out = run("sh", SCRIPT, "/nonexistent", dest, "/usr")
    check(rc != 0, "a build that is not there is an error", out)


with tempfile.TemporaryDirectory() as top:
    for n, tests in enumerate(((test_layout, test_schema, test_again), (test_prefix,))):
        where = os.path.join(top, "a root %d" % n)  # with a space: names are quoted
        os.mkdir(where)
        for test in tests:
            test(where)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
