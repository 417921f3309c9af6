"""The guarded request, judged at the socket: which connections were tried, and what came over them."""

import gzip
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from jobmill.fetching import Fetch, Limits, Question, allowed_addresses, public_addresses, whole
from jobmill.hosts import AllowedHosts, parse_url
from tests.peers import Peer, Serve, Wire, answer, peer
from tests.unit.fetching.asking import LIMITS, code_of, endless, fetch

PUBLIC = "93.184.216.34"


# ---- Whom it asks


def test_a_listed_address_is_asked_as_the_url_says(watched: Wire) -> None:
    with peer(answer(201, b"hello", X_Kind="test")) as one:
        watched.ports = {one.port}
        given = fetch(
            f"{one.url}/a%20b?c=d#e",
            f"127.0.0.1:{one.port}",
            method="PUT",
            headers={"X-Mine": "1", "user-agent": "me"},
            body=b"{}",
        )

    assert (given.status, given.content, given.headers["x-kind"]) == (201, b"hello", "test")
    assert one.heads[0].split("\r\n")[0] == "PUT /a%20b?c=d HTTP/1.1"
    assert one.headers() | {"host": f"127.0.0.1:{one.port}", "x-mine": "1", "user-agent": "me"} == one.headers()
    assert one.bodies == [b"{}"]


def test_a_name_with_an_address_goes_there_without_a_lookup_and_with_its_own_host(watched: Wire) -> None:
    with peer(answer()) as one:
        watched.ports = {one.port}
        fetch(f"http://peer.internal:{one.port}/", f"peer.internal:{one.port}=127.0.0.1")

    assert one.headers()["host"] == f"peer.internal:{one.port}"
    assert watched.tried == [("127.0.0.1", one.port)]
    assert "peer.internal" not in watched.looked_up


def test_the_next_address_is_tried_where_nobody_takes_a_connection(watched: Wire) -> None:
    with peer(answer()) as one:
        watched.ports = {one.port}
        entries = [f"peer.internal:{one.port}={address}" for address in ("127.0.0.1", "127.0.0.0")]
        fetch(f"http://peer.internal:{one.port}/", *entries)

    assert watched.tried == [("127.0.0.0", one.port), ("127.0.0.1", one.port)]


def test_what_was_sent_is_not_sent_to_the_next_address(watched: Wire) -> None:
    with peer(lambda connection: None, host="127.0.0.2") as one:
        watched.ports = {one.port}
        entries = [f"peer.internal:{one.port}={address}" for address in ("127.0.0.2", "127.0.0.3")]
        code = code_of(lambda: fetch(f"http://peer.internal:{one.port}/", *entries, method="POST", body=b"1"))

    assert (code, one.connections) == ("broken-answer", 1)
    assert watched.tried == [("127.0.0.2", one.port)]


FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.170.2",
    "100.64.0.1", "192.0.0.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
    "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_listed_name_that_leads_to_a_forbidden_address_is_not_asked(
    watched: Wire, names: dict[str, list[list[str]]], address: str
) -> None:
    names["example.com"] = [[address]]

    assert code_of(lambda: fetch("https://example.com/", "example.com")) == "address-not-allowed"
    assert watched.tried == []


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_in_the_url_is_not_asked_by_those_who_may_ask_anybody(watched: Wire, address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    one = Fetch(Question("GET", parse_url(f"http://{host}/")), public_addresses, LIMITS, whole)

    assert code_of(one.run) == "address-not-allowed"
    assert watched.tried == []


def test_one_forbidden_address_among_others_is_enough(watched: Wire, names: dict[str, list[list[str]]]) -> None:
    names["example.com"] = [[PUBLIC, "10.0.0.1"]]

    assert code_of(lambda: fetch("https://example.com/", "example.com")) == "address-not-allowed"
    assert watched.tried == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_changes_its_address_after_the_check_changes_nothing(
    watched: Wire, names: dict[str, list[list[str]]], scheme: str
) -> None:
    with peer(answer()) as one:
        watched.ports = {one.port}
        names["rebind.example"] = [[PUBLIC], ["127.0.0.1"]]
        url = f"{scheme}://rebind.example:{one.port}/"
        code = code_of(lambda: fetch(url, f"rebind.example:{one.port}"))

    assert (code, one.connections) == ("no-connection", 0)
    assert watched.tried == [(PUBLIC, one.port)]
    assert watched.looked_up.count("rebind.example") == 1


def test_a_host_that_is_not_listed_is_not_even_looked_up(watched: Wire) -> None:
    with peer(answer()) as one:
        watched.ports = {one.port}
        assert code_of(lambda: fetch(one.url)) == "host-not-allowed"

    assert (one.connections, watched.tried, watched.looked_up) == (0, [], [])


def test_a_host_that_is_nowhere_is_named(names: dict[str, list[list[str]]]) -> None:
    assert code_of(lambda: fetch("http://nowhere.invalid/", "nowhere.invalid")) == "host-not-found"


def test_a_port_where_nobody_listens_gives_no_connection(watched: Wire) -> None:
    with peer(answer()) as one:
        pass
    watched.ports = {one.port}

    assert code_of(lambda: fetch(one.url, f"127.0.0.1:{one.port}")) == "no-connection"


def test_nothing_of_the_environment_is_used(watched: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with peer(answer()) as proxy, peer(answer()) as one:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        watched.ports = {one.port, proxy.port}
        fetch(one.url, f"127.0.0.1:{one.port}")

    assert (one.connections, proxy.connections) == (1, 0)
    assert "authorization" not in one.headers()


def test_a_redirect_is_an_answer(watched: Wire) -> None:
    with peer(answer()) as other, peer(answer(302, Location=other.url, Set_Cookie="a=b")) as one:
        watched.ports = {one.port, other.port}
        given = fetch(one.url, f"127.0.0.1:{one.port}", f"127.0.0.1:{other.port}")

    assert (given.status, given.headers["location"]) == (302, other.url)
    assert (one.connections, other.connections) == (1, 0)


# ---- What it takes


@pytest.mark.parametrize(
    ("head", "block"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"a"),
    ],
    ids=["silence", "header", "continue", "chunks", "content"],
)
def test_a_peer_that_takes_its_time_is_left(watched: Wire, head: bytes, block: bytes) -> None:
    done = threading.Event()
    with peer(endless(head, block, done)) as one:
        watched.ports = {one.port}
        limits = Limits(seconds=0.3, max_bytes=1 << 20)
        code = code_of(lambda: fetch(one.url, f"127.0.0.1:{one.port}", limits=limits))
        if block:
            assert one.closed.wait(5), "the connection stays open"
        done.set()

    assert code == "timed-out"


def test_a_request_is_stopped_from_another_thread(watched: Wire) -> None:
    done, asked = threading.Event(), threading.Event()

    def serve(connection: socket.socket) -> None:
        asked.set()
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"a", done)(connection)

    with peer(serve) as one:
        watched.ports = {one.port}
        hosts = allowed_addresses(AllowedHosts.parse("HttpTestHosts", [f"127.0.0.1:{one.port}"]))
        request = Fetch(Question("GET", parse_url(one.url)), hosts, Limits(seconds=60, max_bytes=10), whole)
        threading.Thread(target=lambda: asked.wait(5) and request.stop()).start()
        assert code_of(request.run) == "request-stopped"
        assert one.closed.wait(5), "the connection stays open"
        done.set()


def test_a_request_that_was_stopped_makes_no_connection(watched: Wire) -> None:
    with peer(answer()) as one:
        watched.ports = {one.port}
        looking, go = threading.Event(), threading.Event()

        def slow(_: object) -> Sequence[Any]:
            looking.set()
            go.wait(5)
            return [ip_address("127.0.0.1")]

        request = Fetch(Question("GET", parse_url(one.url)), slow, Limits(seconds=0.1, max_bytes=10), whole)
        assert code_of(request.run) == "timed-out"
        go.set()
        for thread in threading.enumerate():
            if thread.name == "fetch":
                thread.join()

    assert (looking.is_set(), watched.tried) == (True, [])


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        (answer(200, b"a" * 1001), "answer-too-large"),
        (answer(200, gzip.compress(bytes(10_000_000)), Content_Encoding="gzip"), "answer-too-large"),
        (answer(200, b"no gzip", Content_Encoding="gzip"), "broken-answer"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), "broken-answer"),
        (lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"), "broken-answer"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200), "broken-answer"),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000), "broken-answer"),
        (lambda connection: None, "broken-answer"),
    ],
    ids=["large", "bomb", "not-gzip", "short", "ssh", "many-headers", "long-header", "nothing"],
)
def test_an_answer_that_is_none_has_its_code(watched: Wire, serve: Serve, code: str) -> None:
    with peer(serve) as one:
        watched.ports = {one.port}
        limits = Limits(seconds=5, max_bytes=1000)
        assert code_of(lambda: fetch(one.url, f"127.0.0.1:{one.port}", limits=limits)) == code


def test_an_answer_of_the_largest_size_is_taken(watched: Wire) -> None:
    with peer(answer(200, b"a" * 1000)) as one:
        watched.ports = {one.port}
        limits = Limits(seconds=5, max_bytes=1000)
        assert len(fetch(one.url, f"127.0.0.1:{one.port}", limits=limits).content) == 1000


def test_a_peer_counts() -> None:
    """The tests above judge by it."""
    with peer(answer()) as one, socket.create_connection((one.host, one.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert (one.connections, len(one.heads), isinstance(one, Peer)) == (1, 1, True)
