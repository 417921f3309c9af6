"""An attempt's watch: it keeps the lease, writes progress, and notices that the job is lost or out of time."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from pynamodb.exceptions import PynamoDBException

from jobmill.errors import AttemptLost, JobmillError, NotFound, RunLimitExceeded
from jobmill.jobs.job import Job
from jobmill.jobs.recovery import out_of_time
from jobmill.jobs.store import ChangeRefused, JobStore
from jobmill.log import logger


class Watch:
    """A thread beside the work, one look each `interval`; it alone writes to the row while the work goes on.

    Progress is kept and written at the next look (DynamoDB charges each write). When the job is cancelled,
    taken over or past its deadline, the registered interrupts are called and `check` raises.
    """

    def __init__(
        self,
        store: JobStore,
        job: Job,
        *,
        lease: timedelta,
        renewal: timedelta,
        interval: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._job = job
        self._lease = lease
        self._renewal = renewal
        self._interval = interval
        self._clock = clock
        self._renewed_at = clock()
        self._progress = job.progress or 0
        self._message = job.progress_message
        self._written = (job.progress, job.progress_message)
        self._interrupts: list[Callable[[], None]] = []
        self._verdict: JobmillError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="attempt-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def verdict(self) -> JobmillError | None:
        """Why the work must stop: AttemptLost or RunLimitExceeded; none while it may go on."""
        return self._verdict

    def check(self) -> None:
        """Raise the verdict, if there is one. Costs nothing; call it often."""
        if self._verdict is not None:
            raise self._verdict

    def report(self, percent: int, message: str | None) -> None:
        """Raise the progress to `percent`; a lower value is ignored. Raises the verdict, if there is one."""
        self.check()
        self._progress = max(self._progress, min(percent, 99))
        self._message = message or self._message

    def on_stop(self, interrupt: Callable[[], None]) -> None:
        """Call `interrupt`, from another thread, once the work must stop."""
        self._interrupts.append(interrupt)
        if self._verdict is not None:
            interrupt()

    def _run(self) -> None:
        while self._verdict is None and not self._stop.wait(self._interval.total_seconds()):
            try:
                self._look()
            except (ChangeRefused, NotFound):
                self._end(AttemptLost(self._job.id))
            except PynamoDBException as error:  # a live attempt outlasts a hiccup of the store
                logger.warning("watch could not look", job_id=self._job.id, error=repr(error))

    def _look(self) -> None:
        now = self._clock()
        if self._job.deadline is not None and now >= self._job.deadline:
            late = out_of_time(self._job)
            self._end(RunLimitExceeded(late.code, late.message, details=late.details))
            return
        reported = (self._progress, self._message)
        if reported != self._written or now - self._renewed_at >= self._renewal:
            self._store.renew(self._job, progress=reported[0], message=reported[1], lease=self._lease, now=now)
            self._written, self._renewed_at = reported, now
            return
        if not self._store.is_owned(self._job):
            self._end(AttemptLost(self._job.id))

    def _end(self, verdict: JobmillError) -> None:
        self._verdict = verdict
        for interrupt in self._interrupts:
            interrupt()
