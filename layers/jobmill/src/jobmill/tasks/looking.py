"""How tasks are now: their documents, beside the jobs of their runs, which may have ended without them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from jobmill.errors import NotFound
from jobmill.jobs.job import Job, JobSummary
from jobmill.jobs.listing import summaries
from jobmill.jobs.operations import get_job
from jobmill.jobs.status import FINAL, Status
from jobmill.settings import settings
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.lateness import Late, late, next_slot
from jobmill.tasks.names import TaskSpec, TaskStatus
from jobmill.tasks.rows import TaskRun, get_documents, get_runs
from jobmill.times import now_utc

_LOST = "The run ended without a word: its job is gone."


@dataclass(frozen=True)
class TaskLook:
    """A task as it is now."""

    spec: TaskSpec
    document: TaskDocument
    status: TaskStatus | None
    """None before the first run."""
    late: tuple[Late, ...]
    next_slot: datetime | None


@dataclass(frozen=True)
class RunLook:
    """A run and its job."""

    run: TaskRun
    job: JobSummary


def look_at(specs: list[TaskSpec]) -> list[TaskLook]:
    """These tasks as they are now, in the same order; costs two reads, and one more for each whose run was lost."""
    now, documents = now_utc(), get_documents([spec.name for spec in specs])
    ids = {each for document in documents.values() for each in (document.job_id, document.next_job_id) if each}
    jobs = summaries(ids)
    return [_look(spec, documents[spec.name], jobs, now) for spec in specs]


def look_at_runs(name: str, limit: int) -> list[RunLook]:
    """The newest runs of a task, at most `limit`, the newest first; those whose jobs are gone are left out."""
    runs = list(get_runs(name, limit))
    jobs = summaries(run.job_id for run in runs)
    return [RunLook(run, jobs[run.job_id]) for run in runs if run.job_id in jobs]


def _look(spec: TaskSpec, document: TaskDocument, jobs: Mapping[str, JobSummary], now: datetime) -> TaskLook:
    if document.watched_since is None and document.not_ready is None:
        document = replace(document, not_ready=_known_not_ready(spec))
    holder = jobs.get(document.job_id or "")
    is_running, waits = _is_open(holder), _is_open(jobs.get(document.next_job_id or ""))
    if document.status is TaskStatus.RUNNING and not is_running:
        document = _with_end(document, holder)
    if is_running and document.status is not TaskStatus.RUNNING:  # it is tried again; the error is of the last try
        document = replace(document, completed=None, duration_ms=None)
    status = TaskStatus.RUNNING if is_running else document.status
    if document.is_suspended and not is_running:
        status = TaskStatus.SUSPENEDED
    lates = late(document, spec, now, settings().task_grace, is_under_way=is_running or waits)
    return TaskLook(spec, document, status, tuple(lates), next_slot(document, now))


def _is_open(job: JobSummary | None) -> bool:
    return job is not None and job.status not in FINAL


def _known_not_ready(spec: TaskSpec) -> str | None:
    """What is not configured, of a task that nobody looked at yet, as far as it is seen from here."""
    try:
        return spec.not_ready()
    except Exception:  # what it needs is not the business of who only looks
        return None


def _with_end(document: TaskDocument, job: JobSummary | None) -> TaskDocument:
    """The document of a run whose job ended in other hands: cancelled, out of time, lost with its workers."""
    error = _LOST
    if job is not None:
        error = "The run was cancelled." if job.status is Status.CANCELLED else _error_of(job.id) or _LOST
    ended = job.completed_at if job is not None else None
    return replace(
        document, status=TaskStatus.FAILED, error=error, completed=ended, timestamp=ended or document.timestamp
    )


def _error_of(job_id: str) -> str | None:
    try:
        job: Job = get_job(job_id, whole=False)
    except NotFound:
        return None
    return job.error.message if job.error else None
