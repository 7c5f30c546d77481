#!/usr/bin/env python3
"""Real input: every recorded text of our venues in CAPTURES is understood by decode, or refused where it
must be, and the events, their number per file and kind and their values, are those an independent reader
of the same JSON states (count_<venue>.py). Liquidations of 2026 are compared with what a person read in
them, margin brackets with what their author says they are, open interest with the venue's own figures in
other units. Without CAPTURES the goldens of test_frames.py remain and this file only checks that the
counters can fail."""
import collections, glob, gzip, json, math, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import count_binance, count_bybit, count_hyperliquid
import count_okx

REPLAY = os.path.join(os.environ.get("BUILD", "build/release"), "cascade-replay")
CAPTURES = os.environ.get("CAPTURES")
COUNTERS = {"binance": count_binance, "hyperliquid": count_hyperliquid, "bybit": count_bybit, "okx": count_okx}

# Bodies whose side file names a test fixture instead of the request.
FIXTURES = {
    "BinanceLinearDepthSnapshot": "depth:BTCUSDT", "BinanceLinearExchangeInfoSnapshot": "exchangeInfo",
    "BinanceLinearFundingRateSnapshot": "fundingRate", "BinanceLinearPingSnapshot": "ping",
    "BinanceLinearGlobalLongShortAccountSnapshot": "globalLongShortAccountRatio",
    "BinanceLinearServerTimeSnapshot": "time",
    "BinanceLinearTopTradersAccountsSnapshot": "topLongShortAccountRatio",
    "BinanceLinearTopTradersPositionsSnapshot": "topLongShortPositionRatio",
    "BybitLinearDepthSnapshot": "orderbook:BTCUSDT", "BybitLinearExchangeInfoSnapshot": "instruments",
    "BybitLinearPingSnapshot": "time", "BybitLinearServerTimeSnapshot": "time",
    "HyperliquidPerpDepthSnapshot": "l2Book:BTC", "HyperliquidPerpInfoSnapshot": "meta",
    "http_all_perp_metas_non_usdc_collateral": "metas", "http_funding_history": "fundingHistory:BTC",
    "http_clearinghouse_state_negative_total_raw_usd": "clearinghouseState",
    "http_l2_book_btc": "l2Book:BTC", "http_l2_book_snapshot": "l2Book:BTC",
    "http_meta_perp_sample": "meta", "http_recent_trades_btc": "recentTrades:BTC",
    "http_spot_clearinghouse_state": "spotClearinghouseState",
    "http_spot_meta_non_usdc_collateral": "spotMeta", "http_user_fills_dust_conversion": "userFills",
}

passed = failed = 0


def check(ok, what):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED: " + what)


def read_lines(path):
    with (gzip.open(path, "rt") if path.endswith(".gz") else open(path)) as f:
        return f.read().splitlines()


def request_of_url(url):
    path, _, query = url.partition("?")
    symbol = re.search(r"symbol=([^&]+)", query)
    return path.rsplit("/", 1)[1] + (":" + symbol[1] if symbol else "")


def request_of_source(s):
    if "request" in s:
        arg = s["request"].get("coin") or s["request"].get("user")
        return s["request"]["type"] + (":" + arg if arg else "")
    name = os.path.splitext(os.path.basename(s.get("file") or s.get("path") or ""))[0]
    return FIXTURES[name] if s.get("kind") == "rest" else ""


def requests_of(path):
    """The request of each line, "" for a pushed one."""
    stem = re.sub(r"\.ndjson(\.gz)?$", "", path)
    if os.path.exists(stem + ".urls"):
        return [request_of_url(l.split()[1]) for l in read_lines(stem + ".urls")]
    if "leverage-brackets" in path:
        return ["leverageBracket"] * len(read_lines(path))
    if os.path.exists(stem + ".source.ndjson"):
        return [request_of_source(json.loads(l)) for l in read_lines(stem + ".source.ndjson")]
    return [""] * len(read_lines(path))


def decode(venue, texts, requests, specs=None):
    """Events per line, exit status."""
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as f:
        f.write("".join(r + "\n" for r in requests))
        f.flush()
        cmd = [REPLAY, "decode", venue, "--requests", f.name] + (["--specs", specs] if specs else [])
        p = subprocess.run(cmd, input="\n".join(texts) + "\n", capture_output=True, text=True, timeout=280)
    events = collections.defaultdict(list)
    for line in p.stdout.splitlines():
        e = json.loads(line)
        events[e["line"]].append(e)
    return events, p.returncode


def same(got, want, key=None):
    if isinstance(want, list):
        return isinstance(got, list) and len(got) == len(want) and all(map(same, got, want, [key] * len(want)))
    if isinstance(want, dict):
        return isinstance(got, dict) and all(same(got.get(k), v, k) for k, v in want.items())
    if key == "cum":
        return math.isclose(got, want, rel_tol=1e-12, abs_tol=1e-9)
    return got == want


