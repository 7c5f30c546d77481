#!/usr/bin/env python3
"""Proves that of two daemons of one writer one writes at a time, that the other takes over within its
configured delay (counted from the kill, of each lane's first batch; no takeover may be later), and that
together they store each row once: whatever the leader had accepted before it
was killed is stored when it comes back, and nothing it accepts after the takeover. Two feeders
(tests/tools/store_feeder.c, `live`) tell the same numbered rows by the clock, each with a spool of its
own, against a private cluster. Each round kills the one that leads, at a random moment, at a named point
between append, send and acknowledgement, or with a batch held up in the database; the roles swap. In
every fourth round it is first stopped, loses its lock and its lead, and is continued: it must be refused, or know.
At the end the same without the fence, to see that the counts would tell.

  test_failover.py [--rounds 6] [--seed 4]        FAILOVER_ROUNDS=50 does the same"""
import argparse, os, random, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import procs
import test_torture as torture

STEP_S = 0.004
BOUND_MS, HANG_MS = 1000, 5000  # takeover_ms, hang_ms of the feeder
POINTS = ["append_after", "write_before", "write_after", "sync_after", "send_before", "send_after", "copy_begun", "ack_before",
          "ack_after", "trim_before"]
DEEDS = ["moment", "point", "batch under way", "point"]
LANE = {"0": "alert", "1": "bulk"}
check = torture.check


class Node(torture.Feeder):
    """A feeder with its spool: its lives, what it told, what it accepted, and which of it as the leader."""

    def __init__(self, run, server, name, first_epoch):
        self.run, self.server, self.name = run, server, name
        self.spool, self.mounted = run.path("spool-" + name), False
        os.mkdir(self.spool)
        self.epoch, self.told, self.target, self.options = first_epoch - 2, 1, 1, []
        self.rows, self.accepted, self.led, self.epochs = {}, {}, {}, set()
        self.life, self.kills, self.errors, self.given_up, self.fenced, self.dropped = None, 0, 0, 0, 0, 0
        self.role, self.role_ms, self.commit_ms, self.jobs, self.exempt = None, None, {}, [], False
        self.unblocked = 0

    def start(self):
        self.epoch += 2  # the two never have the same
        self.epochs.add(self.epoch)
        self.log = self.run.path("%s%d.log" % (self.name, self.epoch))
        self.pos, self.tail, self.exempt = 0, b"", False
        self.life = {"batch": {}, "told": [], "held": None, "status": None, "synced": {}, "error": None, "end": False,
                     "early": set(), "given_up": 0, "lane": {0: [], 1: []}}
        self.role, self.commit_ms, self.jobs = None, {}, []
        self.p = self.run.start(self.name, [torture.FEEDER, "--live=%d" % round(STEP_S * 1e6)] + self.options + [self.server.writer, self.spool, str(self.epoch), "1", self.log],
                                stdin=subprocess.PIPE)

    def on_R(self, life, w):
        super().on_R(life, w)
        if self.role == "leader" and not self.exempt:
            self.led[int(w[0])] = True

    def on_S(self, life, w):
        old = life["status"] or [0] * 8
        super().on_S(life, w)
        self.fenced += life["status"][6] - old[6]
        self.dropped += life["status"][7] - old[7]

    def on_J(self, life, w):
        self.unblocked += w[1] == "unblock"
        self.jobs.append(("asks", LANE[w[0]], w[1], int(w[2]), ""))

    def on_K(self, life, w):
        self.jobs.append(("has", LANE[w[0]], w[1], int(w[2]), " ".join(w[3:])))

    def on_L(self, life, w):
        self.role, self.role_ms, self.commit_ms = w[0], int(w[1]), {}

    def on_C(self, life, w):
        self.commit_ms[LANE[w[0]]] = int(w[1])


