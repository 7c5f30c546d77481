#!/usr/bin/env python3
"""The connections alone (tests/tools/feedprobe.c) against servers that behave badly on purpose:
subscriptions, back-off, rotation, certificates, REST trouble, sizes, and stopping at any moment.
All scenarios run side by side, each with its own server and its own process."""
import asyncio, json, os, shutil, sys, tempfile, traceback, zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fakevenue import FakeVenue, certificates, reply

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "release"))
PROBE = os.path.join(BUILD, "tools", "feedprobe")
FOLDER = tempfile.mkdtemp(prefix="feeds")
STREAM, POLL, SNAPSHOT = 0, 1, 2
DEPTH, ALL, OI, SPECS, SNAP = 0, 1, 2, 3, 4
REST = 255
scenarios, slow = [], []


def scenario(f):
    scenarios.append(f)
    return f


def slow_scenario(f):
    slow.append(f)
    return scenario(f)


def streams(a, b, **kw):
    return dict({"kind": STREAM, "channel": DEPTH, "from": a, "to": b}, **kw)


def poll(channel=SPECS, a=-1, b=-1, **kw):
    return dict({"kind": POLL, "channel": channel, "from": a, "to": b, "conn": REST, "period_s": 60}, **kw)


class Run:
    """What one probe said."""

    def __init__(self, lines, err, code):
        self.lines, self.err, self.code = lines, err, code

    def notes(self, kind, **match):
        return [o for o in self.lines if o["ev"] == "note" and o["kind"] == kind
                and all(o[k] == v for k, v in match.items())]

    def texts(self, **match):
        return [o for o in self.lines if o["ev"] == "text" and all(o.get(k) == v for k, v in match.items())]

    def links(self, **match):
        return [o for o in self.lines if o["ev"] == "link" and all(o[k] == v for k, v in match.items())]

    def rest(self):
        return [o for o in self.lines if o["ev"] == "rest"][-1]


async def probe(venue, wants, seconds, steps=(), **spec):
    spec.setdefault("url", "wss://stream.test:%d/ws" % venue.port)
    spec.setdefault("rest_url", "https://stream.test:%d" % venue.port)
    spec.setdefault("address", "127.0.0.1")
    spec.setdefault("ca_file", os.path.join(FOLDER, "ca.pem"))
    spec["duration_ms"] = int(seconds * 1000)
    spec["steps"] = [{"at_ms": 0, "wants": wants}, *steps]
    return await launch(spec)


async def launch(spec):
    fd, path = tempfile.mkstemp(dir=FOLDER, suffix=".json")
    with os.fdopen(fd, "w") as f:
        json.dump(spec, f)
    p = await asyncio.create_subprocess_exec(PROBE, path, stdout=asyncio.subprocess.PIPE,
                                             stderr=asyncio.subprocess.PIPE)
    out, err = await p.communicate()
    lines = [json.loads(l) for l in out.decode().splitlines()]
    run = Run(lines, err.decode(errors="replace"), p.returncode)
    assert run.code == 0, "probe ended with %s: %s" % (run.code, run.err[-1500:])
    assert lines[-1]["ev"] in ("end", "cycles", "refused"), lines[-1]
    assert lines[-1].get("loop_close", 0) == 0 and lines[-1].get("bad", 0) == 0, lines[-1]
    assert lines[-1].get("stop_ms", 0) < 1500, lines[-1]
    return run


async def serve(**attributes):
    v = FakeVenue(FOLDER, attributes.pop("cert", "good"))
    for k, x in attributes.items():
        assert hasattr(v, k), k
        setattr(v, k, x)
    return await v.start()


# --- subscriptions ------------------------------------------------------------------------------

@scenario
async def subscribes_in_batches_and_unsubscribes():
    v = await serve(greeting="Websocket connection established.")
    r = await probe(v, [streams(0, 24), {"kind": STREAM, "channel": ALL, "conn": 32}], 3,
                    steps=[{"at_ms": 1200, "wants": [streams(3, 24)]}, {"at_ms": 2200, "wants": []}])
    subs = v.details("sub")
    assert sorted(len(m["args"]) for m in subs) == [1, 5, 10, 10], subs
    assert sorted(sum((m["args"] for m in subs), [])) == sorted(["all"] + ["depth:S%02d" % i for i in range(25)])
    assert len(r.notes("sent")) == 26 and len(r.notes("acked")) == 26
    assert {n["conn"] for n in r.notes("link_up")} == {0, 32}
    assert r.texts(head="Websocket connection established.")
    assert r.links(conn=0, wanted=25, acked=25) and r.links(conn=32, wanted=1, acked=1)
    unsub = sum((m["args"] for m in v.details("unsub")), [])
    assert sorted(unsub) == ["depth:S00", "depth:S01", "depth:S02"], unsub
    downs = r.notes("link_down")
    assert [n["cause"] for n in downs] == ["no longer wanted"] * 2, downs
    assert len(v.details("close frame")) == 2  # closed in good manners


