"""Rules that read the sources: layers, limits, banned functions, purity of lib/, file comments."""
import os, re
from tree import line_of

RANK = {"base": 0, "facts": 1, "venue": 2, "market": 2, "risk": 3, "alert": 4, "engine": 5}
MODULE, PROGRAM = 6, 7
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)

# Who may include what from outside: header -> the paths that may.
OUTSIDE = {
    "jansson.h": ("daemon/serve/", "daemon/ctl/", "tests/"),
    "libwebsockets.h": ("daemon/net/", "daemon/serve/", "tests/"),
    "libpq-fe.h": ("daemon/store/db", "daemon/ctl/", "tests/"),
    "uv.h": ("daemon/", "tests/"),
    "zstd.h": ("lib/base/",),
}
# A pure core opens nothing, reads no clock, asks no environment.
LIB_HEADERS = {"time.h", "sys/time.h", "unistd.h", "fcntl.h", "pthread.h", "sys/socket.h", "netdb.h",
               "signal.h", "locale.h", "errno.h", "poll.h", "sys/epoll.h", "syslog.h", "uv.h"}
LIB_CALLS = ("fopen freopen fdopen fclose fread fwrite fgets fgetc fputs fputc fflush printf fprintf vprintf "
             "vfprintf puts putchar perror scanf fscanf getline socket connect bind listen accept recv "
             "recvfrom send sendto select poll time clock clock_gettime gettimeofday localtime localtime_r "
             "gmtime gmtime_r mktime strftime getenv setenv setlocale newlocale rand srand random "
             "system popen fork exit _exit sleep usleep nanosleep signal sigaction").split()
BANNED = "strcpy strcat sprintf vsprintf atoi atof atol atoll strtok gets".split()
LINES_MAX, LINES_WARN, FUNCTION_MAX, PARAMS_MAX = 700, 500, 60, 5
# Callbacks whose parameters a library has chosen.
FOREIGN = {("tests/sim/net.c", "on_alpn"): "OpenSSL, SSL_CTX_set_alpn_select_cb"}


def stem(path):
    return os.path.splitext(path)[0]


def layer(path):
    """(rank, group) of a file; None for what has no place in the order (tests)."""
    part = path.split("/")
    if part[0] == "lib":
        return RANK.get(part[1], 0), part[1]
    if part[0] == "daemon":
        program = path == "daemon/main.c" or part[1] in ("ctl", "replay")
        return (PROGRAM, part[1]) if program else (MODULE, "daemon")
    return None


def find_own(tree, path, name):
    """The file that #include "name" in path means."""
    for base in (os.path.dirname(path), "lib", "daemon", "tests", "tests/sim", ""):
        full = os.path.normpath(os.path.join(base, name))
        if full in tree.files:
            return full
    return None


def includes(tree, path):
    """(line, system, name, file) of each include; file is None for what is not ours."""
    for m in INCLUDE.finditer(tree.read(path)):
        system = m.group(1) == "<"
        yield (line_of(tree.read(path), m.start()), system, m.group(2),
               None if system else find_own(tree, path, m.group(2)))


def why_not(path, name):
    """Why path may not include our own file name; None when it may."""
    if path.startswith("tests/sim/"):
        if name.startswith(("lib/base/", "tests/sim/", "tests/unit/unit.h")):
            return None
        return "the simulator may include only lib/base and its own files"
    a, b = layer(path), layer(name)
    if a is None:
        return None
    if b is None:
        return "shipped code includes a test's file"
    if b[0] > a[0]:
        return "an include upwards: %s from %s" % (b[1], a[1])
    if b[0] == a[0] and b[1] != a[1] and a[0] != MODULE:
        return "%s and %s do not know each other" % (a[1], b[1])
    return None


def rule_layers(tree):
    problems, paths = [], tree.some(".c", ".h")
    for path in paths:
        for line, system, name, own in includes(tree, path):
            if system:
                allowed = OUTSIDE.get(name)
                if allowed and not path.startswith(allowed):
                    problems.append((path, line, "<%s> belongs to %s" % (name, ", ".join(allowed))))
            elif own is None:
                problems.append((path, line, '"%s" is not in the tree' % name))
            else:
                why = why_not(path, own)
                if why:
                    problems.append((path, line, why))
    return len(paths), problems


