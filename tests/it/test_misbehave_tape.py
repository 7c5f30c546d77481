#!/usr/bin/env python3
"""Every misbehaviour that a tape can carry, shown on pairs of tapes of one seed, with it and without: what
was counted, when the venue's own figures read unknown and why, that they come back, and that the samples,
reasons and gaps of every other venue are the same to the byte."""
import collections, concurrent.futures, itertools, json, os, re, shutil, subprocess, sys, tempfile, threading

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
SIM, REPLAY, DAEMON = (os.path.join(BUILD, x) for x in ("cascade-sim", "cascade-replay", "cascaded"))
TMP = tempfile.mkdtemp(prefix="mistape")
START = 1795312800  # the simulator's first second
SERVED = ("binance", "hyperliquid", "bybit", "okx")
ASSETS = ("BTC", "ETH", "SOL")
# As the venues call them: the instrument of an asset, the stream of marks and how long a spoilt one must
# last to go stale, the streams of books and trades.
SYMBOL = {"binance": "%sUSDT", "hyperliquid": "%s", "bybit": "%sUSDT", "okx": "%s-USDT-SWAP"}
MARK = {"binance": ("markPrice", 20), "hyperliquid": ("allDexsAssetCtxs", 45), "bybit": ("tickers", 75), "okx": ("mark-price", 45)}
BOOK = {"binance": "depth", "bybit": "orderbook", "okx": "books"}
TRADES = {"binance": "aggTrade", "hyperliquid": "trades", "bybit": "publicTrade", "okx": "trades"}
# Columns that compare a venue with the others: they must change when those leave. All else must not.
COMPARE = ("px_dev_bps", "oi_share_frac")
CUT = re.compile(rb',"(%s)":[^,}]*' % "|".join(COMPARE).encode())
passed = failed = 0
lock, serial = threading.Lock(), itertools.count()


def check(what, ok, detail=""):
    global passed, failed
    with lock:
        passed, failed = passed + bool(ok), failed + (not ok)
    print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail)[:300] if detail != "" else ""), flush=True)


def configuration():
    """What the daemon would print: named assets, the served venues, the shipped rules, one alias more."""
    aliases = os.path.join(TMP, "assets.conf")
    with open(os.path.join(ROOT, "conf/assets.conf")) as f, open(aliases, "w") as g:
        g.write(f.read() + "".join("%s:10ETH = ETH x 10\n" % v for v in SERVED))
    conf, off = os.path.join(TMP, "cascaded.conf"), ""
    printed = subprocess.run([DAEMON, "-p", "-c", os.path.join(ROOT, "conf/cascaded.conf")], stdout=subprocess.PIPE)
    for line in printed.stdout.decode().splitlines():
        if line.startswith("[venue ") and line[7:-1] not in SERVED:
            off += "%s\nenabled = no\n" % line
    with open(conf, "w") as f:
        f.write("[cascaded]\nrules_file = %s/conf/rules.conf\nassets_file = %s\ntiers_file =\n[universe]\nassets = %s\n%s"
                % (ROOT, aliases, ",".join(ASSETS), off))
    out = os.path.join(TMP, "printed.conf")
    with open(out, "wb") as f:
        subprocess.run([DAEMON, "-p", "-c", conf], stdout=f, check=True)
    return out