@scenario
async def late_ack_is_noted_and_subscribed_again():
    def late(peer, m):
        if m["op"] == "sub" and len(v.details("sub")) == 1:
            asyncio.get_running_loop().call_later(1.6, v.acknowledge, peer, m)  # by then given up
            return
        v.acknowledge(peer, m)
    v = await serve(answer=late)
    r = await probe(v, [streams(0, 1)], 6, limits={"ack_s": 1})
    assert {n["symbol"] for n in r.notes("ack_timeout")} == {"S00", "S01"}, r.notes("ack_timeout")
    assert r.links()[-1]["acked"] == 2
    assert not r.notes("link_down", cause="")


@slow_scenario
async def ack_never_comes_backs_off():
    v = await serve(answer=lambda peer, m: None)
    r = await probe(v, [streams(0, 0)], 12, limits={"ack_s": 1})
    n = len(v.details("sub"))
    assert 2 <= n <= 5, n  # 1 s of waiting, a growing pause, 1 s after the unsubscribe
    assert len(v.details("unsub")) in (n - 1, n)
    assert len(r.notes("ack_timeout")) in (n - 1, n)
    ids = [m["id"] for m in v.details("sub")]
    assert len(set(ids)) == n
    assert r.err.count("not acknowledged in time") == 1, r.err


@scenario
async def refusal_is_noted_and_retried_later():
    v = await serve(answer=lambda peer, m: v.refuse(peer, m, "no such stream")
                    if "depth:S01" in m["args"] else v.acknowledge(peer, m))
    r = await probe(v, [streams(0, 1)], 4, limits={"sub_batch": 1})
    n = r.notes("refused")
    assert len(n) == 1 and n[0]["symbol"] == "S01" and n[0]["cause"] == "no such stream", n
    assert r.links()[-1]["acked"] == 1 and r.links()[-1]["wanted"] == 2
    assert "depth:S01 refused: no such stream" in r.links()[-1]["error"]
    assert len(v.details("sub")) == 2  # not again within 5 s


@scenario
async def acks_by_name_and_text_pings():
    v = await serve()
    r = await probe(v, [streams(0, 4, venue=1)], 3.6)
    assert [m["args"] for m in v.details("sub")] == [["depth:S%02d" % i] for i in range(5)]
    assert r.links()[-1]["acked"] == 5
    assert len(v.details("ping")) == 3, v.details("ping")
    assert len(r.texts(head='{"pong":1}')) == 3


@scenario
async def two_missed_pongs_reconnect():
    v = await serve(answer_pings=False)
    r = await probe(v, [streams(0, 0, venue=1)], 6)
    down = r.notes("link_down")
    assert down and down[0]["cause"] == "two pings not answered", down
    assert 2500 < down[0]["ms"] < 4500, down
    assert len(v.peers) >= 2


@scenario
async def renewals():
    v = await serve()
    steps = [{"at_ms": 800, "wants": [streams(0, 0, renew=1, renew_n=1), streams(1, 1)]},
             {"at_ms": 3500, "wants": [streams(0, 0, renew=2, renew_n=2), streams(1, 1)]}]
    r = await probe(v, [streams(0, 1)], 6.5, steps=steps)
    first = [(w, d["args"]) for t, w, d in v.log if w in ("sub", "unsub")][:3]
    assert first == [("sub", ["depth:S00", "depth:S01"]), ("unsub", ["depth:S00"]), ("sub", ["depth:S00"])], first
    assert [n["cause"] for n in r.notes("link_down")] == ["silent although subscribed anew", "stopping"]
    assert len(v.peers) == 2 and r.links()[-1]["acked"] == 2


@scenario
async def message_rate_is_kept():
    v = await serve()
    r = await probe(v, [streams(0, 39)], 4, limits={"msg_per_s": 8, "sub_batch": 1})
    t = v.times("sub")
    busiest = max(sum(1 for x in t if a <= x < a + 1) for a in t)
    assert busiest <= 9, busiest  # 8, and one for the jitter of arrival
    assert 20 <= len(t) <= 28, len(t)
    assert len(t) - 4 <= r.links()[-1]["acked"] <= len(t)  # the last look is up to 0.2 s old


