#!/usr/bin/env python3
"""Proves that each row the spool has accepted is in the database exactly once, with the content it was
told with, whatever is killed, stopped or full, and whenever. A feeder (tests/tools/store_feeder.c) runs
the store against a private cluster; each round does one of the deeds below to it, at a random moment or
while the feeder stands still at a named point between append, send and acknowledgement.

Accepted: written to the spool's file, synced or not; the death of a process leaves that. What may go
with the process is what was told and not yet written: its age at the moment of the kill is measured.

  test_torture.py [--rounds 20] [--rows 3000] [--seed 4]"""
import argparse, os, random, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import procs

BUILD = os.environ.get("BUILD", os.path.join(procs.ROOT, "build/release"))
FEEDER = os.path.join(BUILD, "tools/store_feeder")
DEEDS = ["kill feeder", "kill feeder", "kill server", "stop server", "kill both", "restart server", "fill disk",
         "kill feeder on full disk"]
SPOOL_MB = 64
BASE_S, STEP_S = 1760000000, 0.2
passed = failed = 0


def check(good, what):
    global passed, failed
    passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
    print(("ok: " if good else "FAILED: ") + what, flush=True)


class Server:
    """The private cluster, treated badly."""

    def __init__(self, run):
        self.admin, self.writer = run.cluster()
        self.dir, self.up = run.pg, True

    def verb(self, v):
        subprocess.run(["sh", os.path.join(procs.ROOT, "tests/it/pgcluster.sh"), v, self.dir], check=True,
                       stdout=subprocess.DEVNULL, timeout=120)

    def pids(self):
        """The postmaster, then its children."""
        with open(os.path.join(self.dir, "data/postmaster.pid")) as f:
            top = int(f.readline())
        kids = []
        for p in os.listdir("/proc"):
            try:
                if p.isdigit() and int(open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()[1]) == top:
                    kids.append(int(p))
            except (OSError, IndexError, ValueError):
                pass
        return [top] + kids

    def signal(self, sig):
        for pid in self.pids():
            try:
                os.kill(pid, sig)
            except OSError:
                pass

    def kill(self):
        os.kill(self.pids()[0], signal.SIGSTOP)  # it forks no more
        time.sleep(0.02)
        pids = self.pids()
        self.signal(signal.SIGSTOP)  # nobody notices the others' death
        for pid in reversed(pids):
            os.kill(pid, signal.SIGKILL)
        procs.wait_for("the server's end", 20, lambda: not any(procs.start_time(p) for p in pids))
        # where nobody reaps orphans the dead postmaster keeps its number, and would be taken for alive
        for lock in ["data/postmaster.pid"] + [n for n in os.listdir(self.dir) if n.startswith(".s.PGSQL.") and n.endswith(".lock")]:
            os.unlink(os.path.join(self.dir, lock))
        self.up = False

    def start(self):
        for tries in range(5):
            if self.up:
                break
            try:
                self.verb("up")
                self.up = True
            except subprocess.CalledProcessError:  # a process forked just then may still hold the shared memory
                if tries == 4:
                    raise
                time.sleep(1)


