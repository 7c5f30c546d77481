#!/usr/bin/env python3
"""Bybit's books, kept from its stream alone: real recordings through adapter and book, against an
independent book (json module, one dict a side): the sequence never breaks, best levels, spread and
10 bps depth agree after each message, the levels of the stream end exactly where the REST body of
the same update id does, a lost delta is a gap and a new snapshot of any number heals it. Without the
recordings a crafted one of the same shape is used."""
import json, os, random, subprocess, sys

BUILD = os.environ.get("BUILD", "build/release")
CAPTURES = os.environ.get("CAPTURES", "/nonexistent")
RECORDINGS = ["nautilus/bybit.orderbook500.xrpusdt.ndjson", "mini-fintickstreams/bybit.ws.ndjson"]
REST = os.path.join(CAPTURES, "mini-fintickstreams/bybit.rest.ndjson")
LIVE, GAP = 2, 3
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED %s %s" % (what, detail))


class Book:
    def __init__(self):
        self.side, self.u, self.window = ({}, {}), None, 0

    def apply(self, d):
        x = d["data"]
        self.window = int(d["topic"].split(".")[1])
        if d["type"] == "snapshot" or x["u"] == 1:
            self.side = ({}, {})
        elif x["u"] != self.u + 1:
            raise ValueError("sequence")
        self.u = x["u"]
        for side, rows in zip(self.side, (x["b"], x["a"])):
            for p, q in rows:
                side.pop(float(p), None)
                if float(q) > 0:
                    side[float(p)] = float(q)
        self.side = ({p: self.side[0][p] for p in sorted(self.side[0], reverse=True)[:self.window]},
                     {p: self.side[1][p] for p in sorted(self.side[1])[:self.window]})

    def best(self):
        b, a = max(self.side[0]), min(self.side[1])
        return b, self.side[0][b], a, self.side[1][a]

    def depth(self):
        """Spread in bps, 10 bps depth of both sides; None where the window ends before."""
        b, _, a, _ = self.best()
        mid = (b + a) / 2
        lo, hi = mid - mid / 1e3, mid + mid / 1e3
        full = [len(s) >= self.window for s in self.side]
        bid = None if full[0] and min(self.side[0]) > lo else sum(p * q for p, q in self.side[0].items() if p >= lo)
        ask = None if full[1] and max(self.side[1]) < hi else sum(p * q for p, q in self.side[1].items() if p <= hi)
        return (a - b) / mid * 1e4, bid, ask


def crafted():
    """A book of 50 levels a side that drifts, as the exchange would tell of it; a restart in the middle."""
    rng, out, told, mid = random.Random(7), [], ({}, {}), 50000
    for n in range(600):
        mid += rng.randrange(-3, 4)
        rows, now = [], ({}, {})
        for s, sign in ((0, -1), (1, 1)):
            now[s].update({float("%.1f" % ((mid + sign * k) / 10)): told[s].get(float("%.1f" % ((mid + sign * k) / 10)),
                           round(rng.uniform(0.001, 9), 3)) for k in range(1, 51)})
            new = [["%.1f" % p, repr(q)] for p, q in now[s].items() if told[s].get(p) != q]
            rows.append(new + [["%.1f" % p, "0"] for p in told[s] if p not in now[s]])
        snapshot = n in (0, 300)
        if snapshot:
            rows, u = [[["%.1f" % p, repr(q)] for p, q in s.items()] for s in now], 5000 if n == 0 else 1
        told = now
        out.append(json.dumps({"topic": "orderbook.50.BTCUSDT", "type": "snapshot" if snapshot else "delta", "ts": 1,
                               "data": {"s": "BTCUSDT", "b": rows[0], "a": rows[1], "u": u, "seq": n}, "cts": 1}))
        u += 1
    return out


def dump(texts):
    text = "".join("%d\t%s\n" % (10**15 + n * 100000, t) for n, t in enumerate(texts))
    p = subprocess.run([BUILD + "/tools/bookdump", "bybit"], input=text, capture_output=True, text=True)
    check("every text understood", p.returncode == 0, p.stderr[:200])
    rows = [l.split() for l in p.stdout.splitlines()]
    return [dict(state=int(w[1]), wants=w[2] == "1", seq=int(w[3]), best=tuple(map(float, w[4:8])),
                 depth=tuple(map(float, w[8:11]))) for w in rows]


def near(got, want):
    return got != got if want is None else abs(got - want) <= 1e-9 * max(1, abs(want))


def compare(name, texts):
    got, b, wrong, known = dump(texts), Book(), [], 0
    check(name + ": a state for each", len(got) == len(texts))
    for n, (g, text) in enumerate(zip(got, texts)):
        b.apply(json.loads(text))
        want = b.depth()
        ok = g["state"] == LIVE and not g["wants"] and g["seq"] == b.u and g["best"] == b.best()
        known += want[1] is not None
        if not (ok and all(map(near, g["depth"], want))):
            wrong.append((n, g, b.u, b.best(), want))
    check("%s: %d of %d differ" % (name, len(wrong), len(texts)), not wrong, str(wrong[:2]))
    print("%s: %d messages, 10 bps depth known after %d" % (name, len(texts), known))
    return b


def same_as_rest(b):
    with open(REST) as f:
        rest = next(d["result"] for d in map(json.loads, f) if "u" in d["result"])
    check("REST has the update id the stream ended with", rest["u"] == b.u, (rest["u"], b.u))
    for side, rows in zip(b.side, (rest["b"], rest["a"])):
        want = {float(p): float(q) for p, q in rows}
        check("the stream's levels are those of REST", side == want, len(set(side) ^ set(want)))


def loses_a_delta(texts):
    got = dump(texts[:20] + texts[21:40] + [texts[0]] + texts[1:5])
    check("before the loss it lives", all(g["state"] == LIVE for g in got[:20]))
    check("after it, gap and a wish", all(g["state"] == GAP and g["wants"] for g in got[20:39]))
    check("an older snapshot of the stream heals it", all(g["state"] == LIVE and not g["wants"] for g in got[39:]))


def main():
    texts = crafted()
    compare("crafted", texts)
    loses_a_delta(texts)
    for name in RECORDINGS:
        path = os.path.join(CAPTURES, name)
        if os.path.exists(path):
            with open(path) as f:
                texts = [l.rstrip("\n") for l in f if '"orderbook.' in l]
            b = compare(name, texts)
            if "mini" in name:
                same_as_rest(b)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
