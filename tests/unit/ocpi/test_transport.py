"""One page over real HTTP: what is sent, what an answer may be, how often it is asked for, where a token never goes."""

import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jobmill.errors import CallerError, DependencyError, JobmillError
from jobmill.hosts import AllowedHosts, parse_url
from jobmill.ocpi import line
from jobmill.ocpi.devices import collect_devices
from jobmill.ocpi.peers import Devices
from jobmill.ocpi.peers import Peer as Party
from jobmill.ocpi.transport import HOSTS_PARAMETER, Asker, peer_addresses
from tests.peers import Peer, Serve, answer, answer_json, peer

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


# ---- What is sent


@pytest.mark.parametrize(("encodes", "sent"), [(True, b64encode(b"tok-en").decode()), (False, "tok-en")])
def test_the_token_goes_in_base64_or_as_it_is(encodes: bool, sent: str) -> None:
    with asking(OK, encodes_token=encodes) as one:
        one.asker.ask(one.url)

    assert one.server.headers()["authorization"] == f"Token {sent}"


def test_each_request_has_an_id_of_its_own_and_all_of_an_asker_belong_together() -> None:
    with asking(OK) as one:
        ids = []
        for _ in range(2):
            one.asker.ask(one.url)
            ids.append((one.server.headers()["x-request-id"], one.server.headers()["x-correlation-id"]))

    assert ids[0][0] != ids[1][0]
    assert ids[0][1] == ids[1][1]


def test_parties_go_in_routing_headers_if_they_are_given() -> None:
    with asking(OK, to_party="NL*ABC", from_party="BE*XYZ") as one:
        one.asker.ask(one.url)
        routed = one.server.headers()
    with asking(OK) as one:
        one.asker.ask(one.url)

    assert (
        routed
        | {
            "ocpi-to-country-code": "NL",
            "ocpi-to-party-id": "ABC",
            "ocpi-from-country-code": "BE",
            "ocpi-from-party-id": "XYZ",
        }
        == routed
    )
    assert not [name for name in one.server.headers() if name.startswith("ocpi-")]


# ---- What an answer may be


def test_a_page_has_objects_with_exact_numbers_and_what_the_headers_say() -> None:
    served = answer(
        content=envelope([]).replace(b"[]", b'[{"cost": 0.10}]'),
        Link='</cdrs?offset=2>; rel="next", </cdrs>; rel="first"',
        X_Total_Count="7",
        X_Limit="2",
    )
    with asking(served) as one:
        page = one.asker.ask(one.url)

    assert page.objects == [{"cost": Decimal("0.10")}]
    assert (page.next_url, page.total, page.limit) == (f"{one.server.url}/cdrs?offset=2", 7, 2)


@pytest.mark.parametrize(
    "link",
    [
        '<{}/a%2Fb?x=%7E,1;2&y=>; rel="next"',
        "<{}/a%2Fb?x=%7E,1;2&y=>;title=x; REL=Next",
        '</1>; rel="prev", <{}/a%2Fb?x=%7E,1;2&y=>; rel="last next", </2>; rel=next',
    ],
)
def test_a_link_is_followed_as_it_is_written(link: str) -> None:
    with asking(OK) as one:
        url = one.server.url
        one.server.serve = answer(content=envelope([]), Link=link.format(url))
        assert one.asker.ask(one.url).next_url == f"{url}/a%2Fb?x=%7E,1;2&y="


@pytest.mark.parametrize("total", ["", "many", "-1", "1.5", "٣"])
def test_a_count_that_is_no_number_is_none(total: str) -> None:
    encoded = total.encode().decode("latin-1")
    with asking(answer(content=envelope([]), X_Total_Count=encoded, X_Limit=encoded)) as one:
        page = one.asker.ask(one.url)

    assert (page.total, page.limit, page.next_url) == (None, None, None)


@pytest.mark.parametrize(
    "served",
    [
        answer(content=b"<html>"),
        answer(content=b"[]"),
        answer(content=envelope("none")),
        answer(content=envelope({})),
        answer(content=b'{"data": []}'),
        answer(content=envelope([], "1000")),
        answer(content=envelope([], 200)),
        answer(404),
        answer(400, envelope([], 2001)),
        answer(302, Location="/elsewhere"),
        answer(content=envelope([]), Link='<https://user:pw@[>; rel="next"'),
        answer(content=envelope([]), Link='<a\\b>; rel="next"'),
    ],
)
def test_a_broken_answer_is_an_error_at_once(served: Serve) -> None:
    with asking(served) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code, one.server.connections) == (CallerError, "peer-answer-broken", 1)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_an_error_at_once(status: int) -> None:
    with asking(answer(status)) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code, one.server.connections) == (CallerError, "peer-refused-token", 1)


