#!/usr/bin/env python3
"""The queries of docs/ANALYSTS.md on 30 days of generated rows: plan and time of each, median of 7, as the reader.

Prints what was generated, one line a query, and its plan's top nodes with the number of partitions read; with --write
puts the table into the page. Exit 1 when one takes more than a second, or reads days it was not asked for. DAYS=n for
fewer days. The rows are analyst_rows.sql, each day the same; the cluster is private and gone afterwards."""
import json, os, re, statistics, subprocess, sys, time
ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, "tests/sql"))
import analysts, pg

DAYS, RUNS, LIMIT_MS = int(os.environ.get("DAYS", "30")), 7, 1000
LAST = "2026-09-%02d" % min(DAYS, 30)
LAST_WEEK = "2026-09-%02d" % max(1, min(DAYS, 30) - 6)
HOUR, DAY = ("%s 20:00:00+00", "%s 20:30:00+00", "%s 21:00:00+00"), ("%s 00:00:00+00", "%s 12:00:00+00", "%s 23:59:00+00")
WEEK = (LAST_WEEK + " 00:00:00+00", LAST_WEEK + " 12:00:00+00", "%s 23:59:00+00")
MONTH = ("2026-09-01 00:00:00+00", "2026-09-15 00:00:00+00", "%s 23:59:00+00")
# Query of the page: the span it is asked of (days it may read at most), and what for.
SPANS = {1: (None, DAYS), 2: (None, 0), 3: (None, 0), 4: (HOUR, 1), 5: (MONTH, 2), 6: (HOUR, 1), 7: (DAY, 3), 8: (WEEK, 7), 9: (MONTH, DAYS),
         10: (HOUR, 1), 11: (DAY, 1), 12: (DAY, 1), 13: (MONTH, DAYS), 14: (MONTH, DAYS), 15: (None, DAYS), 16: (MONTH, DAYS), 17: (MONTH, DAYS),
         18: (WEEK, 7), 19: (HOUR, 1), 20: (DAY, 1), 21: (None, DAYS), 22: (HOUR, 1)}
NOTED = {8: (MONTH, DAYS), 18: (MONTH, DAYS)}  # they read every liquidation of their span: without a goal
TEN = (1, 5, 7, 8, 10, 12, 14, 16, 17, 20)
WORDS = {None: "now", HOUR: "an hour", DAY: "a day", WEEK: "7 days", MONTH: "%d days" % DAYS}


# Every row of the first day again, k days later.
COPY = """DO $$ DECLARE f record; BEGIN PERFORM cascade_risk.ensure_partitions(0, DATE '2026-09-01' + %(k)d);
FOR f IN SELECT c.relname, t.t_column, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS cols, string_agg(quote_ident(a.attname) ||
    CASE a.atttypid WHEN 'timestamptz'::regtype THEN ' + interval ''%(k)d days''' ELSE '' END, ', ' ORDER BY a.attnum) AS vals
    FROM cascade_risk.fact_table t JOIN pg_class c ON c.oid = ('cascade_risk.' || t.tbl)::regclass
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1, 2 LOOP
    EXECUTE format('INSERT INTO cascade_risk.%%I (%%s) SELECT %%s FROM cascade_risk.%%I WHERE %%I < ''2026-09-02 00:00+00''',
                   f.relname, f.cols, f.vals, f.relname, f.t_column);
END LOOP; END $$"""


def load(c):
    """The first day is made, the others are it again; in the order in which the daemon writes. Returns seconds."""
    t0 = time.monotonic()
    for k in range(DAYS):
        how = ["-c", "SET timezone = 'UTC'; SET synchronous_commit = off", "-c", COPY % {"k": k}] if k else \
              ["-v", "day=2026-09-01 00:00+00", "-f", os.path.join(ROOT, "tests/bench/analyst_rows.sql")]
        rc, out = pg.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", c.info("bench"), *how, timeout=900)
        if rc:
            sys.exit("day %d: %s" % (k + 1, out[-2000:]))
    c.psql("bench", "SELECT cascade_risk.ensure_partitions(3, DATE '%s')" % LAST)
    pg.run("psql", "-Xq", c.info("bench"), "-c", "ANALYZE", "-c", "VACUUM cascade_risk.m_asset, cascade_risk.m_asset_1m, cascade_risk.liqmap",
           timeout=900)
    return time.monotonic() - t0


def describe(c):
    out = c.psql("bench", "SELECT f.tbl, sum(pg_total_relation_size(i.inhrelid)), sum(greatest(p.reltuples, 0)) FROM cascade_risk.fact_table f"
                          " JOIN pg_inherits i ON i.inhparent = ('cascade_risk.' || f.tbl)::regclass JOIN pg_class p ON p.oid = i.inhrelid"
                          " GROUP BY 1 HAVING sum(greatest(p.reltuples, 0)) > 0 ORDER BY 2 DESC")
    return [(t, int(b), int(float(n))) for t, b, n in (x.split("|") for x in out.splitlines())]