class Feeder:
    """One life of the feeder after the other, and what they have logged."""

    def __init__(self, run, server, first=1, epoch=0, options=()):
        self.run, self.server, self.options = run, server, list(options)
        self.spool, self.mounted = run.path("spool%d" % epoch), False
        os.mkdir(self.spool)
        if os.getuid() == 0:
            self.mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % SPOOL_MB, "torture", self.spool],
                                          stderr=subprocess.DEVNULL).returncode == 0
        self.epoch, self.told, self.target, self.first = epoch, first, first, first
        self.rows = {}      # number: (stream, checksum, epoch)
        self.accepted = {}  # number: True
        self.life, self.kills, self.errors, self.given_up = None, 0, 0, 0

    def start(self, *hold):
        self.epoch += 1
        self.log = self.run.path("feeder%d.log" % self.epoch)
        self.pos, self.tail, self.life = 0, b"", {"batch": {}, "told": [], "held": None, "status": None, "synced": {},
                                                  "error": None, "end": False, "early": set(), "given_up": 0, "lane": {0: [], 1: []}}
        self.p = self.run.start("feeder", [FEEDER] + self.options + [self.server.writer, self.spool, str(self.epoch), str(self.told),
                                                              self.log] + list(hold), stdin=subprocess.PIPE)
        self.say("feed %d" % self.target)

    def say(self, text):
        try:
            self.p.stdin.write((text + "\n").encode())
            self.p.stdin.flush()
        except OSError:
            pass

    def read(self):
        """Takes in what the feeder has logged since."""
        life = self.life
        try:
            with open(self.log, "rb") as f:
                f.seek(self.pos)
                new = f.read()
        except OSError:
            return life
        self.pos += len(new)
        lines = (self.tail + new).split(b"\n")
        self.tail = lines.pop()
        for line in lines:
            w = line.decode().split(" ")
            getattr(self, "on_" + w[0])(life, w[1:])
        return life

    def on_R(self, life, w):
        self.told = int(w[0]) + 1
        lane = LANES[w[1]]
        life["lane"][lane].append(int(w[0]))
        self.rows[int(w[0])] = (w[1], int(w[2]), self.epoch)

    def on_T(self, life, w):
        life["told"].append((int(w[0]), int(w[1])))

    def on_P(self, life, w):
        key = (int(w[0]), int(w[1]))
        life["batch"][key] = (int(w[2]), int(w[3]))
        if key in life["early"]:
            self.accept(life, key)

    def on_A(self, life, w):
        key = (int(w[0]), int(w[1]))
        if key in life["batch"]:
            self.accept(life, key)
        else:
            life["early"].add(key)  # the thread that writes was faster than the one that appends

    def accept(self, life, key):
        """Batches of a lane are written in order."""
        lane, (_, hi) = key[0], life["batch"][key]
        for n in life["lane"][lane]:
            if n > hi:
                break
            self.accepted[n] = True
        life["lane"][lane] = [n for n in life["lane"][lane] if n > hi]

    def on_D(self, life, w):
        life["synced"][int(w[0])] = int(w[1])

    def on_H(self, life, w):
        life["held"] = w[0]

    def on_S(self, life, w):
        life["status"] = [int(x) for x in w]
        life["given_up"] = life["status"][2] + life["status"][3]
        self.errors += life["status"][4] != 0

    def on_J(self, life, w):
        """What the store asks of the database, and when: for whoever measures (test_failover.py)."""

    on_K = on_J

    def on_E(self, life, w):
        life["error"] = " ".join(w)

    def on_Q(self, life, w):
        life["end"] = True

    def kill(self):
        now = time.monotonic() * 1000
        self.p.kill()
        self.p.wait()
        self.run.stop(self.p)
        life = self.read()
        self.kills += 1
        gone = [n for lane in life["lane"].values() for n in lane]
        self.given_up += life["given_up"]
        if not gone:
            return 0, 0
        # told before the first line T that names a higher number
        t = next((ms for n, ms in life["told"] if n > min(gone)), now)
        return len(gone), now - t

    def until(self, what, limit_s, cond):
        end = time.monotonic() + limit_s
        while not cond(self.read()):
            if self.life["error"] or self.p.poll() is not None:
                self.read()  # it may have said why behind what was read before it ended
                raise RuntimeError("the feeder ended (%s): %s" % (self.p.poll(), self.life["error"]))
            if time.monotonic() > end:
                raise TimeoutError("%s: not within %d s, status %s" % (what, limit_s, self.life["status"]))
            time.sleep(0.02)

    def is_alive(self):
        return self.p.poll() is None

    def fill(self, on):
        """The disk is full: the file system's, when we may mount one, and in turn a pretended one."""
        filler = os.path.join(self.spool, "filler")
        if not on:
            if os.path.exists(filler):
                os.unlink(filler)
            self.say("full 0")
        elif self.mounted and self.epoch % 2:
            try:
                with open(filler, "wb", buffering=0) as f:
                    while f.write(bytes(1 << 16)):
                        pass
            except OSError:
                pass
        else:
            self.say("full 1")

    def end(self):
        if self.mounted:
            subprocess.run(["umount", "-l", self.spool])


def migrate(server):
    subprocess.run([os.path.join(BUILD, "cascadectl"), "schema", "apply", "--database", server.admin, "--dir",
                    os.path.join(procs.ROOT, "sql")], check=True, stdout=subprocess.DEVNULL)


