"""The stretch of time that is collected, and the URLs of its pages where the peer gives none."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

_OFFSET: Final = re.compile(r"offset=([0-9]{1,12})")


@dataclass(frozen=True, slots=True)
class Window:
    """From `date_from`, itself included (or from the beginning), to `date_to`, which the next window begins with.

    Aware times of whole milliseconds. `date_to` lies so far back that the peer has stored all that it will ever date
    before it: a few minutes.
    """

    date_from: datetime | None
    date_to: datetime

    def __post_init__(self) -> None:
        for each in (self.date_from, self.date_to):
            if each is not None and (each.tzinfo is None or each.microsecond % 1_000):
                raise ValueError("A window has aware times of whole milliseconds.")
        if self.date_from is not None and self.date_from >= self.date_to:
            raise ValueError("A window ends after it begins.")

    def holds(self, at: datetime) -> bool:
        """Whether the time lies in it."""
        return at < self.date_to and (self.date_from is None or at >= self.date_from)

    @property
    def query(self) -> dict[str, str]:
        """OCPI's parameters: `2026-01-15T10:30:00Z`, with milliseconds if it has any."""
        named = {"date_from": self.date_from, "date_to": self.date_to}
        return {name: _text(at) for name, at in named.items() if at is not None}


def _text(at: datetime) -> str:
    precision = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def with_query(url: str, given: dict[str, str]) -> str:
    """The URL with these parameters in place of those of the same names; all others stay as they are written."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and pair.partition("=")[0] not in given]
    return urlunsplit(parts._replace(query="&".join([*kept, urlencode(given)]), fragment=""))


def offset_of(url: str) -> int | None:
    """The value of the parameter `offset`, if the URL has one that is a number."""
    found = (_OFFSET.fullmatch(pair) for pair in urlsplit(url).query.split("&"))
    return next((int(each[1]) for each in found if each), None)


def with_offset(url: str, offset: int) -> str:
    """The URL with this offset."""
    return with_query(url, {"offset": str(offset)})
