#!/usr/bin/env python3
"""The daemon as a process: what it prints, its exit codes, its files, its signals.

usage: skepd_test.py PATH_OF_SKEPD [TEST...]

Nothing here waits for time to pass. A daemon is ready when its banner's last line can be read.
"""

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

SKEPD = ""


def clean_environment(extra):
    """Ours without any SKEP_ variable, plus `extra`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SKEP_")}
    return {**kept, **extra}


# State ends with the process unless a test says otherwise: none goes to the folder that we are in.
MEMORY = ("--storage", "memory")


def run(*flags, env={}):
    """Runs skepd to its end."""
    return subprocess.run([SKEPD, *MEMORY, *flags], capture_output=True, text=True, timeout=60,
                          env=clean_environment(env))


class Daemon:
    """A running skepd on free ports."""

    def __init__(self, *flags, env={}, listen=("--listen", "127.0.0.1:0")):
        self.process = subprocess.Popen([SKEPD, *MEMORY, *listen, *flags], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        env=clean_environment(env))
        self.banner = []
        for line in self.process.stdout:
            self.banner.append(line.rstrip("\n"))
            if "ready in" in line:
                break
        if not self.banner:
            raise AssertionError("skepd did not start: " + self.process.communicate()[1])
        self.addresses = [word[len("http://"):] for line in self.banner for word in line.split()
                          if word.startswith("http://")]

    def request(self, method, path, body=None):
        """Status and body's text."""
        connection = http.client.HTTPConnection(self.addresses[0], timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def stop(self, with_signal=signal.SIGTERM):
        """The exit code and what was printed to stderr."""
        self.process.send_signal(with_signal)
        errors = self.process.communicate(timeout=60)[1]
        return self.process.returncode, errors

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


class Serving(unittest.TestCase):
    def test_answers_and_stops_at_sigterm_with_exit_code_0(self):
        with Daemon() as daemon:
            status, body = daemon.request("GET", "/v4/default/registry/version")
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(body)["apiVersion"], "4.0.0")
            self.assertEqual(daemon.stop()[0], 0)

    def test_sigint_stops_too(self):
        with Daemon() as daemon:
            self.assertEqual(daemon.stop(signal.SIGINT)[0], 0)

    def test_a_second_signal_ends_it_at_once(self):
        # A request that is not complete keeps the first stop waiting for its long deadline.
        with Daemon("--stop-deadline", "10m", "--threads", "1") as daemon:
            host, port = daemon.addresses[0].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as half:
                half.sendall(b"POST /v4/default/registry/microservices HTTP/1.1\r\n"
                             b"Host: a\r\nContent-Length: 100\r\n\r\n{")
                # The server has read this request when it answers a later one on its one thread.
                self.assertEqual(daemon.request("GET", "/version")[0], 200)
                daemon.process.send_signal(signal.SIGTERM)
                for line in daemon.process.stderr:
                    if "stopping" in line:
                        break
                self.assertEqual(daemon.stop(), (-signal.SIGTERM, ""))

    def test_banner_names_version_storage_and_addresses(self):
        with Daemon("--listen", "127.0.0.1:0") as daemon:
            first, registry, also, ready = daemon.banner
            self.assertRegex(first, r"^skepd \d+\.\d+\.\d+  storage memory")
            self.assertRegex(registry, r"^  registry   http://127\.0\.0\.1:\d+   point "
                                       r"servicecomb\.registry\.address here$")
            self.assertRegex(also, r"^  also       http://127\.0\.0\.1:\d+   serves the same$")
            self.assertRegex(ready, r"^  ready in \d+ ms$")

    def test_ready_file_holds_addresses_and_pid_until_the_stop(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "ready.json")
            with Daemon("--listen", "127.0.0.1:0", "--ready-file", path) as daemon:
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(json.load(file), {"addresses": daemon.addresses,
                                                       "pid": daemon.process.pid})
                self.assertEqual(daemon.stop()[0], 0)
            self.assertEqual(os.listdir(folder), [])

    def test_manual_clock_ends_a_lease_when_told(self):
        find = "/v4/default/registry/instances?appId=shop&serviceName=cart"
        with Daemon("--clock", "manual") as daemon:
            _, body = daemon.request("POST", "/v4/default/registry/microservices", {
                "service": {"appId": "shop", "serviceName": "cart", "version": "1.0.0"}})
            service = json.loads(body)["serviceId"]
            status, _ = daemon.request(
                "POST", f"/v4/default/registry/microservices/{service}/instances",
                {"instance": {"hostName": "a", "endpoints": ["rest://127.0.0.1:1"]}})
            self.assertEqual(status, 200)
            self.assertEqual(daemon.request("POST", "/skep/v1/clock", {"advance": "119s"})[0], 200)
            self.assertIn("rest://127.0.0.1:1", daemon.request("GET", find)[1])
            self.assertEqual(daemon.request("POST", "/skep/v1/clock", {"advance": "1s"})[0], 200)
            self.assertEqual(daemon.request("GET", find), (200, "{}"))

    def test_old_versions_retire_each_day_unless_told_otherwise(self):
        for flags, left in ((), 3), (("--versions-kept", "0"), 5):
            with Daemon("--clock", "manual", *flags) as daemon:
                services = "/v4/default/registry/microservices"
                for version in "12345":
                    daemon.request("POST", services,
                                   {"service": {"serviceName": "cart", "version": version}})
                daemon.request("POST", "/skep/v1/clock", {"advance": "24h"})
                kept = json.loads(daemon.request("GET", services)[1])["services"]
                self.assertEqual([service["version"] for service in kept],
                                 list("12345"[-left:]))

    def test_system_clock_cannot_be_moved(self):
        with Daemon() as daemon:
            self.assertEqual(daemon.request("POST", "/skep/v1/clock", {"advance": "1s"})[0], 404)

    def test_access_log_has_a_line_for_a_request(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "access.log")
            with Daemon("--access-log", path) as daemon:
                daemon.request("GET", "/v4/default/registry/version")
                self.assertEqual(daemon.stop()[0], 0)
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(len(lines), 1)
            self.assertIn("/v4/default/registry/version", lines[0])


