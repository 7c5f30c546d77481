#!/usr/bin/env python3
"""Proves that every lint rule can fail: each gets a small tree with one fault and must name it, and a clean
tree in which it must find nothing."""
import os, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lint
from rules_tools import writable
from tree import Tree

DOC = "/* What this file is for, in one line. */\n"
MAKEFILE = "WARN := -Wall -Wextra \\\n  -Wshadow\nCSTD := -std=c11\nCPPOWN := -iquote lib -iquote daemon\n"
FORMAT = "BasedOnStyle: LLVM\nIndentWidth: 4\nColumnLimit: 100\nBreakBeforeBraces: Linux\nSortIncludes: Never\nAllowShortFunctionsOnASingleLine: None\n"
HEADER = DOC + "#ifndef A_H\n#define A_H\nint a_get(int x);\n#endif\n"
SOURCE = DOC + '#include "base/a.h"\n\nint a_get(int x)\n{\n    return x + 1;\n}\n'
DAEMON = SOURCE.replace("a_get", "d_get").replace('a.h"\n', 'a.h"\n\nint d_get(int x);')
CLEAN = {"lib/base/a.h": HEADER, "lib/base/a.c": SOURCE, "daemon/d.c": DAEMON, "Makefile": MAKEFILE,
    ".clang-format": FORMAT, "tools/x.sh": "#!/bin/sh\n# Says hello.\necho hello\n"}


def body(lines):
    return DOC + "\nint f(int x);\nint f(int x)\n{\n" + lines + "    return x;\n}\n"


def source(include="", text=""):
    return {"lib/base/b.c": DOC + include + text}


# rule, what the fault is, the files that make it, a part of what must be said
FAULTS = [
    ("layers", "upwards", {"lib/base/b.c": DOC + '#include "facts/f.h"\n', "lib/facts/f.h": DOC}, "upwards"),
    ("layers", "lib calls the daemon", {"lib/engine/e.c": DOC + '#include "net/ws.h"\n', "daemon/net/ws.h": DOC},
     "upwards"),
    ("layers", "module to program", {"daemon/m.c": DOC + '#include "ctl/c.h"\n', "daemon/ctl/c.h": DOC}, "upwards"),
    ("layers", "venue knows market", {"lib/venue/v.c": DOC + '#include "market/m.h"\n', "lib/market/m.h": DOC},
     "do not know"),
    ("layers", "market knows venue", {"lib/market/m.c": DOC + '#include "venue/v.h"\n', "lib/venue/v.h": DOC},
     "do not know"),
    ("layers", "simulator uses our ruler", {"tests/sim/s.c": DOC + '#include "facts/f.h"\n', "lib/facts/f.h": DOC},
     "simulator"),
    ("layers", "core includes a test", {"lib/base/b.c": DOC + '#include "unit/u.h"\n', "tests/unit/u.h": DOC},
     "test's file"),
    ("layers", "jansson in the core", source("#include <jansson.h>\n"), "<jansson.h>"),
    ("layers", "jansson in the net", {"daemon/net/n.c": DOC + "#include <jansson.h>\n"}, "<jansson.h>"),
    ("layers", "websockets in the store", {"daemon/store/s.c": DOC + "#include <libwebsockets.h>\n"},
     "<libwebsockets.h>"),
    ("layers", "libpq outside db", {"daemon/store/s.c": DOC + "#include <libpq-fe.h>\n"}, "<libpq-fe.h>"),
    ("layers", "uv in the core", source("#include <uv.h>\n"), "<uv.h>"),
    ("layers", "zstd outside base", {"daemon/t.c": DOC + "#include <zstd.h>\n"}, "<zstd.h>"),
    ("layers", "a header that is nowhere", source('#include "base/none.h"\n'), "not in the tree"),
    ("cycles", "two headers", {"lib/base/b.h": DOC + '#include "base/c.h"\n', "lib/base/c.h": DOC + '#include "base/b.h"\n'},
     "include cycle"),
    ("cycles", "two modules through their sources",
     {"lib/base/b.h": DOC, "lib/base/c.h": DOC, "lib/base/b.c": DOC + '#include "base/c.h"\n',
      "lib/base/c.c": DOC + '#include "base/b.h"\n'}, "include cycle"),
    ("limits", "long function", source(text=body("    x++;\n" * 57)), "f has 61 lines"),
    ("limits", "long file", source(text="int x;\n" * 700), "file of 701 lines"),
    ("limits", "many parameters", source(text="int g(int a, int b, int c, int d, int e, int (*h)(int, int))\n"
                                         "{\n    return 0;\n}\n"), "g has 6 parameters"),
    ("pure", "a file", source(text=body('    fopen("x", "r");\n')), "fopen"),
    ("pure", "a clock", source(text=body("    x = (int)time(0);\n")), "time"),
    ("pure", "a clock's header", source("#include <time.h>\n"), "<time.h>"),
    ("pure", "a socket", source(text=body("    x = socket(1, 2, 3);\n")), "socket"),
    ("docs", "no comment in C", {"lib/base/b.c": "int x;\n"}, "begins without"),
    ("docs", "no comment in Python", {"tests/x.py": "import os\n"}, "begins without"),
    ("format", "wrong indent", source(text=body("        x++;\n")), "not formatted"),
    ("gcc", "unused variable", source(text=body("    int y;\n")), "unused variable"),
    ("gcc", "shadow", source(text=body("    {\n        int x = 1;\n        (void)x;\n    }\n")), "shadow"),
    ("gcc", "syntax", source(text="int f(\n"), "expected"),
    ("clang", "self-assignment in a condition", source(text=body("    if ((x == 3))\n        x = 1;\n")), "parenthes"),
    ("clang", "syntax", source(text="int f(\n"), "expected"),
    ("globals", "a counter", source(text="int count;\nint count = 3;\n"), "writable global count"),
    ("globals", "a static buffer", source(text="char *f(void);\nchar *f(void)\n{\n    static char b[9];\n    return b;\n}\n"),
     "writable global b"),
    ("cppcheck", "null dereference", source(text=body("    int *p = 0;\n    *p = x;\n")), "Null pointer"),
    ("cppcheck", "out of bounds", source(text=body("    int a[3] = {0};\n    a[3] = x;\n    x = a[0];\n")), "out of bounds"),
    ("shell", "unquoted", {"tools/y.sh": "#!/bin/sh\n# Removes.\nrm $1\n"}, "Double quote"),
    ("shell", "the CI script too", {".ci/run": "#!/bin/sh\n# Runs.\nrm $1\n"}, "Double quote"),
]
FAULTS += [("banned", name, source(text=body("    %s(0, 0);\n" % name)), name + " is banned")
           for name in "strcpy strcat sprintf atoi atof strtok gets".split()]

