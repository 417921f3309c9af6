"""What callers get of tasks."""

from typing import Self

from jobmill.jobs.status import Status
from jobmill.settings import settings
from jobmill.tasks.looking import RunLook, TaskLook
from jobmill.tasks.names import SaveIn, TaskStatus
from jobmill.tasks.words import words_of
from jobs_api.views import Moment, View, without_nulls


class ScheduleView(View):
    """When a task runs, as EventBridge Scheduler has it, and in `words`; `next` is the next slot, if it can be told."""

    expression: str
    words: str | None = without_nulls()
    time_zone: str
    enabled: bool
    next: Moment | None = without_nulls()


class SuspensionView(View):
    """Why no run of a task begins: somebody's wish (`since`, `by`), or something that is not configured."""

    since: Moment | None = without_nulls()
    by: str | None = without_nulls()
    reason: str | None = without_nulls()


class TaskDataView(View):
    """The data of the last run that completed; `url` answers with it."""

    version: int
    at: Moment
    saved_in: SaveIn
    records: int | None = without_nulls()
    size_bytes: int | None = without_nulls()
    url: str


class SkippedView(View):
    """Slots for which no run began, as one was under way: how many, the last one, and the job that was under way."""

    count: int
    at: Moment
    job_id: str | None = without_nulls()


class TaskView(View):
    """A scheduled task. `status` and what comes with it are of its last run; suspended, it is spelled `suspeneded`."""

    name: str
    status: TaskStatus | None = None
    source: str | None = None
    started: Moment | None = None
    completed: Moment | None = None
    timestamp: Moment | None = None
    error: str | None = None
    duration_seconds: float | None = None
    job_id: str | None = None
    schedule: ScheduleView | None = None
    fired_at: Moment | None = None
    suspension: SuspensionView | None = None
    late: bool
    late_reasons: list[str]
    data: TaskDataView | None = None
    skipped: SkippedView | None = None
    fresh_for_seconds: int | None = None
    run_limit_seconds: int

    @classmethod
    def of(cls, task: TaskLook) -> Self:
        """The view of a task."""
        document, spec = task.document, task.spec
        copied = {name: getattr(document, name) for name in _COPIED}
        return cls(
            **copied,
            status=task.status,
            duration_seconds=None if document.duration_ms is None else document.duration_ms / 1000,
            schedule=_schedule(task),
            suspension=_suspension(task),
            late=bool(task.late),
            late_reasons=[each.why for each in task.late],
            data=_data(task),
            skipped=_skipped(task),
            fresh_for_seconds=None if spec.fresh_for is None else int(spec.fresh_for.total_seconds()),
            run_limit_seconds=int(spec.run_limit.total_seconds()),
        )


_COPIED = ("name", "source", "started", "completed", "timestamp", "error", "job_id", "fired_at")


class TaskRunView(View):
    """A run of a task: its job, and whose wish it was; of a schedule's run, for which slot."""

    job_id: str
    status: Status
    source: str
    slot: Moment | None = None
    created_at: Moment
    started_at: Moment | None = None
    completed_at: Moment | None = None
    progress: int

    @classmethod
    def of(cls, look: RunLook) -> Self:
        """The view of a run."""
        job = look.job
        return cls(
            job_id=job.id,
            status=job.status,
            source=look.run.source,
            slot=look.run.slot,
            created_at=job.created_at,
            started_at=job.started_at,
            completed_at=job.completed_at,
            progress=job.progress or 0,
        )


class NewRunView(View):
    """A run that was asked for."""

    task: str
    job_id: str
    status: Status


def _schedule(task: TaskLook) -> ScheduleView | None:
    document = task.document
    if document.schedule is None:
        return None
    return ScheduleView(
        expression=document.schedule,
        words=words_of(document.schedule),
        time_zone=document.time_zone or "UTC",
        enabled=bool(document.is_enabled),
        next=task.next_slot,
    )


def _suspension(task: TaskLook) -> SuspensionView | None:
    document = task.document
    if not document.is_suspended:
        return None
    reason = document.not_ready if document.suspended_at is None else document.suspended_why
    return SuspensionView(since=document.suspended_at, by=document.suspended_by, reason=reason)


def _data(task: TaskLook) -> TaskDataView | None:
    document = task.document
    if document.data_at is None or document.saved_in is None:
        return None
    return TaskDataView(
        version=document.version,
        at=document.data_at,
        saved_in=document.saved_in,
        records=document.records,
        size_bytes=document.size_bytes,
        url=f"{settings().public_url}/api/tasks/{document.name}/data",
    )


def _skipped(task: TaskLook) -> SkippedView | None:
    document = task.document
    if not document.skipped or document.skipped_at is None:
        return None
    return SkippedView(count=document.skipped, at=document.skipped_at, job_id=document.skipped_for)
