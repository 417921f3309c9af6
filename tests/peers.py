"""Peers on loopback for tests of outgoing requests, and a wire that tells of every connection that was tried."""

import json
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

type Serve = Callable[[socket.socket], None]


@dataclass
class Peer:
    """A server that hands every connection to `serve`, and keeps what it was sent as the head of a request."""

    serve: Serve
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when a connection has ended, by whichever side."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server((self.host, 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http{'s' if self.tls else ''}://{self.host}:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        # A listener that is only closed goes on accepting while its thread waits.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        try:
            with suppress(OSError), connection:
                if self.tls is None:
                    self._answer(connection)
                else:
                    with self.tls.wrap_socket(connection, server_side=True) as safe:
                        self._answer(safe)
        finally:
            self.closed.set()

    def _answer(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            block = connection.recv(65_536)
            if not block:
                return
            received += block
        head, _, body = received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65_536)
        self.heads.append(head.decode("latin-1"))
        self.bodies.append(body)
        self.serve(connection)

    def headers(self) -> dict[str, str]:
        """The headers of the last request, by their names in lower case."""
        lines = self.heads[-1].split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


@contextmanager
def peer(serve: Serve, **named: Any) -> Iterator[Peer]:
    """A peer for the length of a test."""
    one = Peer(serve, **named)
    try:
        yield one
    finally:
        one.stop()


def answer(status: int = 200, content: bytes = b"", **headers: str) -> Serve:
    """Serves this answer; of header names, `_` stands for `-`."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join([*lines, "", ""]).encode() + content
    return lambda connection: connection.sendall(whole)


def answer_json(value: object, status: int = 200) -> Serve:
    return answer(status, json.dumps(value).encode(), Content_Type="application/json")


class Wire:
    """Every connection and every lookup of this process, seen by the interpreter; only some loopback ports may be met.

    A forbidden connection is noted and refused before it is made, so that no test leaves the machine.
    """

    def __init__(self) -> None:
        self.tried: list[tuple[str, int]] = []
        self.looked_up: list[str] = []
        self.ports: set[int] = set()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            host, port = arguments[1][:2]
            self.tried.append((host, port))
            if port not in self.ports or not (host.startswith("127.") or host == "::1"):
                raise ConnectionRefusedError
        if event == "socket.getaddrinfo":
            self.looked_up.append(str(arguments[0]))


_WIRES: list[Wire] = []


@cache
def _listen() -> None:
    """Have the interpreter tell the wires that are on. One hook for all: hooks stay, and hear of every `id()`."""

    def tell(event: str, arguments: tuple[Any, ...]) -> None:
        for one in _WIRES:
            one(event, arguments)

    sys.addaudithook(tell)


@contextmanager
def wire() -> Iterator[Wire]:
    """A wire for the length of a test."""
    _listen()
    one = Wire()
    _WIRES.append(one)
    try:
        yield one
    finally:
        _WIRES.remove(one)
