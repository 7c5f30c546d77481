"""An independent reader of Hyperliquid texts: what facts a text states, written from the exchange's
pages with Python's json module. It shares nothing with the adapter: for each text a list of
(kind, values) in the order the adapter promises."""
import json


def ignored(what="ignored"):
    return ("control", {"what": what})


def levels(side):
    return [[float(x["px"]), float(x["sz"])] for x in side]


def book(d):
    return [("book", {"symbol": d["coin"], "t_venue_us": d["time"] * 1000, "snapshot": True,
                      "qty_unit": "base", "bids": levels(d["levels"][0]), "asks": levels(d["levels"][1])})]


def trade(x, backfill=False):
    return ("trade", {"symbol": x["coin"], "px": float(x["px"]), "qty": float(x["sz"]),
                      "taker": {"A": "sell", "B": "buy"}[x["side"]], "id": str(x["tid"]),
                      "t_venue_us": x["time"] * 1000, "qty_unit": "base", "backfill": backfill})


def context(c, where):
    number = lambda x: None if x is None else float(x)
    rows = [("mark", {"px": number(c["markPx"])}), ("index", {"px": number(c["oraclePx"])}),
            ("funding", {"rate": number(c["funding"]), "interval_h": 1}),
            ("open_interest", {"qty": number(c["openInterest"]), "qty_unit": "base"})]
    if c.get("dayNtlVlm") is not None:
        rows.append(("stat", {"what": "volume_24h_usd", "value": float(c["dayNtlVlm"]), "window_s": 86400}))
    return [(k, dict(v, **where)) for k, v in rows]


def liquidation(f, user):
    by = f["liquidation"]
    if user and by.get("liquidatedUser"):
        own = user.lower() == by["liquidatedUser"].lower()
    elif f["dir"].startswith("Liquidated"):
        own = True
    elif f["dir"] == "Auto-Deleveraging":
        own = False
    else:
        own = by.get("method") != "backstop" and f["crossed"]
    sold = f["side"] == "A"
    return ("liquidation", {"symbol": f["coin"], "closed": "long" if sold == own else "short",
                            "px": float(f["px"]), "qty": float(f["sz"]), "qty_unit": "base",
                            "t_venue_us": f["time"] * 1000, "coverage": "partial", "final": True,
                            "px_kind": "takeover" if by.get("method") == "backstop" else "fill"})


def fills(rows, user=None):
    return [liquidation(f, user) for f in rows if f.get("liquidation")] or [ignored()]


def pushed(d):
    if not isinstance(d, dict):
        return [ignored()]
    c = d.get("channel")
    if c is None:
        if "levels" in d:
            return book(d)
        return fills([d]) if "dir" in d else [ignored()]
    x = d.get("data")
    if c == "l2Book":
        return book(x)
    if c == "trades":
        return [trade(t) for t in x]
    if c == "bbo":
        v = {"symbol": x["coin"], "t_venue_us": x["time"] * 1000, "qty_unit": "base"}
        for side, level in zip(("bid", "ask"), x["bbo"]):
            v[side + "_px"] = float(level["px"]) if level else None
            v[side + "_qty"] = float(level["sz"]) if level else None
        return [("quote", v)]
    if c == "activeAssetCtx":
        return context(x["ctx"], {"symbol": x["coin"]})
    if c == "allDexsAssetCtxs":
        return [f for dex, rows in x["ctxs"] for i, r in enumerate(rows)
                for f in context(r, {"dex": dex, "ord": i})]
    if c == "user":
        return fills(x.get("fills", []))
    what = {"subscriptionResponse": "ack", "error": "error", "pong": "pong"}.get(c, "ignored")
    return [ignored(what)]


def tiers(table):
    out, cum = [], 0.0
    for i, t in enumerate(table):
        lower, mmr = float(t["lowerBound"]), 1 / (2 * t["maxLeverage"])
        if out:
            cum += lower * (mmr - out[-1]["mmr"])
            out[-1]["cap_usd"] = lower
        out.append({"floor_usd": lower, "cap_usd": None, "mmr": mmr, "cum": cum,
                    "max_leverage": t["maxLeverage"]})
    return out


def meta(d):
    tables = {i: t["marginTiers"] for i, t in d.get("marginTables", [])}
    out = []
    for i, u in enumerate(d["universe"]):
        name = u["name"]
        dex, _, coin = name.rpartition(":")
        v = {"symbol": name, "base": coin, "dex": dex, "ord": i, "ct_size": 1, "ct_unit": "base",
             "linear": True, "funding_interval_h": 1, "max_leverage": u["maxLeverage"],
             "status": "delisted" if u.get("isDelisted") else "trading",
             "category": "builder" if dex else "perp", "quote": "USDC"}
        m = u.get("marginTableId")
        if m in tables:
            v["tiers"] = tiers(tables[m])
        elif m is not None and m < 50:
            v["tiers"] = tiers([{"lowerBound": 0, "maxLeverage": m}])
        else:
            v["tiers"] = "absent"
        out.append(("spec", v))
    return out


def body(name, arg, d):
    if d is None:
        return [ignored()]
    if name in ("metas", "allPerpMetas"):
        return [f for m in d for f in meta(m)]
    if name == "meta":
        return meta(d)
    if name == "l2Book":
        return book(d)
    if name == "recentTrades":
        return [trade(t, True) for t in d]
    if name == "fundingHistory":
        return [("funding", {"symbol": x["coin"], "rate": float(x["fundingRate"]), "interval_h": 1,
                             "t_venue_us": x["time"] * 1000, "next_us": x["time"] * 1000}) for x in d]
    if name in ("userFills", "userFillsByTime"):
        return fills(d, arg)
    return [ignored()]


def facts(text, request=None):
    if not request and text.startswith("Websocket connection established."):
        return [ignored("notice")]
    d = json.loads(text)
    if not request:
        return pushed(d)
    name, _, arg = request.partition(":")
    return body(name, arg or None, d)