def differs(got, kind, want):
    """Why an event is not the fact; None when it is."""
    if got["kind"] != kind:
        return "kind %s, wanted %s" % (got["kind"], kind)
    for k, v in want.items():
        if v == "absent":
            if k in got:
                return "%s is there" % k
        elif k not in got or not same(got[k], v, k):
            return "%s is %s, wanted %s" % (k, str(got.get(k))[:200], str(v)[:200])
    return None


def compare_line(events, facts):
    if len(events) != len(facts):
        return "%d events, wanted %d" % (len(events), len(facts))
    return next(filter(None, (differs(e, k, v) for e, (k, v) in zip(events, facts))), None)


def compare_file(venue, path):
    texts, requests = read_lines(path), requests_of(path)
    name = os.path.relpath(path, CAPTURES)
    check(len(texts) == len(requests), name + ": a request for each line")
    events, status = decode(venue, texts, requests)
    got, want, wrong = collections.Counter(), collections.Counter(), []
    for n, (text, req) in enumerate(zip(texts, requests), 1):
        facts = COUNTERS[venue].facts(text, req)
        want.update(k for k, _ in facts)
        got.update(e["kind"] for e in events[n])
        why = compare_line(events[n], facts)
        if why:
            wrong.append("line %d: %s" % (n, why))
    check(status == (want["error"] > 0), "%s: %d texts must be refused, status %d" % (name, want["error"], status))
    check(got == want, "%s: counts %s, wanted %s" % (name, dict(got), dict(want)))
    check(not wrong, "%s: %d lines differ: %s" % (name, len(wrong), wrong[:3]))
    print("%-52s %6d texts  %s" % (name, len(texts), " ".join("%s=%d" % x for x in sorted(got.items()))))
    return sum(got.values())


def capture_files():
    for path in sorted(glob.glob(CAPTURES + "/*/*.ndjson*")):
        base = os.path.basename(path)
        if re.search(r"\.(source|expected|sent)\.ndjson", base):
            continue
        for venue in COUNTERS:
            if base.startswith(venue):
                yield venue, path


# What a person read in the forceOrder frames of 2026: SELL closes a long, BUY a short; p is the limit
# price, ap the average fill, z the filled quantity in base coins, T the transaction time in ms.
FORCE_ORDERS = [
    dict(line=9, symbol="ILVUSDT", closed="long", px=3.803, px_kind="limit", fill_px=3.85642, qty=116.5,
         qty_unit="base", t_venue_us=1791391082119000, final=True, coverage="sampled"),
    dict(line=10, symbol="XRPUSDT", closed="short", px=1.4984, px_kind="limit", fill_px=1.4912, qty=127.2,
         qty_unit="base", t_venue_us=1791091174219000, final=True, coverage="sampled"),
    dict(line=11, symbol="COTIUSDT", closed="short", px=0.0220482, px_kind="limit", fill_px=0.021912,
         qty=288183, qty_unit="base", t_venue_us=1789672235690000, final=True, coverage="sampled"),
]
# One fill of an account that was the maker (crossed false) and sold: the liquidated taker bought, so a
# short was closed.
FILLS = [dict(line=1, symbol="xyz:CRWV", closed="short", px=116.86, qty=2.47, qty_unit="base",
              t_venue_us=1786628572099000, final=True, coverage="partial")]


def liquidations(venue, path, by_hand):
    texts = read_lines(path)
    events, _ = decode(venue, texts, [""] * len(texts))
    got = [e for n in sorted(events) for e in events[n] if e["kind"] == "liquidation"]
    check(len(got) == len(by_hand), "%s: %d liquidations, by hand %d" % (path, len(got), len(by_hand)))
    for g, w in zip(got, by_hand):
        why = differs(g, "liquidation", w)
        check(why is None, "%s line %d: %s" % (path, w["line"], why))


def as_their_author_says(path):
    """Bybit's liquidations of 2026 against the file beside them, in which their author wrote them down."""
    texts, expected = read_lines(path), read_lines(path.replace(".ndjson", ".expected.ndjson"))
    events, _ = decode("bybit", texts, [""] * len(texts))
    for n, line in enumerate(expected, 1):
        want = [(x["symbol"], x["liquidated_side"], x["price"], x["qty"], x["time_ms"] * 1000) for x in json.loads(line)]
        got = [(e["symbol"], e["closed"], e["px"], e["qty"], e["t_venue_us"]) for e in events[n]]
        check(got == want, "%s line %d: %s, wanted %s" % (path, n, got, want))
    check(len(expected) == len(texts) == 3, "three liquidations of Bybit")


