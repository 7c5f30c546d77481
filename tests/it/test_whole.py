#!/usr/bin/env python3
"""The whole daemon against the simulator and a real database: a venue that goes away comes back by itself
with both ends of the gap stored and the other venue untouched; a muted channel on a live socket is named;
a reload changes nothing else; and the tape, replayed twice under different locales, time zones and
allocators, gives identical bytes that equal the stored rows bit for bit."""
import collections, json, os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sql"))
import analysts
from daemon import Stack
from procs import ROOT, wait_for

BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
OUT_S = 20
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


def feed_rows(s):
    return s.client().call("feeds.list")["channels"]


def connects(s):
    return {(f["venue"], f["route"], f["side"]): f["connects"] for f in s.client().call("status")["feeds"]}


def venue_out(s):
    """Hyperliquid is away for OUT_S seconds."""
    t0 = time.time()
    s.misbehave("down:hyperliquid@0+%d" % OUT_S)
    time.sleep(OUT_S)
    wait_for("hyperliquid live again", 60, lambda: all(
        f["state"] == "ok" for f in feed_rows(s) if f["venue"] == "hyperliquid" and not f.get("sparse")))
    return t0, time.time()


def mute_channel(s, limit_s=25):
    """One channel is mute on a socket that lives: feeds.list and an alert must name it."""
    s.misbehave("mute:binance:markPrice@0+40")
    t0 = time.time()

    def named():
        silent = [f for f in feed_rows(s) if f["venue"] == "binance" and f["channel"] == "markPrice"]
        return silent and silent[0]["state"] == "silent"
    wait_for("markPrice named silent in feeds.list", limit_s, named)

    def alerted():
        return [a for a in s.client().call("alerts.list")["alerts"] if a["rule"].startswith("feed_silent") and a.get("channel") == "markPrice"
                and a["state"] == "firing"]
    wait_for("an alert that names markPrice", limit_s, alerted)
    return time.time() - t0


def null_share(s, venue, where):
    q = ("select count(*), count(oi_usd) from cascade_risk.m_venue_asset where venue = '%s' and %s" % (venue, where))
    rows, known = map(int, s.rows(q)[0])
    return rows, known


def judge_gap(s, t0, t1):
    q = ("select channel || ':' || coalesce(symbol, ''), extract(epoch from t_from), extract(epoch from t_to), cause from cascade_risk.feed_gap"
         " where venue = 'hyperliquid' and cause = 'link_down' and extract(epoch from t_from) > %f" % (t0 - 15))
    gaps = s.rows(q)
    check("feed_gap holds the outage", len(gaps) > 0, "%d rows" % len(gaps))
    check("... with both ends", all(g[2] for g in gaps), [g for g in gaps if not g[2]][:5])
    check("... about as long as it was", all(OUT_S - 12 < float(g[2]) - float(g[1]) < t1 - t0 + 15 for g in gaps if g[2]))
    ts = "extract(epoch from t)"
    rows, known = null_share(s, "hyperliquid", "%s between %f and %f" % (ts, t0 + 3, t0 + OUT_S - 1))
    check("its metrics are NULL meanwhile", rows > 0 and known == 0, "%d of %d known" % (known, rows))
    for what, where in (("before", "%s between %f and %f" % (ts, t0 - 8, t0 - 1)),
                        ("after", "%s between %f and %f" % (ts, t1 + 5, t1 + 20))):
        rows, known = null_share(s, "hyperliquid", where)
        check("%s, >= 95 %% are known" % what, rows > 0 and known >= .95 * rows, "%d of %d" % (known, rows))
    rows, known = null_share(s, "binance", "%s between %f and %f" % (ts, t0, t1))
    check("the other venue's are unaffected", rows > 0 and known >= .95 * rows, "%d of %d" % (known, rows))
    reasons = s.rows("select distinct reason from cascade_risk.metric_unknown where venue = 'hyperliquid'"
                     " and metric = 'oi_usd' and extract(epoch from t_from) between %f and %f" % (t0, t0 + OUT_S))
    check("... with a reason", ["down"] in reasons or ["stale"] in reasons, reasons)
    twice = s.rows("select a.metric, a.reason, count(*) from cascade_risk.metric_unknown a join cascade_risk.metric_unknown b"
                   " using (run_id, metric, venue, asset, channel, symbol) where b.t_from = a.t_to and b.reason = a.reason group by 1, 2")
    check("reasons are written on change only: no span goes on as another", not twice, twice[:3])


