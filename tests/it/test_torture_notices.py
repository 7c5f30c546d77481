#!/usr/bin/env python3
"""Proves that the torture test can fail: the feeder's store is spoiled in one way at a time (see
tests/tools/store_sabotage.h, nothing of it is in the product), a few rounds are played, and the same
counts that must be 0 there must not be 0 here. The same rounds with a sound store count 0."""
import argparse, os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import procs
import test_torture as torture

COUNTS = ("lost", "duplicated", "never told", "content differs", "under another run")
# what is spoiled: (the count that must tell, rounds that bring it about; a first one gets the lanes to work)
EXPECTED = {
    "position_still": ("duplicated", [("kill feeder", "ack_after")]),
    "position_apart": ("lost", [("kill server", None), ("kill server", "send_after")]),
    "trim_early": ("lost", [("kill server", "trim_before"), ("kill server", None)]),
    "not_asked": ("duplicated", [("kill feeder", "ack_after")]),
    "tail_short": ("lost", [("kill feeder", "write_after")]),
    "altered": ("content differs", [("kill feeder", None)]),
}
ATTEMPTS = 4


class Lives:
    """Numbers, epochs and the name of the node go on from one feeder to the next, in one cluster."""

    def __init__(self, run):
        self.run, self.args = run, argparse.Namespace(seed=7, rows=800, rounds=0)
        self.server, self.first, self.epoch, self.node = torture.Server(run), 1, 0, None
        torture.migrate(self.server)

    def play(self, options, rounds, enough):
        """Plays the rounds until the counts are enough, a few times at most; returns them."""
        f = torture.Feeder(self.run, self.server, self.first, self.epoch, options)
        t = torture.Torture(self.args, f)
        if self.node:
            with open(os.path.join(f.spool, "node"), "w") as out:
                out.write(self.node)
        try:
            for _ in range(ATTEMPTS):
                for deed, point in rounds:
                    t.one(deed, point)
                drained = t.drain(2 if options else 20)
                found, lost, *more = torture.count(f)
                counts = dict(zip(COUNTS, [len(lost)] + more))
                if enough(counts):
                    break
            with open(os.path.join(f.spool, "node")) as kept:
                self.node = kept.read()
        finally:
            if f.life and f.is_alive():
                f.kill()
            f.end()
        self.first, self.epoch = max(f.told, f.target) + 1000, f.epoch + 1
        return drained, len(found), counts


def main():
    torture.learn()
    run, began = procs.Run("notices"), time.monotonic()
    try:
        lives = Lives(run)
        rounds = sorted({r for _, rs in EXPECTED.values() for r in rs}, key=str)
        drained, n, counts = lives.play([], rounds, lambda c: True)
        torture.check(drained and n > 0 and not any(counts.values()),
                      "a sound store: %d rows, %s, %.0f s" % (n, counts, time.monotonic() - began))
        torture.check(sorted(EXPECTED) == sorted(torture.SABOTAGES), "there is a round for each way to spoil it")
        for name, (tells, rounds) in EXPECTED.items():
            _, n, counts = lives.play(["--sabotage=" + name], rounds, lambda c: c[tells] > 0)
            torture.check(counts[tells] > 0, "%s: %s %d of %d rows, %.0f s" %
                          (name, tells, counts[tells], n, time.monotonic() - began))
    finally:
        run.end()
    print("%d passed, %d failed" % (torture.passed, torture.failed))
    return torture.failed > 0


if __name__ == "__main__":
    sys.exit(main())
