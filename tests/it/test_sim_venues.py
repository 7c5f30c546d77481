#!/usr/bin/env python3
"""Proves the simulator's Bybit and OKX from outside: acks, errors and limits as the exchanges document them,
books that can be followed to the level by their sequence rules, one value told in several ways agreeing with
itself (one and both sides, contracts and coins and dollars), and liquidations as the truth file has them."""
import collections, http.client, json, os, shutil, signal, ssl, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from simclient import Sim, Ws, rest

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SIM = os.path.join(os.environ.get("BUILD", os.path.join(ROOT, "build/release")), "cascade-sim")
TMP = tempfile.mkdtemp(prefix="simvenues")
CERT = os.path.join(TMP, "cert")
CA = os.path.join(CERT, "ca.pem")
passed = failed = 0
running = []


def check(name, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED %s %s" % (name, str(detail)[:400]), flush=True)


def simulator(name, *args):
    s = Sim(SIM, os.path.join(TMP, name), CERT, *args)
    running.append(s.p)
    s.y, s.o = s.ports["bybit"], s.ports["okx"]
    return s


def near(a, b, frac):
    return abs(a - b) <= frac * abs(b)


class Book:
    """Levels by price, as told."""

    def __init__(self, depth):
        self.depth, self.side, self.seq = depth, ({}, {}), None

    def apply(self, bids, asks):
        for side, levels in zip(self.side, (bids, asks)):
            for row in levels:
                if float(row[1]) == 0:
                    side.pop(float(row[0]), None)
                else:
                    side[float(row[0])] = float(row[1])

    def load(self, bids, asks):
        self.side = ({}, {})
        self.apply(bids, asks)

    def sound(self):
        return all(0 < len(s) <= self.depth for s in self.side) and max(self.side[0]) < min(self.side[1])

    def equals(self, bids, asks):
        return all({float(p): float(q) for p, q, *_ in rows} == s for s, rows in zip(self.side, (bids, asks)))


# --- Bybit -----------------------------------------------------------------------------------------

def bybit(s, *topics, category="linear", req="r1"):
    w = Ws(s.y, "/v5/public/" + category, CA)
    if topics:
        w.send({"req_id": req, "op": "subscribe", "args": list(topics)})
    return w


def by_get(s, path):
    status, _, text = rest(s.y, CA, path)
    return status, json.loads(text)


def replies(frames):
    return [x for x in frames if "op" in x]


def test_bybit_protocol(s):
    try:
        Ws(s.y, "/v5/public/spot", CA)
        check("another address is refused", False)
    except ConnectionError:
        check("another address is refused", True)
    w = bybit(s, "tickers.BTCUSDT", "orderbook.50.BTCUSDT")
    got = w.collect(0.6)
    at = [i for i, x in enumerate(got) if "op" in x]
    check("data comes before the ack, which echoes req_id", len(at) == 1 and at[0] >= 2 and
          got[at[0]]["success"] is True and got[at[0]]["req_id"] == "r1" and got[at[0]]["op"] == "subscribe", got[:3])
    w.send({"req_id": "bad", "op": "subscribe", "args": ["tickers.ETHUSDT", "tickers.NOSUCH"]})
    w.send({"op": "subscribe", "args": ["tickers.BTCUSD"]})
    w.send({"op": "subscribe", "args": ["tickers.BTCUSDT"]})
    w.send({"req_id": "long", "op": "subscribe", "args": ["orderbook.1000.SYMBOL%06dUSDT" % i for i in range(800)]})
    w.send({"op": "ping", "req_id": "p"})
    w.send({"op": "nonsense"})
    got = w.collect(0.8)
    said = {x.get("req_id", x["ret_msg"]): x for x in replies(got)}
    check("one bad topic refuses its request whole", said["bad"]["ret_msg"] == "Invalid topic: tickers.NOSUCH" and
          not said["bad"]["success"] and not any(x.get("topic") == "tickers.ETHUSDT" for x in got), said)
    check("an inverse symbol is no topic of linear", "Invalid topic: tickers.BTCUSD" in said, list(said))
    check("a topic twice is refused", "error:already subscribed,topic:tickers.BTCUSDT" in said, list(said))
    check("21,000 characters of topics", not said["long"]["success"] and "length" in said["long"]["ret_msg"], said["long"])
    check("pong keeps op ping", said["p"]["op"] == "ping" and said["p"]["ret_msg"] == "pong" and said["p"]["success"])
    check("an unknown op is refused", sum(not x["success"] for x in replies(got)) == 5, replies(got))
    w.send({"op": "unsubscribe", "args": ["tickers.BTCUSDT", "orderbook.50.BTCUSDT"]})
    w.collect(0.4)
    check("unsubscribed is silent", not w.collect(0.8))
    w.close()


def test_bybit_tickers(s):
    for category, symbol in (("linear", "BTCUSDT"), ("linear", "BTCPERP"), ("inverse", "BTCUSD")):
        w = bybit(s, "tickers." + symbol, category=category)
        state, repeats, cs, bad = {}, 0, -1, 0
        for x in (y for y in w.collect(3) if "topic" in y):
            d = x["data"]
            if x["type"] == "snapshot":
                check(symbol + " snapshot comes once and first", not state)
            repeats += x["type"] == "delta" and any(state[k] == v for k, v in d.items() if k != "symbol")
            state.update(d)
            bad += x["cs"] < cs
            cs = x["cs"]
            both, one = float(state["openInterest"]), float(state["singleOpenInterest"])
            lot = 10.0 ** -len(state["openInterest"].partition(".")[2])
            bad += not -lot / 2 < 2 * one - both < 1.5 * lot
            value, mark = float(state["openInterestValue"]), float(state["markPrice"])
            bad += not near(value, both / mark if category == "inverse" else both * mark, 1e-4)
        check(symbol + ": one side is half of both, value = size x mark, cs rises", bad == 0 and len(state) > 20, (bad, state))
        check(symbol + ": deltas hold only what changed", repeats == 0, repeats)
        check(symbol + ": numbers are strings", all(isinstance(v, str) for v in state.values()))
        w.close()


def follow_bybit(frames, topic, depth):
    """(book, breaks, u of the last, snapshots)"""
    b, breaks, snaps = Book(depth), 0, []
    for x in (y for y in frames if y.get("topic") == topic):
        d = x["data"]
        if x["type"] == "snapshot":
            b.load(d["b"], d["a"])
            snaps.append(d["u"])
        else:
            breaks += d["u"] != b.seq + 1
            b.apply(d["b"], d["a"])
        b.seq = d["u"]
        breaks += not b.sound()
    return b, breaks, snaps


def test_bybit_book(s):
    w = bybit(s, "orderbook.1000.ETHUSDT", "orderbook.50.ETHUSDT", "orderbook.1.ETHUSDT")
    frames = w.collect(2.5)
    for depth in (50, 1000):
        b, breaks, snaps = follow_bybit(frames, "orderbook.%d.ETHUSDT" % depth, depth)
        check("book %d: one snapshot, u rises by one, never beyond its window" % depth,
              breaks == 0 and len(snaps) == 1 and len(b.side[0]) == depth, (breaks, snaps, len(b.side[0])))
    tops = [x for x in frames if x.get("topic") == "orderbook.1.ETHUSDT"]
    check("the book of one level has snapshots only", len(tops) > 3 and all(x["type"] == "snapshot" and
          len(x["data"]["b"]) == 1 for x in tops), len(tops))
    for _ in range(12):  # the body and a frame of the same u are the same book
        body = by_get(s, "/v5/market/orderbook?category=linear&symbol=ETHUSDT&limit=1000")[1]["result"]
        frames += w.collect(0.5)
        upto = [x for x in frames if x.get("topic") != "orderbook.1000.ETHUSDT" or x["data"]["u"] <= body["u"]]
        b, breaks, _ = follow_bybit(upto, "orderbook.1000.ETHUSDT", 1000)
        if b.seq == body["u"]:
            break
    check("the snapshot by REST equals the book of its u", b.seq == body["u"] and breaks == 0 and
          b.equals(body["b"], body["a"]), (b.seq, body["u"], breaks))
    s.tell("seq-reset:bybit:ETHUSDT@0")
    frames += w.collect(1.5)
    _, breaks, snaps = follow_bybit(frames, "orderbook.1000.ETHUSDT", 1000)
    check("a restart is a snapshot with u = 1", breaks == 0 and len(snaps) == 2 and snaps[1] == 1, (breaks, snaps))
    s.tell("drop-delta:bybit:ETHUSDT@0")
    frames += w.collect(1.5)
    gaps = sum(follow_bybit(frames, "orderbook.%d.ETHUSDT" % d, d)[1] > 0 for d in (50, 1000))
    check("a withheld delta is one gap", gaps == 1, gaps)
    w.close()


def test_bybit_rest(s):
    seen, cursor, pages = [], "", 0
    while pages < 20:
        _, j = by_get(s, "/v5/market/instruments-info?category=linear&limit=20&cursor=" + cursor)
        seen += [x["symbol"] for x in j["result"]["list"]]
        cursor, pages = j["result"]["nextPageCursor"], pages + 1
        if not cursor:
            break
    whole = by_get(s, "/v5/market/instruments-info?category=linear&limit=1000")[1]["result"]["list"]
    check("pages by cursor are the whole list", pages > 2 and seen == [x["symbol"] for x in whole], (pages, len(seen)))
    by = {x["symbol"]: x for x in whole}
    check("a dated future, a stock and USDC contracts are listed",
          by["BTCUSDT-25DEC26"]["contractType"] == "LinearFutures" and by["TSLAUSDT"]["symbolType"] == "stock" and
          by["BTCPERP"]["settleCoin"] == "USDC" and by["1000PEPEUSDT"]["baseCoin"] == "1000PEPE")
    for path, code in (("tickers?category=spotty", 10001), ("orderbook?category=linear&symbol=NOPE", 10001),
                       ("orderbook?category=linear&symbol=BTCUSD", 10001), ("account-ratio?category=linear", 10001)):
        status, j = by_get(s, "/v5/market/" + path)
        check("retCode of " + path, status == 200 and j["retCode"] == code and j["result"] == {}, j)
    for category in ("linear", "inverse"):
        rows = by_get(s, "/v5/market/risk-limit?category=%s" % category)[1]["result"]
        symbol = rows["list"][0]["symbol"]
        tiers = [x for x in rows["list"] if x["symbol"] == symbol]
        scale = 100 if category == "inverse" else 1
        check(category + ": tiers come unsorted, rates agree with leverage",
              tiers[0]["id"] == 2 and tiers[1]["id"] == 1 and tiers[1]["mmDeduction"] == "" and
              all(near(float(t["initialMargin"]) * float(t["maxLeverage"]), scale, .001) for t in tiers), tiers[:2])
    ratio = by_get(s, "/v5/market/account-ratio?category=linear&symbol=BTCUSDT&period=5min&limit=3")[1]["result"]["list"]
    check("ratios are shares", len(ratio) == 3 and all(near(float(x["buyRatio"]) + float(x["sellRatio"]), 1, 1e-9) for x in ratio))
    pools = by_get(s, "/v5/market/insurance")[1]["result"]["list"]
    check("shared pools and pools of one contract", any("," in x["symbols"] for x in pools) and
          any("," not in x["symbols"] for x in pools))


def test_bybit_funds(s):
    w = bybit(s, "adlAlert.USDT", "adlAlert.USDC", "insurance.USDT")
    got = [x for x in w.collect(2.5) if "topic" in x]
    adl = [x for x in got if x["topic"] == "adlAlert.USDT"]
    check("ADL rows of all symbols each second", len(adl) in (2, 3) and len(adl[0]["data"]) > 40 and
          isinstance(adl[0]["data"][0]["b"], float) and adl[0]["data"][0]["mb"] == "", len(adl))
    pools = [x for x in got if x["topic"] == "insurance.USDT"]
    check("pools come once, then on change; shared ones never", len(pools) == 1 and pools[0]["type"] == "snapshot" and
          all("," not in p["symbols"] and p["symbols"] != "BTCUSDT" for p in pools[0]["data"]), len(pools))
    w.close()


def test_bybit_ban():
    s = simulator("ban", "--assets", "3")
    c = http.client.HTTPSConnection("localhost", s.y, timeout=10, context=ssl.create_default_context(cafile=CA))
    codes, end = collections.Counter(), time.monotonic() + 30
    while codes[403] == 0 and time.monotonic() < end:
        c.request("GET", "/v5/market/time")
        r = c.getresponse()
        r.read()
        codes[r.status] += 1
    check("over 600 requests in 5 s", codes[403] == 1 and codes[200] >= 600, codes)
    time.sleep(6)
    c.request("GET", "/v5/market/time")
    check("the ban outlasts the window", c.getresponse().status == 403)
    c.close()
    s.stop()


# --- OKX -------------------------------------------------------------------------------------------

def okx(s, *args, req="1512"):
    for _ in range(8):  # three connections a second are taken
        try:
            w = Ws(s.o, "/ws/v5/public", CA)
            break
        except ConnectionError:
            time.sleep(0.4)
    if args:
        w.send({"id": req, "op": "subscribe", "args": list(args)})
    return w


def ch(channel, inst=None):
    return {"channel": channel, "instId": inst} if inst else {"channel": channel, "instType": "SWAP"}


def ok_get(s, path):
    for _ in range(20):
        status, _, text = rest(s.o, CA, "/api/v5/" + path)
        if status != 429:
            break
        time.sleep(0.3)
    return status, json.loads(text)


def data(frames, channel):
    return [x for x in frames if "data" in x and x["arg"]["channel"] == channel]


def test_okx_protocol(s):
    w = okx(s, ch("mark-price", "BTC-USDT-SWAP"), ch("mark-price", "NOPE-USDT-SWAP"), ch("index-tickers", "BTC-USDT"),
            ch("index-tickers", "BTC-USDT-SWAP"), ch("liquidation-orders", "BTC-USDT-SWAP"), ch("liquidation-orders"),
            ch("books50-l2-tbt", "BTC-USDT-SWAP"))
    got = w.collect(1)
    events = [x for x in got if "event" in x]
    check("an answer for each arg, with the request's id", len(events) == 7 and all(x["id"] == "1512" for x in events), events)
    errors = collections.Counter(x["code"] for x in events if x["event"] == "error")
    check("codes are strings: 60018 where nothing is, 64003 where it costs", errors == {"60018": 3, "64003": 1}, errors)
    check("the message names the arg", any("channel:mark-price,instId:NOPE-USDT-SWAP doesn't exist" in x.get("msg", "")
                                           for x in events))
    check("the others are served", data(got, "mark-price") and data(got, "index-tickers"))
    w.send(b"ping")
    end = time.monotonic() + 3
    while time.monotonic() < end:
        raw = w.raw()
        if raw[:1] != b"{":
            break
    check("text ping, text pong", raw == b"pong", raw)
    w.send(b"{nonsense")
    w.send({"op": "login", "args": [{}]})
    codes = sorted(x["code"] for x in w.collect(0.5) if x.get("event") == "error")
    check("other errors", codes == ["60009", "60012"], codes)
    for _ in range(480):
        w.send({"op": "unsubscribe", "args": [ch("mark-price", "BTC-USDT-SWAP")]})
    codes = collections.Counter(x.get("code") for x in w.collect(2) if x.get("event") == "error")
    check("480 requests an hour and connection", codes == {"60014": 2}, codes)
    w.close()
    time.sleep(1.1)
    taken = refused = 0
    for _ in range(8):
        try:
            Ws(s.o, "/ws/v5/public", CA).close()
            taken += 1
        except ConnectionError:
            refused += 1
    check("three connections a second", refused >= 2 and taken >= 3, (taken, refused))


def follow_okx(frames, inst):
    b, breaks, snaps, falls = Book(400), 0, 0, 0
    for x in data(frames, "books"):
        if x["arg"]["instId"] != inst:
            continue
        d = x["data"][0]
        if x["action"] == "snapshot":
            b.load(d["bids"], d["asks"])
            snaps += 1
            breaks += d["prevSeqId"] != -1
        else:
            breaks += d["prevSeqId"] != b.seq
            falls += d["seqId"] < d["prevSeqId"]
            b.apply(d["bids"], d["asks"])
        b.seq = d["seqId"]
        breaks += d["checksum"] != 0 or not b.sound()
    return b, breaks, snaps, falls


def test_okx_book(s):
    w = okx(s, ch("books", "ETH-USDT-SWAP"), ch("bbo-tbt", "ETH-USDT-SWAP"), ch("trades", "ETH-USDT-SWAP"))
    frames = w.collect(2)
    b, breaks, snaps, _ = follow_okx(frames, "ETH-USDT-SWAP")
    check("a snapshot, then each update names the one before; 400 levels", breaks == 0 and snaps == 1 and
          len(b.side[0]) == 400, (breaks, snaps, len(b.side[0])))
    check("the last quote is the book's best", data(frames, "bbo-tbt"))
    for _ in range(12):
        body = ok_get(s, "market/books?instId=ETH-USDT-SWAP&sz=400")[1]["data"][0]
        frames += w.collect(0.4)
        upto = [x for x in frames if x.get("arg", {}).get("channel") != "books" or "data" not in x or
                x["data"][0]["seqId"] <= body["seqId"]]
        b, breaks, _, _ = follow_okx(upto, "ETH-USDT-SWAP")
        if b.seq == body["seqId"]:
            break
    check("the snapshot by REST equals the book of its seqId", b.seq == body["seqId"] and b.equals(body["bids"], body["asks"]))
    check("sz defaults to one level", len(ok_get(s, "market/books?instId=ETH-USDT-SWAP")[1]["data"][0]["bids"]) == 1)
    s.tell("seq-reset:okx:ETH-USDT-SWAP@0")
    frames += w.collect(1)
    _, breaks, snaps, falls = follow_okx(frames, "ETH-USDT-SWAP")
    check("in maintenance seqId falls and the chain holds", (breaks, snaps, falls) == (0, 1, 1), (breaks, snaps, falls))
    s.tell("drop-delta:okx:ETH-USDT-SWAP@0")
    frames += w.collect(1)
    check("a withheld update is a gap", follow_okx(frames, "ETH-USDT-SWAP")[1] >= 1)
    w.close()


def test_okx_values(s):
    rows = {x["instId"]: x for x in ok_get(s, "public/instruments?instType=SWAP")[1]["data"]}
    marks = {x["instId"]: float(x["markPx"]) for x in ok_get(s, "public/mark-price?instType=SWAP")[1]["data"]}
    bad = []
    for x in ok_get(s, "public/open-interest?instType=SWAP")[1]["data"]:
        r, oi, mark = rows[x["instId"]], float(x["oi"]), marks[x["instId"]]
        size, coins, usd = oi * float(r["ctVal"]), float(x["oiCcy"]), float(x["oiUsd"])
        if r["ctType"] == "linear":
            good = near(size, coins, 1e-9) and near(coins * mark, usd, .005)
        else:
            good = near(size, usd, 1e-9) and near(coins * mark, usd, .005)
        bad += [] if good else [(x, r["ctVal"])]
    check("oi x ctVal = oiCcy (linear), = oiUsd (inverse)", not bad and len(marks) > 40, bad[:2])
    check("inverse contracts, a metal, a suspended one, coins without a prefix",
          rows["BTC-USD-SWAP"]["ctVal"] == "100" and rows["BTC-USD-SWAP"]["settleCcy"] == "BTC" and
          rows["XAU-USDT-SWAP"]["instCategory"] == "4" and rows["MATIC-USDT-SWAP"]["state"] == "suspend" and
          float(rows["PEPE-USDT-SWAP"]["ctVal"]) > 1e6 and rows["BTC-USDT-SWAP"]["ctVal"] == "0.01" and
          rows["BTC-USDT-SWAP"]["uly"] == "BTC-USDT")
    f = ok_get(s, "public/funding-rate?instId=ANY")[1]["data"]
    check("fundingTime comes first, nextFundingTime after it", len(f) > 40 and
          all(int(x["ts"]) < int(x["fundingTime"]) < int(x["nextFundingTime"]) and x["nextFundingRate"] == "" for x in f))
    tiers = ok_get(s, "public/position-tiers?instType=SWAP&tdMode=cross&instFamily=BTC-USDT")[1]["data"]
    edges = [(float(t["minSz"]), float(t["maxSz"])) for t in tiers]
    check("tiers follow each other by one lot", len(tiers) > 5 and edges[0][0] == 0 and
          all(near(b[0] - a[1], .01, 1e-6) for a, b in zip(edges, edges[1:])), edges)
    for path, code in (("market/books?instId=NOPE-USDT-SWAP", "51001"), ("public/instruments", "50014"),
                       ("public/position-tiers?instType=SWAP&tdMode=cross&instFamily=A,B,C,D,E,F", "51000")):
        check("code of " + path, ok_get(s, path)[1]["code"] == code)
    codes = collections.Counter()
    for _ in range(8):
        status, _, text = rest(s.o, CA, "/api/v5/system/status")
        codes[(status, json.loads(text)["code"])] += 1
    check("limits an endpoint: 429 with 50011", set(codes) <= {(200, "0"), (429, "50011")} and codes[(429, "50011")] > 0, codes)
    names = {x["instId"] for x in ok_get(s, "market/index-tickers?quoteCcy=USD")[1]["data"]}
    check("indices of a quote currency", {"USDT-USD", "USDC-USD", "BTC-USD"} <= names, names)
    w = okx(s, ch("open-interest", "BTC-USDT-SWAP"), ch("funding-rate", "BTC-USDT-SWAP"), ch("index-tickers", "BTC-USD"))
    got = w.collect(1)
    check("state channels say at once what they know", data(got, "open-interest") and data(got, "funding-rate") and
          data(got, "index-tickers"))
    w.close()


def test_okx_notice(s):
    old = okx(s, ch("mark-price", "BTC-USDT-SWAP"))
    old.collect(0.5)
    s.tell("notice:okx@0+3")
    notice = [x for x in old.collect(1) if x.get("event") == "notice"]
    new = okx(s, ch("mark-price", "BTC-USDT-SWAP"))
    check("64008 is told", len(notice) == 1 and notice[0]["code"] == "64008", notice)
    try:
        old.collect(5)
        check("then the connection ends", False)
    except (ConnectionError, OSError):
        check("then the connection ends", True)
    check("one that came later stays", data(new.collect(1), "mark-price"))
    new.close()


def test_okx_idle(w, since):
    """Nothing is ever pushed on it."""
    try:
        while time.monotonic() < since + 45:
            w.s.settimeout(45)
            w.raw()
        check("30 s without a push close a connection", False)
    except (ConnectionError, OSError):
        took = time.monotonic() - since
        check("30 s without a push close a connection", 28 < took < 40, took)


# --- a crash ---------------------------------------------------------------------------------------

def symbols(s, category):
    rows = by_get(s, "/v5/market/instruments-info?category=%s&limit=1000" % category)[1]["result"]["list"]
    return [x["symbol"] for x in rows if "Perpetual" in x["contractType"] and x["symbolType"] != "stock"]


def test_crash():
    s = simulator("crash", "--scenario", "crash", "--shock-at", "2", "--shock-on-signal", "--assets", "12")
    names = {c: symbols(s, c) for c in ("linear", "inverse")}
    feeds = [bybit(s, *["allLiquidation." + x for x in n], category=c) for c, n in names.items()]
    feeds.append(okx(s, ch("liquidation-orders"), ch("adl-warning")))
    s.p.send_signal(signal.SIGUSR1)
    frames = [w.collect(13 if i == 0 else 1) for i, w in enumerate(feeds)]
    late = okx(s, ch("liquidation-orders"))
    repeated = data(late.collect(0.5), "liquidation-orders")
    check("a new subscriber of OKX first hears recent ones again", repeated and len(repeated[0]["data"]) > 1, repeated[:1])
    last_us = int(max(x["ts"] for x in frames[0] if "topic" in x) - 1500) * 1000
    for w in feeds + [late]:
        w.close()
    s.stop()
    liqs = s.lines("liquidation")
    told = collections.Counter((d["s"], d["T"], d["S"]) for f in frames[:2] for x in f if "topic" in x for d in x["data"])
    truth = collections.Counter((d["symbol"], d["t_us"] // 1000, "Buy" if d["closed"] == "long" else "Sell")
                                for d in liqs if d["venue"] == "bybit" and d["symbol"] in names["linear"] + names["inverse"])
    seen = {k: n for k, n in truth.items() if k[1] * 1000 < last_us}
    check("Bybit's feed is complete: every liquidation of the truth, once", len(seen) > 50 and
          all(told[k] == n for k, n in seen.items()), [(k, n, told[k]) for k, n in seen.items() if told[k] != n][:3])
    check("and nothing else", all(k in truth for k in told))
    by_key = collections.defaultdict(list)
    for d in liqs:
        by_key[(d["venue"], d["symbol"], d["t_us"] // 1000)].append(d)
    wrong = [d for f in frames[:2] for x in f if "topic" in x for d in x["data"]
             if not any(near(float(d["p"]), t["bankruptcy_px"], 2e-4) and
                        near(float(d["v"]), t["notional_usd"] if d["s"].endswith("USD") else t["qty_base"], .02)
                        for t in by_key[("bybit", d["s"], d["T"])])]
    check("at the bankruptcy price, in coins or (inverse) dollars", not wrong, wrong[:2])
    check("inverse ones are among them", any(k[0] == "BTCUSD" for k in told), len(told))
    ct = {"BTC-USDT-SWAP": .01, "ETH-USDT-SWAP": .1, "BTC-USD-SWAP": 100.0, "ETH-USD-SWAP": 10.0}
    n = bad = 0
    for x in data(frames[2], "liquidation-orders"):
        for row in x["data"]:
            for d in row["details"]:
                n += 1
                side = "long" if d["side"] == "sell" else "short"
                fits = [t for t in by_key[("okx", row["instId"], int(d["ts"]))] if t["shown"] and t["closed"] == side and
                        near(float(d["bkPx"]), t["bankruptcy_px"], 2e-4)]
                size = ct.get(row["instId"], 0) * float(d["sz"])
                own = lambda t: t["notional_usd"] if "-USD-" in row["instId"] else t["qty_base"]
                bad += not fits or d["posSide"] not in ("net", side) or (size > 0 and not any(near(size, own(t), .02) for t in fits))
    check("what OKX tells is in the truth, in contracts", n > 20 and bad == 0, (n, bad))
    ok = [d for d in liqs if d["venue"] == "okx"]
    check("and it is a part of it", 0 < sum(d["shown"] for d in ok) < len(ok) and not any(d["shown"] for d in ok if d["takeover"]))
    check("all of Bybit's is marked shown", all(d["shown"] for d in liqs if d["venue"] == "bybit" and d["t_us"] < last_us))


def main():
    subprocess.run(["sh", os.path.join(ROOT, "tests/sim/mkcert.sh"), CERT], check=True)
    s = simulator("calm")
    idle, since = okx(s), time.monotonic()
    for t in (test_bybit_protocol, test_bybit_tickers, test_bybit_book, test_bybit_rest, test_bybit_funds,
              test_okx_protocol, test_okx_book, test_okx_values):
        t(s)
    test_okx_idle(idle, since)
    test_okx_notice(s)
    check("it ends cleanly", s.stop() == 0)
    test_bybit_ban()
    test_crash()


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
