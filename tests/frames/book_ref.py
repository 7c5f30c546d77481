"""An order book independent of the program's (one dict a side, the exchange's rules, nothing shared), and
what to try it on: a real recording where there is one, else a crafted one of the same shape."""
import gzip, json, math, os, random

FILE = os.path.join(os.environ.get("CAPTURES", "/nonexistent"),
                    "hftbacktest/binance-futures.btcusdt.ndjson.gz")


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


def recording():
    times = [int(t) // 1000 for t in gzip.open(FILE.replace("ndjson", "recv_ns"), "rt")]
    texts = gzip.open(FILE, "rt").read().splitlines()
    return list(zip(times, texts))


def crafted():
    """600 deltas after the shape of the real ones, a snapshot after the tenth, a quote after each."""
    rng, rows, b, seq = random.Random(3), [], Book(), 1000
    b.side = ({60000 - 0.1 * k: 1.0 for k in range(1, 900)}, {60000 + 0.1 * k: 1.0 for k in range(900)})
    b.side = tuple({float("%.2f" % p): q for p, q in s.items()} for s in b.side)
    b.seq = seq
    for n in range(600):
        lv = lambda sign: [["%.2f" % (60000 + sign * 0.1 * rng.randrange(1, 400)),
                            rng.choice(["0.000", "%.3f" % rng.uniform(0.001, 9)])] for _ in range(20)]
        d = {"e": "depthUpdate", "E": 1, "T": 1, "s": "BTCUSDT", "U": seq + 1, "u": seq + 5, "pu": seq,
             "b": lv(-1), "a": lv(1)}
        t, seq = 10**15 + n * 100000, seq + 5
        rows.append((t, json.dumps({"stream": "btcusdt@depth@0ms", "data": d})))
        b.put(d)
        if n == 4:
            snap = {"lastUpdateId": seq - 2, "E": 1, "T": 1,
                    "bids": [["%.2f" % p, "%.17g" % b.side[0][p]] for p in sorted(b.side[0], reverse=True)],
                    "asks": [["%.2f" % p, "%.17g" % b.side[1][p]] for p in sorted(b.side[1])]}
        if n == 9:
            rows.append((t, json.dumps(snap)))
        bid, bq, ask, aq = b.best()
        rows.append((t, json.dumps({"stream": "btcusdt@bookTicker", "data": {
            "e": "bookTicker", "u": seq, "s": "BTCUSDT", "b": "%.2f" % bid, "B": "%.17g" % bq,
            "a": "%.2f" % ask, "A": "%.17g" % aq, "T": 1, "E": 1}})))
    return rows
