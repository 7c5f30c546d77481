#!/usr/bin/env python3
"""The demo cleans up after itself: interrupted half-way no process, socket or folder of it is left; killed
without a chance to clean up, the next run ends what it finds by pid and start time, then works."""
import json, os, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from procs import ROOT, start_time, wait_for

BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
LEDGER = os.path.join(ROOT, "var/demo.json")
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


def begin():
    """A demo that is live: its process, what it started, its folder and its cluster."""
    p = subprocess.Popen([sys.executable, os.path.join(ROOT, "tests/it/demo.py"), "--build", BUILD], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, start_new_session=True)
    lines = []
    for line in p.stdout:
        lines.append(line)
        if line.startswith("live;"):
            break
    else:
        raise RuntimeError("the demo did not get live:\n" + "".join(lines[-20:]))
    with open(LEDGER) as f:
        d = json.load(f)
    d["postmaster"] = int(open(os.path.join(d["pg"], "data/postmaster.pid")).readline())
    return p, d, lines


def left(d):
    """What is still there of a run."""
    alive = [r["what"] for r in d["pids"] if start_time(r["pid"]) == r["start"]]
    if start_time(d["postmaster"]) is not None and d["postmaster_start"] == start_time(d["postmaster"]):
        alive.append("postgres")
    return alive + [p for p in (d["dir"], d["pg"]) if os.path.exists(p)]


def started(d):
    d["postmaster_start"] = start_time(d["postmaster"])
    return len(d["pids"]) >= 2 and d["postmaster_start"] is not None


def drain(p):
    out = p.stdout.read()
    return p.wait(60), out


def main():
    p, d, _ = begin()
    check("the demo gets live", started(d), ", ".join(r["what"] for r in d["pids"]))
    time.sleep(2)
    os.killpg(p.pid, signal.SIGINT)  # as a terminal does
    status, _ = drain(p)
    check("Ctrl-C ends it", status in (0, 130), status)
    check("... and nothing of it is left", left(d) == [] and not os.path.exists(LEDGER), left(d))
    p, d, _ = begin()
    started(d)
    os.kill(p.pid, signal.SIGKILL)
    drain_later = left(d)
    check("killed outright, it leaves its children", len(drain_later) >= 3, drain_later)
    q, e, lines = begin()
    check("the next run ends them first", left(d) == [] and any("interrupted run" in l for l in lines), left(d))
    check("... and gets live itself", started(e))
    os.killpg(q.pid, signal.SIGINT)
    drain(q)
    check("... and is gone in turn", left(e) == [], left(e))


try:
    main()
except Exception as e:  # whatever ends it is a failure
    check("the demo runs", False, "%s: %s" % (type(e).__name__, e))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed != 0)
