#!/usr/bin/env python3
"""The store over TCP and TLS, as it reaches a database on another machine: the deeds of the torture test
(test_torture.py) against a server that takes nothing but TLS from the network, with the certificate
verified, under a name that is looked up. Each accepted row is in the tables exactly once, every session
was encrypted; a certificate of another authority is refused and said; of two hosts one that does not
answer does not stand in the other's way. What was kept meanwhile is stored."""
import argparse, os, shutil, socket, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import procs
import test_torture as torture

ROUNDS = [("stop server", None), ("kill server", "copy_begun"), ("kill feeder", "copy_begun"), ("restart server", None),
          ("kill both", "send_after"), ("stop server", "copy_begun"), ("kill server", "ack_before"), ("stop server", "send_after")]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class TlsServer(torture.Server):
    """Listens on loopback too, for TLS only; administration goes over the UNIX socket as before."""

    def __init__(self, run):
        super().__init__(run)
        self.port = free_port()
        self.ca = {}
        for name in ("right", "wrong"):
            os.mkdir(run.path(name))
            self.ca[name], cert, key = procs.certificates(run.path(name))
            if name == "right":
                self.give(cert, "server.pem", key, "server.key")
        self.add("postgresql.conf", "port = %d\nlisten_addresses = '127.0.0.1'\nssl = on\n"
                 "ssl_cert_file = 'server.pem'\nssl_key_file = 'server.key'\n" % self.port)
        self.add("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n", "w")
        self.admin = self.admin.replace("port=5432", "port=%d" % self.port)
        self.writer = self.link("right")
        self.verb("down")
        self.verb("up")

    def add(self, name, text, mode="a"):
        with open(os.path.join(self.dir, "data", name), mode) as f:
            f.write(text)

    def give(self, *files):
        """The server reads a key only when nobody else can."""
        owner = os.stat(os.path.join(self.dir, "data"))
        for path, name in zip(files[::2], files[1::2]):
            to = os.path.join(self.dir, "data", name)
            shutil.copy(path, to)
            os.chmod(to, 0o600)
            os.chown(to, owner.st_uid, owner.st_gid)

    def link(self, ca):
        return ("host=localhost port=%d dbname=cascaded user=cascaded_writer sslmode=verify-full "
                "sslrootcert=%s" % (self.port, self.ca[ca]))


def sessions(server):
    """Of the writer: (how many, how many of them over TLS)."""
    rows = procs.sql(server.admin, "SELECT count(*), count(*) FILTER (WHERE s.ssl AND s.version LIKE 'TLSv1.%') "
                     "FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.usename = 'cascaded_writer'")
    return tuple(int(x) for x in rows[0])


def refused_without_tls(server):
    p = subprocess.run(["psql", "-X", server.link("right").replace("verify-full", "disable"), "-c", "SELECT 1"],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return p.returncode != 0 and "pg_hba" in p.stdout


def silent_socket():
    """A port of loopback that takes no connection and refuses none: its queue is full."""
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(0)
    crowd = [socket.socket() for _ in range(4)]
    for c in crowd:
        c.setblocking(False)
        c.connect_ex(s.getsockname())
    return s.getsockname()[1], [s] + crowd


def judge_silent_host(f, server):
    """A first host that does not answer at all has its ten seconds once; then the other one's turn comes."""
    port, held = silent_socket()
    good, said = server.writer, "no answer to the connection attempt"
    server.writer = good.replace("host=localhost port=", "host=localhost,localhost hostaddr=127.0.0.1,127.0.0.1 port=%d," % port)
    f.target += 500
    f.start()
    log = f.run.path("feeder.log")
    procs.wait_for("a session with the host that answers", 60, lambda: sessions(server)[0] > 0)
    torture.check(said in open(log, errors="replace").read(), "a host that does not answer is given up, another one has its turn")
    f.until("rows told", 60, lambda l: f.told >= f.target)
    f.kill()
    server.writer = good
    for s in held:
        s.close()


def judge_wrong_authority(f, server):
    """Nothing is stored and the reason is said; then the right one, by a new life of the same spool."""
    server.writer = server.link("wrong")
    f.target = 500
    f.start()
    f.until("rows in the spool", 30, lambda l: f.told >= f.target)
    log = f.run.path("feeder.log")
    procs.wait_for("a word about the certificate", 30, lambda: "certificate verify failed" in open(log, errors="replace").read())
    torture.check(sessions(server)[0] == 0, "a server of another authority gets no session")
    f.kill()
    server.writer = server.link("right")


def scenario(t):
    f, server = t.feeder, t.server
    torture.check(refused_without_tls(server), "the server takes nothing but TLS from the network")
    judge_wrong_authority(f, server)
    judge_silent_host(f, server)
    seen = []
    for deed, point in ROUNDS:
        t.one(deed, point)
        if f.is_alive():
            f.until("rows told", 60, lambda l: f.told >= f.target)
            procs.wait_for("a session", 30, lambda: sessions(server)[0] > 0)
            seen.append(sessions(server))
    torture.check(t.drain(), "at the end all is stored")
    torture.check(len(seen) > 4 and all(n == tls for n, tls in seen), "every session was over TLS: %s" % seen)
    torture.check(t.at_point >= 3, "%d times at a point between sending and acknowledgement" % t.at_point)
    torture.verify(t)
    torture.check(len(f.accepted) > len(ROUNDS) * t.args.rows // 2, "%d rows were accepted" % len(f.accepted))


def main():
    return torture.play("storetls", argparse.Namespace(seed=7, rows=3000), scenario, server=TlsServer)


if __name__ == "__main__":
    sys.exit(main())
