#!/usr/bin/env python3
"""What a tick takes of the loop at the size the budget is for: 50 assets on four simulated exchanges, a tape
of three minutes of calm, replayed by the engine; the first minute, in which books and maps fill, is left out.
A tick is measured behind the second of texts that came before it, whose own time is the reference. Median of
runs, thread time; RUNS in the environment for more or fewer. The tape is checked to hold what it should."""
import json, os, statistics, subprocess, sys, tempfile

BUDGET_MS, SECONDS, SKIP_S, ASSETS, VENUES = 5, 180, 60, 50, 4


def program(name):
    return os.path.join(os.environ["BUILD"], name)


def replay(tape, *options):
    out = subprocess.run([program("cascade-replay"), "--no-unknown", *options, tape], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True).stdout
    return [json.loads(x) for x in out.splitlines()]


def live_pairs(tape):
    """Markets of which mark, open interest and book are known in the last second."""
    rows = [x for x in replay(tape, "--rows-every", str(SECONDS)) if x["kind"] == "row" and x["table"] == "m_venue_asset"]
    return len([x for x in rows if None not in (x["mark_px"], x["oi_usd"], x["depth_10bps_bid_usd"])]), {x["venue"] for x in rows}


def line(name, value, unit, goal=None):
    verdict = "" if goal is None else " (goal <= %g) %s" % (goal, "ok" if value <= goal else "MISSED")
    print("%-40s %12.3f %s%s" % (name, value, unit, verdict), flush=True)
    return goal is not None and not value <= goal


def main():
    runs = int(os.environ.get("RUNS", "7"))
    with tempfile.TemporaryDirectory(prefix="bench-tick-") as d:
        tape = os.path.join(d, "calm.tape")
        subprocess.run([program("cascade-sim"), "--assets", str(ASSETS), "--seed", "5", "--duration", str(SECONDS), "--tape", tape],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        pairs, venues = live_pairs(tape)
        times = [replay(tape, "--no-rows", "--times", str(SKIP_S))[-1] for _ in range(runs)]
    enough = len(venues) == VENUES and pairs >= 0.9 * ASSETS * VENUES and all(x["ticks"] >= SECONDS - SKIP_S - 1 for x in times)
    line("tick: markets with mark, oi and book", pairs, "of %d" % (ASSETS * VENUES))
    missed = line("tick: %d assets on %d venues, median" % (ASSETS, VENUES), statistics.median(x["tick_p50_us"] for x in times) / 1e3, "ms", BUDGET_MS)
    line("tick: the same, 99th percentile", statistics.median(x["tick_p99_us"] for x in times) / 1e3, "ms")
    missed |= line("tick: over its second of texts", statistics.median(x["tick_p50_us"] * x["ticks"] / x["texts_us"] for x in times), "x", 0.6)
    line("tick: texts a second", statistics.median(x["texts"] / x["ticks"] for x in times), "texts")
    if not enough:
        print("bench_tick: the tape is not of %d assets on %d venues" % (ASSETS, VENUES), file=sys.stderr)
    return 1 if missed or not enough else 0


sys.exit(main())
