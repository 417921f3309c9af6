"""Runs of tasks begun: each is a job of the type Task. By a schedule's slot, or because a person wants one now."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.errors import Conflict
from jobmill.jobs.idempotency import IdempotencyKey
from jobmill.jobs.job import Job
from jobmill.jobs.lifecycle import Submission
from jobmill.jobs.services import lifecycle
from jobmill.jobs.status import FINAL
from jobmill.json_values import Json, dump_json
from jobmill.log import logger
from jobmill.names import SYSTEM_PROJECT
from jobmill.settings import settings
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.names import TASK, TaskSpec
from jobmill.tasks.rows import DocumentRefused, TaskRun, change_document, get_document, is_not, put_run
from jobmill.tasks.running import is_under_way
from jobmill.times import iso, now_utc

SCHEDULE = "schedule"
"""Who begins the runs of schedules."""
_RUN_ROW_LONGER = timedelta(days=1)
"""A run's row outlives its job, which its list asks for."""


class TaskRunning(Conflict):
    """A run of the task is under way, as the job `job_id`."""

    def __init__(self, job_id: str) -> None:
        super().__init__(
            "task-running", f"A run of the task is under way, as the job {job_id}. Wait for its end, or cancel it."
        )
        self.job_id = job_id


@dataclass(frozen=True)
class Asker:
    """Who wants a run; `key` makes repeats of the same wish one run."""

    id: str
    name: str
    key: str | None = None


def start_slot(spec: TaskSpec, slot: datetime) -> Job | None:
    """Begin the run of a schedule's slot; repeated, it is the same run. None, and why is noted, where none begins.

    That is so while the task is suspended or not configured, and while a run of it is under way: a slot that was
    skipped stays so when it comes again.
    """
    document = note_readiness(spec, get_document(spec.name))
    if document.skipped_at == slot:
        return None
    change_document(spec.name, {"fired_at": max(slot, document.fired_at or slot)})
    if document.is_suspended:
        logger.info("task suspended", task=spec.name, slot=iso(slot), why=document.why_suspended)
        return None
    try:
        return _submit(spec, Asker(SCHEDULE, SCHEDULE, f"{spec.name}@{iso(slot)}"), slot)
    except TaskRunning as running:
        logger.warning("slot skipped", task=spec.name, slot=iso(slot), under_way=running.job_id)
        skipped = {"skipped": document.skipped + 1, "skipped_at": slot, "skipped_for": running.job_id}
        with suppress(DocumentRefused):  # another delivery of it was faster
            change_document(spec.name, skipped, only_if=is_not("skipped_at", slot))
        return None


def start_now(spec: TaskSpec, asker: Asker) -> Job:
    """Begin a run because somebody wants one; repeated with its key, it is the same run.

    Raises Conflict `task-suspended`, TaskRunning.
    """
    return _submit(spec, asker, None)


def suspend(name: str, *, by: str, why: str | None) -> TaskDocument:
    """Let no more runs begin; one that is under way goes on. Safe to repeat: the newest reason stays."""
    logger.info("task suspended", task=name, by=by)
    return change_document(name, {"suspended_at": now_utc(), "suspended_by": by, "suspended_why": why})


def resume(spec: TaskSpec) -> TaskDocument:
    """Let runs begin again, with the next slot. Raises Conflict `task-not-configured` if that alone is missing."""
    document = get_document(spec.name)
    if document.suspended_at is None and document.not_ready is not None:
        raise Conflict("task-not-configured", document.not_ready)
    logger.info("task resumed", task=spec.name)
    ended = {"suspended_at": None, "suspended_by": None, "suspended_why": None}
    return change_document(spec.name, ended | (_watched_anew(document) if document.suspended_at else {}))


def job_under_way(document: TaskDocument) -> str | None:
    """The job of the run that is under way, or is about to be."""
    return next((each for each in (document.job_id, document.next_job_id) if is_under_way(each)), None)


def note_readiness(spec: TaskSpec, document: TaskDocument) -> TaskDocument:
    """Note what is not configured, if that has changed; gives the document as it is then.

    Where that cannot be told, because AWS is away, it is as it was.
    """
    try:
        reason = spec.not_ready()
    except (BotoCoreError, ClientError):
        logger.exception("readiness not known", task=spec.name)
        return document
    if reason == document.not_ready:
        return document
    return change_document(spec.name, {"not_ready": reason} | ({} if reason else _watched_anew(document)))


def _watched_anew(document: TaskDocument) -> dict[str, datetime]:
    """What was missed while no run could begin is not late."""
    return {} if document.watched_since is None else {"watched_since": now_utc()}


def require_may_retry(job: Job) -> None:
    """Raise Conflict `task-suspended`, TaskRunning unless this run may be had again now."""
    _require_free(_task_of(job))


def note_retry(job: Job) -> None:
    """Note that a run was asked for again."""
    change_document(_task_of(job), {"next_job_id": job.id, "asked_at": now_utc()})


def _task_of(job: Job) -> str:
    params = job.params
    return str(params["task"]) if isinstance(params, dict) else ""


def _require_free(name: str) -> None:
    """Raise Conflict `task-suspended`, TaskRunning unless a run may begin now."""
    document = get_document(name)
    if document.is_suspended:
        raise Conflict("task-suspended", f"{document.why_suspended} Resume the task, then run it.")
    busy = job_under_way(document)
    if busy is not None:
        raise TaskRunning(busy)


def _note_asked(name: str, job: Job) -> None:
    """Note that a run of the task was asked for, which is the newest; a repeat changes nothing."""
    if job.status in FINAL:
        return
    with suppress(DocumentRefused):
        asked = {"next_job_id": job.id, "asked_at": now_utc()}
        change_document(name, asked, only_if=is_not("next_job_id", job.id))


def _submit(spec: TaskSpec, asker: Asker, slot: datetime | None) -> Job:
    params: dict[str, Json] = {"task": spec.name}
    if slot is not None:
        params["slot"] = iso(slot)
    wanted = Submission(
        type=TASK,
        project_id=SYSTEM_PROJECT,
        params=params,
        run_limit=spec.run_limit,
        created_by=asker.id,
        created_by_name=asker.name,
    )
    digest = hashlib.sha256(dump_json(params).encode()).hexdigest()
    key = IdempotencyKey(asker.id, f"run {spec.name}", asker.key, digest) if asker.key else None
    job = lifecycle().submit(wanted, key, check=lambda: _require_free(spec.name))
    kept = settings().retention_of(TASK) + _RUN_ROW_LONGER
    put_run(spec.name, TaskRun(job.id, asker.name, slot), job.created_at + kept)
    _note_asked(spec.name, job)
    logger.info("task submitted", task=spec.name, job_id=job.id, slot=slot and iso(slot))
    return job
