#!/usr/bin/env python3
"""Bad input and bad days, met by the whole daemon: a broken configuration names every bad line; a wrong
certificate is refused with the check that failed; garbage, a lost book delta, late acks and an upgrade
that is never answered are counted, logged once, mended, and leave the other venue alone; the database
may be away at the start and later, and no row is lost."""
import json, os, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Stack
from procs import ROOT, wait_for

BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


def broken_configuration(s):
    bad = s.run.path("bad.conf")
    with open(bad, "w") as f:
        f.write("[cascaded]\nrules_file = %s\nassets_file =\ntiers_file =\nlog_level = loud\n[store]\nflush_ms = soon\n"
                "flush_mss = 100\ndatabase = hots=/tmp\n[nonsense]\nx = 1\n" % s.rules)
    p = subprocess.run([s.program("cascaded"), "-t", "-c", bad], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       universal_newlines=True)
    check("a broken configuration exits with 2", p.returncode == 2, p.returncode)
    for line, key in ((5, "log_level"), (7, "flush_ms"), (8, "flush_mss"), (9, "database"), (10, "nonsense")):
        named = [l for l in p.stdout.splitlines() if "bad.conf:%d" % line in l and key in l]
        check("... and names line %d, %s" % (line, key), len(named) == 1, p.stdout if not named else named[0][-90:])


def status(s):
    return s.client().call("status")


def links(s, venue):
    return [f for f in status(s)["feeds"] if f["venue"] == venue]


def wrong_certificate(s, cert, says):
    """The simulator with another certificate; the daemon must refuse and say which check failed."""
    s.run.stop(s.sim)
    where = s.run.path("cert")
    s.sim = s.run.start("sim", [s.program("cascade-sim"), "--scenario", "calm", "--cert", os.path.join(where, cert + ".pem"),
                                "--key", os.path.join(where, cert + ".key"), "--control", s.control] +
                        ["--port-%s=%d" % p for p in s.ports.items()])

    def said():
        errors = [f["last_error"] or "" for f in links(s, "binance")]
        return errors and all(says in e for e in errors)
    try:
        wait_for(says, 40, said)
        up = [f for f in links(s, "binance") if f["state"] == "up"]
        check("certificate %s is refused and said" % cert, not up, links(s, "binance")[0]["last_error"])
    except TimeoutError:
        check("certificate %s is refused and said" % cert, False, links(s, "binance"))


def all_ok(s, venue=None):
    rows = [f for f in s.client().call("feeds.list")["channels"] if not f["sparse"] and (not venue or f["venue"] == venue)]
    return len(rows) > 10 and all(f["state"] == "ok" for f in rows)


def others_gaps(s, venue):
    return sum(f["n_gaps"] for f in s.client().call("feeds.list")["channels"] if f["venue"] != venue)


def log_lines(s, *words):
    with open(s.run.path("cascaded.log"), errors="replace") as f:
        return [l for l in f if all(w in l for w in words)]


def garbage(s):
    before, gaps = status(s)["engine"]["texts_refused"], others_gaps(s, "binance")
    s.misbehave("garbage:binance@0")
    wait_for("garbage to be refused", 10, lambda: status(s)["engine"]["texts_refused"] > before)
    time.sleep(3)
    n = status(s)["engine"]["texts_refused"] - before
    lines = log_lines(s, "feed binance", "refused")
    check("garbage is refused and counted", n >= 3, "%d texts" % n)
    check("... logged once", len(lines) == 1, lines[0][-110:].strip() if lines else "")
    check("... and nothing else is lost", wait_for("all ok", 30, lambda: all_ok(s)) and others_gaps(s, "binance") == gaps)


def lost_delta(s):
    before = status(s)["market"]["binance"]["book_gap"]
    s.misbehave("drop-delta:binance:BTCUSDT@0")
    wait_for("the gap to be seen", 10, lambda: status(s)["market"]["binance"]["book_gap"] > before)

    def known():
        rows = s.client().call("metrics.get", table="m_venue_asset", asset="BTC", venue="binance",
                               names=["depth_10bps_bid_usd"])
        return "null" not in json.dumps(rows["rows"] if "rows" in rows else rows)
    wait_for("a snapshot heals the book", 20, known)
    n = status(s)["market"]["binance"]["book_gap"] - before
    check("a lost delta is one gap, and healed", n == 1, n)


def late_acks(s):
    s.misbehave("late-ack:hyperliquid@0+25:0")  # acks never come
    s.misbehave("down:hyperliquid@0+1")
    wait_for("the late ack to be said", 40, lambda: log_lines(s, "feed hyperliquid", "not acknowledged"))
    wait_for("acks again", 60, lambda: all_ok(s) and all(
        f["streams_acked"] == f["streams_wanted"] for f in links(s, "hyperliquid")))
    check("subscriptions whose acks never came are asked for again", True)


def no_upgrade(s):
    gaps = others_gaps(s, "hyperliquid")
    s.misbehave("no-upgrade:hyperliquid@0+14")
    s.misbehave("down:hyperliquid@0+1")
    wait_for("the missing upgrade to be said", 40, lambda: log_lines(s, "feed hyperliquid", "upgrade"))
    wait_for("hyperliquid live again", 60, lambda: all_ok(s, "hyperliquid"))
    check("an upgrade never answered is said and mended", True, log_lines(s, "feed hyperliquid", "upgrade")[0][25:140].strip())
    check("... the other venue has no gap of it", others_gaps(s, "hyperliquid") == gaps)