def test_what_a_peer_refuses_is_an_error_with_what_it_says() -> None:
    with asking(answer(content=envelope([], 2001, status_message="Bad\ndate"))) as one:
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (error.code, error.details) == ("peer-refused", "Bad date")


# ---- Where a token never goes


@pytest.mark.parametrize(
    "link",
    ["https://127.0.0.1:{port}/cdrs", "http://127.0.0.1:1/cdrs", "//evil.example/cdrs", "http://localhost:{port}/cdrs",
     "http://127.0.0.1.evil.example:{port}/"],
)  # fmt: skip
@pytest.mark.requirement("T15")
def test_a_link_to_another_origin_is_not_followed(link: str) -> None:
    with asking(OK) as one:
        one.server.serve = answer(content=envelope([]), Link=f'<{link.format(port=one.server.port)}>; rel="next"')
        error = raised_by(lambda: one.asker.ask(one.url))

    assert (type(error), error.code) == (CallerError, "peer-link-elsewhere")


def test_over_http_only_listed_hosts_are_asked() -> None:
    none = peer_addresses(AllowedHosts.parse(HOSTS_PARAMETER, []))
    listed = peer_addresses(AllowedHosts.parse(HOSTS_PARAMETER, ["peer.internal=10.0.0.5", "10.0.0.6:8080"]))

    assert raised_by(lambda: none(parse_url("http://8.8.8.8/"))).code == "host-not-allowed"
    assert raised_by(lambda: none(parse_url("https://10.0.0.5/"))).code == "address-not-allowed"
    assert [str(each) for each in none(parse_url("https://8.8.8.8/"))] == ["8.8.8.8"]
    assert [str(each) for each in listed(parse_url("http://peer.internal/"))] == ["10.0.0.5"]
    assert [str(each) for each in listed(parse_url("http://10.0.0.6:8080/"))] == ["10.0.0.6"]
    assert raised_by(lambda: listed(parse_url("http://10.0.0.6/"))).code == "host-not-allowed"


# ---- How often it asks


def break_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(
    "bad", [answer(429), answer(500), answer(503), answer(408), answer(content=envelope([], 3000)), break_off]
)
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
    with peer(lambda connection: stopped.wait(5) and None) as server:
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


# ---- Devices


@contextmanager
def devices(*answers: Serve, token: str | None = None) -> Iterator[tuple[Peer, Callable[[], Any]]]:
    with peer(serve(*answers)) as server:
        hosts = AllowedHosts.parse(HOSTS_PARAMETER, [f"127.0.0.1:{server.port}"])
        endpoint = Devices(f"{server.url}/devices?a=1", token)
        yield server, lambda: collect_devices(endpoint, hosts, lambda _: None, lambda _: None)


@pytest.mark.requirement("T16")
def test_devices_come_page_by_page_and_what_is_none_is_said() -> None:
    first = [{"id": "1", "health": "good", "phone": "+3212345", "more": 1}, {"id": 2, "health": "good"}, None]
    second = [
        {"id": "3", "health": "bad", "phone": None},
        {"id": "1", "health": "bad"},
        {"id": "4", "health": "", "phone": 1},
    ]
    page = answer(content=json.dumps(first).encode(), Link='<?a=1&page=2>; rel="next"')
    with devices(page, answer_json(second)) as (server, collect):
        found, invalid = collect()

    assert found == [{"id": "1", "health": "bad"}, {"id": "3", "health": "bad"}]
    assert [each.raw for each in invalid] == [first[1], None, second[2]]
    assert invalid[0].reasons == ["id: must be text of 1 to 200 characters."]
    assert [each.split(":")[0] for each in invalid[2].reasons] == ["health", "phone"]
    assert [head.split(" ")[1] for head in server.heads] == ["/devices?a=1", "/devices?a=1&page=2"]
    assert "authorization" not in server.headers()


def test_the_devices_endpoint_gets_a_token_if_there_is_one() -> None:
    with devices(answer_json([]), token="abc") as (server, collect):
        assert collect() == ([], [])

    assert server.headers()["authorization"] == "Token abc"


@pytest.mark.parametrize(
    ("served", "code"),
    [
        (answer_json({}), "peer-answer-broken"),
        (answer(content=b"[]", Link='<?a=1>; rel="next"'), "peer-link-loop"),
        (answer(content=b"[]", Link='<https://evil.example/>; rel="next"'), "peer-link-elsewhere"),
        (answer(401), "peer-refused-token"),
    ],
)
def test_a_wrong_devices_endpoint_is_an_error(served: Serve, code: str) -> None:
    with devices(served, token="tok-en") as (_, collect):
        assert raised_by(collect).code == code