class Failover:
    def __init__(self, args, run):
        self.args, self.rng = args, random.Random(args.seed)
        self.server = torture.Server(run)
        torture.migrate(self.server)
        self.leader, self.other = Node(run, self.server, "a", 1), Node(run, self.server, "b", 2)
        self.delay, self.by_deed, self.pauses = {"lead": [], "alert": [], "bulk": [], "held up": [], "hang": []}, {}, 0

    def begin(self):
        self.leader.start()
        self.leader.until("the first leads", 20, lambda l: self.leader.role == "leader" and len(self.leader.commit_ms) == 2)
        self.other.start()
        self.stand_by()

    def stand_by(self):
        self.other.until("the second stands by", 20, lambda l: self.other.role == "standby")

    def taken_over(self, why, since_ms, held_ms=None, bound=BOUND_MS):
        """The one that stood by leads and has committed in both lanes; the roles are named anew.
        held_ms: until when somebody kept a table locked that the bulk lane needs."""
        new = self.other
        new.until("the takeover", 30, lambda l: new.role == "leader" and len(new.commit_ms) == 2)
        self.leader, self.other = self.other, self.leader
        lead, alert, bulk = (x - since_ms for x in (new.role_ms, new.commit_ms["alert"], new.commit_ms["bulk"]))
        if bound > BOUND_MS:
            self.delay["hang"].append(max(lead, alert, bulk))
        else:
            self.delay["lead"].append(lead)
            self.delay["alert"].append(alert)
            self.delay["held up" if held_ms else "bulk"].append(new.commit_ms["bulk"] - held_ms if held_ms else bulk)
        print("%-15s %s leads after %4.0f ms, first alert batch %4.0f ms, first bulk batch %4.0f ms%s" %
              (why, new.name, lead, alert, bulk, ", %.0f ms behind the lock" % self.delay["held up"][-1] if held_ms else ""))
        if max(lead, alert, 0 if held_ms else bulk) > bound:
            self.tell_time(new, since_ms)

    def tell_time(self, new, since_ms):
        """Where the time of a takeover that was too late went."""
        for verb, lane, job, ms, why in new.jobs:
            if since_ms - BOUND_MS <= ms <= new.commit_ms[lane]:
                print("    %5.0f ms  %s lane %s %s %s" % (ms - since_ms, lane, verb, job, why))

    def round(self, i):
        time.sleep(0.2 + self.rng.random() * 0.6)
        self.leader.read()
        self.other.read()
        if i % 4 == 1:
            self.pause()
        deed = DEEDS[i % len(DEEDS)]
        self.by_deed[deed] = self.by_deed.get(deed, 0) + 1
        began, holder = self.kill(deed)
        held = None
        if holder:
            holder.wait(20)
            held = time.monotonic() * 1000
        self.taken_over(deed, began, held)
        if self.rng.random() < 0.3:
            time.sleep(self.rng.random())
        self.other.start()
        self.stand_by()

    def hold(self, node, point):
        """Until it has stopped itself there, or does not come by."""
        node.life["held"] = None
        node.say("hold %s %d" % (point, self.rng.randint(1, 4)))
        end = time.monotonic() + 2
        while time.monotonic() < end and not node.read()["held"]:
            time.sleep(0.01)

    def kill(self, deed):
        old, holder = self.leader, None
        if deed == "point":
            self.hold(old, self.rng.choice(POINTS))
        if deed == "batch under way":
            holder = subprocess.Popen(["psql", "-qX", "-d", self.server.admin, "-c", "BEGIN; LOCK TABLE "
                                       "cascade_risk.m_venue_asset IN EXCLUSIVE MODE; SELECT pg_sleep(1.2)"],
                                      stdout=subprocess.DEVNULL)
            time.sleep(0.5 + self.rng.random() * 0.3)
        began = time.monotonic() * 1000
        old.kill()
        return began, holder

    def pause(self):
        """The leader sleeps, its lock's connection is ended, the other takes over, the leader wakes up."""
        old = self.leader
        if self.pauses % 2:
            self.hold(old, "copy_begun")  # with a transaction begun
        old.p.send_signal(signal.SIGSTOP)
        old.read()
        old.exempt = True
        began = time.monotonic() * 1000
        n = procs.sql(self.server.admin, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND"
                      " granted AND (classid::bigint << 32 | objid::bigint) = hashtextextended('cascade_risk writer main', 0)")
        check(len(n) == 1, "one connection holds the lock")
        self.taken_over("overtaken", began)
        time.sleep(self.rng.random() * 0.5)
        old.p.send_signal(signal.SIGCONT)
        self.stand_by()
        self.pauses += 1

    def hang(self):
        """The leader sleeps and keeps its connections: the server ends the one with the lock."""
        old = self.leader
        old.p.send_signal(signal.SIGSTOP)
        old.read()
        old.exempt = True
        began = time.monotonic() * 1000
        self.taken_over("hangs", began, bound=HANG_MS + BOUND_MS)
        check(self.delay["hang"][-1] > HANG_MS / 2, "not before it has said nothing for long")
        old.p.send_signal(signal.SIGCONT)
        self.stand_by()
        self.pauses += 1

    def end(self):
        """Both store what is theirs and leave."""
        for node in (self.other, self.leader):
            node.until("a last status", 10, lambda l: l["status"])
            node.say("quit")
            limit = time.monotonic() + 60
            while node.is_alive() and time.monotonic() < limit:
                time.sleep(0.05)
            check(node.read()["end"], "%s has ended by itself" % node.name)
            left = [x for x in os.listdir(node.spool) if x.endswith(".spool")]
            check(not left, "%s: no segment is left: %s" % (node.name, left))


