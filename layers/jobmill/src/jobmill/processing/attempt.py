"""One attempt at a job: claim → work → complete → report. Decide what happened, write it once, then tell."""

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError
from pynamodb.exceptions import PynamoDBException

from jobmill.errors import (
    AttemptLost,
    CallerError,
    ErrorKind,
    JobmillError,
    NotFound,
    SliceOver,
    StepTooLong,
    Unprocessable,
)
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.holding import holding
from jobmill.jobs.job import Job, JobError, StoredReport
from jobmill.jobs.status import FAIL, FINAL
from jobmill.jobs.store import JobStore
from jobmill.json_values import Json
from jobmill.log import logger
from jobmill.processing.context import Context
from jobmill.processing.files import Files, FileStores
from jobmill.processing.machine import Machine
from jobmill.processing.publishing import complete
from jobmill.processing.registry import JobType
from jobmill.processing.watch import Watch
from jobmill.settings import Settings

RECORD_PAUSES_SECONDS = (1, 2, 4, 8, 16, 30)
"""The pauses between the tries to write a decision."""


@dataclass(frozen=True)
class Message:
    """One message of a type's queue: this run of this job, and the token that the machine waits on."""

    job_id: str
    run: int
    pass_: int
    token: str

    @classmethod
    def from_json(cls, text: str) -> "Message":
        """The message of a body. Raises ValueError, KeyError or TypeError for anything else."""
        body = json.loads(text)
        return cls(str(body["job_id"]), int(body["run"]), int(body["pass"]), str(body["token"]))


@dataclass(frozen=True)
class Tools:
    """What attempts work with."""

    store: JobStore
    machine: Machine
    files: FileStores
    settings: Settings
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Done:
    """The work is done; what it made becomes visible with the completion."""

    result: dict[str, Json]
    context: Context[Any]
    state: Json
    """Its last checkpoint: should it not become visible now, another attempt goes on from there."""


@dataclass(frozen=True)
class Slice:
    """The work goes on from `state` in another attempt."""

    state: Json


@dataclass(frozen=True)
class Failure:
    """The work failed; if it is worth another attempt, that goes on from `state`, and else the job lists `reports`."""

    error: JobError
    state: Json = None
    reports: tuple[StoredReport, ...] = ()


type Decision = Done | Slice | Failure | None
"""What an attempt came to; none if it was lost."""


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message to a worker: a name of its own, and when the worker must be done with it."""

    name: str
    ends_at: datetime


def run_attempt(message: Message, job_type: JobType[Any], delivery: Delivery, tools: Tools) -> None:
    """Take the message's job and do it. The delivery owns the job, so that a repeated claim is known.

    A message that may not claim is dropped. Raises only if the machine could not be told, or the store was away
    for a minute: the message then comes again, and finds its run ended or recovered.
    """
    settings = tools.settings
    try:
        job = tools.store.claim(
            message.job_id,
            run=message.run,
            pass_=message.pass_,
            owner=delivery.name,
            lease=settings.lease,
            now=tools.clock(),
        )
    except NotFound:
        tools.machine.succeed(message.token)
        return
    except ChangeRefused as refused:
        _drop(message, refused.job, tools.machine)
        return
    except PynamoDBException as error:  # the machine sends the message again; was it claimed, its lease will pass
        logger.exception("claim failed", job_id=message.job_id, run=message.run)
        tools.machine.retry_later(message.token, repr(error))
        return
    logger.info("attempt started", job_id=job.id, run=job.run, attempt=job.attempt)
    decision = _work(job, job_type, delivery, tools)
    released = _record_patiently(job, decision, message, tools)
    if released is None:
        tools.machine.succeed(message.token)
        return
    if isinstance(decision, Slice):
        heard = tools.machine.next_slice(message.token)
    else:
        heard = tools.machine.retry_later(message.token, "released")
    if heard:
        _tell(released, tools)


def _tell(released: Job, tools: Tools) -> None:
    """Record that the machine has heard. Where nobody listened, the reconciler finds the job untold."""
    try:
        tools.store.tell(released, tools.clock())
    except ChangeRefused:  # the machine was faster: the job is under way again
        logger.info("already under way again", job_id=released.id, run=released.run)


def _drop(message: Message, job: Job, machine: Machine) -> None:
    logger.info("message dropped", job_id=job.id, run=message.run, status=job.status)
    if job.run != message.run or job.status in FINAL:
        machine.succeed(message.token)


def _work(job: Job, job_type: JobType[Any], delivery: Delivery, tools: Tools) -> Decision:
    """Do the work, from the job's checkpoint on."""
    watch = Watch(tools.store, job, settings=tools.settings, clock=tools.clock, ends_at=delivery.ends_at)
    reports: list[StoredReport] = []
    try:
        with tempfile.TemporaryDirectory(prefix="jobmill-", ignore_cleanup_errors=True) as workspace, watch:
            params = _params(job, job_type)
            files = Files(tools.files, watch, tools.clock)
            state = job.checkpoint if job.is_whole else tools.store.get(job.id).checkpoint
            watch.begin(state)
            context = Context(params, job, state, Path(workspace), watch, files, reports)
            with holding(context):
                result = job_type.work(context)
            watch.check()
            return Done(result, context, watch.state)
    except Exception as error:  # the boundary of the attempt: everything is decided here
        return _decide(watch.verdict or error, watch.state, job, tuple(reports))


