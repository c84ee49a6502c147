#!/usr/bin/env python3
"""Shows each rule of tidy.py a small tree that breaks it, and one that does not."""
import os
import tempfile
import unittest

import tidy

HEADER = "// A thing.\n#ifndef SKEP_BASE_A_H_\n#define SKEP_BASE_A_H_\n#endif  // SKEP_BASE_A_H_\n"


def found(rule, files):
    """What the rule says about a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        return list(rule(tidy.Tree(root)))


class TidyTest(unittest.TestCase):
    def test_base_may_not_know_the_registry(self):
        files = {"base/a.cc": '#include "registry/core/b.h"\n'}
        self.assertEqual(found(tidy.include_direction, files),
                         ['base/a.cc:1: base may not include "registry/core/b.h"'])

    def test_core_may_use_base(self):
        files = {"registry/core/a.cc": '#include "base/a.h"\n#include "skep/b.h"\n',
                 "base/include/skep/b.h": ""}
        self.assertEqual(found(tidy.include_direction, files), [])

    def test_public_header_may_not_use_abseil(self):
        files = {"base/include/skep/a.h": "#include <tl/expected.hpp>\n#include <absl/a.h>\n"}
        self.assertEqual(found(tidy.include_direction, files),
                         ["base/include/skep/a.h:2: base/include may not include <absl/a.h>"])

    def test_unknown_folder_has_no_rule(self):
        self.assertEqual(len(found(tidy.include_direction, {"kie/other/a.cc": ""})), 1)

    def test_guard_is_the_path(self):
        self.assertEqual(found(tidy.header_guards, {"base/a.h": HEADER}), [])
        self.assertEqual(found(tidy.header_guards, {"base/b.h": HEADER}),
                         ["base/b.h:1: the guard should be SKEP_BASE_B_H_"])

    def test_header_begins_with_a_comment(self):
        self.assertEqual(found(tidy.headers_explain_themselves, {"base/a.h": HEADER}), [])
        self.assertEqual(len(found(tidy.headers_explain_themselves, {"base/a.h": "\n"})), 1)

    def test_file_that_nobody_names_is_dead(self):
        files = {"base/CMakeLists.txt": "skep_library(base SRCS x.cc)", "base/x.cc": "",
                 "base/y.cc": "", "base/y.h": HEADER}
        self.assertEqual(found(tidy.dead_files, files),
                         ["base/y.cc:1: no CMakeLists.txt names this file",
                          "base/y.h:1: nothing includes this header"])

    def test_file_may_be_named_from_above(self):
        files = {"registry/CMakeLists.txt": "  SRCS core/x.cc", "registry/core/x.cc": ""}
        self.assertEqual(found(tidy.dead_files, files), [])

    def test_leftovers(self):
        files = {"base/a.cc": "// TO" "DO(me): later\n"}
        self.assertEqual(found(tidy.leftovers, files), ["base/a.cc:1: leftover: TO" "DO"])

    def test_line_form(self):
        files = {"base/a.cc": "x" * 101 + "\n", "base/b.cc": "x \n", "base/c.cc": "x"}
        self.assertEqual(len(found(tidy.line_form, files)), 3)

    def test_library_does_not_print(self):
        code = '// printf("x")\nauto s = "exit(1)";\nstd::printf(s);\n'
        self.assertEqual(found(tidy.banned_names, {"base/a.cc": code}),
                         ["base/a.cc:3: a library does not print, exit or abort"])
        self.assertEqual(found(tidy.banned_names, {"server/skepd/main.cc": code}), [])

    def test_test_does_not_sleep(self):
        files = {"tests/base/a_test.cc": "std::this_thread::sleep_for(1s);\n"}
        self.assertEqual(len(found(tidy.banned_names, files)), 1)

    def test_tests_mirror_the_tree(self):
        files = {"base/a.h": HEADER,
                 "tests/base/a_test.cc": '#include "base/a.h"\n#include "base/b.h"\n',
                 "tests/base/subject_test.cc": ""}
        self.assertEqual(found(tidy.tests_mirror_the_tree, files), [])
        files = {"base/a.h": HEADER, "tests/base/a_test.cc": '#include "base/b.h"\n',
                 "tests/engine/no_test.cc": ""}
        self.assertEqual(found(tidy.tests_mirror_the_tree, files),
                         ["tests/base/a_test.cc:1: the first include should be base/a.h",
                          "tests/engine/no_test.cc:1: there is no folder engine to be tested"])

    def test_documents_show_what_is_compiled(self):
        files = {"README.md": "```cpp\nint main() {}\n```\n",
                 "docs/a.md": "```cpp\nUse(1);\n```\n```cpp\nUse(2);\n```\n",
                 "tests/embed/main.cc": "int main() {}\n",
                 "tests/embed/a_test.cc": "  Use(1);\n"}
        self.assertEqual(found(tidy.examples_in_docs, files),
                         ["docs/a.md:4: this example is not in tests/embed"])
        files["README.md"] = "```cpp\nint main()\n```\n"
        self.assertIn("README.md:1: should show tests/embed/main.cc, whole",
                      found(tidy.examples_in_docs, files))

    def test_error_numbers(self):
        files = {"registry/include/skep/registry/errors.h": "  kA = 400001,\n  kB = 400002,\n",
                 "docs/operate.md": "| 400001 | x |\n| 400003 | x |\n"}
        self.assertEqual(len(found(tidy.error_numbers, files)), 2)

    def test_packages(self):
        files = {"third_party/packages.txt": "cmake\n[build]\ng++\ng++\n",
                 "third_party/README.md": "| `g++` |\n| `ninja-build` |\n"}
        self.assertEqual(len(found(tidy.packages, files)), 4)


if __name__ == "__main__":
    unittest.main()