# Near misses, which must pass: rule, files.
INNOCENT = [
    ("banned", source(text="/* strcpy(a, b) */\nint my_strcpy(void);\n" + body('    (void)"sprintf(x)";\n'))),
    ("pure", source(text="/* time(0) */\n" + body("    x = s.time(0);\n    x = my_time(0);\n"))),
    ("limits", source(text=body("    x++;\n" * 56))),
    ("limits", source(text="int table[] = {\n" + "    1,\n" * 100 + "};\n")),
    ("limits", source(text="int g(int a, int b, int c, int d, int (*h)(int, int))\n{\n    return 0;\n}\n")),
    ("layers", {"daemon/net/w.c": DOC + "#include <libwebsockets.h>\n#include <uv.h>\n",
                "daemon/store/db_block.c": DOC + "#include <libpq-fe.h>\n",
                "daemon/serve/rpc.c": DOC + "#include <jansson.h>\n", "lib/base/z.c": DOC + "#include <zstd.h>\n",
                "tests/unit/t.c": DOC + '#include <jansson.h>\n#include "base/a.h"\n'}),
    ("cycles", {"lib/base/b.h": DOC, "lib/base/b_priv.h": DOC + '#include "base/b.h"\n',
                "lib/base/b.c": DOC + '#include "base/b_priv.h"\n', "lib/base/b_more.c": DOC + '#include "base/b.h"\n'}),
    ("globals", source(text='static const char *const names[] = {"a", "b"};\nconst char *f(int i);\n'
                            "const char *f(int i)\n{\n    return names[i];\n}\n")),
    ("docs", {"lib/base/b.c": "/* The second of two small files. */\n", "t/x.py": "#!/usr/bin/env python3\n# Short.\n"}),
]

OBJDUMP = """0000000000000000 l    d  .bss	0000000000000000 .bss
0000000000000000 l     O .data.rel.ro.local	0000000000000010 table
0000000000000000 l     O .bss	0000000000000008 hidden.0
0000000000000000 g     O .data	0000000000000004 .hidden shown
0000000000000000 g     F .text	0000000000000004 f
"""


def problems(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w") as f:
                f.write(text)
        tree = Tree(root)
        if rule == "globals":
            lint.RULES["gcc"](tree)
        return lint.RULES[rule](tree)


def main():
    passed, failed = 0, 0

    def check(ok, what):
        nonlocal passed, failed
        passed, failed = passed + ok, failed + (not ok)
        if not ok:
            print("FAILED: " + what)

    for rule in lint.RULES:
        checked, found = problems(rule, CLEAN)
        check(checked > 0 and not found, "%s on a clean tree: %d checked, %s" % (rule, checked, found))
        check(any(f[0] == rule for f in FAULTS), "no fault proves that %s can fail" % rule)
    for rule, what, files, say in FAULTS:
        found = problems(rule, dict(CLEAN, **files))[1]
        hit = [p for p in found if say in p[2] and p[0] in files and p[1] > 0]
        check(bool(hit), "%s does not see: %s (found %s)" % (rule, what, found))
    for rule, files in INNOCENT:
        found = problems(rule, dict(CLEAN, **files))[1]
        check(not found, "%s sees what is not there: %s" % (rule, found))
    check(list(writable(OBJDUMP)) == ["hidden.0", "shown"], "symbols of objdump")
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