def module(tree, path):
    """A module is a header with its source; book_priv.h, book_sync.c and the like belong to book."""
    folder, name = os.path.split(stem(path))
    words = name.split("_")
    for n in range(1, len(words)):
        short = os.path.join(folder, "_".join(words[:n]))
        if short + ".h" in tree.files or short + ".c" in tree.files:
            return short
    return stem(path)


def edges_of(tree):
    """Two graphs, edge -> (path, line): header to header, and module to module. A header that has no
    source of its own is shared state, no module: only the first graph knows it."""
    paths = tree.some(".c", ".h")
    sources = {module(tree, p) for p in paths if p.endswith(".c")}
    headers, modules = {}, {}
    for path in paths:
        for line, _, _, own in includes(tree, path):
            if own is None:
                continue
            if path.endswith(".h"):
                headers[path, own] = (path, line)
            a, b = module(tree, path), module(tree, own)
            if a != b and a in sources and b in sources:
                modules.setdefault((a, b), (path, line))
    return headers, modules


def loops(edges):
    graph, done, found = {}, set(), []
    for a, b in edges:
        graph.setdefault(a, []).append(b)

    def visit(node, trail):
        if node in trail:
            loop = trail[trail.index(node):] + [node]
            found.append(edges[loop[-2], loop[-1]] + ("include cycle: " + " -> ".join(loop),))
        elif node not in done:
            for other in graph.get(node, []):
                visit(other, trail + [node])
            done.add(node)

    for node in sorted(graph):
        visit(node, [])
    return found


def rule_cycles(tree):
    headers, modules = edges_of(tree)
    return len(headers) + len(modules), loops(headers) + loops(modules)


def rule_limits(tree):
    problems, checked = [], 0
    for path in tree.some(".c", ".h"):
        lines = tree.read(path).count("\n")
        checked += 1
        if lines > LINES_MAX:
            problems.append((path, LINES_MAX + 1, "file of %d lines, the limit is %d" % (lines, LINES_MAX)))
        elif lines > LINES_WARN:
            print("%s:%d: note: %d lines, split it before %d" % (path, lines, lines, LINES_MAX))
        for f in tree.functions(path):
            checked += 1
            size = f.last - f.first + 1
            if size > FUNCTION_MAX:
                problems.append((path, f.first, "%s has %d lines, the limit is %d" % (f.name, size, FUNCTION_MAX)))
            if f.params > PARAMS_MAX and (path, f.name) not in FOREIGN:
                problems.append((path, f.first, "%s has %d parameters, the limit is %d" %
                                 (f.name, f.params, PARAMS_MAX)))
    return checked, problems


def calls(tree, paths, names, why):
    expr = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(names))
    problems = []
    for path in paths:
        code = tree.code(path)
        problems += [(path, line_of(code, m.start()), why % m.group(1)) for m in expr.finditer(code)]
    return problems


def rule_banned(tree):
    paths = tree.some(".c", ".h")
    return len(paths), calls(tree, paths, BANNED, "%s is banned: it has no bound or reports no error")


def rule_pure(tree):
    paths = [p for p in tree.some(".c", ".h") if p.startswith("lib/")]
    problems = calls(tree, paths, LIB_CALLS, "%s in lib/: the core does no input, output or time")
    for path in paths:
        problems += [(path, line, "<%s> in lib/: the core does no input, output or time" % name)
                     for line, system, name, _ in includes(tree, path) if system and name in LIB_HEADERS]
    return len(paths), problems


def rule_docs(tree):
    """Every file begins with a comment that says what it is for."""
    problems, paths = [], tree.some(".c", ".h", ".py", ".sh")
    for path in paths:
        text = tree.read(path)
        if path.endswith((".c", ".h")):
            ok = text.startswith("/*") and len(text.split("*/")[0]) >= 20
        else:
            ok = re.match(r'(#![^\n]*\n)?("""|#|\'\'\')', text) is not None
        if not ok:
            problems.append((path, 1, "begins without a comment that says what the file is for"))
    return len(paths), problems
