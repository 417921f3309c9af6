"""The configuration of the peers: what it may say, and that an error never shows a token."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jobmill.errors import CallerError
from jobmill.ocpi.peers import Devices, Peer, read_peers

CDRS = "https://peer.example/ocpi/cdrs"


def config(**fields: Any) -> dict[str, Any]:
    return {"project": "charging", "peers": [{"name": "one", "cdrsUrl": CDRS, "token": "SECRET"} | fields]}


def test_a_peer_needs_a_name_a_url_and_a_token() -> None:
    peers = read_peers(config())

    assert peers.project == "charging"
    assert peers.peers == (Peer("one", None, CDRS, "SECRET"),)
    assert peers.devices is None
    assert (peers.peers[0].encodes_token, peers.peers[0].page_limit, peers.peers[0].since) == (True, 100, None)


def test_a_peer_may_have_all_the_rest() -> None:
    given = read_peers(
        config(
            locationsUrl="http://10.0.0.5:8080/l", encodeToken=False, to="NL*ABC", pageLimit=1_000, since="2026-01-31"
        )
        | {"devices": {"url": "https://devices.example/", "token": "D"}}
    )
    one = given.peers[0]

    assert (one.locations_url, one.encodes_token, one.to_party, one.page_limit) == (
        "http://10.0.0.5:8080/l", False, "NL*ABC", 1_000,
    )  # fmt: skip
    assert one.since == datetime(2026, 1, 31, tzinfo=UTC)
    assert given.devices == Devices("https://devices.example/", "D")
    assert "SECRET" not in repr(given)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-01-31T12:00:00", 12), ("2026-01-31T12:00:00Z", 12), ("2026-01-31T12:00:00.9+02:00", 10)],
)
def test_since_may_be_a_time(text: str, expected: int) -> None:
    assert read_peers(config(since=text)).peers[0].since == datetime(2026, 1, 31, expected, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (None, "the whole"),
        ([], "the whole"),
        ({"peers": []}, "project"),
        ({"project": "a b"}, "project"),
        ({"project": "system"}, "project"),
        (config() | {"more": 1}, "more"),
        (config() | {"devices": {}}, "devices.url"),
        (config(name="a/b"), "peers.0.name"),
        (config(cdrsUrl=None), "peers.0"),
        (config(cdrsUrl="ftp://SECRET/"), "peers.0.cdrsUrl"),
        (config(cdrsUrl="https://user:SECRET@peer.example/"), "peers.0.cdrsUrl"),
        (config(token="SECRET\r\nX: 1"), "peers.0.token"),
        (config(token=""), "peers.0.token"),
        (config(token=7), "peers.0.token"),
        (config(encodeToken="no"), "peers.0.encodeToken"),
        (config(to="NLABC"), "peers.0.to"),
        ({"project": "p", "peers": [config()["peers"][0] | {"from": "NL*A"}]}, "peers.0.from"),
        (config(pageLimit=0), "peers.0.pageLimit"),
        (config(pageLimit=1_001), "peers.0.pageLimit"),
        (config(since="SECRET"), "peers.0.since"),
        (config(since=20260131), "peers.0.since"),
        (config(Token="SECRET"), "peers.0.Token"),
        ({"project": "p", "peers": [*config()["peers"], *config(name="ONE")["peers"]]}, "the whole"),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(given: object, field: str) -> None:
    with pytest.raises(CallerError) as raised:
        read_peers(given)

    assert (raised.value.code, raised.value.field) == ("bad-peers", field)
    assert f"wrong at {field}: " in raised.value.message
    assert raised.value.message.endswith(".")
    assert "SECRET" not in raised.value.message
