#!/usr/bin/env python3
"""Kills skepd again and again while clients write, and looks whether it kept its word.

usage: crash_test.py PATH_OF_SKEPD [--rounds N] [--seed N] [--clients N] [--durability sync|async]
                     [--without-kie]

Each client has microservices and items of its own and does one thing after the other; so it knows
what must be there: the state that was acknowledged last, or the one that it asked for when the
daemon died, wholly. Each round starts the daemon on the folder that the one before left behind,
compares, lets the clients write, and ends it by SIGKILL when so many writes were acknowledged as
the round's draw says. Nothing waits for time to pass.

Checked: every acknowledged write is there, nothing that was deleted comes back, no half of a change
is left; no revision is given to two changes, or falls; one version of a list is one list.

The seed is printed. It fixes what each client asks for and when the daemon is killed; how the
clients' requests fall in between each other is up to the machine.
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

SERVICES = 3
NAMES = ("one", "two", "three")
WRITES_MAX = 400  # A round ends after so many acknowledged writes at the latest.


class Broken(Exception):
    """The daemon did not keep its word."""


class Daemon:
    """A running skepd on a free port."""

    def __init__(self, skepd, data, durability):
        self.log = open(os.path.join(data, "..", "skepd.log"), "ab")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SKEP_")}
        self.process = subprocess.Popen(
            [skepd, "--listen", "127.0.0.1:0", "--storage", "rocksdb", "--data", data,
             "--durability", durability], stdout=subprocess.PIPE, stderr=self.log, text=True,
            env=environment)
        self.address = None
        for line in self.process.stdout:
            for word in line.split():
                if word.startswith("http://") and self.address is None:
                    self.address = word[len("http://"):]
            if "ready in" in line:
                return
        with open(self.log.name, encoding="utf-8") as log:
            raise Broken("skepd did not start:\n" + log.read()[-2000:])

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Revisions:
    """All that were ever told, over all runs of the daemon."""

    def __init__(self):
        self.lock = threading.Lock()
        self.change_of = {}
        self.newest_of_runs = 0  # Of the runs before this one.

    def told(self, revision, change, is_new):
        with self.lock:
            known = self.change_of.setdefault(revision, change)
            if known != change:
                raise Broken(f"revision {revision} is of {change} and of {known}")
            if is_new and revision <= self.newest_of_runs:
                raise Broken(f"revision {revision} of {change} is not above "
                             f"{self.newest_of_runs}, which a former run has told")

    def next_run(self):
        with self.lock:
            self.newest_of_runs = max(self.change_of, default=0)


class Acknowledged:
    """Counts; the round ends when it has come to a number."""

    def __init__(self, until):
        self.condition = threading.Condition()
        self.count = 0
        self.until = until
        self.clients = 0

    def add(self):
        with self.condition:
            self.count += 1
            self.condition.notify()

    def client_ended(self):
        with self.condition:
            self.clients -= 1
            self.condition.notify()

    def wait(self):
        with self.condition:
            while self.count < self.until and self.clients > 0:
                self.condition.wait()


class Client:
    """Its own part of the world, and the requests that change it."""

    def __init__(self, name, revisions, with_kie):
        self.name = name
        self.revisions = revisions
        self.with_kie = with_kie
        self.state = {}    # What was acknowledged. A thing that is not there has no entry.
        self.pending = None  # What the last request would change: thing -> value or None.
        self.kv_ids = {}
        self.writes = 0
        self.lists = {}    # Version of a list -> what was in it.
        self.connection = None
        self.failure = None

    # Requests

    def request(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        self.connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read(), answer.headers

    def write(self, changes, method, path, body=None):
        """Asks for a change; returns the answer's body once it was acknowledged."""
        self.pending = changes
        status, text, _ = self.request(method, path, body)
        if status // 100 != 2:
            raise Broken(f"{self.name}: {method} {path} {body}: {status} {text!r}")
        self.state = self.after(changes)
        self.pending = None
        self.writes += 1
        return json.loads(text) if text.strip() else None

    def after(self, changes):
        state = dict(self.state)
        for thing, value in changes.items():
            if value is None:
                state.pop(thing, None)
            else:
                state[thing] = value
        return state

    # Changes

    def step(self, draw):
        if self.with_kie and draw.random() < 0.5:
            return self.change_kv(draw)
        service = f"{self.name}-{draw.randrange(SERVICES)}"
        if ("service", service) not in self.state:
            return self.write(
                {("service", service): {}}, "POST", "/v4/default/registry/microservices",
                {"service": {"serviceId": service, "appId": self.name, "serviceName": service,
                             "version": "1.0.0"}})
        self.change_service(draw, service)

    def change_service(self, draw, service):
        path = "/v4/default/registry/microservices/" + service
        kind = draw.random()
        name = draw.choice(NAMES)
        value = str(draw.randrange(1000))
        if kind < 0.05:
            changes = {thing: None for thing in self.state
                       if thing[0] != "kv" and thing[1] == service}
            self.write(changes, "DELETE", path + "?force=1")
        elif kind < 0.2:
            self.write({("service", service): {"p": value}}, "PUT", path + "/properties",
                       {"properties": {"p": value}})
        elif kind < 0.35:
            self.write({("schema", service, name): value}, "PUT", path + "/schemas/" + name,
                       {"schema": value, "summary": "s" + value})
        elif ("instance", service, name) not in self.state or kind < 0.6:
            self.write(
                {("instance", service, name): ["UP", "rest://10.0.0.1:" + value]}, "POST",
                path + "/instances",
                {"instance": {"instanceId": name, "hostName": "host-" + name,
                              "endpoints": ["rest://10.0.0.1:" + value], "status": "UP"}})
        elif kind < 0.8:
            status = draw.choice(("UP", "DOWN", "OUTOFSERVICE"))
            endpoint = self.state[("instance", service, name)][1]
            self.write({("instance", service, name): [status, endpoint]}, "PUT",
                       f"{path}/instances/{name}/status?value={status}")
        else:
            self.write({("instance", service, name): None}, "DELETE", f"{path}/instances/{name}")

    def change_kv(self, draw):
        name = draw.choice(NAMES)
        value = str(draw.randrange(1000)) * draw.randrange(1, 100)
        thing = ("kv", name)
        path = "/v1/default/kie/kv"
        if thing not in self.state:
            made = self.write({thing: value}, "POST", path,
                              {"key": name, "value": value, "labels": {"client": self.name},
                               "status": "enabled"})
            self.kv_ids[name] = made["id"]
        elif draw.random() < 0.7:
            made = self.write({thing: value}, "PUT", f"{path}/{self.kv_ids[name]}",
                              {"value": value, "status": "enabled"})
        else:
            self.write({thing: None}, "DELETE", f"{path}/{self.kv_ids[name]}")
            return
        self.revisions.told(made["update_revision"], f"{self.name}'s write {self.writes}", True)

    # What is there

    def observe(self):
        found = {}
        for number in range(SERVICES):
            self.observe_service(f"{self.name}-{number}", found)
        if self.with_kie:
            self.observe_kvs(found)
        return found

    def observe_service(self, service, found):
        path = "/v4/default/registry/microservices/" + service
        status, text, _ = self.request("GET", path)
        if status != 200:
            if status // 100 != 4:
                raise Broken(f"GET {path}: {status} {text!r}")
            return
        found[("service", service)] = json.loads(text)["service"].get("properties") or {}
        status, text, _ = self.request("GET", path + "/schemas?withSchema=1")
        for schema in json.loads(text).get("schemas") or []:
            if schema.get("schema"):
                found[("schema", service, schema["schemaId"])] = schema["schema"]
        status, text, headers = self.request(
            "GET", f"/v4/default/registry/instances?appId={self.name}&serviceName={service}"
                   f"&version=0.0.0.0%2B")
        if status != 200:
            raise Broken(f"find {service}: {status} {text!r}")
        instances = {i["instanceId"]: [i["status"], i["endpoints"][0]]
                     for i in json.loads(text).get("instances") or []}
        for name, instance in instances.items():
            found[("instance", service, name)] = instance
        version = (service, headers["X-Resource-Revision"])
        before = self.lists.setdefault(version, instances)
        if before != instances:
            raise Broken(f"version {version} is of {before} and of {instances}")

    def observe_kvs(self, found):
        status, text, headers = self.request(
            "GET", "/v1/default/kie/kv?label=client:" + self.name)
        if status != 200:
            raise Broken(f"list of {self.name}: {status} {text!r}")
        for kv in json.loads(text)["data"]:
            found[("kv", kv["key"])] = kv["value"]
            self.kv_ids[kv["key"]] = kv["id"]
            if kv["update_revision"] > int(headers["X-Kie-Revision"]):
                raise Broken(f"{kv} is newer than {headers['X-Kie-Revision']}")

    def check(self):
        """Compares, and goes on from what is there."""
        found = self.observe()
        allowed = [self.state]
        if self.pending is not None:
            allowed.append(self.after(self.pending))
        if found not in allowed:
            raise Broken(f"{self.name} finds\n  {found}\nand not\n  " +
                         "\nnor\n  ".join(map(str, allowed)))
        self.state = found
        self.pending = None

    # Runs

    def connect(self, address):
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def run(self, draw, acknowledged):
        try:
            while True:
                self.step(draw)
                acknowledged.add()
        except (OSError, http.client.HTTPException):
            pass  # It was killed.
        except Exception as error:  # Told by the main thread.
            self.failure = error
        finally:
            acknowledged.client_ended()


