"""A skepd of a test's own, for tests that are not in C++."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
# What skepd logs of its own faults, behind the time.
LOGGED_ERROR = re.compile(r"^\S+ (error|critical) ", re.M)


class Daemon:
    """Runs in a with block, on as many free ports as asked for; `urls` and `addresses` tell where.
    Leaving the block asks it to stop, and ends the test where the exit status is not 0 or an error
    was logged. A storage keeps its data in a folder that goes with the block."""

    def __init__(self, path, storage="memory", ports=1, flags=()):
        self.command = [path, "--listen", ",".join(["127.0.0.1:0"] * ports), "--storage", storage,
                        *flags]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        ready, self.log = self.path_of("ready.json"), self.path_of("log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [*self.command, "--data", self.path_of("data"), "--ready-file", ready],
                stdout=subprocess.DEVNULL, stderr=log)
        try:
            self.addresses = self.wait_for(ready)["addresses"]
        except BaseException:
            self.process.kill()
            print(self.logged())
            raise
        self.urls = ["http://" + address for address in self.addresses]
        return self

    def path_of(self, name):
        return os.path.join(self.folder.name, name)

    def logged(self):
        with open(self.log) as file:
            return "skepd logged:\n" + file.read()

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
        log = self.logged()
        self.folder.cleanup()
        if kind is not None or status != 0 or LOGGED_ERROR.search(log):
            print(log)
        if kind is not None:
            return
        if status != 0:
            sys.exit("skepd was asked to stop; exit status: %s" % status)
        if LOGGED_ERROR.search(log):
            sys.exit("skepd logged errors")
