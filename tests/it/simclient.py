"""A websocket and REST client of the simulator's fake venues, written on ssl and socket alone, so that the
simulator is judged by something that shares no code with it or with the daemon."""
import base64, hashlib, http.client, json, os, signal, socket, ssl, struct, subprocess, time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Ws:
    def __init__(self, port, path, ca, timeout=10):
        ctx = ssl.create_default_context(cafile=ca)
        raw = socket.create_connection(("127.0.0.1", port), timeout)
        self.s = ctx.wrap_socket(raw, server_hostname="localhost")
        self.buf, self.pings = b"", 0
        key = base64.b64encode(os.urandom(16))
        self.s.sendall(("GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % (path, key.decode())).encode())
        while b"\r\n\r\n" not in self.buf:
            d = self.s.recv(65536)
            if not d:
                raise ConnectionError("closed in the handshake")
            self.buf += d
        head, self.buf = self.buf.split(b"\r\n\r\n", 1)
        self.status = int(head.split()[1])
        if self.status != 101:
            raise ConnectionError("upgrade refused: %d" % self.status)
        want = base64.b64encode(hashlib.sha1(key + GUID).digest())
        assert want in head, head

    def send(self, obj):
        data = obj if isinstance(obj, bytes) else json.dumps(obj).encode()
        mask = os.urandom(4)
        n = len(data)
        head = struct.pack("!BB", 0x81, 0x80 | n) if n < 126 else struct.pack("!BBH", 0x81, 0x80 | 126, n)
        self.s.sendall(head + mask + bytes(b ^ mask[i & 3] for i, b in enumerate(data)))

    def _need(self, n):
        while len(self.buf) < n:
            d = self.s.recv(262144)
            if not d:
                raise ConnectionError("closed")
            self.buf += d

    def raw(self):
        """The next text message as bytes."""
        while True:
            self._need(2)
            op, n, at = self.buf[0] & 15, self.buf[1] & 127, 2
            if n == 126:
                self._need(4)
                n, at = struct.unpack("!H", self.buf[2:4])[0], 4
            elif n == 127:
                self._need(10)
                n, at = struct.unpack("!Q", self.buf[2:10])[0], 10
            self._need(at + n)
            body, self.buf = self.buf[at:at + n], self.buf[at + n:]
            if op == 1:
                return body
            if op == 8:
                raise ConnectionError("close frame")
            self.pings += op == 9

    def recv(self):
        return json.loads(self.raw())

    def collect(self, seconds):
        """Messages of so many seconds, parsed."""
        end, out = time.monotonic() + seconds, []
        while True:
            left = end - time.monotonic()
            if left <= 0:
                self.s.settimeout(10)
                return out
            self.s.settimeout(left)
            try:
                out.append(self.recv())
            except (TimeoutError, ssl.SSLWantReadError):
                pass

    def close(self):
        self.s.close()


def rest(port, ca, path, body=None):
    """(status, headers, text)"""
    c = http.client.HTTPSConnection("localhost", port, timeout=10, context=ssl.create_default_context(cafile=ca))
    try:
        if body is None:
            c.request("GET", path)
        else:
            c.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        r = c.getresponse()
        return r.status, r.headers, r.read().decode()
    finally:
        c.close()


class Sim:
    """A served simulator in a folder of its own: ports by venue, control socket, truth."""

    def __init__(self, program, folder, certs, *args, cert="server"):
        self.dir = folder
        os.mkdir(folder)
        self.truth = os.path.join(folder, "truth")
        self.p = subprocess.Popen([program, "--cert", os.path.join(certs, cert + ".pem"), "--key",
                                   os.path.join(certs, cert + ".key"), "--listen-dir", folder,
                                   "--truth", self.truth] + list(args), stderr=subprocess.DEVNULL)
        ports, end = os.path.join(folder, "ports.json"), time.monotonic() + 20
        while not os.path.exists(ports):
            if self.p.poll() is not None or time.monotonic() > end:
                raise RuntimeError("cascade-sim did not start")
            time.sleep(0.02)
        with open(ports) as f:
            self.ports = json.load(f)

    def tell(self, text):
        s = socket.socket(socket.AF_UNIX)
        s.connect(os.path.join(self.dir, "control.sock"))
        s.sendall(text.encode() + b"\n")
        out = b""
        while not out.endswith(b"\n"):
            out += s.recv(4096)
        s.close()
        return out.decode().strip()

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        return self.p.wait(10)

    def lines(self, kind):
        with open(self.truth) as f:
            return [d for d in map(json.loads, f) if d["kind"] == kind]
