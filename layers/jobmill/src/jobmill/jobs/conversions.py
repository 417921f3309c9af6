"""From a job's row to the job, and from a job to its row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from jobmill.errors import ErrorKind
from jobmill.jobs.job import Event, EventKind, FormerParams, Job, JobError, JobSummary, StoredReport
from jobmill.jobs.rows import EventMap, JobRow, Looked, ReportMap, job_key, look_shard, scope, status_id
from jobmill.jobs.status import Status
from jobmill.json_values import Json

MAX_ERROR_CHARACTERS = 1000
"""An error lies in the row twice, as the job's and as an event's; rows end at 400 KB."""


def new_row(job: Job, look_at: datetime) -> JobRow:
    """The first row of a job that waits or, of type Custom, is at work, without its free JSON.

    The reconciler looks at it from `look_at`.
    """
    return JobRow(
        job_key(job.id),
        id=job.id,
        type=job.type,
        project_id=job.project_id,
        scope=scope(job.project_id, job.type),
        status=str(job.status),
        status_id=status_id(job.status, job.id),
        created_by=job.created_by,
        created_by_name=job.created_by_name,
        created_at=job.created_at,
        updated_at=job.updated_at,
        started_at=job.started_at,
        claimed_at=job.claimed_at,
        owner=job.owner,
        lease_until=job.lease_until,
        deadline=job.deadline,
        run=job.run,
        pass_=job.pass_,
        attempt=job.attempt,
        version=job.version,
        told=job.told,
        recoveries=job.recoveries,
        run_limit_ms=job.run_limit // timedelta(milliseconds=1),
        time_left_ms=job.run_limit // timedelta(milliseconds=1),
        look_at=look_at,
        look_shard=look_shard(Looked.CLAIMED if job.status is Status.RUNNING else Looked.WAITING, job.id),
        params=job.params,
        reports=[],
        events=[],
        archived=0,
        former_params=[],
    )


def error_to_json(error: JobError | None) -> Json:
    """A job's error as stored: `{code, message, details, kind, retryable}`, its texts cut to fit the row."""
    if error is None:
        return None
    return {
        "code": error.code,
        "message": _cut(error.message),
        "details": None if error.details is None else _cut(error.details),
        "kind": str(error.kind),
        "retryable": error.retryable,
    }


def error_from_json(value: Json) -> JobError | None:
    """The error of a stored value."""
    if not isinstance(value, dict):
        return None
    details = value.get("details")
    return JobError(
        code=str(value["code"]),
        message=str(value["message"]),
        details=None if details is None else str(details),
        kind=ErrorKind(str(value["kind"])),
        retryable=bool(value["retryable"]),
    )


def event_map(event: Event) -> EventMap:
    """An event for a row's list."""
    return EventMap(
        kind=str(event.kind),
        at=event.at,
        run=event.run,
        attempt=event.attempt,
        started_at=event.started_at,
        by=event.by,
        error=error_to_json(event.error),
    )


def event_of(entry: EventMap) -> Event:
    """The event of a row's entry."""
    return Event(
        kind=EventKind(entry.kind),
        at=entry.at,
        run=int(entry.run),
        attempt=_whole(entry.attempt),
        started_at=entry.started_at,
        by=entry.by,
        error=error_from_json(entry.error),
    )


def report_map(report: StoredReport) -> ReportMap:
    """A report for a row's list."""
    return ReportMap(**vars(report))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_ERROR_CHARACTERS else text[: MAX_ERROR_CHARACTERS - 1] + "…"


SUMMARY_FIELDS = list(JobSummary.__dataclass_fields__)
"""The fields of a row that a list shows: a whole row may have 400 KB."""


def summary_of(row: JobRow) -> JobSummary:
    """What a list shows of the row."""
    return JobSummary(**_summary_fields(row))


def _summary_fields(row: JobRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in SUMMARY_FIELDS}
    return values | {"status": Status(row.status), "progress": _whole(row.progress)}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def job_of(row: JobRow, read: Callable[[str | None], Json], *, is_whole: bool) -> Job:
    """The job of a row; `read` gives the value of a free JSON field's text."""
    return Job(
        **_summary_fields(row),
        run=int(row.run),
        pass_=int(row.pass_),
        attempt=int(row.attempt),
        version=int(row.version),
        owner=row.owner,
        lease_until=row.lease_until,
        deadline=row.deadline,
        told=row.told,
        look_at=row.look_at,
        recoveries=int(row.recoveries),
        claimed_at=row.claimed_at,
        run_limit=timedelta(milliseconds=row.run_limit_ms),
        progress_message=row.progress_message,
        failed_at_progress=_whole(row.failed_at_progress),
        params=row.params,
        error=error_from_json(row.error),
        reports=tuple(_report_of(entry) for entry in row.reports),
        events=tuple(event_of(entry) for entry in row.events),
        archived=int(row.archived),
        former_params=tuple(FormerParams(int(entry.run), read(entry.params)) for entry in row.former_params),
        data=read(row.data),
        internal_data=read(row.internal_data),
        checkpoint=read(row.checkpoint),
        result=read(row.result),
        is_whole=is_whole,
    )


def _report_of(entry: ReportMap) -> StoredReport:
    return StoredReport(
        name=entry.name,
        key=entry.key,
        content_type=entry.content_type,
        size_bytes=int(entry.size_bytes),
        sha256=entry.sha256,
    )
