#!/usr/bin/env python3
"""Runs the benchmarks: BUILD/bench/bench_* and tests/bench/bench_*.py, and prints their lines.

A benchmark prints `name value unit (goal ...)` lines and exits non-zero when a stated goal is missed;
then this does too. Environment given: BUILD (absolute), ROOT. They run one after another: two at a time
would measure each other.
"""
import argparse, glob, os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def find(build):
    programs = [p for p in glob.glob(build + "/bench/bench_*")
                if os.access(p, os.X_OK) and not p.endswith((".o", ".d"))]
    scripts = glob.glob(os.path.join(ROOT, "tests/bench/bench_*.py"))
    return [[p] for p in sorted(programs)] + [[sys.executable, p] for p in sorted(scripts)]


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--build", required=True)
    a.add_argument("--only", action="append", default=[])
    o = a.parse_args()
    build = os.path.abspath(o.build)
    env = dict(os.environ, BUILD=build, ROOT=ROOT, LC_ALL="C.UTF-8", TZ="UTC")
    ran, missed = 0, []
    for cmd in find(build):
        name = os.path.basename(cmd[-1])
        if any(s not in name for s in o.only):
            continue
        sys.stdout.flush()
        ran += 1
        status = subprocess.run(cmd, cwd=ROOT, env=env, stdin=subprocess.DEVNULL).returncode
        if status != 0:
            missed.append("%s (exit %d)" % (name, status))
    print("%d benchmarks, %d missed%s" % (ran, len(missed), ": " + ", ".join(missed) if missed else ""))
    return 1 if missed or ran == 0 else 0


sys.exit(main())
