"""An independent reader of OKX texts: what facts a text states, written from the exchange's pages with
Python's json module. It shares nothing with the adapter: for each text a list of (kind, values) in the
order the adapter promises, ("error", {}) for a text that must be refused."""
import json


def ignored(what="ignored"):
    return ("control", {"what": what})


REFUSED = ("error", {})


def is_contract(name):
    return name.count("-") >= 2


def price(x):
    """A price, or None where the venue writes 0 or "" for "there is none"."""
    return float(x) if x not in ("", None) and float(x) > 0 else None


def us(ms):
    return int(ms) * 1000


def mark(x, kind="mark", key="markPx"):
    if kind == "mark" and not is_contract(x["instId"]):
        return [ignored()]
    return [(kind, {"symbol": x["instId"], "t_venue_us": us(x["ts"]), "px": price(x[key])})]


def index(x):
    return mark(x, "index", "idxPx")


def funding(x):
    v = {"symbol": x["instId"], "t_venue_us": us(x["ts"]), "predicted": False,
         "rate": float(x["fundingRate"]) if x["fundingRate"] != "" else None,
         "next_us": us(x["fundingTime"])}
    if x["nextFundingTime"]:
        v["interval_h"] = (int(x["nextFundingTime"]) - int(x["fundingTime"])) / 3600000
    return [("funding", v)]


def open_interest(x):
    return [("open_interest", {"symbol": x["instId"], "t_venue_us": us(x["ts"]), "qty": float(x["oi"]),
                               "qty_unit": "contracts"})]


def liquidation(x):
    if not is_contract(x["instId"]):
        return [ignored()]
    return [("liquidation", {"symbol": x["instId"], "closed": {"sell": "long", "buy": "short"}[d["side"]],
                             "px": float(d["bkPx"]), "px_kind": "takeover", "qty": float(d["sz"]),
                             "qty_unit": "contracts", "final": True, "coverage": "partial",
                             "fill_px": "absent", "t_venue_us": us(d["ts"])}) for d in x["details"]]


def trade(x):
    if not is_contract(x["instId"]):
        return [ignored()]
    return [("trade", {"symbol": x["instId"], "px": float(x["px"]), "qty": float(x["sz"]), "taker": x["side"],
                       "id": x["tradeId"], "t_venue_us": us(x["ts"]), "qty_unit": "contracts",
                       "backfill": False})]


def ticker(x):
    if not is_contract(x["instId"]):
        return [ignored()]
    t = us(x["ts"])
    return [("quote", {"symbol": x["instId"], "t_venue_us": t, "bid_px": price(x["bidPx"]),
                       "ask_px": price(x["askPx"]), "bid_qty": float(x["bidSz"]), "ask_qty": float(x["askSz"]),
                       "qty_unit": "contracts"}),
            ("stat", {"symbol": x["instId"], "t_venue_us": t, "what": "volume_24h_base",
                      "value": float(x["volCcy24h"]), "window_s": 86400})]


def book(d):
    x, name = d["data"][0], d["arg"]["instId"]
    if "seqId" not in x:
        return [REFUSED]  # of the protocol before sequence numbers: cannot be proven whole
    if not is_contract(name):
        return [ignored()]
    v = {"symbol": name, "snapshot": d["action"] == "snapshot", "qty_unit": "contracts",
         "t_venue_us": us(x["ts"]), "seq_last": x["seqId"]}
    for side in ("bids", "asks"):
        v[side] = [[float(l[0]), float(l[1])] for l in x[side]]
    v["seq_prev"] = "absent" if v["snapshot"] else x["prevSeqId"]
    return [("book", v)]


ROWS = {"mark-price": mark, "index-tickers": index, "funding-rate": funding, "open-interest": open_interest,
        "liquidation-orders": liquidation, "trades": trade, "tickers": ticker}


def pushed(text):
    if text == "pong":
        return [ignored("pong")]
    d = json.loads(text)
    if "event" in d:
        return [ignored({"subscribe": "ack", "unsubscribe": "ack", "error": "error",
                         "notice": "notice"}.get(d["event"], "ignored"))]
    channel = d["arg"]["channel"]
    if channel == "books":
        return book(d)
    if channel not in ROWS:
        return [ignored()]
    return [f for x in d["data"] for f in ROWS[channel](x)]


def spec(x):
    if x["instType"] not in ("SWAP", "FUTURES"):
        return []
    base, quote = x["uly"].split("-")
    linear = x["ctType"] == "linear"
    swap = x["instType"] == "SWAP"
    v = {"symbol": x["instId"], "base": base, "quote": quote, "settle": x["settleCcy"], "index": x["uly"],
         "linear": linear, "tick": float(x["tickSz"]), "max_leverage": float(x["lever"]),
         "ct_size": float(x["ctVal"]) * float(x["ctMult"]), "ct_unit": "base" if linear else "usd",
         "status": {"live": "trading", "suspend": "halted", "preopen": "pre"}[x["state"]],
         "category": "perp" if swap else "dated", "funding_interval_h": "absent", "tiers": "absent"}
    assert x["ctValCcy"] == (base if linear else "USD"), x
    return [("spec", v)]


def facts(text, request=None):
    if not request:
        return pushed(text)
    d = json.loads(text)
    name = request.partition(":")[0]
    if d["code"] != "0":
        return [ignored("error")]
    if name == "instruments":
        return [f for x in d["data"] for f in spec(x)] or [ignored()]
    return [ignored()]
