"""Proves the socket: greeting, strict requests, half-close, cursors, coalescing, limits, roles, stop;
and cascadectl on top of it. A real server around a real engine (serve_driver), time in our hand."""
import atexit, grp, json, os, random, shutil, signal, socket, stat, subprocess, sys, tempfile, time

BUILD = os.environ.get("BUILD", "build/release")
DRIVER = os.path.join(BUILD, "tools/serve_driver")
CTL = os.path.join(BUILD, "cascadectl")
passed = failed = 0
top = tempfile.mkdtemp(prefix="serve.")
os.chmod(top, 0o755)
atexit.register(shutil.rmtree, top, ignore_errors=True)

RULES = """
[rule down]
metric = m_process.feeds_down
warning = raise 1 clear 0 for 2
critical = raise 100 clear 50 for 2
summary = {value} channels down
[rule waiting]
metric = m_process.feeds_waiting
info = raise 1 clear 0 for 0
summary = {value} channels waiting
"""


def check(ok, what):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("not ok: line %d: %s" % (sys._getframe(1).f_lineno, what), flush=True)


class Server:
    def __init__(self, epoch=1, expect=0, env=None, wrap=None, pass_fds=(), **serve):
        self.dir = serve.pop("dir", None) or tempfile.mkdtemp(dir=top)
        self.sock = os.path.join(self.dir, "s.sock")
        keys = dict({"socket_path": "s.sock", "socket_group": "", "desk_group": ""}, **serve)
        conf = os.path.join(self.dir, "c.conf")
        with open(conf, "w") as f:
            f.write("[cascaded]\nassets_file =\ntiers_file =\n[serve]\n")
            f.writelines("%s = %s\n" % kv for kv in keys.items())
            f.write(RULES)
        cmd = [DRIVER, conf, str(epoch)]
        self.log = open(os.path.join(self.dir, "log"), "a+")
        self.p = subprocess.Popen((wrap or []) + cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                  text=True, bufsize=1, env=env, pass_fds=pass_fds)
        line = self.p.stdout.readline()
        if expect == 0 and line != "ok ready\n":
            raise SystemExit("driver does not start: " + self.logged())

    def logged(self):
        self.log.seek(0)
        return self.log.read()

    def do(self, command):
        self.p.stdin.write(command + "\n")
        line = self.p.stdout.readline().split()
        return dict((k, int(v)) for k, v in (w.split("=") for w in line[1:] if "=" in w))

    def counters(self):
        return self.do("status")

    def stop(self):
        if self.p.poll() is None:
            self.p.stdin.write("stop\n")
        rc = self.p.wait(20)
        self.p.stdin.close()
        self.p.stdout.close()
        return rc

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.p.poll() is None:
            rc = self.stop()
            check(rc == 0, "driver ends with %d: %s" % (rc, self.logged()[-2000:]))


class Client:
    def __init__(self, path, hello=True, rcvbuf=0):
        self.s = socket.socket(socket.AF_UNIX)
        if rcvbuf:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.s.settimeout(15)
        self.s.connect(path)
        self.buf = b""
        self.id = 0
        self.hello = self.next() if hello else None

    def next(self):
        while b"\n" not in self.buf:
            try:
                got = self.s.recv(1 << 16)
            except ConnectionResetError:
                got = b""
            if not got:
                return None
            self.buf += got
        line, self.buf = self.buf.split(b"\n", 1)
        return json.loads(line)

    def send(self, data):
        self.s.sendall(data if isinstance(data, bytes) else data.encode())

    def raw(self, line):
        self.send(line + (b"\n" if isinstance(line, bytes) else "\n"))
        return self.next()

    def call(self, method, **params):
        self.id += 1
        req = {"jsonrpc": "2.0", "id": self.id, "method": method}
        if params:
            req["params"] = params
        self.send(json.dumps(req) + "\n")
        while True:
            r = self.next()
            if r is None or r.get("id") == self.id:
                return r

    def ok(self, method, **params):
        r = self.call(method, **params)
        if "result" not in r:
            raise AssertionError(r)
        return r["result"]

    def code(self, method, **params):
        return self.call(method, **params).get("error", {}).get("code")

    def rest(self):
        out = []
        while (m := self.next()) is not None:
            out.append(m)
        return out

    def quiet(self, seconds=0.3):
        """True when nothing arrives."""
        self.s.settimeout(seconds)
        try:
            return not self.buf and self.s.recv(1, socket.MSG_PEEK) == b"never"
        except (TimeoutError, socket.timeout):
            return True
        finally:
            self.s.settimeout(15)


