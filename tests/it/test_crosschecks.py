#!/usr/bin/env python3
"""Proves the cross-checks of feeds with the shipped rules: a whole ordinary day of simulated tape raises none
of their alarms although all of them judge; and each fault, put on a tape, raises its own alarm, no other,
within the seconds that docs/ARCHITECTURE.md states, and the alarm ends when the fault does."""
import collections, json, os, re, shutil, subprocess, sys, tempfile, time

ROOT = os.environ.get("ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
T0 = 1795312800  # the simulator's first second
DAY_S = int(os.environ.get("CROSSCHECK_DAY_S", 86400))
ASSETS = int(os.environ.get("CROSSCHECK_ASSETS", 1))
METRICS = ("liq_missing_n", "mark_trade_bps", "feed_poll_fails", "feed_rate_z", "feed_unheard_frac")
passed = failed = 0


def check(good, what):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED: " + what)


def program(name):
    return os.path.join(BUILD, name)


def stated_limits():
    """Rule -> seconds, from the table in the document."""
    with open(os.path.join(ROOT, "docs/ARCHITECTURE.md")) as f:
        text = f.read().split("## Cross-checks", 1)[1].split("\n## ", 1)[0]
    return {m[1]: int(m[2]) for m in re.finditer(r"^\| `(\w+)` \|.*\| (\d+) s \|$", text, re.M)}


class Tape:
    """A scenario written by the simulator straight into the replay, through a pipe."""

    def __init__(self, folder, conf):
        self.folder, self.conf = folder, conf

    def run(self, options, seconds, assets, rows_every=0):
        fifo = os.path.join(self.folder, "pipe.tape")
        if not os.path.exists(fifo):
            os.mkfifo(fifo)
        sim = [program("cascade-sim"), "--conf", self.conf, "--assets", str(assets), "--tape", fifo,
               "--duration", str(seconds)] + options
        rows = ["--rows-every", str(rows_every)] if rows_every else ["--no-rows"]
        out = open(os.path.join(self.folder, "replay.err"), "w+")
        a = subprocess.Popen(sim, stderr=subprocess.DEVNULL)
        b = subprocess.Popen([program("cascade-replay"), "--no-unknown"] + rows + [fifo],
                             stdout=subprocess.PIPE, stderr=out, text=True)
        for line in b.stdout:
            yield json.loads(line)
        status = a.wait(), b.wait()
        out.seek(0)
        self.said = out.read()
        out.close()
        check(status == (0, 0), "sim and replay ended with %s: %s" % (status, self.said))


def write_conf(folder, assets):
    path, full = os.path.join(folder, "short.conf"), os.path.join(folder, "full.conf")
    with open(path, "w") as f:
        f.write("[cascaded]\nrules_file = %s/conf/rules.conf\nassets_file = %s/conf/assets.conf\ntiers_file =\n"
                "[universe]\nassets = top:%d\n" % (ROOT, ROOT, assets))
    with open(full, "w") as f:
        subprocess.run([program("cascaded"), "-c", path, "-p"], stdout=f, check=True)
    return full


def name(a):
    return "/".join(str(a[k]) for k in ("venue", "asset", "channel", "symbol") if a.get(k))


def ordinary_day(tape, limits):
    seen = collections.defaultdict(lambda: [0, 0, float("inf"), float("-inf")])
    alarms, others, t = [], collections.Counter(), time.monotonic()
    for r in tape.run(["--scenario", "calm", "--seed", "3"], DAY_S, ASSETS, rows_every=60):
        if r["kind"] == "alert" and r["state"] == "firing":
            if r["rule"] in limits:
                alarms.append(r)
            else:
                others[r["rule"]] += 1
        if r["kind"] != "row":
            continue
        for m in METRICS:
            if m not in r:
                continue
            s, x = seen[m], r[m]
            s[0] += 1
            if x is not None:
                s[1:] = s[1] + 1, min(s[2], x), max(s[3], x)
    judged = int(re.search(r"(\d+) rows", tape.said)[1])
    print("ordinary day: %d s, %d assets, %d rows judged in %.0f s; alarms of cross-checks: %d; other rules: %s"
          % (DAY_S, ASSETS, judged, time.monotonic() - t, len(alarms), dict(others)))
    for m in METRICS:
        n, known, lo, hi = seen[m]
        print("  %-18s %6d samples looked at, %6d known, from %.3g to %.3g" % (m, n, known, lo, hi))
        check(known > DAY_S / 60 * 0.9, "%s was known only %d times" % (m, known))
    check(not alarms, "alarms on an ordinary day: " + ", ".join(
        "%s %s at %d s (%.4g)" % (a["rule"], name(a), a["t_us"] // 10**6 - T0, a["value"]) for a in alarms[:5]))
    check(judged > DAY_S * ASSETS, "only %d rows were judged" % judged)
    # the day was no dead one: each statistic moved, below its rule
    for m in ("mark_trade_bps", "feed_rate_z"):
        check(seen[m][2] < 0 < seen[m][3], "%s never moved" % m)


CRASH = ["--scenario", "crash", "--shock-at", "300", "--seed", "2"]
CALM = ["--scenario", "calm", "--seed", "5"]
ENDS_S = {"liq_mute": 360}  # its evidence is five minutes long, and after a crash nobody is left to liquidate
FAULTS = [  # rule or None, what, options, misbehaviour, from second, to second, length of the tape, whom
    (None, "a crash, nothing broken", CRASH, None, 300, 360, 560, None),
    ("liq_mute", "liquidations muted in a crash", CRASH, "mute:binance:forceOrder@290+150", 300, 440, 900,
     r"^binance/BTC$"),
    ("liq_mute", "the same of Bybit", CRASH, "mute:bybit:allLiquidation@290+150", 300, 440, 900, r"^bybit/BTC$"),
    ("liq_mute", "the same of OKX", CRASH, "mute:okx:liquidation-orders@290+150", 300, 440, 900, r"^okx/BTC$"),
    ("mark_far", "the mark leaves trades by 2 %", CALM, "mark:binance:BTCUSDT@300+120:200", 300, 420, 500,
     r"^binance/BTC$"),
    ("mark_far", "the mark of Hyperliquid, the other way", CALM, "mark:hyperliquid:BTC@300+120:-150", 300, 420,
     500, r"^hyperliquid/BTC$"),
    ("poll_failing", "REST answers 503", CALM, "rest:binance:503@302+60", 302, 362, 450, r"^binance/"),
    ("poll_failing", "REST answers 200 with HTML", CALM, "html:binance@302+60", 302, 362, 450, r"^binance/"),
    ("feed_thin", "one quote in twenty arrives", CALM, "sampled:binance:bookTicker:BTCUSDT@1210+300:20", 1210,
     1510, 1750, r"^binance/bookTicker/BTCUSDT$"),
    ("feed_flood", "every mark ten times", CALM, "burst:binance:markPrice@1210+300:10", 1210, 1510, 1750,
     r"^binance/markPrice$"),
    ("feed_flood", "every context message ten times", CALM, "burst:hyperliquid:allDexsAssetCtxs@1210+300:10",
     1210, 1510, 1750, r"^hyperliquid/assetCtxs$"),
    ("feed_unheard", "trades acknowledged, never sent", CALM, "mute:binance:aggTrade:BTCUSDT@0+700", 31, 700, 900,
     r"^binance/aggTrade/BTCUSDT$"),
]


def one_fault(tape, limits, fault):
    rule, what, options, mis, t_from, t_to, length, whom = fault
    first, ended, strange = {}, {}, []
    for r in tape.run(options + (["--misbehave", mis] if mis else []), length, 1):
        if r["kind"] != "alert" or r["rule"] not in limits:
            continue
        t = r["t_us"] / 1e6 - T0
        if r["state"] == "firing" and (r["rule"] != rule or not re.search(whom, name(r)) or t < t_from):
            strange.append("%s %s at %.0f s (%.4g)" % (r["rule"], name(r), t, r["value"]))
        elif r["state"] == "firing":
            first.setdefault(name(r), t)
            ended.pop(name(r), None)
        elif r["state"] == "resolved":
            ended[name(r)] = t
    check(not strange, "%s: raised what it should not: %s" % (what, ", ".join(strange[:4])))
    if rule is None:
        print("%-40s nothing raised" % what)
        return
    took = min(first.values()) - t_from if first else float("inf")
    print("%-40s %-13s after %5.1f s (limit %d s) on %s" % (what, rule, took, limits[rule], ", ".join(first) or "-"))
    check(took <= limits[rule], "%s: %s came after %.1f s, the limit is %d s" % (what, rule, took, limits[rule]))
    check(set(ended) == set(first), "%s: still firing at the end: %s" % (what, set(first) - set(ended)))
    last = t_to + ENDS_S.get(rule, 150)
    check(all(t <= last for t in ended.values()), "%s: ended at %s, the fault at %d" % (what, ended, t_to))


def main():
    folder = tempfile.mkdtemp(prefix="cascaded-crosschecks-")
    try:
        limits = stated_limits()
        with open(os.path.join(ROOT, "conf/rules.conf")) as f:
            shipped = set(re.findall(r"^\[(\w+)\]", f.read(), re.M))
        tried = {f[0] for f in FAULTS if f[0]}
        check(tried == set(limits) <= shipped, "documented %s, tried %s" % (sorted(limits), sorted(tried)))
        tape = Tape(folder, write_conf(folder, 1))
        for fault in FAULTS:
            if len(sys.argv) < 2 or re.search(sys.argv[1], str(fault[0]) + " " + fault[1]):
                one_fault(tape, limits, fault)
        if len(sys.argv) < 2 or sys.argv[1] == "day":
            ordinary_day(Tape(folder, write_conf(folder, ASSETS)), limits)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
