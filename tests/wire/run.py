#!/usr/bin/env python3
"""Runs scenarios of conformance/ against a daemon of their own, for as far as they are due.

    run.py STORAGE SKEPD SCENARIO...

STORAGE is what skepd is told by --storage; a folder that it needs is removed afterwards.
due.json maps each scenario that is due to its steps that are not, {"step": "what it waits for"}. A
step that is not due must differ from the recorded answer: once it agrees, its line has to go.
conformance/wire.py does the comparing and knows nothing of this.
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CONFORMANCE = os.path.join(HERE, "conformance")
# Their pauses are what they are about: a poll that waits must be seen to wait.
WITH_PAUSES = ("k10-revision-and-waking.json",)
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30


class Daemon:
    """A skepd on a free port. Leaving the block asks it to stop and expects exit status 0."""

    def __init__(self, path, storage):
        self.path = path
        self.storage = storage

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = os.path.join(self.folder.name, "ready.json")
        self.process = subprocess.Popen(
            [self.path, "--listen", "127.0.0.1:0", "--ready-file", ready, "--storage",
             self.storage, "--data", os.path.join(self.folder.name, "data")],
            stdout=subprocess.DEVNULL)
        try:
            self.url = "http://" + self.wait_for(ready)["addresses"][0]
        except BaseException:
            self.process.kill()
            raise
        return self

    def wait_for(self, ready):
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit("skepd ended before it was ready, status %d" % self.process.returncode)
            try:
                with open(ready) as file:
                    return json.load(file)
            except (FileNotFoundError, ValueError):
                time.sleep(0.02)
        sys.exit("skepd was not ready after %d s" % START_SECONDS_MAX)

    def __exit__(self, kind, value, trace):
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "none after %d s" % STOP_SECONDS_MAX
        self.folder.cleanup()
        if status != 0 and kind is None:
            sys.exit("skepd was asked to stop; exit status: %s" % status)


def replay(url, scenario):
    """What wire.py says about each step: {name: agrees}, and its text."""
    eager = [] if scenario in WITH_PAUSES else ["--eager"]
    done = subprocess.run(
        [sys.executable, os.path.join(CONFORMANCE, "wire.py"), "check", *eager, "-v",
         "--base", url, os.path.join(CONFORMANCE, "scenarios", scenario)],
        stdout=subprocess.PIPE, text=True)
    if not re.search(r"^\d+ passed, \d+ failed$", done.stdout, re.M):
        sys.exit("wire.py did not finish:\n" + done.stdout)
    agrees = {}
    line = re.compile(r"^(ok|DIFFER) +%s: (.*)$" % re.escape(scenario), re.M)
    for verdict, step in line.findall(done.stdout):
        # Steps may share a name; then it stands for all of them.
        agrees[step] = agrees.get(step, True) and verdict == "ok"
    return agrees, done.stdout


def judge(scenario, agrees, not_due):
    """The lines that say what is wrong."""
    wrong = []
    for step, agreed in agrees.items():
        if not agreed and step not in not_due:
            wrong.append("differs: %s: %s" % (scenario, step))
        if agreed and step in not_due:
            wrong.append("agrees now, so take it out of due.json: %s: %s" % (scenario, step))
    for step in not_due:
        if step not in agrees:
            wrong.append("due.json names a step that is not there: %s: %s" % (scenario, step))
    return wrong


def main():
    storage, skepd, scenarios = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(os.path.join(HERE, "due.json")) as file:
        due = json.load(file)
    wrong = []
    for scenario in scenarios:
        not_due = due[scenario]
        with Daemon(skepd, storage) as daemon:
            agrees, text = replay(daemon.url, scenario)
        found = judge(scenario, agrees, not_due)
        if found:
            print(text)
        for step, why in not_due.items():
            print("left out: %s: %s: %s" % (scenario, step, why))
        print("%s: %d steps, %d left out, %d wrong" % (
            scenario, len(agrees), len(not_due), len(found)))
        wrong += found
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main()
