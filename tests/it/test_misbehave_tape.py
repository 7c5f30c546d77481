#!/usr/bin/env python3
"""Every misbehaviour that a tape can carry, shown on pairs of tapes of one seed, with it and without: what
was counted, when the venue's own figures read unknown and why, that they come back, and that the samples,
reasons and gaps of every other venue are the same to the byte."""
import collections, json, os, shutil, subprocess, sys, tempfile

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
SIM, REPLAY, DAEMON = (os.path.join(BUILD, x) for x in ("cascade-sim", "cascade-replay", "cascaded"))
TMP = tempfile.mkdtemp(prefix="mistape")
START = 1795312800  # the simulator's first second
SERVED = ("binance", "hyperliquid")
ASSETS = ("BTC", "ETH", "SOL")
# Columns that compare a venue with the others: they must change when those leave. All else must not.
COMPARE = {"px_dev_bps", "oi_share_frac"}
passed = failed = 0


def check(what, ok, detail=""):
    global passed, failed
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
    """One tape, written and replayed. rows[venue] = lines of m_venue_asset; t counts seconds from the start."""

    def __init__(self, conf, specs, duration, scenario="calm"):
        path = os.path.join(TMP, "t.tape")
        cmd = [SIM, "--conf", conf, "--tape", path, "--assets", "3", "--seed", "7", "--duration", str(duration),
               "--scenario", scenario, "--shock-at", "40"]
        for s in specs:
            cmd += ["--misbehave", s]
        subprocess.run(cmd, check=True, stderr=subprocess.DEVNULL)
        out = subprocess.run([REPLAY, "--counts", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        os.unlink(path)
        self.rows, self.other, self.counts, self.gaps = collections.defaultdict(list), [], {}, []
        self.assets, self.feeds, self.reasons, self.at = {}, collections.defaultdict(dict), [], {}
        for line in out.splitlines():
            self.take(json.loads(line))

    def take(self, d):
        t = d["t_us"] / 1e6 - START if "t_us" in d else 0
        if d["kind"] == "counts":
            self.counts[d["venue"]] = d
        elif d["kind"] == "gap":
            self.gaps.append((d["venue"], d["channel"], d.get("symbol"), d["cause"], t,
                              d["t_to_us"] / 1e6 - START if d.get("t_to_us") else None))
        elif d["kind"] == "unknown" and d["table"] == "m_venue_asset":
            self.reasons.append((t, d["venue"], d["asset"], d["metric"], d["now"]))
        elif d["kind"] == "row" and d["table"] == "m_venue_asset":
            self.rows[d["venue"]].append(d)
            self.at[d["venue"], d["asset"], round(t)] = d
        elif d["kind"] == "row" and d["table"] == "m_asset":
            self.assets[d["asset"], round(t)] = d
        elif d["kind"] == "row" and d["table"] == "m_feed":
            self.feeds[d["venue"], d["channel"], d["symbol"]][round(t)] = d

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


def plain(rows):
    return [json.dumps({k: v for k, v in d.items() if k not in COMPARE}) for d in rows]


def untouched(name, venue, bad, good):
    """All other venues: samples, reasons and gaps are the same."""
    for v in SERVED:
        if v == venue:
            continue
        a, b = plain(bad.rows[v]), plain(good.rows[v])
        differ = [(x, y) for x, y in zip(a, b) if x != y]
        keys = {k for x, y in differ[:50] for k in json.loads(x) if json.loads(x)[k] != json.loads(y)[k]}
        check("%s: %d samples of %s are the same to the byte" % (name, len(a), v), a == b and len(a) > 100, (len(b), keys) if a != b else "")
        pick = lambda t: [r for r in t.reasons if r[1] == v and r[3] not in COMPARE]
        check("%s: ... and its reasons and gaps" % name, pick(bad) == pick(good) and
              [g for g in bad.gaps if g[0] == v] == [g for g in good.gaps if g[0] == v])


class Case:
    """Runs one misbehaviour beside the run without it."""
    good = {}

    def __init__(self, conf, spec, duration=120, scenario="calm"):
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
        a, b = plain(self.bad.rows[self.venue]), plain(self.good.rows[self.venue])
        self.check("its own samples are the same too", a == b, sum(x != y for x, y in zip(a, b)))

    def more(self, name, least):
        n = self.bad.market(self.venue, name) - self.good.market(self.venue, name)
        self.check("counted as %s" % name, n >= least, n)
        return n

    def gaps(self, cause, channel=None):
        return [g for g in self.bad.gaps if g[0] == self.venue and g[3] == cause and (not channel or g[1] == channel) and g[4] > 20]


# --- links ---------------------------------------------------------------------------------------

def down(conf):
    for venue, others in (("binance", "hyperliquid"), ("hyperliquid", "binance")):
        c = Case(conf, "down:%s@60+20" % venue)
        for column in ("oi_usd", "mark_px", "depth_10bps_bid_usd"):
            c.gone("BTC", column, "down", 61, 79, 92)
        n = c.gaps("link_down")
        c.check("gaps with both ends", n and all(any(m[:4] == g[:4] and m[5] for m in n) for g in n), len(n))
        mine, whole = c.bad.value(others, "BTC", "oi_usd", 70), c.bad.assets["BTC", 70]
        cov = whole["oi_cov_frac"]
        c.check("the sum is of the others, or unknown below half", (cov >= .5 and whole["oi_usd"] == mine) or
                (cov < .5 and whole["oi_usd"] is None), (cov, whole["oi_usd"], mine))
    c = Case(conf, "down:hyperliquid@300+3600", 4200)
    c.gone("ETH", "oi_usd", "down", 301, 3899, 3915)
    check("an hour away: Binance alone makes the sum", all(
        c.bad.assets["ETH", t]["oi_usd"] == c.bad.value("binance", "ETH", "oi_usd", t) for t in range(310, 3890, 10)))


def links(conf):
    for spec in ("cut:binance@60", "close:binance@60", "close:hyperliquid:1001:going away@60"):
        c = Case(conf, spec)
        channels = {g[1] for g in c.gaps("link_down")}
        c.check("a gap of every channel", len(channels) >= 5, channels)
        c.whole(columns=("oi_usd", "mark_px", "mid_px", "depth_10bps_bid_usd"), a=75)
    c = Case(conf, "refuse:binance:markPrice@0+40")
    states = [d["feed_state"] for t, d in sorted(c.bad.feeds["binance", "markPrice", None].items())]
    c.check("the feed says it was refused, then lives", 4 in states[:40] and states[-1] == 2, sorted(set(states)))
    c.check("mark is unknown until then", c.bad.nulls("binance", "BTC", "mark_px", 5, 38) == list(range(5, 39)) and
            not c.bad.nulls("binance", "BTC", "mark_px", 48, 118))


# --- streams -------------------------------------------------------------------------------------

def streams(conf):
    c = Case(conf, "mute:binance:markPrice@60+20")
    c.gone("BTC", "mark_px", "stale", 72, 79, 84)
    c.check("one gap for its silence", len({g[1:5] for g in c.gaps("silent")}) == 1 and c.gaps("silent", "markPrice"), c.gaps("silent"))
    c = Case(conf, "dup:binance:depth@60+10")
    c.same()
    c = Case(conf, "dup:hyperliquid:trades@60+10")
    c.more("dup", 20)
    c.same()
    c = Case(conf, "burst:binance@60+2")
    c.more("dup", 99 * 20)
    c.same()
    c = Case(conf, "burst:hyperliquid@60+2")
    c.more("dup", 99 * 10)
    c.same()
    c = Case(conf, "sampled:binance:forceOrder@30+100:5", 180, "crash")
    told = lambda t: t.counts["binance"]["liquidation"]
    c.check("fewer liquidations are told", told(c.bad) < told(c.good) / 3, (told(c.bad), told(c.good)))
    share = [(c.bad.value("binance", "BTC", "liq_long_1m_usd", t), c.good.value("binance", "BTC", "liq_long_1m_usd", t)) for t in range(65, 110)]
    c.check("and the sums are lower bounds", all(a <= b for a, b in share) and any(a < b for a, b in share), share[:3])


# --- book sequences ------------------------------------------------------------------------------

def books(conf):
    column = "depth_10bps_bid_usd"
    for spec, least, most, end in (("drop-delta:binance:BTCUSDT@60", 1, 1, 61), ("lose:binance:depth:BTCUSDT@60+10:3", 3, 40, 70),
                                   ("reorder:binance:depth:BTCUSDT@60+10", 3, 60, 70), ("seq-reset:binance:BTCUSDT@60", 1, 1, 66)):
        c = Case(conf, spec)
        n = c.more("book_gap", least)
        c.check("... not more than so often", n <= most, n)
        why = c.bad.why("binance", "BTC", column, 59, end + 5)
        c.check("depth is unknown meanwhile, because: gap", why == {"gap"}, why)
        c.check("... and known again", not c.bad.nulls("binance", "BTC", column, end + 5, 118), c.bad.nulls("binance", "BTC", column, 59, 118))
        g = c.gaps("sequence")
        c.check("gaps of the sequence of this book alone", g and {x[2] for x in g} == {"BTCUSDT"}, g[:2])
        c.check("the book ends as it would have", c.bad.value("binance", "BTC", column, 118) == c.good.value("binance", "BTC", column, 118))
        a, b = (plain([d for d in t.rows["binance"] if d["asset"] != "BTC"]) for t in (c.bad, c.good))
        c.check("the venue's other books are untouched", a == b)


# --- texts ---------------------------------------------------------------------------------------

def texts(conf):
    for kind, code in (("truncate", "syntax"), ("bad-utf8", "syntax"), ("bad-json", "syntax"), ("bad-number", "out of range")):
        for channel, venue, span in (("markPrice", "binance", 20), ("allDexsAssetCtxs", "hyperliquid", 45)):
            c = Case(conf, "%s:%s:%s@60+%d" % (kind, venue, channel, span))
            n = c.bad.refused(venue)
            c.check("each text is refused and counted by its code", sum(n.values()) >= 20 and any(code in k for k in n), n)
            c.gone("BTC", "mark_px", "stale", 52 + span, 59 + span, 63 + span)
    c = Case(conf, "bad-number:binance:bookTicker:BTCUSDT@60+20")
    c.check("refused", sum(c.bad.refused("binance").values()) >= 20, c.bad.refused("binance"))
    a, b = (plain([d for d in t.rows["binance"] if d["asset"] != "BTC"]) for t in (c.bad, c.good))
    c.check("the venue's other instruments are untouched", a == b)
    for venue in SERVED:
        c = Case(conf, "garbage:%s@60" % venue)
        c.check("refused and counted", sum(c.bad.refused(venue).values()) >= 4, c.bad.refused(venue))
        c.whole()
        c = Case(conf, "ping:%s@60+20" % venue)
        n, k = sum(c.bad.refused(venue).values()), c.bad.counts[venue].get("control", 0) - c.good.counts[venue].get("control", 0)
        c.check("counted", n + k >= 40, (n, k))
        c.same()


def stamps(conf):
    for venue in SERVED:
        c = Case(conf, "skew:%s@60+20:30" % venue)
        c.whole()
        c = Case(conf, "skew:%s@60+20:3600" % venue)
        c.more("skew", 200)
        c.whole()


# --- REST ----------------------------------------------------------------------------------------

def rest(conf):
    for code in (429, 418, 503):
        c = Case(conf, "rest:binance:%d@60+80:30" % code, 200)
        c.gone("BTC", "oi_usd", "stale", 80, 139, 148)
        c.check("mark and books live on", not c.bad.nulls("binance", "BTC", "mark_px", 50, 190) and
                not c.bad.nulls("binance", "BTC", "mid_px", 50, 190))
        g = c.gaps("poll_failed", "openInterest")
        c.check("a gap of each symbol says that the poll fails", len({x[2] for x in g}) == len(ASSETS), g[:1])
    c = Case(conf, "html:binance@60+40", 160)
    c.check("HTML is refused and counted", any("syntax" in k for k in c.bad.refused("binance")), c.bad.refused("binance"))
    c.gone("BTC", "oi_usd", "stale", 80, 99, 108)


# --- listings ------------------------------------------------------------------------------------

def listings(conf):
    for venue, symbol in (("binance", "ETHUSDT"), ("hyperliquid", "ETH")):
        c = Case(conf, "delist:%s:%s@60+30" % (venue, symbol), 160)
        n = c.bad.nulls(venue, "ETH", "oi_usd", 64, 89)
        c.check("its figures are unknown or not kept meanwhile", len(n) >= 20, n[:3])
        c.check("... and back once it is listed again", not c.bad.nulls(venue, "ETH", "oi_usd", 110, 150) and
                not c.bad.nulls(venue, "ETH", "depth_10bps_bid_usd", 120, 150), c.bad.nulls(venue, "ETH", "oi_usd", 90, 150))
        c.check("other instruments of the venue live on", not c.bad.nulls(venue, "BTC", "oi_usd", 50, 150))
    for spec, factor in (("rename:%s:%s:ETH2USDT@60+500", 1), ("multiplier:%s:%s:10ETH@60+500:10", 10)):
        c = Case(conf, spec % ("binance", "ETHUSDT"), 200)
        n = c.bad.nulls("binance", "ETH", "oi_usd", 90, 190)
        c.check("known under its new terms", not n, n)
        for column in ("oi_base", "oi_usd", "mid_px", "depth_10bps_bid_usd"):
            x, y = (t.value("binance", "ETH", column, 150) for t in (c.bad, c.good))
            want = y * (factor if column == "mid_px" and x and x > 5 * y else 1)
            c.check("%s is what it would have been" % column, x is not None and abs(x / want - 1) < .01, (x, y))
        c.check("other instruments live on", not c.bad.nulls("binance", "BTC", "oi_usd", 50, 190))


def prices(conf):
    for venue in SERVED:
        c = Case(conf, "price:%s@60+20:300" % venue)
        dev = lambda v, t: c.bad.value(v, "ETH", "px_dev_bps", t)
        apart = [dev(venue, t) - dev(o, t) for t in range(65, 79) for o in SERVED if o != venue]
        c.check("the venues' deviations stand 300 bps apart", all(285 < x < 315 for x in apart), apart[:4])
        back = [abs(dev(venue, t)) for t in range(90, 118)]
        c.check("... and come together again", max(back) < 20, max(back))


def main():
    conf = configuration()
    only = sys.argv[1:]
    for f in (down, links, streams, books, texts, stamps, rest, listings, prices):
        if not only or f.__name__ in only:
            f(conf)


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
