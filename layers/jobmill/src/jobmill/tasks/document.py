"""A task's document: what its last run came to, where its data is, and why it does not run, if it does not. Pure."""

from dataclasses import dataclass
from datetime import datetime

from jobmill.tasks.names import SaveIn, TaskStatus

NO_DATA = "no data to save"
"""What stands for the data of a task whose data is saved nowhere."""


@dataclass(frozen=True, kw_only=True)
class TaskDocument:
    """A task as its row has it; what was never set is none."""

    name: str
    # The last run
    source: str | None = None
    """Who began it: a schedule, a person, a program."""
    status: TaskStatus | None = None
    """How the last run is: running, completed or failed."""
    started: datetime | None = None
    completed: datetime | None = None
    timestamp: datetime | None = None
    """When the run last changed this."""
    error: str | None = None
    duration_ms: int | None = None
    job_id: str | None = None
    """The run's job, which alone may write its end."""
    attempt: int | None = None
    """Of the job: an attempt that was given up can write no end either."""
    next_job_id: str | None = None
    """The newest run that was asked for; it may not have begun."""
    asked_at: datetime | None = None
    # The data of the last run that completed
    version: int = 0
    """One more at each run that completed."""
    data: str | None = None
    """The data as JSON text, a link to it, or that there is none to save."""
    data_at: datetime | None = None
    saved_in: SaveIn | None = None
    storage_version: str | None = None
    """Of the object in the tasks' bucket."""
    records: int | None = None
    size_bytes: int | None = None
    # Its schedule
    schedule: str | None = None
    time_zone: str | None = None
    is_enabled: bool | None = None
    watched_since: datetime | None = None
    """When this schedule was first seen."""
    fired_at: datetime | None = None
    """The last slot for which the schedule fired, whatever became of it."""
    skipped: int = 0
    """Slots for which no run was begun, because one was under way."""
    skipped_at: datetime | None = None
    skipped_for: str | None = None
    """The job of the run that was under way."""
    # Why it does not run
    suspended_at: datetime | None = None
    suspended_by: str | None = None
    suspended_why: str | None = None
    not_ready: str | None = None
    """What is not configured, as it was last found."""

    @property
    def is_suspended(self) -> bool:
        """Whether no run of it may begin."""
        return self.suspended_at is not None or self.not_ready is not None

    @property
    def why_suspended(self) -> str:
        """Why not, in a sentence."""
        if self.suspended_at is None:
            return self.not_ready or ""
        by = f" by {self.suspended_by}" if self.suspended_by else ""
        why = f": {self.suspended_why.removesuffix('.')}" if self.suspended_why else ""
        return f"Suspended{by}{why}."