class Starting(unittest.TestCase):
    def test_port_in_use_is_one_line_and_exit_code_1(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            result = run("--listen", address)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, f"skepd: {address} is in use by process {os.getpid()}; "
                                        "stop that, or choose another port\n")
        self.assertEqual(result.stdout, "")

    def test_address_without_a_port_is_exit_code_1(self):
        result = run("--listen", "127.0.0.1")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\Askepd: [^\n]*127\.0\.0\.1[^\n]*\n\Z")

    def test_ready_file_that_cannot_be_written_is_exit_code_1(self):
        result = run("--listen", "127.0.0.1:0", "--ready-file", "/nowhere/ready.json")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "skepd: cannot write the ready file /nowhere/ready.json\n")

    def test_access_log_that_cannot_be_opened_is_exit_code_1(self):
        result = run("--listen", "127.0.0.1:0", "--access-log", "/proc/nowhere/access.log")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\Askepd: [^\n]*/proc/nowhere[^\n]*\n\Z")


class Data(unittest.TestCase):
    """State on disk: the folder, what is told of it, and who else wants it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "some", "data")
        self.flags = ("--storage", "rocksdb", "--data", self.data)

    def content(self):
        """Every file's name and bytes."""
        found = {}
        for folder, _, files in os.walk(self.data):
            for name in files:
                with open(os.path.join(folder, name), "rb") as file:
                    found[name] = file.read()
        return found

    def refused(self):
        """What is said of a folder that is not opened, and left as it is."""
        before = self.content()
        result = run("--listen", "127.0.0.1:0", *self.flags)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertEqual(self.content(), before)
        self.assertRegex(result.stderr, r"\Askepd: [^\n]*\n\Z")
        self.assertIn(self.data, result.stderr)
        return result.stderr

    def test_banner_names_the_folder_and_what_was_loaded(self):
        for durability in "sync", "async":
            with Daemon(*self.flags, "--durability", durability) as daemon:
                self.assertRegex(daemon.banner[0],
                                 r"^skepd \S+  data %s \(rocksdb, %s\)  loaded \d+ services, "
                                 r"\d+ keys in \d+ ms$" % (re.escape(self.data), durability))
                self.assertEqual(daemon.stop()[0], 0)

    def test_without_flags_state_is_kept_in_skep_data_of_the_working_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            daemon = subprocess.Popen([SKEPD, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE,
                                      cwd=folder, text=True, env=clean_environment({}))
            banner = daemon.stdout.readline()
            daemon.terminate()
            daemon.communicate(timeout=60)
            self.assertIn("data ./skep-data (rocksdb, sync)", banner)
            self.assertEqual(daemon.returncode, 0)
            self.assertIn("CURRENT", os.listdir(os.path.join(folder, "skep-data")))

    def test_second_daemon_is_told_which_process_has_the_folder(self):
        with Daemon(*self.flags) as daemon:
            self.assertIn(f"is in use by process {daemon.process.pid};", self.refused())
            self.assertEqual(daemon.request("GET", "/health")[0], 200)
        with Daemon(*self.flags) as daemon:  # The first one was killed.
            self.assertEqual(daemon.stop()[0], 0)

    def test_newer_folder(self):
        with Daemon(*self.flags) as daemon:
            daemon.stop()
        with open(os.path.join(self.data, "FORMAT"), "w", encoding="utf-8") as file:
            file.write("skep 99\n")
        self.assertIn("has format 99", self.refused())

    def test_corrupt_folder(self):
        with Daemon(*self.flags) as daemon:
            daemon.stop()
        os.remove(os.path.join(self.data, "CURRENT"))
        self.assertIn("the file CURRENT is missing", self.refused())

    def test_folder_of_others(self):
        os.makedirs(self.data)
        with open(os.path.join(self.data, "letters.txt"), "w", encoding="utf-8") as file:
            file.write("Dear")
        self.assertIn("no folder of skep's", self.refused())

    def test_folder_that_cannot_be_made(self):
        self.flags = ("--storage", "rocksdb", "--data", "/proc/nowhere/data")
        self.data = "/proc/nowhere"
        self.refused()

    def test_files_that_may_not_grow_are_a_failed_write_like_any(self):
        services = "/v4/default/registry/microservices"
        acknowledged = []
        with Daemon(*self.flags) as daemon:
            resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (1 << 18, 1 << 18))
            while True:
                service = {"serviceId": f"id{len(acknowledged)}", "serviceName": "cart",
                           "version": f"1.0.{len(acknowledged)}", "properties": {"p": "v" * 5000}}
                status, text = daemon.request("POST", services, {"service": service})
                if status != 200:
                    break
                acknowledged.append(service["serviceId"])
            self.assertEqual((status, json.loads(text)["errorCode"]), (503, "503001"))
            self.assertIn(self.data, text)
            self.assertEqual(daemon.request("GET", services)[0], 200)
            self.assertEqual(daemon.stop()[0], 1)
        self.assertGreater(len(acknowledged), 10)
        with Daemon(*self.flags) as daemon:
            found = json.loads(daemon.request("GET", services)[1])["services"]
            self.assertLessEqual(set(acknowledged), {service["serviceId"] for service in found})
            self.assertEqual(daemon.stop()[0], 0)

    def test_revisions_go_on_behind_those_of_the_former_run(self):
        newest = 0
        for _ in range(3):
            with Daemon(*self.flags) as daemon:
                body = daemon.request("GET", "/metrics")[1]
                revision = float(re.search(r"^skep_revision (\S+)$", body, re.M).group(1))
                self.assertGreater(revision, newest)
                newest = revision
                self.assertEqual(daemon.stop()[0], 0)


