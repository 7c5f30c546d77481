#!/usr/bin/env python3
"""From raw frames to metrics and alerts: a real recording of Binance's book, imported as a tape and run
through cascade-replay, gives spread and 10 bps depth that equal an independent book's at every second,
and a test rule fires and resolves where that book says. Without the recording a crafted one of the same
shape is used."""
import json, os, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from book_ref import FILE, Book, crafted, recording

BUILD = os.environ.get("BUILD", "build/release")
REAL = os.path.exists(FILE)
FRAMES = recording() if REAL else crafted()
SPEC = {"kind": "spec", "venue": "binance", "symbol": "BTCUSDT", "base": "BTC", "quote": "USDT", "settle": "USDT",
        "ct_size": 1, "ct_unit": "base", "linear": True, "tick": 0.1, "status": "trading", "category": "perp",
        "funding_interval_h": 8}
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s %s" % ("ok  " if ok else "FAIL", what, detail))


def reference():
    """t_us of each second -> (spread_bps, bid depth or None, ask depth or None), from the frames before it."""
    book, out, second = Book(), {}, None
    for t_us, line in FRAMES:
        if second is None:
            second = t_us // 1000000
        while second < t_us // 1000000:
            second += 1
            if book.seq is not None:
                out[second * 1000000] = book.levels_at_10bps()
        d = json.loads(line)
        if "lastUpdateId" in d:
            book.snapshot(d)
        elif "@depth" in d["stream"]:
            book.delta(d["data"])
    return out


def write_conf(folder, raise_at, clear_at):
    conf, rules = os.path.join(folder, "c.conf"), os.path.join(folder, "r.conf")
    with open(rules, "w") as f:
        f.write("[thin_asks]\nmetric = m_venue_asset.depth_10bps_ask_usd\nbelow = yes\n"
                "warning = raise %r clear %r for 0\nsummary = asks {value}\n" % (raise_at, clear_at))
    with open(conf, "w") as f:
        f.write("[cascaded]\nrules_file = %s\nassets_file =\ntiers_file =\nstate_dir = %s\n[universe]\nassets = BTC\n"
                "[venue hyperliquid]\nenabled = no\n[venue bybit]\nenabled = no\n[venue okx]\nenabled = no\n[tape]\ndir =\n" % (rules, folder))
    return conf


def replay(folder, conf):
    with open(os.path.join(folder, "specs"), "w") as f:
        f.write(json.dumps(SPEC) + "\n")
    with open(os.path.join(folder, "recv"), "w") as f:
        for t, _ in FRAMES:
            f.write("%d\n" % (t * 1000))
    tool, tape = os.path.join(BUILD, "cascade-replay"), os.path.join(folder, "t.tape")
    texts = "".join(line.rstrip("\n") + "\n" for _, line in FRAMES).encode()
    subprocess.run([tool, "import", "binance", "--recv", os.path.join(folder, "recv"), "--specs",
                    os.path.join(folder, "specs"), "--conf", conf, "--out", tape,
                    "--rest", '{"lastUpdateId"=depth:BTCUSDT'], input=texts, check=True)
    out = subprocess.run([tool, "--no-unknown", tape], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(l) for l in out.splitlines()]


def near(a, b):
    return abs(a - b) <= 1e-12 * max(abs(a), abs(b))


def compare(ref, rows, key, i):
    """How many samples both know, and how many of them differ or are known to one only."""
    known = bad = 0
    for r in rows:
        want, got = ref.get(r["t_us"], (None,) * 3)[i], r[key]
        known += want is not None and got is not None
        bad += (want is None) != (got is None) or (want is not None and not near(want, got))
    return known, bad


def expected_firings(ref, raise_at, clear_at):
    on, out = False, []
    for t in sorted(ref):
        x = ref[t][2]
        if x is None:
            continue
        if not on and x <= raise_at:
            on = True
            out.append((t, "firing"))
        elif on and x >= clear_at:
            on = False
            out.append((t, "resolved"))
    return out


def main():
    ref = reference()
    asks = sorted(v[2] for v in ref.values() if v[2] is not None)
    # between two samples, so that the last bit of a sum cannot decide
    raise_at, clear_at = ((asks[k] + asks[k + 1]) / 2 for k in (len(asks) // 10, len(asks) // 2))
    with tempfile.TemporaryDirectory() as folder:
        lines = replay(folder, write_conf(folder, raise_at, clear_at))
    rows = [d for d in lines if d["kind"] == "row" and d["table"] == "m_venue_asset" and d["venue"] == "binance"]
    most = 300 if REAL else 50
    # the real price leaves the snapshot's bid side, so that fewer of those are known
    for key, i, least in (("spread_bps", 0, most), ("depth_10bps_ask_usd", 2, most), ("depth_10bps_bid_usd", 1, 50)):
        known, bad = compare(ref, rows, key, i)
        check("%s equals the independent book" % key, known >= least and bad == 0,
              "%d samples known to both, %d differ" % (known, bad))
    got = [(d["t_us"], d["state"]) for d in lines if d["kind"] == "alert" and d["state"] in ("firing", "resolved")]
    want = expected_firings(ref, raise_at, clear_at)
    check("a rule fires and resolves where that book says", got == want and len(want) > 1,
          "%d transitions, first difference %s" % (len(want), [p for p in zip(got, want) if p[0] != p[1]][:1]))


main()
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed != 0)
