"""An attempt's watch: it keeps the lease, writes progress and checkpoints, and notices lost jobs and ends of time."""

import threading
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from jobmill.errors import AttemptLost, JobmillError, NotFound, RunLimitExceeded, SliceOver, StepTooLong
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.job import Job
from jobmill.jobs.recovery import out_of_time
from jobmill.jobs.store import JobStore
from jobmill.json_values import Json, dump_json
from jobmill.log import logger
from jobmill.settings import Settings


class Watch:
    """A thread beside the work, one look each `interval`; it alone writes to the row while the work goes on.

    Progress and checkpoints are kept and written at the next look (DynamoDB charges each write). When the job is
    cancelled, taken over or past its deadline, or the worker's own time is over, the registered interrupts are
    called and `check` raises.
    """

    def __init__(
        self,
        store: JobStore,
        job: Job,
        *,
        settings: Settings,
        clock: Callable[[], datetime],
        ends_at: datetime,
    ) -> None:
        self._store = store
        self._job = job
        self._settings = settings
        self._clock = clock
        self._ends_at = ends_at
        self._renewed_at = clock()
        self._slice_ends_at = self._renewed_at + settings.slice
        self._progress = job.progress
        self._message = job.progress_message
        self._state: Json = None
        self._begun_with: Json = None
        self._written: tuple[int | None, str | None, Json] = (self._progress, self._message, None)
        self._interrupts: tuple[Callable[[], None], ...] = ()
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
        """Why the work must stop: AttemptLost, RunLimitExceeded or StepTooLong; none while it may go on."""
        return self._verdict

    @property
    def state(self) -> Json:
        """The newest checkpoint of this attempt; none while it is where it began."""
        return None if self._state == self._begun_with else self._state

    def begin(self, state: Json) -> None:
        """The work begins from `state`, the last checkpoint; only another one tells that it gets on."""
        self._state = self._begun_with = state

    def checkpoint(self, state: Json) -> None:
        """Keep `state` for the job's next worker. Raises the verdict, and SliceOver at the slice's end.

        Raises ValueError or TypeError for what is no JSON.
        """
        self.check()
        dump_json(state)
        self._state = state
        if self._clock() >= self._slice_ends_at:
            raise SliceOver

    def check(self) -> None:
        """Raise the verdict, if there is one. Costs nothing; call it often."""
        if self._verdict is not None:
            raise self._verdict

    def report(self, percent: int, message: str | None) -> None:
        """Raise the progress to `percent`; a lower value is ignored. Raises the verdict, if there is one."""
        self.check()
        self._progress = max(self._progress or 0, min(percent, 99))
        self._message = message or self._message

    def on_stop(self, interrupt: Callable[[], None]) -> None:
        """Call `interrupt` as soon as the work must stop, and at each look for as long as it does not.

        It is called from another thread; what it raises is logged.
        """
        self._interrupts = (*self._interrupts, interrupt)
        if self._verdict is not None:
            self._interrupt()

    def _run(self) -> None:
        while not self._stop.wait(self._settings.progress_interval.total_seconds()):
            if self._verdict is None:
                self._verdict = self._look()
            if self._verdict is not None:
                self._interrupt()

    def _interrupt(self) -> None:
        for interrupt in self._interrupts:
            try:
                interrupt()
            except Exception as error:  # a processor's own code, which must not stop the watch
                logger.info("interrupt failed", job_id=self._job.id, error=repr(error))

    def _look(self) -> JobmillError | None:
        """Why the work must stop; none if it may go on, as far as the store can tell."""
        now = self._clock()
        if self._job.deadline is not None and now >= self._job.deadline:
            late = out_of_time(self._job)
            return RunLimitExceeded(late.code, late.message, details=late.details)
        if now >= self._ends_at:
            return _step_too_long(self._job)
        try:
            if self._is_still_owned(now):
                return None
        except (PynamoDBException, BotoCoreError, ClientError) as error:  # a live attempt outlasts a hiccup of AWS
            logger.warning("watch could not look", job_id=self._job.id, error=repr(error))
            return None
        except (ChangeRefused, NotFound):
            pass
        return AttemptLost(self._job.id)

    def _is_still_owned(self, now: datetime) -> bool:
        reported = (self._progress, self._message, self.state)
        if reported == self._written and now - self._renewed_at < self._settings.lease_renewal:
            return self._store.is_owned(self._job)
        progress, message, state = reported
        new_state = state if state != self._written[2] else None
        lease = self._settings.lease
        self._store.renew(self._job, progress=progress, message=message, checkpoint=new_state, lease=lease, now=now)
        self._written, self._renewed_at = reported, now
        return True


def _step_too_long(job: Job) -> StepTooLong:
    return StepTooLong(
        "step-too-long",
        f"One step of this {job.type} takes longer than a worker has. Make the file or the selection smaller.",
    )
