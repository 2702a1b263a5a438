"""A mock of the vendor's API for test/poll.sh: a small contact centre, served on the loopback interface, that pages,
re-delivers, expires tokens and fails.

Its clock does not move until the test sets it (/control/clock); then it jumps ahead once more, between two pages. An
activity is processed when it starts, when it ends and when its interaction is completed. A request with
include=Processed gets the items that were processed last between start and end: an item that is processed again leaves
the window, and the items after it move up.

Prints its port. The credentials that it accepts are in the environment, as for examples/poll.
"""

import json
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta, timezone
from glob import glob
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BASE = datetime(2026, 11, 2, 8, tzinfo=timezone.utc)
HOUR = 3600.0
FAULTS = ["500", "expired token", "cut off", "429", "no JSON", "Retry-After", "error as 200", "503", "no body", "504",
          "no response", "two documents"]

Event = tuple[float, dict]  # seconds since BASE, and the item as it is known from then on


def iso8601(seconds: float) -> str:
    moment = BASE + timedelta(milliseconds=round(seconds * 1000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def interactions() -> list[list[Event]]:
    """The activities of calls in the first two hours; some never end, and some are lost to an error."""
    draw = random.Random(1)
    activities = []

    def guid() -> str:
        return str(uuid.UUID(int=draw.getrandbits(128)))

    for _ in range(130):
        moment = draw.uniform(0, 2 * HOUR)
        agent = draw.choice(["1042", "0071", "71", "2900"])
        interaction = {"guid": guid(), "medium": "Phone", "mediumManager": "VCC", "direction": "Inbound"}
        channel = {"guid": guid()}
        states = [("Ringing", draw.uniform(1, 30)), ("Connected", draw.expovariate(1 / 400)), ("Wrap", draw.uniform(5, 120))]
        fate = draw.choices(["ends", "stays open", "is lost"], [20, 1, 1])[0]
        if fate != "ends":
            states = states[:2]
        over = moment + sum(length for _, length in states) + draw.uniform(5, 90)
        for state, length in states:
            item = {"agentId": agent, "start": iso8601(moment), "status": "Ongoing", "duration": None, "state": state,
                    "reason": None, "interaction": interaction, "channel": channel}
            events = [(moment, item)]
            if fate == "ends" or state == "Ringing":
                item = item | {"duration": round(length * 1000)}
                events.append((moment + length, item))
            if fate == "ends":
                events.append((over, item | {"status": "Completed"}))
            elif fate == "is lost":
                events.append((over, item | {"status": "InternalError"}))
            activities.append(events)
            moment += length
    return activities


def presences() -> list[list[Event]]:
    """The presences of one agent after the other, each until the next one."""
    draw = random.Random(2)
    result = []
    for agent in ["1042", "0071", "71", "2900"]:
        moment = draw.uniform(0, 600)
        while moment < 2 * HOUR:
            category, name = draw.choice([("Ready", "Ready"), ("Away", "Break"), ("ExtendedAway", "Lunch")])
            length = draw.uniform(60, 1800)
            item = {"agentId": agent, "type": "Presence", "category": category, "name": name,
                    "eligibleForRouting": category == "Ready", "start": iso8601(moment), "status": None, "duration": None}
            result.append([(moment, item), (moment + length, item | {"duration": round(length * 1000)})])
            moment += length
    return result


class World:
    """What the agents did, and what the API makes of it."""

    def __init__(self) -> None:
        self.endpoints = {"interactions": interactions(), "presence": presences()}
        self.lock = threading.Lock()
        self.notes: Counter[str] = Counter()
        self.open = threading.Event()
        self.open.set()
        self.reset()

    def reset(self) -> None:
        """Begins anew: the same things happen at the same times."""
        self.now = 0.0
        self.jump = 0.0  # before the next second page of a window that has just ended
        self.requests = 0
        self.token_requests = 0
        self.tokens: list[str] = []  # the last one is valid
        self.not_before = 0.0
        self.kill: tuple[int, int] | None = None  # a process, and the number of requests after which to kill it

    def known(self, endpoint: str) -> list[Event]:
        """When each item was processed last, and what it is now, by agent and start."""
        last = [[event for event in events if event[0] <= self.now][-1:] for events in self.endpoints[endpoint]]
        return sorted((event[0] for event in last if event), key=lambda event: json.dumps(event[1]))

    def page(self, endpoint: str, query: dict[str, str]) -> dict:
        """The response to a request without faults. Raises ValueError."""
        start, end = (datetime.strptime(query[name], "%Y-%m-%dT%H:%M:%S.%f%z") for name in ("start", "end"))
        number, limit = int(query["page"]), int(query["limit"])
        if query["include"] != "Processed" or not 25 <= limit <= 5000 or not start < end <= start + timedelta(days=31):
            raise ValueError("bad parameters")
        items = [item for processed, item in self.known(endpoint) if start <= BASE + timedelta(seconds=processed) < end]
        page = items[(number - 1) * limit : number * limit]
        meta = {"page": number, "count": len(page), "pageCount": -(-len(items) // limit), "totalCount": len(items)}
        return {"meta": meta, "items": page, "upTo": iso8601(self.now)}


WORLD = World()


class Handler(BaseHTTPRequestHandler):
    """Serves the API, and under /control/ what the test asks."""

    def log_message(self, *_: object) -> None:
        pass

    def respond(self, status: int, body: object, headers: dict[str, str] | None = None, send: int | None = None) -> None:
        """Sends a response; of its body only so many bytes, if send is given."""
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(text))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text[:send])

    def look_for_secrets(self) -> None:
        """Notes if a list of processes shows the secret or a token."""
        for file in glob("/proc/[0-9]*/cmdline"):
            try:
                with open(file, "rb") as stream:
                    line = stream.read()
            except OSError:
                continue
            if any(secret.encode() in line for secret in [os.environ["ACTIVITY_CLIENT_SECRET"], *WORLD.tokens[-1:]]):
                WORLD.notes["a process shows a secret"] += 1

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
        with WORLD.lock:
            self.look_for_secrets()
            WORLD.token_requests += 1
            expected = {"grant_type": ["client_credentials"], "scope": ["stats"],
                        "client_id": [os.environ["ACTIVITY_CLIENT_ID"]],
                        "client_secret": [os.environ["ACTIVITY_CLIENT_SECRET"]]}
            if form != expected:
                self.respond(400, {"error": "invalid_client"})
            elif WORLD.token_requests % 3 == 2:
                WORLD.notes["503 for a token"] += 1
                self.respond(503, {"message": "Service Unavailable"})
            else:
                WORLD.tokens.append(f"token.{WORLD.token_requests}~+/==")
                self.respond(200, {"access_token": WORLD.tokens[-1], "expires_in": 7200, "token_type": "Bearer"})

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        area, _, name = url.path.strip("/").partition("/")
        if area == "control":
            self.control(name, query)
        else:
            WORLD.notes["waiting"] += 1
            WORLD.open.wait()
            WORLD.notes["waiting"] -= 1
            with WORLD.lock:
                self.serve_page(name, query)

    def control(self, name: str, query: dict[str, str]) -> None:
        """What the test asks."""
        answer: object = ""
        if name == "clock":
            WORLD.now, WORLD.jump = float(query["now"]), 60.0
        elif name == "reset":
            WORLD.reset()
        elif name == "kill":
            WORLD.kill = (int(query["pid"]), int(query["after"]))
        elif name == "hold":
            WORLD.open.clear()
        elif name == "go":
            WORLD.open.set()
        elif name == "count":
            answer = str(WORLD.notes[query["of"]])
        elif name == "faults":
            answer = "".join(fault + "\n" for fault in FAULTS if not WORLD.notes[fault])
        elif name == "truth":
            answer = [item for endpoint in WORLD.endpoints for _, item in WORLD.known(endpoint)]
        self.respond(200, answer)

    def serve_page(self, path: str, query: dict[str, str]) -> None:
        if query.get("page") == "2":
            self.look_for_secrets()
        WORLD.requests += 1
        if WORLD.kill:
            pid, after = WORLD.kill
            WORLD.kill = (pid, after - 1) if after > 1 else None
            if after <= 1:
                WORLD.notes["killed"] += 1
                os.kill(pid, signal.SIGKILL)
        if self.headers["Accept"] != "application/vnd.newvoicemedia.v3+json":
            WORLD.notes["refused"] += 1
            self.respond(406, {"message": "Not Acceptable"})
            return
        if time.monotonic() < WORLD.not_before:
            WORLD.notes["too early"] += 1
            self.respond(429, {"message": "Too Many Requests"})
            return
        if not WORLD.tokens or self.headers["Authorization"] != f"Bearer {WORLD.tokens[-1]}":
            self.respond(401, {"message": "Unauthorized"})
            return
        if query.get("page") == "2" and query.get("end", "") > iso8601(WORLD.now - 60):
            WORLD.now, WORLD.jump = WORLD.now + WORLD.jump, 0.0
        try:
            body = json.dumps(WORLD.page(path.removeprefix("agent-activities/"), query))
        except (KeyError, ValueError) as error:
            WORLD.notes["refused"] += 1
            self.respond(400, {"message": repr(error)})
            return
        if WORLD.requests % 3:
            self.respond(200, body)
        else:
            self.fail(FAULTS[WORLD.requests // 3 % len(FAULTS)], body)

    def fail(self, fault: str, body: str) -> None:
        """Responds with a fault instead of the body."""
        WORLD.notes[fault] += 1
        if fault == "expired token":
            WORLD.tokens.append("nobody has this one")
            self.respond(401, {"message": "The incoming token has expired"})
        elif fault == "cut off":
            self.respond(200, body, send=len(body) // 2)
        elif fault == "no JSON":
            self.respond(200, body[: len(body) // 2])
        elif fault == "two documents":
            self.respond(200, body + body)
        elif fault == "no body":
            self.respond(200, "")
        elif fault == "error as 200":
            self.respond(200, {"message": "Endpoint request timed out"})
        elif fault == "Retry-After":
            WORLD.not_before = time.monotonic() + 1
            self.respond(429, {"message": "Too Many Requests"}, headers={"Retry-After": "1"})
        elif fault != "no response":
            self.respond(int(fault), {"message": "Endpoint request timed out"})


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
