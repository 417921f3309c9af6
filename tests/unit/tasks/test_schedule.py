"""Schedules of EventBridge Scheduler: the same slots as Amazon's user guide says, found without counting minutes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmill.tasks.schedule import UnknownSchedule, parse_schedule
from tests.unit.tasks.amazon_cron import slots

pytestmark = pytest.mark.requirement("T14")

AMSTERDAM = "Europe/Amsterdam"
SPAN = timedelta(days=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def upcoming(expression: str, begin: str, number: int, zone: str = "UTC") -> list[str]:
    """The next slots after `begin`, as `MM-DD HH:MM` in UTC."""
    schedule, moment, found = parse_schedule(expression, zone), utc(begin), []
    for _ in range(number):
        slot = schedule.next(moment)
        if slot is None:
            break
        found.append(f"{slot:%m-%d %H:%M}")
        moment = slot
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 10 * * ? *)", ["01-01 10:00", "01-02 10:00", "01-03 10:00"]),
        ("cron(0/15 * * * ? *)", ["01-01 00:15", "01-01 00:30", "01-01 00:45"]),
        ("cron(10/25 8-17/4 * * ? *)", ["01-01 08:10", "01-01 08:35", "01-01 12:10"]),
        ("cron(15,45 3 1,15 JAN,FEB ? *)", ["01-01 03:15", "01-01 03:45", "01-15 03:15"]),
        ("cron(0 8 1/10 * ? *)", ["01-01 08:00", "01-11 08:00", "01-21 08:00"]),
        ("cron(0 0 L * ? *)", ["01-31 00:00", "02-28 00:00", "03-31 00:00"]),
        ("cron(0 0 LW * ? *)", ["01-30 00:00", "02-27 00:00", "03-31 00:00"]),
        ("cron(0 0 29 2 ? *)", ["02-29 00:00", "02-29 00:00", "02-29 00:00"]),
        ("cron(0 0 1 2/3 ? *)", ["02-01 00:00", "05-01 00:00", "08-01 00:00"]),
        ("at(2026-12-24T18:00:00)", ["12-24 18:00"]),
    ],
)
def test_an_expression_fires_when_amazon_says(expression: str, expected: list[str]) -> None:
    assert upcoming(expression, "2026-01-01T00:00:00", 3) == expected


# 2026-02-01 is a Sunday.
@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("1", [1, 8, 15, 22]),
        ("SUN", [1, 8, 15, 22]),
        ("7", [7, 14, 21, 28]),
        ("2-6", [2, 3, 4, 5, 6, 9]),
        ("MON-FRI", [2, 3, 4, 5, 6, 9]),
        ("mon-fri", [2, 3, 4, 5, 6, 9]),
        ("2,4,6", [2, 4, 6, 9, 11, 13]),
        ("1,SAT", [1, 7, 8, 14]),
        ("2/2", [2, 4, 6, 9, 11, 13]),
        ("2/2,3", [2, 3, 4, 6, 9]),
        ("2-6/2,7", [2, 4, 6, 7, 9]),
        ("6#3", [20]),
        ("FRI#3", [20]),
        ("2#1,4#4", [2, 25]),
        ("6L", [27]),
        ("FRIL", [27]),
        ("L", [7, 14, 21, 28]),
    ],
)
def test_days_of_the_week_count_from_sunday_as_1(field: str, days: list[int]) -> None:
    found = upcoming(f"cron(0 12 ? 2 {field} *)", "2026-02-01T00:00:00", len(days))
    assert found == [f"02-{day:02} 12:00" for day in days]


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ("2027", ["2027-02-28"]),
        ("2026-2028", ["2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2027/2", ["2027-02-28", "2029-02-28", "2031-02-28"]),
        ("2025,2040", ["2040-02-29"]),
        ("2020", []),
    ],
)
def test_an_expression_may_have_years(years: str, expected: list[str]) -> None:
    schedule, moment, found = parse_schedule(f"cron(0 0 L 2 ? {years})", "UTC"), utc("2026-01-01"), []
    while len(found) < 3 and (slot := schedule.next(moment)):
        found.append(f"{slot:%Y-%m-%d}")
        moment = slot
    assert found == expected


def test_a_year_far_away_is_found_from_both_sides() -> None:
    schedule = parse_schedule("cron(* * * * ? 2040)", "UTC")
    assert schedule.next(utc("2026-01-01")) == utc("2040-01-01")
    assert schedule.latest(utc("2026-01-01")) is None
    assert schedule.latest(utc("2126-01-01")) == utc("2040-12-31T23:59:00")
    assert schedule.next(utc("2126-01-01")) is None


def test_a_slot_in_the_hour_that_clocks_leave_out_is_left_out() -> None:
    """On 2026-03-29 Amsterdam's clocks go from 02:00 to 03:00, which is 01:00 UTC."""
    days = upcoming("cron(30 2 * * ? *)", "2026-03-27T12:00:00", 3, AMSTERDAM)
    assert days == ["03-28 01:30", "03-30 00:30", "03-31 00:30"]
    quarters = upcoming("cron(0/30 * * * ? *)", "2026-03-29T00:00:00", 4, AMSTERDAM)
    assert quarters == ["03-29 00:30", "03-29 01:00", "03-29 01:30", "03-29 02:00"]


def test_a_slot_in_the_hour_that_comes_twice_fires_once() -> None:
    """On 2026-10-25 Amsterdam's clocks go from 03:00 back to 02:00, which is 01:00 UTC."""
    assert upcoming("cron(30 2 * * ? *)", "2026-10-24T12:00:00", 2, AMSTERDAM) == ["10-25 00:30", "10-26 01:30"]
    schedule = parse_schedule("cron(0/5 * * * ? *)", AMSTERDAM)
    for again in ("01:00", "01:10", "01:59"):
        assert schedule.latest(utc(f"2026-10-25T{again}:00")) == utc("2026-10-25T00:55:00")
        assert schedule.next(utc(f"2026-10-25T{again}:00")) == utc("2026-10-25T02:00:00")


