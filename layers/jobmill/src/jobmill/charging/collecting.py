"""Collecting from several peers, window after window: what of a run's way was done is kept, so that others go on."""

import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jobmill.charging.peers import private_hosts, waiting
from jobmill.errors import AttemptLost, CallerError, JobmillError, RunLimitExceeded, StepTooLong
from jobmill.json_values import Json
from jobmill.log import logger
from jobmill.ocpi.crawl import Crawl
from jobmill.ocpi.exact_json import read_json, write_json
from jobmill.ocpi.objects import Key, Kind, key_of, moment
from jobmill.ocpi.peers import Peer
from jobmill.ocpi.transport import Asker
from jobmill.ocpi.window import Window
from jobmill.processing.context import Context
from jobmill.tasks.turns import end_turn, take_turn
from jobmill.times import iso, now_utc

WINDOW: Final = timedelta(days=31)
"""Of a peer's history, so much is read at a time."""
SETTLED: Final = timedelta(minutes=2)
"""What peers date so recently they may still be about to store."""
MAX_OBJECTS: Final = 10_000
"""After so many a run takes no further window: the next one does, and memory is bounded."""
EARLY: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""Where the history of a peer is parted that is too much at once: OCPI is not much older."""
SHORTEST: Final = timedelta(minutes=2)
"""A window that is too much is halved, down to this."""
KEPT_EVERY: Final = 30.0
"""Seconds, after which a checkpoint keeps how far a window was read, though nothing new came."""
BUSY_SECONDS: Final = 5.0
"""Between two looks whether another run still asks a peer."""
MAX_QUARANTINED: Final = 200
KEPT_AFTER: Final = 500
"""Objects, after which a checkpoint keeps those that came."""
_MAX_DIGITS: Final = 300


@dataclass
class Progress:
    """What a checkpoint saves. Times are ISO texts."""

    until: str
    """Where all windows of this run end."""
    since: dict[str, str] = field(default_factory=dict)
    """Of each peer, where this run began: if the dataset is another one by now, all begins anew."""
    done: dict[str, str] = field(default_factory=dict)
    """Of each peer, the end of its last window that was read."""
    pieces: list[str] = field(default_factory=list)
    """Keys of the kept files with what was found."""
    crawl: dict[str, Any] | None = None
    """Of the window under way: its peer, and the crawl's state."""
    failed: dict[str, str] = field(default_factory=dict)
    """Of each peer that could not be read to the end, why."""
    behind: list[str] = field(default_factory=list)
    """The peers of which there is more to read."""
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    quarantined_count: int = 0
    notes: dict[str, list[str]] = field(default_factory=dict)
    found: int = 0


