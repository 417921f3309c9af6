"""What the API answers about scheduled tasks, as frozen values with aware times.

Each `from_json` does as those of `models` do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from jobmill_client.models import JsonObject, optional_time, required_time

SUSPENDED = "suspended"
WIRE_SUSPENDED = "suspeneded"
"""How the API spells `suspended`, after the document that its tasks were built from; both are understood."""


@dataclass(frozen=True, kw_only=True)
class TaskSchedule:
    """When a task runs by itself, also in `words` if they are known; `next_at` is the next slot of an enabled one."""

    expression: str
    time_zone: str
    is_enabled: bool
    next_at: datetime | None = None
    words: str | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            expression=raw["expression"],
            time_zone=raw["timeZone"],
            is_enabled=bool(raw["enabled"]),
            next_at=optional_time(raw, "next"),
            words=raw.get("words"),
        )


@dataclass(frozen=True, kw_only=True)
class TaskSuspension:
    """Why a task does not run, and since when and by whom, where a person suspended it."""

    reason: str
    since: datetime | None = None
    by: str | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(reason=raw.get("reason") or "", since=optional_time(raw, "since"), by=raw.get("by"))


@dataclass(frozen=True, kw_only=True)
class TaskData:
    """What is known of the data of a task's last good run: `saved_in` is `storage`, `db` or `none` (not kept)."""

    version: int
    saved_at: datetime
    saved_in: str
    records: int | None = None
    size_bytes: int | None = None
    url: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            version=int(raw["version"]),
            saved_at=required_time(raw, "at"),
            saved_in=raw["savedIn"],
            records=raw.get("records"),
            size_bytes=raw.get("sizeBytes"),
            url=raw.get("url"),
        )


@dataclass(frozen=True, kw_only=True)
class SkippedStarts:
    """How often a task was to start while it ran; when last, and the job of that."""

    count: int
    last_at: datetime
    job_id: str

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(count=int(raw["count"]), last_at=required_time(raw, "at"), job_id=raw["jobId"])


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as it stands: `status` is `running`, `completed`, `failed`, `suspended`, or None before its first run.

    `started_at` to `job_id` are of the last run, which may go on; `completed_at` is its end, also of one that failed.
    `fired_at` is the last slot of the schedule that fired, `late_reasons` say why it `is_late`. The data is to be no
    older than `fresh_for_seconds`. `raw` is the whole answer, in the API's spelling.
    """

    name: str
    run_limit_seconds: int
    is_late: bool
    status: str | None = None
    source: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    updated_at: datetime | None = None
    error: str | None = None
    duration_seconds: float | None = None
    job_id: str | None = None
    schedule: TaskSchedule | None = None
    fired_at: datetime | None = None
    suspension: TaskSuspension | None = None
    late_reasons: tuple[str, ...] = ()
    data: TaskData | None = None
    skipped: SkippedStarts | None = None
    fresh_for_seconds: int | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_suspended(self) -> bool:
        """Whether it starts no runs; one that had started may still be under way."""
        return self.status == SUSPENDED or self.suspension is not None

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        schedule, suspension, data, skipped = map(raw.get, ("schedule", "suspension", "data", "skipped"))
        return cls(
            name=raw["name"],
            run_limit_seconds=int(raw["runLimitSeconds"]),
            is_late=bool(raw["late"]),
            status=SUSPENDED if raw.get("status") == WIRE_SUSPENDED else raw.get("status"),
            source=raw.get("source"),
            started_at=optional_time(raw, "started"),
            completed_at=optional_time(raw, "completed"),
            updated_at=optional_time(raw, "timestamp"),
            error=raw.get("error") or None,
            duration_seconds=raw.get("durationSeconds"),
            job_id=raw.get("jobId"),
            schedule=TaskSchedule.from_json(schedule) if schedule else None,
            fired_at=optional_time(raw, "firedAt"),
            suspension=None if suspension is None else TaskSuspension.from_json(suspension),
            late_reasons=tuple(map(str, raw.get("lateReasons") or ())),
            data=TaskData.from_json(data) if data else None,
            skipped=SkippedStarts.from_json(skipped) if skipped else None,
            fresh_for_seconds=raw.get("freshForSeconds"),
            raw=raw,
        )


@dataclass(frozen=True, kw_only=True)
class TaskRun:
    """A run of a task, by its job: `status` is the job's (`Queued`, …), `slot` the time that a schedule meant.

    `progress` is in per cent, 0-100.
    """

    job_id: str
    status: str
    created_at: datetime
    source: str | None = None
    slot: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    progress: int = 0
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            job_id=raw["jobId"],
            status=raw["status"],
            created_at=required_time(raw, "createdAt"),
            source=raw.get("source"),
            slot=optional_time(raw, "slot"),
            started_at=optional_time(raw, "startedAt"),
            completed_at=optional_time(raw, "completedAt"),
            progress=int(raw.get("progress") or 0),
            raw=raw,
        )


@dataclass(frozen=True, kw_only=True)
class TaskStart:
    """A run that was just started: the job to wait for."""

    task: str
    job_id: str
    status: str
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(task=raw["task"], job_id=raw["jobId"], status=raw["status"], raw=raw)
