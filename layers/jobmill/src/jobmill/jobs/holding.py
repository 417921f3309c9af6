"""Which job the code that runs now works on: how an operation by a job's id finds the attempt that it is part of."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from jobmill.jobs.job import Job, StoredReport


class Holder(Protocol):
    """An attempt, as operations need it."""

    job: Job
    """As it was claimed."""
    reports: list[StoredReport]
    """What the job lists when the attempt completes it."""

    def progress(self, done: float, total: float, message: str | None = None) -> None:
        """Report that `done` of `total` is done."""

    def check_cancelled(self) -> None:
        """Raise what ends the attempt, if it must stop."""


_holder: ContextVar[Holder | None] = ContextVar("holder", default=None)


@contextmanager
def holding(holder: Holder) -> Iterator[None]:
    """Everything inside is this attempt's work. A thread of its own is not, unless it runs in a copy of the context."""
    token = _holder.set(holder)
    try:
        yield
    finally:
        _holder.reset(token)


def current_holder() -> Holder | None:
    """The attempt that the caller is part of, if it is."""
    return _holder.get()


def holder_of(job_id: str) -> Holder | None:
    """The attempt at this job that the caller is part of; none outside it."""
    holder = _holder.get()
    return holder if holder is not None and holder.job.id == job_id else None
