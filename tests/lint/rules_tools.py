"""Rules that run a tool: clang-format, gcc, clang, nm's view of lib/, cppcheck, shellcheck. Two at a time."""
import os, re, subprocess
from concurrent.futures import ThreadPoolExecutor

WORKERS = 2
PACKAGES = "libuv libwebsockets jansson libpq libsystemd libcrypto libssl check libzstd"
DIAGNOSIS = re.compile(r"^([^:\s]+):(\d+):(?:\d+:)? (?:fatal )?(?:error|warning|style|note): (.*)$")
# Ids switched off for cppcheck, each with its reason.
CPPCHECK_OFF = {
    "missingIncludeSystem": "system headers are the compilers' business",
    "unmatchedSuppression": "a suppression may serve only some configurations",
    "normalCheckLevelMaxBranches": "a remark about cppcheck itself",
    "invalidPointerCast": "reinterpreting bytes goes through memcpy or vector loads, which gcc and clang check",
    "internalAstError": "cppcheck 2.10 fails to parse some C11 that both compilers take",
    "cppcheckError": "the same, inside its own number reader",
    "uninitStructMember": "false on structs filled by a function whose error is checked first",
}


def run(cmd, cwd):
    p = subprocess.run(cmd, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, env=dict(os.environ, LC_ALL="C.UTF-8"))
    return p.returncode, p.stdout.decode(errors="replace")


def problems_of(path, status, out):
    """The tool's errors; a failure that names no line still counts once."""
    found = []
    for line in out.splitlines():
        m = DIAGNOSIS.match(line)
        if m and ": note:" not in line:
            found.append((m.group(1), int(m.group(2)), m.group(3)))
    if status != 0 and not found:
        found.append((path, 1, (out.strip().splitlines() or ["failed without a word"])[-1]))
    return found if status != 0 else []


def each(tree, paths, command):
    """Runs command(path) for each path; returns (checked, problems)."""
    def one(path):
        return problems_of(path, *run(command(path), tree.root))
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(one, paths))
    return len(paths), sorted({p for f in found for p in f})


def chunks(paths, size):
    return [paths[i:i + size] for i in range(0, len(paths), size)]


def rule_format(tree):
    """One problem a file: `make fmt` puts it right."""
    def some(paths):
        out = run(["clang-format", "--dry-run"] + paths, tree.root)[1]
        first = {}
        for line in out.splitlines():
            m = re.match(r"^([^:\s]+):(\d+):\d+: warning: ", line)
            if m:
                first.setdefault(m.group(1), int(m.group(2)))
        return [(p, n, "is not formatted as .clang-format says (make fmt)") for p, n in first.items()]
    paths = tree.some(".c", ".h")
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(some, chunks(paths, 20)))
    return len(paths), [p for f in found for p in f]


def warn_flags(tree):
    """The flags of the Makefile, so that there is one list."""
    text = tree.read("Makefile").replace("\\\n", " ")
    flags = re.search(r"^WARN\s*:=(.*)$", text, re.M).group(1).split()
    flags += re.search(r"^CSTD\s*:=(.*)$", text, re.M).group(1).split()
    return flags + re.search(r"^CPPOWN\s*:=(.*)$", text, re.M).group(1).split()


def package_flags(root):
    return [f for name in PACKAGES.split() for f in run(["pkg-config", "--cflags", name], root)[1].split()
            if f.startswith(("-I", "-D", "-pthread"))]


def flags_of(tree):
    return warn_flags(tree) + package_flags(tree.root) + \
        ["-iquote", "tests", '-DCASCADED_VERSION="0"', "-fPIE", "-Werror"]


def object_of(tree, path):
    return os.path.join(tree.root, "build", "lint", path[:-2] + ".o")


def age(path):
    return os.path.getmtime(path) if os.path.exists(path) else 0


def rule_gcc(tree):
    """With the optimiser, because some warnings come from it. What is newer than its source, every header
    and the Makefile is not compiled again."""
    flags, sources = flags_of(tree), tree.some(".c")
    common = max([age(os.path.join(tree.root, p)) for p in tree.some(".h", "Makefile")] + [0])

    def command(path):
        obj = object_of(tree, path)
        os.makedirs(os.path.dirname(obj), exist_ok=True)
        if age(obj) > max(common, age(os.path.join(tree.root, path))):
            return ["true"]
        return ["gcc", "-O2", "-D_FORTIFY_SOURCE=2", "-c", "-o", obj] + flags + [path]
    return each(tree, sources, command)


def rule_clang(tree):
    flags, paths = flags_of(tree), tree.some(".c")
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda some: problems_of(some[0], *run(["clang", "-fsyntax-only"] + flags + some, tree.root)),
                              chunks(paths, 8)))
    return len(paths), sorted({p for f in found for p in f})


def rule_globals(tree):
    """No object of lib/ has a symbol in a writable section (relocated constants are read-only later).
    Reads the objects of rule_gcc."""
    problems, sources = [], [p for p in tree.some(".c") if p.startswith("lib/")]
    for path in sources:
        status, out = run(["objdump", "-t", object_of(tree, path)], tree.root)
        if status != 0:
            problems.append((path, 1, "not compiled, so its globals are unknown"))
        problems += [(path, 1, "writable global " + name) for name in writable(out)]
    return len(sources), problems


def writable(symbols):
    """Names in .data, .bss and their like in the output of objdump -t; .data.rel.ro is const."""
    for line in symbols.splitlines():
        m = re.match(r"^[0-9a-f]+ .{7} (\S+)\s+([0-9a-f]+) (?:\.hidden )?(\S+)$", line)
        if not m or int(m.group(2), 16) == 0:
            continue
        section, name = m.group(1), m.group(3)
        common = section == "*COM*"
        if common or (re.match(r"\.(data|bss|tdata|tbss)", section) and not section.startswith(".data.rel.ro")):
            yield name


def rule_cppcheck(tree):
    where = [d for d in ("lib", "daemon", "tests/sim") if any(f.startswith(d + "/") for f in tree.files)]
    cmd = ["cppcheck", "-q", "-j", str(WORKERS), "--std=c11", "--enable=warning,performance,portability",
           "--error-exitcode=1", "--inline-suppr", "-Ilib", "-Idaemon", "-Itests", "-D__x86_64__=1",
           "--template={file}:{line}: error: {message} [{id}]", "--template-location="]
    cmd += ["--suppress=" + name for name in CPPCHECK_OFF]
    paths = [p for p in tree.some(".c") if p.startswith(tuple(d + "/" for d in where))]
    return len(paths), problems_of("lib", *run(cmd + where, tree.root)) if paths else []


def rule_shell(tree):
    paths = [p for p in tree.files if p.endswith(".sh") or p == ".ci/run"]
    return each(tree, paths, lambda p: ["shellcheck", "-f", "gcc", p])