@scenario
async def urgent_subscriptions_go_first():
    v = await serve()
    await probe(v, [streams(0, 19, priority=5), streams(20, 24, priority=2), streams(25, 29, priority=9)], 1.5,
                limits={"sub_batch": 3})
    names = sum((m["args"] for m in v.details("sub")), [])
    expected = [*range(20, 25), *range(0, 20), *range(25, 30)]
    assert names == ["depth:S%02d" % i for i in expected], names


@scenario
async def venue_says_too_fast():
    async def up(peer):
        await asyncio.sleep(0.3)
        peer.say({"notice": 1, "msg": "too fast, slow down"})
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 0)], 3,
                    steps=[{"at_ms": 1000, "wants": [streams(0, 3), {"kind": STREAM, "channel": ALL, "conn": 32}]}])
    assert len(v.details("sub")) == 1 and len(v.peers) == 1  # three seconds of peace
    assert r.links(conn=32)[-1]["state"] == "banned"
    assert r.links(conn=0)[-1]["state"] == "up"


# --- connecting ---------------------------------------------------------------------------------

@slow_scenario
async def upgrade_never_answered():
    v = await serve(upgrade=None)
    r = await probe(v, [streams(0, 0)], 13)
    assert r.notes("link_down")[0]["cause"] == "upgrade not answered within 10 s"
    assert 9500 < r.notes("link_down")[0]["ms"] < 11500
    assert len(v.times("upgrade")) == 2, v.log


@slow_scenario
async def tls_never_answered():
    v = await serve(accept=False)
    r = await probe(v, [streams(0, 0), poll()], 13)
    assert r.notes("link_down")[0]["cause"] == "no connection within 10 s"
    assert r.notes("poll_failed")[0]["cause"] == "no answer within 10 s"
    assert r.links()[-1]["connects"] == 2


@scenario
async def upgrade_refused_with_status():
    v = await serve(upgrade=503)
    r = await probe(v, [streams(0, 0)], 2)
    assert r.notes("link_down")[0]["cause"] == "upgrade refused with HTTP status 503"
    v2 = await serve(upgrade=403)
    r = await probe(v2, [streams(0, 0)], 3)
    assert r.links()[-1]["state"] == "banned" and len(v2.times("upgrade")) == 1  # the venue's rule: 4 s


@scenario
async def redirect_is_not_followed():
    v = await serve(upgrade=302)
    r = await probe(v, [streams(0, 0)], 1.5)
    assert r.links()[-1]["failures"] >= 1 and not r.notes("link_up")


@slow_scenario
async def half_open():
    v = await serve(deaf=True)
    r = await probe(v, [streams(0, 0)], 33)
    down = r.notes("link_down")[0]
    assert down["cause"] == "nothing heard for 30 s, not even a pong", down
    assert 29500 < down["ms"] < 31500, down


@slow_scenario
async def quiet_but_alive():
    v = await serve(data_every=0)
    r = await probe(v, [streams(0, 0)], 33)
    assert len(v.times("rfc ping")) >= 1
    assert [n["cause"] for n in r.notes("link_down")] == ["stopping"]


@scenario
async def closed_by_the_venue():
    async def up(peer):
        await asyncio.sleep(0.2)
        (lambda: peer.close(1008, "policy \x01 text"), peer.close, peer.abort,
         lambda: peer.frame(9, b"are you there"))[min(peer.number, 3)]()
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 0)], 9)
    causes = [n["cause"] for n in r.notes("link_down")]
    assert causes == ["closed by the venue with code 1008: policy ? text",
                      "closed by the venue without a code", "connection lost", "stopping"], causes
    assert len(v.times("pong")) == 1
    assert r.links()[-1]["state"] == "up" and r.links()[-1]["acked"] == 1
    assert r.err.count("feed alpha/public: down") == 3, r.err


