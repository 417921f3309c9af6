"""What the API answers, as frozen values with aware times.

Each `from_json` takes the API's camelCase object, ignores fields it does not know (they stay in `raw`),
and raises KeyError, TypeError or ValueError for one that is not what the contract says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from jobmill_client.errors import JobFailed, ReportUnknown

type JsonObject = Mapping[str, Any]

FINAL_STATUSES = frozenset({"Completed", "Failed", "Cancelled"})


def optional_time(raw: JsonObject, name: str) -> datetime | None:
    """The ISO 8601 time in `raw[name]`, aware (UTC when it names no zone); None when absent or null."""
    text = raw.get(name)
    if text is None:
        return None
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def required_time(raw: JsonObject, name: str) -> datetime:
    """Like `optional_time`. Raises KeyError when it is absent or null."""
    time = optional_time(raw, name)
    if time is None:
        raise KeyError(name)
    return time


def instant(time: datetime) -> str:
    """An aware time as the API writes it. Raises ValueError for a naive one, whose zone nobody knows."""
    if time.tzinfo is None:
        raise ValueError("the time needs a zone")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True)
class Report:
    """A file that a job made. `sha256` is lowercase hexadecimal; `url` is the API's and needs the token."""

    name: str
    size_bytes: int
    sha256: str
    content_type: str = "application/octet-stream"
    expires_at: datetime | None = None
    url: str | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            name=raw["name"],
            size_bytes=int(raw["sizeBytes"]),
            sha256=raw["sha256"].lower(),
            content_type=raw.get("contentType", cls.content_type),
            expires_at=optional_time(raw, "expiresAt"),
            url=raw.get("url"),
        )


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A job as a list shows it. `progress` is in per cent, 0-100; `raw` is the whole answer."""

    id: str
    type: str
    project_id: str
    status: str
    created_at: datetime
    project_name: str | None = None
    progress: int = 0
    started_at: datetime | None = None
    created_by: str | None = None
    created_by_name: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to this job by itself; False for a status unknown to this client."""
        return self.status in FINAL_STATUSES

    @classmethod
    def _fields(cls, raw: JsonObject) -> dict[str, Any]:
        return {
            "id": raw["id"],
            "type": raw["type"],
            "project_id": raw["projectId"],
            "status": raw["status"],
            "created_at": required_time(raw, "createdAt"),
            "project_name": raw.get("projectName"),
            "progress": int(raw.get("progress") or 0),
            "started_at": optional_time(raw, "startedAt"),
            "created_by": raw.get("createdBy"),
            "created_by_name": raw.get("createdByName"),
            "raw": raw,
        }

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(**cls._fields(raw))


@dataclass(frozen=True, kw_only=True)
class Job(Summary):
    """A whole job. `error` is the user's sentence; `params`, `result` and `data` are the job type's JSON.

    `message` is what the running job says it is doing (`rows 2 of 3`), where it says so.
    """

    params: Any = None
    result: Any = None
    error: str | None = None
    error_code: str | None = None
    error_kind: str | None = None
    error_details: Any = None
    is_retryable: bool | None = None
    run: int = 1
    attempt: int = 0
    reports: tuple[Report, ...] = ()
    data: Any = None
    message: str | None = None
    completed_at: datetime | None = None
    updated_at: datetime | None = None

    def report(self, name: str | None = None) -> Report:
        """The report called `name`; without a name, the only one. Raises ReportUnknown."""
        found = [report for report in self.reports if name in (None, report.name)]
        if len(found) == 1:
            return found[0]
        names = ", ".join(report.name for report in self.reports) or "none"
        wanted = f"has no report {name!r}" if name else "does not have exactly one report"
        raise ReportUnknown(f"Job {self.id} {wanted}; its reports: {names}.")

    def raise_unless_completed(self) -> Self:
        """The job itself. Raises JobFailed when it is Failed, Cancelled or still under way."""
        if self.status != "Completed":
            raise JobFailed(self)
        return self

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            **cls._fields(raw),
            params=raw.get("params"),
            result=raw.get("result"),
            error=raw.get("error"),
            error_code=raw.get("errorCode"),
            error_kind=raw.get("errorKind"),
            error_details=raw.get("errorDetails"),
            is_retryable=raw.get("retryable"),
            run=int(raw.get("run", 1)),
            attempt=int(raw.get("attempt", 0)),
            reports=tuple(Report.from_json(report) for report in raw.get("reports") or ()),
            data=raw.get("data"),
            message=raw.get("progressMessage"),
            completed_at=optional_time(raw, "completedAt"),
            updated_at=optional_time(raw, "updatedAt"),
        )


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to a job; `attempt` is the one that it began or ended, `by` the person who wanted it."""

    type: str
    at: datetime
    run: int
    attempt: int | None = None
    by: str | None = None
    error: str | None = None
    error_code: str | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(
            type=raw["type"],
            at=required_time(raw, "at"),
            run=int(raw["run"]),
            attempt=raw.get("attempt"),
            by=raw.get("by"),
            error=raw.get("error"),
            error_code=raw.get("errorCode"),
            raw=raw,
        )


@dataclass(frozen=True, kw_only=True)
class StatusChange:
    """What a cancel or a retry made of a job."""

    id: str
    status: str
    completed_at: datetime | None = None
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(id=raw["id"], status=raw["status"], completed_at=optional_time(raw, "completedAt"), raw=raw)


@dataclass(frozen=True, kw_only=True)
class Stats:
    """How many jobs of a project are in each status; they sum to `total`."""

    total: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        names = ("total", "queued", "running", "completed", "failed", "cancelled")
        return cls(**{name: int(raw[name]) for name in names})


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project and its settings (`datasetVersionsKept`, …)."""

    id: str
    name: str
    settings: JsonObject = field(default_factory=dict)
    raw: JsonObject = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        return cls(id=raw["id"], name=raw["name"], settings=raw.get("settings") or {}, raw=raw)


@dataclass(frozen=True, kw_only=True)
class UploadForm:
    """Leave to put one file into the store until `expires_at`, by a form of `fields` sent to `url`."""

    upload_id: str
    url: str
    fields: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of the API's object."""
        fields = {str(name): str(value) for name, value in raw["fields"].items()}
        return cls(upload_id=raw["uploadId"], url=raw["url"], fields=fields, expires_at=optional_time(raw, "expiresAt"))


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A completed export and the files that were saved from it, in the job's order."""

    job: Job
    files: tuple[Path, ...]
