"""The queries of docs/ANALYSTS.md: finds them, runs them as the reader, says what they print. Used by the test
that compares the page with made-up rows, and by the test of the whole daemon that runs them on real ones."""
import os, re, subprocess

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PAGE = os.path.join(ROOT, "docs/ANALYSTS.md")
ENTRY = re.compile(r"^### (\d+)\. ([^\n]+)\n\n```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.M | re.S)


def read():
    with open(PAGE, encoding="utf-8") as f:
        return f.read()


def entries(page):
    """[(number, title, query, output or None)]"""
    return [(int(m[1]), m[2], m[3], m[4]) for m in ENTRY.finditer(page)]


def ask(conninfo, query):
    """(exit status, what psql prints) of a session of the reader in UTC."""
    p = subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-P", "footer=off", "-P", "pager=off", "-P", "null=-", conninfo, "-c", query],
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                       env=dict(os.environ, PGTZ="UTC", PGOPTIONS="-c datestyle=ISO", LC_ALL="C.UTF-8"))
    return p.returncode, "".join(line.rstrip() + "\n" for line in p.stdout.splitlines() if line.strip())


def filled(page, answer):
    """The page with answer(query) below each query."""
    def one(m):
        return "### %s. %s\n\n```sql\n%s```\n\n```text\n%s```\n" % (m[1], m[2], m[3], answer(m[3]))
    return ENTRY.sub(one, page)


def moved(query, start, middle, end):
    """The query over another span: the earliest of its times becomes start, the latest end."""
    stamps = sorted(set(re.findall(r"'(2026-10-10 [0-9:]+\+00)'", query)))
    to = {0: [], 1: [end], 2: [start, end], 3: [start, middle, end]}[len(stamps)]
    for stamp, new in zip(stamps, to):
        query = query.replace("'%s'" % stamp, "'%s'" % new)
    return query