def test_a_moment_is_of_its_zone() -> None:
    schedule = parse_schedule("at(2026-07-01T12:00:00)", "America/New_York")
    slot = utc("2026-07-01T16:00:00")
    assert schedule.next(slot - timedelta(seconds=1)) == slot
    assert schedule.next(slot) is None
    assert schedule.latest(slot) == slot
    assert schedule.latest(slot - timedelta(milliseconds=1)) is None


def test_a_rate_counts_from_its_last_slot() -> None:
    schedule = parse_schedule("rate(15 minutes)", AMSTERDAM)
    fired = utc("2026-01-01T00:07:00")
    assert schedule.every == timedelta(minutes=15)
    assert schedule.latest(fired) is None
    assert schedule.next(fired) is None
    assert schedule.next(fired, fired) == fired + timedelta(minutes=15)
    assert schedule.next(fired + timedelta(minutes=46), fired) == fired + timedelta(minutes=60)
    assert schedule.next(fired - timedelta(hours=1), fired) == fired + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("expression", "every"),
    [("rate(1 minute)", {"minutes": 1}), ("rate(2 hours)", {"hours": 2}), ("rate(30 days)", {"days": 30})],
)
def test_rates_have_units(expression: str, every: dict[str, int]) -> None:
    assert parse_schedule(expression, "UTC").every == timedelta(**every)


@pytest.mark.parametrize(
    "expression",
    [
        "", "daily", "rate(5)", "rate(0 minutes)", "rate(5 weeks)", "rate(-1 minutes)",
        "at(2026-12-24)", "at(2026-13-01T00:00:00)", "at(2026-02-30T00:00:00)",
        "cron(0 0 * * ?)", "cron(0 0 * * ? * *)", "cron(60 0 * * ? *)", "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)",
        "cron(0 0 * 13 ? *)", "cron(0 0 30 2 ? *)", "cron(0/0 0 * * ? *)", "cron(a 0 * * ? *)", "cron(0 0 15W * ? *)",
        "cron(0 0 ? * 0 *)", "cron(0 0 ? * 8 *)", "cron(0 0 ? * 6-2 *)", "cron(0 0 ? * 2#6 *)", "cron(0 0 ? * SO *)",
        "cron(0 0 * * ? 26)", "cron(0 0 * * ? 2026/0)", "cron(0 0 * * ? 2030-2026)", "cron(0 0 * * ? 0000)",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(expression: str) -> None:
    with pytest.raises(UnknownSchedule, match=r"understood|is no rate"):
        parse_schedule(expression, "UTC")


@pytest.mark.parametrize("zone", ["", "Nowhere", "Europe", "../../etc/passwd", "/etc/passwd", "x" * 300, "a\0b"])
def test_a_zone_that_is_none_is_said(zone: str) -> None:
    with pytest.raises(UnknownSchedule, match="time zone"):
        parse_schedule("rate(1 hour)", zone)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    spans = st.lists(number, min_size=2, max_size=2, unique=True).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.tuples(number | spans | st.just("*"), st.integers(1, 20)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    part = number.map(str) | spans | steps
    return st.just("*") | part | st.lists(part, min_size=2, max_size=3).map(",".join)


WEEKDAYS = field(1, 7).filter(lambda text: "*" not in text and not _steps_beyond(text, 7)) | st.sampled_from(
    ["SUN", "MON-FRI", "TUE,SAT", "6#3", "SUN#1", "3L", "WEDL", "L", "2#5"]
)
DAYS = st.one_of(
    st.tuples(field(1, 31) | st.just("L"), st.just("?")), st.tuples(st.just("?"), WEEKDAYS), st.just(("*", "?"))
)
MONTHS = st.just("*") | st.sampled_from(["3", "10", "MAR,OCT", "1-4", "1/3", "MAR-NOV"])
YEARS = st.sampled_from(["*", "2026", "2026/2", "2024-2026", "2027"])
ZONES = st.sampled_from(["UTC", AMSTERDAM, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
CHANGES = [utc(f"2026-{day}") for day in ("03-29T01:00", "10-25T01:00", "03-08T07:00", "11-01T06:00", "04-04T15:00",
                                          "10-03T15:30", "12-31T23:00", "02-28T23:30")]  # fmt: skip


def _steps_beyond(text: str, most: int) -> bool:
    return any(int(part.partition("/")[2] or 1) > most for part in text.split(","))


@given(field(0, 59), field(0, 23), DAYS, MONTHS, YEARS, ZONES, st.sampled_from(CHANGES), st.integers(-90_000, 90_000))
@settings(deadline=None, max_examples=50)
def test_slots_are_those_of_amazon_s_words(
    minute: str, hour: str, day: tuple[str, str], month: str, year: str, zone: str, change: datetime, seconds: int
) -> None:
    expression = f"cron({minute} {hour} {day[0]} {month} {day[1]} {year})"
    moment = change + timedelta(seconds=seconds)
    try:
        schedule = parse_schedule(expression, zone)
    except UnknownSchedule:
        assert not any(slots(expression, zone, moment - SPAN, moment + SPAN)), "it fires, so it is one"
        return
    before = [*slots(expression, zone, moment - SPAN, moment)]
    after = [slot for slot in slots(expression, zone, moment, moment + SPAN) if slot > moment]
    latest, upcoming = schedule.latest(moment), schedule.next(moment)
    assert latest == before[-1] if before else latest is None or latest < moment - SPAN
    assert upcoming == after[0] if after else upcoming is None or upcoming > moment + SPAN