class Flags(unittest.TestCase):
    HINT = ". skepd --help lists the flags.\n"

    def refused(self, *flags, env={}):
        """The line that a refused command line ends with, without the hint."""
        result = run(*flags, env=env)
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        self.assertTrue(result.stderr.endswith(self.HINT), result.stderr)
        return result.stderr[:-len(self.HINT)]

    def test_unknown_flag(self):
        self.assertEqual(self.refused("--bogus"),
                         "skepd: The following argument was not expected: --bogus")

    def test_other_storage(self):
        self.assertEqual(self.refused("--storage", "tape"),
                         'skepd: --storage: "tape" is not one of memory|rocksdb')

    def test_value_outside_its_choices(self):
        self.assertEqual(self.refused("--clock", "sundial"),
                         'skepd: --clock: "sundial" is not one of system|manual')

    def test_time_and_size_need_their_form(self):
        self.assertEqual(self.refused("--stop-deadline", "5"),
                         'skepd: --stop-deadline: "5" is not a time, such as 500ms or 10s')
        self.assertEqual(self.refused("--body-bytes-max", "2MB"),
                         'skepd: --body-bytes-max: "2MB" is not a size, such as 4096 or 2MiB')

    def test_bad_value_in_the_environment(self):
        self.assertEqual(self.refused(env={"SKEP_CLOCK": "sundial"}),
                         'skepd: --clock: "sundial" is not one of system|manual')

    def test_missing_file(self):
        self.assertEqual(self.refused("--config", "/nowhere/skepd.toml"),
                         "skepd: /nowhere/skepd.toml was not readable (missing?)")

    def test_version(self):
        result = run("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"\Askepd \d+\.\d+\.\d+\n\Z")

    def test_help_lists_flags_with_their_defaults(self):
        result = run("--help")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for text in ("--listen HOST:PORT", "127.0.0.1:30100,127.0.0.1:30110", "--ready-file FILE",
                     "--clock system|manual", "(default: 10s)", "SKEP_READY_FILE"):
            self.assertIn(text, result.stdout)
        self.assertLessEqual(max(map(len, result.stdout.splitlines())), 100)


class Precedence(unittest.TestCase):
    """The command line over the environment over the file, seen by where skepd listens."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "skepd.toml")
        with open(self.file, "w", encoding="utf-8") as file:
            file.write('listen = ["127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"]\n'
                       'clock = "manual"\n')

    def listeners(self, *flags, env={}):
        with Daemon(*flags, env=env, listen=()) as daemon:
            # The clock comes from the file alone: it is read whatever else is set.
            status, _ = daemon.request("POST", "/skep/v1/clock", {"advance": "1s"})
            self.assertEqual(status, 200)
            self.assertEqual(daemon.stop()[0], 0)
            return len(daemon.addresses)

    def test_file(self):
        self.assertEqual(self.listeners("--config", self.file), 3)

    def test_file_named_by_the_environment(self):
        self.assertEqual(self.listeners(env={"SKEP_CONFIG": self.file}), 3)

    def test_environment_over_file(self):
        self.assertEqual(self.listeners("--config", self.file,
                                        env={"SKEP_LISTEN": "127.0.0.1:0,127.0.0.1:0"}), 2)

    def test_flag_over_environment_and_file(self):
        self.assertEqual(self.listeners("--config", self.file, "--listen", "127.0.0.1:0",
                                        env={"SKEP_LISTEN": "127.0.0.1:0,127.0.0.1:0"}), 1)

    def test_unknown_name_in_the_file(self):
        with open(self.file, "a", encoding="utf-8") as file:
            file.write("bogus = 1\n")
        result = run("--config", self.file)
        self.assertEqual(result.returncode, 2)
        self.assertIn("the file of --config: ", result.stderr)
        self.assertIn("bogus", result.stderr)


if __name__ == "__main__":
    SKEPD = sys.argv.pop(1)
    unittest.main()
