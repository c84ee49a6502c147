#!/usr/bin/env python3
"""Kills skepd again and again while clients write, and looks whether it kept its word.

usage: crash_test.py PATH_OF_SKEPD [--rounds N] [--seed N] [--clients N] [--durability sync|async]
                     [--without-kie]

Each client has microservices and items of its own and does one thing after the other; so it knows
what must be there: the state that was acknowledged last, or the one that it asked for when the
daemon died, wholly. Each round starts the daemon on the folder that the one before left behind,
compares, lets the clients write, and ends it by SIGKILL when so many writes were acknowledged as
the round's draw says. Nothing waits for time to pass.

Written: microservices with tags and rules, properties, schemas one by one and as a set, declared
providers, instances, their statuses and properties, deletion by force; items, one by one, as an
import of all or nothing, and deleted together.

Checked: every acknowledged write is there, nothing that was deleted comes back, no half of a change
is left (a registration's rules and tags follow it as changes of their own), the history of each
item is whole; no revision is given to two changes, or falls; one version of a list is one list; who
resumes a stream of events of a former run is told to begin anew.

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
HISTORY_MAX = 100  # States of an item that the daemon shows.
SERVICES_PATH = "/v4/default/registry/microservices"
KVS_PATH = "/v1/default/kie/kv"


def number_of(draw):
    return str(draw.randrange(1000))


def some_of(draw):
    return [name for name in NAMES if draw.random() < 0.5]


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
            self.newest_of_runs = self.newest()

    def newest(self):
        return max(self.change_of, default=0)


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
        self.pending = []  # Steps of the last request's change: thing -> value or None.
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
        return self.write_steps([changes], method, path, body)

    def write_steps(self, steps, method, path, body):
        """The same for changes that are made one after the other."""
        self.pending = steps
        status, text, _ = self.request(method, path, body)
        if status // 100 != 2:
            raise Broken(f"{self.name}: {method} {path} {body}: {status} {text!r}")
        self.state = self.states()[-1]
        self.pending = []
        self.writes += 1
        return json.loads(text) if text.strip() else None

    def states(self):
        """The one that was acknowledged, and those behind each step of what is pending."""
        states = [self.state]
        for step in self.pending:
            state = {**states[-1], **step}
            states.append({thing: value for thing, value in state.items() if value is not None})
        return states

    # Changes

    def step(self, draw):
        if self.with_kie and draw.random() < 0.5:
            return self.change_kvs(draw)
        service = f"{self.name}-{draw.randrange(SERVICES)}"
        kind = draw.random()
        if ("service", service) not in self.state:
            return self.register(draw, service)
        if kind < 0.05:
            changes = {thing: None for thing in self.state
                       if thing[0] != "kv" and thing[1] == service}
            return self.write(changes, "DELETE", f"{SERVICES_PATH}/{service}?force=1")
        if kind < 0.1:
            return self.register(draw, service)
        if kind < 0.5:
            return self.change_service(draw, service)
        self.change_instance(draw, service)

    def register(self, draw, service):
        """Of one that is there rules and tags are replaced, which are changes of their own."""
        tags = {name: "v" + number_of(draw) for name in some_of(draw) or NAMES}
        pattern = "^" + number_of(draw)
        steps = [{("rules", service): [pattern]}, {("tags", service): tags}]
        if ("service", service) not in self.state:
            steps.insert(0, {("service", service): {}, ("rules", service): [],
                             ("tags", service): {}})
        self.write_steps(steps, "POST", SERVICES_PATH,
                         {"service": {"serviceId": service, "appId": self.name,
                                      "serviceName": service, "version": "1.0.0"},
                          "tags": tags,
                          "rules": [{"ruleType": "BLACK", "attribute": "ServiceName",
                                     "pattern": pattern}]})

    def change_service(self, draw, service):
        path = f"{SERVICES_PATH}/{service}"
        name = draw.choice(NAMES)
        value = number_of(draw)
        change = draw.choice(("properties", "schema", "schemas", "tags", "providers"))
        if change == "properties":
            self.write({("service", service): {"p": value}}, "PUT", path + "/properties",
                       {"properties": {"p": value}})
        elif change == "schema":
            self.write({("schema", service, name): value}, "PUT", path + "/schemas/" + name,
                       {"schema": value, "summary": "s" + value})
        elif change == "schemas":
            there = some_of(draw) or [name]
            self.write({("schema", service, one): value if one in there else None
                        for one in NAMES}, "POST", path + "/schemas",
                       {"schemas": [{"schemaId": one, "schema": value, "summary": "s" + value}
                                    for one in there]})
        elif change == "tags":
            self.change_tags(draw, path, service, name)
        else:
            self.declare_providers(draw, service)

    def change_tags(self, draw, path, service, name):
        """All of them, or the one that has the name."""
        tags = dict(self.state[("tags", service)])
        value = "v" + number_of(draw)
        kind = draw.random()
        if name not in tags or kind < 0.3:
            tags = {one: value for one in some_of(draw)}
            self.write({("tags", service): tags}, "POST", path + "/tags", {"tags": tags})
        elif kind < 0.6:
            self.write({("tags", service): {**tags, name: value}}, "PUT",
                       f"{path}/tags/{name}?value={value}")
        else:
            del tags[name]
            self.write({("tags", service): tags}, "DELETE", f"{path}/tags/{name}")

    def declare_providers(self, draw, service):
        names = sorted(f"{self.name}-{number}" for number in range(SERVICES)
                       if draw.random() < 0.5 and f"{self.name}-{number}" != service)
        self.declare(service, names)

    def declare(self, service, names):
        keys = [{"appId": self.name, "serviceName": name, "version": "1.0.0"}
                for name in [service] + names]
        self.write({("providers", service): names}, "PUT", "/v4/default/registry/dependencies",
                   {"dependencies": [{"consumer": keys[0], "providers": keys[1:]}]})

    def change_instance(self, draw, service):
        name = draw.choice(NAMES)
        thing = ("instance", service, name)
        path = f"{SERVICES_PATH}/{service}/instances"
        value = number_of(draw)
        kind = draw.random()
        if thing not in self.state or kind < 0.25:
            endpoint = "rest://10.0.0.1:" + value
            return self.write(
                {thing: ["UP", endpoint, {}]}, "POST", path,
                {"instance": {"instanceId": name, "hostName": "host-" + name,
                              "endpoints": [endpoint], "status": "UP"}})
        status, endpoint, properties = self.state[thing]
        path = f"{path}/{name}"
        if kind < 0.5:
            status = draw.choice(("UP", "DOWN", "OUTOFSERVICE"))
            self.write({thing: [status, endpoint, properties]}, "PUT",
                       f"{path}/status?value={status}")
        elif kind < 0.7:
            self.write({thing: [status, endpoint, {"p": value}]}, "PUT", path + "/properties",
                       {"properties": {"p": value}})
        else:
            self.write({thing: None}, "DELETE", path)

    def kv_after(self, name, value, status="enabled"):
        """Its states, the newest first, since it was made."""
        return ([[value, status]] + self.state.get(("kv", name), []))[:HISTORY_MAX]

    def change_kvs(self, draw):
        kind = draw.random()
        if kind < 0.1:
            return self.import_kvs(draw)
        name = draw.choice(NAMES)
        if ("kv", name) not in self.state or kind < 0.7:
            return self.put_kv(draw, name)
        there = [one for one in some_of(draw) if ("kv", one) in self.state]
        if kind < 0.85 or not there:
            self.write({("kv", name): None}, "DELETE", f"{KVS_PATH}/{self.kv_ids[name]}")
        else:
            self.write({("kv", one): None for one in there}, "DELETE", KVS_PATH,
                       {"ids": [self.kv_ids[one] for one in there]})

    def put_kv(self, draw, name):
        value = number_of(draw) * draw.randrange(1, 100)
        thing = ("kv", name)
        if thing not in self.state:
            made = self.write({thing: self.kv_after(name, value)}, "POST", KVS_PATH,
                              {"key": name, "value": value, "labels": {"client": self.name},
                               "status": "enabled"})
            self.kv_ids[name] = made["id"]
        else:
            status = draw.choice(("enabled", "disabled"))
            made = self.write({thing: self.kv_after(name, value, status)}, "PUT",
                              f"{KVS_PATH}/{self.kv_ids[name]}",
                              {"value": value, "status": status})
        self.revisions.told(made["update_revision"], f"{self.name}'s write {self.writes}", True)

    def import_kvs(self, draw):
        value = number_of(draw)
        made = self.write(
            {("kv", name): self.kv_after(name, value) for name in NAMES}, "POST",
            "/v1/default/kie/file?override=force&atomic=true",
            {"data": [{"key": name, "value": value, "labels": {"client": self.name},
                       "status": "enabled"} for name in NAMES]})
        for kv in made["success"]:
            self.kv_ids[kv["key"]] = kv["id"]
            self.revisions.told(kv["update_revision"], f"{self.name}'s write {self.writes}", True)

    # What is there

    def observe(self):
        found = {}
        for number in range(SERVICES):
            self.observe_service(f"{self.name}-{number}", found)
        if self.with_kie:
            self.observe_kvs(found)
        return found

    def read(self, path):
        status, text, headers = self.request("GET", path)
        if status != 200:
            raise Broken(f"{self.name}: GET {path}: {status} {text!r}")
        return json.loads(text), headers

    def observe_service(self, service, found):
        path = f"{SERVICES_PATH}/{service}"
        status, text, _ = self.request("GET", path)
        if status != 200:
            if status // 100 != 4:
                raise Broken(f"GET {path}: {status} {text!r}")
            return
        found[("service", service)] = json.loads(text)["service"].get("properties") or {}
        found[("tags", service)] = self.read(path + "/tags")[0].get("tags") or {}
        detail = self.read("/v4/default/govern/microservices/" + service)[0]["service"]
        found[("rules", service)] = [rule["pattern"] for rule in detail.get("rules") or []]
        providers = self.read(path + "/providers")[0].get("providers") or []
        found[("providers", service)] = sorted(one["serviceName"] for one in providers)
        for schema in self.read(path + "/schemas?withSchema=1")[0].get("schemas") or []:
            if schema.get("schema"):
                found[("schema", service, schema["schemaId"])] = schema["schema"]
        self.observe_instances(service, found)

    def observe_instances(self, service, found):
        answer, headers = self.read(f"/v4/default/registry/instances?appId={self.name}"
                                    f"&serviceName={service}&version=0.0.0.0%2B")
        instances = {i["instanceId"]: [i["status"], i["endpoints"][0], i.get("properties") or {}]
                     for i in answer.get("instances") or []}
        for name, instance in instances.items():
            found[("instance", service, name)] = instance
        version = (service, headers["X-Resource-Revision"])
        before = self.lists.setdefault(version, instances)
        if before != instances:
            raise Broken(f"version {version} is of {before} and of {instances}")

    def observe_kvs(self, found):
        answer, headers = self.read(f"{KVS_PATH}?label=client:{self.name}")
        revision = int(headers["X-Kie-Revision"])
        if revision < self.revisions.newest():
            raise Broken(f"the newest revision is {revision}, and {self.revisions.newest()} was "
                         "told")
        for kv in answer["data"]:
            self.kv_ids[kv["key"]] = kv["id"]
            history = self.read("/v1/default/kie/revision/" + kv["id"])[0]["data"]
            numbers = [state["update_revision"] for state in history]
            if numbers != sorted(set(numbers), reverse=True) or numbers[0] > revision:
                raise Broken(f"{kv} at {revision} has the revisions {numbers}")
            if history[0]["value"] != kv["value"]:
                raise Broken(f"{kv} is not {history[0]}")
            found[("kv", kv["key"])] = [[state["value"], state["status"]] for state in history]

    def seen(self, state):
        """Of the providers that were declared those are shown that are there."""
        shown = dict(state)
        for kind, service in [thing for thing in state if thing[0] == "service"]:
            names = state.get(("providers", service), [])
            shown[("providers", service)] = [name for name in names if (kind, name) in state]
        return shown

    def check(self):
        """Compares, and goes on from what is there."""
        found = self.observe()
        states = self.states()
        allowed = [self.seen(state) for state in states]
        if found not in allowed:
            raise Broken(f"{self.name} finds\n  {found}\nand not\n  " +
                         "\nnor\n  ".join(map(str, allowed)))
        self.state = states[allowed.index(found)]
        unsure = self.pending[0] if allowed.count(found) > 1 else {}
        self.pending = []
        for thing in unsure:
            # Nobody sees which ones were declared where some are not there.
            if thing[0] == "providers":
                self.declare(thing[1], self.state.get(thing, []))

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


def first_event(address, path, last_id):
    """Its name and its id."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("GET", path, headers={"Last-Event-ID": str(last_id)})
        answer = connection.getresponse()
        name, number = answer.readline(), answer.readline()
    finally:
        connection.close()
    return name.decode().removeprefix("event: ").strip(), int(number.removeprefix(b"id: "))


def check_streams(daemon, newest):
    """Nobody goes on from a revision of a former run."""
    for path in ("/v4/default/registry/events", "/v1/default/kie/events"):
        first = first_event(daemon.address, path, newest)
        if first != ("reset", 0):
            raise Broken(f"{path} goes on behind {newest} with {first}")


def run_round(daemon, clients, seed, number):
    draw = random.Random(f"{seed}/{number}")
    if clients[0].revisions.newest_of_runs > 0:
        check_streams(daemon, clients[0].revisions.newest_of_runs)
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
