"""An independent reader of Binance texts: what facts a text states, written from the exchange's pages
with Python's json module. It shares nothing with the adapter, and knows only as much as the
comparison needs: for each text a list of (kind, values) in the order the adapter promises."""
import json

USD = ("USDT", "USDC")


def coin_m(symbol, st=None):
    if st is not None:
        return st == 2
    if "_" not in symbol:
        return False
    pair, tail = symbol.split("_", 1)
    return tail == "PERP" or not pair.endswith(("USDT", "USDC", "BUSD"))


def unit(symbol, st=None):
    return "contracts" if coin_m(symbol, st) else "base"


def price(x):
    """A price, or None where the venue writes 0 or "" for "there is none"."""
    return float(x) if x not in ("", None) and float(x) > 0 else None


def book(symbol, bids, asks, seq, unit_):
    return ("book", {"symbol": symbol, "qty_unit": unit_, "seq_last": seq,
                     "bids": [[float(x[0]), float(x[1])] for x in bids],
                     "asks": [[float(x[0]), float(x[1])] for x in asks]})


def ignored():
    return ("control", {"what": "ignored"})


def mark(s, t, st, p, i, r, nxt):
    out = [("mark", {"symbol": s, "t_venue_us": t * 1000, "px": price(p)})]
    if i is not None:
        out.append(("index", {"symbol": s, "t_venue_us": t * 1000, "px": price(i)}))
    if r is not None:
        out.append(("funding", {"symbol": s, "rate": float(r) if r != "" else None,
                                "next_us": nxt * 1000 if nxt else None, "predicted": False}))
    return out


def payload(d):
    e, s = d.get("e"), d.get("s")
    if e == "bookTicker":
        return [("quote", {"symbol": s, "t_venue_us": d["T"] * 1000, "bid_px": price(d["b"]),
                           "bid_qty": float(d["B"]), "ask_px": price(d["a"]), "ask_qty": float(d["A"]),
                           "qty_unit": unit(s, d.get("st")), "seq": d["u"]})]
    if e == "depthUpdate":
        k, v = book(s, d["b"], d["a"], d["u"], unit(s, d.get("st")))
        v.update(seq_first=d["U"], seq_prev=d["pu"], snapshot=False, t_venue_us=d["T"] * 1000)
        return [(k, v)]
    if e in ("aggTrade", "trade"):
        if d.get("X", "MARKET") != "MARKET":
            return [ignored()]
        return [("trade", {"symbol": s, "px": float(d["p"]), "qty": float(d["q"]), "backfill": False,
                           "taker": "sell" if d["m"] else "buy", "t_venue_us": d["T"] * 1000,
                           "id": str(d["a"] if e == "aggTrade" else d["t"]),
                           "qty_unit": unit(s, d.get("st"))})]
    if e == "markPriceUpdate":
        return mark(s, d["E"], d.get("st"), d["p"], d.get("i"), d.get("r"), d.get("T"))
    if e == "forceOrder":
        o = d["o"]
        return [("liquidation", {"symbol": o["s"], "closed": {"SELL": "long", "BUY": "short"}[o["S"]],
                                 "px": float(o["p"]), "px_kind": "limit", "qty": float(o["z"]),
                                 "qty_unit": unit(o["s"], o.get("st", d.get("st"))),
                                 "final": o["X"] == "FILLED", "coverage": "sampled",
                                 "t_venue_us": o["T"] * 1000})]
    return [ignored()]


def pushed(d):
    if isinstance(d, list):
        return [f for x in d for f in payload(x)]
    if "stream" in d:
        d = d["data"]
        return pushed(d) if isinstance(d, list) else payload(d)
    if "lastUpdateId" in d:
        return depth(d, None)
    return payload(d) if "e" in d else [ignored()]


def depth(d, symbol):
    symbol = d.get("symbol", symbol)
    k, v = book(symbol, d["bids"], d["asks"], d["lastUpdateId"], unit(symbol or ""))
    v.update(snapshot=True, t_venue_us=d["T"] * 1000)
    return [(k, v)]


def category(s):
    t, u = s["contractType"], s.get("underlyingType")
    if t == "TRADIFI_PERPETUAL":
        return "tradfi"
    if t.startswith("PERPETUAL"):
        return {"COIN": "perp", "INDEX": "index", "EQUITY": "tradfi", "COMMODITY": "tradfi"}.get(u, "other")
    return "dated" if "QUARTER" in t or "MONTH" in t else "other"


def exchange_info(d):
    out = []
    for s in d["symbols"]:
        cm = "contractSize" in s
        tick = [float(f["tickSize"]) for f in s["filters"] if f["filterType"] == "PRICE_FILTER"]
        st = s.get("status") or s.get("contractStatus")
        c = category(s)
        v = {"symbol": s["symbol"], "base": s["baseAsset"], "quote": s["quoteAsset"],
             "settle": s["marginAsset"], "index": s["pair"], "linear": not cm, "category": c,
             "ct_size": s["contractSize"] if cm else 1, "ct_unit": "usd" if cm else "base",
             "tick": tick[0], "status": {"TRADING": "trading", "SETTLING": "settling",
                                         "PENDING_TRADING": "pre"}[st]}
        if c in ("perp", "index", "tradfi"):
            v["funding_interval_h"] = 8
        out.append(("spec", v))
    return out


def brackets(d):
    rows = [{"floor_usd": float(b["notionalFloor"]), "cap_usd": float(b["notionalCap"]),
             "mmr": float(b["maintMarginRatio"]), "cum": float(b["cum"]),
             "max_leverage": float(b["initialLeverage"])} for b in d["brackets"]]
    return [("spec", {"symbol": d["symbol"], "tiers": rows, "partial": True})]


def body(name, arg, d):
    if name == "depth":
        return depth(d, arg)
    if name == "exchangeInfo":
        return exchange_info(d)
    if name == "leverageBracket":
        return brackets(d)
    if name == "fundingRate":
        return [("funding", {"symbol": x["symbol"], "rate": float(x["fundingRate"]),
                             "t_venue_us": x["fundingTime"] * 1000, "next_us": x["fundingTime"] * 1000})
                for x in d]
    if name == "globalLongShortAccountRatio":
        return [("stat", {"symbol": x["symbol"], "what": "long_account_frac",
                          "value": float(x["longAccount"]), "t_venue_us": int(x["timestamp"]) * 1000})
                for x in d]
    return [ignored()]


def facts(text, request=None):
    d = json.loads(text)
    if not request:
        return pushed(d)
    name, _, arg = request.partition(":")
    return body(name, arg or None, d)
