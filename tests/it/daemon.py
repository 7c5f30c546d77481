"""The whole thing on one machine: simulator, database, daemon. Used by the demo and by the tests of
whole-daemon behaviour, so that they run the same set-up."""
import json, os, signal, subprocess, time

from procs import ROOT, Client, Run, certificates, sql, wait_for

CONF = """[cascaded]
rules_file = {rules}
assets_file = {root}/conf/assets.conf
tiers_file = {root}/conf/tiers.ndjson
state_dir = {dir}/state

[universe]
assets = {assets}
warm_s = 15

[venue binance]
url_public = wss://localhost:{binance}/public/stream
url_market = wss://localhost:{binance}/market/stream
rest_url = https://localhost:{binance}
address = 127.0.0.1
ca_file = {ca}

[venue hyperliquid]
{hl_urls}
rest_url = https://localhost:{hyperliquid}
address = 127.0.0.1
ca_file = {ca}

[venue bybit]
url_linear = wss://localhost:{bybit}/v5/public/linear
url_inverse = wss://localhost:{bybit}/v5/public/inverse
rest_url = https://localhost:{bybit}
address = 127.0.0.1
ca_file = {ca}

[venue okx]
url_public = wss://localhost:{okx}/ws/v5/public
url_books = wss://localhost:{okx}/ws/v5/public
rest_url = https://localhost:{okx}
address = 127.0.0.1
ca_file = {ca}

{others}
[store]
database = {db}
spool_dir = {dir}/spool
asset_period_s = 1

[serve]
socket_path = {dir}/alerts.sock
socket_group =

[tape]
dir = {tape}
"""


SERVED = ("binance", "hyperliquid", "bybit", "okx")  # by the simulator


def others(build):
    """Sections that switch off every venue the simulator does not serve."""
    printed = subprocess.run([os.path.join(build, "cascaded"), "-p", "-c", os.path.join(ROOT, "conf/cascaded.conf")], stdout=subprocess.PIPE)
    names = [l[7:-1] for l in printed.stdout.decode().splitlines() if l.startswith("[venue ")]
    return "".join("[venue %s]\nenabled = no\n\n" % n for n in names if n not in SERVED)


class Stack:
    """sim + cluster + cascaded under one Run. Attributes: sock, db, truth, tape."""

    def __init__(self, build, name, scenario="crash", seed=1, keep=False, assets="top:50", tape=True,
                 shock_at=30, sim_args=(), rules=None, database=True):
        self.build, self.run = build, Run(name, keep)
        self.scenario, self.seed, self.assets, self.shock_at = scenario, seed, assets, shock_at
        self.sim_args, self.rules = list(sim_args), rules or os.path.join(ROOT, "conf/rules.conf")
        self.want_tape, self.want_db = tape, database
        self.db, self.db_writer, self.daemon, self.sim = "", "", None, None
        self.sock = self.run.path("alerts.sock")
        self.truth = self.run.path("truth.ndjson")
        self.conf = self.run.path("cascaded.conf")
        self.control = self.run.path("sim.control")

    def program(self, name):
        return os.path.join(self.build, name)

    def start(self):
        for d in ("state", "tape", "spool", "cert"):
            os.mkdir(self.run.path(d))
        if self.want_db:
            self.db, self.db_writer = self.run.cluster()
            subprocess.run([self.program("cascadectl"), "schema", "apply", "--database", self.db,
                            "--dir", os.path.join(ROOT, "sql")], check=True, stdout=subprocess.DEVNULL)
        self.start_sim()
        self.write_conf()
        self.start_daemon()

    def start_sim(self):
        self.ca, cert, key = certificates(self.run.path("cert"))
        ports = self.run.path("ports.json")
        self.sim = self.run.start("sim", [
            self.program("cascade-sim"), "--scenario", self.scenario, "--seed", str(self.seed),
            "--shock-at", str(self.shock_at), "--shock-on-signal", "--ports", ports, "--truth", self.truth,
            "--cert", cert, "--key", key, "--control", self.control] + self.sim_args)
        wait_for("the simulator's ports", 30, lambda: os.path.exists(ports) and os.path.getsize(ports) > 0)
        with open(ports) as f:
            self.ports = json.load(f)

    def write_conf(self, extra=""):
        hl = self.ports["hyperliquid"]
        urls = "\n".join("url_%s = wss://localhost:%d/ws" % (r, hl) for r in self.hl_routes())
        text = CONF.format(others=others(self.build), rules=self.rules, root=ROOT, dir=self.run.dir, hl_urls=urls,
                           ca=self.ca, db=self.db_writer, assets=self.assets,
                           tape=self.run.path("tape") if self.want_tape else "", **self.ports)
        with open(self.conf, "w") as f:
            f.write(text + extra)

    def hl_routes(self):
        return ("ws", "coarse4", "coarse3")

    def start_daemon(self):
        self.daemon = self.run.start("cascaded", [self.program("cascaded"), "-c", self.conf])
        wait_for("the socket", 30, lambda: self.alive() and os.path.exists(self.sock))

    def alive(self):
        if self.daemon.poll() is not None:
            raise RuntimeError("cascaded ended with status %s:\n%s" % (self.daemon.returncode, self.log("cascaded")))
        return True

    def log(self, what, n=30):
        with open(self.run.path(what + ".log"), errors="replace") as f:
            return "".join(f.readlines()[-n:])

    def wait_live(self, limit_s=180):
        subprocess.run([self.program("cascadectl"), "--socket", self.sock, "wait-live", "--timeout", str(limit_s)],
                       check=True)

    def shock(self):
        self.sim.send_signal(signal.SIGUSR1)

    def misbehave(self, spec):
        """Tells the simulator a misbehaviour while it runs."""
        c = Client.__new__(Client)
        import socket
        c.s = socket.socket(socket.AF_UNIX)
        c.s.connect(self.control)
        c.s.sendall(spec.encode() + b"\n")
        c.s.close()

    def client(self):
        return Client(self.sock)

    def rows(self, query):
        return sql(self.db, query)

    def truth_lines(self, kind):
        with open(self.truth) as f:
            for line in f:
                if '"%s"' % kind in line:
                    d = json.loads(line)
                    if d.get("kind") == kind:
                        yield d

    def stop_daemon(self):
        return self.run.stop(self.daemon)

    def end(self):
        self.run.end()
