#!/usr/bin/env python3
"""The daemon's watches as an independent WebSocket library sees them: Debian's python3-websockets.

usage: watch_test.py PATH_OF_SKEPD

Exit status 77, with a word on why, where the library is not installed. Time is the daemon's manual
clock; nothing here sleeps.
"""
import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys

# Debian's packages belong to Debian's interpreter.
DEBIANS = "/usr/bin/python3"
SKIPPED = 77
SECONDS_MAX = 60
REGISTRY = "/v4/default/registry"

try:
    import websockets
except ImportError:
    if os.path.exists(DEBIANS) and not os.environ.get("SKEP_WATCH_TEST_AGAIN"):
        os.environ["SKEP_WATCH_TEST_AGAIN"] = "1"
        os.execv(DEBIANS, [DEBIANS, *sys.argv])
    print("SKIPPED: the package python3-websockets is not installed")
    sys.exit(SKIPPED)


class Daemon:
    def __init__(self, path):
        self.process = subprocess.Popen(
            [path, "--listen", "127.0.0.1:0", "--clock", "manual"], stdout=subprocess.PIPE,
            text=True)
        self.address = None
        for line in self.process.stdout:
            for word in line.split():
                if word.startswith("http://") and self.address is None:
                    self.address = word[len("http://"):]
            if "ready in" in line:
                break

    def call(self, method, path, body=None, fields={}):
        connection = http.client.HTTPConnection(self.address, timeout=SECONDS_MAX)
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

    def socket(self, path):
        return websockets.connect("ws://" + self.address + REGISTRY + path,
                                  open_timeout=SECONDS_MAX)


async def event(socket):
    """Action, host and status of the next event."""
    message = json.loads(await asyncio.wait_for(socket.recv(), SECONDS_MAX))
    assert message["key"]["serviceName"] == "cart", message
    instance = message["instance"]
    return message["action"], instance["hostName"], instance["status"]


async def closed(socket):
    """Code and reason; code 1006 where there was no close frame."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), SECONDS_MAX)
    except websockets.ConnectionClosed:
        return socket.close_code, socket.close_reason


async def follow(daemon):
    cart, shop = daemon.service("cart"), daemon.service("checkout")
    find = REGISTRY + "/instances?appId=shop&serviceName=cart"
    daemon.call("GET", find, fields={"X-ConsumerId": shop})

    unknown = await daemon.socket("/microservices/nosuch/watcher")
    assert await unknown.recv() == "service does not exist"
    assert (await closed(unknown))[0] == 1006

    watcher = await daemon.socket("/microservices/%s/watcher" % shop)
    second = await daemon.socket("/microservices/%s/watcher" % shop)
    a = daemon.instance(cart, "a")
    b = daemon.instance(cart, "b")
    of_a = "%s/microservices/%s/instances/%s" % (REGISTRY, cart, a)
    daemon.call("PUT", of_a + "/status?value=DOWN")
    await asyncio.wait_for(await watcher.ping(b"there?"), SECONDS_MAX)
    daemon.advance("60s")
    daemon.call("PUT", of_a + "/heartbeat")
    daemon.advance("60s")
    daemon.call("DELETE", of_a)
    for socket in (watcher, second):
        seen = [await event(socket) for _ in range(5)]
        assert seen == [("CREATE", "a", "UP"), ("CREATE", "b", "UP"), ("UPDATE", "a", "DOWN"),
                        ("DELETE", "b", "UP"), ("DELETE", "a", "DOWN")], seen

    # A message that is too long, and one that is not.
    await second.send("x" * 64)
    await second.send("x" * 65)
    assert (await closed(second))[0] == 1009

    heartbeat = "/microservices/%s/instances/%s/heartbeat" % (cart, b)
    gone = await closed(await daemon.socket(heartbeat))
    assert gone == (4001, "heartbeat reporting failed because the instance does not exist"), gone

    daemon.process.send_signal(signal.SIGTERM)
    assert (await closed(watcher))[0] == 1001


def main():
    daemon = Daemon(sys.argv[1])
    try:
        asyncio.run(asyncio.wait_for(follow(daemon), SECONDS_MAX))
        assert daemon.process.wait(SECONDS_MAX) == 0
    finally:
        if daemon.process.poll() is None:
            daemon.process.kill()
    print("python3-websockets %s: agreed" % websockets.__version__)


main()
