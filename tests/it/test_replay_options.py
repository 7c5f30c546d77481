#!/usr/bin/env python3
"""Proves what the options of cascade-replay do to what it prints: the samples of every S-th second, no
samples, no reasons, processor time at the end and nothing else changed by it, counts; and that a bad value is
named, with nothing run. One tape of half a minute of three simulated assets."""
import json, os, subprocess, sys, tempfile

BUILD = os.environ["BUILD"]


passed = failed = 0


def check(ok, what, seen=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED: %s %s" % (what, seen))


def replay(*args):
    p = subprocess.run([os.path.join(BUILD, "cascade-replay"), *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return p.returncode, p.stdout.splitlines(), p.stderr.decode()


def kinds(lines):
    return [json.loads(x)["kind"] for x in lines]


def test_rows(tape, whole):
    rows = [json.loads(x) for x in whole if json.loads(x)["kind"] == "row"]
    some = [json.loads(x) for x in replay("--rows-every", "10", tape)[1]]
    kept = [x for x in some if x["kind"] == "row"]
    check(len(rows) > 100 and 0 < len(kept) < len(rows) / 2, "rows of every tenth second", "%d of %d" % (len(kept), len(rows)))
    check(all(x["t_us"] % 10000000 == 0 for x in kept) and [x for x in rows if x["t_us"] % 10000000 == 0] == kept, "and these all, as they were")
    check("row" not in kinds(replay("--no-rows", tape)[1]), "no rows")
    check("unknown" in kinds(whole) and "unknown" not in kinds(replay("--no-unknown", tape)[1]), "no reasons")


def test_times(tape, whole):
    rc, lines, _ = replay("--times", "0", tape)
    check(rc == 0 and lines[:-1] == whole, "times add a line and change none")
    t = json.loads(lines[-1])
    check(t["kind"] == "times" and 28 <= t["ticks"] <= 32 and t["texts"] > 100 and t["turns"] > 0, "which counts", t)
    check(0 < t["tick_p50_us"] <= t["tick_p99_us"] <= t["tick_max_us"] and t["texts_us"] > 0, "and measures", t)
    late = json.loads(replay("--times", "20", tape)[1][-1])
    check(19 <= t["ticks"] - late["ticks"] <= 20 and 0 < late["texts"] < t["texts"], "without the first seconds", late)


def test_counts(tape):
    last = replay("--no-rows", "--no-unknown", "--counts", tape)[1][-4:]
    check({json.loads(x).get("venue") for x in last} == {"binance", "bybit", "hyperliquid", "okx"}, "counts by venue", last)


def test_bad(tape):
    for args, said in ((["--times", "soon", tape], "--times takes seconds, 0 to 86400"), (["--times", "-1", tape], "--times takes seconds"),
                       (["--rows-every", "0", tape], "--rows-every takes seconds, 1 to 86400"), (["--sooner", tape], "unknown option --sooner"),
                       (["--times"], "unknown option --times"), ([], "usage:")):
        rc, lines, err = replay(*args)
        check(rc == 2 and not lines and said in err, "refused: %s" % " ".join(args[:2]), err)


def main():
    with tempfile.TemporaryDirectory(prefix="replay-") as d:
        tape = os.path.join(d, "short.tape")
        subprocess.run([os.path.join(BUILD, "cascade-sim"), "--assets", "3", "--duration", "30", "--tape", tape], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rc, whole, err = replay(tape)
        check(rc == 0 and replay(tape)[1] == whole, "the same tape, the same bytes", err)
        test_rows(tape, whole)
        test_times(tape, whole)
        test_counts(tape)
        test_bad(tape)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
