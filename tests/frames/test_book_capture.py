#!/usr/bin/env python3
"""The book against a real recording and an independent book kept here (json module, one dict a side):
it syncs from the inline snapshot, agrees with every bookTicker of the same update id, and after a
lost delta it says gap until a snapshot heals it. Without the recording a crafted one of the same
shape is used, whose quotes come from the independent book."""
import json, math, os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from book_ref import FILE, Book, crafted, recording

BUILD = os.environ.get("BUILD", "build/release")
WAITING, LIVE, GAP = 1, 2, 3
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED %s %s" % (what, detail))


def dump(rows):
    text = "".join("%d\t%s\n" % r for r in rows)
    p = subprocess.run([BUILD + "/tools/bookdump"], input=text, capture_output=True, text=True)
    check("every text understood", p.returncode == 0, p.stderr[:200])
    out = []
    for l in p.stdout.splitlines():
        w = l.split()
        out.append(dict(line=int(w[0]), state=int(w[1]), wants=w[2] == "1", seq=int(w[3]),
                        best=tuple(map(float, w[4:8])), depth=tuple(map(float, w[8:11]))))
    return out


def quotes(rows):
    q = {}
    for _, text in rows:
        d = json.loads(text).get("data", {})
        if d.get("e") == "bookTicker":
            q[d["u"]] = (float(d["b"]), float(d["B"]), float(d["a"]), float(d["A"]))
    return q


def compare(got, q):
    """Best levels of live states against the quotes of the same update id: (compared, differ)."""
    same = [g["best"] == q[g["seq"]] for g in got if g["state"] == LIVE and g["seq"] in q]
    return len(same), len(same) - sum(same)


def close(a, b):
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def python_book(rows):
    """Our own book after each text; yields (line, book)."""
    b = Book()
    for n, (_, text) in enumerate(rows, 1):
        d = json.loads(text)
        if "lastUpdateId" in d:
            b.snapshot(d)
        elif d["data"]["e"] == "depthUpdate":
            b.delta(d["data"])
        else:
            continue
        yield n, b


def whole(rows, q, want):
    got = dump(rows)
    n, differ = compare(got, q)
    print("%d compared, %d differ" % (n, differ))
    check("best levels", (n, differ) == (want, 0), (n, differ))
    states = [g["state"] for g in got]
    first = states.index(LIVE)
    check("waits, then lives without a gap", set(states[:first]) == {WAITING} and
          set(states[first:]) == {LIVE}, sorted(set(states)))
    check("wants a snapshot while it waits", all(g["wants"] for g in got[:first]))
    by_line, bad, known = {g["line"]: g for g in got}, 0, 0
    for n, b in python_book(rows):
        g = by_line[n]
        if b.seq is None:
            continue
        ok = g["seq"] == b.seq and g["best"] == b.best()
        if n % 25 == 0 or not ok:
            mine = b.depth()
            ok = ok and all(map(close, g["depth"], mine))
            known += not math.isnan(mine[1]) and not math.isnan(mine[2])
        bad += not ok
    print("%d samples of spread and 10 bps depth compared, both sides known" % known)
    check("equal to the independent book", bad == 0, bad)
    check("some depth is known", known >= 20, known)


def broken(rows, q):
    """One delta is lost; 2 s later a snapshot made of the independent book comes."""
    lines = [n for n, (_, t) in enumerate(rows) if '"depthUpdate"' in t]
    lost = lines[len(lines) // 3]
    later = next(n for n in lines if rows[n][0] >= rows[lost][0] + 2000000)
    for n, b in python_book(rows):
        if n > later:
            break
    side = [sorted(b.side[0], reverse=True)[:1000], sorted(b.side[1])[:1000]]
    level = lambda s: [["%.17g" % p, "%.17g" % b.side[s][p]] for p in side[s]]
    snap = json.dumps({"lastUpdateId": b.seq, "bids": level(0), "asks": level(1)})
    new = rows[:lost] + rows[lost + 1:later + 1] + [(rows[later][0], snap)] + rows[later + 1:]
    got = dump(new)
    at = {g["line"]: g for g in got}
    nxt = next(n for n in lines if n > lost)
    check("gap at the delta after the lost one", at[nxt]["state"] == GAP and at[nxt]["wants"], at[nxt])
    check("live until then", at[max(n for n in lines if n < lost) + 1]["state"] == LIVE)
    hole = [g for g in got if nxt <= g["line"] < later + 1]
    check("unknown in the gap", hole and all(g["state"] == GAP and math.isnan(g["best"][0]) and
                                             math.isnan(g["depth"][0]) for g in hole))
    healed = at[later + 1]
    check("the snapshot heals it", healed["state"] == LIVE and healed["seq"] == b.seq, healed)
    after = [g for g in got if g["line"] > later + 1]
    check("no gap afterwards", after and all(g["state"] == LIVE for g in after))
    n, differ = compare(after, q)
    print("after the gap: %d compared, %d differ" % (n, differ))
    check("best levels after the gap", n > 50 and differ == 0, (n, differ))


def too_old(rows):
    """A snapshot from before the first delta that was buffered does not make a book."""
    first = next(n for n, (_, t) in enumerate(rows) if "lastUpdateId" in t)
    s = json.loads(rows[first][1])
    s["lastUpdateId"] = 7
    got = dump(rows[:first] + [(rows[first][0], json.dumps(s))] + rows[first:first + 200])
    at = {g["line"]: g for g in got}
    check("an old snapshot is refused", at[first + 1]["state"] == WAITING and at[first + 1]["wants"])
    check("the right one is taken", at[first + 2]["state"] == LIVE)


real = os.path.exists(FILE)
data = recording() if real else crafted()
ticker = quotes(data)
whole(data, ticker, 629 if real else 591)
broken(data, ticker)
too_old(data)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
