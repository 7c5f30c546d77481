#!/usr/bin/env python3
"""Two whole daemons of one writer against the simulator and a real database. The one that stands by says so
on its socket, computes the same, publishes no alerts and stores nothing. When the other is killed it leads
within takeover_ms, its first measures are stored within a second more, and a client that goes to its socket
gets the alert stream. The one that comes back stands by in its turn; no row is of both."""
import json, os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Stack
from procs import ROOT, Client, wait_for

BUILD = os.environ.get("BUILD") or os.path.join(ROOT, "build/release")
TAKEOVER_MS = 2000  # the default, which the configuration leaves as it is
TICK_MS = 1000
PERIOD_S = 20  # an asset is stored so often: long enough to see that a takeover does not wait for it
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail) if detail != "" else ""), flush=True)


class Node:
    """One of the two: its folders, its socket, its process."""

    def __init__(self, stack, name):
        self.stack, self.name, self.dir = stack, name, stack.run.path(name)
        for d in ("", "state", "spool"):
            os.makedirs(os.path.join(self.dir, d), exist_ok=True)
        self.sock, self.conf = os.path.join(self.dir, "alerts.sock"), os.path.join(self.dir, "cascaded.conf")
        with open(stack.conf) as f:
            text = f.read().replace("asset_period_s = 1\n", "asset_period_s = %d\n" % PERIOD_S)
        for what in ("state", "spool", "alerts.sock"):
            text = text.replace(stack.run.path(what), os.path.join(self.dir, what))
        with open(self.conf, "w") as f:
            f.write(text)

    def start(self):
        self.p = self.stack.run.start(self.name, [os.path.join(BUILD, "cascaded"), "-c", self.conf])
        wait_for("the socket of " + self.name, 20, lambda: os.path.exists(self.sock) and self.answers())

    def answers(self):
        try:
            self.instance = self.hello()["instance"]
            return True
        except (OSError, EOFError):
            return False

    def client(self):
        return Client(self.sock)

    def hello(self):
        c = self.client()
        line = c.line()
        c.close()
        return line["params"]

    def ask(self, method, **params):
        c = self.client()
        try:
            return c.call(method, **params)
        finally:
            c.close()

    def store(self):
        return self.ask("status")["store"]

    def refuses(self, method, **params):
        """Why; "" when it does not."""
        try:
            self.ask(method, **params)
            return ""
        except RuntimeError as e:
            return str(e)

    def kill(self):
        self.p.kill()
        self.p.wait()
        self.stack.run.stop(self.p)


def one(s, query):
    return s.rows(query)[0][0]


def stored_by(s, node):
    """Rows of measures of this process, from its write position: rows, batches need no look at tables."""
    return int(one(s, "SELECT coalesce(sum(w.rows), 0) FROM cascade_risk.write_position w JOIN cascade_risk.run r"
                      " USING (run_id) WHERE r.instance = '%s'" % node.instance))


def oi(node):
    """Open interest of each tracked asset, over all venues."""
    rows = node.ask("metrics.get", names=["m_asset.oi_usd"])["rows"]
    return {r["asset"]: r["values"].get("oi_usd") for r in rows}


def watchdog(node):
    return next((a["id"] for a in node.ask("alerts.list")["alerts"] if a["rule"].startswith("watchdog")), None)


def judge_standby(s, a, b):
    status, hello = b.ask("status"), b.hello()
    check("status and hello say that it stands by", status["role"] == "standby" and hello["standby"], status["role"])
    st = status["store"]
    check("status says the store's role, and that it never had a term", st["role"] == "standby" and st["term"] == 0)
    check("the other one leads, with term 1", a.store()["role"] == "leader" and a.store()["term"] == 1)
    check("both clocks are told", all(abs(n.store()["clock_offset_s"]) < 0.5 for n in (a, b)), st["clock_offset_s"])
    for method, params in (("alerts.subscribe", {}), ("alerts.ack", {"id": watchdog(b)})):
        check("%s is answered with not_ready" % method, "not_ready" in b.refuses(method, **params))
    check("it has raised the alert that always fires itself", watchdog(b) is not None)
    both = [(oi(a).get(x), v) for x, v in oi(b).items()]
    same = [x for x in both if all(x) and abs(x[0] / x[1] - 1) < 0.02]
    check("it computes what the other one does", len(same) >= 3, "%d of %d assets within 2 %%" % (len(same), len(both)))
    check("it has registered no run", one(s, "SELECT count(*) FROM cascade_risk.run WHERE instance = '%s'" % b.instance) == "0")
    check("the leader stores", stored_by(s, a) > 0, "%d rows" % stored_by(s, a))


