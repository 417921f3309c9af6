"""Which objects a request gets, and what the query of the next page is."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from jobmill_local.peer.truth import Entry, Kind, World

type Query = Mapping[str, str]


class Paging(StrEnum):
    """How an OCPI list is cut into pages."""

    OFFSET = "offset"
    """In the order of creation. An object that leaves the window while it is read moves all that follow it."""
    KEYSET = "keyset"
    """In the order of the last update. The next link goes on after a page's last object; offsets are refused."""


@dataclass(frozen=True)
class Window:
    """What a request asks for."""

    date_from: datetime | None
    date_to: datetime | None
    offset: int
    limit: int
    after: tuple[datetime, int] | None

    @classmethod
    def of(cls, query: Query, page_limit: int) -> "Window":
        """The window of a query. Raises ValueError."""
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", page_limit))
        if offset < 0 or limit < 1:
            raise ValueError("offset is 0 or more, limit 1 or more")
        after = _read_cursor(query["after"]) if "after" in query else None
        return cls(_moment(query, "date_from"), _moment(query, "date_to"), offset, min(limit, page_limit), after)


@dataclass(frozen=True)
class Page:
    """A page: its entries, the query of the next one if it is not the last, and how many entries the window holds."""

    entries: list[Entry]
    next_query: Query | None
    total: int


def page_of(world: World, kind: Kind, query: Query, paging: Paging, page_limit: int) -> Page:
    """The page of a query. Raises ValueError for a query that cannot be answered."""
    window = Window.of(query, page_limit)
    entries = world.entries(kind, window.date_from, window.date_to)
    if paging is Paging.OFFSET:
        cut, following = slice_of(entries, query, page_limit)
        return Page(cut, following, len(entries))
    if window.offset:
        raise ValueError("there are no offsets here: follow the link")
    rest = sorted(
        (entry for entry in entries if window.after is None or _place(entry) > window.after),
        key=_place,
    )
    cut = rest[: window.limit]
    kept = {name: value for name, value in query.items() if name != "offset"}
    following = kept | {"limit": str(window.limit), "after": _cursor(cut[-1])} if len(rest) > len(cut) else None
    return Page(cut, following, len(entries))


def slice_of[Item](items: list[Item], query: Query, page_limit: int) -> tuple[list[Item], Query | None]:
    """The part of a list that offset and limit ask for, and the query of the next one. Raises ValueError."""
    window = Window.of(query, page_limit)
    end = window.offset + window.limit
    following = {**query, "offset": str(end), "limit": str(window.limit)} if end < len(items) else None
    return items[window.offset : end], following


def _moment(query: Query, name: str) -> datetime | None:
    if name not in query:
        return None
    moment = datetime.fromisoformat(query[name])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _place(entry: Entry) -> tuple[datetime, int]:
    return entry.updated, entry.number


def _cursor(entry: Entry) -> str:
    return base64.urlsafe_b64encode(f"{entry.updated.isoformat()} {entry.number}".encode()).decode()


def _read_cursor(text: str) -> tuple[datetime, int]:
    moment, _, number = base64.urlsafe_b64decode(text).decode().partition(" ")
    return datetime.fromisoformat(moment), int(number)