class Collection:
    """One run's way through all peers, for objects of one kind, from where each was left."""

    def __init__(self, context: Context[Any], kind: Kind, peers: list[Peer], since: Mapping[str, str]) -> None:
        self._context, self._kind, self._peers, self._since = context, kind, peers, since
        state: Any = context.state
        now = (now_utc() - SETTLED).replace(microsecond=0)
        is_known = state is not None and state["since"] == dict(since)
        self.progress = Progress(**state) if is_known else Progress(iso(now), dict(since))
        self._kept_at = time.monotonic()
        self._errors: list[JobmillError] = []
        self._objects: dict[Key, dict[str, Any]] = {}
        self._unkept: list[dict[str, Any]] = []
        for number, key in enumerate(self.progress.pieces):
            self._read(context.fetch_piece(key, f"found-{number}.jsonl"))

    def collect(self) -> dict[Key, dict[str, Any]]:
        """All that came, the newest version of each object.

        One peer that fails does not keep the others; raises the first one's error if all fail. One that another run is
        asking is waited for, but not for over half of the run's time.
        """
        busy = []
        for number, peer in enumerate(self._peers):
            self._context.progress(number, len(self._peers), f"Asking {peer.name}")
            if peer.name not in self.progress.failed and not self._ask(peer):
                busy.append(peer)
        for peer in busy:
            self._ask_after_others(peer)
        if self._errors and len(self.progress.failed) == len(self._peers):
            raise self._errors[0]
        return self._objects

    def _ask(self, peer: Peer) -> bool:
        """Read what the peer has; false if another run is asking it, and so nothing was done."""
        thing = f"peer#{peer.name}"
        if not take_turn(thing, self._context.job.id):
            return False
        try:
            self._collect(peer)
        except (AttemptLost, RunLimitExceeded, StepTooLong):
            raise
        except JobmillError as error:
            logger.warning("peer failed", peer=peer.name, code=error.code, why=error.message)
            self.progress.failed[peer.name], self.progress.crawl = error.message, None
            self._errors.append(error)
        end_turn(thing, self._context.job.id)
        return True

    def _ask_after_others(self, peer: Peer) -> None:
        """Read what the peer has as soon as no other run is asking it, in this slice or a later one."""
        while not self._ask(peer):
            if self._is_late():
                self.progress.behind.append(peer.name)
                return
            waiting(self._context)(BUSY_SECONDS)
            self._checkpoint(None)

    @property
    def until(self) -> dict[str, str]:
        """Of each peer, how far it has been read, by this run or those before it."""
        return dict(self._since) | self.progress.done

    def result(self) -> dict[str, Json]:
        """What the run's job tells of it; `partial` if something is missing that peers have."""
        progress = self.progress
        return {
            "found": len(self._objects),
            "partial": bool(progress.quarantined_count or progress.failed),
            "quarantined": progress.quarantined_count,
            "failedPeers": dict(progress.failed),
            "behind": [*progress.behind],
            "notes": {name: [*notes] for name, notes in progress.notes.items()},
        }

    def _collect(self, peer: Peer) -> None:
        for window in self._windows(peer):
            if self.progress.found >= MAX_OBJECTS or self._is_late():
                self.progress.behind.append(peer.name)
                return
            self._read_parted(peer, window)

    def _is_late(self) -> bool:
        """Whether half of the run's time is over: what was collected by then is to be published in the rest."""
        job = self._context.job
        return job.deadline is not None and job.deadline - datetime.now(UTC) < job.run_limit / 2

    def _read_parted(self, peer: Peer, window: Window) -> None:
        """Read the window, or, if it holds too much for one, its halves."""
        try:
            self._read_window(peer, window)
        except CallerError as error:
            halves = _halves(window)
            if error.code != "peer-window-too-large" or not halves:
                raise
            for half in halves:
                self._read_parted(peer, half)

    def _windows(self, peer: Peer) -> Iterator[Window]:
        """The windows of the peer that are still to be read."""
        until = datetime.fromisoformat(self.progress.until)
        since = self.progress.done.get(peer.name) or self._since.get(peer.name)
        begin = datetime.fromisoformat(since) if since else peer.since
        if begin is None:
            yield Window(None, until)
            return
        while begin < until:
            end = min(begin + WINDOW, until)
            yield Window(begin, end)
            begin = end

    def _read_window(self, peer: Peer, window: Window) -> None:
        progress, context = self.progress, self._context
        asker = Asker(peer, private_hosts(), waiting(context), context.on_stop)
        # A crawl goes on only in the same window at the same place: a token goes nowhere else.
        which = {"peer": peer.name, "urls": [peer.locations_url, peer.cdrs_url], "window": window.query}
        saved = progress.crawl or {}
        is_same = {name: saved.get(name) for name in which} == which
        crawl = Crawl(asker, self._kind, window, saved["state"] if is_same else None)
        for fresh in crawl.steps():
            for raw in fresh:
                self._take(raw)
            self._unkept.extend(fresh)
            is_due = len(self._unkept) >= KEPT_AFTER or time.monotonic() - self._kept_at >= KEPT_EVERY
            if is_due and not crawl.is_done:
                self._checkpoint(which | {"state": crawl.state()})
        progress.quarantined_count += crawl.quarantined_count
        room = MAX_QUARANTINED - len(progress.quarantined)
        progress.quarantined += [
            {"peer": peer.name, "reasons": each.reasons, "object": read_plain(each.raw)}
            for each in crawl.quarantined[:room]
        ]
        if crawl.notes:
            progress.notes[peer.name] = [*crawl.notes]
        progress.done[peer.name] = iso(window.date_to)
        self._checkpoint(None)

    def _checkpoint(self, crawl: dict[str, Any] | None) -> None:
        """Keep what came since the last checkpoint, and where the crawl is. Raises SliceOver."""
        progress = self.progress
        progress.crawl, self._kept_at = crawl, time.monotonic()
        if self._unkept:
            name = f"found-{len(progress.pieces)}.jsonl"
            path = self._context.workspace / name
            path.write_text("".join(f"{write_json(raw)}\n" for raw in self._unkept), "ascii")
            progress.pieces.append(self._context.keep_piece(path, name))
            progress.found += len(self._unkept)
            self._unkept.clear()
        state = {
            name: value.copy() if isinstance(value, list | dict) else value for name, value in vars(progress).items()
        }
        self._context.checkpoint(state)

    def _read(self, path: Path) -> None:
        for line in path.read_text("ascii").splitlines():
            self._take(read_json(line))

    def _take(self, raw: dict[str, Any]) -> None:
        key = key_of(raw)
        known = self._objects.get(key)
        if known is None or updated_at(known) <= updated_at(raw):
            self._objects[key] = raw


def _halves(window: Window) -> list[Window]:
    """Two windows in the place of one; none if it is short already."""
    begin, end = window.date_from, window.date_to
    if begin is None:
        return [Window(None, EARLY), Window(EARLY, end)] if end > EARLY else []
    middle = (begin + (end - begin) / 2).replace(microsecond=0)
    return [Window(begin, middle), Window(middle, end)] if end - begin > SHORTEST else []


def read_plain(raw: object) -> Json:
    """The object with numbers as JSON's own; one that no 64-bit number can be, or that is very long, becomes text."""
    plain: Json = json.loads(write_json(raw), parse_float=_finite, parse_int=_short, parse_constant=str)
    return plain


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _short(text: str) -> int | str:
    return int(text) if len(text) <= _MAX_DIGITS else text


def updated_at(raw: Mapping[str, Any]) -> datetime:
    """When the object was changed last, as its peer says."""
    return moment(str(raw["last_updated"]))


def report_quarantined(context: Context[Any], quarantined: list[dict[str, Any]]) -> None:
    """List what peers sent that is not valid, with reasons, as a file of the run's job."""
    if quarantined:
        path = context.workspace / "quarantined.json"
        path.write_text(json.dumps(quarantined, indent=2), "utf-8")
        context.report(path, path.name, "tasks")
