#!/usr/bin/env python3
"""bench/compare tells changes from noise, and refuses what is no result."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

COMPARE = pathlib.Path(__file__).resolve().parents[2] / "bench" / "compare"


def row(name, *samples, better="higher"):
    return {"row": name, "samples": samples, "better": better}


class CompareTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path_of(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text)
        return path

    def compare(self, old, new, *options):
        paths = [self.path_of(name, json.dumps({"facts": {"commit": name}, "rows": rows}))
                 for name, rows in (("old", old), ("new", new))]
        return self.run_on(*paths, *options)

    def run_on(self, *arguments):
        return subprocess.run([sys.executable, COMPARE, *arguments], capture_output=True, text=True)

    def test_equal_results_are_noise(self):
        rows = [row("heartbeat", 0.8, 0.82, 0.81), row("find", 0.9, 0.91, 0.95)]
        result = self.compare(rows, rows)
        self.assertEqual(result.returncode, 0)
        self.assertIn("2 rows: 0 better, 0 worse, 2 within noise", result.stdout)
        self.assertNotIn("heartbeat", result.stdout)

    def test_a_lower_ratio_is_worse_where_higher_is_better(self):
        result = self.compare([row("heartbeat", 0.80, 0.82, 0.81)],
                              [row("heartbeat", 0.50, 0.52, 0.51)])
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"heartbeat +0\.81 .* 0\.51 .* 0\.63 +worse")

    def test_a_lower_figure_is_better_where_lower_is_better(self):
        result = self.compare([row("CPU", 0.80, 0.82, 0.81, better="lower")],
                              [row("CPU", 0.50, 0.52, 0.51, better="lower")])
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"CPU .* better")

    def test_medians_that_differ_within_the_spread_are_noise(self):
        result = self.compare([row("find", 0.7, 0.9, 1.1, 0.8, 1.0)],
                              [row("find", 0.6, 0.8, 1.0, 0.7, 0.9)])
        self.assertEqual(result.returncode, 0)
        self.assertIn("1 within noise", result.stdout)

    def test_a_change_of_less_than_two_percent_is_noise_however_steady(self):
        result = self.compare([row("find", 1.0, 1.0, 1.0)], [row("find", 0.985, 0.985, 0.985)])
        self.assertEqual(result.returncode, 0)

    def test_rows_of_one_side_are_counted_and_few_rounds_left_out(self):
        result = self.compare([row("a", 1, 1, 1), row("b", 1, 1, 1), row("c", 1)],
                              [row("a", 1, 1, 1), row("c", 2)], "--all")
        self.assertEqual(result.returncode, 0)
        self.assertIn("1 rows: 0 better, 0 worse, 1 within noise; 1 rows stand in one",
                      result.stdout)

    def test_nothing_in_common_is_an_error(self):
        result = self.compare([row("a", 1, 1, 1)], [row("b", 1, 1, 1)])
        self.assertEqual(result.returncode, 2)
        self.assertIn("no row in common", result.stderr)

    def test_what_is_no_result_is_named(self):
        bad = self.path_of("bad", "{")
        result = self.run_on(bad, bad)
        self.assertEqual(result.returncode, 2)
        self.assertIn(f"{bad}: not a result", result.stderr)
        missing = pathlib.Path(self.folder.name) / "missing"
        self.assertIn(str(missing), self.run_on(missing, missing).stderr)


if __name__ == "__main__":
    unittest.main()
