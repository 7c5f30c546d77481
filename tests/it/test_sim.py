#!/usr/bin/env python3
"""Proves cascade-sim from outside: over TLS it behaves as the two exchanges document, its books can be
followed by their sequence rules, liquidations are sampled as shown in the truth, every misbehaviour does
what it says, and the scenarios stand where they should against the alert thresholds (seeds 1 to 3)."""
import collections, json, os, shutil, signal, socket, ssl, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import simclient
from simclient import Ws, rest

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SIM = os.path.join(os.environ.get("BUILD", os.path.join(ROOT, "build/release")), "cascade-sim")
TMP = tempfile.mkdtemp(prefix="sim")
CERT = os.path.join(TMP, "cert")
CA = os.path.join(CERT, "ca.pem")
passed = failed = 0
running = []


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED %s %s" % (name, str(detail)[:400]), flush=True)


class Sim(simclient.Sim):
    count = 0

    def __init__(self, *args, cert="server"):
        Sim.count += 1
        super().__init__(SIM, os.path.join(TMP, "run%d" % Sim.count), CERT, *args, cert=cert)
        running.append(self.p)
        self.b, self.h = self.ports["binance"], self.ports["hyperliquid"]


def public(s, *streams):
    w = Ws(s.b, "/public/stream", CA)
    w.send({"method": "SUBSCRIBE", "params": list(streams), "id": 1})
    return w


def market(s, *streams):
    w = Ws(s.b, "/market/stream", CA)
    w.send({"method": "SUBSCRIBE", "params": list(streams), "id": 1})
    return w


def hl(s, *subs):
    w = Ws(s.h, "/ws", CA)
    for x in subs:
        w.send({"method": "subscribe", "subscription": x})
    return w


def hl_collect(w, seconds):
    """Without the greeting, which is not JSON."""
    greeting = w.raw()
    return greeting, w.collect(seconds)


# --- Binance ---------------------------------------------------------------------------------------

