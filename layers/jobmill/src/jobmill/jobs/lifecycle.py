"""What people and the state machine do with a job: submit, cancel, retry, settle."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from jobmill.errors import Conflict, ErrorKind, JobmillError, NotFound
from jobmill.jobs.changing import ChangeRefused, JobExists, require_not_gone
from jobmill.jobs.executions import CONTINUE, RETRYABLE, Executions
from jobmill.jobs.idempotency import IdempotencyKey, reserve
from jobmill.jobs.ids import RANDOM_BYTES, is_job_id, time_of, uuid7
from jobmill.jobs.job import CUSTOM, Job, JobError
from jobmill.jobs.starts import StartQueue
from jobmill.jobs.status import SETTLE, Status, may_cancel, may_retry
from jobmill.jobs.store import JobStore
from jobmill.json_values import Json
from jobmill.log import logger

RACES = 10
"""How often a change is decided anew because the row moved between reading and writing."""

POISONED = JobError(
    "poison",
    "No worker could even begin the job. Retry it; if it fails again, tell the operator.",
    kind=ErrorKind.INTERNAL,
    retryable=True,
)
"""The error of a job whose message ended among the dead letters."""


@dataclass(frozen=True)
class Submission:
    """A job that somebody wants; `params` have been checked."""

    type: str
    project_id: str
    params: Json
    run_limit: timedelta
    created_by: str
    created_by_name: str


@dataclass(frozen=True)
class Failure:
    """What the state machine caught: `error` is its name, such as `States.Timeout`."""

    error: str
    cause: str


class Lifecycle:
    """The operations behind the API and the machine. Decide, write once, tell."""

    def __init__(
        self,
        store: JobStore,
        starts: StartQueue,
        executions: Executions,
        *,
        idempotency: timedelta,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._store = store
        self._starts = starts
        self._executions = executions
        self._idempotency = idempotency
        self._clock = clock
        self._random_bytes = random_bytes

    def create_job(
        self,
        *,
        type: str,
        project_id: str,
        created_by: str,
        created_by_name: str | None = None,
        run_limit: timedelta,
        params: Json = None,
        data: Json = None,
        internal_data: Json = None,
        id: str | None = None,
    ) -> Job:
        """Put a new Queued job and have it started; one of type Custom is Running, its maker's to end within its limit.

        It was created when its id was made: lists go by that. That its start was not sent delays it, and no more.
        Raises JobExists if `id` is taken, ValueError if it is none of ours.
        """
        if id is not None and not is_job_id(id):
            raise ValueError(f"{id!r} is no job id")
        now = self._clock()
        id = id or self.new_id(now)
        job = Job(
            id=id,
            type=type,
            project_id=project_id,
            status=Status.QUEUED,
            created_by=created_by,
            created_by_name=created_by_name or created_by,
            created_at=time_of(id),
            updated_at=time_of(id),
            run_limit=run_limit,
            params=params,
            data=data,
            internal_data=internal_data,
        )
        if type == CUSTOM:
            return self._store.create(_taken(job, now))
        created = self._store.create(job)
        self._starts.send(created)
        return created

    def new_id(self, now: datetime) -> str:
        """A job id that nobody has."""
        return uuid7(now, self._random_bytes(RANDOM_BYTES))

    def submit(self, wanted: Submission, key: IdempotencyKey | None, *, check: Callable[[], None]) -> Job:
        """Accept a job and have it started. With a key, a repeat gives the same job and starts no other.

        Accepted means: its row is written. That its start was not sent delays it, and no more.
        `check` raises for a new job that cannot be; a repeat is not checked again, and gives the job without its
        large values. Raises Gone for the repeat of a job that was deleted.
        """
        now = self._clock()
        job_id = fresh_id = self.new_id(now)
        if key is not None:
            job_id = reserve(key, job_id, now=now, lifetime=self._idempotency)
        if job_id != fresh_id:
            if known := self._find(job_id):
                self._send_again(known)
                return known
            require_not_gone(job_id)
        try:
            check()
        except JobmillError:
            if known := self._find(job_id):  # the check met what a repeat at the same time made
                return known
            raise
        try:
            return self.create_job(
                id=job_id,
                type=wanted.type,
                project_id=wanted.project_id,
                created_by=wanted.created_by,
                created_by_name=wanted.created_by_name,
                run_limit=wanted.run_limit,
                params=wanted.params,
            )
        except JobExists:  # written by a try whose answer was lost, or by a repeat at the same time
            job = self._store.get(job_id, whole=False)
            self._send_again(job)
            return job

    def _find(self, job_id: str) -> Job | None:
        try:
            return self._store.get(job_id, whole=False)
        except NotFound:
            return None

    def cancel(self, job: Job, *, by: str | None = None) -> Job:
        """End a Queued or Running job as Cancelled, for the person `by`; a Cancelled one is given back as it is.

        Final when it returns. Raises Conflict `not-cancellable` for a Completed or Failed job.
        """
        for _ in range(RACES):
            if job.status is Status.CANCELLED:
                return job
            if not may_cancel(job.status):
                raise Conflict(
                    "not-cancellable",
                    f"The job is {job.status}; only Queued and Running jobs can be cancelled.",
                )
            try:
                cancelled = self._store.cancel(job, self._clock(), by)
            except ChangeRefused as refused:
                job = refused.job
                continue
            logger.info("job cancelled", job_id=job.id, run=job.run)
            self._executions.stop(cancelled)
            return cancelled
        raise _busy(job.id)

    def retry(self, job: Job, params: Json, *, by: str | None = None) -> Job:
        """Queue the next run of a Failed or Cancelled job, with `params`, for the person `by`. Its events stay.

        Raises Conflict `not-retryable` in any other status, so that of two retries at once one wins, and for a Custom
        job.
        """
        if job.type == CUSTOM:
            raise Conflict(
                "not-retryable", "A Custom job is worked on by the program that made it, which can make another."
            )
        if not may_retry(job.status):
            raise Conflict("not-retryable", f"The job is {job.status}; only Failed and Cancelled jobs can be retried.")
        try:
            queued = self._store.retry(job, params, self._clock(), by)
        except ChangeRefused as refused:
            self._send_again(refused.job)
            raise Conflict("not-retryable", f"The job is {refused.job.status}; somebody else was faster.") from refused
        logger.info("job retried", job_id=queued.id, run=queued.run)
        self._starts.send(queued)
        return queued

    def _send_again(self, job: Job) -> None:
        """Send the start of a job that may have been written without it; a second start of a run changes nothing."""
        if job.status is Status.QUEUED:
            self._starts.send(job)

    def settle(self, job_id: str, run: int, failure: Failure) -> None:
        """End a job whose state machine gave up on its run; nothing to do if the run has ended or is not its own.

        A timeout ends a Running job only past its deadline: until then a worker has it.
        """
        for _ in range(RACES):
            job = self._find(job_id)
            if job is None:
                return
            now = self._clock()
            if job.run != run or not may_cancel(job.status) or _still_works(job, failure, now):
                return
            try:
                self._store.fail(SETTLE, job, _settled(failure, job), now)
            except ChangeRefused:
                continue
            except NotFound:  # deleted meanwhile
                return
            logger.warning("job settled", job_id=job_id, run=run, error=failure.error, cause=failure.cause)
            return
        raise _busy(job_id)

    def poison(self, job_id: str, run: int, pass_: int) -> Job | None:
        """End a job whose message never reached a claim; gives the job as it is now, none if it is gone.

        Nothing is written if the job has gone on without the message, or if it is an old copy. Safe to repeat.
        """
        for _ in range(RACES):
            job = self._find(job_id)
            if job is None or job.status is not Status.QUEUED or job.run != run or job.pass_ > pass_:
                return job
            try:
                failed = self._store.fail(SETTLE, job, POISONED, self._clock())
            except ChangeRefused:
                continue
            logger.warning("job poisoned", job_id=job_id, run=run)
            return failed
        raise _busy(job_id)


def _taken(job: Job, now: datetime) -> Job:
    """A Custom job in the hands of its maker, who has the whole run limit for it; then it fails by itself."""
    until = now + job.run_limit
    return replace(
        job,
        status=Status.RUNNING,
        attempt=1,
        owner=job.created_by,
        started_at=now,
        claimed_at=now,
        lease_until=until,
        deadline=until,
    )


def is_poisoned(job: Job) -> bool:
    """Whether the job has failed because its message ended among the dead letters."""
    return job.status is Status.FAILED and job.error is not None and job.error.code == POISONED.code


def _still_works(job: Job, failure: Failure, now: datetime) -> bool:
    timed_out = failure.error == "States.Timeout"
    return timed_out and job.status is Status.RUNNING and job.deadline is not None and now < job.deadline


def _settled(failure: Failure, job: Job) -> JobError:
    of_run = [attempt.error for attempt in job.attempts if attempt.run == job.run]
    last = of_run[-1] if of_run else None
    if failure.error == RETRYABLE and last is not None:
        return last
    if failure.error == CONTINUE:
        return JobError(
            "too-many-slices",
            "The job was continued more often than a run may be. Make the file or the selection smaller.",
            kind=ErrorKind.TIMEOUT,
        )
    if failure.error == "States.Timeout":
        message = "The job waited too long and was given up. Retry it."
        return JobError("machine-timeout", message, kind=ErrorKind.TIMEOUT, retryable=True)
    return JobError(
        "not-delivered",
        "The job could not be handed to a worker. Retry it; if it fails again, tell the operator.",
        details=failure.error,
        kind=ErrorKind.DEPENDENCY,
        retryable=True,
    )


def _busy(job_id: str) -> JobmillError:
    return Conflict("job-busy", f"The job {job_id} is changing too fast. Try again in a moment.")