@scenario
async def certificates_refused():
    async def one(cert, said):
        v = await serve(cert=cert)
        r = await probe(v, [streams(0, 0), poll()], 4)
        assert r.notes("link_down")[0]["cause"] == said, (cert, r.notes("link_down"))
        assert r.links()[-1]["error"] == said
        assert r.notes("poll_failed")[0]["cause"] == said
        assert r.links()[-1]["failures"] >= 2  # keeps trying
        assert not v.times("upgrade") and not v.times("request") and not r.notes("link_up")
        assert len([l for l in r.err.splitlines() if "feed" in l and said in l]) == 1, r.err
    await asyncio.gather(one("expired", "certificate expired"),
                         one("wrongname", "certificate not valid for stream.test"),
                         one("unknown", "certificate issuer unknown"))


@scenario
async def trust_is_checked_at_start():
    v = await serve()
    with open(os.path.join(FOLDER, "nonsense.pem"), "w") as f:
        f.write("-----BEGIN CERTIFICATE-----\nnot base64\n")
    for ca in ("nonsense.pem", "absent.pem"):
        r = await probe(v, [streams(0, 0)], 1, ca_file=os.path.join(FOLDER, ca))
        assert r.lines[-1]["ev"] == "refused" and ca in r.lines[-1]["why"], r.lines
    # the system's own authorities do not know our test CA
    r = await probe(v, [streams(0, 0)], 4, ca_file="")
    assert r.notes("link_down")[0]["cause"] == "certificate issuer unknown"
    assert not v.times("upgrade")


@scenario
async def impossible_addresses():
    async def one(url, said, **kw):
        r = await launch(dict({"url": url, "duration_ms": 2500, "steps": [{"at_ms": 0, "wants": [streams(0, 0)]}]}, **kw))
        assert said in r.notes("link_down")[0]["cause"], (url, r.notes("link_down"))
    await asyncio.gather(one("wss://[::1]:8443/ws", "IPv6 address as TLS host"),
                         one("wss://stream.test:0/ws", "port is not a number"),
                         one("https://stream.test/ws", "wrong scheme"),
                         one("wss://127.0.0.1:1/ws", "cannot connect"),
                         one("wss://no-such-host.invalid/ws", "name no-such-host.invalid not found"))


@scenario
async def names_are_resolved():
    v = FakeVenue()
    await v.start()
    r = await probe(v, [streams(0, 0)], 3, url="ws://localhost:%d/ws" % v.port, address="", ca_file="")
    assert r.notes("link_up") and r.links()[-1]["acked"] == 1, r.lines


@slow_scenario
async def back_off_grows_and_starts_anew():
    v = await serve()
    port = v.port
    await v.stop()
    r = await probe(v, [streams(0, 0)], 16)
    n = r.links()[-1]["failures"]
    # without growth some 20 to 30; delays are uniform in [0.5, min(60, 0.5 * 2^n)] s
    assert 3 <= n <= 12, n
    assert len(r.notes("link_down")) == 1 and r.err.count("not connected") == 1, r.err
    assert port


@scenario
async def connects_a_minute_are_limited():
    async def up(peer):
        peer.abort()
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 0)], 8, limits={"connects_per_min": 4})
    assert len(v.times("upgrade")) == 1, v.times("upgrade")  # one at once, then 3 a minute
    assert r.notes("link_down")


@scenario
async def rotates_with_overlap():
    v = await serve()
    r = await probe(v, [streams(0, 2)], 8, rotate_s=2)
    ups, downs = r.notes("link_up"), r.notes("link_down")
    assert [n["conn"] for n in ups][:4] == [0, 1, 0, 1], ups
    assert all(n["cause"] in ("rotated to the other slot", "stopping") for n in downs), downs
    for up, down in zip(ups[1:], downs):
        assert up["ms"] < down["ms"] and up["conn"] != down["conn"], (up, down)
    a, b = r.texts(conn=0), r.texts(conn=1)
    assert min(o["ms"] for o in b) < downs[0]["ms"]  # the new one spoke before the old one went
    data = [o["ms"] for o in r.texts() if "n" in o]
    assert max(y - x for x, y in zip(data, data[1:])) < 600, "a hole in the data"
    assert a and len(v.peers) >= 3


@scenario
async def asked_to_leave_opens_the_other_first():
    async def up(peer):
        if peer.number == 0:
            await asyncio.sleep(1)
            peer.say({"notice": "closing"})
            peer.say({"notice": "closing"})  # said twice, obeyed once
            await asyncio.sleep(3)
            peer.close(1001)
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 2)], 6)
    ups, downs = r.notes("link_up"), r.notes("link_down")
    assert [n["conn"] for n in ups] == [0, 1], ups
    assert [n["cause"] for n in downs] == ["rotated to the other slot", "stopping"], downs
    assert ups[1]["ms"] < downs[0]["ms"] < 4000, (ups, downs)
    data = [o["ms"] for o in r.texts() if "n" in o]
    assert max(y - x for x, y in zip(data, data[1:])) < 600, "a hole in the data"
    assert r.links()[-1]["acked"] == 3 and len(v.peers) == 2


