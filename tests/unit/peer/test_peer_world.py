"""What the world of a peer holds, and how it changes."""

import re
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jobmill_local.peer import Kind, World
from jobmill_local.peer.flaws import DOUBTFUL_CDRS, DOUBTFUL_CREDITS, INVALID_CDRS, INVALID_LOCATIONS
from jobmill_local.peer.locations import STATUSES


@pytest.fixture(scope="module")
def still() -> World:
    """A world that no test changes."""
    return World(seed=1)


def moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def good_cdrs(world: World) -> dict[Any, Any]:
    known = world.invalid(Kind.CDRS) | world.doubts()
    return {key: raw for key, raw in world.cdrs().items() if key not in known}


def test_a_seed_gives_the_same_world_and_the_same_changes() -> None:
    one, same, other = World(7), World(7), World(8)
    assert one.cdrs() == same.cdrs()
    assert one.locations() != other.locations()
    for _ in range(30):
        one.tick()
        same.tick()
    assert (one.locations(), one.cdrs(), one.devices()) == (same.locations(), same.cdrs(), same.devices())


def test_there_are_several_parties_and_evses_in_every_status(still: World) -> None:
    invalid = still.invalid(Kind.LOCATIONS)
    valid = [raw for key, raw in still.locations().items() if key not in invalid]
    assert {key[:2] for key in still.locations()} == {("NL", "ABC"), ("DE", "XYZ"), ("SE", "ELV")}
    assert {evse["status"] for raw in valid for evse in raw["evses"]} == set(STATUSES)
    assert all(evse["connectors"] for raw in valid for evse in raw["evses"])
    assert any(raw["country_code"].islower() for raw in valid)
    for raw in valid:
        assert re.fullmatch(r"-?\d{1,2}\.\d{5,7}", raw["coordinates"]["latitude"])
        assert re.fullmatch(r"-?\d{1,3}\.\d{5,7}", raw["coordinates"]["longitude"])


def test_each_flaw_is_there_and_known(still: World) -> None:
    assert set(still.invalid(Kind.LOCATIONS).values()) == set(INVALID_LOCATIONS)
    assert set(still.invalid(Kind.CDRS).values()) == set(INVALID_CDRS)
    assert set(still.doubts().values()) == {*DOUBTFUL_CDRS, *DOUBTFUL_CREDITS}
    nameless = [key for key, flaw in still.invalid(Kind.CDRS).items() if flaw == "id is missing"]
    assert nameless
    assert all("id" not in still.cdrs()[key] for key in nameless)


def test_a_flaw_is_in_its_object_and_in_no_other(still: World) -> None:
    doubts, invalid = still.doubts(), still.invalid(Kind.CDRS)
    for key, raw in still.cdrs().items():
        doubt = doubts.get(key)
        assert ("currency" not in raw) == (invalid.get(key) == "currency is missing")
        assert (raw.get("total_parking_time", 0) > raw["total_time"]) == (
            doubt == "it parked for longer than it lasted"
        )
        assert (raw["start_date_time"] == "1970-1-1T00:00:00Z") == (doubt == "its start is not known")
        assert (raw["end_date_time"] == "1970-1-1") == (doubt == "its end is not known")


def test_the_totals_of_a_good_cdr_are_the_sums_of_its_periods_and_costs(still: World) -> None:
    assert len(good_cdrs(still)) > 500
    for raw in good_cdrs(still).values():
        volumes: Counter[str] = Counter()
        for period in raw["charging_periods"]:
            before = timedelta(hours=float(volumes["TIME"]))
            assert moment(period["start_date_time"]) == moment(raw["start_date_time"]) + before
            for dimension in period["dimensions"]:
                volumes[dimension["type"]] += dimension["volume"]
        assert volumes["ENERGY"] == raw["total_energy"]
        assert volumes["TIME"] + volumes["PARKING_TIME"] == raw["total_time"]
        assert volumes["PARKING_TIME"] == raw.get("total_parking_time", 0)
        lasted = moment(raw["end_date_time"]) - moment(raw["start_date_time"])
        assert lasted == timedelta(hours=float(raw["total_time"]))
        if "credit" not in raw:
            names = ("total_fixed_cost", "total_energy_cost", "total_parking_cost")
            assert sum(raw[name]["incl_vat"] for name in names if name in raw) == raw["total_cost"]["incl_vat"]