def test_hello_and_status():
    with Server(epoch=7) as s:
        c = Client(s.sock)
        h = c.hello
        check(h["jsonrpc"] == "2.0" and h["method"] == "hello" and "id" not in h, h)
        p = h["params"]
        check(p["service"] == "cascaded" and p["proto"] == 1 and p["epoch"] == 7, p)
        check(p["last_seq"] == 7 << 32 and p["first_seq"] == p["last_seq"] + 1, p)
        check(p["role"] == "admin" and p["limits"]["request_bytes"] == 65536, p)
        s.do("tick 4")
        st = c.ok("status")
        check(len(st["feeds"]) >= 2 and all(f["state"] == "idle" for f in st["feeds"]), st["feeds"])
        check(st["alerts"]["firing"] == 2 and st["alerts"]["firing_by_severity"] == {"info": 1, "warning": 1, "critical": 0}, st["alerts"])
        check(st["channels"]["down"] > 0 and st["store"] is None and st["universe"]["ranked"] is False, st["channels"])
        check({"binance", "hyperliquid"} <= set(st["market"]), st["market"].keys())
        check(st["uptime_s"] == 4 and st["engine"]["ticks"] == 4, st["uptime_s"])
        mode = stat.S_IMODE(os.stat(s.sock).st_mode)
        check(mode == 0o660, oct(mode))
        one = subprocess.run("printf '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\\n' | nc -U -N %s | "
                             "jq -e 'select(.id==1).result.feeds|length>0'" % s.sock, shell=True, capture_output=True,
                             text=True, timeout=20)
        check(one.returncode == 0 and one.stdout == "true\n", one)