def one_sided(path):
    """Open interest of Bybit is singleOpenInterest wherever a text gives it, half of openInterest else."""
    texts, single, half = read_lines(path), 0, 0
    events, _ = decode("bybit", texts, [""] * len(texts))
    for n, text in enumerate(texts, 1):
        d = json.loads(text).get("data", {})
        got = [e["qty"] for e in events[n] if e["kind"] == "open_interest"]
        want = []
        if "singleOpenInterest" in d:
            want, single = [float(d["singleOpenInterest"])], single + 1
        elif "openInterest" in d:
            want, half = [float(d["openInterest"]) / 2], half + 1
        check(got == want, "%s line %d: open interest %s, wanted %s" % (path, n, got, want))
    print("one-sided open interest: %d from singleOpenInterest, %d halved" % (single, half))
    return single, half


def bracket_sets(path):
    texts = read_lines(path)
    expected = [json.loads(l) for l in read_lines(path.replace(".ndjson", ".expected.ndjson"))]
    events, _ = decode("binance", texts, ["leverageBracket"] * len(texts))
    equal = 0
    for n, want in enumerate(expected, 1):
        rows = [(t["floor_usd"], t["cap_usd"], t["mmr"], t["max_leverage"]) for t in events[n][0]["tiers"]]
        equal += rows == [(w["minNotional"], w["maxNotional"], w["maintenanceMarginRate"], w["maxLeverage"])
                          for w in want]
    print("bracket sets: %d of %d equal" % (equal, len(expected)))
    check(equal == len(expected) == len(texts), "bracket sets")


def positions(meta_path, ctxs_path):
    """Contexts get their coins from specs of the same length, and only then."""
    meta_text, ctx_text = read_lines(meta_path)[1], read_lines(ctxs_path)[10]
    specs, _ = decode("hyperliquid", [meta_text], ["meta"])
    rows = [e for e in specs[1]]
    main = json.loads(ctx_text)["data"]["ctxs"][0]
    assert main[0] == ""
    for cut, named in ((len(rows), True), (len(rows) - 1, False)):
        frame = {"channel": "allDexsAssetCtxs", "data": {"ctxs": [["", main[1][:cut]]]}}
        with tempfile.NamedTemporaryFile("w", suffix=".specs") as f:
            f.write("".join(json.dumps(r) + "\n" for r in rows))
            f.flush()
            events, status = decode("hyperliquid", [json.dumps(frame)], [""], f.name)
        ok = all(e["symbol"] == (rows[e["ord"]]["symbol"] if named else None) for e in events[1])
        check(status == 0 and ok and len(events[1]) == 5 * cut, "positions with %d of %d" % (cut, len(rows)))


def okx_liquidations():
    """What the author of the capture read in each frame."""
    path = CAPTURES + "/live-2026/okx.liquidation.ndjson"
    expected = [json.loads(l) for l in read_lines(path.replace(".ndjson", ".expected.ndjson"))]
    events, _ = decode("okx", read_lines(path), [""] * len(expected))
    for n, want in enumerate(expected, 1):
        if isinstance(want, dict):
            e = events[n][0]
            check(e.get("what") == "error" and want["error"] in e["text"], "okx refusal %s" % want["error"])
            continue
        check(len(events[n]) == len(want), "okx liquidations of line %d" % n)
        for e, w in zip(events[n], want):
            why = differs(e, "liquidation", dict(
                symbol=w["instId"], closed=w["liquidated_side"], px=w["price"], qty=w["contracts"],
                qty_unit="contracts", t_venue_us=w["time_ms"] * 1000))
            check(why is None, "okx liquidation %s: %s" % (w["instId"], why))


# Contract sizes in coins, from the instruments OKX lists; BIGTIME's is younger than that recording and
# follows from its own oiCcy, so it only proves that the quotient is a round number.
OKX_SIZES = {"BTC-USDT-SWAP": 0.01, "ETH-USDT-SWAP": 0.1, "BIGTIME-USDT-SWAP": 10}


