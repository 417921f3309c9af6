"""One run of a task: begun if no other is under way, its end and its data written into the task's document."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from jobmill.errors import AttemptLost, JobmillError, NotFound, RunLimitExceeded, SliceOver, StepTooLong
from jobmill.jobs.holding import current_holder
from jobmill.jobs.job import Job
from jobmill.jobs.operations import complete_job, create_job, fail_job, get_job
from jobmill.jobs.status import FINAL
from jobmill.links.services import links
from jobmill.log import logger
from jobmill.names import SYSTEM_PROJECT
from jobmill.tasks.cache import Cached
from jobmill.tasks.data import INLINE_BYTES, text_of
from jobmill.tasks.document import NO_DATA, TaskDocument
from jobmill.tasks.names import SaveIn, TaskData, TaskName, TaskStatus
from jobmill.tasks.rows import DocumentRefused, change_document, get_document, held_by
from jobmill.tasks.services import storage, task_cache
from jobmill.times import now_utc

MAX_ERROR_CHARACTERS = 1000
_STARTS = 5
"""How often a start is decided anew because another one came between."""


@dataclass(frozen=True)
class Run:
    """Who has the task: a job, in one of its attempts. `is_own`: made for this run, and ended with it."""

    name: str
    job: Job
    is_own: bool


def execute_task(
    source: str,
    task_name: TaskName | str,
    task: Callable[[], TaskData],
    *,
    save_in: SaveIn | None = None,
    debug_logs: bool = True,
) -> None:
    """Run `task` as the task `task_name`, and keep what it gives; returns when that is done, or has failed.

    `source` says who wants it. The document says `running`, then `completed` with the data, or `failed` with the
    error's sentence; the data of the last run that completed stays. The data is cached in this process, and saved in
    the bucket (`storage`; the document has a link to it), in the document (`db`, which is the default; in the bucket
    over 100 KB), or not at all (`none`). `debug_logs` false logs errors only.
    While another run of the task is under way nothing is done but noting that.

    Each run is a job's: of the attempt that calls this, or of a Custom job made here. It raises nothing of what `task`
    raises, but lets pass what ends an attempt (SliceOver, StepTooLong, AttemptLost), and what AWS raises when away.
    """
    name = str(task_name)
    run = _run_of(name, source)
    if not _start(run, source):
        _give_up(run)
        return
    if debug_logs:
        logger.info("task started", task=name, source=source, job_id=run.job.id, attempt=run.job.attempt)
    begun = time.monotonic()
    try:
        data = task()
        text = text_of(data)
    except (SliceOver, StepTooLong, AttemptLost):
        raise
    except Exception as error:  # the boundary of the task: it fails, and its caller does not
        _fail(run, _cause_of(error), _milliseconds_since(begun))
        return
    done = _saved(run, text, len(data), save_in or SaveIn.DB)
    document = _end(run, done | {"status": TaskStatus.COMPLETED, "duration_ms": _milliseconds_since(begun)})
    size_bytes = int(done["size_bytes"])
    task_cache().put(name, Cached(document.version, data, size_bytes, now_utc()))
    if run.is_own:
        complete_job(run.job.id, {"version": document.version})
    if debug_logs:
        logger.info("task completed", task=name, job_id=run.job.id, seconds=_milliseconds_since(begun) / 1000)


def is_under_way(job_id: str | None) -> bool:
    """Whether there is such a job, and it has not ended."""
    if job_id is None:
        return False
    try:
        return get_job(job_id, whole=False).status not in FINAL
    except NotFound:
        return False


def _run_of(name: str, source: str) -> Run:
    holder = current_holder()
    if holder is not None:
        return Run(name, holder.job, is_own=False)
    return Run(name, create_job(project_id=SYSTEM_PROJECT, created_by=source, data={"task": name}), is_own=True)


def _start(run: Run, source: str) -> bool:
    """Take the document for this run; not while another job that is under way has it."""
    now = now_utc()
    begun = {"source": source, "status": TaskStatus.RUNNING, "started": now, "timestamp": now, "error": ""}
    taken = {"job_id": run.job.id, "attempt": run.job.attempt, "completed": None, "duration_ms": None}
    for _ in range(_STARTS):
        document = get_document(run.name)
        if document.job_id != run.job.id and is_under_way(document.job_id):
            logger.warning("task skipped", task=run.name, job_id=run.job.id, under_way=document.job_id)
            skipped = {"skipped": document.skipped + 1, "skipped_at": now, "skipped_for": document.job_id}
            change_document(run.name, skipped)
            return False
        if document.job_id == run.job.id and (document.attempt or 0) > run.job.attempt:
            raise AttemptLost(run.job.id)
        same_run = {"started": document.started} if _has_begun(document, run.job) else {}
        try:
            change_document(run.name, begun | taken | same_run, only_if=held_by(document.job_id, document.attempt))
        except DocumentRefused:
            continue
        return True
    raise AttemptLost(run.job.id)


def _has_begun(document: TaskDocument, job: Job) -> bool:
    """Whether the job began its task before, in the same run: in an earlier slice, or a try that failed."""
    if document.job_id != job.id or document.started is None or job.started_at is None:
        return False
    return document.started >= job.started_at


def _give_up(run: Run) -> None:
    if run.is_own:
        complete_job(run.job.id, {"skipped": True})


def _saved(run: Run, text: str, records: int, save_in: SaveIn) -> dict[str, Any]:
    """What the document says of the data, once that is saved."""
    size_bytes = len(text)
    about = {"records": records, "size_bytes": size_bytes, "data_at": now_utc()}
    if save_in is SaveIn.NONE:
        return about | {"saved_in": SaveIn.NONE, "data": NO_DATA, "storage_version": None}
    if save_in is SaveIn.DB and size_bytes <= INLINE_BYTES:
        return about | {"saved_in": SaveIn.DB, "data": text, "storage_version": None}
    holder = current_holder()
    if holder is not None:
        holder.check_cancelled()
    version = storage().put(run.name, text.encode())
    url = links().task_link(run.name, version)
    return about | {"saved_in": SaveIn.STORAGE, "data": url, "storage_version": version}


def _end(run: Run, changes: dict[str, Any]) -> Any:
    """Write the run's end, if it still has the task. Raises AttemptLost."""
    now = now_utc()
    version = get_document(run.name).version
    ended: dict[str, Any] = {"completed": now, "timestamp": now}
    if changes["status"] is TaskStatus.COMPLETED:
        ended |= {"version": version + 1}
    try:
        return change_document(run.name, ended | changes, only_if=held_by(run.job.id, run.job.attempt))
    except DocumentRefused as error:
        raise AttemptLost(run.job.id) from error


def _cause_of(error: Exception) -> Exception:
    """The run's time limit where that has made the work fail, and else the error itself.

    Raises AttemptLost and StepTooLong where these have: an attempt that must stop is no failure of the task.
    """
    holder = current_holder()
    try:
        if holder is not None:
            holder.check_cancelled()
    except RunLimitExceeded as verdict:
        return verdict
    return error


def _message_of(error: Exception) -> str:
    """What the document says of it to everyone: of AWS's own errors, which name its resources, nothing."""
    if isinstance(error, JobmillError):
        return error.message
    if isinstance(error, (BotoCoreError, ClientError, PynamoDBException)):
        return "A service that the task needs did not answer, or refused it. The log has more, under the run's job."
    return str(error) or type(error).__name__


def _fail(run: Run, error: Exception, duration_ms: int) -> None:
    message = _message_of(error)
    logger.exception("task failed", exc_info=error, task=run.name, job_id=run.job.id, attempt=run.job.attempt)
    message = message[:MAX_ERROR_CHARACTERS]
    _end(run, {"status": TaskStatus.FAILED, "error": message, "duration_ms": duration_ms})
    if run.is_own:
        fail_job(run.job.id, message)


def _milliseconds_since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