@scenario
async def subscriptions_an_hour_are_rationed():
    v = await serve()
    # a quarter of 40 may go at once, the rest each two minutes: 10 of 30 subscriptions are sent
    r = await probe(v, [streams(0, 29)], 4, limits={"subs_per_h": 40, "sub_batch": 1, "msg_per_s": 50})
    assert len(v.times("sub")) == 10, v.times("sub")
    assert r.links()[-1]["acked"] == 10 and r.links()[-1]["subs_delayed"] == 1
    free = await serve()
    r = await probe(free, [streams(0, 29)], 4, limits={"sub_batch": 1, "msg_per_s": 50})
    assert len(free.times("sub")) == 30 and r.links()[-1]["subs_delayed"] == 0


@scenario
async def reload_moves_connections():
    v, w = await serve(), await serve()
    conf = {"url": "wss://stream.test:%d/ws" % w.port, "address": "127.0.0.1",
            "ca_file": os.path.join(FOLDER, "ca.pem")}
    r = await probe(v, [streams(0, 0)], 3, steps=[{"at_ms": 1000, "conf": conf}])
    assert [n["cause"] for n in r.notes("link_down")] == ["configuration changed", "stopping"]
    assert len(v.peers) == 1 and len(w.peers) == 1 and r.links()[-1]["acked"] == 1


# --- sizes --------------------------------------------------------------------------------------

MILLION = bytes(32 + i * 7 % 90 for i in range(1000000))
BODY = json.dumps({"x": ["%07d" % i for i in range(300000)]}).encode()


@scenario
async def large_and_fragmented_messages():
    async def up(peer):
        peer.text(MILLION)
        for i, fin in ((0, False), (1, False), (2, True)):
            peer.frame(1 if i == 0 else 0, b"part%d " % i, fin)
            peer.frame(9, b"in between")
        peer.text(b"")
        peer.text(b"after")
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 0)], 2)
    t = r.texts(len=1000000)
    assert len(t) == 1 and t[0]["sum"] == zlib.adler32(MILLION), t
    assert len(r.texts(head="part0 part1 part2 ")) == 1 and len(r.texts(head="after")) == 1
    assert not r.notes("link_down", cause="connection lost")


@scenario
async def oversized_message_closes():
    async def up(peer):
        if peer.number == 0:
            for i in range(9):
                peer.frame(0 if i else 1, b"x" * (1 << 20), False)
        elif peer.number == 1:
            peer.frame(1, b"y" * (9 << 20))
    v = await serve(on_up=up)
    r = await probe(v, [streams(0, 0)], 8)
    assert [n["cause"] for n in r.notes("link_down")] == ["message over 8388608 bytes"] * 2 + ["stopping"]
    assert r.links()[-1]["oversized"] == 2 and max(o["len"] for o in r.texts()) < 1000
    assert r.links()[-1]["state"] == "up"


@scenario
async def compression_is_off_unless_asked():
    v = await serve()
    await probe(v, [streams(0, 0)], 1)
    assert "sec-websocket-extensions" not in v.details("upgrade")[0]
    w = await serve()
    r = await probe(w, [streams(0, 0)], 1, deflate=True)
    assert "permessage-deflate" in w.details("upgrade")[0]["sec-websocket-extensions"]
    assert r.links()[-1]["acked"] == 1  # the venue declined, all the same


# --- REST ---------------------------------------------------------------------------------------

def answers(*rows):
    """The n-th request gets the n-th (status, body, headers); the last one from then on."""
    count = [0]

    async def rest(method, path, body, writer):
        status, text, headers = rows[min(count[0], len(rows) - 1)]
        count[0] += 1
        reply(writer, status, text, headers)
    return rest