def in_time(n, spans):
    us = torture.BASE_S * 1000000 + round(n * STEP_S * 1e6)
    return any(lo <= us < hi for lo, hi in spans)


def count(t):
    """What is found in the tables, and how many rows of it should not be there, or not like this."""
    node_of = {e: n for n in (t.leader, t.other) for e in n.epochs}
    found, bad, times = {}, dict.fromkeys(("duplicated", "content differs", "in the other's time", "never told"), 0), windows(t)
    for table, cols in torture.TABLES.items():
        for n, epoch, total in torture.load_rows(t.server.admin, table, cols):
            node = node_of.get(epoch)
            told = node and node.rows.get(n)
            if not told or torture.STREAM_TABLE[told[0]] != table:
                bad["never told"] += 1
                continue
            bad["duplicated"] += n in found
            found[n] = node
            bad["content differs"] += told[1] != total
            bad["in the other's time"] += not in_time(n, times[node.name])
    return found, bad


def verify(t):
    nodes = (t.leader, t.other)
    found, bad = count(t)
    times = windows(t)
    led = {n: node for node in nodes for n in node.led if n in node.accepted}
    missing = [n for n in led if n not in found]
    # told by one that leads, but of a time before its takeover: its loop was late
    lost = [n for n in missing if in_time(n, times[led[n].name])]
    for n in lost[:5]:
        print("lost: row %d, stream %s, told by %s in epoch %d; its times: %s" %
              (n, led[n].rows[n][0], led[n].name, led[n].rows[n][2], times[led[n].name][-4:]))
    told = set(t.leader.rows) | set(t.other.rows)
    print("told %d rows, %d of them by both; accepted as the leader %d; stored %d; in nobody's time %d (%.1f s)" %
          (len(told), len(set(t.leader.rows) & set(t.other.rows)), len(led), len(found), len(told) - len(found),
           (len(told) - len(found)) * STEP_S))
    print("lost %d, told too late for the own term %d, %s" % (len(lost), len(missing) - len(lost), ", ".join("%s %d" % x for x in bad.items())))
    check(not lost, "no row is lost that the leader had accepted")
    check(bad["duplicated"] == 0, "none is stored twice")
    check(bad["content differs"] == 0, "each has the content it was told with")
    check(bad["in the other's time"] == 0, "none is of a time in which the other led")
    check(bad["never told"] == 0, "nothing else is stored")
    check(len(found) > 100 * t.args.rounds and all(any(x is n for x in found.values()) for n in nodes), "both have stored rows")


def unfenced(args):
    """Who wakes up overtaken writes on, when nobody refuses."""
    run = procs.Run("unfenced")
    try:
        t = Failover(args, run)
        procs.sql(t.server.admin, "CREATE OR REPLACE FUNCTION cascade_risk.lease_check(p_writer text, p_term bigint,"
                  " p_t_last timestamptz) RETURNS void LANGUAGE sql AS 'SELECT'; SELECT 1")
        t.begin()
        t.pause()
        t.end()
        bad = count(t)[1]
        check(bad["duplicated"] > 0 and bad["in the other's time"] > 0, "without the fence: %s" % bad)
    finally:
        run.end()


