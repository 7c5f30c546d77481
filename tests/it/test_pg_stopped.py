#!/usr/bin/env python3
"""The database stands still and the daemon does not: no tick is left out, alerts go on reaching the
socket, memory is bounded, and afterwards the tables hold every second of every asset, exactly what the
tape gives. (How much later ticks and alerts are is measured by `make bench T=pg_stopped`.)"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pg_stopped

BUILD = os.environ.get("BUILD") or os.path.join(pg_stopped.ROOT, "build/release")
STOP_S = 12
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


def scenario(x):
    x.start()
    skipped = x.stack.client().call("status")["process"]["ticks_skipped"]
    for stopped in (False, True, False, True):
        x.span(STOP_S, stopped)
    x.end_measuring()
    process = x.stack.client().call("status")["process"]
    print("lateness of ticks, latency of alerts: p99 running, stopped (ms), samples: %s" % x.ratios())
    check("no tick is left out", process["ticks_skipped"] == skipped and process["tick_ms"] > 0)
    stop = x.samples("lag_ms", True)
    check("each of them is told", len(stop) >= 2 * STOP_S - 2, len(stop))
    alerts = x.samples("alert_ms", True)
    check("alerts reach the socket meanwhile", len(alerts) >= 5, len(alerts))
    check("... within a second", bool(alerts) and max(alerts) < 1000, "%.0f ms" % max(alerts, default=-1))
    check("rows waited in the spool", x.status["rows_queued"] > 100 and x.status["spool_bulk"]["disk_bytes"] > 0,
          x.status["rows_queued"])
    rss = [max(p.rss_kb for p in x.phases if p.stopped == s) / 1024 for s in (False, True)]
    check("memory is bounded", rss[1] < rss[0] + 64, "%.0f MB, stopped %.0f MB" % tuple(rss))
    check("nothing is given up", x.stack.client().call("status")["store"]["rows_shed"] == 0)
    check("the daemon ends with status 0", x.stack.stop_daemon() == 0)
    pg_stopped.judge_seconds(x.stack, check)


def main():
    x = pg_stopped.Experiment(BUILD, "pgstopped", assets="top:10")
    try:
        scenario(x)
    except Exception as e:  # whatever ends the scenario is a failure with its log
        check("the scenario runs to its end", False, "%s: %s" % (type(e).__name__, e))
    finally:
        x.stack.end()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