class Torture:
    def __init__(self, args, feeder):
        self.args, self.rng = args, random.Random(args.seed)
        self.server, self.feeder = feeder.server, feeder
        self.deck = []
        self.at_point, self.missed, self.early, self.ages, self.by_deed, self.by_point = 0, 0, 0, [], {}, {}

    def round(self, i):
        self.one(DEEDS[i % len(DEEDS)], self.draw() if self.rng.random() < 0.6 else None)

    def one(self, deed, point):
        f, rng = self.feeder, self.rng
        early = rng.random() < 0.25  # full or stopped before the point is met
        if not f.life or not f.is_alive():
            self.start_feeder()
        f.until("the rows of the last round", 60, lambda l: f.told >= f.target)
        f.target += self.args.rows
        f.say("feed %d" % f.target)
        if "full" in deed:
            f.fill(True)
        if deed == "fill disk" and early:
            time.sleep(rng.random() * 0.3)
            f.fill(False)
        held = self.meet(point) if point else False
        if point is None:
            time.sleep(rng.random() * 0.6)
        self.do(deed, held)
        self.by_deed[deed] = self.by_deed.get(deed, 0) + 1

    def draw(self):
        """The next point of a shuffled deck: each has its turn."""
        if not self.deck:
            self.deck = self.rng.sample(POINTS, len(POINTS))
        return self.deck.pop()

    def start_feeder(self):
        """At times it is killed again while it recovers."""
        f = self.feeder
        if f.epoch > 0 and self.rng.random() < 0.3:
            f.start(self.rng.choice(["cut", "unlink_before", "unlink_after", "segment_begun", "caught"]), "1")
            end = time.monotonic() + 0.7
            while time.monotonic() < end and not f.read()["held"] and f.is_alive():
                time.sleep(0.01)
            self.early += f.life["held"] is not None
            f.kill()
        f.start()

    def meet(self, point):
        """Waits until the feeder stands at the point; a point that is not met in time is not counted."""
        f = self.feeder
        f.life["held"] = None
        f.say("hold %s %d" % (point, self.rng.randint(1, 6)))
        end = time.monotonic() + 2
        while time.monotonic() < end and not f.read()["held"]:
            time.sleep(0.01)
        if not f.life["held"]:
            self.missed += 1
            return False
        self.at_point += 1
        self.by_point[point] = self.by_point.get(point, 0) + 1
        return True

    def go_on(self, held):
        if held:
            self.feeder.life["held"] = None
            self.feeder.p.send_signal(signal.SIGCONT)

    def do(self, deed, held):
        f, s = self.feeder, self.server
        if deed == "kill feeder":
            self.kill_feeder(measure=True)
        elif deed == "kill both":
            s.kill()
            self.kill_feeder(measure=True)
            s.start()
        elif deed == "kill server":
            s.kill()
            self.go_on(held)
            time.sleep(self.rng.random() * 0.5)
            s.start()
        elif deed == "restart server":
            s.verb("down")
            self.go_on(held)
            s.up = False
            s.start()
        elif deed == "stop server":
            s.signal(signal.SIGSTOP)
            self.go_on(held)
            time.sleep(0.2 + self.rng.random())
            if self.rng.random() < 0.4:  # what it was sent is still to be done when we come back
                self.kill_feeder(measure=True)
                f.start()
            s.signal(signal.SIGCONT)
        elif deed == "fill disk":
            self.go_on(held)
            time.sleep(self.rng.random() * 0.5)
            f.fill(False)
        elif deed == "kill feeder on full disk":
            self.go_on(held)
            time.sleep(self.rng.random() * 0.5)
            self.kill_feeder(measure=False)
            f.fill(False)
        self.disarm()

    def kill_feeder(self, measure):
        n, age = self.feeder.kill()
        if measure:
            self.ages.append((age, n))

    def disarm(self):
        """A point that was armed and not met must not stop the feeder in a later round."""
        f = self.feeder
        if not f.is_alive():
            return
        f.say("hold none 0")
        mark = time.monotonic() + 10
        seen = f.read()["status"]
        while time.monotonic() < mark and f.read()["status"] is seen:
            if f.life["held"]:
                self.go_on(True)
            time.sleep(0.02)
        if f.life["held"]:
            self.go_on(True)

    def drain(self, wait_s=60):
        f = self.feeder
        if not f.is_alive():
            f.start()
        f.until("the target", 120, lambda l: f.told >= f.target)
        end = time.monotonic() + wait_s  # a lane without its server would leave the rest to the next life
        while time.monotonic() < end and (f.read()["status"] or [0, 1])[:2] != [f.target, 0]:
            time.sleep(0.02)
        f.say("quit")
        end = time.monotonic() + 120
        while f.is_alive() and time.monotonic() < end:
            time.sleep(0.05)
        return f.read()["end"]


def load_rows(conninfo, table, cols):
    """Number, epoch of the run and checksum of every row of a table, as the database has it."""
    def part(i, name, kind):
        name = "x." + name
        base = {"t": "extract(epoch FROM %s)::bigint - %d" % (name, BASE_S), "x": "CASE WHEN %s ~ '^x[0-9]+$' THEN substr(%s, 2)::bigint END" % (name, name),
                "b": "%s::integer" % name}.get(kind, "%s::bigint" % name)
        return "%d * coalesce(%s, -1)" % (i + 1, base)
    total = " + ".join(part(i, *c) for i, c in enumerate(cols) if i > 0)
    query = ("SELECT round((extract(epoch FROM x.%s) - %d) / %s)::bigint, r.epoch, %s FROM cascade_risk.%s x"
             " JOIN cascade_risk.run r USING (run_id)" % (cols[0][0], BASE_S, STEP_S, total, table))
    return [tuple(int(x) for x in row) for row in procs.sql(conninfo, query)]