def subscribe(node, limit_s, **params):
    """A subscription of alerts as soon as the daemon takes one."""
    end = time.monotonic() + limit_s
    while True:
        c = node.client()
        try:
            return c, c.call("alerts.subscribe", **params)
        except RuntimeError:
            c.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def judge_takeover(s, a, b, metrics):
    before = subscribe(a, 0)[1]
    began, wall_us = time.monotonic(), time.time() * 1e6
    a.kill()
    seen = dict(after=before["seq"], instance=a.instance)
    alerts, answer = subscribe(b, 10, **seen)
    told_ms = (time.monotonic() - began) * 1000
    wait_for("the first measures", 20, lambda: stored_by(s, b) > 0)
    stored_ms = (time.monotonic() - began) * 1000
    st = b.store()
    lead_ms = (st["t_role_us"] - wall_us) / 1000
    check("it leads within takeover_ms", 0 < lead_ms <= TAKEOVER_MS, "%.0f ms after the kill, by its status" % lead_ms)
    check("a subscription is taken within takeover_ms", told_ms <= TAKEOVER_MS, "%.0f ms" % told_ms)
    check("the first rows are stored within takeover_ms and a tick", stored_ms <= TAKEOVER_MS + TICK_MS, "%.0f ms" % stored_ms)
    wait_for("a measure of each asset", 5, lambda: one(s, "SELECT count(DISTINCT asset) FROM cascade_risk.m_asset JOIN"
             " cascade_risk.run USING (run_id) WHERE instance = '%s'" % b.instance) == str(len(oi(b))))
    first = float(one(s, "SELECT extract(epoch FROM max(f) - min(f)) FROM (SELECT min(t) AS f FROM cascade_risk.m_asset JOIN"
                         " cascade_risk.run USING (run_id) WHERE instance = '%s' GROUP BY asset) x" % b.instance))
    check("with its first tick each asset, whatever the resolution", first == 0, "%g s apart" % first)
    check("status says that it leads, with term 2", (st["role"], st["term"], b.ask("status")["role"]) == ("leader", 2, "leader"))
    check("a cursor of the other one is a gap, and the state of all alerts comes", answer["gap"] and answer.get("snapshot"), answer["gap"])
    own, again = subscribe(b, 0, after=answer["seq"], instance=b.instance)
    own.close()
    check("an own one is none", again["gap"] is None and "snapshot" not in again)
    judge_stream(s, b, alerts)
    metrics.s.settimeout(5)
    check("who follows the measures was not disturbed", metrics.line()["method"] == "metrics")


def judge_stream(s, b, alerts):
    """What the desk does goes out to the subscriber, and to the table."""
    b.ask("alerts.ack", id=watchdog(b), comment="standby test")
    end = time.monotonic() + 5
    line = {}
    while time.monotonic() < end and line.get("method") != "alert":
        line = alerts.line()
    a = line.get("params", {})
    check("the stream tells a transition", a.get("rule", "").startswith("watchdog"), a.get("rule"))
    wait_for("the transition in the table", 5, lambda: one(
        s, "SELECT count(*) FROM cascade_risk.alert_transition JOIN cascade_risk.run USING (run_id)"
           " WHERE instance = '%s' AND rule LIKE 'watchdog%%'" % b.instance) != "0")
    check("the table has it, of the new leader's run", True)


def judge_return(s, a, b):
    """The one that was killed stores what it had accepted, and stands by."""
    old = a.instance
    a.start()
    wait_for("the first one stands by", 10, lambda: a.store()["role"] == "standby")
    wait_for("it has stored what lay in its spool", 10, lambda: a.store()["rows_queued"] < 1000)
    check("the one that came back stands by, the other one leads on", b.store()["role"] == "leader")
    n = one(s, "SELECT count(*) FROM cascade_risk.m_asset m JOIN cascade_risk.run r USING (run_id) JOIN cascade_risk.writer_lease l"
               " ON l.term = 2 WHERE (r.instance = '%s') <> (m.t >= l.t_taken)" % b.instance)
    check("each row is of who led at its time", n == "0", n)
    n = one(s, "SELECT count(*) FROM (SELECT t, asset FROM cascade_risk.m_asset GROUP BY t, asset HAVING count(*) > 1) x")
    check("no measure of an asset is stored twice", n == "0", n)
    gap = s.rows("SELECT length_s FROM cascade_risk.v_gaps WHERE cause = 'takeover'")
    check("one takeover is told in v_gaps", len(gap) == 1 and 0 < float(gap[0][0]) < 2 + TAKEOVER_MS / 1000 + 1, gap)
    check("the first run is there", one(s, "SELECT count(*) FROM cascade_risk.run WHERE instance = '%s'" % old) == "1")


def scenario(s):
    for d in ("state", "spool", "cert"):
        os.mkdir(s.run.path(d))
    s.db, s.db_writer = s.run.cluster()
    subprocess.run([os.path.join(BUILD, "cascadectl"), "schema", "apply", "--database", s.db, "--dir", os.path.join(ROOT, "sql")],
                   check=True, stdout=subprocess.DEVNULL)
    s.start_sim()
    s.write_conf()
    a, b = Node(s, "a"), Node(s, "b")
    a.start()
    wait_for("the first one leads", 20, lambda: a.store()["role"] == "leader")
    b.start()
    wait_for("the second one stands by", 20, lambda: b.store()["role"] == "standby")
    wait_for("both measure", 60, lambda: all(sum(v is not None for v in oi(n).values()) >= 3 for n in (a, b)))
    judge_standby(s, a, b)
    metrics = b.client()
    metrics.call("metrics.subscribe", names=["m_asset.oi_usd"])
    check("measures may be followed at one that stands by", metrics.line()["method"] == "metrics")
    wait_for("rows of measures", PERIOD_S + 5, lambda: int(one(s, "SELECT count(*) FROM cascade_risk.m_asset")) > 0)
    time.sleep(2)  # off the grid of the period
    judge_takeover(s, a, b, metrics)
    judge_return(s, a, b)
    for n in (a, b):
        check("%s ends with status 0" % n.name, s.run.stop(n.p) == 0)


def main():
    began = time.monotonic()
    s = Stack(BUILD, "standby", "calm", 1, assets="top:8", tape=False, keep=bool(os.environ.get("KEEP")))
    try:
        scenario(s)
    except Exception as e:  # whatever ends the scenario is a failure with its logs
        check("the scenario runs to its end", False, "%s: %s" % (type(e).__name__, e))
        for name in ("a", "b"):
            if os.path.exists(s.run.path(name + ".log")):
                print(s.log(name, 30))
    finally:
        s.end()
    print("%.0f s" % (time.monotonic() - began))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
