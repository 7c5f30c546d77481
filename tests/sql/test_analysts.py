#!/usr/bin/env python3
"""Proves that every query of docs/ANALYSTS.md prints what the page says, as the reader, on the made-up rows of
demo_rows.sql; that a page with one number changed is seen; and that what the prose says of the rows is so.
`--write` puts the outputs into the page instead."""
import os, re, subprocess, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import analysts

ROOT = analysts.ROOT
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
CLUSTER = ["sh", os.path.join(ROOT, "tests/it/pgcluster.sh")]
passed = failed = 0


def check(good, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED: %s\n%s" % (what, detail))


def run(*cmd):
    p = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return p.returncode, p.stdout


def fill(where):
    """A database with the rows; returns how the reader reaches it."""
    info = "host=%s port=5432 dbname=analysts user=" % where
    for cmd in (["psql", "-Xq", "host=%s port=5432 dbname=postgres user=postgres" % where, "-c", "CREATE DATABASE analysts"],
                [os.path.join(BUILD, "tools/schema"), "apply", info + "postgres", os.path.join(ROOT, "sql")],
                ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", info + "postgres", "-f", os.path.join(ROOT, "tests/sql/demo_rows.sql")],
                ["psql", "-Xq", info + "postgres", "-c", "ANALYZE"]):
        rc, out = run(*cmd)
        check(rc == 0, " ".join(cmd[:2]), out)
    return info + "cascaded_reader"


def test_queries(reader, page):
    entries = analysts.entries(page)
    check(len(entries) >= 10 and [e[0] for e in entries] == list(range(1, len(entries) + 1)), "numbered queries", len(entries))
    check(page.count("```sql") == len(entries) and page.count("```text") == len(entries), "each with its output")
    for n, title, query, said in entries:
        rc, out = analysts.ask(reader, query)
        check("2026-10-10" not in analysts.moved(query, "A", "B", "C"), "query %d can be asked of another span" % n)
        check(rc == 0 and out.count("\n") >= 3, "query %d (%s) answers" % (n, title), out)
        check(out == said, "query %d (%s) prints what the page says (test_analysts.py --write)" % (n, title), out)


def test_sees(reader, page):
    """One digit of an output changed is another page."""
    n, title, query, said = analysts.entries(page)[3]
    other = re.sub(r"0\.440", "0.441", page)
    check(other != page and [e for e in analysts.entries(other) if analysts.ask(reader, e[2])[1] != e[3]], "a changed digit is seen")


def test_prose(reader):
    """What the page says in words."""
    def one(q):
        return analysts.ask(reader, "SELECT " + q)[1].splitlines()[2].strip()
    check(one("count(*) FROM v_liquidations WHERE venue = 'hyperliquid'") == "0", "no liquidations of a venue without a feed")
    check(one("bool_and(liq_long_1m_usd IS NULL) FROM m_venue_asset WHERE venue = 'hyperliquid'") == "t", "and NULL, not 0")
    check(one("count(*) FROM m_venue_asset WHERE venue = 'okx' AND asset = 'BTC' AND oi_usd IS NULL") == "90", "OKX is unknown for 90 s")
    check("read-only" in analysts.ask(reader, "CREATE TABLE x (a int)")[1], "the reader cannot write")


def main():
    where = subprocess.run(CLUSTER + ["start", "--owner", str(os.getpid())], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.strip().splitlines()[-1]
    try:
        reader, page = fill(where), analysts.read()
        if "--write" in sys.argv:
            with open(analysts.PAGE, "w", encoding="utf-8") as f:
                f.write(analysts.filled(page, lambda q: analysts.ask(reader, q)[1]))
            return failed
        test_queries(reader, page)
        test_sees(reader, page)
        test_prose(reader)
    finally:
        subprocess.run(CLUSTER + ["stop", where])
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
