"""The programs that are measured and those that measure, each on its core."""

import json
import os
import re
import subprocess
import sys

CORES = sorted(os.sched_getaffinity(0))
# The server and its floor on one core, the generator on another: neither disturbs what it measures.
SERVER_CORE, GENERATOR_CORE = CORES[0], CORES[-1]


class Process:
    """A program on these cores, ended with the block."""

    def __init__(self, cores, *command):
        self.command, self.cores = [str(word) for word in command], cores
        self.listens_at = None

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, self.cores))
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.communicate()

    @property
    def pid(self):
        return self.process.pid

    def printed(self, pattern):
        """The first match of `pattern` in what the program prints from here on."""
        for line in self.process.stdout:
            if found := re.search(pattern, line):
                return found
        sys.exit(f"bench/run: {self.command[0]} did not start")

    def address(self):
        """Where it listens, which it prints once it does."""
        if self.listens_at is None:
            self.listens_at = self.printed(r"127\.0\.0\.1:\d+").group()
        return self.listens_at

    def as_target(self):
        """The flags that tell skep_load of this server."""
        return ["--target", self.address(), "--pid", self.pid]

    def as_floor(self):
        return ["--floor", self.address(), "--floor-pid", self.pid]

    def as_beside(self):
        return ["--beside", self.address(), "--beside-pid", self.pid]


def skepd(programs, *flags, cores=frozenset({SERVER_CORE})):
    return Process(cores, programs / "skepd", "--listen", "127.0.0.1:0", "--threads", 1,
                   "--instances-max", 10_000_000, "--kvs-max", 10_000_000, "--log-level", "error",
                   *(flags or ["--storage", "memory"]))


def bare(programs, size):
    """The floor of what is answered over HTTP."""
    return Process({SERVER_CORE}, programs / "beast_floor", "--size", size)


def json_of(*command, core=None):
    """What a program says on stdout."""
    at = None if core is None else lambda: os.sched_setaffinity(0, {core})
    done = subprocess.run(list(map(str, command)), text=True, stdout=subprocess.PIPE,
                          preexec_fn=at)
    if done.returncode != 0:
        # It has said why.
        sys.exit(f"bench/run: {' '.join(map(str, command))}: status {done.returncode}")
    return json.loads(done.stdout)


def load(programs, *flags):
    return json_of(programs / "skep_load", "--json", "--quiet", *flags, core=GENERATOR_CORE)


def rounds(quick):
    return ["--rounds", 3, "--seconds", 0.5] if quick else ["--rounds", 5, "--seconds", 0.7]
