"""From a record of the table's stream to what is announced of it. Pure: one record, and the API's address."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobmill.announcements.event import MAX_REPORTS, SCHEMA_PATH, JobData, JobEvent, JobEventType, ReportData
from jobmill.jobs.conversions import error_from_json
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import FINAL, Status
from jobmill.json_values import dump_json

MAX_CHARACTERS = 1000
"""Of any text from outside. So an event stays below the 256 kB that a bus takes, whatever its row holds."""
MAX_REPORTS_BYTES = 100_000
_ENDS = {
    Status.COMPLETED: JobEventType.COMPLETED,
    Status.FAILED: JobEventType.FAILED,
    Status.CANCELLED: JobEventType.CANCELLED,
}


@dataclass(frozen=True)
class _Happening:
    """What is told of the change, when it happened, and the end of its event's id."""

    type: JobEventType
    at: datetime
    id: str


def events_of(record: Mapping[str, Any], public_url: str) -> tuple[JobEvent, ...]:
    """The events of a record of a job's row: none, one, or, of a Custom job, which begins Running, two.

    A deletion announces nothing. Raises KeyError, TypeError or ValueError for a record that cannot be read.
    """
    change = record["dynamodb"]
    if "NewImage" not in change:
        return ()
    new, old = change["NewImage"], change.get("OldImage")
    before = None if old is None else Status(old["status"]["S"])
    if before == new["status"]["S"]:
        return ()  # Progress, mostly: nothing else of the row is read.
    row = JobRow.from_raw_data(new)
    happened = tuple(_happenings(before, row))
    data = _data(row) if happened else None
    return tuple(_event(happening, data, public_url) for happening in happened if data)


def _happenings(before: Status | None, row: JobRow) -> Iterator[_Happening]:
    status, in_run = Status(row.status), f"{int(row.run)}:{row.status}"
    if before is None:
        yield _Happening(JobEventType.CREATED, row.created_at, "created")
    # A slice that goes on and a pass that is repeated claim with a later pass of the same run; a new run begins with 0.
    if status is Status.RUNNING and row.pass_ == 0:
        yield _Happening(JobEventType.STARTED, row.claimed_at, in_run)
    if status in FINAL:
        yield _Happening(_ENDS[status], row.completed_at, in_run)


def _event(happening: _Happening, data: JobData, public_url: str) -> JobEvent:
    return JobEvent(
        specversion="1.0",
        id=f"{data.job_id}:{happening.id}",
        source=f"{public_url}/api/projects/{data.project_id}",
        type=happening.type,
        subject=data.job_id,
        time=happening.at,
        datacontenttype="application/json",
        dataschema=f"{public_url}{SCHEMA_PATH}#/$defs/{JobData.__name__}",
        data=data,
    )


def _data(row: JobRow) -> JobData:
    error = error_from_json(row.error)
    return JobData(
        job_id=row.id,
        project_id=row.project_id,
        type=row.type,
        status=Status(row.status),
        run=int(row.run),
        created_by=_short(row.created_by),
        created_by_name=_short(row.created_by_name),
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
        error_code=error.code if error else None,
        error=_short(error.message) if error else None,
        reports=list(_reports(row)),
        report_count=len(row.reports),
    )


def _reports(row: JobRow) -> Iterator[ReportData]:
    size = 0
    for each in row.reports[:MAX_REPORTS]:
        report = ReportData(name=each.name, content_type=each.content_type, size_bytes=int(each.size_bytes))
        size += len(dump_json(report.model_dump()))
        if size > MAX_REPORTS_BYTES:
            return
        yield report


def _short(text: str) -> str:
    """The text cut to size; halves of characters, which JSON's escapes can spell, are no text and become `?`."""
    return text[:MAX_CHARACTERS].encode(errors="replace").decode()
