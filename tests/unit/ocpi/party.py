"""A party in memory: it serves pages of CDRs that change between the requests, well or badly."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from jobmill.ocpi.objects import Kind, moment
from jobmill.ocpi.peers import Peer
from jobmill.ocpi.transport import Page
from jobmill.ocpi.window import Window
from tests.unit.ocpi.building import BEGIN, at, cdr

URL = "https://peer.example/cdrs?tenant=7"
type Paging = Literal["offset", "keyset", "opaque"]
type Totals = Literal["right", "missing", "of the page", "of everything", "too many", "none", "random"]
type Links = Literal["all", "some", "none"]


@dataclass
class Party:
    """Its objects by id, each with the second of its last update; `events` happen before each request, in turn."""

    page_size: int = 3
    paging: Paging = "offset"
    totals: Totals = "right"
    links: Links = "all"
    is_ordered_by_id: bool = False
    ignores_date_to: bool = False
    objects: dict[str, int] = field(default_factory=dict)
    events: list[list[Callable[["Party"], None]]] = field(default_factory=list)
    clock: int = 0
    asked: list[str] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.peer = Peer("sim", None, URL, "token", page_limit=self.page_size)
        self._chance = random.Random(7)

    # ---- What happens to it

    def insert(self) -> None:
        """A new object; its id says nothing of when it came."""
        self.clock += 1
        self.made += 1
        self.objects[f"{self.made * 7919 % 1_000:03}-{self.made}"] = self.clock

    def update(self, number: int) -> None:
        if self.objects:
            self.clock += 1
            self.objects[sorted(self.objects)[number % len(self.objects)]] = self.clock

    def remove(self, number: int) -> None:
        """It is there no more. OCPI's objects only ever leave by a newer date, but not all parties keep to that."""
        # Of one that ignores the window, such a thing can hide behind a new object: nobody would notice. Nor where it
        # makes a wrong total the right one by chance.
        if self.objects and not self.ignores_date_to and self.totals != "of everything":
            del self.objects[sorted(self.objects)[number % len(self.objects)]]

    # ---- What it answers

    def ask(self, url: str) -> Page:
        for event in self.events.pop(0) if self.events else []:
            event(self)
        self.asked.append(url)
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["tenant"] == "7"
        rows = self._rows(query)
        begin = self._begin(rows, query)
        shown = rows[begin : begin + self.page_size]
        end = begin + len(shown)
        link = self._link(url, query, shown, end) if end < len(rows) else None
        return Page([_raw(each) for each in shown], link, self._total(rows, shown), self.page_size)

    def _rows(self, query: dict[str, str]) -> list[tuple[int, str]]:
        begin = _seconds(query["date_from"]) if "date_from" in query else 0
        end = 10**9 if self.ignores_date_to else _seconds(query["date_to"])
        rows = [(updated, id) for id, updated in self.objects.items() if begin <= updated < end]
        return sorted(rows, key=lambda row: row[::-1]) if self.is_ordered_by_id else sorted(rows)

    def _begin(self, rows: list[tuple[int, str]], query: dict[str, str]) -> int:
        if "after" in query:
            updated, _, id = query["after"].partition("|")
            last = (int(updated), id)
            place = (lambda row: row[::-1]) if self.is_ordered_by_id else (lambda row: row)
            return sum(place(row) <= place(last) for row in rows)
        return int(query.get("offset", 0)) or int(query.get("cursor", "0"), 16)

    def _link(self, url: str, query: dict[str, str], shown: list[tuple[int, str]], end: int) -> str | None:
        if self.links == "none" or (self.links == "some" and self._chance.random() < 0.5):
            return None
        dates = "&".join(f"{name}={query[name]}" for name in ("date_from", "date_to") if name in query)
        place = {
            "offset": f"offset={end}",
            "keyset": f"after={shown[-1][0]}|{shown[-1][1]}" if shown else "",
            "opaque": f"cursor={end:x}",
        }[self.paging]
        return f"https://peer.example/cdrs?tenant=7&{dates}&{place}"

    def _total(self, rows: list[tuple[int, str]], shown: list[tuple[int, str]]) -> int | None:
        given: dict[Totals, int | None] = {
            "right": len(rows),
            "missing": None,
            "of the page": len(shown),
            "of everything": len(self.objects),
            "too many": len(rows) + 1_000,
            "none": 0,
            "random": self._chance.randrange(10**6),
        }
        return given[self.totals]


def window(begin: int | None, end: int) -> Window:
    """From second `begin` to `end` of the party's clock."""
    return Window(None if begin is None else BEGIN + timedelta(seconds=begin), BEGIN + timedelta(seconds=end))


def _raw(row: tuple[int, str]) -> dict[str, Any]:
    return cdr(id=row[1], last_updated=at(row[0]))


def _seconds(text: str) -> int:
    return int((moment(text) - BEGIN).total_seconds())


def upsert(kept: dict[str, int], objects: list[dict[str, Any]]) -> None:
    """Keep the newer version of each."""
    for each in objects:
        kept[each["id"]] = max(kept.get(each["id"], 0), _seconds(each["last_updated"]))


KIND = Kind.CDR
