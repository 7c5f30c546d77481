"""A small exchange for tests of the connections: websockets and HTTP over TLS on loopback, standard
library only. A test sets the attributes (how to answer an upgrade, a subscription, a request) and
reads what was asked in `log`. It speaks the protocol of the venues in tests/tools/feedprobe.c:
{"op":"sub","args":["depth:S01"],"id":7} -> {"ack":7}, or {"ack":"depth:S01"} when no id came.
"""
import asyncio, base64, hashlib, json, os, ssl, struct, subprocess, time


def certificates(folder):
    """CA, and server certificates: good, expired, for another name, of another CA."""
    def openssl(*args, text=None):
        subprocess.run(["openssl", *args], cwd=folder, input=text, check=True, text=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def authority(name):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out",
                name + ".pem", "-days", "2", "-subj", "/CN=" + name)

    def server(name, ca, host, *days):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out", name + ".csr",
                "-subj", "/CN=" + host)
        with open(os.path.join(folder, name + ".ext"), "w") as f:
            f.write("subjectAltName=DNS:" + host + "\n")
        openssl("x509", "-req", "-in", name + ".csr", "-CA", ca + ".pem", "-CAkey", ca + ".key",
                "-CAcreateserial", "-out", name + ".pem", "-extfile", name + ".ext", *days)

    authority("ca")
    authority("other")
    server("good", "ca", "stream.test", "-days", "2")
    server("wrongname", "ca", "elsewhere.test", "-days", "2")
    server("unknown", "other", "stream.test", "-days", "2")
    server("expired", "ca", "stream.test", "-days", "0")  # valid for no time at all
    return folder


class Peer:
    """One websocket connection, seen from the server."""

    def __init__(self, venue, reader, writer, number):
        self.venue, self.reader, self.writer, self.number = venue, reader, writer, number
        self.names = set()
        self.closed = False

    def frame(self, op, payload=b"", fin=True):
        n = len(payload)
        head = bytes([(0x80 if fin else 0) | op])
        head += bytes([n]) if n < 126 else (b"\x7e" + struct.pack(">H", n) if n < 65536
                                            else b"\x7f" + struct.pack(">Q", n))
        if not self.closed:
            self.writer.write(head + payload)

    def text(self, s):
        self.frame(1, s.encode() if isinstance(s, str) else s)

    def say(self, obj):
        self.text(json.dumps(obj, separators=(",", ":")))

    def close(self, code=None, reason=""):
        self.frame(8, b"" if code is None else struct.pack(">H", code) + reason.encode())

    def abort(self):
        self.closed = True
        self.writer.transport.abort()

    async def read_frame(self):
        b0, b1 = await self.reader.readexactly(2)
        n = b1 & 127
        if n >= 126:
            n = int.from_bytes(await self.reader.readexactly(2 if n == 126 else 8), "big")
        mask = await self.reader.readexactly(4) if b1 & 128 else b"\0\0\0\0"
        data = bytearray(await self.reader.readexactly(n))
        for i in range(n):
            data[i] ^= mask[i & 3]
        return b0 & 15, bytes(data)