class Tape:
    """One tape, written and replayed. lines[venue] = its samples as printed; t counts seconds from the start."""

    def __init__(self, conf, specs, duration, scenario="calm"):
        path = os.path.join(TMP, "t%d.tape" % next(serial))
        cmd = [SIM, "--conf", conf, "--tape", path, "--assets", "3", "--seed", "7", "--duration", str(duration),
               "--scenario", scenario, "--shock-at", "40"]
        for s in specs:
            cmd += ["--misbehave", s]
        subprocess.run(cmd, check=True, stderr=subprocess.DEVNULL)
        out = subprocess.run([REPLAY, "--counts", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        os.unlink(path)
        self.lines, self.counts, self.gaps, self.alerts = collections.defaultdict(list), {}, [], []
        self.assets, self.feeds, self.reasons, self.at = {}, collections.defaultdict(dict), [], {}
        for line in out.splitlines():
            if line.startswith((b'{"kind":"counts"', b'{"kind":"gap"')) or b'"m_venue_asset"' in line or b'"m_asset"' in line:
                self.take(line)

    def take(self, line):
        d = json.loads(line)
        t = d["t_us"] / 1e6 - START
        if d["kind"] == "counts":
            self.counts[d["venue"]] = d
        elif d["kind"] == "gap":
            self.gaps.append((d["venue"], d["channel"], d.get("symbol"), d["cause"], t,
                              d["t_to_us"] / 1e6 - START if d.get("t_to_us") else None))
        elif d["kind"] == "alert":
            self.alerts.append((d["rule"], d.get("venue"), d.get("asset"), d["state"], d.get("severity"), t))
        elif d["kind"] == "unknown" and d["table"] == "m_venue_asset":
            self.reasons.append((t, d["venue"], d["asset"], d["metric"], d["now"]))
        elif d["kind"] == "row" and d["table"] == "m_venue_asset":
            self.lines[d["venue"]].append(CUT.sub(b"", line))
            self.at[d["venue"], d["asset"], round(t)] = d
        elif d["kind"] == "row":
            self.assets[d["asset"], round(t)] = d

    def value(self, venue, asset, column, t):
        d = self.at.get((venue, asset, t))
        return d[column] if d else None

    def nulls(self, venue, asset, column, a, b):
        """The seconds of [a, b] in which it is unknown."""
        return [t for t in range(a, b + 1) if self.value(venue, asset, column, t) is None]

    def why(self, venue, asset, column, a, b):
        return {now for t, v, s, m, now in self.reasons if (v, s, m) == (venue, asset, column) and a <= t <= b and now}

    def market(self, venue, name):
        return self.counts[venue]["market"].get(name, 0)

    def refused(self, venue):
        return self.counts[venue]["texts_refused"]


def untouched(name, venue, bad, good):
    """All other venues: samples, reasons and gaps are the same."""
    for v in SERVED:
        if v == venue:
            continue
        a, b = bad.lines[v], good.lines[v]
        differ = [(json.loads(x), json.loads(y)) for x, y in list(zip(a, b)) if x != y][:50] if a != b else []
        keys = {k for x, y in differ for k in x if x[k] != y[k]}
        check("%s: %d samples of %s are the same to the byte" % (name, len(a), v), a == b and len(a) > 100, (len(b), keys) if a != b else "")
        pick = lambda t: [r for r in t.reasons if r[1] == v and r[3] not in COMPARE]
        check("%s: ... and its reasons and gaps" % name, pick(bad) == pick(good) and
              [g for g in bad.gaps if g[0] == v] == [g for g in good.gaps if g[0] == v])


def of_others(tape, venue, asset):
    """The venue's samples of all assets but one."""
    return [l for l in tape.lines[venue] if b'"asset":"%s"' % asset.encode() not in l]


class Case:
    """Runs one misbehaviour beside the run without it."""
    good, making = {}, threading.Lock()

    def __init__(self, conf, spec, duration=120, scenario="calm"):
        with Case.making:
            if (duration, scenario) not in Case.good:
                Case.good[duration, scenario] = Tape(conf, [], duration, scenario)
        self.spec, self.venue = spec, spec.split("@")[0].split(":")[1]
        self.good = Case.good[duration, scenario]
        self.bad = Tape(conf, [spec], duration, scenario)
        untouched(spec, self.venue, self.bad, self.good)

    def check(self, what, ok, detail=""):
        check("%s: %s" % (self.spec, what), ok, detail)

    def gone(self, asset, column, why, a, b, back):
        """Unknown from a to b for that reason, known before and from `back` on."""
        known = [t for t in range(a, b + 1) if self.bad.value(self.venue, asset, column, t) is not None]
        self.check("%s of %s reads unknown from %d to %d s" % (column, asset, a, b), not known, known)
        reasons = self.bad.why(self.venue, asset, column, a - 25, b)
        self.check("... because: %s" % why, why in reasons, reasons)
        late = self.bad.nulls(self.venue, asset, column, back, back + 10) + self.bad.nulls(self.venue, asset, column, 40, 58)
        self.check("... and is known before, and again from %d s on" % back, not late, late)

    def whole(self, asset="BTC", columns=("oi_usd", "mark_px", "depth_10bps_bid_usd", "mid_px"), a=50, b=118):
        bad = [(c, self.bad.nulls(self.venue, asset, c, a, b)) for c in columns]
        self.check("its own figures stay known", not any(n for _, n in bad), [x for x in bad if x[1]])

    def same(self):
        a, b = self.bad.lines[self.venue], self.good.lines[self.venue]
        self.check("its own samples are the same too", a == b, sum(x != y for x, y in zip(a, b)))

    def more(self, name, least):
        n = self.bad.market(self.venue, name) - self.good.market(self.venue, name)
        self.check("counted as %s" % name, n >= least, n)
        return n

    def gaps(self, cause, channel=None):
        return [g for g in self.bad.gaps if g[0] == self.venue and g[3] == cause and (not channel or g[1] == channel) and g[4] > 20]


# --- links ---------------------------------------------------------------------------------------

def down(conf, venue):
    c = Case(conf, "down:%s@60+20" % venue)
    for column in ("oi_usd", "mark_px", "depth_10bps_bid_usd"):
        c.gone("BTC", column, "down", 61, 79, 95)
    n = c.gaps("link_down")
    c.check("gaps with both ends", n and all(any(m[:4] == g[:4] and m[5] for m in n) for g in n), len(n))
    mine, whole = sum(c.bad.value(v, "BTC", "oi_usd", 70) for v in SERVED if v != venue), c.bad.assets["BTC", 70]
    cov = whole["oi_cov_frac"]
    c.check("the sum is of the others, or unknown below half", (cov >= .5 and abs(whole["oi_usd"] / mine - 1) < 1e-12) or
            (cov < .5 and whole["oi_usd"] is None), (cov, whole["oi_usd"], mine))


def hour(conf):
    """Beside itself only: a twin of so long a tape would cost more than all other cases together."""
    t, others = Tape(conf, ["down:hyperliquid@100+3600"], 3730), [v for v in SERVED if v != "hyperliquid"]
    gone = [x for x in range(101, 3700) if t.value("hyperliquid", "ETH", "oi_usd", x) is not None]
    check("an hour away: unknown all the hour", not gone and t.why("hyperliquid", "ETH", "oi_usd", 100, 102) == {"down"}, gone[:3])
    check("an hour away: known before, and again", not t.nulls("hyperliquid", "ETH", "oi_usd", 40, 98) +
          t.nulls("hyperliquid", "ETH", "oi_usd", 3712, 3728))
    check("an hour away: the others alone make the sum, and are known throughout", all(abs(t.assets["ETH", x]["oi_usd"] / sum(
        t.value(v, "ETH", "oi_usd", x) for v in others) - 1) < 1e-12 for x in range(110, 3690)))


def links(conf, venue):
    for spec in ("cut:%s@60", "close:%s@60", "close:%s:1001:going away@60"):
        c = Case(conf, spec % venue)
        channels = {g[1] for g in c.gaps("link_down")}
        c.check("a gap of every channel", len(channels) >= 5, channels)
        c.whole(columns=("oi_usd", "mark_px", "mid_px", "depth_10bps_bid_usd"), a=75)
    c = Case(conf, "refuse:%s:%s@0+40" % (venue, MARK[venue][0]))
    c.check("a gap says it was refused, and ends", any(g[3] == "refused" and g[5] and g[5] > 38 for g in c.bad.gaps if g[0] == venue))
    c.check("its other figures are known", not c.bad.nulls(venue, "BTC", "mid_px", 15, 118))
    c.check("and the refused ones afterwards", not c.bad.nulls(venue, "BTC", "mark_px", 50, 118))


# --- streams -------------------------------------------------------------------------------------

def streams(conf, venue):
    channel, span = MARK[venue]
    c = Case(conf, "mute:%s:%s@60+%d" % (venue, channel, span), 120 if span < 50 else 150)
    c.gone("BTC", "mark_px", "stale", 56 + span, 59 + span, 64 + span)
    c.check("a gap for its silence", c.gaps("silent"), c.gaps("silent")[:2])
    c = Case(conf, "dup:%s:%s@60+10" % (venue, TRADES[venue]))
    c.more("dup", 10)
    c.same()
    c = Case(conf, "burst:%s@60+2" % venue)
    c.more("dup", 99 * 5)
    c.same()


def sampled(conf):
    for venue, channel in (("binance", "forceOrder"), ("bybit", "allLiquidation"), ("okx", "liquidation-orders")):
        c = Case(conf, "sampled:%s:%s@30+100:5" % (venue, channel), 140, "crash")
        told = lambda t: t.counts[venue]["liquidation"]
        c.check("fewer liquidations are told", told(c.bad) < told(c.good) * .7, (told(c.bad), told(c.good)))
        share = [(c.bad.value(venue, "BTC", "liq_long_1m_usd", t), c.good.value(venue, "BTC", "liq_long_1m_usd", t)) for t in range(65, 110)]
        c.check("and the sums are lower bounds", all(a <= b for a, b in share) and any(a < b for a, b in share), share[:3])


# --- book sequences ------------------------------------------------------------------------------

def books(conf, venue):
    if venue not in BOOK:
        return  # whole books each time: nothing can be missed
    column, symbol = "depth_10bps_bid_usd", SYMBOL[venue] % "BTC"
    c = Case(conf, "dup:%s:%s@60+10" % (venue, BOOK[venue]))
    c.same()
    for spec, least, most, end in (("drop-delta:%s:%s@60" % (venue, symbol), 1, 1, 61),
                                   ("lose:%s:%s:%s@60+10:3" % (venue, BOOK[venue], symbol), 3, 40, 70),
                                   ("reorder:%s:%s:%s@60+10" % (venue, BOOK[venue], symbol), 3, 60, 70),
                                   # Bybit begins a new run of numbers by a whole book, OKX names the last of
                                   # the old run in the first of the new: nothing is missed
                                   ("seq-reset:%s:%s@60" % (venue, symbol), *((1, 1) if venue == "binance" else (0, 0)), 66)):
        c = Case(conf, spec)
        n = c.more("book_gap", least)
        c.check("... not more than so often", n <= most, n)
        why = c.bad.why(venue, "BTC", column, 59, end + 5)
        c.check("depth is unknown meanwhile, because: gap", why <= {"gap"} and (why or venue != "binance"), why)
        c.check("... and known again", not c.bad.nulls(venue, "BTC", column, end + 5, 118), c.bad.nulls(venue, "BTC", column, 59, 118))
        g = c.gaps("sequence")
        c.check("gaps of the sequence of this book alone", bool(g) == (least > 0) and {x[2] for x in g} <= {symbol}, g[:2])
        c.check("the book ends as it would have", c.bad.value(venue, "BTC", column, 118) == c.good.value(venue, "BTC", column, 118))
        c.check("the venue's other books are untouched", of_others(c.bad, venue, "BTC") == of_others(c.good, venue, "BTC"))


# --- texts ---------------------------------------------------------------------------------------

def texts(conf, venue):
    channel, span = MARK[venue]
    for kind, code in (("truncate", "syntax"), ("bad-utf8", "syntax"), ("bad-json", "syntax"), ("bad-number", "out of range")):
        c = Case(conf, "%s:%s:%s@60+%d" % (kind, venue, channel, span), 120 if span < 50 else 150)
        n = c.bad.refused(venue)
        c.check("each text is refused and counted by its code", sum(n.values()) >= 20 and any(code in k for k in n), n)
        if kind != "bad-number" or venue in ("binance", "hyperliquid"):  # elsewhere some have no decimals to spoil, and are good
            c.gone("BTC", "mark_px", "stale", 56 + span, 59 + span, 64 + span)
    c = Case(conf, "bad-number:%s:%s:%s@60+20" % (venue, TRADES[venue], SYMBOL[venue] % "BTC"))
    c.check("refused", sum(c.bad.refused(venue).values()) >= 10, c.bad.refused(venue))
    c.check("the venue's other instruments are untouched", of_others(c.bad, venue, "BTC") == of_others(c.good, venue, "BTC"))
    c = Case(conf, "garbage:%s@60" % venue)
    c.check("refused and counted", sum(c.bad.refused(venue).values()) >= 4, c.bad.refused(venue))
    c.whole()
    c = Case(conf, "ping:%s@60+20" % venue)
    n, k = sum(c.bad.refused(venue).values()), c.bad.counts[venue].get("control", 0) - c.good.counts[venue].get("control", 0)
    c.check("counted", n + k >= 40, (n, k))
    c.same()
    c = Case(conf, "skew:%s@60+20:30" % venue)
    c.whole()
    c = Case(conf, "skew:%s@60+20:3600" % venue)
    c.more("skew", 200)
    c.whole()


# --- REST ----------------------------------------------------------------------------------------

def rest(conf):
    for code in (429, 418, 503):
        c = Case(conf, "rest:binance:%d@60+70:30" % code, 150)
        c.gone("BTC", "oi_usd", "stale", 80, 129, 138)
        c.check("mark and books live on", not c.bad.nulls("binance", "BTC", "mark_px", 50, 128) and
                not c.bad.nulls("binance", "BTC", "mid_px", 50, 128))
        g = c.gaps("poll_failed", "openInterest")
        c.check("a gap of each symbol says that the poll fails", len({x[2] for x in g}) == len(ASSETS), g[:1])
    c = Case(conf, "html:binance@60+50", 130)
    c.check("HTML is refused and counted", any("syntax" in k for k in c.bad.refused("binance")), c.bad.refused("binance"))
    c.gone("BTC", "oi_usd", "stale", 80, 109, 118)


# --- listings ------------------------------------------------------------------------------------

def listings(conf, venue):
    symbol = SYMBOL[venue] % "ETH"
    c = Case(conf, "delist:%s:%s@60+30" % (venue, symbol), 130)
    if venue in ("binance", "hyperliquid"):  # the others have more contracts of it
        n = c.bad.nulls(venue, "ETH", "oi_usd", 64, 89)
        c.check("its figures are unknown or not kept meanwhile", len(n) >= 20, n[:3])
    else:
        x, y = (t.value(venue, "ETH", "oi_usd", 80) for t in (c.bad, c.good))
        c.check("it is not in the venue's sum meanwhile", x is None or x < y * .7, (x, y))
    c.check("... and back once it is listed again", not c.bad.nulls(venue, "ETH", "oi_usd", 110, 128) and
            not c.bad.nulls(venue, "ETH", "depth_10bps_bid_usd", 110, 128), c.bad.nulls(venue, "ETH", "oi_usd", 90, 128))
    c.check("other instruments of the venue live on", of_others(c.bad, venue, "ETH") == of_others(c.good, venue, "ETH"))
    # The symbols of the other two name the coin: another symbol is another coin.
    renames = () if venue in ("hyperliquid", "okx") else (("rename:%s:%s:" + symbol.replace("ETH", "ETH2") + "@60+500", 1),)
    for spec, factor in renames + (("multiplier:%s:%s:10ETH@60+500:10", 10),):
        c = Case(conf, spec % (venue, symbol), 130)
        n = c.bad.nulls(venue, "ETH", "oi_usd", 80, 128)
        c.check("known under its new terms", not n, n)
        for column in ("oi_base", "oi_usd", "mid_px", "depth_10bps_bid_usd"):
            x, y = (t.value(venue, "ETH", column, 125) for t in (c.bad, c.good))
            want = y * (factor if column == "mid_px" and x and x > 5 * y else 1)
            c.check("%s is what it would have been" % column, x is not None and abs(x / want - 1) < .01, (x, y))
        c.check("other instruments live on", of_others(c.bad, venue, "ETH") == of_others(c.good, venue, "ETH"))


def prices(conf, venue):
    c = Case(conf, "price:%s@60+20:300" % venue)
    dev = lambda v, t: c.bad.value(v, "ETH", "px_dev_bps", t)
    apart = [dev(venue, t) - dev(o, t) for t in range(68, 79) for o in SERVED if o != venue]
    c.check("it stands 300 bps off the others", all(280 < x < 320 for x in apart), apart[:4])
    back = [abs(dev(venue, t)) for t in range(90, 118)]
    c.check("... and comes back", max(back) < 20, max(back))


def funds(conf, venue):
    """What a venue tells of its insurance fund, as a drawdown or in words, makes the shipped rules fire."""
    if venue not in ("bybit", "okx"):
        return  # tell nothing of the kind
    symbol, told = SYMBOL[venue] % "ETH", venue == "okx"
    rule, severe, mild, calm = ("adl_told", 35, 25, 15) if told else ("adl", 35, None, 29)
    for pct, severity in ((severe, "critical"), (mild, "warning"), (calm, None)):
        if pct is None:
            continue
        c = Case(conf, "fund:%s:%s@60+20:%d" % (venue, symbol, pct), 140)
        mine = [a for a in c.bad.alerts if a[0] in ("adl", "adl_told")]
        fired, ended = [a for a in mine if a[3] == "firing"], [a for a in mine if a[3] == "resolved"]
        c.check("%s of ETH alone %s" % (rule, "fires as " + severity if severity else "does not fire"),
                {a[:3] + a[4:5] for a in fired} == ({(rule, venue, "ETH", severity)} if severity else set()), mine)
        c.check("... once, within 2 s, and ends with it", not severity or (len(fired) == 1 and 60 <= fired[0][5] <= 62 and
                len(ended) == 1 and 80 <= ended[0][5] <= 125), mine)
        state, dist = c.bad.value(venue, "ETH", "adl_state", 70), c.bad.value(venue, "ETH", "adl_dist_frac", 70)
        c.check("state and distance are what was told", state == (0 if not severity else 2 if told and pct == severe else 1) and
                (dist is None if told else abs(dist - (30 - pct) / 30) < 1e-3), (state, dist))
        c.check("other assets of the venue are untouched", of_others(c.bad, venue, "ETH") == of_others(c.good, venue, "ETH"))


def main():
    conf, only = configuration(), sys.argv[1:]
    jobs = [(hour,), (rest,), (sampled,)] + [(f, v) for v in SERVED for f in (texts, books, listings, streams, links, down, prices, funds)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = [pool.submit(f, conf, *v) for f, *v in jobs if not only or f.__name__ in only or set(v) & set(only)]
        for x in done:
            x.result()


try:
    main()
except Exception as e:
    check("the test itself", False, repr(e))
    import traceback
    traceback.print_exc()
finally:
    shutil.rmtree(TMP, ignore_errors=True)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
