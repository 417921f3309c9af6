"""The guarded request over TLS: whose certificate it takes, and that it ends."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jobmill.fetching import Limits
from tests.peers import Wire, answer, peer
from tests.unit.fetching.asking import code_of, endless, fetch

Authority = Callable[[str], ssl.SSLContext]


def test_the_certificate_and_the_server_name_are_the_host_s(watched: Wire, authority: Authority) -> None:
    context, heard = authority("peer.internal"), []
    context.sni_callback = lambda _socket, name, _context: heard.append(name)
    with peer(answer(), tls=context) as one:
        watched.ports = {one.port}
        given = fetch(f"https://peer.internal:{one.port}/", f"peer.internal:{one.port}=127.0.0.1")

    assert (given.status, heard) == (200, ["peer.internal"])
    assert one.headers()["host"] == f"peer.internal:{one.port}"


@pytest.mark.parametrize("name", ["other.internal", "127.0.0.1"])
def test_the_certificate_of_another_host_is_refused_before_anything_is_sent(
    watched: Wire, authority: Authority, name: str
) -> None:
    with peer(answer(), tls=authority(name)) as one:
        watched.ports = {one.port}
        url = f"https://peer.internal:{one.port}/"
        code = code_of(lambda: fetch(url, f"peer.internal:{one.port}=127.0.0.1"))

    assert (code, one.connections, one.heads) == ("tls-failed", 1, [])


def test_the_certificate_of_an_unknown_authority_is_refused(
    watched: Wire, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = authority("peer.internal")
    monkeypatch.undo()
    with peer(answer(), tls=context) as one:
        watched.ports = {one.port}
        url = f"https://peer.internal:{one.port}/"
        code = code_of(lambda: fetch(url, f"peer.internal:{one.port}=127.0.0.1"))

    assert (code, one.heads) == ("tls-failed", [])


def test_a_stopped_tls_connection_is_cut_off(watched: Wire, authority: Authority) -> None:
    done = threading.Event()
    with peer(endless(b"HTTP/1.1 200 OK\r\nX: ", b"a", done), tls=authority("peer.internal")) as one:
        watched.ports = {one.port}
        url, entry = f"https://peer.internal:{one.port}/", f"peer.internal:{one.port}=127.0.0.1"
        assert code_of(lambda: fetch(url, entry, limits=Limits(seconds=0.5, max_bytes=10))) == "timed-out"
        assert one.closed.wait(5), "the connection stays open"
        done.set()


def test_a_peer_that_never_answers_in_tls_is_left(watched: Wire) -> None:
    with peer(lambda connection: None) as one:
        watched.ports = {one.port}
        url = f"https://127.0.0.1:{one.port}/"
        limits = Limits(seconds=0.3, max_bytes=10)
        code = code_of(lambda: fetch(url, f"127.0.0.1:{one.port}", limits=limits))

    assert code == "timed-out"


class Dripping(ssl.SSLContext):
    """A server's side of TLS that sends a record of its greeting byte by byte."""

    def wrap_socket(self, sock: socket.socket, *rest: Any, **named: Any) -> ssl.SSLSocket:
        sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        while True:
            sock.sendall(b"\x03")
            time.sleep(0.02)


def test_a_greeting_in_tls_that_takes_its_time_is_cut_off(watched: Wire) -> None:
    with peer(lambda connection: None, tls=Dripping(ssl.PROTOCOL_TLS_SERVER)) as one:
        watched.ports = {one.port}
        limits = Limits(seconds=0.3, max_bytes=10)
        code = code_of(lambda: fetch(one.url, f"127.0.0.1:{one.port}", limits=limits))
        assert one.closed.wait(5), "the connection stays open"

    assert code == "timed-out"
