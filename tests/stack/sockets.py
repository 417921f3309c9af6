"""WebSockets as the handlers know them: events that come in, and a server on loopback for what goes out."""

import copy
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import boto3

from live_sockets.handler import handler as sockets_handler
from live_updates.handler import handler as updates_handler
from tests.stack.conftest import TABLE
from tests.stack.http import LambdaContext, call

LISTED = ("live#", "live-connection#", "live-ticket#")
EVENTS = Path(__file__).parents[2] / "events"


def golden(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"websocket_{name}.json").read_text())
    return event


@dataclass
class Socket:
    """One client's socket, as API Gateway hands its events over."""

    id: str

    def open(self, ticket: str | None) -> int:
        """Open it; gives the status of the answer."""
        event = self._event("connect")
        event["queryStringParameters"] = None if ticket is None else {"ticket": ticket}
        return int(sockets_handler(event, LambdaContext())["statusCode"])

    def ask(self, message: object = None, *, text: str | None = None) -> Any:
        """Send a message; gives the answer."""
        event = self._event("message") | {"body": json.dumps(message) if text is None else text}
        answer = sockets_handler(event, LambdaContext())
        assert answer["statusCode"] == 200
        return json.loads(answer["body"])

    def close(self) -> None:
        """Close it."""
        assert sockets_handler(self._event("disconnect"), LambdaContext()) == {"statusCode": 200}

    def _event(self, name: str) -> dict[str, Any]:
        event = copy.deepcopy(golden(name))
        event["requestContext"]["connectionId"] = self.id
        return event


def new_ticket(user: str = "demo") -> str:
    """A ticket of this user, made by the API."""
    answer = call("POST", "/api/live-tickets", user=user)
    assert answer.status == 201
    return str(answer.body["ticket"])


def opened(id: str = "one=", user: str = "demo") -> Socket:
    """An open socket of this user."""
    socket = Socket(id)
    assert socket.open(new_ticket(user)) == 200
    return socket


def subscribed(id: str = "one=", user: str = "demo", *, project: str | None = None, job: str | None = None) -> Socket:
    """An open socket that listens to a project, or to a job."""
    socket = opened(id, user)
    wanted = {"action": "subscribe-job", "jobId": job} if job else {"action": "subscribe-project", "projectId": project}
    assert socket.ask(wanted)["type"] == "subscribed"
    return socket


def update(*records: dict[str, Any]) -> list[str]:
    """Tell a batch of the stream, numbered from 1; gives the records from which it comes again."""
    for number, record in enumerate(records, 1):
        record["dynamodb"]["SequenceNumber"] = str(number)
    failures = updates_handler({"Records": list(records)}, LambdaContext())["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def live_rows() -> list[str]:
    """The keys of what the table has of live updates, but for what counts a caller's connections."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE, ConsistentRead=True)["Items"]
    return sorted(f"{row['pk']['S']} {row['sk']['S']}" for row in rows if row["pk"]["S"].startswith(LISTED))


@dataclass
class Gateway:
    """What stands for API Gateway's @connections: what each socket got, and how those behave that are not well."""

    url: str = ""
    got: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    slow: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, connection_id: str, body: bytes) -> int:
        """The status of one call."""
        if connection_id in self.gone:
            return 410
        if connection_id in self.broken:
            return 500
        time.sleep(self.slow.get(connection_id, 0))
        with self.lock:
            if method == "DELETE":
                self.closed.append(connection_id)
                return 204
            self.got.setdefault(connection_id, []).append(json.loads(body))
        return 200

    def types(self, connection_id: str = "one=") -> list[str]:
        """The types of what a socket got."""
        return [message["type"] for message in self.got.get(connection_id, [])]


@contextmanager
def serve_gateway() -> Iterator[Gateway]:
    """The gateway on a port of its own."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        """Signed calls of `/live/@connections/{id}`."""

        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            assert "/execute-api/" in self.headers["Authorization"]
            path, _, connection_id = self.path.rpartition("/")
            assert unquote(path) == "/live/@connections"
            self.send_response(gateway.answer(self.command, unquote(connection_id), body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_DELETE = _answer  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    class Server(ThreadingHTTPServer):
        """Takes all calls at once; Python's own bound of five that wait would refuse some for a second."""

        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    gateway.url = f"ws://127.0.0.1:{server.server_port}/live"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