@scenario
async def get_post_and_large_chunked_bodies():
    async def rest(method, path, body, writer):
        reply(writer, 200, BODY if "oi:" in path else json.dumps({"n": 1, "got": method, "body": body.decode()}),
              chunk=70000 if "oi:" in path else 0)
    v = await serve(rest=rest)
    r = await probe(v, [poll(OI, 3, 3), poll(SPECS), poll(SPECS, venue=1)], 2.5,
                    rest_url="https://stream.test:%d/base" % v.port)
    assert len(BODY) >= 3000000 and [t["sum"] for t in r.texts(req="oi:S03")] == [zlib.adler32(BODY)]
    asked = {(m, p, b) for m, p, b, _ in v.details("request")}
    assert asked == {("GET", "/base/rest/oi:S03?limit=5", b""), ("GET", "/base/rest/specs?limit=5", b""),
                     ("POST", "/base/rest/specs?limit=5", b'{"type":"specs"}')}, asked
    posted = [f for m, _, _, f in v.details("request") if m == "POST"][0]
    assert posted["content-type"] == "application/json" and posted["user-agent"].startswith("cascaded/")
    assert "POST" in r.texts(venue=1, req="specs")[0]["head"]


def pages(n, cursor="p%d"):
    """A list of n pages; each but the last names the next."""
    async def rest(method, path, body, writer):
        at = int(path.split("cursor=p")[1].split("x")[0]) if "cursor=" in path else 1
        text = {"n": at, "notice": "next", "msg": cursor % (at + 1)} if at < n else {"n": at}
        reply(writer, 200, json.dumps(text), [])
    return rest


@scenario
async def every_page_is_asked_for():
    v = await serve(rest=pages(3))
    r = await probe(v, [poll(SPECS, period_s=3600)], 3)
    asked = [p for _, p, _, _ in v.details("request")]
    assert asked == ["/rest/specs?limit=5", "/rest/specs?limit=5&cursor=p2", "/rest/specs?limit=5&cursor=p3"], asked
    assert [t["n"] for t in r.texts(req="specs")] == [1, 2, 3]
    assert r.rest()["pages"] == 2 and r.rest()["pages_cut"] == 0 and r.rest()["failed"] == 0


@scenario
async def endless_pages_are_cut():
    v = await serve(rest=pages(1000))
    r = await probe(v, [poll(SPECS, period_s=3600)], 4)
    assert [t["n"] for t in r.texts(req="specs")] == list(range(1, 17))
    assert r.rest()["pages"] == 15 and r.rest()["pages_cut"] == 1, r.rest()
    w = await serve(rest=pages(3, "p%d" + 200 * "x"))  # a cursor nobody can hold
    r = await probe(w, [poll(SPECS, period_s=3600)], 2)
    assert len(w.details("request")) == 1 and r.rest()["pages_cut"] == 1


@scenario
async def a_page_that_fails_starts_again():
    count = [0]

    async def rest(method, path, body, writer):
        count[0] += 1
        if count[0] == 2:
            reply(writer, 404, "{}", [])
        else:
            reply(writer, 200, json.dumps({"n": count[0], "notice": "next", "msg": "p2"} if "cursor" not in path
                                          else {"n": count[0]}), [])
    v = await serve(rest=rest)
    r = await probe(v, [poll(SPECS, period_s=3600)], 5)
    asked = ["cursor" in p for _, p, _, _ in v.details("request")]
    assert asked == [False, True, False, True], asked
    assert len(r.notes("poll_failed")) == 1


@scenario
async def too_many_requests():
    v = await serve(rest=answers((429, "slow down", ["Retry-After: 3"]), (200, '{"n":1}', [])))
    r = await probe(v, [poll(OI, 0, 5)], 7, limits={"rest_in_flight": 1})
    t = v.times("request")
    assert 3 <= t[1] - t[0] < 4.5, t
    n = r.notes("poll_failed")
    assert len(n) == 1 and n[0]["code"] == 429 and n[0]["conn"] == REST and n[0]["symbol"], n
    assert any(o["banned"] for o in r.lines if o["ev"] == "rest")
    assert r.rest()["limited"] == 1 and r.rest()["ok"] >= 6 and not r.rest()["banned"]
    assert "HTTP status 429, asking nothing for" in r.err


@scenario
async def answers_under_way_are_one_hold():
    async def slow_down(method, path, body, writer):
        late = len(v.details("request")) > 4
        await asyncio.sleep(0.2 if not late else 0)
        reply(writer, 200 if late else 429, '{"n":1}', () if late else ["Retry-After: 2"])
    v = await serve(rest=slow_down)
    r = await probe(v, [poll(OI, 0, 3)], 5, limits={"rest_in_flight": 4})
    assert r.rest()["limited"] == 4 and r.rest()["ok"] >= 4, r.rest()
    assert r.err.count("asking nothing for") == 1, r.err
    t = v.times("request")
    assert 1.5 <= t[4] - t[0] < 4, t  # the back-off has not grown by each of them


