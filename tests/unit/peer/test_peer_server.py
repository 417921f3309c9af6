"""What a peer answers when nothing goes wrong: filters, pages, links, tokens."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from jobmill_local.peer import Fault, Faults, Kind, Paging, Peer, serve_peer
from tests.unit.peer.reading import ask, crawl, get, key, pages, token_of

PAGINGS = pytest.mark.parametrize("paging", list(Paging))


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serve_peer() as one:
        yield one


@pytest.mark.parametrize("kind", list(Kind))
@PAGINGS
def test_the_pages_together_are_the_truth(kind: Kind, paging: Paging) -> None:
    with serve_peer(paging=paging, page_limit=37) as peer:
        collected = crawl(peer, kind)
        truth = [entry.raw for entry in peer.world.entries(kind)]
        assert len(truth) > 50
        assert sorted(map(repr, collected)) == sorted(map(repr, truth))


def test_an_answer_is_an_envelope_with_the_headers_of_pages(peer: Peer) -> None:
    got = ask(peer, "cdrs", limit=10)
    assert set(got.json) == {"data", "status_code", "status_message", "timestamp"}
    assert len(got.data) == 10
    assert got.total == len(peer.world.cdrs())
    assert got.headers["X-Limit"] == "50"


@PAGINGS
def test_a_window_begins_with_its_start_and_ends_before_its_end(paging: Paging) -> None:
    with serve_peer(paging=paging) as peer:
        first, second, third = list(peer.world.locations())[:3]
        for one in (first, second, third):
            peer.world.update(Kind.LOCATIONS, one)
        times = {entry.key: entry.updated.isoformat() for entry in peer.world.entries(Kind.LOCATIONS)}
        got = ask(peer, "locations", date_from=times[first], date_to=times[third])
        assert [key(raw) for raw in got.data] == [first, second]
        assert got.total == 2
        # The same in the notations of OCPI: with Z, and without it.
        for text in (times[second].replace("+00:00", "Z"), times[second].replace("+00:00", "")):
            assert [key(raw) for raw in ask(peer, "locations", date_from=text).data] == [second, third]


@PAGINGS
def test_each_page_but_the_last_has_an_absolute_link_that_keeps_the_filters(paging: Paging) -> None:
    with serve_peer(paging=paging) as peer:
        window = {"date_from": "2026-01-01T00:00:00Z", "date_to": "2026-02-01T00:00:00Z", "limit": 40}
        read = list(pages(peer, "cdrs", **window))
        total = read[0].total
        assert [len(page.data) for page in read] == [40] * (total // 40) + [total % 40]
        for page in read[:-1]:
            assert page.next.startswith(f"{peer.url}/ocpi/cpo/2.2.1/cdrs?")
            assert "date_from=2026-01-01" in page.next
            assert "limit=40" in page.next
            assert ("offset=" in page.next) == (paging is Paging.OFFSET)
        assert read[-1].next is None


def test_a_page_that_ends_where_the_list_does_has_no_link(peer: Peer) -> None:
    peer.world.update(Kind.LOCATIONS, next(iter(peer.world.locations())))
    [entry] = peer.world.entries(Kind.LOCATIONS, date_from=peer.world.now() - timedelta(microseconds=1))
    assert ask(peer, "locations", date_from=entry.updated.isoformat(), limit=1).next is None


def test_a_page_is_no_longer_than_the_peer_s_limit(peer: Peer) -> None:
    assert len(ask(peer, "cdrs", limit=2000).data) == 50
    assert len(ask(peer, "cdrs").data) == 50


def test_keyset_pages_come_oldest_first_and_miss_nothing_that_moves() -> None:
    with serve_peer(faults=Faults({Fault.MOVING: 1}), paging=Paging.KEYSET) as peer:
        before, end = peer.world.locations(), peer.world.now().isoformat()
        first = crawl(peer, "locations", date_to=end, limit=7)
        rest = crawl(peer, "locations", date_from=end, limit=7)
        times = [raw["last_updated"][:19] for raw in first if "last_updated" in raw]
        assert times == sorted(times)
        assert {key(raw) for raw in (*first, *rest)} == set(before)
        assert len(first) < len(before)


def test_a_keyset_peer_refuses_offsets_of_one_s_own() -> None:
    with serve_peer(paging=Paging.KEYSET) as peer:
        assert ask(peer, "cdrs", offset=0).status == 200
        assert ask(peer, "cdrs", offset=50).status == 400


@pytest.mark.parametrize("query", [{"date_from": "soon"}, {"limit": 0}, {"offset": -1}, {"limit": "many"}])
def test_a_wrong_query_is_refused(peer: Peer, query: dict[str, object]) -> None:
    got = ask(peer, "locations", **query)
    assert (got.status, got.json["status_code"]) == (400, 2001)


@pytest.mark.parametrize("encodes", [True, False])
def test_the_token_is_taken_in_one_way(encodes: bool) -> None:
    with serve_peer(encodes_token=encodes) as peer:
        url = peer.url_of("cdrs")
        assert get(url, token_of(peer, encoded=encodes)).status == 200
        assert get(url, token_of(peer, encoded=not encodes)).status == 401
        assert get(url, "Token wrong").status == 401
        assert get(url, None).status == 401


def test_devices_are_an_array_with_links_and_take_the_token_in_any_way(peer: Peer) -> None:
    read = [get(f"{peer.url}/devices?limit=25", f"Bearer {peer.token}")]
    while read[-1].next:
        read.append(get(read[-1].next, token_of(peer)))
    assert [len(page.json) for page in read] == [25, 25, 10]
    assert {device["id"]: device for page in read for device in page.json} == peer.world.devices()
    assert get(f"{peer.url}/devices", "Bearer wrong").status == 401


def test_there_is_nothing_elsewhere(peer: Peer) -> None:
    assert get(f"{peer.url}/ocpi/cpo/2.2.1/tariffs", token_of(peer)).status == 404


def test_requests_are_kept_with_their_headers(peer: Peer) -> None:
    ask(peer, "cdrs", limit=1)
    get(f"{peer.url}/devices", None)
    [seen] = peer.counting.seen("cdrs")
    assert seen.query == {"limit": "1"}
    assert seen.headers["authorization"] == token_of(peer)
    assert seen.headers["x-request-id"] == "r-1"
    assert [one.route for one in peer.counting.seen()] == ["cdrs", "devices"]


def test_the_most_requests_at_a_time_are_counted_by_route() -> None:
    with serve_peer(faults=Faults({Fault.SLOW: 1}, slow_seconds=5)) as peer:
        routes = ("cdrs", "cdrs", "locations")
        threads = [threading.Thread(target=ask, args=(peer, route)) for route in routes]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 4
        while len(peer.counting.seen()) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        peer.stop()  # which ends the waiting, too
        for thread in threads:
            thread.join(5)
        assert [peer.counting.highest(route) for route in ("cdrs", "locations", "devices")] == [2, 1, 0]
        assert peer.counting.highest() == 3


def test_requests_one_after_the_other_are_one_at_a_time(peer: Peer) -> None:
    crawl(peer, "locations")
    assert (peer.counting.highest("locations"), peer.counting.highest()) == (1, 1)


def test_the_secret_leads_to_the_peer(peer: Peer) -> None:
    secret = peer.secret()
    [one] = secret["peers"]
    assert secret["project"] == "charging"
    assert one["locationsUrl"] == f"http://127.0.0.1:{peer.port}/ocpi/cpo/2.2.1/locations"
    assert (one["cdrsUrl"], one["token"], one["encodeToken"]) == (peer.url_of("cdrs"), peer.token, True)
    assert get(secret["devices"]["url"], f"Token {secret['devices']['token']}").status == 200


def test_a_port_that_is_taken_gives_the_next_one(peer: Peer) -> None:
    with serve_peer(port=peer.port) as other:
        assert peer.port < other.port < peer.port + 20
        assert ask(other, "cdrs", limit=1).data
