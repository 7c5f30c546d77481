"""An independent reader of Bybit texts: what facts a text states, written from the exchange's pages
with Python's json module. It shares nothing with the adapter: for each text a list of (kind, values)
in the order the adapter promises."""
import json, re


def ignored(what="ignored"):
    return ("control", {"what": what})


def inverse(symbol):
    return bool(re.fullmatch(r"[A-Z0-9]+USD([FGHJKMNQUVXZ]\d\d)?", symbol))


def unit(symbol):
    return "usd" if inverse(symbol) else "base"


def text_number(d, key):
    """'absent', None for "no value", or the number."""
    if key not in d:
        return "absent"
    return float(d[key]) if d[key] != "" else None


def price(d, key):
    x = text_number(d, key)
    return None if x == 0 else x


def ticker(d, t_us, cs=None, bulk=False):
    s, out = d["symbol"], []
    add = lambda kind, **v: out.append((kind, dict(v, symbol=s, t_venue_us=t_us)))
    if "markPrice" in d:
        add("mark", px=price(d, "markPrice"))
    if "indexPrice" in d and not bulk:
        add("index", px=price(d, "indexPrice"))
    if not bulk and any(k in d for k in ("fundingRate", "nextFundingTime", "fundingIntervalHour")):
        t, h = text_number(d, "nextFundingTime"), text_number(d, "fundingIntervalHour")
        add("funding", rate=text_number(d, "fundingRate"), interval_h=h, predicted=False,
            next_us="absent" if t == "absent" else int(t) * 1000 if t else None)
    if "singleOpenInterest" in d:
        add("open_interest", qty=text_number(d, "singleOpenInterest"), qty_unit=unit(s))
    elif "openInterest" in d:
        both = text_number(d, "openInterest")
        add("open_interest", qty=None if both is None else both / 2, qty_unit=unit(s))
    if not bulk and ("bid1Price" in d or "ask1Price" in d):
        v = {"seq": cs, "qty_unit": unit(s)}
        for side in ("bid", "ask"):
            v[side + "_px"] = price(d, side + "1Price")
            v[side + "_qty"] = text_number(d, side + "1Size")
        add("quote", **v)
    volume = d.get("volume24h" if inverse(s) else "turnover24h")
    if volume:
        add("stat", what="volume_24h_usd", value=float(volume), window_s=86400)
    return out


def levels(rows):
    return [[float(p), float(q)] for p, q in rows]


def book(d, t_us, snapshot):
    v = {"symbol": d["s"], "bids": levels(d["b"]), "asks": levels(d["a"]), "seq_last": d["u"],
         "snapshot": snapshot, "t_venue_us": t_us, "qty_unit": unit(d["s"]),
         "seq_first": "absent" if snapshot else d["u"], "seq_prev": "absent"}
    return [("book", v)]


def hash_id(text):
    h = 0xcbf29ce484222325
    for c in text.encode():
        h = (h ^ c) * 0x100000001b3 % 2**64
    return str(h >> 1)


def trade(d):
    return ("trade", {"symbol": d["s"], "px": float(d["p"]), "qty": float(d["v"]), "qty_unit": unit(d["s"]),
                      "taker": {"Buy": "buy", "Sell": "sell"}[d["S"]], "id": hash_id(d["i"]),
                      "t_venue_us": d["T"] * 1000, "backfill": False})


def liquidation(d):
    return ("liquidation", {"symbol": d["s"], "closed": {"Buy": "long", "Sell": "short"}[d["S"]],
                            "px": float(d["p"]), "px_kind": "bankruptcy", "qty": float(d["v"]), "fill_px": "absent",
                            "qty_unit": unit(d["s"]), "final": True, "coverage": "complete",
                            "t_venue_us": d["T"] * 1000})


def pool_name(symbols, coin):
    return symbols.split(",")[0] + "/" + coin


def balance(coin, x):
    return float(x) if coin in ("USDT", "USDC") else "absent"


def adl(d, t_us):
    return ("fund", {"symbol": d["s"], "pool": pool_name(d["s"], d["c"]), "balance_usd": balance(d["c"], d["b"]),
                     "drawdown_frac": float(d["pr"]), "trigger_frac": float(d["i_pr"]), "t_venue_us": t_us})


def insurance(d):
    return ("fund", {"pool": pool_name(d["symbols"], d["coin"]), "balance_usd": balance(d["coin"], d["balance"]),
                     "t_venue_us": int(d["updateTime"]) * 1000})


def pushed(d):
    if not isinstance(d, dict):
        return [ignored()]
    topic = d.get("topic")
    if not isinstance(topic, str):
        if "op" not in d:
            return [ignored()]
        pong = d["op"] == "pong" or d.get("ret_msg") == "pong"
        return [ignored("pong" if pong else "ack" if d.get("success") else "error")]
    channel, x, t_us = topic.split(".")[0], d["data"], d["ts"] * 1000
    out = []
    if channel == "tickers":
        out = ticker(x, t_us, d.get("cs"))
    elif channel == "orderbook" and ".rpi." not in topic:
        out = book(x, d.get("cts", d["ts"]) * 1000, d["type"] == "snapshot" or x["u"] == 1)
    elif channel == "publicTrade":
        out = [trade(t) for t in x if not t.get("BT")]
    elif channel == "allLiquidation":
        out = [liquidation(t) for t in x]
    elif channel == "adlAlert":
        out = [adl(a, t_us) for a in x]
    elif channel == "insurance":
        out = [insurance(a) for a in x]
    return out or [ignored()]


def instrument(d):
    kind = {"LinearPerpetual": "perp", "InversePerpetual": "perp"}.get(d["contractType"], "dated")
    if kind == "perp":
        kind = {"": "perp", "innovation": "perp", "adventure": "perp", "index": "index"}.get(
            d.get("symbolType", ""), "tradfi")
    linear = d["contractType"].startswith("Linear")
    return ("spec", {"symbol": d["symbol"], "base": d["baseCoin"], "quote": d["quoteCoin"], "linear": linear,
                     "settle": d["settleCoin"], "ct_size": 1, "ct_unit": "base" if linear else "usd",
                     "tick": float(d["priceFilter"]["tickSize"]), "category": kind,
                     "max_leverage": float(d["leverageFilter"]["maxLeverage"]),
                     "status": "pre" if d["isPreListing"] else {"Trading": "trading"}[d["status"]],
                     "funding_interval_h": d["fundingInterval"] / 60 if d["fundingInterval"] else "absent"})


def body(name, d):
    r, t_us = d["result"], d["time"] * 1000
    if name in ("instruments", "instrumentsInverse"):
        more = [ignored("notice")] if r.get("nextPageCursor") else []
        return [instrument(x) for x in r["list"]] + more
    if name in ("allTickers", "allTickersInverse"):
        return [f for x in r["list"] for f in ticker(x, t_us, bulk=True)]
    if name == "orderbook":
        return book(r, r["cts"] * 1000, True)
    return [ignored()]


def facts(text, request=None):
    d = json.loads(text)
    return body(request.partition(":")[0], d) if request else pushed(d)
