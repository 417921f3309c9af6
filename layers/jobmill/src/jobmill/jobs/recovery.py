"""Recovery: whoever was to carry a job on may be lost, so each job under way is looked at from time to time.

`look_at` of a job's row says when. A look either finds that all is well and is put off, or it makes the job go on:
a start sent again, the next run, or the end.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from jobmill.errors import ErrorKind, NotFound
from jobmill.jobs import rows
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.executions import Execution, Executions
from jobmill.jobs.job import Job, JobError
from jobmill.jobs.listing import due_jobs
from jobmill.jobs.starts import StartQueue
from jobmill.jobs.status import FINAL, GIVE_UP, Status
from jobmill.jobs.store import JobStore
from jobmill.log import logger

RECOVERIES = 3
"""How often a job is given to another worker without a new checkpoint in between."""
LONGEST_WAIT = timedelta(hours=1)

LOST = JobError("worker-lost", "The worker fell silent; another one goes on.", kind=ErrorKind.INTERNAL, retryable=True)
CRASHED = JobError(
    "crashed",
    "The job made its worker crash again and again. Check its file and parameters, or tell the operator.",
    kind=ErrorKind.INTERNAL,
    retryable=True,
)


class Step(StrEnum):
    """What a look at a job leads to."""

    WAIT = "wait"
    SEND = "send"
    RESTART = "restart"
    RECOVER = "recover"
    CRASH = "crash"
    TIME_OUT = "time-out"


def next_step(job: Job, now: datetime, find: Callable[[Job], Execution]) -> Step:
    """What to do with a job under way whose `look_at` has passed. `find` is asked only for Queued jobs."""
    if job.status is Status.RUNNING:
        if job.lease_until is None or job.lease_until > now:
            return Step.WAIT
        if job.deadline is not None and job.deadline <= now:
            return Step.TIME_OUT
        return Step.CRASH if job.recoveries >= RECOVERIES else Step.RECOVER
    if not job.told:
        return Step.RESTART
    return {Execution.MISSING: Step.SEND, Execution.CLOSED: Step.RESTART, Execution.OPEN: Step.WAIT}[find(job)]


def next_look(job: Job, now: datetime, grace: timedelta) -> datetime:
    """When to look again at a job that gets on: at the end of its lease, else after twice the wait so far.

    From `grace` up to an hour.
    """
    if job.status is Status.RUNNING and job.lease_until is not None:
        return max(job.lease_until, now)
    return now + min(max(2 * (now - job.updated_at), grace), LONGEST_WAIT)


class Recovery:
    """Looks at jobs, and has those that are stuck go on."""

    def __init__(
        self,
        store: JobStore,
        starts: StartQueue,
        executions: Executions,
        *,
        grace: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._starts = starts
        self._executions = executions
        self._grace = grace
        self._clock = clock

    def due(self, claimed: int, waiting: int) -> Iterator[str]:
        """Ids of jobs whose `look_at` has passed, the longest due first: those that a worker has or had, then the rest.

        Of each shard at most `claimed` of these and `waiting` of those.
        """
        for which, limit in ((rows.Looked.CLAIMED, claimed), (rows.Looked.WAITING, waiting)):
            yield from due_jobs(which, self._clock(), limit)

    def look(self, job_id: str) -> Step | None:
        """Look at one job, and do what it needs; none if it has moved on by itself meanwhile."""
        try:
            job = self._store.get(job_id, whole=False)
            now = self._clock()
            if job.status in FINAL or job.look_at is None or job.look_at > now:
                return None
            step = next_step(job, now, self._executions.find)
            self._take(step, job, now)
        except (ChangeRefused, NotFound):
            return None
        if step is not Step.WAIT:
            logger.warning("job recovered", job_id=job.id, run=job.run, step=step)
        return step

    def _take(self, step: Step, job: Job, now: datetime) -> None:
        match step:
            case Step.WAIT | Step.SEND:
                self._store.postpone(job, next_look(job, now, self._grace), now)
                if step is Step.SEND:
                    self._starts.send(job)
            case Step.RESTART:
                self._go_on(job, self._store.restart(job, now))
            case Step.RECOVER:
                self._go_on(job, self._store.recover(job, LOST, now))
            case Step.CRASH:
                self._store.fail(GIVE_UP, job, CRASHED, now)
                self._executions.stop(job)
            case Step.TIME_OUT:
                self._store.fail(GIVE_UP, job, out_of_time(job), now)
                self._executions.stop(job)

    def _go_on(self, before: Job, after: Job) -> None:
        self._starts.send(after)
        self._executions.stop(before)


def out_of_time(job: Job) -> JobError:
    """The error of a job that worked longer than its run limit."""
    seconds = round(job.run_limit.total_seconds())
    return JobError(
        "run-limit",
        f"{job.type} timeout",
        details=f"The job worked longer than its limit of {seconds} s. Submit it again with a higher runLimitSeconds.",
        kind=ErrorKind.TIMEOUT,
        retryable=True,
    )
