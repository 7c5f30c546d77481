#!/usr/bin/env python3
"""Questions to the cascade model through the socket: at 1, 2, 5 and 10 %, both ways, both scenarios, per
venue and pooled, `stress` and the metrics of the same evaluation agree to the last digit; other shocks lie
between; unknown stays unknown with the same reason; nonsense is refused; the terminal says what it is."""
import os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Stack
from procs import ROOT, wait_for

BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
ASSETS = ("BTC", "ETH", "SOL")
SHOCKS = ((1, .01), (2, .02), (5, .05), (10, .10))
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


def ask(c, asset, shock, scenario, **more):
    return c.call("stress", asset=asset, shock_frac=shock, scenario=scenario, **more)


def rows_of(c, asset):
    rows = c.call("metrics.get", table="m_scenario", asset=asset)["rows"]
    return {(r["scenario"], r["venue"]): r for r in rows}


def differences(answer, row, pct, way):
    """What a stress answer of one venue (or the pool) says otherwise than the row of m_scenario."""
    names = {"amp": "casc_amp_%dpct_%s" % (pct, way), "final_frac": "casc_final_%dpct_%s_frac" % (pct, way),
             "liq_usd": "casc_liq_%dpct_%s_usd" % (pct, way), "crit_frac": "casc_crit_%s_frac" % way,
             "r_mech_1pct": "r_mech_1pct_" + way, "r_mech_5pct": "r_mech_5pct_" + way,
             "first_5pct": "casc_first_5pct_" + way, "cov_frac": "casc_cov_%s_frac" % way,
             "meas_frac": "casc_meas_%s_frac" % way, "share_frac": "casc_share_%s_frac" % way}
    bad = [(k, answer[k], row["values"][n]) for k, n in names.items() if answer[k] != row["values"][n]]
    why = row["unknown"].get(names["amp"])
    return bad + ([("unknown", answer["unknown"], why)] if answer["unknown"] != why else [])


def compare(c, asset, scenario):
    """Numbers compared, known ends among them, differences; None when the evaluation changed meanwhile."""
    first = ask(c, asset, -.01, scenario)["t_eval_us"]
    rows, answers = rows_of(c, asset), []
    for pct, frac in SHOCKS:
        for way, sign in (("dn", -1), ("up", 1)):
            answers.append((pct, way, ask(c, asset, sign * frac, scenario)))
    if any(a["t_eval_us"] != first for _, _, a in answers):
        return None
    bad, n, known = [], 0, 0
    for pct, way, a in answers:
        for venue, answer in [(None, a["pooled"])] + [(v["venue"], v) for v in a["venues"]]:
            n, known = n + 1, known + (answer["amp"] is not None)
            bad += [(venue, pct, way) + d for d in differences(answer, rows[scenario, venue], pct, way)]
    return n, known, bad


def test_agreement(s, when, least_known):
    total = 0
    for asset in ASSETS:
        for scenario in ("flow", "news"):
            got = next((g for g in (compare(s.client(), asset, scenario) for _ in range(20)) if g), None)
            check("%s, %s %s: stress is the metric" % (when, asset, scenario), got and got[0] >= 16 and not got[2],
                  got and "%d answers, %d with a known end, differing: %s" % (got[0], got[1], got[2][:3]))
            total += got[1] if got else 0
    if least_known:  # before a crash the map may run away at every shock
        check("%s: ends are known" % when, total >= least_known, "%d, at least %d" % (total, least_known))


def wait_known(s):
    """After the crash the map holds what is left, and shocks end somewhere."""
    def known():
        c = s.client()
        return all(ask(c, a, -.01, "flow")["pooled"]["amp"] is not None for a in ASSETS[1:])
    wait_for("known ends after the crash", 90, known)


def test_between(s):
    """Along rising shocks ends never fall, and a known end is not before its shock."""
    c, ends = s.client(), []
    for k in range(1, 251):
        a = ask(c, "BTC", -k / 1000, "flow")
        ends.append((a["t_eval_us"], k / 1000, [x["final_frac"] for x in [a["pooled"]] + a["venues"]]))
    bad = [e for e in ends if any(f is not None and f < e[1] for f in e[2])]
    for x, y in zip(ends, ends[1:]):
        if x[0] == y[0] and any(f is not None and g is not None and g < f for f, g in zip(x[2], y[2])):
            bad.append((x, y))
        if x[0] == y[0] and any(f is None and g is not None for f, g in zip(x[2], y[2])):
            bad.append((x, y))
    check("ends never fall with the shock", not bad, bad[:2])


def test_refusals(s):
    for what, params in (("an asset nobody has", {"asset": "NOPE", "shock_frac": -.05}),
                         ("no shock", {"asset": "BTC", "shock_frac": 0}),
                         ("a shock beyond the grid", {"asset": "BTC", "shock_frac": -.26}),
                         ("a shock that is text", {"asset": "BTC", "shock_frac": "-5%"}),
                         ("a scenario nobody knows", {"asset": "BTC", "shock_frac": -.05, "scenario": "doom"}),
                         ("a venue nobody knows", {"asset": "BTC", "shock_frac": -.05, "venue": "nope"}),
                         ("no asset", {"shock_frac": -.05})):
        try:
            s.client().call("stress", **params)
            check("refused: " + what, False)
        except Exception as e:
            check("refused: " + what, "-32602" in str(e), str(e)[:90])


def test_terminal(s):
    def ctl(*args):
        p = subprocess.run([os.path.join(BUILD, "cascadectl"), "--socket", s.sock] + list(args),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
        return p.returncode, p.stdout
    rc, out = ctl("stress", "BTC=-5%", "ETH=0.07")
    check("two shocks in the terminal", rc == 0 and "BTC -5.00 %" in out and "ETH 7.00 %" in out, out[:200])
    check("it says modelled, uncalibrated", out.count("modelled, uncalibrated") == 2)
    check("each on its own book", "on its own book" in out)
    check("80 columns", max(map(len, out.splitlines())) <= 80, max(out.splitlines(), key=len))
    check("pooled and every venue", "all pooled" in out and "binance" in out and "hyperliquid" in out)
    rc, out = ctl("--json", "stress", "BTC=-5%", "ETH=-5%")
    check("--json: one object a line", rc == 0 and len(out.splitlines()) == 2 and out.startswith("{"))
    rc, out = ctl("stress", "BTC:-5")
    check("what is no shock is usage", rc == 2 and "BTC=-5%" in out)
    rc, out = ctl("stress", "NOPE=-5%")
    check("what the server refuses is 4", rc == 4, out)


def main():
    s = Stack(os.path.abspath(BUILD), "stress", "crash", 5, assets="BTC,ETH,SOL,XRP,DOGE")
    try:
        s.start()
        s.wait_live()

        def evaluated():
            c = s.client()
            return all(ask(c, a, -.05, "flow")["pooled"]["cov_frac"] is not None for a in ASSETS)
        wait_for("books and maps of all", 60, evaluated)
        test_agreement(s, "before", 0)
        s.shock()
        wait_known(s)
        test_agreement(s, "after", 30)
        test_between(s)
        test_refusals(s)
        test_terminal(s)
        check("cascaded ends well", s.stop_daemon() == 0)
    finally:
        s.end()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