def run_round(daemon, clients, seed, number):
    draw = random.Random(f"{seed}/{number}")
    for client in clients:
        client.connect(daemon.address)
        client.check()
    acknowledged = Acknowledged(draw.randrange(1, WRITES_MAX))
    acknowledged.clients = len(clients)
    threads = [threading.Thread(target=client.run,
                                args=(random.Random(f"{seed}/{number}/{client.name}"),
                                      acknowledged)) for client in clients]
    for thread in threads:
        thread.start()
    acknowledged.wait()
    daemon.kill()
    for thread in threads:
        thread.join()
    for client in clients:
        client.connection.close()
        if client.failure is not None:
            raise client.failure
    return acknowledged.count


def run(options, folder):
    data = os.path.join(folder, "data")
    os.mkdir(data)
    revisions = Revisions()
    clients = [Client(f"client{i}", revisions, not options.without_kie)
               for i in range(options.clients)]
    writes = 0
    for number in range(options.rounds):
        daemon = Daemon(options.skepd, data, options.durability)
        try:
            writes += run_round(daemon, clients, options.seed, number)
        except Broken as error:
            raise Broken(f"round {number}: {error}") from error
        finally:
            daemon.kill()
        revisions.next_run()
    daemon = Daemon(options.skepd, data, options.durability)
    try:
        for client in clients:
            client.connect(daemon.address)
            client.check()
    finally:
        daemon.kill()
    return writes


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("skepd")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--durability", default="sync", choices=("sync", "async"))
    parser.add_argument("--without-kie", action="store_true")
    options = parser.parse_args()
    print(f"crash_test: --seed {options.seed} --rounds {options.rounds} "
          f"--clients {options.clients} --durability {options.durability}", flush=True)
    with tempfile.TemporaryDirectory(prefix="skep-crash-") as folder:
        try:
            writes = run(options, folder)
        except Broken as error:
            print(f"crash_test: {error}", file=sys.stderr)
            return 1
    print(f"crash_test: {options.rounds} rounds, {writes} acknowledged writes, all there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
