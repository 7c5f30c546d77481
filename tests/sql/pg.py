"""A private cluster for the tests of sql/: databases, psql, the migration runner, and counted checks."""
import os, re, shutil, subprocess

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
TOOL = os.path.join(BUILD, "tools/schema")
SQL = os.path.join(ROOT, "sql")
FILES = sorted(f for f in os.listdir(SQL) if re.match(r"^\d{4}_.*\.sql$", f))
CLUSTER = ["sh", os.path.join(ROOT, "tests/it/pgcluster.sh")]
passed = failed = 0


def check(good, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED: %s\n%s" % (what, str(detail)[:4000]), flush=True)


def end():
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


def run(*cmd, **more):
    p = subprocess.run(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                       timeout=more.pop("timeout", 120), **more)
    return p.returncode, p.stdout


class Cluster:
    """Only its UNIX socket listens; stop() removes it."""
    def __init__(self, *options):
        self.dir = subprocess.run(CLUSTER + ["start", "--owner", str(os.getpid()), *options], stdout=subprocess.PIPE,
                                  text=True, check=True).stdout.strip().splitlines()[-1]

    def stop(self):
        subprocess.run(CLUSTER + ["stop", self.dir])

    def info(self, db, user="postgres"):
        return "host=%s port=5432 user=%s dbname=%s" % (self.dir, user, db)

    def psql(self, db, sql, user="postgres"):
        """What it prints; on an error ERROR and the message."""
        rc, out = run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.info(db, user), "-c", sql)
        return out.strip() if rc == 0 else "ERROR " + out

    def file(self, db, path, user="postgres"):
        return run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.info(db, user), "-f", path)

    def create(self, db, template=None):
        out = self.psql("postgres", "CREATE DATABASE %s%s" % (db, " TEMPLATE " + template if template else ""))
        check(not out.startswith("ERROR"), "database " + db, out)
        return self.info(db)

    def apply(self, db, folder=SQL):
        return run(TOOL, "apply", self.info(db), folder)


def prefix(tmp, n):
    """A folder with the first n migrations, as a program of that time had them."""
    d = os.path.join(tmp, "first%d" % n)
    if not os.path.isdir(d):
        os.mkdir(d)
        for f in FILES[:n]:
            shutil.copy(os.path.join(SQL, f), d)
    return d
