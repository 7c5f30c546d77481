#!/usr/bin/env python3
"""The database stands still (SIGSTOP, all its processes) for 60 s and runs for 60 s, in turns, under the
demo's load: tick lateness and alert latency at a socket client in both, their p99 and ratio (goal at
most 1.2), and what memory grows by. Lateness is one sample a second: of 180, p99 is the second highest,
which decides nothing, so there are 300. SECONDS_EACH and TURNS in the environment shorten it."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "it"))
import pg_stopped

GOAL = 1.2


def main():
    seconds, turns = int(os.environ.get("SECONDS_EACH", "60")), int(os.environ.get("TURNS", "5"))
    x = pg_stopped.Experiment(os.environ["BUILD"], "benchstop")
    missed = False
    try:
        x.start()
        for _ in range(turns):
            x.span(seconds, False)
            x.span(seconds, True)
        x.end_measuring()
        for what, (run, stop, n, m) in x.ratios().items():
            ratio = stop / run
            missed |= not ratio <= GOAL
            print("pg_stopped %-8s p99 %8.3f ms running, %8.3f ms stopped, ratio %.3f (goal <= %.1f; %d and %d samples)" %
                  (what, run, stop, ratio, GOAL, n, m))
        rss = [max(p.rss_kb for p in x.phases if p.stopped == s) / 1024 for s in (False, True)]
        print("pg_stopped rss      highest %.1f MB running, %.1f MB stopped" % tuple(rss))
    finally:
        x.stack.end()
    return missed


sys.exit(main())
