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

    def test_a_change_of_less_than_five_percent_is_noise_however_steady(self):
        rows = [row("find", 1.0, 1.0, 1.0)], [row("find", 0.96, 0.96, 0.96)]
        self.assertEqual(self.compare(*rows).returncode, 0)
        self.assertEqual(self.compare(*rows, "--least", "0.03").returncode, 1)

    def test_rounds_that_are_apart_by_less_than_they_differ_are_noise(self):
        """Middle halves are apart here, and by 13 %."""
        result = self.compare([row("find", 0.80, 0.81, 0.82, 0.83, 0.97)],
                              [row("find", 0.85, 0.92, 0.93, 0.94, 0.95)])
        self.assertIn("1 within noise", result.stdout)
        result = self.compare([row("find", 0.70, 0.80, 0.89)], [row("find", 0.90, 0.91, 0.92)])
        self.assertIn("1 within noise", result.stdout)

    def test_one_round_of_seven_may_be_an_accident(self):
        old, new = [0.90, 0.91, 0.92, 0.91, 0.90, 0.92], [0.80, 0.81, 0.82, 0.81, 0.80, 0.82]
        self.assertIn("1 worse", self.compare([row("find", *old, 0.5)],
                                              [row("find", *new, 1.5)]).stdout)
        self.assertIn("1 within noise", self.compare([row("find", *old[:4], 0.5)],
                                                     [row("find", *new[:4], 1.5)]).stdout)

    def test_several_results_of_a_side_are_its_spread(self):
        old = self.path_of("one", json.dumps({"facts": {}, "rows": [row("find", 0.8, 0.8, 0.8)]}))
        same = self.path_of("two", json.dumps({"facts": {}, "rows": [row("find", 0.9, 0.9, 0.9)]}))
        self.assertIn("1 better", self.run_on(old, same).stdout)
        self.assertIn("1 within noise", self.run_on(f"{old},{same}", same).stdout)

    def test_rates_and_sizes_in_the_name_do_not_part_a_row(self):
        result = self.compare([row("heartbeat, open loop, 98,123/s, p99", 1, 1, 1),
                               row("find-1 over HTTP, 575 B, CPU", 1, 1, 1)],
                              [row("heartbeat, open loop, 87,001/s, p99", 1, 1, 1),
                               row("find-1 over HTTP, 1,612 B, CPU", 1, 1, 1)])
        self.assertIn("2 rows: 0 better, 0 worse, 2 within noise; 0 rows", result.stdout)

    def test_a_row_of_zeros_is_no_error(self):
        result = self.compare([row("a", 0, 0, 0)], [row("a", 0, 0, 0)], "--all")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_what_was_planted_must_be_worse_and_nothing_else(self):
        old = [row("heartbeat, 10 k", 0.8, 0.8, 0.8), row("find", 0.9, 0.9, 0.9)]
        slower = row("heartbeat, 10 k", 0.4, 0.4, 0.4)
        both = [slower, row("find", 0.4, 0.4, 0.4)]
        for new, status in (([slower, old[1]], 0), (old, 1), (both, 1), ([old[0], both[1]], 1)):
            result = self.compare(old, new, "--planted", "heartbeat")
            self.assertEqual(result.returncode, status, result.stdout)

    def test_two_machines_are_told_and_how_busy_they_were_is_not(self):
        rows = [row("a", 1, 1, 1)]
        files = [self.path_of(machine[:1], json.dumps({"facts": {"machine": machine},
                                                       "rows": rows}))
                 for machine in ("A, load 1", "B, load 1")]
        self.assertIn("two machines", self.run_on(*files).stdout)
        busier = self.path_of("busier", json.dumps({"facts": {"machine": "A, load 2"},
                                                    "rows": rows}))
        self.assertNotIn("two machines", self.run_on(files[0], busier).stdout)

    def test_rows_of_one_side_are_counted_and_few_rounds_left_out(self):
        result = self.compare([row("a", 1, 1, 1), row("b", 1, 1, 1), row("c", 1)],
                              [row("a", 1, 1, 1), row("c", 2)], "--all")
        self.assertEqual(result.returncode, 0)
        self.assertIn("1 rows: 0 better, 0 worse, 1 within noise; 1 rows stand in one",
                      result.stdout)
        self.assertIn("in the old alone: b\n", result.stdout)

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
