"""How often a peer is asked, after which pauses, and that a stop ends it."""

import socket
import threading
import time
from collections.abc import Callable

import pytest

from jobmill.errors import DependencyError
from jobmill.hosts import AllowedHosts
from jobmill.ocpi import line
from jobmill.ocpi.peers import Peer as Party
from jobmill.ocpi.transport import HOSTS_PARAMETER, Asker
from tests.peers import Serve, answer, peer
from tests.unit.ocpi.asking import OK, asking, envelope, raised_by


def break_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(
    "bad", [answer(429), answer(500), answer(503), answer(408), answer(content=envelope([], 3000)), break_off,
            answer(content=b"<html>"), answer(content=b'{"data": [')]
)  # fmt: skip
def test_a_peer_that_is_out_of_order_is_asked_again(bad: Serve) -> None:
    with asking(bad, bad, OK) as one:
        page = one.asker.ask(one.url)

    assert (len(page.objects), one.server.connections) == (1, 3)
    assert sum(one.pauses) == 2 + 4


def test_after_six_tries_it_is_given_up_for_later() -> None:
    with asking(answer(503)) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code, error.retryable) == (DependencyError, "peer-unavailable", True)
    assert "status 503" in error.message
    assert one.server.connections == 6
    assert sum(one.pauses) == 2 + 4 + 8 + 16 + 32


def test_nobody_there_is_tried_again_too() -> None:
    with asking(OK) as one:
        one.server.stop()
        assert raised_by(lambda: one.asker.ask(one.url)).code == "peer-unavailable"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        ("3600", 120),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("soon", 2),
        ("-5", 2),
    ],
)
def test_a_peer_may_say_when_to_come_again(said: str, seconds: float) -> None:
    with asking(answer(429, Retry_After=said), OK) as one:
        one.asker.ask(one.url)

    assert sum(one.pauses) == seconds
    assert all(pause <= 1 for pause in one.pauses)


def test_a_slow_peer_is_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "REQUEST_SECONDS", 0.2)
    done = threading.Event()

    def slow(connection: socket.socket) -> None:
        done.wait(5)

    with asking(slow, OK) as one:
        threading.Timer(0.5, done.set).start()
        assert len(one.asker.ask(one.url).objects) == 1


def test_a_stop_ends_the_request_under_way_and_lets_none_follow() -> None:
    stops: list[Callable[[], None]] = []
    stopped = threading.Event()

    def hang(connection: socket.socket) -> None:
        stopped.wait(5)

    with peer(hang) as server:
        hosts = AllowedHosts.parse(HOSTS_PARAMETER, [f"127.0.0.1:{server.port}"])
        asker = Asker(Party("one", None, server.url, "t"), hosts, time.sleep, stops.append)
        threading.Timer(0.2, stops[0]).start()
        began = time.monotonic()
        error = raised_by(lambda: asker.ask(server.url))
        stopped.set()

        assert error.code == "request-stopped"
        assert time.monotonic() - began < 4
        assert raised_by(lambda: asker.ask(server.url)).code == "request-stopped"
        assert server.connections == 1


def test_a_stop_ends_a_pause() -> None:
    with asking(answer(503)) as one:
        pauses = 0

        def wait(seconds: float) -> None:
            nonlocal pauses
            pauses += 1
            stops[0]()

        stops: list[Callable[[], None]] = []
        hosts = AllowedHosts.parse(HOSTS_PARAMETER, [f"127.0.0.1:{one.server.port}"])
        asker = Asker(one.asker.peer, hosts, wait, stops.append, jitter=lambda: 1.0)
        assert raised_by(lambda: asker.ask(one.url)).code == "request-stopped"

    assert pauses == 1