def okx_units():
    """Open interest in contracts times the decoded contract size is OKX's own figure in coins, and,
    at the mark, its figure in dollars."""
    bodies, requests = CAPTURES + "/cryptofeed/okx.http.ndjson.gz", CAPTURES + "/cryptofeed/okx.http.ndjson"
    specs, _ = decode("okx", read_lines(bodies), requests_of(requests))
    size = {e["symbol"]: e["ct_size"] for n in specs for e in specs[n] if e["kind"] == "spec"}
    texts = read_lines(CAPTURES + "/live-2026/okx.perp.ndjson")
    events, _ = decode("okx", texts, [""] * len(texts))
    mark, n_oi = {}, 0
    for n, text in enumerate(texts, 1):
        for e in events[n]:
            if e["kind"] == "mark":
                mark[e["symbol"]] = e["px"]
            if e["kind"] != "open_interest":
                continue
            x, s = json.loads(text)["data"][0], e["symbol"]
            n_oi += 1
            check(size.get(s, OKX_SIZES[s]) == OKX_SIZES[s], "contract size of %s is %s" % (s, size.get(s)))
            coins = e["qty"] * OKX_SIZES[s]
            check(math.isclose(coins, float(x["oiCcy"]), rel_tol=1e-12), "%s: %r coins, OKX %s" % (s, coins, x["oiCcy"]))
            usd = coins * mark[s]
            check(abs(usd / float(x["oiUsd"]) - 1) < 0.005, "%s: %r dollars, OKX %s" % (s, usd, x["oiUsd"]))
            print("okx open interest %-18s %.17g contracts x %g = %s coins" % (s, e["qty"], OKX_SIZES[s], x["oiCcy"]))
    check(n_oi == 4, "four open interests, not %d" % n_oi)


def said_value(venue, text, symbol):
    """The venue's own valuation of one side, and whether it is in dollars; None when it says none."""
    data = json.loads(text)["data"]
    if venue == "okx":
        return next((float(x["oiUsd"]), True) for x in data if x["instId"] == symbol)
    usd = not symbol.endswith("USD")
    if "singleOpenInterest" in data:
        v = data.get("singleOpenInterestValue")
        return (float(v), usd) if v else None
    v = data.get("openInterestValue")
    return (float(v) / 2, usd) if v else None


def values_agree(venue, path):
    """Open interest at the last mark against the venue's own figure in dollars or coins. Bybit counts
    coins (dollars on inverse contracts), OKX contracts."""
    texts = read_lines(CAPTURES + "/" + path)
    events, _ = decode(venue, texts, [""] * len(texts))
    mark, off, unvalued = {}, [], 0
    for n, text in enumerate(texts, 1):
        for e in events[n]:
            if e["kind"] == "mark":
                mark[e["symbol"]] = e["px"]
            if e["kind"] != "open_interest":
                continue
            s, said = e["symbol"], said_value(venue, text, e["symbol"])
            if not said or s not in mark:
                unvalued += 1
                continue
            coins = e["qty"] * OKX_SIZES[s] if venue == "okx" else e["qty"] / (1 if said[1] else mark[s])
            off.append(abs((coins * mark[s] if said[1] else coins) / said[0] - 1))
    off.sort()
    agree = sum(x <= 0.005 for x in off)
    print("value of open interest %-34s %d of %d agree, median %.2e, largest %.2e (%d without a value or a mark)"
          % (path, agree, len(off), off[len(off) // 2] if off else math.nan, off[-1] if off else math.nan, unvalued))
    check(agree == len(off), "%s: values of open interest differ: %s" % (path, off))
    return len(off)


def can_fail():
    """The comparison itself sees a wrong value, a wrong kind and a missing event."""
    text = '{"e":"aggTrade","E":1,"a":5,"s":"XUSDT","p":"2","q":"3","T":1,"m":true}'
    facts = count_binance.facts(text)
    event = dict(facts[0][1], kind="trade")
    check(compare_line([event], facts) is None, "equal is equal")
    check(compare_line([dict(event, px=2.0000001)], facts) is not None, "another price is seen")
    check(compare_line([dict(event, kind="quote")], facts) is not None, "another kind is seen")
    check(compare_line([], facts) is not None, "a missing event is seen")


def main():
    can_fail()
    if CAPTURES:
        total = sum(compare_file(v, p) for v, p in capture_files())
        check(total > 100000, "a corpus of that size")
        liquidations("binance", CAPTURES + "/live-2026/binance-futures.ndjson", FORCE_ORDERS)
        liquidations("hyperliquid", CAPTURES + "/live-2026/hyperliquid.fills.ndjson", FILLS)
        okx_liquidations()
        okx_units()
        check(values_agree("okx", "live-2026/okx.perp.ndjson") == 4, "OKX values all it has")
        check(values_agree("bybit", "live-2026/bybit.tickers.ndjson") > 0, "Bybit values some")
        values_agree("bybit", "mini-fintickstreams/bybit.ws.ndjson")
        as_their_author_says(CAPTURES + "/live-2026/bybit.liquidation.ndjson")
        check(one_sided(CAPTURES + "/live-2026/bybit.tickers.ndjson") == (2, 1), "open interest of 2026 and of before")
        one_sided(CAPTURES + "/mini-fintickstreams/bybit.ws.ndjson")
        bracket_sets(CAPTURES + "/freqtrade/binance-futures.leverage-brackets.ndjson")
        positions(CAPTURES + "/mini-fintickstreams/hyperliquid.rest.ndjson", CAPTURES + "/nautilus/hyperliquid.ndjson")
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
