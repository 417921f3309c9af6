"""A schedule of EventBridge Scheduler: when it fired last, and when it fires next.

The expressions are Amazon's: `rate(5 minutes)`, `cron(0 3 * * ? *)`, `at(2026-12-24T18:00:00)`, in a time zone. What
they mean is from its user guide ("Schedule types in EventBridge Scheduler"): where clocks are put forward, a slot in
the missing hour is left out; where they are put back, a slot in the hour that comes twice fires once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_RATE = re.compile(r"rate\(([1-9]\d{0,5}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY = rf"([1-7]|{'|'.join(_DAYS)})"
_WEEKDAYS = re.compile(rf"{_DAY}(?:-{_DAY})?(?:/([1-7]))?")
_NTH_WEEKDAY = re.compile(rf"{_DAY}(#[1-5]|L)")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?(?:/([1-9]\d{0,2}))?")
YEARS = range(1970, 2200)
"""Of Amazon's cron."""


class UnknownSchedule(ValueError):
    """An expression, or a time zone, that is not understood here; EventBridge may well understand it."""


@dataclass(frozen=True)
class Schedule:
    """When a task is due. Make it with `parse_schedule`."""

    expression: str
    zone: ZoneInfo
    every: timedelta | None = None
    """Of a rate, whose slots are counted from when it was made."""
    at: datetime | None = None
    """Of what is due once, by the zone's clocks."""
    _cron: str | None = None
    _years: frozenset[int] | None = None

    def latest(self, until: datetime) -> datetime | None:
        """The last slot that is not after `until`, in UTC; none of a rate, or if there was none."""
        slots = self._slots(until + timedelta(seconds=1), reverse=True)
        return next((slot for slot in slots if slot <= until), None)

    def next(self, after: datetime, fired_at: datetime | None = None) -> datetime | None:
        """The first slot after `after`, in UTC; of a rate, counted from the last one that fired, `fired_at`."""
        if self.every is None:
            return next((slot for slot in self._slots(after, reverse=False) if slot > after), None)
        if fired_at is None:
            return None
        return fired_at + (max(timedelta(0), after - fired_at) // self.every + 1) * self.every

    def _slots(self, begin: datetime, *, reverse: bool) -> Iterator[datetime]:
        if self.at is not None:
            yield from self._in_utc(self.at)
        elif self._cron is not None:
            local = begin.astimezone(self.zone)
            again = local.replace(fold=0).utcoffset(), local.utcoffset()
            # In an hour that comes again, the slots of its first time are all before `begin`, whatever its clock says.
            ahead = again[0] - again[1] if reverse and again[0] and again[1] else timedelta(0)
            for slot in self._local_slots(self._cron, local.replace(tzinfo=None, fold=0) + ahead, reverse=reverse):
                yield from self._in_utc(slot)

    def _local_slots(self, cron: str, begin: datetime, *, reverse: bool) -> Iterator[datetime]:
        """The slots as the zone's clocks say them; years that the expression leaves out are leapt over."""
        while True:
            passed = begin.year
            for slot in CronSim(cron, begin, reverse=reverse):
                passed = slot.year
                if self._years is not None and passed not in self._years:
                    break
                yield slot
            others = [year for year in self._years or () if (year < passed if reverse else year > passed)]
            if not others:
                return
            begin = datetime(max(others) + 1, 1, 1) if reverse else datetime(min(others), 1, 1) - timedelta(seconds=1)

    def _in_utc(self, slot: datetime) -> Iterator[datetime]:
        """The slot's moment, the first of two; none for a time of day that the zone left out."""
        moment = slot.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == slot:
            yield moment


def parse_schedule(expression: str, time_zone: str) -> Schedule:
    """The schedule of an expression. Raises UnknownSchedule."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # the last one of a folder, as Europe is
        raise UnknownSchedule(f"{time_zone!r} is no time zone") from error
    if rate := _RATE.fullmatch(expression):
        return Schedule(expression, zone, every=int(rate[1]) * timedelta(**{f"{rate[2]}s": 1}))
    if at := _AT.fullmatch(expression):
        return Schedule(expression, zone, at=_time_of(at[1], expression))
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise UnknownSchedule(f"{expression!r} is no rate, cron or at expression")
    minute, hour, day, month, weekday, years = cron.groups()
    text = f"{minute} {hour} {_any(day)} {month} {_weekdays(weekday, expression)}"
    try:
        CronSim(text, datetime(2000, 1, 1))
    except CronSimError as error:
        raise _unknown(expression, str(error)) from error
    return Schedule(expression, zone, _cron=text, _years=_years_of(years, expression))


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _weekdays(field: str, expression: str) -> str:
    """Cron's days of the week. Amazon counts them from 1 (Sunday), cron from 0 and has Sunday twice: so each by itself.

    What comes after # or / is a count; `L` alone is the week's last day, and after a day its last one of the month.
    """
    if field in ("*", "?"):
        return "*"
    found: list[str] = []
    for part in field.upper().split(","):
        if part == "L":
            found.append("6")
        elif nth := _NTH_WEEKDAY.fullmatch(part):
            found.append(f"{_weekday(nth[1])}{nth[2]}")
        elif days := _WEEKDAYS.fullmatch(part):
            first = _weekday(days[1])
            last = _weekday(days[2]) if days[2] else 6 if days[3] else first
            found += map(str, range(first, last + 1, int(days[3] or 1)))
        else:
            raise _unknown(expression, f"its days of the week are {field!r}")
    if not found:
        raise _unknown(expression, f"its days of the week are {field!r}")
    return ",".join(found)


def _weekday(day: str) -> int:
    return _DAYS.index(day) if day in _DAYS else int(day) - 1


def _years_of(field: str, expression: str) -> frozenset[int] | None:
    if field == "*":
        return None
    years: set[int] = set()
    for part in field.split(","):
        found = _YEARS.fullmatch(part)
        if found is None:
            raise _unknown(expression, f"its years are {field!r}")
        first = int(found[1])
        last = int(found[2] or (YEARS[-1] if found[3] else first))
        years.update(range(first, last + 1, int(found[3] or 1)))
    if not years or not years <= set(YEARS):
        raise _unknown(expression, f"its years are {field!r}")
    return frozenset(years)


def _time_of(text: str, expression: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise _unknown(expression, str(error)) from error


def _unknown(expression: str, why: str) -> UnknownSchedule:
    return UnknownSchedule(f"{expression!r} is not understood: {why}")
