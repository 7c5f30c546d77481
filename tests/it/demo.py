#!/usr/bin/env python3
"""`make demo`: simulator with a crash, database and daemon on one machine; shows the alert stream until
Ctrl-C, or for --duration seconds counted from the moment every feed is live (shock 30 s after it). With
a duration the exit status says whether the product did its job: the rule liq_1m and one of depth_10bps
and px_dev fired after the shock and not before it, for the shock's asset, and were resolved, and rows
were stored; in the scenario `calm` none of them may fire. `make run` is the same against real venues."""
import argparse, os, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Stack
from procs import ROOT, sql, wait_for

MARKET_RULES = ("liq_1m", "depth_10bps", "px_dev")
CASCADE_RULES = ("cascade_r_dn", "cascade_amp_dn")  # each must fire around the shock, by its build-up or by itself
CASCADE_METRICS = (("cascade_r_dn", "reproduction number", "r_mech_5pct_dn"),
                   ("cascade_amp_dn", "amplification", "casc_first_5pct_dn"))


WHOLE_S = 150  # the crash comes after 30 s; some 90 s later the last rule has been resolved


def say(text=""):
    print(text, flush=True)


def summary(s):
    status = s.client().call("status")
    say("\nEvents by venue and kind")
    for venue, kinds in sorted(status["events"].items()):
        said = ", ".join("%s %d" % (k, n) for k, n in sorted(kinds.items()) if n)
        say("  %-12s %s" % (venue, said))
    say("Rows by table")
    total = 0
    for table, n in rows_by_table(s):
        say("  %-20s %9d" % (table, n))
        total += n
    return total


def rows_by_table(s):
    tables = [t for t, in s.rows("select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
                                 " where nspname = 'cascade_risk' and relkind = 'p' order by 1")]
    return [(t, int(s.rows("select count(*) from cascade_risk.%s" % t)[0][0])) for t in tables]


def transitions(s):
    """(t in seconds, rule, asset, venue, state) of every transition of this run, in order."""
    q = ("select extract(epoch from t), rule, coalesce(asset, ''), coalesce(venue, ''), state, severity"
         " from cascade_risk.alert_transition order by seq")
    return [(float(r[0]), r[1], r[2], r[3], r[4], r[5]) for r in s.rows(q)]


def judge_rule(rule, asset, shock_s, rows):
    """None when the rule fired after the shock and not before, for its asset, and was resolved; else why."""
    mine = [r for r in rows if r[1] == rule]
    early = [r for r in mine if r[4] == "firing" and r[0] < shock_s]
    if early:
        return "fired %.1f s before the shock for %s" % (shock_s - early[0][0], early[0][2])
    fired = [r for r in mine if r[4] == "firing" and r[2] == asset]
    if not fired:
        return "did not fire for %s" % asset
    open_ = {}
    for t, _, a, venue, state, _ in mine:
        open_[(a, venue)] = state in ("firing", "pending") and (state == "firing" or open_.get((a, venue), False))
    left = [k for k, v in open_.items() if v]
    if left:
        return "was not resolved for %s" % ", ".join(" ".join(k).strip() for k in left)
    return None


def cascade_values(s, asset, shock_s):
    """Of each cascade metric: mean of an ordinary half minute, last value before the shock, peak after it."""
    at = "extract(epoch from t) - %f" % shock_s
    spans = (("avg", "-60", "-30"), ("(array_agg({m} order by t desc) filter (where {m} is not null))[1]; max", "-15", "0"),
             ("max", "0", "30"))
    out = {}
    for _, _, m in CASCADE_METRICS:
        parts = []
        for f, lo, hi in spans:
            f = f.format(m=m).split(";")[0]
            expr = "%s(%s)" % (f, m) if f in ("avg", "max") else f
            parts.append("(select %s from cascade_risk.m_asset where asset = '%s' and %s >= %s and %s < %s)"
                         % (expr, asset, at, lo, at, hi))
        out[m] = [float(x) if x else None for x in s.rows("select " + ", ".join(parts))[0]]
    return out


def judge_cascade(s, asset, shock_s, rows):
    """The model's numbers rise before the shock, and the rules made for them fire around it."""
    bad, values = [], cascade_values(s, asset, shock_s)
    for rule, what, m in CASCADE_METRICS:
        usual, before, peak = values[m]
        show = ["unknown" if x is None else "%.2f" % x for x in (usual, before, peak)]
        fired = [r[0] - shock_s for r in rows if r[1] == rule and r[4] == "firing" and r[2] == asset]
        near = [t for t in fired if -30 <= t <= 20]
        say("  %-14s %s of %s (modelled): %s half a minute before, %s at the shock, up to %s after; %s"
            % (rule, what, asset, show[0], show[1], show[2],
               "fired %.1f s %s it" % (abs(near[0]), "before" if near[0] < 0 else "after") if near else "did not fire"))
        if usual is None or before is None or before < 1.1 * usual:
            bad.append("%s did not rise before the shock: %s, then %s" % (m, show[0], show[1]))
        if not near:
            bad.append("%s did not fire around the shock" % rule)
        bad += ["%s fired %.0f s before the shock" % (rule, -t) for t in fired if t < -30]
    return bad


