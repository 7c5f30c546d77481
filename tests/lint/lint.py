#!/usr/bin/env python3
"""Checks what tests cannot: layers, limits, banned functions, formatting, warnings under two compilers,
static analysis, shell scripts, globals in the core. Prints each problem as `file:line: text` and ends with
`N passed, M failed`. `lint.py RULE...` runs only these. Each rule is proven able to fail by test_lint.py.
"""
import os, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import rules_text as text
import rules_tools as tools
from tree import Tree

RULES = {
    "layers": text.rule_layers,
    "cycles": text.rule_cycles,
    "limits": text.rule_limits,
    "banned": text.rule_banned,
    "pure": text.rule_pure,
    "docs": text.rule_docs,
    "format": tools.rule_format,
    "gcc": tools.rule_gcc,
    "globals": tools.rule_globals,
    "clang": tools.rule_clang,
    "cppcheck": tools.rule_cppcheck,
    "shell": tools.rule_shell,
}


def main(root, names):
    unknown = [n for n in names if n not in RULES]
    if unknown:
        sys.exit("no rule named " + ", ".join(unknown))
    tree, passed, failed = Tree(root), 0, 0
    for name in names or RULES:
        t0 = time.monotonic()
        checked, problems = RULES[name](tree)
        for path, line, what in problems:
            print("%s:%d: %s" % (path, line, what))
        print("%-10s %5d checked %4d problems %6.1f s" % (name, checked, len(problems), time.monotonic() - t0),
              flush=True)
        failed += len(problems)
        passed += max(0, checked - len({p[:2] for p in problems}))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(main(os.path.dirname(os.path.dirname(here)), sys.argv[1:]))
