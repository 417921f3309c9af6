"""The job's row in the table, and its two ways: row to job, job to row."""

from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from jobmill.errors import ErrorKind
from jobmill.jobs.job import Attempt, FormerParams, Job, JobError, JobSummary, Outcome, Report
from jobmill.jobs.status import Status
from jobmill.json_values import Json
from jobmill.records import ExpiryAttribute, JsonTextAttribute, MomentAttribute, TableMeta, hash_key, sort_key

SORT_KEY = "job"
LOOK_SHARDS = 4


def job_key(job_id: str) -> str:
    """The partition of everything that belongs to one job."""
    return f"job#{job_id}"


def scope(project_id: str, job_type: str) -> str:
    """The partition of `by_status`: the jobs of one type in one project."""
    return f"{project_id}#{job_type}"


def status_id(status: Status, job_id: str) -> str:
    """The sort key of `by_status`: within a status by id, which is by time."""
    return f"{status}#{job_id}"


def look_shards() -> list[str]:
    """All partitions of `by_look`."""
    return [f"look#{number}" for number in range(LOOK_SHARDS)]


def look_shard(job_id: str) -> str:
    """The partition of `by_look` that a job is looked for in."""
    return look_shards()[int(job_id[-1], 16) % LOOK_SHARDS]


class AttemptMap(MapAttribute[str, object]):
    """An `Attempt` as it lies in the row."""

    number = NumberAttribute()
    run = NumberAttribute()
    started_at = MomentAttribute()
    ended_at = MomentAttribute()
    outcome = UnicodeAttribute()
    error = JsonTextAttribute(null=True)


class FormerParamsMap(MapAttribute[str, object]):
    """A `FormerParams` as it lies in the row."""

    run = NumberAttribute()
    params = JsonTextAttribute()


class ReportMap(MapAttribute[str, object]):
    """A `Report` as it lies in the row."""

    name = UnicodeAttribute()
    key = UnicodeAttribute()
    content_type = UnicodeAttribute()
    size_bytes = NumberAttribute()
    sha256 = UnicodeAttribute()
    expires_at = MomentAttribute()


class ByProject(GlobalSecondaryIndex["JobRow"]):
    """All jobs of a project, by time."""

    class Meta:
        index_name = "by_project"
        projection = KeysOnlyProjection()

    project_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ByStatus(GlobalSecondaryIndex["JobRow"]):
    """The jobs of one type and status in a project, by time."""

    class Meta:
        index_name = "by_status"
        projection = KeysOnlyProjection()

    scope = UnicodeAttribute(hash_key=True)
    status_id = UnicodeAttribute(range_key=True)


class ByLook(GlobalSecondaryIndex["JobRow"]):
    """The jobs that are under way, by when the reconciler looks at them."""

    class Meta:
        index_name = "by_look"
        projection = KeysOnlyProjection()

    look_shard = UnicodeAttribute(hash_key=True)
    look_at = MomentAttribute(range_key=True)


