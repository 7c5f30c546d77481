"""What the lint rules share: the files of a tree, their text without comments and strings, and the
functions in them. A rule is a function that takes a Tree and returns (checked, problems): how many things
it looked at, and a list of (path, line, text)."""
import os, re

SKIP_DIRS = {"build", "var", ".git", "__pycache__"}
CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(m):
    """A comment becomes spaces, a string stays a string of the same length; line breaks stay."""
    text = m.group(0)
    inner = re.sub(r"[^\n]", " ", text)
    return inner if text[0] == "/" else text[0] + inner[1:-1] + text[-1]


class Function:
    def __init__(self, name, first, last, params):
        self.name, self.first, self.last, self.params = name, first, last, params


class Tree:
    def __init__(self, root):
        self.root, self.text, self.bare = root, {}, {}
        self.files = sorted(self.walk())

    def walk(self):
        for folder, dirs, names in os.walk(self.root):
            dirs[:] = [d for d in dirs if d not in SKIP_DIRS]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def some(self, *endings):
        return [p for p in self.files if p.endswith(endings)]

    def read(self, path):
        if path not in self.text:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as f:
                self.text[path] = f.read()
        return self.text[path]

    def code(self, path):
        """The file without comments and without what strings say."""
        if path not in self.bare:
            self.bare[path] = CODE.sub(blank, self.read(path))
        return self.bare[path]

    def functions(self, path):
        """Every function body: with this formatting a lone '{' in column 0 opens nothing else."""
        lines = self.code(path).split("\n")
        for i, line in enumerate(lines):
            if line.rstrip() != "{":
                continue
            first = i - 1
            while first > 0 and lines[first - 1].strip() and lines[first - 1][0] not in "#}/" \
                    and not lines[first - 1].rstrip().endswith((";", "}")):
                first -= 1
            last = next((k for k in range(i, len(lines)) if lines[k].rstrip() == "}"), len(lines) - 1)
            name, params = signature(" ".join(lines[first:i]))
            yield Function(name, first + 1, last + 1, params)


def closing(text, at):
    """The index of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text) - 1


def signature(text):
    """Name and number of parameters of a definition's head."""
    while True:
        m = re.search(r"__attribute__\s*\(", text)
        if not m:
            break
        text = text[:m.start()] + text[closing(text, m.end() - 1) + 1:]
    m = re.search(r"(\w+)\s*\(", text)
    if not m:
        return "?", 0
    inside, depth, commas = text[m.end():closing(text, m.end() - 1)], 0, 0
    for c in inside:
        depth += {"(": 1, ")": -1}.get(c, 0)
        commas += c == "," and depth == 0
    if m.group(1) == "START_TEST":
        return inside.strip(), 0
    return m.group(1), 0 if inside.strip() in ("", "void") else commas + 1


def line_of(text, at):
    return text.count("\n", 0, at) + 1