BAD = [
    (b'{"jsonrpc":"2.0","id":1,"method":"status"', -32700, None),
    (b"hello", -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"status"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', -32700, None),
    (b'{"jsonrpc":"2.0","id":1,"method":"a\\u0000b"}', -32700, None),
    (b"\x00\x01\x02", -32700, None),
    (b"[" * 5000, -32700, None),
    (b'{"jsonrpc":"2.0","id":1e999,"method":"status"}', -32700, None),
    (b'[{"jsonrpc":"2.0","id":1,"method":"status"}]', -32600, None),
    (b"[]", -32600, None),
    (b"17", -32600, None),
    (b'"status"', -32600, None),
    (b"null", -32600, None),
    (b"{}", -32600, None),
    (b'{"id":3,"method":"status"}', -32600, 3),
    (b'{"jsonrpc":"1.0","id":3,"method":"status"}', -32600, 3),
    (b'{"jsonrpc":2.0,"id":"x","method":"status"}', -32600, "x"),
    (b'{"jsonrpc":"2.0","id":{"a":1},"method":"status"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":[1],"method":"status"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":true,"method":"status"}', -32600, None),
    (b'{"jsonrpc":"2.0","id":4,"method":7}', -32600, 4),
    (b'{"jsonrpc":"2.0","id":4}', -32600, 4),
    (b'{"jsonrpc":"2.0","id":4,"result":{}}', -32600, 4),
    (b'{"jsonrpc":"2.0","id":5,"method":"nope"}', -32601, 5),
    (b'{"jsonrpc":"2.0","id":5,"method":""}', -32601, 5),
    (b'{"jsonrpc":"2.0","id":6,"method":"status","params":[]}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"status","params":"x"}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"status","params":{"x":1}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"reload","params":{"force":true}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.get"}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.get","params":{"id":17}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"venues":["nowhere"]}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"venues":[]}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"venues":"binance"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"venues":[1]}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"severity_floor":"none"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.list","params":{"severity_floor":"loud"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.subscribe","params":{"after":-1}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.subscribe","params":{"after":1.5}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"alerts.subscribe","params":{"after":4294967301}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.get","params":{"names":["oi_us"]}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.get","params":{"names":["m_feed.oi_usd"]}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.get","params":{"table":"m_none"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.get","params":{"asset":"NOSUCH"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.get","params":{"table":"m_asset","venue":"binance"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"metrics.subscribe","params":{"period_s":0}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"feeds.list","params":{"state":"bad"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":6,"method":"instruments.list","params":{"tracked":"maybe"}}', -32602, 6),
    (b'{"jsonrpc":"2.0","id":7,"method":"alerts.get","params":{"id":"999"}}', -32001, 7),
    (b'{"jsonrpc":"2.0","id":7,"method":"alerts.get","params":{"id":"-1"}}', -32001, 7),
    (b'{"jsonrpc":"2.0","id":7,"method":"alerts.get","params":{"id":"99999999999999999999999"}}', -32001, 7),
    (b'{"jsonrpc":"2.0","id":7,"method":"alerts.ack","params":{"id":""}}', -32001, 7),
    (b'{"jsonrpc":"2.0","id":7,"method":"alerts.unsubscribe","params":{"subscription":"1"}}', -32001, 7),
]


def test_bad_requests():
    with Server() as s:
        c = Client(s.sock)
        for line, code, rid in BAD:
            r = c.raw(line)
            check(r is not None and r.get("error", {}).get("code") == code and r.get("id") == rid,
                  "%r gives %r" % (line[:120], r))
        check(s.counters()["subscribers"] == 0, "a refused subscription leaves none")
        c.send("\n  \r\n")
        for rid in (1, -5, "a\"b\\", None, 1.25):
            r = c.raw(json.dumps({"jsonrpc": "2.0", "id": rid, "method": "rules.list"}))
            check(r.get("id") == rid and "result" in r, "id %r comes back as %r" % (rid, r.get("id")))
        check(c.ok("rules.list")["rules"][0]["levels"][0] == {"severity": "warning", "raise": 1, "clear": 0, "for_s": 2},
              "the server lives, rules are listed")


def test_notifications_are_silent():
    with Server() as s:
        c = Client(s.sock)
        s.do("tick 4")
        alert = c.ok("alerts.list")["alerts"][0]
        c.send('{"jsonrpc":"2.0","method":"status"}\n{"jsonrpc":"2.0","method":"nope"}\n'
               '{"jsonrpc":"2.0","method":"status","params":[]}\n')
        c.send('{"jsonrpc":"2.0","method":"alerts.ack","params":{"id":"%s"}}\n' % alert["id"])
        check(c.quiet(), "nothing is answered to requests without id")
        check(c.ok("alerts.get", id=alert["id"])["alert"]["acked"] is True, "but they are executed")


def test_half_close():
    with Server() as s:
        c = Client(s.sock)
        n = 500
        c.send("".join('{"jsonrpc":"2.0","id":%d,"method":"rpc.discover"}\n' % i for i in range(n)))
        c.send('{"jsonrpc":"2.0","id":"last","method":"rules.list"}')  # no newline
        c.s.shutdown(socket.SHUT_WR)
        ids = [m["id"] for m in c.rest()]
        check(ids == list(range(n)) + ["last"], "all answered in order before the end: %d" % len(ids))
        c = Client(s.sock)
        c.s.shutdown(socket.SHUT_WR)
        check(c.rest() == [], "an idle client that closes its half is closed")
        time.sleep(0.2)
        check(s.counters()["clients"] == 0, "no client is left")


def test_pipelining_without_reading():
    """5,000 requests are sent before one answer is read: nothing is lost, the server's memory is bounded."""
    with Server(client_soft_kb=16, client_hard_kb=64) as s:
        c = Client(s.sock)
        n, sent = 5000, 0
        data = "".join('{"jsonrpc":"2.0","id":%d,"method":"rules.list"}\n' % i for i in range(n)).encode()
        c.s.setblocking(False)
        got = b""
        end = time.time() + 60
        stalled = 0
        while sent < len(data) and time.time() < end:
            try:
                sent += c.s.send(data[sent:sent + 65536])
                stalled = 0
            except BlockingIOError:
                stalled += 1
                if stalled < 20:
                    time.sleep(0.01)
                else:
                    try:
                        got += c.s.recv(1 << 16)
                    except BlockingIOError:
                        pass
        check(sent == len(data), "everything is taken in the end")
        c.s.setblocking(True)
        c.s.settimeout(15)
        c.buf += got
        c.s.shutdown(socket.SHUT_WR)
        ids = [m["id"] for m in c.rest()]
        check(ids == list(range(n)), "all %d answered in order: %d" % (n, len(ids)))
        check(s.counters()["slow"] == 0, "it was made to wait, not thrown out")


def test_long_lines():
    with Server(request_max_kb=1) as s:
        c = Client(s.sock)
        pad = 1024 - len('{"jsonrpc":"2.0","id":1,"method":"rules.list"}')
        check("result" in c.raw('{"jsonrpc":"2.0","id":1,"method":"rules.list"}' + " " * pad), "1024 bytes are taken")
        c.send("x" * 5000)
        m = c.next()
        check(m["error"]["code"] == -32600 and "longer than 1024" in m["error"]["message"], m)
        s.do("tick 3")
        check(c.next() is None, "then the connection ends")
        check("result" in Client(s.sock).raw('{"jsonrpc":"2.0","id":1,"method":"rules.list"}'), "others are served")


def test_streams():
    with Server(epoch=3) as s:
        a = Client(s.sock)
        sub = a.ok("alerts.subscribe")
        check(sub["gap"] is None and sub["snapshot"] == [] and sub["seq"] == 3 << 32, sub)
        s.do("tick 4")
        first = [a.next()["params"] for _ in range(3)]
        check([p["seq"] & 0xffffffff for p in first] == [1, 2, 3], first)
        check(first[0]["prev"] == sub["seq"] and all(q["prev"] == p["seq"] for p, q in zip(first, first[1:])), first)
        check([p["state"] for p in first if p["rule"] == "down"] == ["pending", "firing"], first)
        check(all("skipped" not in p for p in first), first)
        b = Client(s.sock)
        r = b.ok("alerts.subscribe", after=first[0]["seq"])
        check(r["gap"] is None and "snapshot" not in r, r)
        again = [b.next()["params"] for _ in range(2)]
        check([p["seq"] for p in again] == [p["seq"] for p in first[1:]], again)
        f = Client(s.sock)
        r = f.ok("alerts.subscribe", after=sub["seq"], severity_floor="warning")
        p = f.next()["params"]
        check(p["rule"] == "down" and p["state"] == "firing" and p["seq"] > sub["seq"] + 1, p)
        check(p["prev"] == sub["seq"], "what the filter hid is accounted for by prev")
        g = Client(s.sock)
        r = g.ok("alerts.subscribe", rules=["waiting"])
        check([x["rule"] for x in r["snapshot"]] == ["waiting"], r)
        g2 = g.ok("alerts.subscribe", venues=["binance"])
        check(g2["subscription"] == "2" and g2["snapshot"] == [], g2)
        for seq in ((2 << 32) + 5, (4 << 32) + 1, (9 << 32) + 2):  # of an earlier life, of another daemon
            other = Client(s.sock).ok("alerts.subscribe", after=seq)
            check(other["gap"]["after"] == seq and len(other["snapshot"]) == 2, other)
            check(other["seq"] == first[-1]["seq"] and other["gap"]["first_seq"] >> 32 == 3, other)
        check(Client(s.sock).code("alerts.subscribe", after=first[-1]["seq"] + 1) == -32602, "beyond the own last seq")
        check(b.ok("alerts.unsubscribe", subscription="1") == {"subscription": "1"}, "unsubscribe")
        check(b.code("alerts.unsubscribe", subscription="1") == -32001, "only once")
        s.do("burst 1 1")
        check(b.quiet(), "nothing comes after unsubscribe")
        m = a.next()
        check(m["method"] == "alert" and m["params"]["seq"] & 0xffffffff == 4, m)


def test_heartbeats():
    with Server() as s:
        c = Client(s.sock)
        s.do("tick 4")
        seq = c.ok("alerts.subscribe", rules=["nothing"])["seq"]
        s.do("tick 4")
        check(c.quiet(), "no heartbeat within 5 s")
        s.do("tick 1")
        m = c.next()
        check(m["method"] == "heartbeat" and m["params"]["seq"] == seq, m)
        s.do("tick 5")
        check(c.next()["method"] == "heartbeat", "and again")
        s.do("burst 3 3")  # transitions that the filter hides move the cursor of the heartbeat
        s.do("tick 5")
        m = c.next()
        check(m["params"]["seq"] == seq + 3, m)


def read_stream(c, last):
    """Reads until the transition n = last; returns (told, skipped, chain is whole, last by id)."""
    told = skipped = 0
    whole, prev, state = True, None, {}
    while True:
        m = c.next()
        if m is None:
            return told, skipped, whole, state
        if m["method"] not in ("alert", "gap"):
            continue
        p = m["params"]
        whole = whole and (prev is None or p["prev"] == prev)
        prev = p["seq"]
        if m["method"] == "alert":
            told += 1
            skipped += p.get("skipped", 0)
            state[p["id"]] = p["value"]
        if p["seq"] & 0xffffffff >= last:
            return told, skipped, whole, state


def test_slow_consumer():
    with Server(client_soft_kb=32, client_hard_kb=2048, history_alerts=100000) as s:
        slow, fast = Client(s.sock), Client(s.sock)
        slow.ok("alerts.subscribe")
        fast.ok("alerts.subscribe")
        total, ids = 20000, 5
        got = []
        for i in range(total // 100):
            s.do("burst 100 %d" % ids)
            got.append(read_stream(fast, i * 100 + 100)[:3])
        check(got == [(100, 0, True)] * (total // 100), "the fast client misses nothing: %r" % set(got))
        told, skipped, whole, state = read_stream(slow, total)
        check(told + skipped == total and 0 < told < total / 2, "told %d skipped %d" % (told, skipped))
        check(whole, "the chain of prev is whole")
        check(sorted(state.values()) == [95, 96, 97, 98, 99], "the latest state of each: %r" % state)
        st = s.counters()
        check(st["slow"] == 0 and st["coalesced"] >= skipped, st)


def test_slow_client_beyond_the_ring():
    with Server(client_soft_kb=16, client_hard_kb=1024, history_alerts=64) as s:
        c = Client(s.sock)
        c.ok("alerts.subscribe")
        s.do("burst 5000 5000")
        told, skipped, whole, state = read_stream(c, 5000)
        check(whole and told < 5000, "a gap, and the chain is whole: %d" % told)
        r = Client(s.sock).ok("alerts.subscribe", after=(1 << 32) + 10)
        check(r["gap"] is not None and r["gap"]["first_seq"] == (1 << 32) + 5000 - 63, r["gap"])


def test_closed_as_slow():
    with Server(client_soft_kb=16, client_hard_kb=64, history_alerts=100000) as s:
        c, other = Client(s.sock), Client(s.sock)
        c.ok("alerts.subscribe")
        s.do("burst 3000 3000")
        time.sleep(0.3)
        s.do("tick 1")
        check(s.counters()["slow"] == 1, "owed more than the hard limit: closed")
        check("slow" in s.logged(), "and logged with the reason")
        check("result" in other.call("rules.list"), "others are served")
    with Server(client_soft_kb=16, client_hard_kb=1024, history_alerts=100000) as s:
        c = Client(s.sock)
        c.ok("alerts.subscribe")
        s.do("burst 1500 1500")
        time.sleep(0.3)
        s.do("tick 29")
        check(s.counters()["slow"] == 0, "29 s are not half a minute")
        s.do("tick 2")
        check(s.counters()["slow"] == 1, "nothing read for half a minute: closed")


def test_client_max():
    with Server(client_max=2) as s:
        a, b = Client(s.sock), Client(s.sock)
        m = Client(s.sock, hello=False)
        check(m.next() == {"jsonrpc": "2.0", "method": "bye", "params": {"reason": "client_max"}}, "told why")
        check(m.next() is None, "and closed")
        b.s.close()
        time.sleep(0.2)
        d = Client(s.sock)
        check(d.hello["method"] == "hello", "room again")
        check(s.counters()["refused"] == 1 and a.ok("status")["socket"]["clients"] == 2, "counted")


def test_who_listens():
    with Server() as s:
        other = Server(dir=s.dir, expect=1)
        check(other.p.wait(10) == 1 and "another cascaded answers on" in other.logged(), other.logged())
        check(Client(s.sock).hello is not None, "the first one still answers")
        s.p.kill()
        s.p.wait()
        check(os.path.exists(s.sock), "a stale socket is left")
        with Server(dir=s.dir, socket_mode="0600") as again:
            check(Client(again.sock).hello is not None, "it is replaced")
            check(stat.S_IMODE(os.stat(again.sock).st_mode) == 0o600, "socket_mode")
        check(not os.path.exists(s.sock), "removed at the end")
        with open(s.sock, "w") as f:
            f.write("not a socket")
        bad = Server(dir=s.dir, expect=1)
        check(bad.p.wait(10) == 1 and "is not a socket" in bad.logged(), bad.logged())
        check(open(s.sock).read() == "not a socket", "and left alone")
        long = Server(expect=1, socket_path="x" * 120)
        check(long.p.wait(10) == 1 and "1 to 107 bytes" in long.logged(), long.logged())
        gone = Server(expect=1, socket_path="no/such/folder/s.sock")
        check(gone.p.wait(10) == 1 and "No such file" in gone.logged(), gone.logged())


def test_socket_activation():
    d = tempfile.mkdtemp(dir=top)
    path = os.path.join(d, "passed.sock")
    with socket.socket(socket.AF_UNIX) as l:
        l.bind(path)
        l.listen(8)
        early = Client(path, hello=False)  # queued before the server runs
        early.send('{"jsonrpc":"2.0","id":1,"method":"rules.list"}\n')
        wrap = ["sh", "-c", 'exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' % l.fileno(), "sh"]
        s = Server(wrap=wrap, pass_fds=(l.fileno(),))
        check(early.next()["method"] == "hello" and early.next()["id"] == 1, "clients queue during a start")
        check(not os.path.exists(s.sock), "no socket of its own")
        s.stop()
        check(os.path.exists(path), "the passed socket is not removed")
        late = Client(path, hello=False)
        check(late is not None, "and still takes connections for the next start")


def as_user(uid, groups, code):
    """Runs code(client) in a child with that user and groups; returns what it returns."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups(groups)
            os.setgid(65534)
            os.setuid(uid)
            os.write(w, json.dumps(code()).encode())
        except BaseException as e:
            os.write(w, json.dumps(repr(e)).encode())
        os._exit(0)
    os.close(w)
    with os.fdopen(r) as f:
        out = json.load(f)
    os.waitpid(pid, 0)
    return out


def test_roles():
    if os.getuid() != 0:  # only root can show other users: the own user is admin
        with Server() as s:
            check(Client(s.sock).hello["params"]["role"] == "admin", "own user")
        return
    desk, admin = grp.getgrnam("games"), grp.getgrnam("tty")
    with Server(socket_mode="0666", desk_group="games", admin_group="tty", socket_group="games") as s:
        os.chmod(s.dir, 0o755)
        s.do("tick 4")
        aid = Client(s.sock).ok("alerts.list")["alerts"][0]["id"]

        def look():
            c = Client(s.sock)
            time.sleep(0.2)  # the name is looked up in the background
            ack = c.call("alerts.ack", id=aid, comment="seen")
            return [c.hello["params"]["role"], ack.get("result", ack.get("error")), c.call("reload").get("error"),
                    c.call("status").get("error")]

        role, ack, reload, status = as_user(65534, [], look)
        check(role == "observer" and ack["code"] == -32002 and reload["code"] == -32002 and status is None, (role, ack))
        role, ack, reload, status = as_user(65534, [desk.gr_gid], look)
        check(role == "desk" and ack["acked"] is True and ack["by"] == "nobody", (role, ack))
        check(reload["code"] == -32002 and "needs role admin" in reload["message"], reload)
        role, ack, reload, status = as_user(65534, [admin.gr_gid], look)
        check(role == "admin" and ack["code"] == -32003 and reload is None, (role, ack, reload))
        check(os.stat(s.sock).st_gid == desk.gr_gid, "socket_group")


def test_ack_and_explain():
    with Server() as s:
        c = Client(s.sock)
        sub = Client(s.sock)
        s.do("tick 1")
        by_rule = {a["rule"]: a for a in c.ok("alerts.list")["alerts"]}
        check(by_rule["down"]["state"] == "pending" and c.code("alerts.ack", id=by_rule["down"]["id"]) == -32003,
              "pending is not acknowledged")
        s.do("tick 4")
        sub.ok("alerts.subscribe")
        r = c.ok("alerts.get", id=by_rule["down"]["id"])
        check(r["rule"]["name"] == "down" and r["rule"]["levels"][0]["raise"] == 1, r["rule"])
        one = r["inputs"][0]
        check(one["metric"] == "feeds_down" and one["value"] == r["alert"]["value"] and one["unit"] == "1" and
              one["quality"] == "measured" and one["reason"] is None, one)
        check(r["alert"]["threshold"] == 1 and r["alert"]["summary"].endswith("channels down"), r["alert"])
        check(c.ok("alerts.ack", id=by_rule["down"]["id"])["acked"] is True, "acknowledged")
        m = sub.next()["params"]
        check(m["acked"] is True and m["cause"] == "desk" and m["ack_by"] == r_who(), m)
        check(c.code("alerts.ack", id=by_rule["down"]["id"]) == -32003, "once")
        check(c.code("alerts.ack", id=by_rule["waiting"]["id"], comment="x" * 300) == -32602, "comment length")


def r_who():
    import pwd
    return pwd.getpwuid(os.getuid()).pw_name


def test_reload():
    with Server() as s:
        c = Client(s.sock)
        s.do("fail /etc/c.conf:7: log_levl: unknown key")
        r = c.call("reload")
        check(r["error"]["code"] == -32005 and r["error"]["message"].endswith("unknown key") and
              r["error"]["data"]["name"] == "refused", r)
        s.do("fail")
        check(c.ok("reload") == {"reloaded": True}, "works again")


def test_metrics():
    with Server() as s:
        c = Client(s.sock)
        s.do("tick 4")
        r = c.ok("metrics.get", table="m_process")
        row = r["rows"][0]
        check(len(r["rows"]) == 1 and row["values"]["feeds_down"] > 0 and
              row["unknown"] == {k: "not_tracked" for k, v in row["values"].items() if v is None}, r)
        check({m["name"] for m in r["metrics"]} == set(row["values"]), r["metrics"])
        r = c.ok("metrics.get", names=["m_feed.feed_age_s"])
        check(len(r["rows"]) > 3 and all(x["values"] == {"feed_age_s": None} and x["unknown"]["feed_age_s"] for x in r["rows"]),
              r["rows"][0])
        check(all(x["channel"] and x["venue"] for x in r["rows"]), "feeds are named")
        r2 = c.ok("metrics.get", names=["feed_age_s", "feeds_down"], venue="hyperliquid")
        check({x["venue"] for x in r2["rows"]} == {"hyperliquid"}, r2)
        sub = c.ok("metrics.subscribe", names=["feeds_down"], period_s=2)
        s.do("tick 1")
        m = c.next()
        check(m["method"] == "metrics" and m["params"]["rows"][0]["values"]["feeds_down"] > 0, m)
        s.do("tick 1")
        check(c.quiet(), "period")
        s.do("tick 1")
        check(c.next()["method"] == "metrics", "each 2 s")
        for i in range(7):
            check("result" in c.call("metrics.subscribe", names=["feeds_down"]), "subscription %d" % i)
        check(c.code("metrics.subscribe", names=["feeds_down"]) == -32007, "at most 8")
        check(c.ok("metrics.unsubscribe", subscription=sub["subscription"]), "unsubscribe")


def test_discover():
    with Server() as s:
        c = Client(s.sock)
        d = c.ok("rpc.discover")
        names = [m["name"] for m in d["methods"]]
        want = "status feeds.list instruments.list metrics.get alerts.list alerts.subscribe rules.list rpc.discover".split()
        check(set(want) <= set(names) and len(names) == len(set(names)), names)
        for m in d["methods"]:
            params = {p["name"] for p in m["params"]}
            check("xyz" not in params and c.code(m["name"], xyz=1) == -32602, m["name"])
            for p in m["params"]:
                r = c.call(m["name"], **{p["name"]: {"never": "this type"}})
                check(r["error"]["code"] == -32602 and p["name"] in r["error"]["message"], r)
        codes = [e["code"] for e in d["errors"]]
        check(len(codes) == len(set(codes)) and -32602 in codes, codes)


def test_garbage():
    """Mutated requests from three clients at once: the server lives and every line is answered or silent."""
    rng = random.Random(5)
    with Server() as s:
        s.do("tick 4")
        clients = [Client(s.sock) for _ in range(3)]
        for _ in range(400):
            line = bytearray(rng.choice(BAD)[0][:300] or b"x")
            for _ in range(rng.randrange(4)):
                line[rng.randrange(len(line))] = rng.choice(b'{}[]",:\\0x\xff\x00 \r')
            rng.choice(clients).send(bytes(line).replace(b"\n", b" ") + b"\n")
        for c in clients:
            check(c.ok("rules.list") is not None, "alive")
            c.s.close()
        time.sleep(0.2)
        check(s.counters()["clients"] == 0, "all gone")


def test_stop():
    s = Server()
    c = Client(s.sock)
    c.ok("alerts.subscribe")
    check(s.stop() == 0, "an orderly stop closes every handle: " + s.logged())
    check(c.next() == {"jsonrpc": "2.0", "method": "bye", "params": {"reason": "stopping"}} and c.next() is None, "bye")
    check(not os.path.exists(s.sock), "the socket is gone")


def ctl(sock, *args, env=None, **kw):
    e = dict(os.environ, **(env or {}))
    return subprocess.run([CTL, "--socket", sock] + list(args), capture_output=True, text=True, timeout=60, env=e, **kw)


def test_ctl():
    with Server() as s:
        check(ctl(s.sock, "alerts").returncode == 0 and ctl(s.sock, "status").returncode == 0, "nothing fires: 0")
        s.do("tick 4")
        check(ctl(s.sock, "alerts").returncode == 1 and ctl(s.sock, "status").returncode == 1, "a warning fires: 1")
        check(ctl(s.sock, "alerts", "--floor", "critical").returncode == 0, "below the floor: 0")
        check(ctl(s.sock, "--floor", "info", "alerts").returncode == 1, "at the floor: 1")
        for args in (["status"], ["alerts"], ["feeds", "--all"], ["rules"], ["metrics"], ["instruments"],
                     ["metrics", "--table", "m_process"], ["metrics", "--names", "feed_age_s"]):
            r = ctl(s.sock, *args)
            check(r.stdout and all(len(l) <= 80 for l in r.stdout.splitlines()), "%r: %s" % (args, r.stdout))
            check("\033" not in r.stdout, "no colour into a pipe")
            j = ctl(s.sock, "--json", *args)
            check(all(isinstance(json.loads(l), dict) for l in j.stdout.splitlines()), "%r --json" % args)
            check(j.returncode == r.returncode, "%r: the same status with --json" % args)
        aid = json.loads(ctl(s.sock, "--json", "alerts", "--floor", "warning").stdout)["id"]
        r = ctl(s.sock, "explain", aid)
        check(r.returncode == 0 and "raise 1 clear 0 for 2 s" in r.stdout and "feeds_down" in r.stdout, r.stdout)
        check(ctl(s.sock, "ack", aid, "--comment", "on it").returncode == 0, "ack")
        check(ctl(s.sock, "ack", aid).returncode == 4 and ctl(s.sock, "explain", "77").returncode == 4, "server says no: 4")
        check(json.loads(ctl(s.sock, "rpc", "alerts.get", '{"id":"%s"}' % aid).stdout)["alert"]["acked"] is True, "rpc")
        check(ctl(s.sock, "rpc", "status", "{bad").returncode == 2, "bad params: 2")
        check(ctl(s.sock, "rpc", "status", '{"a":1}').returncode == 4, "refused params: 4")
        s.do("fail no good")
        r = ctl(s.sock, "reload")
        check(r.returncode == 4 and "no good" in r.stderr, r)
        for args in ([], ["nope"], ["explain"], ["explain", "1", "2"], ["--floor", "loud", "alerts"], ["--bogus"],
                     ["watch", "--after", "x"], ["wait-live", "--timeout", "-1"]):
            check(ctl(s.sock, *args).returncode == 2, "%r is usage" % args)
        check(ctl(s.sock, "--version").stdout.startswith("cascadectl ") and ctl(s.sock, "--help").returncode == 0, "help")
        r = ctl(s.sock, "wait-live", "--timeout", "1")
        check(r.returncode == 1 and "waiting for link binance/-" in r.stderr and "first ranking" in r.stderr, r)
    check(ctl(s.sock, "status").returncode == 3, "nobody there: 3")
    t0 = time.time()
    r = ctl(s.sock, "wait-live", "--timeout", "1")
    check(r.returncode == 3 and "to answer" in r.stderr and time.time() - t0 < 10, r)


def test_ctl_watch():
    with Server() as s:
        p = subprocess.Popen([CTL, "--socket", s.sock, "watch"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        check(p.stdout.readline() == "no alerts\n", "the state first")
        s.do("tick 4")
        lines = [p.stdout.readline() for _ in range(6)]
        check(any("warning" in l and "firing" in l and "down" in l for l in lines), lines)
        check(all(len(l) <= 81 for l in lines), lines)
        s.stop()
        out, err = p.communicate(timeout=20)
        check(p.returncode == 3 and "--after" in err, (p.returncode, err))
        seq = int(err.split()[-1])
        with Server(dir=s.dir, epoch=2) as t:
            j = subprocess.Popen([CTL, "--socket", t.sock, "--json", "watch", "--after", str(seq)],
                                 stdout=subprocess.PIPE, text=True)
            first = json.loads(j.stdout.readline())
            check(first["gap"]["after"] == seq and first["snapshot"] == [], first)
            j.send_signal(signal.SIGINT)
            j.wait(10)
            j.stdout.close()


for name, test in list(globals().items()):
    if name.startswith("test_") and (len(sys.argv) < 2 or sys.argv[1] in name):
        t0 = time.time()
        try:
            test()
        except Exception as e:
            import traceback
            traceback.print_exc()
            check(False, "%s: %r" % (name, e))
        print("%-36s %5.1f s" % (name, time.time() - t0), flush=True)
print("%d passed, %d failed" % (passed, failed))
sys.exit(1 if failed else 0)
