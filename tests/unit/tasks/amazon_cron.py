"""Amazon's cron, as the user guide of EventBridge Scheduler words it, minute by minute: slow, and sharing nothing.

"Schedule types in EventBridge Scheduler": the fields minutes, hours, day of month, month, day of week (1 to 7, or SUN
to SAT), year; `,` `-` `*` `/`, `?` for any, `L` the last day, `#` a certain one of the month. Of the hour that comes
twice only the first counts.
"""

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]


def slots(expression: str, zone: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The minutes from `begin` to `end`, both included, in which the expression fires, in UTC."""
    fields = expression.removeprefix("cron(").removesuffix(")").split()
    moment = begin.astimezone(UTC).replace(second=0, microsecond=0)
    if moment < begin:
        moment += MINUTE
    while moment <= end:
        local = moment.astimezone(ZoneInfo(zone))
        if local.fold == 0 and fires(fields, local):
            yield moment
        moment += MINUTE


def fires(fields: list[str], local: datetime) -> bool:
    minute, hour, day, month, weekday, year = fields
    return (
        _has(minute, local.minute, 59)
        and _has(hour, local.hour, 23)
        and _has(month, local.month, 12, MONTHS)
        and _has(year, local.year, 2199)
        and _day_of_month(day, local)
        and _day_of_week(weekday, local)
    )


def _day_of_month(field: str, local: datetime) -> bool:
    last = calendar.monthrange(local.year, local.month)[1]
    return field == "?" or (local.day == last if field == "L" else _has(field, local.day, 31))


def _day_of_week(field: str, local: datetime) -> bool:
    number = local.isoweekday() % 7 + 1
    last = calendar.monthrange(local.year, local.month)[1]
    if field in ("?", "L"):
        return field == "?" or number == 7
    if field.endswith("L"):
        return _has(field[:-1], number, 7, DAYS) and local.day + 7 > last
    if "#" in field:
        day, nth = field.split("#")
        return _has(day, number, 7, DAYS) and (local.day - 1) // 7 + 1 == int(nth)
    return _has(field, number, 7, DAYS)


def _has(field: str, value: int, last: int, names: list[str] | None = None) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, until = span.partition("-")
        if first == "*":
            low, high = {59: 0, 23: 0}.get(last, 1), last
        else:
            low = _number(first, names)
            high = _number(until, names) if until else last if step else low
        if low <= value <= high and (value - low) % int(step or 1) == 0:
            return True
    return False


def _number(text: str, names: list[str] | None) -> int:
    return names.index(text) + 1 if names and text in names else int(text)
