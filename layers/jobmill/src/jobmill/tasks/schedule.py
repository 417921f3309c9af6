"""A schedule of EventBridge Scheduler: when it fired last, and when it fires next.

The expressions are Amazon's: `rate(5 minutes)`, `cron(0 3 * * ? *)`, `at(2026-12-24T18:00:00)`, in a time zone. What
they mean is from its user guide ("Schedule types in EventBridge Scheduler"): where clocks are put forward, a slot in
the missing hour is left out; where they are put back, a slot in the hour that comes twice fires once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_RATE = re.compile(r"rate\((\d{1,6}) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
_DAYS_OF_WEEK = re.compile(r"(?<![#\d])[1-7](?!\d)")
_YEARS = re.compile(r"(\d{4})(?:-(\d{4}))?(?:/(\d{1,3}))?")
LAST_YEAR = 2199
"""Of Amazon's cron."""
_SLOTS_LOOKED_AT = 1000
"""At so many slots outside the years of an expression it is given up."""


class UnknownSchedule(ValueError):
    """An expression, or a time zone, that is not understood here; EventBridge may well understand it."""


@dataclass(frozen=True)
class Schedule:
    """When a task is due. Make it with `parse_schedule`."""

    expression: str
    zone: ZoneInfo
    every: timedelta | None = None
    """Of a rate, whose slots are counted from when it was made."""
    _cron: str | None = None
    _years: frozenset[int] | None = None
    _at: datetime | None = None

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
        local = begin.astimezone(self.zone).replace(tzinfo=None)
        if self._at is not None:
            yield from self._in_utc(self._at)
        elif self._cron is not None:
            for slot in islice(CronSim(self._cron, local, reverse=reverse), _SLOTS_LOOKED_AT):
                if self._years is None or slot.year in self._years:
                    yield from self._in_utc(slot)

    def _in_utc(self, slot: datetime) -> Iterator[datetime]:
        """The slot's moment, the first of two; none for a time of day that the zone left out."""
        moment = slot.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == slot:
            yield moment


def parse_schedule(expression: str, time_zone: str) -> Schedule:
    """The schedule of an expression. Raises UnknownSchedule."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnknownSchedule(f"{time_zone!r} is no time zone") from error
    if rate := _RATE.fullmatch(expression):
        return Schedule(expression, zone, every=int(rate[1]) * timedelta(**{f"{rate[2]}s": 1}))
    if at := _AT.fullmatch(expression):
        return Schedule(expression, zone, _at=datetime.fromisoformat(at[1]))
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise UnknownSchedule(f"{expression!r} is no rate, cron or at expression")
    minute, hour, day, month, weekday, years = cron.groups()
    text = f"{minute} {hour} {_any(day)} {month} {_weekday(weekday)}"
    try:
        CronSim(text, datetime(2000, 1, 1))
    except CronSimError as error:
        raise UnknownSchedule(f"{expression!r} is not understood: {error}") from error
    return Schedule(expression, zone, _cron=text, _years=_years_of(years, expression))


def _any(field: str) -> str:
    return "*" if field == "?" else field


def _weekday(field: str) -> str:
    """Amazon counts the days of the week from 1 (Sunday), cron from 0; what comes after # or / is a count."""
    head, sign, count = field.partition("/")
    return _DAYS_OF_WEEK.sub(lambda day: str(int(day[0]) - 1), _any(head)) + sign + count


def _years_of(field: str, expression: str) -> frozenset[int] | None:
    if field == "*":
        return None
    years: set[int] = set()
    for part in field.split(","):
        found = _YEARS.fullmatch(part)
        if found is None:
            raise UnknownSchedule(f"{expression!r} is not understood: its years are {field!r}")
        first = int(found[1])
        last = int(found[2] or (LAST_YEAR if found[3] else first))
        years.update(range(first, last + 1, int(found[3] or 1)))
    return frozenset(years)
