#!/usr/bin/env python3
"""Goldens of the adapters: each tests/frames/<venue>/<case>.texts is a file of raw texts, one a line,
with <case>.events, the exact lines `cascade-replay decode` must print. A case needs no code:
<case>.request names the request all lines answer (one line), <case>.requests one request a line,
<case>.specs is given as --specs. Exit status: 1 when the expected events hold an error, else 0.
`test_frames.py --write CASE` prints what decode says now, for a person to check and save."""
import glob, json, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
REPLAY = os.path.join(os.environ.get("BUILD", "build/release"), "cascade-replay")


def decode(case):
    """Runs decode on a case (path without suffix): lines of its output, exit status, complaints."""
    cmd = [REPLAY, "decode", os.path.basename(os.path.dirname(case))]
    if os.path.exists(case + ".request"):
        cmd += ["--request", open(case + ".request").read().strip()]
    if os.path.exists(case + ".requests"):
        cmd += ["--requests", case + ".requests"]
    if os.path.exists(case + ".specs"):
        cmd += ["--specs", case + ".specs"]
    with open(case + ".texts", "rb") as texts:
        p = subprocess.run(cmd, stdin=texts, capture_output=True, timeout=60)
    return p.stdout.decode().splitlines(), p.returncode, p.stderr.decode()


def differences(case):
    got, status, complaints = decode(case)
    want = open(case + ".events").read().splitlines()
    out = []
    if complaints:
        out.append("complained: " + complaints)
    for i in range(max(len(got), len(want))):
        g = got[i] if i < len(got) else "(nothing)"
        w = want[i] if i < len(want) else "(nothing)"
        if g != w:
            out.append("event %d\n  got  %s\n  want %s" % (i + 1, g, w))
    error = any(json.loads(w)["kind"] == "error" for w in want)
    if status != (1 if error else 0):
        out.append("exit status %d" % status)
    return out


def run(args, texts):
    p = subprocess.run([REPLAY, "decode"] + args, input=texts, capture_output=True, timeout=60)
    return p.stdout.decode().splitlines(), p.returncode, p.stderr.decode()


def command_line():
    """What decode does with bad arguments, bad specs, long lines and no newline at the end."""
    trade = b'{"e":"aggTrade","E":1,"a":1,"s":"X","p":"1","q":"1","T":1,"m":true}'
    long = b'{"pad":"' + b"x" * 5000000 + b'"}'
    with tempfile.NamedTemporaryFile("w", suffix=".specs") as specs:
        specs.write('{"kind":"spec","venue":"nowhere","symbol":"X"}\nnot json\n')
        specs.flush()
        return [
            ("no venue", run([], b"")[1] == 2),
            ("unknown venue", run(["nowhere"], b"")[1] == 2),
            ("unknown option", run(["binance", "--odd"], b"")[1] == 2),
            ("specs that are not there", run(["binance", "--specs", "/nonexistent"], b"")[1] == 2),
            ("requests that are not there", run(["binance", "--requests", "/nonexistent"], b"")[1] == 2),
            ("no text at all", run(["binance"], b"") == ([], 0, "")),
            ("no newline at the end", len(run(["binance"], trade)[0]) == 1),
            ("a line of 5 MB", [len(l) > 5000000 for l in run(["binance"], long + b"\n")[0]] == [True]),
            ("a NUL in a line is an error, the next line is read",
             [json.loads(l)["kind"] for l in run(["binance"], b"{\0}\n" + trade)[0]] == ["error", "trade"]),
            ("bad spec lines are named", run(["binance", "--specs", specs.name], trade)[2].count(specs.name) == 2),
        ]


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--write":
        print("\n".join(decode(sys.argv[2])[0]))
        return 0
    cases = sorted(p[:-len(".texts")] for p in glob.glob(HERE + "/*/*.texts"))
    passed = failed = 0
    for case in cases:
        wrong = differences(case)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for w in wrong[:5]:
            print("%s: %s" % (os.path.relpath(case, HERE), w))
    for what, ok in command_line():
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print("command line: " + what)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