def test_routes(s):
    w = public(s, "btcusdt@bookTicker", "!markPrice@arr@1s", "nosuchusdt@depth@100ms")
    seen = collections.Counter(x.get("stream", "ack") for x in w.collect(2.5))
    check("public delivers, acks and keeps silent", seen["btcusdt@bookTicker"] > 5 and seen["ack"] == 1 and
          set(seen) == {"ack", "btcusdt@bookTicker"}, seen)
    w.send({"method": "LIST_SUBSCRIPTIONS", "id": 7})
    got = [x for x in w.collect(0.5) if x.get("id") == 7]
    check("LIST_SUBSCRIPTIONS", got and set(got[0]["result"]) == {"btcusdt@bookTicker", "!markPrice@arr@1s"}, got)
    w.send({"method": "UNSUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 8})
    w.collect(0.3)
    check("UNSUBSCRIBE", not w.collect(1))
    w.send({"method": "SUBSCRIBE", "params": [], "id": "x"})
    w.send(b"{nonsense")
    codes = sorted(x.get("code", -1) for x in w.collect(0.5))
    check("errors have codes", codes == [2, 3], codes)
    w.close()
    w = market(s, "!markPrice@arr@1s", "btcusdt@aggTrade", "!assetIndex@arr", "btcusdt@bookTicker")
    frames = w.collect(3.2)
    marks = [x["data"] for x in frames if x.get("stream") == "!markPrice@arr@1s"]
    check("marks come in two arrays a second, TradFi apart", len(marks) >= 4 and len(marks) % 2 == 0 and
          sorted({len(m) for m in marks}) == [2, 50] and {x["s"] for x in marks[1]} == {"XAUUSDT", "TSLAUSDT"},
          [len(m) for m in marks])
    ids = [x["data"]["a"] for x in frames if x.get("stream") == "btcusdt@aggTrade"]
    check("aggTrade ids have no hole", len(ids) > 5 and ids == list(range(ids[0], ids[0] + len(ids))), ids[:5])
    check("bookTicker is not on the market route", not any(x.get("stream") == "btcusdt@bookTicker" for x in frames))
    w.close()
    w = Ws(s.b, "/stream", CA)
    w.send({"method": "SUBSCRIBE", "params": ["!markPrice@arr@1s", "btcusdt@depth@100ms"], "id": 1})
    seen = {x.get("stream") for x in w.collect(1.5)}
    check("the retired path delivers only public streams", seen == {None, "btcusdt@depth@100ms"}, seen)
    w.close()
    w = Ws(s.b, "/market/ws/btcusdt@aggTrade", CA)
    got = w.collect(1)
    check("raw mode does not wrap", got and all(x.get("e") == "aggTrade" for x in got))
    w.close()


def test_rate_limit(s):
    w = Ws(s.b, "/public/stream", CA)
    try:
        for i in range(40):
            w.send({"method": "LIST_SUBSCRIPTIONS", "id": i})
        n = len(w.collect(1))
        check("over 10 messages a second is disconnected", False, n)
    except (ConnectionError, OSError):
        check("over 10 messages a second is disconnected", True)


class Book:
    """A book by Binance's rules."""

    def __init__(self):
        self.side, self.u, self.gaps, self.early = ({}, {}), None, 0, []

    def apply(self, levels, side):
        for p, q in levels:
            if float(q) == 0:
                self.side[side].pop(float(p), None)
            else:
                self.side[side][float(p)] = float(q)

    def delta(self, d):
        if self.u is None:
            self.early.append(d)
            return
        if d["u"] < self.u:
            return
        if d["pu"] != self.u and not d["U"] <= self.u <= d["u"]:
            self.gaps += 1
        self.apply(d["b"], 0)
        self.apply(d["a"], 1)
        self.u = d["u"]

    def snapshot(self, d):
        self.side = ({}, {})
        self.apply(d["bids"], 0)
        self.apply(d["asks"], 1)
        self.u, early, self.early = d["lastUpdateId"], self.early, []
        bridges = [x for x in early if x["U"] <= self.u <= x["u"]]
        for x in early:
            self.delta(x)
        return len(bridges)

    def best(self):
        return max(self.side[0]), min(self.side[1])


def test_book(s):
    w = public(s, "ethusdt@depth@100ms", "ethusdt@bookTicker")
    b, compared, differ = Book(), 0, 0
    frames = w.collect(1)
    for x in frames:
        if x.get("stream", "").endswith("depth@100ms"):
            b.delta(x["data"])
    st, _, text = rest(s.b, CA, "/fapi/v1/depth?symbol=ETHUSDT&limit=1000")
    snap, frames = json.loads(text), w.collect(1)
    for x in frames:
        if x.get("stream", "").endswith("depth@100ms"):
            b.delta(x["data"])
    check("a buffered delta bridges the snapshot", b.snapshot(snap) == 1)
    check("the snapshot has 1000 levels a side", len(snap["bids"]) == 1000 and len(snap["asks"]) == 1000)
    for x in w.collect(4):
        d = x.get("data", {})
        if d.get("e") == "depthUpdate":
            b.delta(d)
        elif d.get("e") == "bookTicker" and d["u"] == b.u:
            compared += 1
            differ += b.best() != (float(d["b"]), float(d["a"]))
    check("the book follows without a gap and agrees with every quote", b.gaps == 0 and compared > 20 and differ == 0,
          (b.gaps, compared, differ))
    bids = json.loads(rest(s.b, CA, "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")[2])["bids"]
    span = (1 - float(bids[-1][0]) / float(bids[0][0])) * 1e4
    check("1000 levels of BTC cover some 25 bps", 12 < span < 50, span)
    w.close()


def test_rest(s):
    st, h, text = rest(s.b, CA, "/fapi/v1/exchangeInfo")
    info = {x["symbol"]: x for x in json.loads(text)["symbols"]}
    check("exchangeInfo", st == 200 and info["XAUUSDT"]["contractType"] == "TRADIFI_PERPETUAL" and
          info["MATICUSDT"]["status"] != "TRADING" and "1000PEPEUSDT" in info and len(info) >= 53, len(info))
    used = int(h["X-MBX-USED-WEIGHT-1M"])
    _, h, text = rest(s.b, CA, "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
    check("weights are counted", int(h["X-MBX-USED-WEIGHT-1M"]) in (used + 20, 20), h["X-MBX-USED-WEIGHT-1M"])
    st, _, text = rest(s.b, CA, "/fapi/v1/openInterest?symbol=MATICUSDT")
    check("a symbol that is not trading is refused", st == 400 and json.loads(text)["code"] == -1121)
    st, _, _ = rest(s.b, CA, "/fapi/v1/openInterest")
    check("a missing symbol is refused", st == 400)
    st, _, _ = rest(s.b, CA, "/nope")
    check("404", st == 404)
    oi = float(json.loads(rest(s.b, CA, "/fapi/v1/openInterest?symbol=BTCUSDT")[2])["openInterest"])
    check("open interest is of real size", 5e4 < oi < 2e5, oi)
    st, _, text = rest(s.h, CA, "/info", {"type": "allPerpMetas"})
    metas = json.loads(text)
    names = [x["name"] for x in metas[0]["universe"]]
    check("metas", st == 200 and "kPEPE" in names and metas[1]["universe"][0]["name"].startswith("xyz:") and
          any(x.get("isDelisted") for x in metas[0]["universe"]))
    check("an unknown request is refused", rest(s.h, CA, "/info", {"type": "zzz"})[0] == 422)


def test_budget():
    s = Sim("--assets", "3")
    end = 60 - time.time() % 60
    if end < 12:
        time.sleep(end + 0.2)  # the budget is per minute
    codes = collections.Counter()
    for _ in range(75):
        st, h, _ = rest(s.b, CA, "/fapi/v1/ticker/24hr")
        codes[st] += 1
        if st == 429:
            check_retry = h.get("Retry-After")
    check("2400 weight a minute, then 429", codes[200] == 60 and codes[429] == 15 and int(check_retry) > 0, codes)
    for _ in range(20):
        codes[rest(s.b, CA, "/fapi/v1/ticker/24hr")[0]] += 1
    check("who goes on is banned", codes[418] > 0, codes)
    s.stop()


# --- Hyperliquid -----------------------------------------------------------------------------------

def test_hl(s):
    w = hl(s, {"type": "l2Book", "coin": "BTC"}, {"type": "l2Book", "coin": "BTC", "nSigFigs": 3},
           {"type": "bbo", "coin": "ETH"}, {"type": "trades", "coin": "BTC"}, {"type": "trades", "coin": "BTC"},
           {"type": "allDexsAssetCtxs"}, {"type": "liquidations"}, {"type": "bbo", "coin": "NOPE"})
    greeting, got = hl_collect(w, 2.5)
    check("the greeting is not JSON", greeting == b"Websocket connection established.")
    acks = [x["data"]["subscription"] for x in got if x["channel"] == "subscriptionResponse"]
    check("acks name the defaults", {"type": "l2Book", "coin": "BTC", "nSigFigs": None, "mantissa": None} in acks and
          len(acks) == 5, acks)
    errors = sorted(x["data"][:20] for x in got if x["channel"] == "error")
    check("errors are texts", errors == ["Already subscribed: ", "Error parsing JSON i", "Invalid subscription"], errors)
    books = [x["data"] for x in got if x["channel"] == "l2Book"]
    raw = [b for b in books if "spread" not in b]
    check("20 raw levels twice a second", 3 <= len(raw) <= 7 and all(len(b["levels"][0]) == 20 for b in raw), len(raw))
    wide = [b for b in books if "spread" in b]
    reach = lambda b: (float(b["levels"][0][0]["px"]) / float(b["levels"][0][-1]["px"]) - 1) * 1e4
    check("a coarse view reaches over 100 bps, the raw one less than 10", reach(wide[0]) > 100 and reach(raw[0]) < 10,
          (reach(wide[0]), reach(raw[0])))
    trades = [x["data"] for x in got if x["channel"] == "trades"]
    times = [t["time"] for t in trades[0]]
    check("the first push repeats older trades", len(trades) > 1 and min(times) < trades[1][0]["time"] - 50, times[:3])
    check("no liquidation flag", all("liquidation" not in t for x in trades for t in x))
    ctxs = [x["data"]["ctxs"] for x in got if x["channel"] == "allDexsAssetCtxs"]
    metas = json.loads(rest(s.h, CA, "/info", {"type": "allPerpMetas"})[2])
    check("contexts line up with metas", ctxs and [len(c[1]) for c in ctxs[0]] == [len(m["universe"]) for m in metas])
    w.send({"method": "ping"})
    w.send({"method": "unsubscribe", "subscription": {"type": "bbo", "coin": "ETH"}})
    w.send({"method": "unsubscribe", "subscription": {"type": "bbo", "coin": "ETH"}})
    got = w.collect(0.5)
    check("pong", {"channel": "pong"} in got)
    check("unsubscribe twice", any(str(x.get("data")).startswith("Already unsubscribed") for x in got))
    w.close()
    conns, refused = [], 0
    for _ in range(12):
        try:
            conns.append(Ws(s.h, "/ws", CA))
        except ConnectionError:
            refused += 1
    check("ten connections at most", len(conns) == 10 and refused == 2, (len(conns), refused))
    for c in conns:
        c.close()


# --- crash, truth, sampling ------------------------------------------------------------------------

def test_crash():
    s = Sim("--scenario", "crash", "--shock-at", "3", "--shock-on-signal")
    w = market(s, "!forceOrder@arr", "btcusdt@forceOrder")
    time.sleep(1)
    check("no shock before the signal", not s.lines("shock"))
    s.p.send_signal(signal.SIGUSR1)
    told = time.time()
    frames = [x["data"] for x in w.collect(12) if "stream" in x and x["stream"] == "!forceOrder@arr"]
    w.close()
    s.stop()
    shock = s.lines("shock")
    check("the shock comes 3 s after the signal", len(shock) == 1 and 2.5 < shock[0]["t_us"] / 1e6 - told < 3.6, shock)
    um = [f for f in frames if f["st"] == 1]
    per = collections.Counter((f["o"]["s"], f["E"]) for f in um)
    check("at most one order a symbol and second", um and max(per.values()) == 1, len(um))
    liqs = s.lines("liquidation")
    shown = {(d["symbol"], d["t_us"] // 1000): d for d in liqs if d["shown"] and d["venue"] == "binance"}
    lost = [f for f in um if (f["o"]["s"], f["o"]["T"]) not in shown]
    check("every published order is in the truth, marked shown", not lost, lost[:1])
    wrong = [f for f in um for d in [shown[(f["o"]["s"], f["o"]["T"])]]
             if abs(float(f["o"]["z"]) - d["qty_base"]) > 1e-9 * d["qty_base"] or
             (f["o"]["S"] == "SELL") != (d["closed"] == "long")] if not lost else um
    check("sizes and sides agree", not wrong, wrong[:1])
    check("sampling loses most of it, Hyperliquid shows none",
          sum(d["notional_usd"] for d in shown.values()) <
          .5 * sum(d["notional_usd"] for d in liqs if d["venue"] == "binance") and
          not any(d["shown"] for d in liqs if d["venue"] == "hyperliquid"))
    check("coin-margined orders are marked", all(f["o"]["s"] == "BTCUSD_PERP" for f in frames if f["st"] == 2))


# --- misbehaviour ----------------------------------------------------------------------------------

def comes_back(s):
    """Two of its own seconds; on a machine that does other things these may be longer than ours."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            return rest(s.b, CA, "/fapi/v1/time")[0] == 200
        except (OSError, ssl.SSLError):
            time.sleep(0.2)
    return False


def test_down(s):
    w = public(s, "btcusdt@bookTicker")
    w.collect(0.5)
    check("the control socket answers", s.tell("down:binance@0+2") == "ok" and
          s.tell("dwn:binance@0+2").startswith("error") and s.tell("down:binance").startswith("error") and
          json.loads(s.tell("status"))["step"] > 0)
    try:
        w.collect(1.5)
        check("down cuts connections", False)
    except (ConnectionError, OSError):
        check("down cuts connections", True)
    try:
        rest(s.b, CA, "/fapi/v1/time")
        check("down refuses REST", False)
    except (OSError, ssl.SSLError):
        check("down refuses REST", True)
    check("the other venue lives on", rest(s.h, CA, "/info", {"type": "meta"})[0] == 200)
    check("and comes back", comes_back(s))


def test_mute_and_drop(s):
    w = public(s, "btcusdt@depth@100ms", "btcusdt@bookTicker", "ethusdt@depth@100ms")
    w.collect(0.5)
    s.tell("mute:binance:depth:BTCUSDT@0+1")
    seen = collections.Counter(x.get("stream") for x in w.collect(0.9))
    check("a muted stream is silent on a live socket", seen["btcusdt@depth@100ms"] <= 1 and
          seen["ethusdt@depth@100ms"] > 4 and seen["btcusdt@bookTicker"] > 2, seen)
    w.collect(1)
    s.tell("drop-delta:binance:ETHUSDT@0.5")
    breaks, last = collections.Counter(), {}
    for x in w.collect(1.5):
        d = x.get("data", {})
        if d.get("e") == "depthUpdate":
            breaks[d["s"]] += d["s"] in last and d["pu"] != last[d["s"]]
            last[d["s"]] = d["u"]
    check("one delta is missing", breaks == {"ETHUSDT": 1, "BTCUSDT": 0}, breaks)
    w.close()


def test_acks_upgrade_garbage(s):
    w = Ws(s.b, "/public/stream", CA)
    s.tell("late-ack:binance@0+5:1")
    time.sleep(0.15)
    w.send({"method": "SUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 9})
    first = w.collect(0.7)
    check("a late ack: data first", first and all("stream" in x for x in first))
    check("and the ack later", any(x.get("id") == 9 for x in w.collect(1)))
    s.tell("no-upgrade:binance@0+2")
    time.sleep(0.15)
    try:
        Ws(s.b, "/public/stream", CA, timeout=1)
        check("an upgrade is never answered", False)
    except TimeoutError:
        check("an upgrade is never answered", True)
    s.tell("garbage:binance@0")
    end, bad = time.monotonic() + 1.5, []
    while time.monotonic() < end and len(bad) < 7:
        raw = w.raw()
        try:
            json.loads(raw.decode())
        except ValueError:
            bad.append(raw)
    check("garbage of several kinds", len(bad) >= 5 and any(b"<html>" in b for b in bad), bad)
    st, h, text = rest(s.b, CA, "/fapi/v1/time")
    check("and HTML to REST, once", "html" in text and "serverTime" in rest(s.b, CA, "/fapi/v1/time")[2])
    s.tell("rest:binance:503@0+1")
    time.sleep(0.15)
    check("a REST status on demand", rest(s.b, CA, "/fapi/v1/time")[0] == 503)
    w.close()


def test_certificates():
    for name, code in (("expired", 10), ("wrongname", 62), ("unknown", 20)):
        s = Sim("--assets", "3", cert=name)
        try:
            Ws(s.b, "/public/stream", CA)
            check("certificate %s" % name, False)
        except ssl.SSLCertVerificationError as e:
            check("certificate %s is refused for its reason" % name, e.verify_code == code, e.verify_code)
        s.stop()


# --- tapes and thresholds --------------------------------------------------------------------------

def tape(name, *args):
    out = os.path.join(TMP, name)
    subprocess.run([SIM, "--tape", out, "--summary", out + ".sum", "--truth", out + ".truth"] + list(args),
                   check=True, stderr=subprocess.DEVNULL)
    return out, [json.loads(x) for x in open(out + ".sum")]


def test_determinism():
    a, b, c = (tape(n, "--assets", "4", "--scenario", "crash", "--shock-at", "5", "--duration", "25", "--seed", x)[0]
               for n, x in (("a", "1"), ("b", "1"), ("c", "2")))
    same = lambda x, y: open(x, "rb").read() == open(y, "rb").read()
    check("same seed, same tape and truth", same(a, b) and same(a + ".truth", b + ".truth"))
    check("another seed, another market", not same(a, c))


def test_thresholds():
    for seed in "123":
        _, rows = tape("crash" + seed, "--scenario", "crash", "--seed", seed, "--shock-at", "30", "--duration", "180")
        assets, total = rows[:-1], rows[-1]
        btc = assets[0]
        check("crash %s: liquidations over the threshold as published" % seed,
              btc["asset"] == "BTC" and btc["shown_1m_frac_max"] > .0018, btc)
        check("crash %s: depth falls under a tenth everywhere" % seed,
              max(a["depth_10bps_ratio_min"] for a in assets) < .1)
        check("crash %s: the venues' prices part by more than 75 bps" % seed, btc["px_dev_bps_max"] > 75, btc)
        last = {k: max(a["last_over_s"][k] for a in assets) for k in ("liq", "depth", "dev")}
        check("crash %s: over in time" % seed, last["liq"] < 125 and last["depth"] < 70 and last["dev"] < 70, last)
        check("crash %s: nothing dropped" % seed, total["dropped"] == 0)
        _, rows = tape("calm" + seed, "--scenario", "calm", "--seed", seed, "--duration", "300")
        worst = [max(a[k] for a in rows[:-1]) for k in ("liq_1m_frac_max", "px_dev_bps_max")]
        depth = min(a["depth_10bps_ratio_min"] for a in rows[:-1])
        check("calm %s: far from every threshold" % seed, worst[0] < .0005 and worst[1] < 8 and depth > .5,
              (worst, depth))


def main():
    subprocess.run(["sh", os.path.join(ROOT, "tests/sim/mkcert.sh"), CERT], check=True)
    s = Sim()
    for t in (test_routes, test_rate_limit, test_book, test_rest, test_hl, test_down, test_mute_and_drop,
              test_acks_upgrade_garbage):
        t(s)
    check("it ends cleanly", s.stop() == 0)
    for t in (test_crash, test_budget, test_certificates, test_determinism, test_thresholds):
        t()


try:
    main()
except Exception as e:
    check("the test itself", False, repr(e))
    import traceback
    traceback.print_exc()
finally:
    for p in running:
        if p.poll() is None:
            p.kill()
    shutil.rmtree(TMP, ignore_errors=True)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
