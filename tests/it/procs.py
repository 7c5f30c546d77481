"""Processes that a test or the demo starts: each is known by pid and start time, written to a ledger at
once, ended by its own pid, and never found by name. Also the private PostgreSQL cluster, certificates
and a socket client, because everything that runs the whole daemon needs them."""
import json, os, shutil, signal, socket, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def start_time(pid):
    """Clock ticks since boot at which pid started, or None when there is no such process."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return None if fields[0] == "Z" else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


class Run:
    """One run: a folder under the system's temporary directory, its processes, and how to end them."""

    def __init__(self, name, keep=False):
        self.name, self.keep, self.procs, self.pg = name, keep, [], None
        os.makedirs(os.path.join(ROOT, "var"), exist_ok=True)
        self.ledger = os.path.join(ROOT, "var", name + ".json")
        end_stale(self.ledger)
        self.dir = tempfile.mkdtemp(prefix="cascaded-%s-" % name)
        os.chmod(self.dir, 0o755)
        self.save()

    def save(self):
        rows = [{"pid": p.pid, "start": s, "what": w} for p, s, w in self.procs]
        with open(self.ledger + ".new", "w") as f:
            json.dump({"dir": self.dir, "pids": rows, "pg": self.pg}, f)
        os.rename(self.ledger + ".new", self.ledger)

    def path(self, *p):
        return os.path.join(self.dir, *p)

    def start(self, what, cmd, stdout=None, stdin=subprocess.DEVNULL, **kw):
        out = open(self.path(what + ".log"), "ab")
        p = subprocess.Popen(cmd, stdin=stdin, stdout=stdout or out, stderr=out,
                             start_new_session=True, **kw)
        out.close()
        self.procs.append((p, start_time(p.pid), what))
        self.save()
        return p

    def stop(self, p, sig=signal.SIGTERM, wait=15):
        """Ends one process; returns its exit status, or None when it had to be killed."""
        if p.poll() is None:
            p.send_signal(sig)
        try:
            status = p.wait(wait)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            status = None
        self.procs = [x for x in self.procs if x[0] is not p]
        self.save()
        return status

    def cluster(self):
        """A private PostgreSQL cluster; returns connection strings of its superuser and of the writer."""
        script = ["sh", os.path.join(ROOT, "tests/it/pgcluster.sh")]
        self.pg = run_text(script + ["start", "--owner", str(os.getpid())]).strip().splitlines()[-1]
        self.save()
        link = os.path.join(ROOT, "var", "pg")
        if os.path.islink(link):
            os.unlink(link)
        if not os.path.exists(link):
            os.symlink(self.pg, link)
        where = "host=%s port=5432 dbname=cascaded user=" % self.pg
        return where + "postgres", where + "cascaded_writer"

    def end(self):
        """Ends everything that is left, newest first."""
        for p, _, _ in reversed(list(self.procs)):
            self.stop(p)
        if self.pg:
            stop_cluster(self.pg)
            link = os.path.join(ROOT, "var", "pg")
            if os.path.islink(link) and os.readlink(link) == self.pg:
                os.unlink(link)
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        if os.path.exists(self.ledger):
            os.unlink(self.ledger)


def run_text(cmd):
    return subprocess.run(cmd, check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout


def stop_cluster(where):
    subprocess.run(["sh", os.path.join(ROOT, "tests/it/pgcluster.sh"), "stop", where],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end_stale(ledger):
    """What an interrupted run left: only processes whose start time is the recorded one."""
    try:
        with open(ledger) as f:
            old = json.load(f)
    except (OSError, ValueError):
        return
    for row in reversed(old.get("pids", [])):
        if row["start"] is not None and start_time(row["pid"]) == row["start"]:
            print("ending %s (pid %d) of an interrupted run" % (row["what"], row["pid"]), file=sys.stderr)
            end_pid(row["pid"], row["start"])
    if old.get("pg"):
        stop_cluster(old["pg"])
    if os.path.basename(old.get("dir") or "").startswith("cascaded-"):
        shutil.rmtree(old["dir"], ignore_errors=True)
    os.unlink(ledger)


def end_pid(pid, started, limit_s=10):
    try:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + limit_s
        while start_time(pid) == started:
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                return
            time.sleep(0.1)
    except OSError:
        pass


def certificates(where):
    """A certificate authority and server certificates; returns (ca, cert, key)."""
    subprocess.run(["sh", os.path.join(ROOT, "tests/sim/mkcert.sh"), where], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return tuple(os.path.join(where, f) for f in ("ca.pem", "server.pem", "server.key"))


def wait_for(what, limit_s, test):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        x = test()
        if x:
            return x
        time.sleep(0.05)
    raise TimeoutError("%s: not within %d s" % (what, limit_s))


class Client:
    """A client of the socket: call() for one answer, line() for what streams in."""

    def __init__(self, path, timeout=10):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(timeout)
        self.s.connect(path)
        self.buf, self.n, self.seen = b"", 0, []

    def line(self):
        while b"\n" not in self.buf:
            more = self.s.recv(1 << 16)
            if not more:
                raise EOFError("the server closed")
            self.buf += more
        one, self.buf = self.buf.split(b"\n", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.n += 1
        req = {"jsonrpc": "2.0", "id": self.n, "method": method}
        if params:
            req["params"] = params
        self.s.sendall(json.dumps(req).encode() + b"\n")
        while True:
            m = self.line()
            if m.get("id") == self.n:
                if "error" in m:
                    raise RuntimeError(m["error"])
                return m["result"]
            self.seen.append(m)

    def close(self):
        self.s.close()


def sql(conninfo, query):
    """Rows of a query as lists of text, '' for NULL."""
    out = subprocess.run(["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", conninfo, "-c", query],
                         check=True, stdout=subprocess.PIPE, universal_newlines=True).stdout
    return [l.split("\t") for l in out.splitlines()]
