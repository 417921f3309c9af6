"""Many jobs at once, in as many requests as the API's limit asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any, Self

from jobmill_client.answers import read
from jobmill_client.api import PAGE_LIMIT, Api, path_part
from jobmill_client.models import JsonObject, Summary, instant, required_time


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one job of many: `cancelled`, `queued`, or `refused` with the sentence why."""

    id: str
    outcome: str
    status: str | None = None
    error: str | None = None
    error_code: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            id=raw["id"],
            outcome=raw["outcome"],
            status=raw.get("status"),
            error=raw.get("error"),
            error_code=raw.get("errorCode"),
            raw=raw,
        )


@dataclass(frozen=True, kw_only=True)
class DeadLetter(Summary):
    """A job that no worker could begin: its message was given up in `run`, at `dead_at`."""

    run: int
    dead_at: datetime

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(**cls._fields(raw), run=int(raw["run"]), dead_at=required_time(raw, "deadAt"))


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs of a project a change of many takes, of those that it can change; times are aware."""

    project_id: str
    status: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def to_json(self) -> JsonObject:
        """As the API takes it."""
        wanted = {
            "projectId": self.project_id,
            "status": self.status,
            "type": self.type,
            "from": None if self.since is None else instant(self.since),
            "until": None if self.until is None else instant(self.until),
        }
        return {name: value for name, value in wanted.items() if value is not None}


class ManyJobs:
    """The client's calls that change many jobs, on its API."""

    _api: Api

    def cancel_many(self, which: Iterable[str] | JobFilter) -> tuple[Outcome, ...]:
        """End jobs by their ids, or all Queued and Running ones that a filter takes; what became of each.

        Many go in parts of 200. Repeating it does no harm: a Cancelled job stays so.
        """
        return tuple(_outcomes(self._api, "/api/jobs/cancel", which, repeatable=True))

    def retry_many(self, which: Iterable[str] | JobFilter) -> tuple[Outcome, ...]:
        """Queue jobs again by their ids, or all Failed and Cancelled ones that a filter takes; what became of each.

        Many go in parts of 200. Not repeated by itself.
        """
        return tuple(_outcomes(self._api, "/api/jobs/retry", which, repeatable=False))

    def dead_letters(self, project_id: str) -> tuple[DeadLetter, ...]:
        """The project's jobs that no worker could begin and nobody has retried, the newest first; at most 200."""
        response = self._api.call("GET", _dead_letters(project_id))
        return read(response, lambda rows: tuple(map(DeadLetter.from_json, rows)))

    def redrive(self, project_id: str, ids: Iterable[str] | None = None) -> tuple[Outcome, ...]:
        """Queue dead letters of the project again, by their ids or (None) all; what became of each.

        Many go in parts of 200. Not repeated by itself.
        """
        path = f"{_dead_letters(project_id)}/redrive"
        if ids is not None:
            return tuple(_outcomes(self._api, path, ids, repeatable=False))
        known: dict[str, Outcome] = {}
        while True:
            # Those that are refused stay among the newest, and come again.
            found, _ = _change(self._api, path, {}, repeatable=False)
            known |= {one.id: one for one in found}
            if len(found) < PAGE_LIMIT or all(one.outcome == "refused" for one in found):
                return tuple(known.values())


def _dead_letters(project_id: str) -> str:
    return f"/api/jobs/projects/{path_part(project_id)}/dead-letters"


def _outcomes(api: Api, path: str, which: Iterable[str] | JobFilter, *, repeatable: bool) -> Iterator[Outcome]:
    """What became of each job, as one request after the other is answered; an id that is named twice goes once."""
    if not isinstance(which, JobFilter):
        for part in batched(dict.fromkeys(which), PAGE_LIMIT, strict=False):
            yield from _change(api, path, {"ids": list(part)}, repeatable=repeatable)[0]
        return
    body: dict[str, Any] = {"filter": which.to_json(), "limit": PAGE_LIMIT}
    while True:
        found, following = _change(api, path, body, repeatable=repeatable)
        yield from found
        if following is None:
            return
        body["cursor"] = following


def _change(api: Api, path: str, body: JsonObject, *, repeatable: bool) -> tuple[tuple[Outcome, ...], str | None]:
    """What became of the jobs of one request, and the cursor of those that are left."""
    return read(api.call("POST", path, body, repeatable=repeatable), _answer)


def _answer(raw: JsonObject) -> tuple[tuple[Outcome, ...], str | None]:
    return tuple(Outcome.from_json(each) for each in raw["outcomes"]), raw.get("next")