@scenario
async def banned_address():
    v = await serve(rest=answers((418, "banned", ["Retry-After: 4"])))
    r = await probe(v, [poll()], 3, steps=[{"at_ms": 1000, "wants": [poll(), streams(0, 0)]}])
    assert len(v.times("request")) == 1 and not v.times("upgrade")
    assert r.links()[-1]["state"] == "banned" and r.rest()["limited"] == 1


@slow_scenario
async def server_errors_and_html():
    v = await serve(rest=answers((502, "<html>bad gateway</html>", []), (500, "", []), (503, "x" * 200000, []),
                                 (404, "", []), (200, "<html>hello</html>", [])))
    r = await probe(v, [poll()], 14)
    codes = [n["code"] for n in r.notes("poll_failed")]
    assert codes[:3] == [502, 500, 503][:len(codes)] and len(codes) >= 2, codes
    gaps = [b - a for a, b in zip(v.times("request"), v.times("request")[1:])]
    assert all(g >= 0.9 for g in gaps), gaps
    html = r.texts(req="specs")
    assert all(t["head"] == "<html>hello</html>" for t in html)  # whether it is JSON is not ours to say


@scenario
async def broken_answers():
    async def rest(method, path, body, writer):
        if "S00" in path:
            reply(writer, 200, "{}", length=100)  # announces more than it sends
        elif "S01" in path:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n{\"n\":7}")  # ends by closing, allowed
        elif "S02" in path:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")
        elif "S03" in path:
            writer.transport.abort()
        elif "S05" in path:
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"n\":7}\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.write(b"0\r\n")
            await writer.drain()
            await asyncio.sleep(0.2)
            writer.write(b"\r\n")  # complete, if slowly
        else:
            writer.write(b"garbage\r\n\r\n")
    v = await serve(rest=rest)
    r = await probe(v, [poll(OI, 0, 5)], 2.5)
    failed = {n["symbol"] for n in r.notes("poll_failed")}
    assert failed == {"S00", "S02", "S03", "S04"}, r.notes("poll_failed")
    assert {t["req"] for t in r.texts()} == {"oi:S01", "oi:S05"} and r.texts()[0]["n"] == 7
    assert all(n["code"] == 0 and n["cause"] for n in r.notes("poll_failed"))


