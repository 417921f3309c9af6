"""The job and its parts, as everything above the store sees them: frozen, typed, without AWS."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from jobmill.errors import ErrorKind
from jobmill.jobs.status import Status
from jobmill.json_values import Json

MAX_RUN_LIMIT = timedelta(days=1)
"""Longer than any import or export takes; a run's slices would go on to weeks, and reports outlive jobs by as much."""
CUSTOM = "Custom"
"""The type of jobs without a machine: only calls of the program that made one change it (`jobs.operations`)."""


class Outcome(StrEnum):
    """How an attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CONTINUED = "continued"
    """It was a slice: the job goes on from its checkpoint."""
    RETRIED = "retried"
    """It failed in a way that may pass; the machine sends the job again."""
    LOST = "lost"
    """Its worker fell silent."""


class EventKind(StrEnum):
    """What happened to a job."""

    CREATED = "created"
    STARTED = "started"
    """A worker took it. Told by the end of its attempt, or by the row while it goes on."""
    CONTINUED = "continued"
    BACKED_OFF = "backed-off"
    """An attempt failed in a way that may pass."""
    RECOVERED = "recovered"
    """The worker was lost; the next run goes on from the checkpoint."""
    RESTARTED = "restarted"
    """The start or the message was lost; the next run begins."""
    RETRIED = "retried"
    """A person wanted it again; the next run begins."""
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    FAILED = "failed"


OUTCOMES = {
    EventKind.COMPLETED: Outcome.COMPLETED,
    EventKind.FAILED: Outcome.FAILED,
    EventKind.CANCELLED: Outcome.CANCELLED,
    EventKind.CONTINUED: Outcome.CONTINUED,
    EventKind.BACKED_OFF: Outcome.RETRIED,
    EventKind.RECOVERED: Outcome.LOST,
}
"""How the attempt ended that an event of this kind ended."""


@dataclass(frozen=True)
class JobError:
    """Why a job failed. `message` is for its user; `details` adds facts; neither holds a stack trace."""

    code: str
    message: str
    details: str | None = None
    kind: ErrorKind = ErrorKind.INTERNAL
    retryable: bool = False


@dataclass(frozen=True)
class StoredReport:
    """A file that a job made for a person, in the reports bucket under `key`; it lives for as long as the job."""

    name: str
    key: str
    content_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Attempt:
    """One taking of a job by a worker that has ended."""

    number: int
    run: int
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    error: JobError | None = None


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job, in its run `run`; never changed afterwards."""

    kind: EventKind
    at: datetime
    run: int
    attempt: int | None = None
    """The attempt that it ended, or, of `started`, the one that it began."""
    started_at: datetime | None = None
    """When the attempt that it ended had begun."""
    by: str | None = None
    """The name of the person who did it."""
    error: JobError | None = None


@dataclass(frozen=True)
class FormerParams:
    """The parameters that a job had in all runs up to `run`, before a retry edited them."""

    run: int
    params: Json


@dataclass(frozen=True, kw_only=True)
class JobSummary:
    """What a list shows of a job."""

    id: str
    type: str
    project_id: str
    status: Status
    created_by: str
    created_by_name: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    """When the first attempt began since the job was submitted or last retried; none before."""
    completed_at: datetime | None = None
    progress: int | None = None
    """Whole per cent, 0 to 100, never down within a run; none before the first report."""
    expires_at: datetime | None = None
    """From then on the job is gone; set with its end."""


@dataclass(frozen=True, kw_only=True)
class Job(JobSummary):
    """A request for work, with everything that the row knows of it."""

    run_limit: timedelta
    """Working time allowed to one run: waiting does not count."""
    run: int = 1
    """One execution of the state machine; a manual retry or a recovery makes the next."""
    pass_: int = 0
    """The least message of this run that may claim."""
    attempt: int = 0
    """The fence: one more at each claim, never reset."""
    version: int = 1
    """One more at each change of status; what counters and announcements go by."""
    owner: str | None = None
    lease_until: datetime | None = None
    deadline: datetime | None = None
    """When this attempt must stop, by the run limit."""
    told: bool = True
    """Whether the machine knows that the attempt gave the job back."""
    look_at: datetime | None = None
    """When the reconciler looks whether the job still gets on; of an ended one, when it is removed."""
    recoveries: int = 0
    claimed_at: datetime | None = None
    progress_message: str | None = None
    failed_at_progress: int | None = None
    """Where the progress was when `set_job_error` took it back to 0."""
    params: Json = None
    data: Json = None
    """Free, and public to the project."""
    internal_data: Json = field(default=None, repr=False)
    """Free, and never in any response, list or event."""
    checkpoint: Json = None
    result: Json = None
    error: JobError | None = None
    reports: tuple[StoredReport, ...] = ()
    events: tuple[Event, ...] = ()
    """The newest; the `archived` older ones lie in rows of their own."""
    archived: int = 0
    former_params: tuple[FormerParams, ...] = ()
    is_whole: bool = True
    """False: large free JSON, which lies in S3, was not read, and stands here as None."""

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """The attempts that `events` tells the ends of."""
        return attempts_of(self.events)

    def report(self, name: str) -> StoredReport | None:
        """The report of this name, if the job has one."""
        return next((report for report in self.reports if report.name == name), None)


def attempts_of(events: Iterable[Event]) -> tuple[Attempt, ...]:
    """The attempts that these events ended."""
    return tuple(
        Attempt(event.attempt, event.run, event.started_at, event.at, OUTCOMES[event.kind], event.error)
        for event in events
        if event.attempt is not None and event.started_at is not None
    )


def story(job: Job, events: Iterable[Event]) -> Iterator[Event]:
    """All that happened to a job, oldest first, from all its kept events: its beginning and each start as well."""
    yield Event(EventKind.CREATED, job.created_at, 1, by=job.created_by_name)
    for event in events:
        if event.attempt is not None and event.started_at is not None:
            yield Event(EventKind.STARTED, event.started_at, event.run, event.attempt)
        yield event
    if job.status is Status.RUNNING and job.claimed_at is not None:
        yield Event(EventKind.STARTED, job.claimed_at, job.run, job.attempt)


@dataclass(frozen=True)
class JobCounts:
    """How many jobs of a project are in each status."""

    by_status: Mapping[Status, int]

    @property
    def total(self) -> int:
        """The sum of all statuses, so that it can never disagree with them."""
        return sum(self.by_status.values())