def _params(job: Job, job_type: JobType[Any]) -> Any:
    try:
        if job.type != job_type.name:
            raise ValueError(f"a job of type {job.type} in the queue of {job_type.name}")
        return job_type.params.model_validate(job.params)
    except ValidationError as error:
        message = f"The job's parameters are not what {job.type} takes (any more). Retry it with edited ones."
        raise Unprocessable("invalid-params", message, details=str(error.errors()[0]["msg"])) from error


def _decide(error: Exception, state: Json, job: Job, reports: tuple[StoredReport, ...]) -> Decision:
    """What an error means for the job, whose work has come to the checkpoint `state` (none: to no new one).

    Reports that were stored before an error of the input explain it; before any other they are no whole ones.
    """
    if isinstance(error, AttemptLost):
        return None
    if isinstance(error, SliceOver) or (isinstance(error, StepTooLong) and state is not None):
        return Slice(state)
    return Failure(_error_of(error, job), state, reports if isinstance(error, CallerError) else ())


def _error_of(error: Exception, job: Job) -> JobError:
    """The error as the job keeps it. Pure, but for the log."""
    if isinstance(error, JobmillError):
        return JobError(error.code, error.message, error.details, error.kind, error.retryable)
    if _is_of_aws(error):
        logger.exception("dependency failed", exc_info=error, job_id=job.id, attempt=job.attempt)
        return JobError(
            "dependency-unavailable",
            "A service that the job needs did not answer. Retry the job in a moment.",
            kind=ErrorKind.DEPENDENCY,
            retryable=True,
        )
    logger.exception("attempt broke", exc_info=error, job_id=job.id, attempt=job.attempt)
    return JobError(
        "internal-error",
        "Something went wrong on our side, and it is in our log under this job's id.",
        kind=ErrorKind.INTERNAL,
    )


def _is_of_aws(error: Exception) -> bool:
    from boto3.exceptions import Boto3Error

    return isinstance(error, (BotoCoreError, ClientError, Boto3Error, PynamoDBException))


def _record_patiently(job: Job, decision: Decision, message: Message, tools: Tools) -> Job | None:
    """Like `_record`, repeated while the store is away: what was done is worth a minute."""
    for pause in RECORD_PAUSES_SECONDS:
        try:
            return _record(job, decision, message, tools)
        except (PynamoDBException, BotoCoreError, ClientError):
            logger.exception("decision not written yet", job_id=job.id, attempt=job.attempt)
            time.sleep(pause)
    return _record(job, decision, message, tools)


def _record(job: Job, decision: Decision, message: Message, tools: Tools) -> Job | None:
    """Write the decision once; gives the job if it was given back. A refusal means that the attempt was lost."""
    keys: dict[str, Any] = {"job_id": job.id, "run": job.run, "attempt": job.attempt}
    try:
        match decision:
            case Done():
                failure = _complete(job, decision, tools)
                if failure is not None:
                    return _record(job, failure, message, tools)
                logger.info("attempt completed", **keys)
            case Slice(state):
                logger.info("slice done", **keys)
                return _release(job, None, state, message, tools)
            case Failure(error, state) if error.kind is ErrorKind.DEPENDENCY:
                logger.warning("attempt to be retried", code=error.code, **keys)
                return _release(job, error, state, message, tools)
            case Failure(error, _, reports):
                tools.store.fail(FAIL, job, error, tools.clock(), reports)
                logger.info("attempt failed", code=error.code, **keys)
            case None:
                logger.info("attempt lost", **keys)
    except (ChangeRefused, NotFound):
        logger.info("attempt lost", **keys)
    return None


def _release(job: Job, error: JobError | None, state: Json, message: Message, tools: Tools) -> Job:
    return tools.store.release(job, pass_=message.pass_ + 1, error=error, checkpoint=state, now=tools.clock())


def _complete(job: Job, done: Done, tools: Tools) -> Failure | None:
    """Complete the job; gives why not, if that cannot be written. Raises ChangeRefused if the attempt is lost."""
    try:
        complete(job, done.result, done.context, tools.store, tools.files, tools.clock())
    except (ChangeRefused, NotFound, PynamoDBException):
        raise
    except Exception as error:  # still the boundary of the attempt
        return Failure(_error_of(error, job), done.state)
    return None