@scenario
async def body_over_the_limit():
    async def rest(method, path, body, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 41943040\r\n\r\n")
        for _ in range(40):
            writer.write(b"z" * (1 << 20))
            await writer.drain()
    v = await serve(rest=rest)
    r = await probe(v, [poll()], 4)
    assert r.notes("poll_failed")[0]["cause"] == "answer over 33554432 bytes", r.lines[-3:]
    assert not r.texts()


@scenario
async def polls_keep_period_and_spread():
    v = await serve(rest=answers((200, '{"n":1}', [])))
    r = await probe(v, [poll(OI, 0, 19, period_s=3)], 9.5)
    t = sorted(x for x in v.times("request") if x > 3)
    by_name = {}
    for x in r.texts():
        by_name.setdefault(x["req"], []).append(x["ms"])
    assert len(by_name) == 20
    for ms in by_name.values():
        gaps = [b - a for a, b in zip(ms[1:], ms[2:])]  # the first goes out at once, then by phase
        assert gaps and all(2600 < g < 3400 for g in gaps), ms
    tenths = {int(x * 5) for x in t}
    assert len(tenths) >= 18, "bunched: %s" % sorted(tenths)


@scenario
async def budgets_are_kept_and_priority_goes_first():
    v = await serve(rest=answers((200, '{"n":1}', [])))
    # weight 5 a request, 600 a minute: a quarter at once = 30 requests, then 450/60/5 = 1.5 a second
    r = await probe(v, [poll(OI, 0, 49, priority=5), poll(SPECS, priority=1)], 4,
                    limits={"weight_per_min": 600, "rest_per_s": 200})
    names = [p for _, p, _, _ in v.details("request")]
    assert "/rest/specs?limit=5" in names[:4], names[:5]
    assert 29 <= len(names) <= 37, len(names)
    heard = 10 + 5 * (len(names) - 1)  # the last one may be on its way when the figures are told
    assert r.rest()["weight"] in (heard, heard + 5) and r.rest()["queued"] >= 10, (r.rest(), heard)
    w = await serve(rest=answers((200, '{"n":1}', [])))
    await probe(w, [poll(OI, 0, 49)], 3, limits={"rest_per_s": 8})
    busiest = max(sum(1 for x in w.times("request") if a <= x < a + 1) for a in w.times("request"))
    assert busiest <= 9, busiest


@scenario
async def snapshots():
    asked = []

    async def rest(method, path, body, writer):
        asked.append((path, len([1 for p, e in asked if e is None])))
        await asyncio.sleep(0.5)
        if len(asked) == 2:
            reply(writer, 500, "")
        else:
            reply(writer, 200, '{"n":1}')
    v = await serve(rest=rest)
    snap = {"kind": SNAPSHOT, "channel": SNAP, "from": 4, "to": 4, "conn": REST, "after_ms": 1500}
    r = await probe(v, [snap], 11, steps=[{"at_ms": 9500, "wants": []}])
    t = v.times("request")
    first = r.texts(req="snap:S04")[0]["ms"]
    assert 1950 <= first < 3000, first       # not before 1.5 s, answered after 0.5 s
    assert len(t) >= 3 and all(b - a > 1.4 for a, b in zip(t, t[1:])), t  # one at a time, with pauses
    assert r.notes("poll_failed")[0]["code"] == 500
    assert max(t) - min(t) < 8.5  # none after the want went


@scenario
async def vanished_poll_is_dropped():
    async def rest(method, path, body, writer):
        await asyncio.sleep(1)
        reply(writer, 200, '{"n":1}')
    v = await serve(rest=rest)
    r = await probe(v, [poll(OI, 0, 1)], 2.5, steps=[{"at_ms": 500, "wants": [poll(OI, 1, 1)]}])
    assert len(v.times("request")) == 2
    assert [t["req"] for t in r.texts()] == ["oi:S01"] and not r.notes("poll_failed")


# --- stopping -----------------------------------------------------------------------------------

@scenario
async def stops_at_any_moment():
    async def slow(method, path, body, writer):
        await asyncio.sleep(5)
    many = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 20, 25, 30, 40, 60, 100, 250, 600]

    async def one(v, **kw):
        spec = dict({"url": "wss://stream.test:%d/ws" % v.port, "rest_url": "https://stream.test:%d" % v.port,
                     "address": "127.0.0.1", "ca_file": os.path.join(FOLDER, "ca.pem"), "cycles": many,
                     "steps": [{"at_ms": 0, "wants": [streams(0, 9), streams(0, 3, venue=1), poll(OI, 0, 5)]}]}, **kw)
        r = await launch(spec)
        assert r.lines[-1] == {"ev": "cycles", "runs": len(many), "bad": 0}, r.lines[-1]
    good, never, deaf, mute, bad = await asyncio.gather(
        serve(rest=answers((200, '{"n":1}', []))), serve(upgrade=None, rest=slow), serve(deaf=True),
        serve(accept=False), serve(cert="expired"))
    for v, kw in ((good, {}), (never, {}), (deaf, {}), (mute, {}), (bad, {}), (good, {"rotate_s": 1}),
                  (good, {"address": "", "url": "wss://localhost:%d/ws" % good.port})):
        await one(v, **kw)


async def guard(f, gate):
    async with gate:
        try:
            await asyncio.wait_for(f(), 120)
            return None
        except Exception as e:  # a failed assertion is a result, not the end of the others
            here = [t for t in traceback.extract_tb(e.__traceback__) if t.filename.endswith("test_feeds.py")]
            return "%s: line %d: %s: %s" % (f.__name__, here[-1].lineno, type(e).__name__, str(e)[:1500])


async def main():
    chosen = [f for f in scenarios if len(sys.argv) < 2 or any(a in f.__name__ for a in sys.argv[1:])]
    certificates(FOLDER)
    # Side by side, but not all at once: the servers share one Python thread and must stay prompt.
    gate = asyncio.Semaphore(10)
    chosen.sort(key=lambda f: f not in slow)
    results = await asyncio.gather(*(guard(f, gate) for f in chosen if f is not stops_at_any_moment))
    if stops_at_any_moment in chosen:
        results.append(await guard(stops_at_any_moment, gate))
    failed = [r for r in results if r]
    for r in failed:
        print("FAILED", r)
    print("%d passed, %d failed" % (len(results) - len(failed), len(failed)))
    return 1 if failed or not results else 0


if __name__ == "__main__":
    try:
        code = asyncio.run(main())
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(code)
