"""An order book independent of the program's: one dict a side, the exchange's rules, nothing shared."""
import math


class Book:
    """The exchange's rules for keeping a local book, from its documentation."""

    def __init__(self):
        self.side, self.seq, self.waiting, self.covered = ({}, {}), None, [], (0, math.inf)

    def put(self, d):
        for side, key in zip(self.side, "ba"):
            for px, qty in d[key]:
                if float(qty) == 0:
                    side.pop(float(px), None)
                else:
                    side[float(px)] = float(qty)
        self.seq = d["u"]

    def snapshot(self, s):
        self.side = tuple({float(p): float(q) for p, q in s[k]} for k in ("bids", "asks"))
        self.covered = (min(self.side[0]), max(self.side[1]))
        self.seq = s["lastUpdateId"]
        for d in self.waiting:
            if d["u"] >= s["lastUpdateId"]:
                self.put(d)
        self.waiting = []

    def delta(self, d):
        if self.seq is None:
            self.waiting.append(d)
        else:
            self.put(d)

    def best(self):
        bid, ask = max(self.side[0]), min(self.side[1])
        return bid, self.side[0][bid], ask, self.side[1][ask]

    def depth(self):
        bid, _, ask, _ = self.best()
        mid = (bid + ask) / 2
        lo, hi = mid - mid * 10 / 1e4, mid + mid * 10 / 1e4
        bids = math.fsum(p * q for p, q in self.side[0].items() if p >= lo)
        asks = math.fsum(p * q for p, q in self.side[1].items() if p <= hi)
        return ((ask - bid) / mid * 1e4, bids if self.covered[0] <= lo else math.nan,
                asks if self.covered[1] >= hi else math.nan)

    def levels_at_10bps(self):
        """(spread_bps, bids, asks) within 10 bps of mid in USD; None where the book is not covered."""
        return tuple(None if math.isnan(x) else x for x in self.depth())