def count(f):
    """What is stored of what this feeder told, and of how it was told: found, lost, then how many are doubled,
    were never told, have another content, belong to another run."""
    found, doubled, strange, wrong, moved = {}, 0, 0, 0, 0
    for table, cols in TABLES.items():
        for n, epoch, total in load_rows(f.server.admin, table, cols):
            if n < f.first:
                continue
            told = f.rows.get(n)
            if not told or STREAM_TABLE[told[0]] != table:
                strange += 1
                continue
            doubled += n in found
            found[n] = True
            wrong += told[1] != total
            moved += told[2] != epoch
    return found, [n for n in f.accepted if n not in found], doubled, strange, wrong, moved


def verify(t):
    f = t.feeder
    found, lost, doubled, strange, wrong, moved = count(f)
    for n in lost[:5]:
        print("lost: row %d, stream %s, epoch %d" % (n, f.rows[n][0], f.rows[n][2]))
    print("told %d rows in %d lives, accepted %d, stored %d; told and not accepted %d, of these stored %d" %
          (len(f.rows), f.epoch, len(f.accepted), len(found), len(f.rows) - len(f.accepted),
           len([n for n in found if n not in f.accepted])))
    print("lost %d, duplicated %d, content differs %d, under another run %d, never told %d" %
          (len(lost), doubled, wrong, moved, strange))
    check(not lost, "no accepted row is lost")
    check(doubled == 0, "none is stored twice")
    check(wrong == 0, "each has the content it was told with")
    check(moved == 0, "each is stored under the run it belongs to")
    check(strange == 0, "nothing else is stored")
    check(sum(v[1] for n, v in f.rows.items() if n in found) > 0 and
          len(set(f.rows[n][0] for n in found)) == len(STREAM_TABLE), "rows of every stream were stored")


def report(t):
    print("rounds: " + ", ".join("%s %d" % x for x in sorted(t.by_deed.items())))
    print("at points: %d of %d (%d not met in time): %s" %
          (t.at_point, t.args.rounds, t.missed, ", ".join("%s %d" % x for x in sorted(t.by_point.items()))))
    print("killed while it recovered: %d times" % t.early)
    ages = sorted(a for a, n in t.ages if n)
    if ages:
        print("rows in memory at a kill: %d in %d kills; age of the oldest: median %.0f ms, highest %.0f ms" %
              (sum(n for _, n in t.ages), len(t.ages), ages[len(ages) // 2], ages[-1]))


def learn():
    """What the feeder says of itself: streams with their columns, points, ways to spoil it."""
    global TABLES, STREAM_TABLE, LANES, POINTS, SABOTAGES
    tables, stream_table, lanes, points, sabotages = {}, {}, {}, [], []
    out = subprocess.run([FEEDER, "--columns"], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in out.splitlines():
        w = line.split()
        if w[0] in ("point", "sabotage"):
            (points if w[0] == "point" else sabotages).append(w[1])
            continue
        stream_table[w[0]], lanes[w[0]] = w[1], int(w[2])
        tables[w[1]] = [tuple(c.split(":")) for c in w[3:]]
    TABLES, STREAM_TABLE, LANES, POINTS, SABOTAGES = tables, stream_table, lanes, points, sabotages


def play(name, args, scenario, server=Server, feeder=Feeder):
    """A run of its own with a server that is ready: scenario(t), then everything ends. Returns the exit status."""
    learn()
    run, t, began = procs.Run(name), None, time.monotonic()
    try:
        s = server(run)
        migrate(s)
        t = Torture(args, feeder(run, s))
        scenario(t)
    finally:
        if t:
            t.feeder.end()
        run.end()
    print("%.0f s" % (time.monotonic() - began))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


def soak(t):
    rounds, began = t.args.rounds, time.monotonic()
    for i in range(rounds):
        t.round(i)
        if i % 10 == 9:
            print("round %d, %.0f s, told %d, accepted %d" % (i + 1, time.monotonic() - began, len(t.feeder.rows),
                                                             len(t.feeder.accepted)), flush=True)
    check(t.drain(), "at the end all is stored")
    left = [x for x in os.listdir(t.feeder.spool) if x.endswith(".spool")]
    check(not left, "no segment is left: %s" % left)
    report(t)
    verify(t)
    check(t.at_point * 5 >= rounds, "at least a fifth of the rounds at named points")
    if rounds >= 200:
        check(t.by_point.keys() == set(POINTS), "at every one of them: never at %s" %
              sorted(set(POINTS) - t.by_point.keys()))
    check(t.feeder.errors > 0, "the disk has refused at times")
    check(t.feeder.given_up + t.feeder.life["given_up"] == 0, "nothing was shed or refused by the store")


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--rounds", type=int, default=20)
    a.add_argument("--rows", type=int, default=3000, help="told in each round")
    a.add_argument("--seed", type=int, default=4)
    return play("torture", a.parse_args(), soak)


if __name__ == "__main__":
    sys.exit(main())
