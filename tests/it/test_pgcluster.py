#!/usr/bin/env python3
"""Proves that private clusters are found again when their owner is gone, and only then: by pid and start
time; and that an interrupted start, or a temporary directory too deep for a socket, leaves no ruins."""
import os, signal, subprocess, sys, tempfile, time

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
SCRIPT = ["sh", os.path.join(ROOT, "tests/it/pgcluster.sh")]
passed = failed = 0


def check(good, what):
    global passed, failed
    passed, failed = (passed + 1, failed) if good else (passed, failed + 1)
    if not good:
        print("FAILED: " + what)


def call(*args, **env):
    p = subprocess.run(SCRIPT + list(args), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=90,
                       env=dict(os.environ, **env))
    return p.returncode, p.stdout.strip()


def answers(d):
    return subprocess.run(["psql", "-XAtqc", "SELECT 1", "host=%s user=postgres dbname=cascaded" % d],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).returncode == 0


def main():
    tmp = tempfile.mkdtemp(prefix="cascaded-t-")
    os.chmod(tmp, 0o755)  # the clusters' own folders are private, this one must be passable
    owner = subprocess.Popen(["sleep", "300"])
    try:
        rc, a = call("start", "--owner", str(owner.pid), TMPDIR=tmp)
        check(rc == 0 and a.startswith(tmp) and answers(a), "a cluster starts and answers")
        check(os.stat(a).st_mode & 0o77 == 0, "its folder is closed to others")
        rc, env = call("env", a)
        check("PGHOST='%s'" % a in env and "user=cascaded_writer" in env, "env names it")
        call("sweep", TMPDIR=tmp)
        check(answers(a), "while its owner lives it is left alone")
        check(call("down", a)[0] == 0 and not answers(a), "down")
        check(call("up", a)[0] == 0 and answers(a), "up")
        owner.kill()
        owner.wait()
        rc, b = call("start", "--owner", str(os.getpid()), TMPDIR=tmp)
        check(not os.path.exists(a) and answers(b), "the next start removes it when its owner is gone")
        with open(b + "/owner", "w") as f:
            f.write("%d 1\n" % os.getpid())  # the pid lives, but began at another time: it was reused
        call("sweep", TMPDIR=tmp)
        check(not os.path.exists(b), "a reused pid is not taken for the owner")
        check(call("stop", b)[0] == 0, "stop of what is gone is no error")
        check(call("stop", "/tmp")[0] != 0 and os.path.isdir("/tmp"), "stop touches nothing but clusters")
        p = subprocess.Popen(SCRIPT + ["start", "--owner", str(os.getpid())], stdout=subprocess.DEVNULL,
                             env=dict(os.environ, TMPDIR=tmp))
        time.sleep(0.5)
        p.send_signal(signal.SIGTERM)
        p.wait(timeout=60)
        check(p.returncode != 0 and not os.listdir(tmp), "an interrupted start leaves nothing")
        deep = os.path.join(tmp, "d" * 90)
        os.mkdir(deep)
        rc, c = call("start", "--owner", str(os.getpid()), TMPDIR=deep)
        check(rc == 0 and len(c) < 60 and answers(c), "a deep temporary directory does not break the socket")
        call("stop", c)
        check(not os.path.exists(c), "stop removes everything")
        os.rmdir(deep)
        os.chmod(tmp, 0o700)
        rc, c = call("start", "--owner", str(os.getpid()), TMPDIR=tmp)
        check(rc == 0 and answers(c), "nor one that the cluster's owner cannot enter")
        call("stop", c)
        os.chmod(tmp, 0o755)
        check(call("start", "--owner", "999999999", TMPDIR=tmp)[0] != 0 and not os.listdir(tmp), "no such owner")
    finally:
        owner.kill()
        for d in os.listdir(tmp):
            call("stop", os.path.join(tmp, d))
        os.rmdir(tmp)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
