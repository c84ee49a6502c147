#!/usr/bin/env python3
"""Reads the source tree and says where it breaks the rules that a machine can see.

    tidy.py ROOT

Each rule is a function that takes the Tree and yields "path:line: what is wrong". Exit status 1
where there is any. tidy_test.py shows for each rule something that it must find.
"""
import os
import re
import sys

SOURCE_FOLDERS = ("base", "storage", "registry", "kie", "engine", "server", "tests", "bench")
LIBRARY_FOLDERS = ("base", "storage", "registry", "kie", "engine", "server")
LINE_LENGTH_MAX = 100
# Made by others: tools, a recording, a fuzzer.
NOT_READ = ("build", ".git", ".cache", "conformance", "corpus", "__pycache__")

# Who may include whom: for each folder what its quoted includes may begin with, and the third
# parties it may use. "public:X" stands for the headers under X/include. The longest match counts.
INCLUDES = {
    "base/include": (["public:base"], ["tl/"]),
    "base": (["public:base", "base/"], ["absl/", "openssl/"]),
    "storage/include": (["public:base", "public:storage"], []),
    "storage": (["public:base", "public:storage", "base/", "storage/"], []),
    "storage/rocksdb": (["public:base", "public:storage", "base/", "storage/"], ["rocksdb/"]),
    "registry/include": (["public:base", "public:registry"], []),
    "registry/core": (["public:base", "public:storage", "public:registry", "base/",
                       "storage/acked.h", "storage/journal.h", "registry/core/"],
                      ["absl/", "re2/"]),
    "kie/include": (["public:base", "public:kie"], []),
    "kie/core": (["public:base", "public:storage", "public:kie", "base/", "storage/acked.h",
                  "storage/journal.h", "kie/core/"], ["absl/", "re2/"]),
    "engine/include": (["public:base", "public:storage", "public:registry", "public:kie",
                        "public:engine"], []),
    "engine": (["public:base", "public:storage", "public:registry", "public:kie", "public:engine",
                "base/", "storage/", "registry/core/", "kie/core/", "engine/"], []),
    "server/include": (["public:base", "public:engine", "public:server"], []),
    "server/codec": (["public:base", "public:registry", "public:kie", "base/", "server/codec/"],
                     ["simdjson", "yaml-cpp/", "zlib"]),
    "server/transport": (["public:base", "skep/server/options.h", "base/", "server/transport/"],
                         ["boost/"]),
    "server/routes": (["public:base", "public:registry", "public:kie", "public:engine",
                       "skep/server/options.h", "base/", "server/codec/", "server/routes/",
                       "server/transport/http_message.h", "server/transport/stream.h",
                       "server/transport/web_socket.h",
                       "server/transport/transport_stats.h"], ["prometheus/"]),
    "server/skepd": (["public:base", "public:storage", "public:registry", "public:kie",
                      "public:engine", "public:server", "server/skepd/"], ["CLI/", "spdlog/"]),
    "server": (["public:base", "public:registry", "public:engine", "public:server", "base/",
                "server/"], ["boost/"]),
}

# What only the daemon may do: a library does not print, exit or abort.
BANNED_IN_LIBRARY = re.compile(
    r"\b(?:v?f?printf|puts|exit|_Exit|quick_exit|abort|terminate)\s*\(|\bstd::(?:cout|cerr|clog)\b")
# Time in tests goes through the manual clock.
BANNED_IN_TESTS = re.compile(
    r"\b(?:sleep_for|sleep_until|SleepFor|usleep|nanosleep|sleep)\s*\(")
# Spelled in pieces, so that this file does not find itself.
LEFTOVERS = re.compile(
    r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b|DISABLED" r"_|GTEST" r"_SKIP|#if" r" 0\b")


class Tree:
    """The files of a source tree, read once: path from the root -> text."""

    def __init__(self, root):
        self.root = root
        self.files = {}
        for folder, names, files in os.walk(root):
            names[:] = sorted(n for n in names if n not in NOT_READ)
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), root)
                try:
                    with open(os.path.join(root, path), encoding="utf-8") as file:
                        self.files[path] = file.read()
                except UnicodeDecodeError:
                    pass  # A seed of a fuzz target, not a text.

    def text(self, path):
        return self.files.get(path, "")

    def sources(self, *folders, ends=(".h", ".cc")):
        folders = folders or SOURCE_FOLDERS
        return [p for p in self.files if p.split("/")[0] in folders and p.endswith(ends)]

    def public_headers(self, part=None):
        """Public headers as they are included: "skep/clock.h" -> path."""
        found = {}
        for path in self.sources(ends=(".h",)):
            inside = re.match(r"(\w+)/include/(skep/.*)", path)
            if inside and part in (None, inside.group(1)):
                found[inside.group(2)] = path
        return found


