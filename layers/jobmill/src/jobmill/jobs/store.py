"""The job store: the only writer of job rows. Every change is one conditional write."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import PutError, PynamoDBException, TransactWriteError
from pynamodb.transactions import TransactWrite

from jobmill.errors import Conflict, NotFound
from jobmill.jobs import conversions, rows
from jobmill.jobs.documents import Documents, is_pointer, read_inline
from jobmill.jobs.history import ended, happened
from jobmill.jobs.ids import is_job_id
from jobmill.jobs.job import EventKind, Job, JobError, StoredReport
from jobmill.jobs.publication import Publication, PublicationRefused
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import (
    CANCEL,
    CLAIM,
    COMPLETE,
    FAIL,
    POSTPONE,
    RECOVER,
    RELEASE,
    RENEW,
    RESTART,
    RETRY,
    TELL,
    Change,
    Fence,
    Status,
)
from jobmill.jobs.writes import condition_of, former_params, known, moves, next_attempt, next_run, removals, transact
from jobmill.json_values import Json, dump_json
from jobmill.records import is_refused


class ChangeRefused(Conflict):
    """The row is not in a condition for this change; nothing was written. `job` is the row as it is now."""

    def __init__(self, change: Change, job: Job) -> None:
        super().__init__("change-refused", f"The job is {job.status}; it cannot {change.name} now.")
        self.job = job


class JobExists(Conflict):
    """A job of this id is there already."""


class JobStore:
    """Job rows in DynamoDB. Times come from the caller; reads are consistent."""

    def __init__(self, documents: Documents, job_retention: timedelta, start_grace: timedelta) -> None:
        self._documents = documents
        self._job_retention = job_retention
        self._start_grace = start_grace

    def create(self, job: Job) -> Job:
        """Put a new Queued job; gives it as it is now. Raises JobExists if its id is taken."""
        look_at = job.created_at + self._start_grace
        row = conversions.new_row(job, look_at)
        row.data = self._documents.write(job.id, "data", job.data)
        row.internal_data = self._documents.write(job.id, "internal_data", job.internal_data)
        try:
            row.save(condition=JobRow.pk.does_not_exist())
            return replace(job, look_at=look_at)
        except PutError as error:
            if is_refused(error):
                raise JobExists("job-exists", f"There is already a job {job.id}.") from error
            raise

    def get(self, job_id: str, *, whole: bool = True) -> Job:
        """The job as it is now. Raises NotFound for unknown and malformed ids alike.

        Unless `whole`, nothing is read from S3, and large free JSON is left out.
        """
        if not is_job_id(job_id):
            raise no_such_job()
        try:
            row = JobRow.get(rows.job_key(job_id), rows.SORT_KEY, consistent_read=True)
        except JobRow.DoesNotExist as error:
            raise no_such_job() from error
        return self._job(row, whole=whole)

    def is_owned(self, job: Job) -> bool:
        """Whether the attempt of `job`, as claimed, still has it. Raises NotFound if the job is gone."""
        names = ["status", "attempt"]
        key = rows.job_key(job.id)
        try:
            row = JobRow.get(key, rows.SORT_KEY, consistent_read=True, attributes_to_get=names)
        except JobRow.DoesNotExist as error:
            raise no_such_job() from error
        return row.status == Status.RUNNING and row.attempt == job.attempt

    def claim(self, job_id: str, *, run: int, pass_: int, owner: str, lease: timedelta, now: datetime) -> Job:
        """Take a Queued job: attempt + 1, a lease, a deadline. Raises ChangeRefused, or NotFound.

        Repeating it with the same `owner`, because the answer was lost, gives the job again.
        """
        fences = {Fence.RUN: run, Fence.PASS: pass_}
        try:
            return self._write(CLAIM, job_id, fences, next_attempt(job_id, owner, lease, now), now)
        except ChangeRefused as refused:
            job = refused.job
            if job.status is Status.RUNNING and job.owner == owner and job.run == run:
                return job
            raise

    def renew(
        self,
        job: Job,
        *,
        progress: int | None,
        message: str | None,
        checkpoint: Json = None,
        lease: timedelta,
        now: datetime,
    ) -> Job:
        """Record progress, its message and a new checkpoint (none: not yet any), and lengthen the lease.

        Raises ChangeRefused.
        """
        actions = [JobRow.lease_until.set(now + lease), *self._checkpoint_actions(job, checkpoint)]
        if progress is not None:
            actions.append(JobRow.progress.set(progress))
        if message is not None:
            actions.append(JobRow.progress_message.set(message))
        return self._write(RENEW, job.id, {Fence.ATTEMPT: job.attempt}, actions, now)

    def complete(
        self,
        job: Job,
        *,
        result: dict[str, Json],
        reports: tuple[StoredReport, ...],
        publication: Publication | None,
        now: datetime,
    ) -> None:
        """End the attempt's job as Completed, and publish in the same write. The files are in S3 by now.

        Raises ChangeRefused if the attempt no longer owns it, PublicationRefused if only the publication
        was refused: then nothing at all was written. Repeating it after a lost answer does no harm.
        """
        actions: list[Any] = [
            JobRow.result.set(self._documents.write(job.id, "result", result) or "{}"),
            JobRow.progress.set(100),
            *ended(job, EventKind.COMPLETED, now, self._job_retention, reports=reports),
        ]
        fences = {Fence.ATTEMPT: job.attempt}
        try:
            if publication is None:
                self._write(COMPLETE, job.id, fences, actions, now)
            else:
                self._write_with(publication, COMPLETE, job.id, fences, actions, now)
        except ChangeRefused as refused:
            if not (refused.job.status is Status.COMPLETED and refused.job.attempt == job.attempt):
                raise

    def fail(
        self, change: Change, job: Job, error: JobError, now: datetime, reports: tuple[StoredReport, ...] = ()
    ) -> Job:
        """End the job as Failed, by FAIL (its own attempt, which may have reports), SETTLE or GIVE_UP (as read)."""
        actions = [
            JobRow.error.set(conversions.error_to_json(error)),
            *ended(job, EventKind.FAILED, now, self._job_retention, reports=reports, error=error),
        ]
        try:
            return self._write(change, job.id, known(change, job), actions, now)
        except ChangeRefused as refused:
            if change is FAIL and refused.job.status is Status.FAILED and refused.job.attempt == job.attempt:
                return refused.job
            raise

    def cancel(self, job: Job, now: datetime, by: str | None = None) -> Job:
        """End the job, as read, as Cancelled. Raises ChangeRefused if it has moved since."""
        actions = ended(job, EventKind.CANCELLED, now, self._job_retention, by=by)
        return self._write(CANCEL, job.id, known(CANCEL, job), actions, now)

    def retry(self, job: Job, params: Json, now: datetime, by: str | None = None) -> Job:
        """Queue the job's next run with `params`; what the last run left goes, its events stay.

        Raises ChangeRefused, and Conflict `too-many-edits`.
        """
        actions = [
            *next_run(job, now + self._start_grace),
            *happened(job, EventKind.RETRIED, now, by=by),
            JobRow.recoveries.set(0),
            JobRow.reports.set([]),
            *removals("result", "error", "progress", "progress_message", "checkpoint"),
            *removals("started_at", "completed_at", "expires_at"),
        ]
        if dump_json(params) != dump_json(job.params):
            former = former_params(job, self._documents)
            actions += [JobRow.former_params.set(JobRow.former_params.append([former])), JobRow.params.set(params)]
        return self._write(RETRY, job.id, known(RETRY, job), actions, now)

    def release(self, job: Job, *, pass_: int, error: JobError | None, checkpoint: Json = None, now: datetime) -> Job:
        """Give the job back for the message `pass_` of its run, after an `error` or a slice; tell the machine next."""
        kind = EventKind.CONTINUED if error is None else EventKind.BACKED_OFF
        used = (now - (job.claimed_at or now)) // timedelta(milliseconds=1)
        actions = [
            JobRow.pass_.set(pass_),
            JobRow.told.set(False),
            JobRow.time_left_ms.add(-used),
            JobRow.look_at.set(now + self._start_grace),
            *self._checkpoint_actions(job, checkpoint),
            *happened(job, kind, now, error=error),
        ]
        try:
            return self._write(RELEASE, job.id, known(RELEASE, job), actions, now)
        except ChangeRefused as refused:
            if refused.job.status is Status.QUEUED and refused.job.attempt == job.attempt:
                return refused.job
            raise

    def tell(self, job: Job, now: datetime) -> None:
        """Record that the machine knows of the release. Raises ChangeRefused if the job has gone on already."""
        actions = [JobRow.told.set(True), JobRow.look_shard.set(rows.look_shard(rows.Looked.WAITING, job.id))]
        self._write(TELL, job.id, known(TELL, job), actions, now)

    def recover(self, job: Job, error: JobError, now: datetime) -> Job:
        """Queue the next run of a job, as read, whose worker is lost; progress and checkpoint stay."""
        actions = [
            *next_run(job, now + self._start_grace),
            JobRow.recoveries.add(1),
            *happened(job, EventKind.RECOVERED, now, error=error),
        ]
        return self._write(RECOVER, job.id, known(RECOVER, job), actions, now)

    def restart(self, job: Job, now: datetime) -> Job:
        """Make a Queued job's next run, because the execution or the message of this one is lost."""
        actions = [*next_run(job, now + self._start_grace), *happened(job, EventKind.RESTARTED, now)]
        return self._write(RESTART, job.id, known(RESTART, job), actions, now)

    def postpone(self, job: Job, look_at: datetime, now: datetime) -> None:
        """Look at the job, as read, at `look_at` again."""
        self._write(POSTPONE, job.id, known(POSTPONE, job), [JobRow.look_at.set(look_at)], now)

    def _checkpoint_actions(self, job: Job, checkpoint: Json) -> list[Any]:
        text = None if checkpoint == job.checkpoint else self._documents.write(job.id, "checkpoint", checkpoint)
        return [] if text is None else [JobRow.checkpoint.set(text), JobRow.recoveries.set(0)]

    def _write(self, change: Change, job_id: str, fences: dict[Fence, int], actions: list[Any], now: datetime) -> Job:
        row = JobRow(rows.job_key(job_id), rows.SORT_KEY)
        try:
            row.update(actions + moves(change, job_id, now), condition=condition_of(change, fences))
        except PynamoDBException as error:
            if is_refused(error):
                raise ChangeRefused(change, self.get(job_id, whole=False)) from error
            raise
        return self._job(row, whole=False)

    def _write_with(
        self,
        publication: Publication,
        change: Change,
        job_id: str,
        fences: dict[Fence, int],
        actions: list[Any],
        now: datetime,
    ) -> None:
        all_actions = actions + moves(change, job_id, now)
        condition = condition_of(change, fences)

        def add_job(transaction: TransactWrite) -> None:
            row = JobRow(rows.job_key(job_id), rows.SORT_KEY)
            transaction.update(row, all_actions, condition=condition)

        try:
            transact(add_job, publication.add_to)
        except TransactWriteError as error:
            if not is_refused(error):
                raise
            job = self.get(job_id, whole=False)
            if job.status in change.sources and job.attempt == fences[Fence.ATTEMPT]:
                raise PublicationRefused("publication-refused", "Another job published first.") from error
            raise ChangeRefused(change, job) from error

    def _job(self, row: JobRow, *, whole: bool) -> Job:
        texts = (row.data, row.internal_data, row.checkpoint, row.result, *(each.params for each in row.former_params))
        is_whole = whole or not any(text is not None and is_pointer(text) for text in texts)
        return conversions.job_of(row, self._documents.read if whole else read_inline, is_whole=is_whole)


def no_such_job() -> NotFound:
    """The error of a job that is not there, or not for who asks: the same for all."""
    return NotFound("job-not-found", "There is no such job.")