class FakeVenue:
    def __init__(self, folder=None, cert="good"):
        self.folder, self.cert = folder, cert
        self.t0 = time.monotonic()
        self.log = []            # (seconds, what, detail)
        self.peers = []
        self.accept = True       # False: the TCP connection is taken and nothing is ever said
        self.upgrade = 101       # an HTTP status, or None: never answered
        self.greeting = None
        self.answer = None       # fn(peer, names, msg_id, nth) -> what to say, None: at once an ack
        self.answer_pings = True
        self.data_every = 0.1    # seconds between data texts to each subscribed connection
        self.on_up = None        # coroutine(peer)
        self.deaf = False        # neither reads nor writes once up
        self.rest = None         # coroutine(method, path, body, writer) or None: 404
        self.tasks = set()

    def note(self, what, detail=None):
        self.log.append((time.monotonic() - self.t0, what, detail))

    def times(self, what):
        return [t for t, w, _ in self.log if w == what]

    def details(self, what):
        return [d for _, w, d in self.log if w == what]

    async def start(self):
        ctx = None
        if self.folder:
            ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ctx.load_cert_chain(os.path.join(self.folder, self.cert + ".pem"),
                                os.path.join(self.folder, self.cert + ".key"))
        if not self.accept:
            ctx = None
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=ctx)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self.server.close()
        for t in list(self.tasks):
            t.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            await self.converse(reader, writer)
        except (asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError,
                asyncio.LimitOverrunError, ssl.SSLError, OSError):
            pass
        finally:
            self.tasks.discard(task)
            writer.close()

    async def converse(self, reader, writer):
        self.note("tcp")
        if not self.accept:
            await self.hold(reader)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        fields = {k.strip().lower(): v.strip() for k, _, v in (h.partition(":") for h in head[1:] if h)}
        if fields.get("upgrade", "").lower() == "websocket":
            self.note("upgrade", fields)
            await self.websocket(reader, writer, fields)
            return
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        self.note("request", (method, path, body, fields))
        if self.rest:
            await self.rest(method, path, body, writer)
        else:
            reply(writer, 404, "no such thing")
        await writer.drain()

    @staticmethod
    async def hold(reader):
        """Says nothing for as long as the other side stays."""
        while await reader.read(65536):
            pass
        raise ConnectionError

    async def websocket(self, reader, writer, fields):
        if self.upgrade is None:
            await self.hold(reader)
        if self.upgrade != 101:
            reply(writer, self.upgrade, "refused")
            await writer.drain()
            return
        key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        writer.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Accept: %s\r\n\r\n" % accept).encode())
        peer = Peer(self, reader, writer, len(self.peers))
        self.peers.append(peer)
        self.note("up", peer.number)
        if self.greeting:
            peer.text(self.greeting)
        if self.deaf:
            await self.hold(reader)
        extra = [asyncio.ensure_future(self.feed(peer))]
        if self.on_up:
            extra.append(asyncio.ensure_future(self.on_up(peer)))
        try:
            await self.listen(peer)
        finally:
            peer.closed = True
            self.note("down", peer.number)
            for t in extra:
                t.cancel()
            await asyncio.gather(*extra, return_exceptions=True)

    async def feed(self, peer):
        n = 0
        while self.data_every:
            await asyncio.sleep(self.data_every)
            if peer.names:
                n += 1
                peer.say({"n": n, "on": peer.number})

    async def listen(self, peer):
        while True:
            op, data = await peer.read_frame()
            if op == 9 and self.answer_pings:
                self.note("rfc ping")
                peer.frame(10, data)
            elif op == 10:
                self.note("pong")
            elif op == 8:
                self.note("close frame", data)
                peer.close(int.from_bytes(data[:2], "big") if len(data) > 1 else None)
                return
            elif op == 1:
                self.take(peer, json.loads(data))

    def take(self, peer, m):
        self.note(m["op"], m)
        if m["op"] == "ping":
            if self.answer_pings:
                peer.say({"pong": 1})
            return
        names = m["args"]
        if m["op"] == "sub":
            peer.names.update(names)
        else:
            peer.names.difference_update(names)
        if self.answer:
            self.answer(peer, m)
        else:
            self.acknowledge(peer, m)

    @staticmethod
    def acknowledge(peer, m):
        for x in [m["id"]] if "id" in m else m["args"]:
            peer.say({"ack": x})

    @staticmethod
    def refuse(peer, m, msg):
        for x in [m["id"]] if "id" in m else m["args"]:
            peer.say({"err": x, "msg": msg})


def reply(writer, status, body, headers=(), chunk=0, length=None):
    body = body.encode() if isinstance(body, str) else body
    head = ["HTTP/1.1 %d X" % status, "Content-Type: application/json", *headers]
    if chunk:
        head.append("Transfer-Encoding: chunked")
    else:
        head.append("Content-Length: %d" % (len(body) if length is None else length))
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    if not chunk:
        writer.write(body)
        return
    for i in range(0, len(body), chunk):
        piece = body[i:i + chunk]
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    writer.write(b"0\r\n\r\n")