def lines_of(text):
    return enumerate(text.split("\n"), 1)


def code_of(text):
    """The text with comments and literals blanked out; lines stay where they are."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: "\n" * m.group().count("\n") or " ", text)


def includes_of(text):
    for number, line in lines_of(text):
        found = re.match(r'#include (?:"([^"]+)"|<([^>]+)>)', line)
        if found:
            yield number, found.group(1), found.group(2)


def part_of(path):
    matches = [p for p in INCLUDES if path.startswith(p + "/")]
    return max(matches, key=len) if matches else None


def is_standard(name):
    """<vector>, <unistd.h>, <sys/socket.h>: of the language or the system."""
    return "/" not in name and name not in ("zlib.h", "simdjson.h") or name.startswith(
        ("sys/", "net/", "netinet/", "arpa/"))


def include_direction(tree):
    public = {part: tree.public_headers(part) for part in LIBRARY_FOLDERS}

    def allowed(name, entries):
        for entry in entries:
            if entry.startswith("public:"):
                if name in public[entry[len("public:"):]]:
                    return True
            elif name.startswith(entry):
                return True
        return False

    for path in tree.sources(*LIBRARY_FOLDERS):
        part = part_of(path)
        if part is None:
            yield "%s:1: no rule of tidy.py says what this folder may include" % path
            continue
        ours, others = INCLUDES[part]
        for number, quoted, angled in includes_of(tree.text(path)):
            if quoted and not allowed(quoted, ours):
                if not any(quoted.startswith(o) for o in others):
                    yield '%s:%d: %s may not include "%s"' % (path, number, part, quoted)
            if angled and not is_standard(angled) and not angled.startswith(tuple(others)):
                yield "%s:%d: %s may not include <%s>" % (path, number, part, angled)


def header_guards(tree):
    for path in tree.sources(ends=(".h",)):
        name = re.sub(r"^\w+/include/skep/", "", path)
        guard = "SKEP_%s_" % re.sub(r"[^A-Za-z0-9]", "_", name).upper()
        text = tree.text(path)
        if "#ifndef %s\n#define %s\n" % (guard, guard) not in text:
            yield "%s:1: the guard should be %s" % (path, guard)
        elif not text.endswith("#endif  // %s\n" % guard):
            yield "%s:%d: should end in #endif  // %s" % (path, text.count("\n"), guard)


def headers_explain_themselves(tree):
    for path in tree.sources(ends=(".h",)):
        if not tree.text(path).startswith("//"):
            yield "%s:1: a header begins with a comment that says what it is" % path


def listed_in_cmake(tree, path):
    """Whether a CMakeLists.txt at or above the file names it."""
    folder, name = os.path.split(path)
    while True:
        text = tree.text(os.path.join(folder, "CMakeLists.txt"))
        relative = os.path.relpath(path, folder or ".")
        if re.search(r"(?<![\w/.])%s(?![\w.])" % re.escape(relative), text):
            return True
        if not folder:
            return False
        folder = os.path.dirname(folder)


def dead_files(tree):
    included = set()
    for path in tree.sources():
        for _, quoted, angled in includes_of(tree.text(path)):
            included.add(quoted or angled)
    public = {path: name for name, path in tree.public_headers().items()}
    for path in tree.sources():
        if path.endswith(".h"):
            if public.get(path, path) not in included:
                yield "%s:1: nothing includes this header" % path
        elif path.startswith(("tests/compile_fail/", "tests/embed/", "tests/fuzz/")):
            stem = re.sub(r"(_fuzz)?\.cc$", "", os.path.basename(path))
            lists = "".join(tree.text(p) for p in tree.files
                            if p.startswith(os.path.dirname(path)) and p.endswith("CMakeLists.txt"))
            if not re.search(r"\b%s\b" % stem, lists):
                yield "%s:1: no CMakeLists.txt names this file" % path
        elif not listed_in_cmake(tree, path):
            yield "%s:1: no CMakeLists.txt names this file" % path


def leftovers(tree):
    for path in tree.sources(ends=(".h", ".cc", ".py", ".txt", ".cmake")):
        for number, line in lines_of(tree.text(path)):
            found = LEFTOVERS.search(line)
            if found:
                yield "%s:%d: leftover: %s" % (path, number, found.group())


def line_form(tree):
    for path in tree.sources(ends=(".h", ".cc", ".py", ".txt", ".cmake")):
        text = tree.text(path)
        if text and not text.endswith("\n"):
            yield "%s:%d: no line break at the end" % (path, text.count("\n") + 1)
        for number, line in lines_of(text):
            if len(line) > LINE_LENGTH_MAX and not re.search(r"https?://", line):
                yield "%s:%d: %d columns" % (path, number, len(line))
            if line != line.rstrip() or "\t" in line:
                yield "%s:%d: a tab, or blanks at the end" % (path, number)


def banned_names(tree):
    for path in tree.sources():
        code = code_of(tree.text(path))
        in_library = path.split("/")[0] in LIBRARY_FOLDERS and not path.startswith("server/skepd/")
        for number, line in lines_of(code):
            if re.search(r"\busing namespace std\s*;", line) or (
                    path.endswith(".h") and re.search(r"\busing namespace\b", line)):
                yield "%s:%d: using namespace" % (path, number)
            if in_library and BANNED_IN_LIBRARY.search(line):
                yield "%s:%d: a library does not print, exit or abort" % (path, number)
            if path.startswith("tests/") and BANNED_IN_TESTS.search(line):
                yield "%s:%d: a test does not sleep: use the manual clock" % (path, number)
        if re.search(r"catch \(\.\.\.\)\s*\{\s*\}", code):
            yield "%s:1: catch (...) {} swallows an error" % path


def tests_mirror_the_tree(tree):
    """tests/base/a_test.cc tests base/a.h, and includes it first; one without such a header tests a
    subject of its folder."""
    public = tree.public_headers()
    for path in tree.sources("tests", ends=("_test.cc",)):
        inside = path[len("tests/"):-len("_test.cc")]
        part, name = inside.split("/")[0], os.path.basename(inside)
        if part not in LIBRARY_FOLDERS:
            continue
        own = [h for h, where in public.items()
               if os.path.basename(h) == name + ".h" and where.startswith(part + "/")]
        own += [inside + ".h"] if inside + ".h" in tree.files else []
        first = next((quoted for _, quoted, _ in includes_of(tree.text(path)) if quoted), None)
        if own and first not in own:
            yield "%s:1: the first include should be %s" % (path, " or ".join(own))
        if not any(p.startswith(os.path.dirname(inside) + "/") for p in tree.files):
            yield "%s:1: there is no folder %s to be tested" % (path, os.path.dirname(inside))


def examples_in_docs(tree):
    """All C++ in the documents stands in tests/embed, which compiles and runs it."""
    bare = lambda text: "\n".join(line.strip() for line in text.strip().split("\n"))
    compiled = [bare(tree.text(p)) for p in tree.sources("tests", ends=(".cc",))
                if p.startswith("tests/embed/")]
    for path in [p for p in tree.files if p.endswith(".md") and not p.startswith("tests/")]:
        for block in re.finditer(r"^```cpp\n(.*?)^```", tree.text(path), re.M | re.S):
            if not any(bare(block.group(1)) in text for text in compiled):
                number = tree.text(path).count("\n", 0, block.start()) + 1
                yield "%s:%d: this example is not in tests/embed" % (path, number)
    program = tree.text("tests/embed/main.cc")
    if "```cpp\n%s```\n" % program not in tree.text("README.md"):
        yield "README.md:1: should show tests/embed/main.cc, whole"


def error_numbers(tree):
    """Every number of errors.h is explained to who operates the daemon, and no other."""
    header, document = "registry/include/skep/registry/errors.h", "docs/operate.md"
    known = set(re.findall(r"^\s+k\w+ = (\d{6}),", tree.text(header), re.M))
    told = set(re.findall(r"^\| (\d{6}) \|", tree.text(document), re.M))
    for number in sorted(known - told):
        yield "%s:1: has no row for error %s" % (document, number)
    for number in sorted(told - known):
        yield "%s:1: has a row for error %s, which %s does not know" % (document, number, header)


def packages(tree):
    """packages.txt is in order, and README.md beside it gives a reason for each package."""
    path, readme = "third_party/packages.txt", "third_party/README.md"
    explained = set(re.findall(r"^\| `([^`]+)` \|", tree.text(readme), re.M))
    group, seen = None, set()
    for number, line in lines_of(tree.text(path)):
        line = line.split("#")[0].strip()
        if not line:
            continue
        if line.startswith("["):
            group = line
            continue
        named = re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", line)
        if group is None or not named or (group, line) in seen:
            yield "%s:%d: no package's name, listed twice, or in no group: %s" % (
                path, number, line)
        if line not in explained:
            yield "%s:1: has no row for %s" % (readme, line)
        seen.add((group, line))
    for name in sorted(explained - {package for _, package in seen}):
        yield "%s:1: explains %s, which packages.txt does not list" % (readme, name)


RULES = [include_direction, header_guards, headers_explain_themselves, dead_files, leftovers,
         line_form, banned_names, tests_mirror_the_tree, examples_in_docs, error_numbers, packages]


def main():
    tree = Tree(sys.argv[1])
    wrong = [line for rule in RULES for line in rule(tree)]
    print("\n".join(wrong))
    print("%d files, %d rules, %d wrong" % (len(tree.files), len(RULES), len(wrong)))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
