#!/usr/bin/env python3
"""Feeds recorded exchange texts to the differential scanner test: our scanner and jansson must agree
on real frames too, not only on made ones. Reads CAPTURES; without it only the made texts below run."""
import glob, gzip, os, subprocess, sys, tempfile

MADE = [b'{"a":[["1.5","2"],["0.00000001",3e2]],"b":null}', b'[{"x":"\\u00e9"}', b'{"a":1e999}', b'ping']
LINES_PER_FILE = 60
LINE_MAX = 4 << 20  # what the replay program reads


def texts():
    yield from MADE
    root = os.environ.get("CAPTURES")
    for path in sorted(glob.glob(root + "/**/*.ndjson*", recursive=True)) if root else []:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rb") as f:
            for i, line in enumerate(f):
                if i >= LINES_PER_FILE:
                    break
                if len(line) < LINE_MAX:
                    yield line.rstrip(b"\n")


def main():
    with tempfile.TemporaryDirectory() as d:
        n = 0
        for n, text in enumerate(texts(), 1):
            with open(os.path.join(d, "%06d" % n), "wb") as f:
                f.write(text)
        p = subprocess.run([os.environ["BUILD"] + "/fuzz/fuzz_scan", d], stdout=subprocess.PIPE)
    lines = p.stdout.decode().splitlines()
    ok = p.returncode == 0 and lines[-1:] == ["%d passed, 0 failed" % n]
    print(lines[-1] if ok else "0 passed, 1 failed")
    return 0 if ok else 1


sys.exit(main())
