#!/usr/bin/env python3
"""Faults of transport over real TLS against the whole daemon, one after the other, in runs side by side: each
is counted, logged once and not per message, mended by itself with back-off, and leaves the other venues
without a gap and with their share of unknown values within one point."""
import datetime, json, os, re, subprocess, sys, threading, time, traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from daemon import SERVED, Stack
from procs import wait_for

BUILD = os.environ.get("BUILD") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/release")
LEVELS = ("oi_usd", "mark_px", "index_px", "mid_px", "fund_8h", "depth_10bps_bid_usd", "depth_10bps_ask_usd", "spread_bps")
# A stream of one instrument, as the simulator's table names it.
STREAM = {"binance": ("bookTicker", "BTCUSDT"), "hyperliquid": ("bbo", "BTC"), "bybit": ("tickers", "BTCUSDT"),
          "okx": ("bbo-tbt", "BTC-USDT-SWAP")}
# Polls: the statuses that are shown, for how long, what brings a request about where none is due each 10 s, and
# how many answers then show that all is well.
POLLS = {"binance": ((429, 418, 503), 6, (), 3), "bybit": ((429, 503), 6, ("drop-delta:bybit:BTCUSDT@0",), 0),
         "okx": ((429, 503), 12, (), 0)}
PING_S = {"bybit": 20, "okx": 25}  # of the client's pings by text
HOLD_S = {"bybit": 600, "okx": 300}  # after 403, the venue's word for a ban
passed = failed = 0
lock = threading.Lock()


def check(what, ok, detail=""):
    global passed, failed
    with lock:
        passed, failed = passed + bool(ok), failed + (not ok)
        print("%s %s%s" % ("ok  " if ok else "FAIL", what, ": " + str(detail)[:300] if detail != "" else ""), flush=True)


class Wire:
    """One daemon whose faults all come from one venue."""

    def __init__(self, venue, group):
        self.venue, self.windows, self.at = venue, [], 0
        self.s = Stack(BUILD, "wire-%s-%d" % (venue, group), "calm", 3, assets="BTC,ETH,SOL", database=False,
                       sim_args=["--assets", "6"], keep=bool(os.environ.get("KEEP")))

    def check(self, what, ok, detail=""):
        check("%s: %s" % (self.venue, what), ok, detail)

    def status(self):
        return self.s.client().call("status")

    def links(self):
        return [f for f in self.status()["feeds"] if f["venue"] == self.venue]

    def refused(self):
        return self.status()["market"][self.venue]["texts_refused"]

    def rest(self):
        return [r for r in self.status()["rest"] if r["venue"] == self.venue][0]

    def sum(self, key):
        return sum(f[key] for f in self.links())

    def healthy(self):
        rows = [f for f in self.s.client().call("feeds.list")["channels"] if f["venue"] == self.venue and not f["sparse"]]
        return (len(rows) > 5 and all(f["state"] == "ok" and not f["gap_open"] for f in rows) and
                all(f["state"] == "up" and f["streams_acked"] == f["streams_wanted"] for f in self.links()))

    def log(self):
        """What was logged of this venue since the fault began."""
        with open(self.s.run.path("cascaded.log"), errors="replace") as f:
            return [l.strip() for l in f.readlines()[self.at:] if re.search(r"(feed|rest) %s\b" % self.venue, l)]

    def said(self, *words):
        return [l for l in self.log() if all(w in l for w in words)]

    def fault(self, name, *specs):
        with open(self.s.run.path("cascaded.log"), errors="replace") as f:
            self.at = len(f.readlines())
        self.name, self.t0 = name, time.time()
        for spec in specs:
            self.s.misbehave(spec % {"v": self.venue, "c": STREAM[self.venue][0], "s": STREAM[self.venue][1]})

    def mended(self, limit_s=60):
        t = time.monotonic()
        try:
            wait_for("live again", limit_s, self.healthy)
            self.check("%s: all is live again" % self.name, True, "after %.1f s" % (time.monotonic() - t))
        except TimeoutError:
            bad = [f for f in self.s.client().call("feeds.list")["channels"] if f["venue"] == self.venue and f["state"] != "ok" and not f["sparse"]]
            self.check("%s: all is live again" % self.name, False, [(f["channel"], f["symbol"], f["state"]) for f in bad])
        time.sleep(max(0, self.t0 + 4 - time.time()))  # a window that holds some whole seconds
        self.windows.append((self.name, self.t0, time.time()))

    def once(self, *words, most=None):
        """Said by each link at most once, and by one at least."""
        lines = self.said(*words)
        most = most or len(self.links())
        self.check("%s: said once a link" % self.name, 1 <= len(lines) <= most, (len(lines), lines[:1]))


