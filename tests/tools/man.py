#!/usr/bin/env python3
"""Fills the parts of the manual pages that the programs print themselves: options and commands from
--help, keys from `cascaded --doc config`, metrics from --doc metrics. In: BUILD, and pages whose parts
stand between comments `BEGIN name` and `END name`; out: the pages rewritten, or with --print one page on
standard output. What is outside the comments is written by hand and kept."""
import argparse, os, re, subprocess, sys

PART = re.compile(r'(\.\\" BEGIN ([\w.:\[\] -]+)\n).*?(\.\\" END \2\n)', re.S)
MACROS = set("""Ad An Ap Aq Ar At Bq Brq Bx Cd Cm Dl Do Dq Dv Dx Em En Er Es Ev Fa Fc Fl Fn Fo Fr Ft Fx Ic In It Li
Lk Ms Mt Nd Nm No Ns Nx Oc Oo Op Os Ot Ox Pa Pc Pf Pp Pq Qc Ql Qo Qq Rs Sc Sh Sm So Sq Ss St Sx Sy Tn Ud Ux Va Vt Xc Xo Xr""".split())


def text(s):
    """Running text: one sentence a line, nothing taken for a request."""
    s = re.sub(r"`([^`]*)`", r"\\(lq\1\\(rq", s.replace("\\", "\\e"))
    lines = re.split(r"(?<=[.;:]) (?=[A-Z0-9\\])|(?<=\.) (?=\.\.\.)", s.strip())
    return "".join(("\\&" + l if l[:1] in ".'" else l) + "\n" for l in lines if l)


def sentence(s):
    """With a capital, unless it begins with a list of words or the name of a command."""
    begin = s if re.match(r"[a-z]+[,:]", s) else s[:1].upper() + s[1:]
    return begin + ("" if s.endswith((".", ")")) else ".")


def arg(s):
    """One word for a macro's line."""
    s = s.replace("\\", "\\e")
    return "\\&" + s if s in MACROS or s[:1] in ".'" or s in "|" else s


def items(rows, kind="tag", width="Ds"):
    return ".Bl -%s -width %s\n" % (kind, width) + "".join(".It %s\n%s" % r for r in rows) + ".El\n"


def run(build, program, *args):
    p = subprocess.run([os.path.join(build, program)] + list(args), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       check=True)
    return p.stdout.decode()


# ---- --help --------------------------------------------------------------------------------------

def arguments(s):
    """What a command or option takes, as macros: OPTIONS in brackets, words in capitals, choices."""
    out = []
    for word in re.findall(r"\[[^\]]*\]|\S+", s):
        if word[0] == "[":
            out.append("Oo " + arguments(word[1:-1]) + " Oc")
        elif word == "...":
            out.append("Ns ...")
        elif word.startswith("-"):
            out.append("Fl " + arg(word[1:]))
        elif re.match(r"[A-Z]", word):
            out.append("Ar " + arg(word))
        else:
            out.append("Cm " + " | ".join(arg(w) for w in word.split("|")))
    return " ".join(out)


TOKEN = r"(?:\[[^\]]*\](?:\.{3})?|--[a-z-]+|[A-Z][A-Z0-9_=%.-]*|[a-z]+(?:\|[a-z]+)+)"


def commands_of(page):
    """name, arguments, what it does: the indented lines before the first option."""
    found = []
    for line in page.splitlines():
        m = re.match(r"  ([a-z][a-z-]*) +(?:(%s(?: %s)*) +)?(.*)" % (TOKEN, TOKEN), line)
        if m:
            found.append((m.group(1), m.group(2) or "", m.group(3)))
    return found


def options_of(page):
    """[(names with their arguments), what]: lines that start with an option; deeper lines go on."""
    found = []
    one = r"-{1,2}[A-Za-z][A-Za-z-]*(?: (?:\[[A-Z]+\]|[A-Z][A-Z,=|]*(?![a-z])))?"
    for line in page.splitlines():
        m = re.match(r"  ((?:%s)(?:(?:, |  )(?:%s))*)(?:\s+(.*))?$" % (one, one), line)
        if m:
            found.append([re.split(r", |  ", m.group(1)), m.group(2) or ""])
        elif found and re.match(r" {12,}\S", line):
            found[-1][1] += " " + line.strip()
        elif not line.strip():
            continue
    return found


def help_options(page):
    rows = []
    for names, what in options_of(page):
        head = " , ".join(arguments(n) for n in names)
        rows.append((head, text(sentence(what)) if what else text("Print that and exit.")))
    return items(rows)


def help_commands(page):
    return items(("Cm %s %s" % (arg(name), arguments(args)) if args else "Cm " + arg(name),
                  text(sentence(what))) for name, args, what in commands_of(page))


# ---- --doc ---------------------------------------------------------------------------------------

def tables(page):
    """heading -> (text before the table, rows of cells)."""
    found = {}
    for head, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page, re.M | re.S):
        rows = [[c.strip() for c in l.strip("|").split(" | ")] for l in body.splitlines()
                if l.startswith("| ") and not l.startswith("| key ") and not l.startswith("| name ")]
        found[head] = (" ".join(l for l in body.splitlines() if l and not l.startswith("|")), rows)
    return found


def key_items(rows):
    out = []
    for key, default, value, what in rows:
        said = "Default: %s." % default if default else "No default."
        out.append(("Ic %s" % arg(key.strip("`")), text(what) + text("Value: %s." % value.replace(" | ", " or ")) + text(said)))
    return items(out)


def sections(page, names):
    found, out = tables(page), []
    for name in names:
        what, rows = found[name]
        out.append(".Ss %s\n%s" % (name, text(what)))
        if rows:
            out.append(key_items(rows))
    return "".join(out)


def config_sections(build, want):
    page = run(build, "cascaded", "--doc", "config")
    apart = ("[rule NAME]", "[aliases]")
    names = [n for n in tables(page) if (n in apart) == (want == "rules")]
    return sections(page, names)


def metric_list(build):
    found = tables(run(build, "cascaded", "--doc", "metrics"))
    rows = [(table, sorted(cells[0].strip("`") for cells in found[table][1])) for table in found if found[table][1]]
    return items((("Li " + table), "".join(n + (",\n" if n != names[-1] else ".\n") for n in names)) for table, names in rows)


PARTS = {
    "options": lambda b, p: help_options(run(b, p, "--help")),
    "commands": lambda b, p: help_commands(run(b, p, "--help")),
    "config": lambda b, p: config_sections(b, "main"),
    "rules": lambda b, p: config_sections(b, "rules"),
    "metrics": lambda b, p: metric_list(b),
}


def fill(build, path):
    program = os.path.basename(path).split(".")[0]
    with open(path, encoding="utf-8") as f:
        page = f.read()
    return PART.sub(lambda m: m.group(1) + PARTS[m.group(2)](build, program) + m.group(3), page)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--print", action="store_true", dest="show")
    a.add_argument("build")
    a.add_argument("page", nargs="+")
    o = a.parse_args()
    for path in o.page:
        page = fill(o.build, path)
        if o.show:
            sys.stdout.write(page)
            continue
        with open(path, "w", encoding="utf-8") as f:
            f.write(page)


if __name__ == "__main__":
    main()
