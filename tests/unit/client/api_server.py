"""A small HTTP server that speaks the contract, for the client to be tried against.

It holds what a test puts in, and notes each request. API, file store and user pool share host and port, as on
the local stack. S3's rule is kept: a request for a file that has an Authorization header is refused.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-demo"
JOB_ID = "0198c0de-0000-7000-8000-000000000001"
FORM_FIELDS = {"key": "demo/up1", "Content-Type": "text/csv", "policy": "p"}
KEPT_BODY_BYTES = 1_000_000


IMPORTED = {
    "recordsProcessed": 3,
    "recordsCreated": 2,
    "errors": 1,
    "dataset": "customers",
    "version": 7,
    "columns": [{"name": "name", "type": "text"}],
}


@dataclass
class Seen:
    """A request as it came: `target` is path and query. Of a body over 1 MB only the length is kept."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes
    size_bytes: int
    target: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Canned:
    """An answer. `sent_bytes` cuts the body short of its Content-Length."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent_bytes: int | None = None


def as_json(content: Any, status: int = 200, **headers: str) -> Canned:
    kind = "application/problem+json" if status >= 400 else "application/json"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Canned(status, json.dumps(content).encode(), {"Content-Type": kind, **named})


def a_job(status: str = "Completed", **fields: Any) -> dict[str, Any]:
    return {
        "id": JOB_ID,
        "type": "Import",
        "projectId": "demo",
        "projectName": "Demo",
        "status": status,
        "progress": 100 if status == "Completed" else 40,
        "createdAt": "2026-07-31T08:00:00.123Z",
        "createdBy": "u1",
        "createdByName": "Dana",
        **fields,
    }


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away: some tests are about that."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class ApiServer:
    """`answers` are given first, in order, to whoever asks for their (method, path); then the routes'."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.answers: dict[tuple[str, str], list[Canned]] = {}
        self.reports: dict[str, bytes] = {}
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self.root = f"http://127.0.0.1:{self._server.server_port}"
        self.url = f"{self.root}/_aws/execute-api/abc/$default"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def will_answer(self, method: str, path: str, *answers: Canned) -> None:
        """Answer the next requests of that kind so; the last answer is given ever after."""
        self.answers[(method, path)] = list(answers)

    def will_go(self, *states: dict[str, Any]) -> None:
        """Show the job in these states, one after the other."""
        self.will_answer("GET", f"/api/jobs/{JOB_ID}", *(as_json(state, Retry_After="0") for state in states))

    def has_report(self, name: str, content: bytes, **listed: Any) -> dict[str, Any]:
        """Store a file and give its entry for a job's `reports`."""
        self.reports[name] = content
        digest = sha256(content).hexdigest()
        return {
            "name": name,
            "contentType": "text/csv",
            "sizeBytes": len(content),
            "sha256": digest,
            **listed,
        }

    def seen(self, method: str, path: str) -> list[Seen]:
        return [one for one in self.requests if (one.method, one.path) == (method, path)]

    def answer(self, request: Seen) -> Canned:
        self.requests.append(request)
        canned = self.answers.get((request.method, request.path))
        if canned:
            return canned.pop(0) if len(canned) > 1 else canned[0]
        if request.path.startswith("/store"):
            return self._of_store(request)
        if request.path == "/":
            return as_json({"AuthenticationResult": {"IdToken": TOKEN}})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return as_json({"message": "Unauthorized"}, 401)
        return self._of_api(request)

    def _of_api(self, request: Seen) -> Canned:
        if (request.method, request.path) == ("POST", "/api/uploads"):
            form = {
                "uploadId": "up1",
                "url": f"{self.root}/store",
                "fields": FORM_FIELDS,
            }
            return as_json({**form, "expiresAt": "2026-07-31T09:00:00Z"}, 201)
        if (request.method, request.path) == ("POST", "/api/jobs"):
            job = a_job("Queued", type=request.json["type"], progress=0)
            return as_json(job, 202, Location=f"{self.url}/api/jobs/{JOB_ID}", Retry_After="2")
        name = request.path.rpartition("/reports/")[2]
        if name in self.reports:
            return Canned(302, headers={"Location": f"{self.root}/store/{name}?X-Amz-Signature=s"})
        problem = {"code": "not-found", "title": "Not found", "detail": "There is no such job."}
        return as_json(problem, 404)

    def _of_store(self, request: Seen) -> Canned:
        if "Authorization" in request.headers:
            text = "Only one auth mechanism allowed"
            body = f"<Error><Code>InvalidArgument</Code><Message>{text}</Message></Error>"
            return Canned(400, body.encode(), {"Content-Type": "application/xml"})
        if request.method == "POST":
            return Canned(204)
        return Canned(200, self.reports[request.path.removeprefix("/store/")], {"Content-Type": "text/csv"})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        return _handler(self.answer)


def _handler(answer: Callable[[Seen], Canned]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            size = int(self.headers.get("Content-Length", 0))
            body = _body(self, size)
            path = "/api/" + parts.path.partition("/api/")[2] if "/api/" in parts.path else parts.path
            query = parse_qs(parts.query)
            canned = answer(Seen(self.command, path, query, self.headers, body, size, self.path))
            self.send_response(canned.status)
            for name, value in canned.headers.items():
                self.send_header(name, value)
            if canned.status != 204:
                self.send_header("Content-Length", str(len(canned.body)))
            self.end_headers()
            self.wfile.write(canned.body[: canned.sent_bytes])
            if canned.sent_bytes is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _respond  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the tests read `requests`."""

    return Handler


def _body(handler: BaseHTTPRequestHandler, size: int) -> bytes:
    kept, left = b"", size
    while left and (block := handler.rfile.read(min(left, 256 * 1024))):
        left -= len(block)
        if size <= KEPT_BODY_BYTES:
            kept += block
    return kept
