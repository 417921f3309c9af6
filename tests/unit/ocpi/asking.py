"""An asker and the server that it asks, over real HTTP on loopback."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from jobmill.errors import JobmillError
from jobmill.hosts import AllowedHosts
from jobmill.ocpi.peers import Peer as Party
from jobmill.ocpi.transport import HOSTS_PARAMETER, Asker
from tests.peers import Peer, Serve, answer, peer

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def envelope(data: object = (), status_code: object = 1000, **more: Any) -> bytes:
    return json.dumps({"data": data, "status_code": status_code, "timestamp": "2026-11-22T12:00:00Z", **more}).encode()


def serve(*answers: Serve) -> Serve:
    """One after the other; the last one stays."""
    left = list(answers)

    def one(connection: socket.socket) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection)

    return one


@dataclass
class Asked:
    """An asker of a server, and how long it paused."""

    asker: Asker
    server: Peer
    pauses: list[float]
    url: str


@contextmanager
def asking(*answers: Serve, **fields: Any) -> Iterator[Asked]:
    with peer(serve(*answers)) as server:
        pauses: list[float] = []
        party = replace(Party("one", None, f"{server.url}/cdrs", "tok en".replace(" ", "-")), **fields)
        hosts = AllowedHosts.parse(HOSTS_PARAMETER, [f"127.0.0.1:{server.port}"])
        asker = Asker(party, hosts, pauses.append, lambda stop: None, jitter=lambda: 1.0, now=lambda: NOW)
        yield Asked(asker, server, pauses, f"{server.url}/cdrs")


def raised_by(ask: Callable[[], object]) -> JobmillError:
    with pytest.raises(JobmillError) as raised:
        ask()
    assert raised.value.message.endswith(".")
    assert "tok-en" not in raised.value.message
    return raised.value


OK = answer(content=envelope([{"id": "a", "cost": 0.1}]))
