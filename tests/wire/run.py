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
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "support"))
from daemon import Daemon  # noqa: E402

CONFORMANCE = os.path.join(HERE, "conformance")
# Their pauses are what they are about: a poll that waits must be seen to wait.
WITH_PAUSES = ("k10-revision-and-waking.json",)


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
            agrees, text = replay(daemon.urls[0], scenario)
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