def replay(s, env, cwd):
    full = dict(os.environ, **env)
    return subprocess.run([os.path.join(BUILD, "cascade-replay"), s.run.path("tape")], cwd=cwd, env=full,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True).stdout


def judge_replay(s):
    a = replay(s, {"TZ": "UTC", "LC_ALL": "C"}, "/")
    b = replay(s, {"TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8", "MALLOC_PERTURB_": "85"}, s.run.dir)
    check("a tape replayed twice gives the same bytes", a == b, "%d bytes" % len(a))
    return a


PERIOD_S = {"m_asset": 1, "m_venue_asset": 1, "m_feed": 10}  # how often rows are kept, as daemon.py has it
KEYS = {"m_asset": ("asset",), "m_venue_asset": ("venue", "asset"), "m_feed": ("venue", "channel", "symbol")}


def replayed_rows(text):
    rows = {t: {} for t in KEYS}
    for line in text.splitlines():
        if not line.startswith(b'{"kind":"row"'):
            continue
        d = json.loads(line)
        if d["table"] in KEYS and d["t_us"] // 1000000 % PERIOD_S[d["table"]] == 0:
            key = (d["t_us"],) + tuple(d.get(k) or "" for k in KEYS[d["table"]])
            rows[d["table"]][key] = d
    return rows


def stored_rows(s, table, columns):
    keys = ", ".join("coalesce(%s, '')" % k for k in KEYS[table])
    q = "select (extract(epoch from t) * 1000000)::bigint, %s, %s from cascade_risk.%s" % (keys, ", ".join(columns), table)
    n = 1 + len(KEYS[table])
    for r in s.rows(q):
        yield (int(r[0]),) + tuple(r[1:n]), r[n:]


def columns_of(s, table, names):
    have = {c for c, in s.rows("select column_name from information_schema.columns where table_schema = 'cascade_risk'"
                               " and table_name = '%s'" % table)}
    missing = [c for c in names if c not in have]
    check("%s has a column for every metric" % table, not missing, missing or len(names))
    return [c for c in names if c in have]


def ticks_of(text):
    t = [json.loads(l)["t_us"] for l in text.splitlines() if l.startswith(b'{"kind":"row"')]
    return min(t), max(t)


def judge_join(s, text):
    """Every stored row equals the replayed one, bit for bit, and none is missing on either side."""
    live = s.rows("select count(distinct run_id) from cascade_risk.m_asset")[0][0]
    check("the stored rows are of one run", live == "1", live)
    first, last = ticks_of(text)
    samples = unmatched = 0
    worst = collections.Counter()
    for table, rows in replayed_rows(text).items():
        names = [k for k in next(iter(rows.values())) if k not in ("kind", "t_us", "table") + KEYS[table]]
        columns = columns_of(s, table, names)
        seen = set()
        for key, values in stored_rows(s, table, columns):
            if not first <= key[0] <= last:
                continue
            seen.add(key)
            mine = rows.get(key)
            for c, v in zip(columns, values):
                samples += 1
                if mine is None or (float(v) if v else None) != mine[c]:
                    unmatched += 1
                    worst[table + "." + c] += 1
        missing = [k for k in rows if k not in seen]
        unmatched += len(missing)
        worst[table + " rows not stored"] += len(missing)
    check("tape and tables agree both ways", unmatched == 0 and samples >= 10000,
          "%d samples, %d unmatched %s" % (samples, unmatched, +worst if unmatched else ""))