# --- the faults ----------------------------------------------------------------------------------

def spoiled(w):
    before = w.refused()
    for kind in ("truncate", "bad-utf8", "bad-json", "bad-number"):
        w.fault(kind, kind + ":%(v)s:%(c)s@0+1.5")
        was = sum(w.refused().values())
        wait_for(kind + " refused", 10, lambda: sum(w.refused().values()) >= was + 3)
        time.sleep(2)
        w.mended()
    now = w.refused()
    more = {k: n - before.get(k, 0) for k, n in now.items() if n > before.get(k, 0)}
    w.check("spoiled texts are counted by their code", more.get("syntax error", 0) >= 9 and more.get("number out of range", 0) >= 3, more)
    with open(w.s.run.path("cascaded.log"), errors="replace") as f:
        lines = [l for l in f if "feed " + w.venue in l and "was refused" in l]
    w.check("... and logged once", len(lines) == 1, len(lines))


def closed(w):
    for name, spec, words in (("closed with a reason", "close:%(v)s:1001:service restart@0", ("code 1001: service restart",)),
                              ("closed without", "close:%(v)s@0", ("without a code",)), ("cut", "cut:%(v)s@0", ("down: ",))):
        before = w.sum("failures")
        w.fault(name, spec)
        wait_for(name, 10, lambda: w.said(*words))
        w.mended()
        w.once("down:", *words)
        w.check("%s: counted" % name, len(w.links()) >= w.sum("failures") - before >= 1, w.sum("failures") - before)


def notice(w):
    """OKX says that it is about to close: another connection takes over before."""
    fails = w.sum("failures")
    w.fault("notice", "notice:%(v)s@0+6")
    wait_for("the notice to be taken", 10, lambda: w.said("about to close it"))
    time.sleep(max(0, w.t0 + 8 - time.time()))
    w.mended()
    w.once("about to close it", "opening another")
    w.check("notice: no link was lost", not w.said("down:") and w.sum("failures") == fails, w.said("down:"))
    w.check("notice: the other slot of each link took over", len(w.said("(b): up")) == len(w.links()) == len(w.said("closed: rotated")), w.log())


def unanswered(w):
    for name, specs, words in (
            ("upgrade not answered", ("no-upgrade:%(v)s@0+8", "cut:%(v)s@0"), ("not connected", "upgrade not answered within 10 s")),
            ("acks dropped", ("late-ack:%(v)s@0+8:0", "cut:%(v)s@0"), ("not acknowledged in time", "trying again"))):
        w.fault(name, *specs)
        wait_for(name, 40, lambda: w.said(*words))
        w.mended(90)
        w.once(*words)


def burst(w):
    before = w.status()["market"][w.venue]
    w.fault("burst", "burst:%(v)s@0+2")
    time.sleep(4)
    w.mended()
    after = w.status()["market"][w.venue]
    w.check("burst: what came again is counted", after["dup"] - before["dup"] > 500, after["dup"] - before["dup"])
    w.check("burst: no link is lost, nothing is logged", not w.said("down"), w.log())
    w.fault("text ping", "ping:%(v)s@0+3")
    time.sleep(4)
    w.mended()
    w.check("text ping: no link is lost", not w.said("down"), w.log())


def oversized(w):
    before = w.sum("oversized")
    w.fault("oversized", "oversize:%(v)s:%(c)s:%(s)s@0+0.5")
    wait_for("oversized", 20, lambda: w.sum("oversized") > before)
    w.mended()
    w.once("down:", "message over")
    w.check("oversized: counted", w.sum("oversized") - before <= 3, w.sum("oversized") - before)


def certificate(w):
    before = w.sum("failures")
    w.fault("certificate", "cert:%(v)s:expired@0+14")
    wait_for("the certificate to be refused", 30, lambda: w.said("not connected", "expired"))
    time.sleep(max(0, w.t0 + 15 - time.time()))
    w.mended()
    w.once("not connected", "expired")
    n = w.sum("failures") - before
    w.check("certificate: tries are few, they back off", n <= 8 * len(w.links()), n)