def cluster(s, verb):
    subprocess.run(["sh", os.path.join(ROOT, "tests/it/pgcluster.sh"), verb, s.run.pg], check=True,
                   stdout=subprocess.DEVNULL)


def database_away_at_start(s):
    st = status(s)["store"]
    check("the daemon runs without its database and says so", st["state"] in ("connecting", "backoff") and
          len(log_lines(s, "store:")) >= 1, st["state"])
    cluster(s, "up")
    wait_for("the store ready", 40, lambda: status(s)["store"]["state"] == "ready")


def database_away_later(s):
    t0 = time.time()
    cluster(s, "down")
    time.sleep(8)
    st = status(s)["store"]
    check("rows are queued while it is away", st["rows_queued"] > 0, st["rows_queued"])
    cluster(s, "up")
    wait_for("the queue to empty", 60, lambda: status(s)["store"]["state"] == "ready" and
             status(s)["store"]["rows_queued"] < 500)
    time.sleep(2)
    q = ("select count(distinct t), count(*), count(distinct (t, asset)) from cascade_risk.m_asset"
         " where t between to_timestamp(%d) and to_timestamp(%d)" % (int(t0), int(t0) + 7))
    seconds, rows, keys = map(int, s.rows(q)[0])
    check("no second is missing and no row stands twice", seconds == 8 and rows == keys, "%d seconds, %d rows, %d keys"
          % (seconds, rows, keys))
    check("nothing was shed", status(s)["store"]["rows_shed"] == 0)


def poison(s):
    """A constraint somebody added refuses some rows: they are set aside and an alert says so."""
    add = "alter table cascade_risk.m_asset add constraint evil check (asset <> '%s') not valid"
    asset = s.rows("select asset from cascade_risk.m_asset order by t desc limit 1")[0][0]
    s.rows(add % asset)

    def fires():
        return [a for a in s.client().call("alerts.list")["alerts"] if a["rule"].startswith("store_refused") and a["state"] == "firing"]
    wait_for("an alert that rows are refused", 40, fires)
    s.rows("alter table cascade_risk.m_asset drop constraint evil")
    st = status(s)["store"]
    lines = [json.loads(l) for l in open(s.run.path("spool/refused.ndjson"))]
    check("refused rows are set aside, counted and raise an alert", st["rows_refused"] >= 1 and st["refused_unkept"] == 0 and
          all(l["row"]["asset"] == asset and l["sqlstate"] == "23514" for l in lines),
          "%d rows, %s" % (st["rows_refused"], fires()[0].get("summary", "")))
    seen = wait_for("the alert stored", 20, lambda: s.rows(
        "select count(*) from cascade_risk.alert_transition where rule like 'store_refused%%'")[0][0] != "0")
    check("... stored as well, with a gap of cause store", bool(seen) and int(s.rows(
        "select coalesce(sum(lost_rows), 0) from cascade_risk.feed_gap where cause = 'store' and channel = 'm_asset'")[0][0]) >= 1)


def service_manager(s):
    """What systemd would hear: a datagram socket in its place, and a watchdog of 4 s."""
    path = s.run.path("notify")
    n = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    n.bind(path)
    n.settimeout(8)
    os.environ.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="4000000")
    return n


def heard(n, words, limit_s=12):
    """The words of which a message came within the limit."""
    got, end = set(), time.monotonic() + limit_s
    while got != set(words) and time.monotonic() < end:
        try:
            text = n.recv(4096).decode()
        except socket.timeout:
            break
        got |= {w for w in words if any(l.startswith(w) for l in text.splitlines())}
    return got


def scenario(s):
    for d in ("state", "tape", "spool", "cert"):
        os.mkdir(s.run.path(d))
    broken_configuration(s)
    s.db, s.db_writer = s.run.cluster()
    subprocess.run([s.program("cascadectl"), "schema", "apply", "--database", s.db, "--dir", os.path.join(ROOT, "sql")],
                   check=True, stdout=subprocess.DEVNULL)
    cluster(s, "down")
    s.start_sim()
    s.write_conf()
    n = service_manager(s)
    s.start_daemon()
    for k in ("NOTIFY_SOCKET", "WATCHDOG_USEC"):
        del os.environ[k]
    words = ("READY=1", "WATCHDOG=1", "STATUS=")
    check("the service manager hears ready, watchdog and status", heard(n, words) == set(words))
    s.wait_live()
    database_away_at_start(s)
    garbage(s)
    lost_delta(s)
    database_away_later(s)
    poison(s)
    no_upgrade(s)
    late_acks(s)
    for cert, says in (("expired", "expired"), ("wrongname", "not valid for"), ("unknown", "issuer unknown")):
        wrong_certificate(s, cert, says)
    check("the daemon ends with status 0", s.stop_daemon() == 0, s.log("cascaded", 3))


def main():
    s = Stack(BUILD, "bad", "calm", 1, assets="top:10")
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
