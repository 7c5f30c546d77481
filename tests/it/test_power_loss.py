#!/usr/bin/env python3
"""Loss of power under the whole store: the feeder is killed at random moments and at named points, and of
its spool only that is left which a disk has for sure: files as they were when last synced, names as they
were when the folder last was; of what came after, each sector, name and length as it was or as it is, at
random (the reserved segment under its old name or its new one, removed segments back again). It must
start without complaint, and every row whose batch was told durable is in the tables once."""
import argparse, os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import procs
import test_torture as torture

ROUNDS, SECTOR = 12, 512
MOST_ROUNDS = 4 * ROUNDS  # when by chance too little was lost
POINTS = ["segment_begun", "sync_before", "sync_after", "write_half", "unlink_after", None]


def load(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return None


class PoweredFeeder(torture.Feeder):
    """Accepted is what a sync has vouched for."""

    def __init__(self, run, server):
        self.shadow = run.path("shadow")
        os.mkdir(self.shadow)
        super().__init__(run, server, options=["--shadow=" + self.shadow])
        self.cuts = {"sector": 0, "name": 0, "length": 0, "back": 0}

    def on_A(self, life, w):
        pass

    def on_D(self, life, w):
        key = (int(w[0]), int(w[1]))
        if key in life["batch"]:
            self.accept(life, key)
        else:
            life["early"].add(key)

    def names(self):
        """By inode: the name the disk has, and the name there is now."""
        was = {}
        for line in (load(os.path.join(self.shadow, "names")) or b"").decode().splitlines():
            name, ino = line.rsplit(" ", 1)
            was[int(ino)] = name
        now = {os.stat(os.path.join(self.spool, n)).st_ino: n for n in os.listdir(self.spool)
               if n.endswith(".spool") or n.endswith("-spare")}
        return was, now

    def choose(self, rng):
        """inode: (name after the loss, whether the file is one that was removed)"""
        was, now = self.names()
        out, taken = {}, set()
        for ino in sorted(set(was) | set(now), key=lambda i: i in was):  # the newest names first
            a, b = was.get(ino), now.get(ino)
            name = a if a == b else rng.choice([a, b])
            name = b if name in taken else name
            self.cuts["name"] += a != b
            if name and name not in taken:
                taken.add(name)
                out[ino] = (name, ino not in now)
        return out

    def content(self, rng, ino, gone, now):
        shadow = os.path.join(self.shadow, str(ino))
        sure = (load(shadow + ".gone") if gone else None) or load(shadow) or b""
        if gone:
            self.cuts["back"] += 1
            return sure
        size = len(now) if len(now) == len(sure) else rng.choice([len(sure), len(now), rng.randint(*sorted((len(sure), len(now))))])
        self.cuts["length"] += size not in (len(now),)
        both = max(len(sure), len(now))
        sure, now, out = sure.ljust(both, b"\0"), now.ljust(both, b"\0"), bytearray()
        for at in range(0, both, SECTOR):
            a, b = sure[at:at + SECTOR], now[at:at + SECTOR]
            old = a != b and rng.random() < 0.5
            self.cuts["sector"] += old
            out += a if old else b
        return bytes(out[:size])

    def lose_power(self, rng):
        self.p.kill()
        self.p.wait()
        self.run.stop(self.p)
        now_ms, life = time.monotonic() * 1000, self.read()
        _, names = self.names()
        kept = self.choose(rng)
        data = {ino: load(os.path.join(self.spool, n)) for ino, n in names.items()}
        files = {name: self.content(rng, ino, gone, data.get(ino, b"")) for ino, (name, gone) in kept.items()}
        for n in names.values():
            os.unlink(os.path.join(self.spool, n))
        for name, text in files.items():
            with open(os.path.join(self.spool, name), "wb") as f:
                f.write(text)
        for n in os.listdir(self.shadow):
            os.unlink(os.path.join(self.shadow, n))
        for name in files:  # all that is there now is on the disk
            st = os.stat(os.path.join(self.spool, name))
            with open(os.path.join(self.shadow, str(st.st_ino)), "wb") as f, open(os.path.join(self.shadow, "names"), "a") as l:
                f.write(files[name])
                l.write("%s %d\n" % (name, st.st_ino))
        left = [n for lane in life["lane"].values() for n in lane]
        t = next((ms for n, ms in life["told"] if left and n > min(left)), now_ms)
        return now_ms - t


def lost_much(f):
    return f.cuts["sector"] > 20 and f.cuts["name"] > 5 and f.cuts["back"] > 0


def one(t, i):
    """Feeds, waits for a point or a while, and loses power; returns the age of the oldest row that is gone, in ms."""
    f, stopped = t.feeder, i % 4 == 1  # stopped: much is in the spool only
    if not f.life or not f.is_alive():
        f.start()
    f.until("rows of the last round", 60, lambda l: f.told >= f.target)
    f.target += t.args.rows
    f.say("feed %d" % f.target)
    if stopped:
        t.server.signal(torture.signal.SIGSTOP)
    point = POINTS[i % len(POINTS)]
    if not (point and t.meet(point)):
        time.sleep(0.2 + t.rng.random() * 0.4)
    age = f.lose_power(t.rng)
    if stopped:
        t.server.signal(torture.signal.SIGCONT)
    return age


def scenario(t, least):
    f, ages = t.feeder, []
    while len(ages) < least or (len(ages) < MOST_ROUNDS and not lost_much(f)):
        ages.append(one(t, len(ages)))
    rounds = len(ages)
    torture.check(t.drain(), "it starts after every loss, and at the end all is stored")
    torture.verify(t)
    print("not as it was: %s; oldest row not synced at a loss: median %.0f ms, highest %.0f ms" %
          (f.cuts, sorted(ages)[len(ages) // 2], max(ages)))
    torture.check(sorted(ages)[len(ages) // 2] < 300, "what was lost is not older than an interval of 100 ms and a flush of 50")
    torture.check(lost_much(f), "much was lost in %d rounds" % rounds)
    torture.check(len(f.accepted) > rounds * t.args.rows // 3, "%d rows were vouched for" % len(f.accepted))


def main():
    return torture.play("power", argparse.Namespace(seed=11, rows=2000), lambda t: scenario(t, ROUNDS), feeder=PoweredFeeder)


if __name__ == "__main__":
    sys.exit(main())
