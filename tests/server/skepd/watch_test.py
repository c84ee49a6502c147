#!/usr/bin/env python3
"""The daemon's watches as independent WebSocket libraries see them: Debian's python3-websockets and
node-ws.

usage: watch_test.py PATH_OF_SKEPD websockets|node

Exit status 77, with a word on why, where the library is not installed. Time is the daemon's manual
clock; nothing here sleeps.
"""
import asyncio
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, os.pardir, "support"))
from daemon import Daemon  # noqa: E402
from skip import skip  # noqa: E402

# Debian's packages belong to Debian's interpreter.
DEBIANS = "/usr/bin/python3"
# Where Debian's Node modules are.
NODE_PATH = "/usr/share/nodejs"
SECONDS_MAX = 60
REGISTRY = "/v4/default/registry"


class Registry(Daemon):
    def __init__(self, path):
        super().__init__(path, flags=("--clock", "manual"))

    def call(self, method, path, body=None, fields={}):
        connection = http.client.HTTPConnection(self.addresses[0], timeout=SECONDS_MAX)
        connection.request(method, path, None if body is None else json.dumps(body), fields)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (method, path, answer.status, text)
        connection.close()
        return json.loads(text) if text else {}

    def service(self, name):
        body = {"service": {"appId": "shop", "serviceName": name}}
        return self.call("POST", REGISTRY + "/microservices", body)["serviceId"]

    def instance(self, service, host):
        body = {"instance": {"hostName": host, "endpoints": ["rest://%s:1" % host]}}
        path = "%s/microservices/%s/instances" % (REGISTRY, service)
        return self.call("POST", path, body)["instanceId"]

    def advance(self, time):
        self.call("POST", "/skep/v1/clock", {"advance": time})

    def url(self, path):
        return "ws://" + self.addresses[0] + REGISTRY + path


class PythonSocket:
    """A connection by python3-websockets."""

    @staticmethod
    def version():
        try:
            import websockets
        except ImportError:
            if os.path.exists(DEBIANS) and not os.environ.get("SKEP_WATCH_TEST_AGAIN"):
                os.environ["SKEP_WATCH_TEST_AGAIN"] = "1"
                os.execv(DEBIANS, [DEBIANS, *sys.argv])
            return None
        return "python3-websockets " + websockets.__version__

    @classmethod
    async def open(cls, url):
        import websockets
        self = cls()
        self.socket = await websockets.connect(url, open_timeout=SECONDS_MAX)
        return self

    async def text(self):
        return await self.socket.recv()

    async def ping(self, text):
        await (await self.socket.ping(text))

    async def send(self, text):
        await self.socket.send(text)

    async def closed(self):
        import websockets
        try:
            while True:
                await self.socket.recv()
        except websockets.ConnectionClosed:
            return self.socket.close_code, self.socket.close_reason


class NodeSocket:
    """A connection by node-ws, in a process of its own (watch_client.cjs)."""

    CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "watch_client.cjs")
    ENVIRONMENT = dict(os.environ, NODE_PATH=NODE_PATH)

    @classmethod
    def version(cls):
        if shutil.which("node") is None:
            return None
        asked = subprocess.run(["node", "-p", "require('ws/package.json').version"],
                               env=cls.ENVIRONMENT, capture_output=True, text=True)
        return "node-ws " + asked.stdout.strip() if asked.returncode == 0 else None

    @classmethod
    async def open(cls, url):
        self = cls()
        self.process = await asyncio.create_subprocess_exec(
            "node", cls.CLIENT, url, env=cls.ENVIRONMENT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        await self.said("open")
        return self

    async def said(self, *names):
        """The next line that has one of these; no text may come in its place."""
        while True:
            line = json.loads(await self.process.stdout.readline())
            if any(name in line for name in names):
                return line
            assert "error" in line, line

    async def order(self, **what):
        self.process.stdin.write((json.dumps(what) + "\n").encode())
        await self.process.stdin.drain()

    async def text(self):
        return (await self.said("text"))["text"]

    async def ping(self, text):
        await self.order(ping=text.decode())
        assert (await self.said("pong"))["pong"] == text.decode()

    async def send(self, text):
        await self.order(send=text)

    async def closed(self):
        line = await self.said("closed")
        await self.process.wait()
        return line["closed"], line["reason"]


async def within(waits):
    return await asyncio.wait_for(waits, SECONDS_MAX)


async def event(socket):
    """Action, host and status of the next event."""
    message = json.loads(await within(socket.text()))
    assert message["key"]["serviceName"] == "cart", message
    instance = message["instance"]
    return message["action"], instance["hostName"], instance["status"]


async def follow(daemon, client):
    """Registration, change of status, expiry, deregistration and the server's stop."""
    cart, shop = daemon.service("cart"), daemon.service("checkout")
    find = REGISTRY + "/instances?appId=shop&serviceName=cart"
    daemon.call("GET", find, fields={"X-ConsumerId": shop})

    async def watcher_of(service):
        return await within(client.open(daemon.url("/microservices/%s/watcher" % service)))

    unknown = await watcher_of("nosuch")
    assert await within(unknown.text()) == "service does not exist"
    assert (await within(unknown.closed()))[0] == 1006  # No close frame.

    watcher, second = await watcher_of(shop), await watcher_of(shop)
    a = daemon.instance(cart, "a")
    b = daemon.instance(cart, "b")
    assert [await event(watcher) for _ in range(2)] == [("CREATE", "a", "UP"),
                                                        ("CREATE", "b", "UP")]
    await within(watcher.ping(b"there?"))
    of_a = "%s/microservices/%s/instances/%s" % (REGISTRY, cart, a)
    daemon.call("PUT", of_a + "/status?value=DOWN")
    daemon.advance("60s")
    daemon.call("PUT", of_a + "/heartbeat")
    daemon.advance("60s")
    daemon.call("DELETE", of_a)
    later = [("UPDATE", "a", "DOWN"), ("DELETE", "b", "UP"), ("DELETE", "a", "DOWN")]
    assert [await event(watcher) for _ in later] == later
    all_of_them = [("CREATE", "a", "UP"), ("CREATE", "b", "UP"), *later]
    assert [await event(second) for _ in all_of_them] == all_of_them

    # A message that is too long, and one that is not.
    await second.send("x" * 64)
    await second.send("x" * 65)
    assert (await within(second.closed()))[0] == 1009

    heartbeat = "/microservices/%s/instances/%s/heartbeat" % (cart, b)
    gone = await within((await within(client.open(daemon.url(heartbeat)))).closed())
    assert gone == (4001, "heartbeat reporting failed because the instance does not exist"), gone

    daemon.process.send_signal(signal.SIGTERM)
    assert (await within(watcher.closed()))[0] == 1001


def main():
    client = {"websockets": PythonSocket, "node": NodeSocket}[sys.argv[2]]
    version = client.version()
    if version is None:
        skip("the package %s is not installed" %
             {"websockets": "python3-websockets", "node": "node-ws"}[sys.argv[2]])
    with Registry(sys.argv[1]) as daemon:
        asyncio.run(asyncio.wait_for(follow(daemon, client), SECONDS_MAX))
        assert daemon.process.wait(SECONDS_MAX) == 0
    print(version + ": agreed")


main()
