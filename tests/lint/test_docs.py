#!/usr/bin/env python3
"""Proves that the documentation says what the program does: the printed pages equal docs/ byte for byte,
and, read from the sources by other means, every metric, key, method, error, REST body and make target is
where a reader looks for it. Each rule is also given a page with one thing taken out, which it must see."""
import os, re, subprocess, sys, tempfile

ROOT = os.environ.get("ROOT", os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build/release"))
PAGES = {"config": "docs/CONFIG.md", "metrics": "docs/METRICS.md", "venues": "docs/VENUES.md",
         "socket": "docs/SOCKET.md"}
passed = failed = 0


def check(good, what, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print("FAILED: %s\n%s" % (what, detail))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def run(*cmd):
    p = subprocess.run(cmd, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=60)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


# ---- what the sources have ---------------------------------------------------------------------

def sources(folder, ending=".c"):
    return "".join(read(os.path.join(folder, f)) for f in sorted(os.listdir(os.path.join(ROOT, folder)))
                   if f.endswith(ending))


def metrics():
    """Rows of struct metric: a name, a unit, a quality."""
    text = sources("lib/risk") + read("daemon/store/process_metrics.c")
    return set(re.findall(r'"([a-z][a-z0-9_]+)",\s*\\?\s*"[^"]+",\s*\\?\s*MQ_', text))


def columns():
    """Metric columns of the migrations: table, name."""
    found = set()
    for f in sorted(os.listdir(os.path.join(ROOT, "sql"))):
        for table, body in re.findall(r"ALTER TABLE cascade_risk\.(m_\w+)(.*?);", read("sql/" + f), re.S):
            if table.endswith("_1m"):
                continue  # rollups: three columns of each metric of the table they are made of
            found |= {(table, name) for name in re.findall(r"ADD COLUMN IF NOT EXISTS (\w+) double", body)}
    return found


def methods():
    text = read("daemon/serve/rpc.c")
    return set(re.findall(r'\{"([a-z.]+)",\s*PEER_', text[text.index("rpc_methods[] ="):]))


def errors():
    return set(re.findall(r'\{(-32\d+), "(\w+)"', read("daemon/serve/rpc.c")))


def notifications():
    text = read("daemon/serve/rpc_admin.c")
    body = text[text.index("notifications[] ="):]
    return set(re.findall(r'^    \{"(\w+)",', body[:body.index("};")], re.M))


def keys():
    """(constant of the section, key) of the key table."""
    text = read("daemon/conf_keys.c")
    rows = re.split(r"\n    \{", text[text.index("conf_keys[] ="):])[1:]
    found = set()
    for row in rows:
        section = re.search(r"CONF\((CS_\w+)|\.section = (CS_\w+)|(VENUE|RULE)\(", row)
        name = section.group(1) or section.group(2) or "CS_" + section.group(3)
        found.add((name, re.search(r'\.key = "(\w+)"', row).group(1)))
    return found


def bodies():
    """Request names of REST bodies that are decoded."""
    return set(re.findall(r'^    \{"(\w+)", (?:BN_|HL_|CHANNEL_NONE)', sources("lib/venue", "_rest.c"), re.M))


# ---- what a page lacks -------------------------------------------------------------------------

def lacks_metrics(page):
    """Of the tables and of the migrations, and rows that neither has. (Some names in the tables are
    put together by macros, and a column may land after its row: each alone is not the whole.)"""
    rows, table = set(), None
    for line in page.splitlines():
        head, row = re.match(r"## (m_\w+)$", line), re.match(r"\| `(\w+)` \|", line)
        table = head.group(1) if head else None if line.startswith("## ") else table
        if row and table:
            rows.add((table, row.group(1)))
    names = {name for _, name in rows}
    known = metrics() | {name for _, name in columns()}
    return sorted(metrics() - names) + sorted(names - known) + sorted(columns() - rows)


def lacks_methods(page):
    said = set(re.findall(r"^### ([a-z.]+)$", page, re.M))
    return sorted(methods() ^ said) \
        + [e for e in sorted(errors()) if "| %s | %s |" % e not in page] \
        + [n for n in sorted(notifications()) if "| `%s` |" % n not in page]


def lacks_keys(page):
    return [k for _, k in sorted(keys()) if "| `%s` |" % k not in page]


def lacks_sample(sample):
    """Keys the sample leaves out, section by section; a route's key stands once per route."""
    have = {}
    for head, body in re.findall(r"^\[([^\]]+)\]\n(.*?)(?=^\[|\Z)", sample, re.M | re.S):
        have[head] = set(re.findall(r"^;?\s?(\w+) =", body, re.M))
    missing = []
    for section, key in sorted(keys()):
        name = section[3:].lower()
        if name == "rule":
            continue
        for head in [h for h in have if h == name or h.startswith(name + " ")] or [None]:
            if key == "url_ROUTE":
                there = any(k.startswith("url_") for k in have.get(head, ()))
            else:
                there = key in have.get(head, ())
            if not there:
                missing.append((section, key))
    return missing


def lacks_venues(page):
    return [b for b in sorted(bodies()) if not re.search(r"`%s`" % b, page) and b != "depth"]


def venue_sections(page):
    return re.findall(r"^## (?!Coverage)(\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S)


def lacks_venue_parts(page):
    """What each venue's section must say: limits, bans, how long we stay away, gaps, evidence of each channel."""
    missing = ["only %d venues" % len(venue_sections(page))] if len(venue_sections(page)) < 4 else []
    for name, body in venue_sections(page):
        for part in ("Public liquidation feed: ", "REST: ", "Allowed: ", "We keep to ", "Bans: ", "We stay away", "HTTP 429 ",
                     "Known gaps:\n\n- "):
            missing += [] if part in body else [(name, part.strip())]
        rows = [r.split(" | ") for r in re.findall(r"^\| (`\w+` \| .*) \|$", body, re.M)]
        channels = [r for r in rows if len(r) == 7]
        missing += [(name, r[0]) for r in channels if r[5] not in ("yes", "no") or not all(c.strip() for c in r)]
        missing += [(name, "how %s is polled" % r[0]) for r in channels if not [x for x in rows if x[0] == r[0] and len(x) == 4]]
        missing += [] if channels and any(r[5] == "yes" for r in channels) else [(name, "nothing recorded")]
    return missing


def lacks_families(page):
    text = sources("lib/risk")
    names = re.findall(r"^### (\w+)$", page, re.M)
    known = re.findall(r'^const struct metric_family \w+ = \{\s*\.name = "(\w+)"', text, re.M)
    return sorted(set(known) ^ set(names))


def lacks_models(page):
    known = re.findall(r'^const struct model \w+ = \{\s*\.name = "(\w+)"', sources("lib/risk"), re.M)
    return [m for m in known if not re.search(r"^- `%s`, each asset every \d+ s[^:]*: \S{2}" % m, page, re.M)]


def lacks_links(page):
    """Relative links that lead nowhere, and `make` targets that are none."""
    links = re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", page)
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
    return [l for l in links if not any(os.path.exists(os.path.join(ROOT, d, l)) for d in ("", "docs"))] \
        + [t for t in re.findall(r"`make ([a-z]+)", page) if t not in targets]


RULES = [  # name, rule, page, how many things it must know at least, a piece whose loss it must see
    ("metrics", lacks_metrics, "docs/METRICS.md", lambda: len(metrics()), "| `oi_usd` |"),
    ("columns", lacks_metrics, "docs/METRICS.md", lambda: len(columns()), "## m_venue_asset"),
    ("process metrics", lacks_metrics, "docs/METRICS.md", lambda: len(metrics()), "| `rss_bytes` |"),
    ("methods", lacks_methods, "docs/SOCKET.md", lambda: len(methods()), "### alerts.subscribe\n"),
    ("errors", lacks_methods, "docs/SOCKET.md", lambda: len(errors()), "| -32602 | invalid_params |"),
    ("notifications", lacks_methods, "docs/SOCKET.md", lambda: len(notifications()), "| `heartbeat` |"),
    ("keys", lacks_keys, "docs/CONFIG.md", lambda: len(keys()), "| `flush_ms` |"),
    ("sample", lacks_sample, "conf/cascaded.conf", lambda: len(keys()), "client_max ="),
    ("sample of a venue", lacks_sample, "conf/cascaded.conf", lambda: len(keys()), "rest_url ="),
    ("venue parts", lacks_venue_parts, "docs/VENUES.md", lambda: len(venue_sections(read("docs/VENUES.md"))), "Bans: "),
    ("families", lacks_families, "docs/METRICS.md", lambda: len(re.findall(r"^### ", read("docs/METRICS.md"), re.M)), "### oi_asset"),
    ("models", lacks_models, "docs/METRICS.md", lambda: sources("lib/risk").count("\nconst struct model "), "- `liqmap`"),
    ("REST bodies", lacks_venues, "docs/VENUES.md", lambda: len(bodies()), "`insuranceBalance`"),
]
AT_LEAST = {"metrics": 60, "columns": 100, "process metrics": 60, "methods": 10, "errors": 8, "notifications": 4,
            "keys": 50, "sample": 50, "sample of a venue": 50, "REST bodies": 15, "venue parts": 4, "families": 15, "models": 1}


def test_printed():
    for part, page in PAGES.items():
        rc, out, err = run(os.path.join(BUILD, "cascaded"), "--doc", part)
        check(rc == 0 and not err, "--doc %s ends well" % part, err)
        check(len(out) > 1000 and out == read(page), "%s is what --doc %s prints (make docs)" % (page, part))
        check("(null)" not in out and (part == "config" or "|  |" not in out), "no empty cell in " + page)
    rc, out, err = run(os.path.join(BUILD, "cascaded"), "--doc", "nonsense")
    check(rc == 2 and not out and "nonsense" in err, "an unknown part is refused", out + err)


def test_rules():
    for name, rule, page, known, piece in RULES:
        text = read(page)
        check(known() >= AT_LEAST[name], "%s: found only %d in the sources" % (name, known()))
        check(not rule(text), "%s lacks %s" % (page, name), rule(text))
        check(piece in text and rule(text.replace(piece, "")), "%s: does not see that %r is gone" % (name, piece))


def test_links():
    for page in ["README.md"] + ["docs/" + f for f in sorted(os.listdir(os.path.join(ROOT, "docs"))) if f.endswith(".md")]:
        check(not lacks_links(read(page)), "links of " + page, lacks_links(read(page)))
    check(lacks_links("[a](docs/NONE.md)") and lacks_links("`make nothing`"), "links that lead nowhere are seen")


def test_sample():
    rc, out, err = run(os.path.join(BUILD, "cascaded"), "-t", "-c", "conf/cascaded.conf")
    check(rc == 0, "cascaded -t takes the sample", out + err)


# ---- manual pages ------------------------------------------------------------------------------

def man_pages():
    return ["docs/man/" + f for f in sorted(os.listdir(os.path.join(ROOT, "docs/man")))]


def rendered(path):
    """As a reader sees it, without overstrikes."""
    rc, out, err = run("mandoc", "-Tascii", "-Owidth=200", path)
    return re.sub(r".\x08", "", out)


def complaints(path):
    """What two formatters say against a page."""
    lint = run("mandoc", "-Tlint", "-Wwarning", path)
    groff = run("groff", "-mdoc", "-Tutf8", "-ww", "-z", path)
    return lint[1] + lint[2] + groff[1] + groff[2]


def options_in(text):
    return set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Za-z])(?![\w-])", text))


def lacks_options(page, program):
    """Options and commands that --help or the option tables of the sources name and the page does not."""
    source = {"cascaded": "daemon/main.c", "cascadectl": "daemon/ctl/main.c", "cascade-replay": "daemon/replay/main.c"}
    have = options_in(run(os.path.join(BUILD, program), "--help")[1])
    have |= {"--" + o for o in re.findall(r'\{"([a-z-]+)", (?:no|required|optional)_argument', read(source[program]))}
    said = options_in(page)
    missing = sorted(have - said)
    if program == "cascadectl":
        text = read(source[program])
        table = text[text.index("commands[] = {"):]
        names = re.findall(r'\{"([a-z][a-z-]*)",', table[:table.index("};")])
        missing += [n for n in names if not re.search(r"^ {5}%s\b" % re.escape(n), page, re.M)]
        missing += [] if len(names) >= 13 else ["only %d commands in the source" % len(names)]
    return missing


def lacks_man_keys(pages):
    return [k for _, k in sorted(keys()) if not re.search(r"^ {5}%s\b" % re.escape(k), pages, re.M)]


MAN = {"cascaded": "docs/man/cascaded.8", "cascadectl": "docs/man/cascadectl.1", "cascade-replay": "docs/man/cascade-replay.1"}


def test_man():
    pages = man_pages()
    check(len(pages) >= 5, "the manual pages", pages)
    for path in pages:
        rc, out, err = run(sys.executable, "tests/tools/man.py", "--print", BUILD, path)
        check(rc == 0 and out == read(path) and not re.search(r"BEGIN (.*)\n\.\\\" END", out),
              "%s is what the programs print (make docs)" % path, err)
        check(not complaints(path), "%s: mandoc and groff have nothing to say" % path, complaints(path))
    for program, path in MAN.items():
        page = rendered(path)
        check(not lacks_options(page, program), path + " lacks", lacks_options(page, program))
        for option in sorted(options_in(run(os.path.join(BUILD, program), "--help")[1])):
            check(option in lacks_options(re.sub(r"(?<![\w-])%s(?![\w-])" % option, "", page), program),
                  "%s: does not see that %s is gone" % (path, option))
    page = rendered(MAN["cascadectl"])
    check(lacks_options(page.replace("     explain", ""), "cascadectl") == ["explain"], "a command that is gone is seen")
    conf = rendered("docs/man/cascaded.conf.5") + rendered("docs/man/cascaded-rules.5")
    check(not lacks_man_keys(conf), "keys in the manual pages", lacks_man_keys(conf))
    check(lacks_man_keys(conf.replace("     flush_ms", "")) == ["flush_ms"], "a key that is gone is seen")
    rules = rendered("docs/man/cascaded-rules.5")
    check(not [m for m in metrics() if not re.search(r"\b%s\b" % m, rules)], "metrics in cascaded-rules(5)")
    with tempfile.NamedTemporaryFile("w", suffix=".1") as f:
        f.write(read(MAN["cascadectl"]) + ".Bl -tag -width Ds\n")
        f.flush()
        check("Bl" in complaints(f.name), "a list that is not closed is complained of")


def test_help():
    """`make help` names every target a person calls."""
    phony = re.search(r"^\.PHONY: (.*?[^\\])\n", read("Makefile"), re.M | re.S).group(1).replace("\\\n", " ").split()
    rc, out, _ = run("make", "--no-print-directory", "help")
    said = {line.split()[0] for line in out.splitlines() if line.strip()}
    check(rc == 0 and set(phony) - said == {"programs", "everything"} and said <= set(phony), "make help",
          sorted(set(phony) ^ said))


for test in (test_printed, test_rules, test_links, test_sample, test_man, test_help):
    test()
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