def nodes(plan, seen, top):
    """Fills seen with days that were executed and top with the first scans met."""
    rel = plan.get("Relation Name", "")
    if rel and plan.get("Actual Loops"):
        m = re.match(r"(.*)_(\d{6,8})$", rel)
        seen.add(m[2] if m else rel)
        kind = plan["Node Type"].replace(" Scan", "").lower()
        index = re.sub(r"_\d{6,8}", "", plan.get("Index Name", ""))
        top.add("%s %s%s" % (kind, m[1] if m else rel, " (%s)" % re.sub(r".*_(asset|venue|t|key|rule|pkey).*", r"\g<0>", index) if index else ""))
    for p in plan.get("Plans", []):
        nodes(p, seen, top)


def explain(conninfo, query):
    p = subprocess.run(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", conninfo, "-c", "EXPLAIN (ANALYZE, FORMAT json) " + query],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, PGTZ="UTC"), timeout=120)
    if p.returncode:
        return None, p.stdout
    return json.loads(p.stdout)[0], ""


def measure(conninfo, query):
    """Times of RUNS runs by psql's clock, in one session, as an analyst has them."""
    text = "\\timing on\n\\o /dev/null\n" + (query.rstrip().rstrip(";") + ";\n") * RUNS
    p = subprocess.run(["psql", "-XAtq", conninfo], input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       env=dict(os.environ, PGTZ="UTC"), timeout=600)
    return [float(x) for x in re.findall(r"^Time: ([0-9.]+) ms", p.stdout, re.M)]


def judge(c, n, title, query, asked, limit_ms):
    span, days_max = asked
    if span:
        query = analysts.moved(query, *[x % LAST if "%s" in x else x for x in span])
    reader = c.info("bench", "cascaded_reader")
    plan, why = explain(reader, query)
    if plan is None:
        return print("%d failed: %s" % (n, why)) or None
    seen, top = set(), set()
    nodes(plan["Plan"], seen, top)
    days = sum(len(x) == 8 and x.isdigit() for x in seen)
    ms = statistics.median(measure(reader, query))
    row = (n, title, WORDS[span], plan["Plan"]["Actual Rows"], days, "; ".join(sorted(x for x in top)), ms)
    print("analysts_%02d %.1f ms%s %s, %d rows, %d days read, plan %s then %s" % (n, ms, " (goal <= %d)" % limit_ms if limit_ms else "", WORDS[span], row[3], days,
          plan["Plan"]["Node Type"], row[5]), flush=True)
    return row if (not limit_ms or ms <= limit_ms) and days <= days_max + 3 else print("  MISSED: %d days, %.0f ms" % (days, ms)) or row + (True,)


def write(sizes, rows, seconds):
    """The section between the marks of the page."""
    out = ["Generated: %s; %.1f GB in all, loaded in %d s." % (", ".join("`%s` %s rows" % (t, "{:,}".format(n)) for t, _, n in sizes),
           sum(b for _, b, _ in sizes) / 1e9, seconds), "", "| query | span | rows | days read | reads | ms |", "|---|---|---|---|---|---|"]
    for r in rows:
        out.append("| %s%d. %s%s | %s | %d | %d | %s | %.1f |" % ("**" if r[0] in TEN else "", r[0], r[1], "**" if r[0] in TEN else "", r[2], r[3], r[4], r[5], r[6]))
    page = analysts.read()
    page = re.sub(r"(?s)(<!-- costs -->\n).*?(\n<!-- end -->)", lambda m: m[1] + "\n".join(out) + m[2], page)
    with open(analysts.PAGE, "w", encoding="utf-8") as f:
        f.write(page)


def main():
    c = pg.Cluster()
    try:
        for k, v in (("max_wal_size", "8GB"), ("checkpoint_timeout", "30min"), ("autovacuum", "off"), ("shared_buffers", "512MB"), ("wal_level", "minimal"), ("max_wal_senders", "0")):
            c.psql("postgres", "ALTER SYSTEM SET %s = '%s'" % (k, v))
        subprocess.run(pg.CLUSTER + ["down", c.dir], check=True)
        subprocess.run(pg.CLUSTER + ["up", c.dir], check=True)
        c.create("bench")
        c.apply("bench")
        seconds = load(c)
        sizes = describe(c)
        print("generated %d days in %.0f s: %s" % (DAYS, seconds, ", ".join("%s %d rows %.0f MB" % (t, n, b / 1e6) for t, b, n in sizes)), flush=True)
        rows = []
        for n, title, query, _ in analysts.entries(analysts.read()):
            rows.append(judge(c, n, title, query, SPANS[n], LIMIT_MS))
            if n in NOTED:
                rows.append(judge(c, n, title, query, NOTED[n], None))
        if "--write" in sys.argv:
            write(sizes, [r for r in rows if r], seconds)
        bad = [r for r in rows if r is None or len(r) > 7]
        if os.environ.get("KEEP"):
            input("kept: %s\n" % c.info("bench"))
        return 1 if bad else 0
    finally:
        c.stop()


sys.exit(main())
