#!/usr/bin/env python3
"""skep_load as a program: it runs against what answers as the reference servers do, names what is
wrong, and what it prints can be read.

usage: load_test.py SKEP_LOAD
"""

import json
import subprocess
import sys
import unittest

import reference

PROGRAM = sys.argv.pop(1)
SCENARIOS = ("heartbeat", "heartbeat-set-100", "find-1", "find-100", "find-1000-changing",
             "not-modified", "register", "kv-get", "kv-list", "kv-304", "kv-put")
SHORT = ("--instances", "200", "--services", "2", "--items", "200", "--seconds", "0.1",
         "--warm-up", "0.02")
FIND = r"GET /v4/default/registry/instances"


def run(*words):
    return subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=100)


def load(address, *words):
    rest = [word for flag, value in (("--rounds", "1"), ("--connections", "2"))
            if flag not in words for word in (flag, value)]
    return run("--target", address, *SHORT, *rest, "--json", *words)


class LoadTest(unittest.TestCase):
    def of(self, result):
        """What it printed as JSON."""
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def find(self, broken, *words):
        with reference.Server(broken) as server:
            return load(server.address, "--scenario", "find-1", *words), server.address

    def assert_wrong(self, broken, what):
        result, address = self.find(broken)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "")
        self.assertIn(what, result.stderr)
        self.assertIn(address, result.stderr)

    def test_each_scenario_is_answered_by_the_references(self):
        for scenario in SCENARIOS:
            with self.subTest(scenario), reference.Server() as server:
                said = self.of(load(server.address, "--scenario", scenario))
                self.assertEqual((said["scenario"], said["seed"]), (scenario, 1))
                self.assertEqual(said["target"]["address"], server.address)
                self.assertGreater(said["target"]["requests_per_s"], 0)
                self.assertGreaterEqual(said["target"]["max_us"], said["target"]["p50_us"])

    def test_two_servers_stand_beside_each_other(self):
        with reference.Server() as one, reference.Server() as other:
            said = self.of(load(one.address, "--beside", other.address, "--rounds", "2"))
        self.assertEqual(len(said["beside"]["ratios"]["p99_us"]), 2)
        self.assertGreater(said["beside"]["ratio"]["requests_per_s"], 0)

    def test_what_is_not_known_of_the_processes_is_null(self):
        with reference.Server() as one, reference.Server() as other:
            both = ("--target", one.address, "--beside", other.address, *SHORT, "--quiet")
            said = self.of(run(*both, "--json"))
            table = run(*both).stdout
        self.assertIsNone(said["target"]["cpu_us"])
        self.assertIsNone(said["beside"]["ratio"]["cpu_us"])
        self.assertRegex(table, r"\ntarget .* - +\d")

    def test_what_is_asked_for_may_have_any_letter(self):
        with reference.Server((r"/odd", 0, lambda handler: handler.answer(200, {}))) as server:
            said = self.of(load(server.address, "--scenario", "raw", "--path", '/odd?a="\\b"'))
        self.assertEqual(said["description"], 'GET /odd?a="\\b"')

    def test_an_error_in_the_middle_is_named(self):
        self.assert_wrong((FIND, 20, lambda handler: handler.answer(500, {})),
                          "wrong answer: status 500, not 200")

    def test_a_shorter_answer_in_the_middle_is_named(self):
        self.assert_wrong((FIND, 20, lambda handler: handler.answer(200, {})),
                          "wrong answer: 2 bytes, not ")

    def test_an_answer_that_never_shows_what_was_registered_is_named(self):
        self.assert_wrong((FIND, 0, lambda handler: handler.answer(200, {})),
                          "wrong answer: not the instances that were registered")

    def test_a_connection_closed_in_the_middle_is_named(self):
        def close(handler):
            handler.close_connection = True
        self.assert_wrong((FIND, 20, close), "closed a connection")

    def test_a_stall_is_seen_by_all_requests_that_were_to_begin_in_it(self):
        """One answer of 48 comes 200 ms late, on the only connection there is."""
        def stall(handler):
            handler.server.broken = None
            stalled.wait(0.2)
            handler.handle_again()
        stalled = reference.threading.Event()
        said = self.of(self.find((FIND, 20, stall), "--rate", "400", "--spacing", "even",
                                 "--connections", "1")[0])
        self.assertGreater(said["target"]["max_us"], 200_000)
        self.assertGreater(said["target"]["p90_us"], 100_000)

    def test_who_is_not_there_is_named(self):
        with reference.Server() as server:
            nobody = server.address
        result = load(nobody)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"cannot connect to {nobody}: Connection refused", result.stderr)

    def test_addresses_have_names_or_are_refused(self):
        with reference.Server() as server:
            self.of(load(server.address.replace("127.0.0.1", "localhost")))
        for address in ("localhost", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x"):
            result = load(address)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, f"not (HOST:PORT|a port): {address}")

    def test_what_it_does_not_know_is_refused(self):
        for words, said in ((["--scenario", "nothing"], "no scenario nothing"),
                            (["--bogus"], "--bogus"), (["--rounds", "0"], "--rounds")):
            result = load("127.0.0.1:1", *words)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(said, result.stderr)


if __name__ == "__main__":
    unittest.main()
