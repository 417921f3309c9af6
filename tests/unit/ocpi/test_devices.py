"""The endpoint of devices' health, over real HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jobmill.hosts import AllowedHosts
from jobmill.ocpi.devices import collect_devices
from jobmill.ocpi.peers import Devices
from jobmill.ocpi.transport import HOSTS_PARAMETER
from tests.peers import Peer, Serve, answer, answer_json, peer
from tests.unit.ocpi.asking import raised_by, serve


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
