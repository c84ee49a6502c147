"""A small server that answers as the reference servers do, service-center and kie, where that
differs from skepd: reads follow writes, bodies in chunks, indented JSON, headers in another case,
revisions that begin at 1, a registration of a live instance is a heartbeat. And one that is broken
in a way that is asked for."""

import hashlib
import http.server
import json
import re
import sys
import threading
import urllib.parse

FOLLOW = 3  # So many finds or lists show what was before the last change.


class State:
    def __init__(self):
        self.services, self.instances, self.items = {}, {}, {}
        self.revision = 0
        self.shown, self.behind = {}, {}

    def follow(self, key, now):
        """What a cache shows: `now` after some looks."""
        if self.behind.get(key, 0) > 0:
            self.behind[key] -= 1
            return self.shown.get(key)
        self.shown[key] = now
        return now

    def changed(self, key):
        self.behind[key] = FOLLOW


def sha1(text):
    return hashlib.sha1(text.encode()).hexdigest()


class Reference(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *unused):
        pass

    def answer(self, status, body=None, indent=None, **fields):
        text = b"" if body is None else json.dumps(
            body, indent=indent, separators=None if indent else (",", ":")).encode()
        self.send_response_only(status)
        self.send_header("date", "Mon, 01 Jan 2024 00:00:00 GMT")
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        if status == 304:
            self.end_headers()
        elif len(text) > 2048:
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for at in range(0, len(text), 4000):
                part = text[at:at + 4000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        self.wfile.flush()

    def fail(self, code, detail):
        self.answer(400, {"errorCode": str(code), "errorMessage": "wrong", "detail": detail})

    def handle_any(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        broken = self.server.broken
        if broken and re.search(broken[0], f"{self.command} {self.path}"):
            self.server.seen += 1
            if self.server.seen > broken[1]:
                return broken[2](self)
        return self.handle_again()

    def handle_again(self):
        """As if nothing was broken."""
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        with self.server.lock:
            for method, pattern, do in ROUTES:
                found = re.fullmatch(pattern, url.path)
                if method == self.command and found:
                    return do(self, self.server.state, query, json.loads(self.body or b"null"),
                              *found.groups())
        return self.answer(404, {"what": "404 page not found"})

    do_GET = do_PUT = do_POST = do_DELETE = handle_any


def register_service(self, state, _query, body):
    service = body["service"]
    id = sha1(service["appId"] + service["serviceName"])
    state.services.setdefault(id, service["serviceName"])
    self.answer(200, {"serviceId": id})


def register_instance(self, state, _query, body, service):
    instance = body["instance"]
    id = instance["instanceId"]
    if (service, id) not in state.instances:
        state.instances[service, id] = dict(instance, serviceId=service, timestamp="1700000000")
        state.changed(state.services[service])
    self.answer(200, {"instanceId": id})


def change_properties(self, state, _query, body, service, id):
    state.instances[service, id]["properties"] = body["properties"]
    state.changed(state.services[service])
    self.answer(200)


def unregister(self, state, _query, _body, service, id):
    del state.instances[service, id]
    state.changed(state.services[service])
    self.answer(200)


def heartbeat(self, state, _query, _body, service, id):
    if (service, id) not in state.instances:
        return self.fail(400017, "leaseId not exist, instance not exist")
    self.answer(200)


def heartbeats(self, state, _query, body):
    # In no order that the request has.
    wanted = sorted(((each["serviceId"], each["instanceId"]) for each in body["instances"]))
    self.answer(200, {"instances": [{"serviceId": service, "instanceId": id}
                                    for service, id in wanted if (service, id) in state.instances]})


def find(self, state, query, _body):
    name = query["serviceName"][0]
    now = [each for (service, _), each in state.instances.items()
           if state.services[service] == name]
    shown = state.follow(name, now) or []
    revision = sha1(json.dumps(shown))
    if query.get("rev") == [revision]:
        return self.answer(304, x_resource_revision=revision)
    self.answer(200, {"instances": shown} if shown else {}, x_resource_revision=revision)


def put_item(state, item, id=None):
    id = id or hashlib.sha256(json.dumps([item["key"], item["labels"]]).encode()).hexdigest()
    state.revision += 1
    old = state.items.get(id, {"create_revision": state.revision})
    state.items[id] = {"id": id, **item, "create_revision": old["create_revision"],
                       "update_revision": state.revision, "create_time": 1700000000,
                       "update_time": 1700000000}
    state.changed(item["labels"]["service"])
    return state.items[id]


def import_items(self, state, _query, body):
    self.answer(200, {"success": [put_item(state, item) for item in body["data"]],
                      "failure": []}, indent=1)


def get_item(self, state, _query, _body, id):
    self.answer(200, state.items[id], indent=1)


def update_item(self, state, _query, body, id):
    old = {key: value for key, value in state.items[id].items()
           if key in ("key", "value_type", "status", "labels")}
    self.answer(200, put_item(state, {**old, "value": body["value"]}, id), indent=1)


def list_items(self, state, query, _body):
    if query.get("revision") == [str(state.revision)]:
        return self.answer(304)
    labels = dict(label.split(":") for label in query["label"])
    now = [item for item in state.items.values() if item["labels"] == labels]
    now.sort(key=lambda item: -item["update_revision"])
    shown = state.follow(labels["service"], now) or []
    self.answer(200, {"total": len(shown), "data": shown}, indent=1,
                X_Kie_Revision=str(state.revision))


REGISTRY = "/v4/default/registry"
OF_INSTANCE = REGISTRY + "/microservices/([^/]+)/instances/([^/]+)"
ROUTES = [
    ("POST", REGISTRY + "/microservices", register_service),
    ("POST", REGISTRY + "/microservices/([^/]+)/instances", register_instance),
    ("DELETE", OF_INSTANCE, unregister),
    ("PUT", OF_INSTANCE + "/heartbeat", heartbeat),
    ("PUT", OF_INSTANCE + "/properties", change_properties),
    ("PUT", REGISTRY + "/heartbeats", heartbeats),
    ("GET", REGISTRY + "/instances", find),
    ("POST", "/v1/default/kie/file", import_items),
    ("GET", "/v1/default/kie/kv", list_items),
    ("GET", "/v1/default/kie/kv/([^/]+)", get_item),
    ("PUT", "/v1/default/kie/kv/([^/]+)", update_item),
]


class Server(http.server.ThreadingHTTPServer):
    """On a free port until the block ends. `broken`: the requests that match a pattern are answered
    by a function, but for the first ones."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, broken=None):
        super().__init__(("127.0.0.1", 0), Reference)
        self.state, self.lock = State(), threading.Lock()
        self.broken, self.seen = broken, 0
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        # Who has seen a wrong answer, or enough of them, leaves.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *unused):
        self.shutdown()
        self.thread.join()
        self.server_close()
