"""A stand-in of the API of GOV.UK Notify on a socket of its own, as its documentation describes it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt

SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"
KEY = f"portfolio-{SERVICE}-{SECRET}"
TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"


@dataclass
class NotifyStandIn:
    """``answers`` are taken one by one by requests to send: a status, or "hang up" before or after taking it."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int | str] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    is_away: int = 0
    url: str = ""

    def notifications(self, query: dict[str, str]) -> list[dict[str, Any]]:
        self.asked.append(query)
        return [
            one
            for one in self.taken
            if all(one.get(key) == query[key] for key in ("reference", "status") & query.keys())
        ]

    def take(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.taken.insert(0, sent | {"id": str(uuid4()), "status": "created", "type": "email"})
        return self.taken[0]


class Handler(BaseHTTPRequestHandler):
    stand_in: NotifyStandIn

    def do_GET(self) -> None:
        if self._is_refused() or self._failed(self.stand_in.is_away):
            return
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        self._answer(200, {"notifications": self.stand_in.notifications(query), "links": {}})

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._is_refused():
            return
        answer = self.stand_in.answers.pop(0) if self.stand_in.answers else 201
        if answer == "take and hang up":
            self.stand_in.take(sent)
        if isinstance(answer, str):
            self.connection.close()
            return
        if not self._failed(answer if answer != 201 else 0):
            taken = self.stand_in.take(sent)
            self._answer(201, {"id": taken["id"], "reference": sent["reference"], "content": {}, "template": {}})

    def _is_refused(self) -> bool:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        try:
            signed = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.InvalidTokenError:
            signed = {}
        return signed.get("iss") != SERVICE and self._failed(403)

    def _failed(self, status: int) -> bool:
        if status:
            error = {"error": "Error", "message": f"As the test asked: {status}"}
            self._answer(status, {"status_code": status, "errors": [error]})
        return bool(status)

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def running_stand_in() -> Iterator[NotifyStandIn]:
    stand_in = NotifyStandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"stand_in": stand_in}))
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield stand_in
    server.shutdown()
    server.server_close()
    thread.join()
