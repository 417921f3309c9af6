"""The world that a peer tells of: deterministic by its seed, changing while it is read, and readable by tests."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any

from jobmill_local.peer.cdrs import make_cdr, make_credit
from jobmill_local.peer.history import DAYS, Made, make_history
from jobmill_local.peer.locations import STATUSES, make_location
from jobmill_local.peer.objects import PARTIES, Key, Raw, key_of, written

END = datetime(2026, 3, 31, 12, tzinfo=UTC)
"""When a world stands still by default: its history is of the days before."""
_STEP = timedelta(microseconds=1)


class Kind(StrEnum):
    """What an OCPI party has; the value is the module's name in its URL."""

    LOCATIONS = "locations"
    CDRS = "cdrs"


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as the peer sends it (`text`, JSON), and what the peer knows of it besides.

    `number` counts entries of a kind as they were created; `invalid` says what is wrong with it, if anything is, and
    `doubt` what a careful reader remarks on a valid one.
    """

    key: Key
    number: int
    text: str
    updated: datetime
    invalid: str | None
    doubt: str | None

    @property
    def raw(self) -> Raw:
        """The object, a fresh copy."""
        raw: Raw = json.loads(self.text, parse_float=Decimal)
        return raw


class World:
    """Locations and CDRs of three parties over `days` (3 or more), and devices. Safe for several threads.

    Every change has a later `last_updated` than all before it: the time of `clock`, or a microsecond more than the one
    before. A collector that goes by the real time needs a world that does, too: `clock=lambda: datetime.now(UTC)`.
    """

    def __init__(self, seed: int = 1, clock: Callable[[], datetime] = lambda: END, days: int = DAYS) -> None:
        self._clock = clock
        self._last = clock()
        self._lock = threading.RLock()
        self._dice = Random(f"changes of {seed}")  # noqa: S311 - no secret
        history = make_history(Random(seed), self._last, days)  # noqa: S311
        self._entries: dict[Kind, dict[Key, Entry]] = {kind: {} for kind in Kind}
        for kind, objects in ((Kind.LOCATIONS, history.locations), (Kind.CDRS, history.cdrs)):
            for made in objects:
                self._keep(kind, made)
        self._devices = {device["id"]: device for device in history.devices}
        self._missing_days = history.missing_days

    def locations(self) -> dict[Key, Raw]:
        """All locations as they are now, the invalid ones too."""
        return {entry.key: entry.raw for entry in self.entries(Kind.LOCATIONS)}

    def cdrs(self) -> dict[Key, Raw]:
        """All CDRs, the invalid ones too."""
        return {entry.key: entry.raw for entry in self.entries(Kind.CDRS)}

    def devices(self) -> dict[str, dict[str, str]]:
        """All devices by their ids: `{id, health, phone?}`."""
        with self._lock:
            return {id: dict(device) for id, device in self._devices.items()}

    def invalid(self, kind: Kind) -> dict[Key, str]:
        """The objects that are not valid OCPI, and what is wrong with each. One of them lacks its id."""
        return {entry.key: entry.invalid for entry in self.entries(kind) if entry.invalid}

    def doubts(self) -> dict[Key, str]:
        """The CDRs that are valid, but whose times, totals, currency or credit do not hold, and what does not."""
        return {entry.key: entry.doubt for entry in self.entries(Kind.CDRS) if entry.doubt}

    def missing_days(self) -> dict[tuple[str, str], list[date]]:
        """For each party the days (UTC) on which no CDR starts, ends or is made; not the first, nor the last."""
        return {party: list(days) for party, days in self._missing_days.items()}

    def now(self) -> datetime:
        """A time after all changes so far and, as a window's end, before all that come."""
        with self._lock:
            return max(self._clock(), self._last + _STEP)

    def entries(self, kind: Kind, date_from: datetime | None = None, date_to: datetime | None = None) -> list[Entry]:
        """The entries updated from `date_from` (inclusive) to `date_to` (exclusive), as they were created."""
        with self._lock:
            return [
                entry
                for entry in self._entries[kind].values()
                if (date_from is None or entry.updated >= date_from) and (date_to is None or entry.updated < date_to)
            ]

    def put(self, kind: Kind, raw: Mapping[str, Any], invalid: str | None = None) -> Key:
        """Insert or replace an object, with a `last_updated` of now; say what is wrong with it if it is not valid."""
        with self._lock:
            self._last = self.now()
            whole = {**raw, "last_updated": written(self._last)}
            self._keep(kind, Made(key_of(whole), whole, self._last, invalid))
            return key_of(whole)

    def update(self, kind: Kind, key: Key, **fields: object) -> None:
        """Change some fields of an object, or none: its `last_updated` is now.

        (A CDR of which only that is new was sent again.) What is wrong with it stays wrong. Raises KeyError.
        """
        with self._lock:
            entry = self._entries[kind][key]
            self._last = self.now()
            raw = entry.raw | fields
            if "last_updated" in raw:
                raw["last_updated"] = written(self._last)
            self._keep(kind, Made(key, raw, self._last, entry.invalid, entry.doubt))

    def set_status(self, key: Key, status: str, place: int = 0) -> None:
        """Change the status of one of a location's EVSEs."""
        with self._lock:
            evses = self._entries[Kind.LOCATIONS][key].raw["evses"]
            evses[place] |= {"status": status, "last_updated": written(self.now())}
            self.update(Kind.LOCATIONS, key, evses=evses)

    def set_health(self, id: str, health: str) -> None:
        """Change a device's health."""
        with self._lock:
            self._devices[id] |= {"health": health}

    def add_location(self) -> Key:
        """A new location of some party."""
        with self._lock:
            number = len(self._entries[Kind.LOCATIONS]) + 1
            return self.put(Kind.LOCATIONS, make_location(self._dice.choice(PARTIES), number, self.now(), self._dice))

    def add_cdr(self) -> Key:
        """A new CDR of some party, of a session of yesterday."""
        with self._lock:
            party, number = self._dice.choice(PARTIES), len(self._entries[Kind.CDRS]) + 1
            places = [
                entry.raw
                for entry in self._entries[Kind.LOCATIONS].values()
                if not entry.invalid and entry.key[:2] == (party.country_code, party.party_id)
            ]
            day = self.now().date() - timedelta(days=1)
            raw, _ = make_cdr(party, self._dice.choice(places), number, day, self._dice)
            return self.put(Kind.CDRS, raw)

    def credit(self, key: Key) -> Key:
        """The credit CDR of a CDR. Raises KeyError if there is none."""
        with self._lock:
            return self.put(Kind.CDRS, make_credit(self._entries[Kind.CDRS][key].raw, self.now()))

    def tick(self) -> None:
        """The next change, by the seed: an EVSE's status, a device's health, a new CDR or a new location."""
        with self._lock:
            changes = (self._tick_status, self._tick_health, self.add_cdr, self.add_location)
            self._dice.choices(changes, (5, 2, 3, 1))[0]()

    def _tick_status(self) -> None:
        valid = [entry.key for entry in self._entries[Kind.LOCATIONS].values() if not entry.invalid]
        self.set_status(self._dice.choice(valid), self._dice.choice(STATUSES))

    def _tick_health(self) -> None:
        self.set_health(self._dice.choice(list(self._devices)), self._dice.choice(("good", "unhealthy")))

    def _keep(self, kind: Kind, made: Made) -> None:
        entries = self._entries[kind]
        before = entries.get(made.key)
        # Fractions were made with few decimals, which a float's shortest form gives back exactly.
        text = json.dumps(made.raw, ensure_ascii=False, default=float)
        number = before.number if before else len(entries)
        entries[made.key] = Entry(made.key, number, text, made.updated, made.invalid, made.doubt)
