"""What the loop notices of a database that stands still: the demo's load, all processes of the private
cluster stopped with SIGSTOP for a while, and running for as long, in turns. Measured in both: how late
each tick is (the daemon says it) and how long an alert transition takes from its time to a client of
the socket. Alerts are many, by rules that any market makes come and go. Used by the test and by the bench."""
import json, os, select, signal, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import Stack
from procs import ROOT, wait_for

# prices of venues around what is usual: some transitions each second, by the tick and between ticks
RULES = """
[flap_spread]
metric = spread_bps
assets = {assets}
info = raise 1.2 clear 1.1 for 0
summary = {{asset}} on {{venue}}: {{value}}

[flap_dev]
metric = px_dev_bps
absolute = yes
fast = yes
assets = {assets}
info = raise 0.6 clear 0.5 for 0
summary = {{asset}} on {{venue}}: {{value}}
"""


def quantile(values, q):
    v = sorted(values)
    return v[min(len(v) - 1, int(q * len(v)))] if v else float("nan")


class Phase:
    """One span of the cluster running or stopped: samples in ms."""

    def __init__(self, stopped):
        self.stopped, self.lag_ms, self.alert_ms, self.rss_kb = stopped, [], [], 0


class Experiment:
    def __init__(self, build, name, assets="top:50", pool="BTC,ETH,SOL,XRP,DOGE,BNB,ADA,AVAX", keep=False):
        self.pool, self.phases, self.phase, self.over = pool, [], None, False
        self.stack = Stack(build, name, "crash", 1, shock_at=40, assets=assets, keep=keep)

    def start(self):
        s = self.stack
        s.rules = s.run.path("rules.conf")
        with open(os.path.join(ROOT, "conf/rules.conf")) as f, open(s.rules, "w") as out:
            out.write(f.read() + RULES.format(assets=self.pool))
        s.start()
        s.wait_live()
        s.shock()
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self.hear_alerts, self.poll_status)]
        for t in self.threads:
            t.start()

    def hear_alerts(self):
        c = self.stack.client()
        c.call("alerts.subscribe", rules=["flap_spread", "flap_dev"])
        while not self.over:
            if not (b"\n" in c.buf or select.select([c.s], [], [], 0.2)[0]):
                continue
            m = c.line()
            now, phase = time.time(), self.phase
            t = m.get("params", {}).get("alert", m.get("params", {})).get("t_us")
            if m.get("method") == "alert" and phase and t:
                self.last = m
                phase.alert_ms.append(now * 1e3 - t / 1e3)
        c.close()

    def poll_status(self):
        """Half a second after each tick: what it said of itself."""
        c = self.stack.client()
        while not self.over:
            time.sleep(1 - (time.time() - 0.5) % 1)
            p, phase = c.call("status")["process"], self.phase
            if phase:
                phase.lag_ms.append(p["loop_lag_ms"])
                phase.rss_kb = max(phase.rss_kb, p["rss_kb"])
        c.close()

    def pids(self):
        """Of the cluster, the postmaster first."""
        with open(os.path.join(self.stack.run.pg, "data/postmaster.pid")) as f:
            top = int(f.readline())
        out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(top)], stdout=subprocess.PIPE, text=True).stdout
        return [top] + [int(x) for x in out.split()]

    def send(self, sig):
        for pid in self.pids():
            try:
                os.kill(pid, sig)
            except OSError:
                pass

    def span(self, seconds, stopped):
        if stopped:
            self.send(signal.SIGSTOP)
            self.send(signal.SIGSTOP)  # children that were forked meanwhile
        phase = Phase(stopped)
        time.sleep(1.2)  # the change itself belongs to neither
        self.phase = phase
        try:
            time.sleep(seconds)
        finally:
            self.phase = None
            self.phases.append(phase)
            if stopped:
                self.send(signal.SIGCONT)
        if stopped:
            self.status = self.stack.client().call("status")["store"]
            wait_for("the rows of the stop to be stored", 60 + 2 * seconds, self.is_caught_up)

    def is_caught_up(self):
        st = self.stack.client().call("status")["store"]
        return st["state"] == "ready" and st["rows_queued"] < 3000

    def samples(self, what, stopped):
        return [x for p in self.phases if p.stopped == stopped for x in getattr(p, what)]

    def end_measuring(self):
        self.over = True
        for t in self.threads:
            t.join(10)

    def ratios(self):
        """name: (p99 running, p99 stopped, samples of the two)."""
        out = {}
        for what in ("lag_ms", "alert_ms"):
            run, stop = self.samples(what, False), self.samples(what, True)
            out[what] = (quantile(run, .99), quantile(stop, .99), len(run), len(stop))
        return out


def judge_seconds(s, check):
    """What a replay of the tape gives is stored, row for row, and nothing else: by second, venue and asset."""
    out = subprocess.run([s.program("cascade-replay"), s.run.path("tape")], stdout=subprocess.PIPE, check=True).stdout
    want = {"m_asset": set(), "m_venue_asset": set()}
    for line in out.splitlines():
        if line.startswith(b'{"kind":"row"'):
            d = json.loads(line)
            if d["table"] in want:
                want[d["table"]].add((d["t_us"], d.get("venue", ""), d["asset"], d.get("mark_px") or d.get("oi_usd")))
    for table, rows in want.items():
        venue = "venue" if table == "m_venue_asset" else "''"
        got = [(int(t), v, a, float(x) if x else None) for t, v, a, x in s.rows(
            "select (extract(epoch from t) * 1000000)::bigint, %s, asset, %s from cascade_risk.%s" %
            (venue, "coalesce(nullif(mark_px, 0), oi_usd)" if table == "m_venue_asset" else "oi_usd", table))]
        check("%s holds what the tape gives, once" % table, len(got) == len(set(got)) and set(got) == rows and len(rows) >= 500,
              "%d rows, %d replayed, %d differ" % (len(got), len(rows), len(set(got) ^ rows)))