def polls(w):
    codes, span, bring, enough = POLLS[w.venue]
    for code in codes:
        before = w.rest()
        w.fault("status %d" % code, "rest:%%(v)s:%d@0+%d:4" % (code, span), *bring)
        wait_for("the status", 15, lambda: w.rest()["failed"] > before["failed"])
        time.sleep(5)
        wait_for("polls again", 120, lambda: w.rest()["ok"] > before["ok"] + enough)
        w.mended()
        held = w.said("HTTP status %d" % code, "asking nothing")
        begun = [datetime.datetime.fromisoformat(l.split()[0].rstrip("Z")) for l in held]
        w.check("status %d: a hold is said once, whatever was under way" % code,
                held and all((b - a).total_seconds() >= 4 for a, b in zip(begun, begun[1:])), held)
        w.check("status %d: a failing poll is said at most each 10 s" % code, len(w.said("failed: ")) <= 2, w.said("failed: "))
        w.check("status %d: counted" % code, (w.rest()["limited"] > before["limited"]) == (code != 503), w.rest()["failed"] - before["failed"])
    before = sum(w.refused().values())
    w.fault("html", "html:%%(v)s@0+%d" % (span + 1), *bring)
    wait_for("HTML refused", 20, lambda: sum(w.refused().values()) > before)
    time.sleep(max(0, w.t0 + span + 2 - time.time()))
    w.mended()


def banned(w):
    """The last of its run: polls stay away for minutes, streams go on."""
    _, span, bring, _ = POLLS[w.venue]
    before = w.rest()
    w.fault("status 403", "rest:%%(v)s:403@0+%d" % span, *bring)
    held = wait_for("the ban", 20, lambda: w.said("HTTP status 403", "asking nothing"))
    asked = w.rest()["requests"]
    time.sleep(max(3, w.t0 + span + 3 - time.time()))
    now, wait = w.rest(), float(re.search(r"for ([0-9.]+) s", held[0]).group(1))
    w.check("status 403: the venue's own ban is waited for", HOLD_S[w.venue] <= wait <= 1.2 * HOLD_S[w.venue], wait)
    w.check("status 403: said once, and nothing is asked any more", len(w.said("asking nothing")) == 1 and now["requests"] == asked, now)
    w.check("status 403: counted", now["failed"] > before["failed"] and (now["t_banned_until_us"] or 0) > time.time() * 1e6, now)
    w.check("status 403: the streams live on", all(f["state"] == "up" and f["streams_acked"] == f["streams_wanted"] for f in w.links()) and
            not w.said("down:"), w.said("down:"))
    w.windows.append((w.name, w.t0, time.time()))


def pongs(w):
    """Pings by text are not answered while data goes on, and polls fail meanwhile: two troubles that do not mix."""
    before, span = w.sum("failures"), 3 * PING_S[w.venue] + 5
    w.fault("no pongs", "no-pong:%%(v)s@0+%d" % span)
    at, t0 = w.at, w.t0
    polls(w)
    w.name, w.at, w.t0 = "no pongs", at, t0
    wait_for("the pongs to be missed", span, lambda: len(w.said("two pings not answered")) == len(w.links()))
    after = [datetime.datetime.strptime(l[:24] + "+0000", "%Y-%m-%dT%H:%M:%S.%fZ%z").timestamp() - t0 for l in w.said("two pings not answered")]
    w.check("no pongs: a link goes at the third ping, two missed", all(2 * PING_S[w.venue] - 1 <= s <= 3 * PING_S[w.venue] + 2 for s in after), after)
    time.sleep(max(0, t0 + span + 1 - time.time()))
    w.mended()
    w.once("down:", "two pings not answered")
    w.check("no pongs: counted", w.sum("failures") - before == len(w.links()), w.sum("failures") - before)


def refusal(w):
    span = 16 if w.venue in ("binance", "bybit") else 8  # where one bad topic refuses its whole message
    w.fault("refused", "refuse:%%(v)s:%%(c)s:%%(s)s@0+%d" % span, "cut:%(v)s@0")
    wait_for("a refusal", 20, lambda: w.said("refused"))
    wait_for("all others to be accepted", span, lambda: w.sum("streams_acked") >= w.sum("streams_wanted") - 1)
    time.sleep(max(0, w.t0 + 5 - time.time()))
    w.mended(90)
    w.once("refused", "trying again")


def dripping(w):
    """Small messages still come through, large ones do not: some channel must be seen to be silent."""
    span = 25 if w.venue == "binance" else 36
    silent = set()

    def noticed():
        rows = w.s.client().call("feeds.list")["channels"]
        silent.update(f["channel"] for f in rows if f["venue"] == w.venue and f["state"] == "silent")
        return silent
    w.fault("slow drip", "drip:%%(v)s@0+%d:10" % span)
    wait_for("the drip to be noticed", 45, noticed)
    w.check("slow drip: the channels that starve are named silent", True, silent)
    time.sleep(max(0, w.t0 + span + 1 - time.time()))
    w.mended(90)
    w.check("slow drip: said at most once a link and reconnect", len(w.said("down:")) <= 2 * len(w.links()), len(w.said("down:")))


