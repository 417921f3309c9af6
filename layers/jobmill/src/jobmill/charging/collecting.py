"""Collecting from several peers, window after window: what of a run's way was done is kept, so that others go on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from jobmill.charging.peers import private_hosts, waiting
from jobmill.errors import AttemptLost, DependencyError, JobmillError, RunLimitExceeded, StepTooLong
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
MAX_OBJECTS: Final = 50_000
"""After so many a run takes no further window: the next one does, and memory is bounded."""
KEPT_AFTER: Final = 500
"""Objects, after which a checkpoint keeps those that came."""


@dataclass
class Progress:
    """What a checkpoint saves. Times are ISO texts."""

    until: str
    """Where all windows of this run end."""
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
        self.progress = Progress(iso(now)) if state is None else Progress(**state)
        self._objects: dict[Key, dict[str, Any]] = {}
        self._unkept: list[dict[str, Any]] = []
        for number, key in enumerate(self.progress.pieces):
            self._read(context.fetch_piece(key, f"found-{number}.jsonl"))

    def collect(self) -> dict[Key, dict[str, Any]]:
        """All that came, the newest version of each object.

        One peer that fails does not keep the others; raises its error if all fail, and DependencyError `peer-busy` at
        the end if another run has one of them.
        """
        busy, errors = [], []
        for number, peer in enumerate(self._peers):
            if peer.name in self.progress.failed:
                continue
            self._context.progress(number, len(self._peers), f"Asking {peer.name}")
            if not take_turn(f"peer#{peer.name}", self._context.job.id):
                busy.append(peer.name)
                continue
            try:
                self._collect(peer)
            except (AttemptLost, RunLimitExceeded, StepTooLong):
                raise
            except JobmillError as error:
                logger.warning("peer failed", peer=peer.name, code=error.code, why=error.message)
                self.progress.failed[peer.name], self.progress.crawl = error.message, None
                errors.append(error)
            end_turn(f"peer#{peer.name}", self._context.job.id)
        if errors and len(self.progress.failed) == len(self._peers):
            raise errors[0]
        if busy:
            raise DependencyError("peer-busy", f"Another run is asking {busy[0]}. It is asked after that.")
        return self._objects

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
            if self.progress.found >= MAX_OBJECTS:
                self.progress.behind.append(peer.name)
                return
            self._read_window(peer, window)

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
        saved = progress.crawl or {}
        crawl = Crawl(asker, self._kind, window, saved.get("state") if saved.get("peer") == peer.name else None)
        for fresh in crawl.steps():
            for raw in fresh:
                self._take(raw)
            self._unkept.extend(fresh)
            if len(self._unkept) >= KEPT_AFTER and not crawl.is_done:
                self._checkpoint({"peer": peer.name, "state": crawl.state()})
        progress.quarantined_count += crawl.quarantined_count
        progress.quarantined += [{"peer": peer.name, "reasons": each.reasons, "object": read_plain(each.raw)}
                                 for each in crawl.quarantined]  # fmt: skip
        if crawl.notes:
            progress.notes[peer.name] = [*crawl.notes]
        progress.done[peer.name] = iso(window.date_to)
        self._checkpoint(None)

    def _checkpoint(self, crawl: dict[str, Any] | None) -> None:
        """Keep what came since the last checkpoint, and where the crawl is. Raises SliceOver."""
        progress = self.progress
        progress.crawl = crawl
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


def read_plain(raw: object) -> Json:
    """The object with numbers as JSON's own."""
    plain: Json = json.loads(write_json(raw))
    return plain


def updated_at(raw: Mapping[str, Any]) -> datetime:
    """When the object was changed last, as its peer says."""
    return moment(str(raw["last_updated"]))


def report_quarantined(context: Context[Any], quarantined: list[dict[str, Any]]) -> None:
    """List what peers sent that is not valid, with reasons, as a file of the run's job."""
    if quarantined:
        path = context.workspace / "quarantined.json"
        path.write_text(json.dumps(quarantined, indent=2), "utf-8")
        context.report(path, path.name, "tasks")