def test_a_credit_takes_back_what_its_cdr_cost(still: World) -> None:
    cdrs = still.cdrs()
    credits = {key: raw for key, raw in good_cdrs(still).items() if raw.get("credit")}
    assert len(credits) > 10
    for key, raw in credits.items():
        original = cdrs[*key[:2], raw["credit_reference_id"]]
        assert raw["total_cost"]["excl_vat"] == -original["total_cost"]["excl_vat"] < 0
        assert moment(raw["last_updated"]) >= moment(original["last_updated"])


def test_money_is_exact(still: World) -> None:
    costs = [raw["total_cost"]["excl_vat"] for raw in good_cdrs(still).values()]
    assert all(isinstance(cost, Decimal) for cost in costs)
    assert min(cost.as_tuple().exponent for cost in costs) == -4


def test_days_without_cdrs_are_those_that_it_names(still: World) -> None:
    invalid = still.invalid(Kind.CDRS)
    for party, missing in still.missing_days().items():
        made = {
            moment(raw[name]).date()
            for key, raw in still.cdrs().items()
            if key[:2] == party and key not in invalid
            for name in ("start_date_time", "end_date_time", "last_updated")
            if not raw[name].startswith("1970")
        }
        days = [min(made) + timedelta(days=day) for day in range((max(made) - min(made)).days + 1)]
        assert len(days) == 90
        assert sorted(set(days) - made) == missing != []


def test_a_good_cdr_stands_for_each_other_day_of_a_party(still: World) -> None:
    days: set[tuple[str, date]] = set()
    for key, raw in good_cdrs(still).items():
        if "credit" not in raw:
            days.add((key[1], moment(raw["start_date_time"]).date()))
    assert len(days) == 3 * 90 - sum(map(len, still.missing_days().values()))


def test_some_devices_are_unhealthy_and_some_of_these_have_no_phone(still: World) -> None:
    unhealthy = [device for device in still.devices().values() if device["health"] == "unhealthy"]
    assert {"phone" in device for device in unhealthy} == {True, False}
    assert len(unhealthy) < len(still.devices())


def test_a_change_is_later_than_all_before_and_leaves_the_window_that_ended_before_it() -> None:
    world = World()
    [first, second, *_] = world.locations()
    end = world.now()
    world.update(Kind.LOCATIONS, first, name="Another name")
    assert world.locations()[first]["name"] == "Another name"
    assert first not in {entry.key for entry in world.entries(Kind.LOCATIONS, date_to=end)}
    middle = world.now()
    world.set_status(second, "REMOVED")
    [entry] = world.entries(Kind.LOCATIONS, date_from=middle)
    assert entry.key == second
    assert moment(entry.raw["last_updated"]) == entry.updated
    assert entry.raw["evses"][0]["status"] == "REMOVED"
    assert entry.number == 1  # it keeps its place


def test_objects_are_inserted_credited_and_put_right() -> None:
    world = World()
    before, end = len(world.cdrs()), world.now()
    cdr = world.add_cdr()
    credit = world.credit(cdr)
    assert [entry.key for entry in world.entries(Kind.CDRS, date_from=end)] == [cdr, credit]
    assert len(world.cdrs()) == before + 2
    location = world.add_location()
    assert world.locations()[location]["last_updated"].endswith("Z")
    wrong = next(iter(world.invalid(Kind.LOCATIONS)))
    world.put(
        Kind.LOCATIONS, world.locations()[location] | dict(zip(("country_code", "party_id", "id"), wrong, strict=True))
    )
    assert wrong not in world.invalid(Kind.LOCATIONS)


def test_a_world_of_the_real_clock_ends_now() -> None:
    world = World(clock=lambda: datetime.now(UTC))
    newest = max(entry.updated for entry in world.entries(Kind.CDRS))
    assert timedelta() < datetime.now(UTC) - newest < timedelta(days=2)
    world.update(Kind.LOCATIONS, next(iter(world.locations())))
    assert datetime.now(UTC) - max(e.updated for e in world.entries(Kind.LOCATIONS)) < timedelta(seconds=10)


def test_what_is_read_is_a_copy(still: World) -> None:
    key = next(iter(still.locations()))
    still.locations()[key]["name"] = "scribbled"
    still.devices()["device-000"]["health"] = "scribbled"
    assert still.locations()[key]["name"] != "scribbled"
    assert still.devices()["device-000"]["health"] == "unhealthy"


def test_threads_that_change_it_lose_nothing() -> None:
    world = World(days=3)
    before = len(world.cdrs())
    threads = [threading.Thread(target=lambda: [world.add_cdr() for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(world.cdrs()) == before + 100
    assert len({entry.updated for entry in world.entries(Kind.CDRS)[before:]}) == 100