def half_open(w):
    n = len(w.links())
    w.fault("half open", "half-open:%(v)s@0")
    wait_for("each half-open link to be given up", 50, lambda: len({l.split("feed ")[1].split(":")[0] for l in w.said("down:")}) == n)
    w.mended(60)
    w.once("down:")


# Those that need an early new connection come before back-off has grown.
COMMON = (spoiled, refusal, half_open), (closed, burst, dripping, oversized)
# Hyperliquid's only poll is due every 5 minutes.
FAULTS = {"binance": COMMON + ((unanswered, certificate), (polls,)), "hyperliquid": COMMON + ((unanswered, certificate),),
          "bybit": COMMON + ((unanswered, certificate), (pongs, banned)),
          "okx": COMMON + ((notice, unanswered, certificate), (pongs, banned))}


# --- the judgement -------------------------------------------------------------------------------

def judge(w, live):
    """By the tape: its rows are those the daemon told."""
    out = subprocess.run([w.s.program("cascade-replay"), w.s.run.path("tape")], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    rows, gaps = [], []
    for line in out.splitlines():
        if line.startswith(b'{"kind":"row"') and b'"m_venue_asset"' in line:
            rows.append(json.loads(line))
        elif line.startswith(b'{"kind":"gap"'):
            gaps.append(json.loads(line))
    for other in SERVED:
        if other == w.venue:
            continue
        mine = [g for g in gaps if g["venue"] == other and g["t_us"] / 1e6 > live]
        w.check("no gap of %s in %d faults" % (other, len(w.windows)), not mine, [(g["channel"], g["cause"]) for g in mine[:4]])
        base = share(rows, other, live, w.windows[0][1])
        for name, a, b in w.windows:
            s = share(rows, other, a, b + 1)
            w.check("%s: the share of NULLs of %s is as before" % (name, other), base is not None and s is not None and
                    abs(s - base) <= .01, (base, s))
    faulty = [g for g in gaps if g["venue"] == w.venue and g["t_us"] / 1e6 > live and g.get("t_to_us")]
    begun = {(g["channel"], g["symbol"], g["cause"], g["t_us"]) for g in gaps if g["venue"] == w.venue and g["t_us"] / 1e6 > live}
    ended = {(g["channel"], g["symbol"], g["cause"], g["t_us"]) for g in faulty}
    told = [g for name, a, b in w.windows if name == "notice" for g in begun if a <= g[3] / 1e6 <= b]
    w.check("no gap where another connection took over", not told, told[:3])
    cut = any(name not in ("html", "notice") and "status" not in name for name, _, _ in w.windows)
    held = [g for g in begun if g[2] in ("sequence", "poll_failed")]  # while polls stay away
    open_ = begun - ended - (set(held) if any(name == "status 403" for name, _, _ in w.windows) else set())
    w.check("its own gaps have both ends, or it has none where no link was lost", not open_ and (len(begun) - len(held) > 5) == cut,
            (len(begun), len(ended), sorted(open_)[:3]))


def share(rows, venue, a, b):
    cells = [d[c] for d in rows if d["venue"] == venue and a <= d["t_us"] / 1e6 <= b for c in LEVELS]
    return sum(x is None for x in cells) / len(cells) if cells else None


def run(venue, group, faults):
    w = Wire(venue, group)
    try:
        w.s.start()
        w.s.wait_live()
        wait_for("all live", 60, w.healthy)
        time.sleep(6)
        live = time.time() - 5
        for f in faults:
            t = time.monotonic()
            f(w)
            print("     %s: %s took %.1f s" % (venue, f.__name__, time.monotonic() - t), flush=True)
        w.check("the daemon ends with status 0", w.s.stop_daemon() == 0)
        judge(w, live)
    except Exception as e:  # whatever ends the scenario is a failure with its log
        w.check("the scenario runs to its end", False, "%s: %s" % (type(e).__name__, e))
        traceback.print_exc()
        try:
            print(w.s.log("cascaded", 40))
        except OSError:
            pass
    finally:
        w.s.end()


def main():
    threads = []
    for venue in STREAM:
        for group, faults in enumerate(FAULTS[venue]):
            faults = [f for f in faults if len(sys.argv) < 2 or {f.__name__, venue} & set(sys.argv[1:])]
            if faults:
                threads.append(threading.Thread(target=run, args=(venue, group, faults)))
    for t in threads:
        t.start()
        time.sleep(.5)
    for t in threads:
        t.join()
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
