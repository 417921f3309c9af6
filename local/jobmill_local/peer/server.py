"""A peer over real HTTP on loopback: the OCPI 2.2.1 lists of locations and CDRs, and a list of devices."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jobmill_local.peer.counting import Counting, Seen
from jobmill_local.peer.faults import Answer, Chance, Fault, Faults, bend
from jobmill_local.peer.objects import written
from jobmill_local.peer.pages import Page, Paging, Query, Window, page_of, slice_of
from jobmill_local.peer.truth import Kind, World

HOST = "127.0.0.1"
TOKEN = "peer's-token"  # noqa: S105 - everybody's; its base64 is another text
DEVICES = "devices"
PATHS = {kind: f"/ocpi/cpo/2.2.1/{kind}" for kind in Kind} | {DEVICES: "/devices"}
"""Routes, and where they are."""
_PORTS_TRIED = 20
_IDLE_SECONDS = 10


class Peer:
    """A running peer; `faults` may be set at any time.

    Its list of devices takes the token in any scheme, encoded or not.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        seed: int,
        *,
        encodes_token: bool,
        paging: Paging,
        page_limit: int,
        port: int,
    ) -> None:
        self.world = world
        self.faults = faults
        self.token = TOKEN
        self.counting = Counting()
        self._encodes_token = encodes_token
        self._paging = paging
        self._page_limit = page_limit
        self._chance = Chance(seed)
        self._is_stopped = threading.Event()
        self._server = _listen(port)
        self._server.peer = self
        self.port: int = self._server.server_address[1]
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="peer", daemon=True)
        self._thread.start()

    def url_of(self, route: str) -> str:
        """Where `locations`, `cdrs` or `devices` are."""
        return f"{self.url}{PATHS[route]}"

    def secret(self, project: str = "charging") -> dict[str, Any]:
        """The configuration of a stack that is to collect from here, for its secret; objects go to this project."""
        return {
            "project": project,
            "peers": [
                {
                    "name": "local-peer",
                    "locationsUrl": self.url_of(Kind.LOCATIONS),
                    "cdrsUrl": self.url_of(Kind.CDRS),
                    "token": self.token,
                    "encodeToken": self._encodes_token,
                }
            ],
            "devices": {"url": self.url_of(DEVICES), "token": self.token},
        }

    def fail_next(self, fault: Fault, times: int = 1) -> None:
        """Let this fault alone meet each of the next requests."""
        self._chance.order(fault, times)

    def stop(self) -> None:
        """End it, and every request that it still answers."""
        self._is_stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, target: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a GET of this target (path and query)."""
        parts = urlsplit(target)
        route = next((route for route, path in PATHS.items() if path == parts.path.rstrip("/")), "")
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        with self.counting.one(Seen(route, target, query, headers)):
            if not route:
                return self._problem(404, 2003, "There is nothing here.")
            met = self._chance.choose(route, self.faults.rates)
            if Fault.SLOW in met:
                self._is_stopped.wait(self.faults.slow_seconds)
            good = self._good(route, query, headers, met)
            return bend(good, met, self.faults, self._chance.dice(route))

    def _good(self, route: str, query: Query, headers: Mapping[str, str], met: frozenset[Fault]) -> Answer:
        """The answer without faults, and what the world does after it."""
        if not self._knows(headers.get("authorization", ""), route):
            return self._problem(401, 2001, "Unknown token.")
        try:
            answer = self._devices(query) if route == DEVICES else self._page(Kind(route), query, met)
        except ValueError as error:
            return self._problem(400, 2001, str(error))
        if Fault.TICKING in met:
            self.world.tick()
        return answer

    def _page(self, kind: Kind, query: Query, met: frozenset[Fault]) -> Answer:
        page = page_of(self.world, kind, query, self._paging, self._page_limit)
        if Fault.MOVING in met and page.next_query:
            self._move(kind, query, page, self._chance.dice(kind))
        headers = self._link(kind, page.next_query)
        headers |= {"X-Total-Count": str(page.total), "X-Limit": str(self._page_limit)}
        data = ", ".join(entry.text for entry in page.entries)
        return Answer(200, headers, f'{{"data": [{data}], {self._envelope(1000, "Success")}}}'.encode())

    def _move(self, kind: Kind, query: Query, page: Page, dice: Random) -> None:
        window = Window.of(query, self._page_limit)
        others = self.world.entries(kind, window.date_from, window.date_to)
        for entry in (dice.choice(page.entries), *dice.sample(others, k=dice.randrange(3))):
            self.world.update(kind, entry.key)

    def _devices(self, query: Query) -> Answer:
        devices, following = slice_of(list(self.world.devices().values()), query, self._page_limit)
        return Answer(200, self._link(DEVICES, following), json.dumps(devices).encode())

    def _link(self, route: str, query: Query | None) -> dict[str, str]:
        return {} if query is None else {"Link": f'<{self.url_of(route)}?{urlencode(query)}>; rel="next"'}

    def _problem(self, status: int, code: int, message: str) -> Answer:
        return Answer(status, {}, f"{{{self._envelope(code, message)}}}".encode())

    def _envelope(self, code: int, message: str) -> str:
        rest = {"status_code": code, "status_message": message, "timestamp": written(self.world.now())}
        return json.dumps(rest)[1:-1]

    def _knows(self, authorization: str, route: str) -> bool:
        encoded = base64.b64encode(self.token.encode()).decode()
        scheme, _, token = authorization.partition(" ")
        if route == DEVICES:
            return token in (encoded, self.token)
        return scheme == "Token" and token == (encoded if self._encodes_token else self.token)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing it waits for them
    peer: Peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        """Answer, and close the connection."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.peer.answer(self.path, headers)
        self.send_response(answer.status)
        own = {"Content-Type": "application/json", "Content-Length": str(len(answer.body)), "Connection": "close"}
        for name, value in (own | dict(answer.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body[: answer.sent])

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are in `Peer.counting`."""


def _listen(port: int) -> _Server:
    """A server at this port or, if others have it, the next free one; 0 for any."""
    for wanted in (*range(port, port + _PORTS_TRIED), 0) if port else (0,):
        try:
            return _Server((HOST, wanted), _Handler)
        except OSError:
            if not wanted:
                raise
    raise AssertionError("the loop's last turn returns or raises")


@contextmanager
def serve_peer(
    seed: int = 1,
    faults: Faults | None = None,
    *,
    world: World | None = None,
    encodes_token: bool = True,
    paging: Paging = Paging.OFFSET,
    page_limit: int = 50,
    port: int = 0,
) -> Iterator[Peer]:
    """A peer for as long as the block runs, with the world of this seed unless another is given.

    `encodes_token` false is for a peer that takes the token as it is, as many older ones do; `page_limit` is the most
    objects that it puts on a page. World, faults and moves follow from the seed and the requests of each route.
    """
    peer = Peer(
        world or World(seed),
        faults or Faults(),
        seed,
        encodes_token=encodes_token,
        paging=paging,
        page_limit=page_limit,
        port=port,
    )
    try:
        yield peer
    finally:
        peer.stop()