def judge_rollups(s):
    """The minutes the daemon wrote are exactly what SQL makes of the rows of every second."""
    with open(os.path.join(ROOT, "tests/sql/rollup_diff.sql")) as f:
        s.rows(f.read())
    for table in ("m_asset", "m_venue_asset"):
        minutes, cells, wrong = map(int, s.rows("select * from public.rollup_diff('%s', 'seconds')" % table)[0])
        check("%s_1m equals the rows of its seconds" % table, wrong == 0 and minutes >= 20 and cells >= 1000,
              "%d minutes, %d cells, %d differ" % (minutes, cells, wrong))


def judge_analysts(s):
    """Every query of the analysts' page answers on what the daemon stored, as the reader; few are empty."""
    span = s.rows("select to_char(x at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS+00') from (select min(t), min(t) + (max(t) - min(t)) / 2, max(t) from"
                  " cascade_risk.m_asset where asset = 'BTC' and oi_usd is not null) m (a, b, c) cross join unnest(array[a, b, c]) x order by x")
    reader, wrong, empty = s.db.replace("user=postgres", "user=cascaded_reader"), [], []
    for n, title, query, _ in analysts.entries(analysts.read()):
        rc, out = analysts.ask(reader, analysts.moved(query, *[r[0] for r in span]))
        if rc != 0:
            wrong.append((n, out[:200]))
        elif out.count("\n") < 3:
            empty.append(n)
    check("every query of ANALYSTS.md answers", not wrong, wrong if wrong else n)
    check("... with rows, but for what did not happen", len(empty) <= 3, "empty: %s" % empty)


def judge_one_shot(s):
    cmd = (r"""printf '{"jsonrpc":"2.0","id":1,"method":"status"}\n' | nc -U -N """ + s.sock +
           r""" | jq -e 'select(.id==1).result.feeds|length>0'""")
    p = subprocess.run(["sh", "-c", cmd], stdout=subprocess.PIPE, universal_newlines=True)
    check("one-shot status by nc and jq", p.returncode == 0 and p.stdout.strip() == "true", p.stdout.strip())


def second_daemon(s):
    p = subprocess.run([os.path.join(BUILD, "cascaded"), "-c", s.conf], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, universal_newlines=True, timeout=30)
    check("a second daemon on the same socket refuses", p.returncode == 1 and "answers" in p.stdout, p.stdout.strip()[-160:])


def reload_twice(s):
    """A good reload, and a bad one that is refused and named; feeds stay up."""
    before = connects(s)
    s.client().call("reload")
    with open(s.conf) as f:
        good = f.read()
    with open(s.conf, "w") as f:
        f.write(good.replace("[store]\n", "[store]\nflush_ms = soon\n"))
    try:
        s.client().call("reload")
        refused = ""
    except RuntimeError as e:
        refused = str(e)
    with open(s.conf, "w") as f:
        f.write(good)
    check("a bad configuration is refused at reload and named", "flush_ms" in refused, refused[:120])
    after = connects(s)
    check("a reload reconnects nothing", before == after, after)


def scenario(s):
    s.start()
    s.wait_live()
    s.shock()
    judge_one_shot(s)
    second_daemon(s)
    time.sleep(10)
    t0, t1 = venue_out(s)
    reload_twice(s)
    took = mute_channel(s)
    check("a muted channel is named in feeds.list and by an alert", True, "after %.1f s" % took)
    time.sleep(max(0, t1 + 25 - time.time()))
    status = s.stop_daemon()
    check("the daemon ends with status 0", status == 0, status if status == 0 else s.log("cascaded"))
    judge_gap(s, t0, t1)
    judge_join(s, judge_replay(s))
    judge_rollups(s)
    judge_analysts(s)


def main():
    s = Stack(BUILD, "whole", "crash", 1, shock_at=60, assets="top:20", keep=bool(os.environ.get("KEEP")))
    try:
        scenario(s)
    except Exception as e:  # whatever ends the scenario is a failure with its log
        check("the scenario runs to its end", False, "%s: %s" % (type(e).__name__, e))
        try:
            print(s.log("cascaded", 60))
        except OSError:
            pass
    finally:
        s.end()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
