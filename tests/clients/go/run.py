#!/usr/bin/env python3
"""Runs the Go clients' tests of this folder against a daemon of their own.

    run.py build FOLDER             fetches the pinned modules and compiles FOLDER/clients.test
    run.py FOLDER SKEPD PATTERN     runs the tests whose names match PATTERN

Exit status 77, with a word on why, where there is no go, or the modules are neither in its cache
nor can be fetched. Whatever does not compile or does not pass is a failure, and so is a daemon that
logs an error or does not stop as asked.
"""
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, os.pardir, "support"))
from daemon import Daemon  # noqa: E402
from skip import skip  # noqa: E402

FETCH_SECONDS_MAX = 240
TEST_SECONDS_MAX = 150
GO_MIN = (1, 20)
# So that what ends is seen to end.
SHORT = ("--interval-min", "1", "--times-min", "1", "--stream-ping-interval", "1s")


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


def run(folder, skepd, pattern):
    program = os.path.join(folder, "clients.test")
    if not os.path.exists(program):
        skip("clients.test was not built; clients.go.build says why")
    with Daemon(skepd, flags=SHORT) as daemon:
        done = subprocess.run(
            [program, "-test.v", "-test.run", pattern, "-test.timeout", "%ds" % TEST_SECONDS_MAX],
            env=dict(os.environ, SKEPD=daemon.addresses[0]), cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
    print(done.stdout)
    passed = len(re.findall(r"^--- PASS: ", done.stdout, re.M))
    print("%s: %d tests passed" % (pattern, passed))
    sys.exit(done.returncode if done.returncode != 0 or passed else "no test has such a name")


if sys.argv[1] == "build":
    build(sys.argv[2])
else:
    run(*sys.argv[1:])