def windows(t):
    """Of each node: when its rows were its own, as the database has it."""
    q = ("SELECT r.epoch, coalesce(nullif(extract(epoch FROM l.t_taken), '-infinity') * 1000000, 0)::bigint,"
         " coalesce(extract(epoch FROM l.t_lost) * 1000000, 9e18)::bigint FROM cascade_risk.writer_lease l"
         " JOIN cascade_risk.run r USING (instance) ORDER BY l.term")
    out = {t.leader.name: [], t.other.name: []}
    for epoch, lo, hi in procs.sql(t.server.admin, q):
        node = t.leader if int(epoch) in t.leader.epochs else t.other
        out[node.name].append((int(lo), int(hi)))
    return out


def spread(ms):
    ms = sorted(ms)
    return "median %.0f ms, highest %.0f ms (of %d)" % (ms[len(ms) // 2], ms[-1], len(ms)) if ms else "none"


TOLD = (("lead", "from the end to the other's lead:     "), ("alert", "to its first batch of the alert lane: "),
        ("bulk", "to its first batch of the bulk lane:  "), ("held up", "bulk lane, behind a table's lock:      "))


def report(t):
    a, b = t.leader, t.other
    print("killed %d times: %s; stopped and overtaken %d times" %
          (a.kills + b.kills, ", ".join("%s %d" % x for x in sorted(t.by_deed.items())), t.pauses))
    for what, text in TOLD:
        print("%s%s; configured %d ms" % (text, spread(t.delay[what]), BOUND_MS))
        print("    all: " + " ".join("%.0f" % x for x in sorted(t.delay[what])))
    print("transactions of one overtaken that were in the way: %d" % (a.unblocked + b.unblocked))
    gaps = procs.sql(t.server.admin, "SELECT count(*), coalesce(round(sum(length_s)::numeric, 1), 0),"
                     " coalesce(round(max(length_s)::numeric, 2), 0) FROM cascade_risk.v_gaps WHERE cause = 'takeover'")[0]
    print("v_gaps, cause takeover: %s rows, %s s together, longest %s s" % tuple(gaps))
    print("batches refused to who was overtaken: %d; rows passed by as the other's: %d" % (a.fenced + b.fenced, a.dropped + b.dropped))
    check(max(t.delay["hang"]) <= HANG_MS + BOUND_MS, "one that hangs is overtaken within hang_ms and takeover_ms: %.0f ms" % max(t.delay["hang"]))
    for what, text in TOLD:
        check(max(t.delay[what], default=0) <= BOUND_MS, "each within the configured delay: " + what)
    check(int(gaps[0]) == a.kills + b.kills + t.pauses, "each takeover is a row of v_gaps")
    if t.args.rounds >= 50:  # its other connection may tell it first
        check(a.fenced + b.fenced > 0, "who was overtaken while it slept was refused")
        check(a.unblocked + b.unblocked > 0, "one that slept in a transaction was in the way")
    check(sum(x.given_up + x.life["given_up"] + x.errors for x in (a, b)) == 0, "nothing was shed, no disk refused")


def main():
    torture.learn()
    torture.STEP_S = STEP_S
    a = argparse.ArgumentParser()
    a.add_argument("--rounds", type=int, default=int(os.environ.get("FAILOVER_ROUNDS", 6)))
    a.add_argument("--seed", type=int, default=4)
    args = a.parse_args()
    run, began = procs.Run("failover"), time.monotonic()
    try:
        t = Failover(args, run)
        t.begin()
        for i in range(args.rounds):
            t.round(i)
            if i % 10 == 9:
                print("round %d, %.0f s" % (i + 1, time.monotonic() - began), flush=True)
        t.hang()
        t.end()
        report(t)
        verify(t)
    finally:
        run.end()
    unfenced(args)
    print("%.0f s" % (time.monotonic() - began))
    print("%d passed, %d failed" % (torture.passed, torture.failed))
    return torture.failed > 0


if __name__ == "__main__":
    sys.exit(main())
