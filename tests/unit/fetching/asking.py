"""Requests of the tests, and a peer that never comes to an end."""

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jobmill.errors import CallerError
from jobmill.fetching import Answer, Fetch, Limits, Question, allowed_addresses, whole
from jobmill.hosts import AllowedHosts, parse_url
from tests.peers import Serve

LIMITS = Limits(seconds=5, max_bytes=1 << 20)


def fetch(url: str, *entries: str, limits: Limits = LIMITS, **named: Any) -> Answer:
    hosts = AllowedHosts.parse("HttpTestHosts", entries)
    question = Question(named.pop("method", "GET"), parse_url(url), **named)
    return Fetch(question, allowed_addresses(hosts), limits, whole).run()


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(CallerError) as raised:
        ask()
    assert raised.value.message.endswith(".")
    return raised.value.code


def endless(head: bytes, block: bytes, pause: threading.Event) -> Serve:
    """Sends `block` again and again, each after a while, until the other side is gone."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(head)
        while not pause.wait(0.02):
            connection.sendall(block)

    return serve
