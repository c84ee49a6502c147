#!/usr/bin/env python3
"""Runs the Go clients' tests of this folder against a daemon of their own.

    run.py build FOLDER             fetches the pinned modules and compiles FOLDER/clients.test
    run.py FOLDER SKEPD PATTERN     runs the tests whose names match PATTERN

Exit status 77, with a word on why, where there is no go, or the modules are neither in its cache
nor can be fetched. Whatever does not compile or does not pass is a failure. Leases may be short
here, so that what ends is seen to end; the daemon must stop with status 0 and must not have logged
an error.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
FETCH_SECONDS_MAX = 240
TEST_SECONDS_MAX = 150
GO_MIN = (1, 20)


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIPPED)


def go_version(go):
    text = subprocess.run([go, "version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", text)
    return tuple(int(n) for n in found.groups()) if found else (0, 0)


def build(folder):
    program = os.path.join(folder, "clients.test")
    if os.path.exists(program):
        os.remove(program)  # Nothing old is run where this ends early.
    go = shutil.which("go") or skip("there is no go")
    if go_version(go) < GO_MIN:
        skip("go is older than %d.%d" % GO_MIN)
    # The versions are those of go.mod and go.sum, and neither file is written.
    environment = dict(os.environ, GOFLAGS="-mod=readonly", GOWORK="off", CGO_ENABLED="0")
    try:
        fetched = subprocess.run([go, "mod", "download"], cwd=HERE, env=environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 timeout=FETCH_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        skip("the modules were not fetched within %d s" % FETCH_SECONDS_MAX)
    if fetched.returncode != 0:
        print(fetched.stdout)
        if "SECURITY ERROR" in fetched.stdout or "errors parsing go.mod" in fetched.stdout:
            sys.exit(1)  # What was fetched is not what is pinned, or go.mod is wrong.
        skip("the modules cannot be fetched")
    done = subprocess.run([go, "test", "-c", "-o", program, "."], cwd=HERE, env=environment)
    sys.exit(done.returncode)


class Daemon:
    """A skepd on a free port. Leaving the block asks it to stop and expects exit status 0 and a log
    without errors."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready = os.path.join(self.folder.name, "ready.json")
        self.log = os.path.join(self.folder.name, "log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [self.path, "--storage", "memory", "--listen", "127.0.0.1:0", "--ready-file", ready,
                 "--interval-min", "1", "--times-min", "1", "--stream-ping-interval", "1s"],
                stdout=subprocess.DEVNULL, stderr=log)
        try:
            self.address = self.wait_for(ready)["addresses"][0]
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
        with open(self.log) as file:
            errors = [line for line in file if re.search(r"\b(error|critical)\b", line)]
        self.folder.cleanup()
        if status != 0:
            sys.exit("skepd was asked to stop; exit status: %s" % status)
        if errors:
            sys.exit("skepd logged errors:\n" + "".join(errors))


def run(folder, skepd, pattern):
    program = os.path.join(folder, "clients.test")
    if not os.path.exists(program):
        skip("clients.test was not built; clients.go.build says why")
    with Daemon(skepd) as daemon:
        done = subprocess.run(
            [program, "-test.v", "-test.run", pattern, "-test.timeout", "%ds" % TEST_SECONDS_MAX],
            env=dict(os.environ, SKEPD=daemon.address), cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
    print(done.stdout)
    passed = len(re.findall(r"^--- PASS: ", done.stdout, re.M))
    print("%s: %d tests passed" % (pattern, passed))
    sys.exit(done.returncode if done.returncode != 0 or passed else "no test has such a name")


if sys.argv[1] == "build":
    build(sys.argv[2])
else:
    run(*sys.argv[1:])
