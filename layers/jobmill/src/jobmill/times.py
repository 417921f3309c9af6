"""Times: aware UTC inside, whole epoch milliseconds in the table, ISO 8601 with `Z` on the API."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_utc() -> datetime:
    """The clock, as handed to everything that needs one: aware, cut to the milliseconds that are stored."""
    return from_milliseconds(milliseconds(datetime.now(UTC)))


def milliseconds(moment: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time; the rest is cut off."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(value: int) -> datetime:
    """The aware UTC time of whole milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def iso(moment: datetime) -> str:
    """`2026-01-15T10:30:00.000Z`: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
