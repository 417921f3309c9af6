"""Each way in which a peer answers badly, seen from the reader's side."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from itertools import islice
from json import JSONDecodeError

import pytest

from jobmill_local.peer import FAILURES, MAX_FAILURES_IN_A_ROW, Fault, Faults, Kind, World, serve_peer
from jobmill_local.peer.faults import Chance
from tests.unit.peer.reading import Got, ask, crawl, get, key, pages, token_of


def once(fault: Fault, route: str = "cdrs") -> Got:
    """What a request gets that meets this fault; the next one is well again."""
    with serve_peer(world=World(days=10)) as peer:
        peer.fail_next(fault)
        got = ask(peer, route, limit=10)
        assert ask(peer, route, limit=10).status == 200
        return got


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.SERVER_ERROR, 500, 3000),
        (Fault.UNAVAILABLE, 503, 3000),
        (Fault.UNAUTHORIZED, 401, 2001),
        (Fault.OCPI_CLIENT_ERROR, 200, 2001),
        (Fault.OCPI_SERVER_ERROR, 200, 3000),
        (Fault.TOO_MANY_REQUESTS, 429, 2000),
        (Fault.TOO_MANY_REQUESTS_UNTIL, 429, 2000),
    ],
)
def test_a_refusal_has_its_status_and_no_data(fault: Fault, status: int, code: int) -> None:
    got = once(fault)
    assert (got.status, got.json["status_code"]) == (status, code)
    assert "data" not in got.json


def test_retry_after_is_in_seconds_or_a_date() -> None:
    assert once(Fault.TOO_MANY_REQUESTS).headers["Retry-After"] == "1"
    asked = datetime.now(UTC)
    until = parsedate_to_datetime(once(Fault.TOO_MANY_REQUESTS_UNTIL).headers["Retry-After"])
    assert timedelta(seconds=-1) <= until - asked < timedelta(seconds=5)
    assert "Retry-After" not in once(Fault.UNAVAILABLE).headers
    with serve_peer(faults=Faults(retry_after_seconds=90)) as peer:
        peer.fail_next(Fault.TOO_MANY_REQUESTS)
        assert ask(peer, "cdrs").headers["Retry-After"] == "90"


@pytest.mark.parametrize("route", ["cdrs", "devices"])
def test_broken_json_is_whole_by_its_length(route: str) -> None:
    got = once(Fault.BROKEN_JSON, route)
    assert got.status == 200
    assert len(got.body) == int(got.headers["Content-Length"])
    with pytest.raises(JSONDecodeError):
        _ = got.json


def test_a_body_is_cut_off() -> None:
    with pytest.raises(IncompleteRead):
        once(Fault.CUT_OFF)


def test_a_slow_answer_takes_its_time() -> None:
    with serve_peer(faults=Faults({Fault.SLOW: 1}, slow_seconds=0.3)) as peer:
        started_at = time.monotonic()
        assert ask(peer, "cdrs").data
        assert time.monotonic() - started_at >= 0.3


def test_links_and_totals_are_missing() -> None:
    assert once(Fault.NO_LINK).next is None
    assert "X-Total-Count" in once(Fault.NO_LINK).headers
    assert "X-Total-Count" not in once(Fault.NO_TOTAL).headers
    assert once(Fault.NO_TOTAL).next


def test_a_reader_that_trusts_links_alone_stops_too_early_without_them() -> None:
    with serve_peer(faults=Faults({Fault.NO_LINK: 1})) as peer:
        assert len(crawl(peer, "locations")) == 50 < len(peer.world.locations())


def test_totals_are_wrong() -> None:
    true = len(World(days=10).cdrs())
    assert once(Fault.TOTAL_TOO_HIGH).total == true + 10
    assert once(Fault.TOTAL_TOO_LOW).total == true // 2
    with serve_peer(faults=Faults({Fault.TOTAL_RANDOM: 1})) as peer:
        totals = {page.total for page in islice(pages(peer, "cdrs"), 15)}
        assert min(totals) < len(peer.world.cdrs()) < max(totals)


def test_a_link_leads_to_another_host_where_it_is_seen() -> None:
    with serve_peer() as peer:
        peer.fail_next(Fault.LINK_ELSEWHERE)
        link = ask(peer, "cdrs").next
        assert link.startswith(f"http://localhost:{peer.port}/ocpi/cpo/2.2.1/cdrs?")
        assert get(link, token_of(peer)).status == 200
        assert [seen.headers["host"] for seen in peer.counting.seen()] == [
            f"127.0.0.1:{peer.port}",
            f"localhost:{peer.port}",
        ]


@pytest.mark.parametrize("kind", list(Kind))
def test_pages_that_move_let_a_naive_reader_miss_objects_and_drop_the_total(kind: Kind) -> None:
    with serve_peer(faults=Faults({Fault.MOVING: 1})) as peer:
        end = peer.world.now()
        read = list(pages(peer, kind, date_to=end.isoformat(), limit=10))
        seen = [key(raw) for page in read for raw in page.data]
        still = {entry.key for entry in peer.world.entries(kind, date_to=end) if entry.raw.get("id")}
        assert still - set(seen), "it has read all, so nothing moved under it"
        totals = [page.total for page in read]
        assert totals == sorted(totals, reverse=True)
        assert totals[0] > totals[-1]
        # What moved is in the next window, what was missed is not.
        moved = {entry.key for entry in peer.world.entries(kind, date_from=end)}
        assert moved
        assert not moved & still


def test_pages_that_move_are_the_same_for_a_seed() -> None:
    def read(seed: int) -> list[object]:
        with serve_peer(seed, Faults({Fault.MOVING: 0.5}), world=World(1)) as peer:
            return crawl(peer, "locations", date_to=peer.world.now().isoformat(), limit=5)

    assert read(3) == read(3)
    assert read(3) != read(4)


def test_the_last_page_moves_nothing() -> None:
    with serve_peer(faults=Faults({Fault.MOVING: 1}), page_limit=100) as peer:
        before = peer.world.locations()
        crawl(peer, "locations")
        assert peer.world.locations() == before


def test_the_world_goes_on_by_a_change_with_each_request() -> None:
    with serve_peer(faults=Faults({Fault.TICKING: 1})) as peer:
        other = World(1)
        for _ in range(5):
            ask(peer, "devices")
            other.tick()
        assert (peer.world.locations(), peer.world.cdrs()) == (other.locations(), other.cdrs())
        assert peer.world.devices() == other.devices()


def test_faults_by_chance_are_the_same_for_a_seed_and_let_one_through_in_time() -> None:
    rates = {Fault.SERVER_ERROR: 0.5, Fault.CUT_OFF: 0.4, Fault.SLOW: 0.3}

    def met(seed: int, route: str = "cdrs") -> list[frozenset[Fault]]:
        chance = Chance(seed)
        return [chance.choose(route, rates) for _ in range(500)]

    assert met(1) == met(1)
    assert met(1) != met(2)
    assert met(1) != met(1, "locations")
    failed = "".join("x" if faults & FAILURES else "." for faults in met(1))
    assert "x" * MAX_FAILURES_IN_A_ROW in failed
    assert "x" * (MAX_FAILURES_IN_A_ROW + 1) not in failed
    assert {Fault.SLOW in faults for faults in met(1)} == {True, False}


def test_a_fault_that_is_switched_on_stays() -> None:
    with serve_peer(faults=Faults({Fault.UNAVAILABLE: 1})) as peer:
        assert {ask(peer, "cdrs").status for _ in range(10)} == {503}
        peer.faults = Faults()
        assert ask(peer, "cdrs").status == 200


def test_the_next_requests_fail_as_told() -> None:
    with serve_peer() as peer:
        peer.fail_next(Fault.UNAVAILABLE, times=2)
        peer.fail_next(Fault.UNAUTHORIZED)
        assert [ask(peer, "devices").status for _ in range(4)] == [503, 503, 401, 200]