def judge_crash(s, rows):
    shock = next(s.truth_lines("shock"), None)
    if not shock:
        return ["the truth file holds no shock"]
    shock_s = shock["t_us"] / 1e6
    why = {r: judge_rule(r, shock["asset"], shock_s, rows) for r in MARKET_RULES}
    for r in MARKET_RULES:
        first = [x for x in rows if x[1] == r and x[4] == "firing" and x[2] == shock["asset"]]
        say("  %-12s %s" % (r, why[r] or "fired %.1f s after the shock of %s, resolved" % (first[0][0] - shock_s, shock["asset"])))
    bad = []
    if why["liq_1m"]:
        bad.append("liq_1m " + why["liq_1m"])
    if why["depth_10bps"] and why["px_dev"]:
        bad.append("depth_10bps %s; px_dev %s" % (why["depth_10bps"], why["px_dev"]))
    bad += ["%s %s" % (r, w) for r, w in why.items() if w and w.startswith("fired")]
    return bad + judge_cascade(s, shock["asset"], shock_s, rows)


def judge_calm(rows):
    judged = MARKET_RULES + CASCADE_RULES + ("cascade_r_up", "cascade_amp_up")
    fired = [r for r in rows if r[1] in judged and r[4] == "firing"]
    return ["%s fired for %s %s in a calm market" % (r[1], r[3], r[2]) for r in fired]


def judge(s, stored):
    rows = transitions(s)
    say("Rules")
    bad = judge_crash(s, rows) if s.scenario == "crash" else judge_calm(rows)
    if stored == 0:
        bad.append("no row was stored")
    return bad


def watch(s):
    return subprocess.Popen([s.program("cascadectl"), "--socket", s.sock, "watch"], stdin=subprocess.DEVNULL)


def hold(s, duration):
    end = time.monotonic() + duration if duration else None
    while end is None or time.monotonic() < end:
        s.alive()
        if s.sim and s.sim.poll() is not None:
            raise RuntimeError("the simulator ended:\n" + s.log("sim"))
        time.sleep(0.2)


def interrupt(_sig, _frame):
    raise KeyboardInterrupt


def show_places(s, o):
    say("socket    %s" % s.sock)
    say("database  psql \"%s\"" % s.db)
    say("tape      %s" % s.run.path("tape"))
    say("log       %s" % s.run.path("cascaded.log"))
    say("try       %s --socket %s status" % (os.path.relpath(s.program("cascadectl")), s.sock))


def demo(o):
    s = Stack(os.path.abspath(o.build), "demo", o.scenario, o.seed, keep=o.keep)
    watcher = None
    try:
        s.start()
        show_places(s, o)
        s.wait_live()
        s.shock()
        say("live; %s\n" % ("the shock comes in 30 s" if o.scenario == "crash" else "scenario " + o.scenario))
        watcher = watch(s)
        hold(s, o.duration)
        watcher.terminate()
        watcher.wait()
        time.sleep(2)  # the last flush
        bad = judge(s, summary(s))
        status = s.stop_daemon()
        if status != 0:
            bad.append("cascaded ended with status %s:\n%s" % (status, s.log("cascaded")))
        for b in bad:
            say("demo: " + b)
        say("demo: %s" % ("FAILED" if bad else "ok"))
        return 1 if bad else 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if watcher and watcher.poll() is None:
            watcher.terminate()
            watcher.wait()
        s.end()


def real(o):
    s = Stack(os.path.abspath(o.build), "run", keep=True)
    try:
        for d in ("state", "tape", "spool"):
            os.makedirs(s.run.path(d), exist_ok=True)
        s.db, s.db_writer = s.run.cluster()
        subprocess.run([s.program("cascadectl"), "schema", "apply", "--database", s.db, "--dir",
                        os.path.join(ROOT, "sql")], check=True)
        with open(s.conf, "w") as f:
            f.write("[cascaded]\nrules_file = {r}/conf/rules.conf\nassets_file = {r}/conf/assets.conf\n"
                    "tiers_file = {r}/conf/tiers.ndjson\nstate_dir = {d}/state\n[store]\ndatabase = {db}\nspool_dir = {d}/spool\n"
                    "[serve]\nsocket_path = {d}/alerts.sock\nsocket_group =\n[tape]\ndir = {d}/tape\n".format(
                        r=ROOT, d=s.run.dir, db=s.db_writer))
        s.start_daemon()
        show_places(s, o)
        watcher = watch(s)
        hold(s, o.duration)
        watcher.terminate()
        return 0
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        s.end()


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", required=True)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--scenario", default="crash", choices=("crash", "calm"))
    a.add_argument("--duration", type=float, default=0)
    a.add_argument("--keep", action="store_true", help="leave the run's folder (tape, truth, logs)")
    a.add_argument("--real", action="store_true")
    o = a.parse_args()
    if o.scenario == "crash" and not o.real and 0 < o.duration < WHOLE_S:
        a.error("a duration below %d s ends before the crash is over, so nothing could be said of it" % WHOLE_S)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        return real(o) if o.real else demo(o)
    except KeyboardInterrupt:
        say("\ndemo: stopped")
        return 130 if o.duration else 0  # without a duration this is how it ends
    except (RuntimeError, TimeoutError, subprocess.CalledProcessError) as e:
        say("demo: %s" % e)
        return 1


sys.exit(main())
