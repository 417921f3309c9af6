"""Which objects a crawl has seen, in which version; and those that it keeps out."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel

from jobmill.errors import CallerError
from jobmill.ocpi.exact_json import read_json, write_json
from jobmill.ocpi.objects import Key, Kind, Quarantined, key_of, moment, reasons
from jobmill.ocpi.window import Window

MAX_OBJECTS: Final = 20_000
"""Of one window: their keys are in memory and in the state, some 60 bytes each."""
MAX_KEPT: Final = 200
MAX_KEPT_CHARACTERS: Final = 1 << 20
_MAX_DEEP_CHARACTERS: Final = 10_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

type _Versions = dict[Key, int | None]
"""Microseconds since 1970 of `last_updated`; none for an object of which no version was valid."""
type Nested = dict[str, dict[str, dict[str, int | None]]]
"""The same by country code, party and id, as JSON has it."""


@dataclass(slots=True)
class Found:
    """What one answer brought."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    """Valid objects that are new, or newer than those before."""
    marks: list[str] = field(default_factory=list)
    """One for each object of the answer: equal for the same version of the same object."""
    new_in_pass: int = 0
    """How many objects the pass had not met."""
    strays: int = 0
    """How many objects lie outside the window."""
    news: int = 0
    """How many objects of the window no pass had met, in this version."""


class LedgerState(BaseModel):
    """A ledger as JSON."""

    now: Nested = {}
    before: Nested = {}
    marks: list[str] = []
    kept: list[tuple[str, list[str]]] = []


class Ledger:
    """Knows objects by their keys: those of this pass, and those that only earlier passes met."""

    def __init__(self, kind: Kind, window: Window, state: LedgerState) -> None:
        self._kind = kind
        self._window = window
        self._now = _flat(state.now)
        self._before = _flat(state.before)
        self._marks = dict.fromkeys(state.marks)
        self._kept = list(state.kept)
        self._kept_characters = sum(len(text) for text, _ in state.kept)

    def state(self) -> LedgerState:
        """As JSON."""
        return LedgerState(now=_nested(self._now), before=_nested(self._before), marks=[*self._marks], kept=self._kept)

    @property
    def met_in_pass(self) -> int:
        """How many objects this pass has met, the invalid ones with them."""
        return len(self._now)

    @property
    def quarantined(self) -> list[Quarantined]:
        """Invalid objects, the first ones."""
        return [Quarantined(read_json(text), list(why)) for text, why in self._kept]

    @property
    def quarantined_count(self) -> int:
        """All invalid objects; of those that came in several versions each one."""
        return len(self._marks)

    def begin_pass(self) -> None:
        """Forget which objects this pass has met."""
        self._before |= self._now
        self._now = {}

    def take(self, objects: Sequence[object]) -> Found:
        """Note the objects of one answer. Raises CallerError `peer-window-too-large`."""
        found = Found()
        for raw in objects:
            self._take(raw, found)
        if len(self._now) + len(self._before) > MAX_OBJECTS:
            raise CallerError(
                "peer-window-too-large",
                f"The peer has more than {MAX_OBJECTS:,} objects that changed within two minutes. Ask its operator.",
            )
        return found

    def _take(self, raw: object, found: Found) -> None:
        at, key = _updated(raw), _key(raw)
        found.marks.append(_short(f"{key} {at}") if at is not None and key[0] else _digest(raw))
        if key not in self._now:
            found.new_in_pass += 1
            self._now[key] = self._before.pop(key, None)
        known = self._now[key]
        is_stray = at is not None and not self._window.holds(at)
        found.strays += is_stray
        version = None if at is None else (at - _EPOCH) // _MICROSECOND
        if known is not None and version is not None and known >= version:
            return
        why = reasons(self._kind, raw)
        if why or version is None or not isinstance(raw, dict):
            found.news += self._quarantine(raw, why)
        else:
            self._now[key] = version
            found.fresh.append(raw)
            found.news += not is_stray

    def _quarantine(self, raw: object, why: list[str]) -> bool:
        """Keep the object out; gives whether it was not yet."""
        digest = _digest(raw)
        if digest in self._marks:
            return False
        self._marks[digest] = None
        text = _text(raw)
        if len(self._kept) < MAX_KEPT and self._kept_characters + len(text) <= MAX_KEPT_CHARACTERS:
            self._kept.append((text, why))
            self._kept_characters += len(text)
        return True


def _key(raw: object) -> Key:
    """The object's key; for one that has none, its content stands, and no country code."""
    try:
        return key_of(raw)
    except ValueError:
        return "", "", _digest(raw)


def _updated(raw: object) -> datetime | None:
    text = raw.get("last_updated") if isinstance(raw, dict) else None
    try:
        return moment(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _digest(raw: object) -> str:
    return _short(_text(raw))


def _text(raw: object) -> str:
    """The object as JSON; one that is nested too deeply for that, as a JSON text that holds some of it."""
    try:
        return write_json(raw)
    except RecursionError:
        return json.dumps(json.dumps(raw, default=str)[:_MAX_DEEP_CHARACTERS])


def _short(text: str) -> str:
    """16 hexadecimal digits: among 50,000 texts two are mistaken for one in 1 of 10^10 crawls."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _nested(versions: _Versions) -> Nested:
    nested: Nested = {}
    for (country_code, party_id, id), version in versions.items():
        nested.setdefault(country_code, {}).setdefault(party_id, {})[id] = version
    return nested


def _flat(nested: Nested) -> _Versions:
    return {
        (country_code, party_id, id): version
        for country_code, parties in nested.items()
        for party_id, ids in parties.items()
        for id, version in ids.items()
    }
