#!/usr/bin/env python3
"""Runs every test and ends with one line `N passed, M failed`.

A test is a program: a check binary in BUILD/unit, a corpus replay in BUILD/fuzz, or an executable
tests/*/test_*.py or test_*.sh. Its last line of the form `N passed, M failed` is its count; a test
that exits non-zero without one, prints none, or runs past its limit (thrice as long under sanitizers) counts as one
failure.
What failed is told again at the end.
Three tests run at a time, the long ones of whole daemons first: most of their time is waiting.
Environment given: BUILD (absolute), ROOT, CAPTURES (only when the folder is there).
"""
import argparse, glob, os, re, signal, subprocess, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINE = re.compile(r"^(\d+) passed, (\d+) failed$")
BAD = re.compile(r"^(FAIL|not ok)|:[FE]:")
LIMIT_S = {"it": 600, "unit": 300, "fuzz": 300}
LONG_S = {"it/test_crosschecks.py": 200, "it/test_bad_days.py": 190, "it/test_misbehave_tape.py": 180,
          "it/test_whole.py": 170, "it/test_misbehave_wire.py": 160, "it/test_demo.py": 150}
speech = threading.Lock()


def find(build):
    tests = [("unit/" + os.path.basename(p), [p]) for p in glob.glob(build + "/unit/test_*")
             if os.access(p, os.X_OK) and not p.endswith((".d", ".o"))]
    for p in glob.glob(build + "/fuzz/fuzz_*"):
        if os.access(p, os.X_OK) and not p.endswith((".d", ".o")):
            name = os.path.basename(p)
            corpus = os.path.join(ROOT, "tests/fuzz/corpus", name[len("fuzz_"):])
            tests.append(("fuzz/" + name, [p, corpus]))
    for folder in sorted(os.listdir(os.path.join(ROOT, "tests"))):
        for p in glob.glob(os.path.join(ROOT, "tests", folder, "test_*")):
            if p.endswith(".py"):
                tests.append((folder + "/" + os.path.basename(p), [sys.executable, p]))
            elif p.endswith(".sh"):
                tests.append((folder + "/" + os.path.basename(p), ["sh", p]))
    order = {"unit": 0, "fuzz": 1, "frames": 2, "it": 3}
    return sorted(tests, key=lambda t: (order.get(t[0].split("/")[0], 5), -LONG_S.get(t[0], 0), t[0]))


def run(name, cmd, env, verbose):
    limit = LIMIT_S.get(name.split("/")[0], 300) * (3 if "asan" in env["BUILD"] else 1)
    t0 = time.monotonic()
    p = subprocess.Popen(cmd, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, start_new_session=True)
    try:
        out, _ = p.communicate(timeout=limit)
        why = "" if p.returncode == 0 else "exit %d" % p.returncode
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGTERM)
        try:
            out, _ = p.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            out, _ = p.communicate()
        why = "over its limit of %d s" % limit
    text = out.decode(errors="replace")
    counts = [LINE.match(l) for l in text.splitlines()]
    counts = [m for m in counts if m]
    passed, failed = (int(counts[-1][1]), int(counts[-1][2])) if counts else (0, 0)
    if not counts:
        why = why or "printed no count"
    if why and failed == 0:
        failed = 1
    if not why and passed + failed == 0:
        failed, why = 1, "ran no test"
    took = time.monotonic() - t0
    with speech:
        print("%-44s %6d passed %4d failed %7.1f s%s" % (name, passed, failed, took, "  " + why if why else ""),
              flush=True)
        if failed or verbose:
            sys.stdout.write("".join("    | " + l + "\n" for l in text.splitlines()[-120:]))
    said = text.splitlines()
    return passed, failed, [l[:500] for l in said if BAD.search(l)][:20] + said[-8:]


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", required=True)
    a.add_argument("--only", action="append", default=[])
    a.add_argument("--jobs", type=int, default=3)
    a.add_argument("-v", action="store_true")
    o = a.parse_args()
    build = os.path.abspath(o.build)
    env = dict(os.environ, BUILD=build, ROOT=ROOT, LC_ALL="C.UTF-8", TZ="UTC", CK_DEFAULT_TIMEOUT="120")
    captures = os.path.join(ROOT, "..", "shared", "captures")
    if os.path.isdir(captures):
        env["CAPTURES"] = os.path.abspath(captures)
    tests = [t for t in find(build) if not o.only or all(s in t[0] for s in o.only)]
    with ThreadPoolExecutor(max_workers=o.jobs) as pool:
        counts = list(pool.map(lambda t: run(t[0], t[1], env, o.v), tests))
    passed, failed = sum(c[0] for c in counts), sum(c[1] for c in counts)
    for (name, _), (_, bad, last) in zip(tests, counts):
        if bad:
            print("FAILED %s: %d" % (name, bad), *last, sep="\n    | ")
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or passed == 0 else 0


sys.exit(main())