class JobRow(Model):
    """The job's row. Only `jobmill.jobs.store` writes it."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key(SORT_KEY)
    by_project = ByProject()
    by_status = ByStatus()
    by_look = ByLook()

    id = UnicodeAttribute()
    type = UnicodeAttribute()
    project_id = UnicodeAttribute()
    scope = UnicodeAttribute()
    status = UnicodeAttribute()
    status_id = UnicodeAttribute()
    created_by = UnicodeAttribute()
    created_by_name = UnicodeAttribute()
    created_at = MomentAttribute()
    updated_at = MomentAttribute()
    started_at = MomentAttribute(null=True)
    completed_at = MomentAttribute(null=True)
    expires_at = ExpiryAttribute(null=True)
    progress = NumberAttribute(null=True)
    progress_message = UnicodeAttribute(null=True)

    run = NumberAttribute()
    pass_ = NumberAttribute(attr_name="pass")
    attempt = NumberAttribute()
    version = NumberAttribute()
    owner = UnicodeAttribute(null=True)
    lease_until = MomentAttribute(null=True)
    deadline = MomentAttribute(null=True)
    claimed_at = MomentAttribute(null=True)
    told = BooleanAttribute()
    recoveries = NumberAttribute()
    look_at = MomentAttribute(null=True)
    look_shard = UnicodeAttribute(null=True)
    run_limit_ms = NumberAttribute()
    time_left_ms = NumberAttribute()

    params = JsonTextAttribute(null=True)
    data = UnicodeAttribute(null=True)
    internal_data = UnicodeAttribute(null=True)
    checkpoint = UnicodeAttribute(null=True)
    result = UnicodeAttribute(null=True)
    error = JsonTextAttribute(null=True)
    reports = ListAttribute(of=ReportMap)
    attempts = ListAttribute(of=AttemptMap)
    former_params = ListAttribute(of=FormerParamsMap)


def new_row(job: Job, look_at: datetime) -> JobRow:
    """The first row of a Queued job, without its free JSON; the reconciler looks at it from `look_at`."""
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
        run=job.run,
        pass_=job.pass_,
        attempt=job.attempt,
        version=job.version,
        told=job.told,
        recoveries=job.recoveries,
        run_limit_ms=job.run_limit // timedelta(milliseconds=1),
        time_left_ms=job.run_limit // timedelta(milliseconds=1),
        look_at=look_at,
        look_shard=look_shard(job.id),
        params=job.params,
        reports=[],
        attempts=[],
        former_params=[],
    )


def error_to_json(error: JobError | None) -> Json:
    """A job's error as stored: `{code, message, details, kind, retryable}`."""
    if error is None:
        return None
    return {
        "code": error.code,
        "message": error.message,
        "details": error.details,
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


def attempt_map(attempt: Attempt) -> AttemptMap:
    """An ended attempt for the row's list."""
    return AttemptMap(
        number=attempt.number,
        run=attempt.run,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        outcome=str(attempt.outcome),
        error=error_to_json(attempt.error),
    )


def report_map(report: Report) -> ReportMap:
    """A report for the row's list."""
    return ReportMap(**vars(report))


def former_params_map(former: FormerParams) -> FormerParamsMap:
    """Earlier parameters for the row's list."""
    return FormerParamsMap(run=former.run, params=former.params)


def summary_of(row: JobRow) -> JobSummary:
    """What a list shows of the row."""
    return JobSummary(**_summary_fields(row))


def _summary_fields(row: JobRow) -> dict[str, Any]:
    names = JobSummary.__dataclass_fields__
    values = {name: getattr(row, name) for name in names}
    return values | {"status": Status(row.status), "progress": _whole(row.progress)}


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def job_of(row: JobRow, *, data: Json, internal_data: Json, checkpoint: Json, result: Json) -> Job:
    """The job of a row, with its free JSON fields as the store has read them."""
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
        params=row.params,
        error=error_from_json(row.error),
        reports=tuple(_report_of(entry) for entry in row.reports),
        attempts=tuple(_attempt_of(entry) for entry in row.attempts),
        former_params=tuple(FormerParams(run=int(entry.run), params=entry.params) for entry in row.former_params),
        data=data,
        internal_data=internal_data,
        checkpoint=checkpoint,
        result=result,
    )


def _report_of(entry: ReportMap) -> Report:
    return Report(
        name=entry.name,
        key=entry.key,
        content_type=entry.content_type,
        size_bytes=int(entry.size_bytes),
        sha256=entry.sha256,
        expires_at=entry.expires_at,
    )


def _attempt_of(entry: AttemptMap) -> Attempt:
    return Attempt(
        number=int(entry.number),
        run=int(entry.run),
        started_at=entry.started_at,
        ended_at=entry.ended_at,
        outcome=Outcome(entry.outcome),
        error=error_from_json(entry.error),
    )
