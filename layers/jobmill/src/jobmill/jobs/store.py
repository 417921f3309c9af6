"""The job store: the only writer of job rows. Every change is one conditional write."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import size

from jobmill.jobs import conversions, rows
from jobmill.jobs.changing import ChangeRefused, JobExists, JobRows, no_such_job
from jobmill.jobs.documents import Documents, is_pointer
from jobmill.jobs.history import ended, happened
from jobmill.jobs.job import EventKind, Job, JobError, StoredReport
from jobmill.jobs.publication import Publication
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import (
    ATTACH,
    CANCEL,
    CLAIM,
    COMPLETE,
    DESTROY,
    FAIL,
    POSTPONE,
    RECOVER,
    RELEASE,
    RENEW,
    RESTART,
    RETRY,
    TELL,
    UPDATE,
    Change,
    Fence,
    Status,
)
from jobmill.jobs.writes import former_params, known, next_attempt, next_run, note_documents, removals
from jobmill.json_values import Json, dump_json
from jobmill.log import logger
from jobmill.records import is_refused


class JobStore:
    """Job rows in DynamoDB. Times come from the caller; reads are consistent."""

    def __init__(self, documents: Documents, retention_of: Callable[[str], timedelta], start_grace: timedelta) -> None:
        self._documents = documents
        self._rows = JobRows(documents)
        self._retention_of = retention_of
        self._start_grace = start_grace

    def create(self, job: Job) -> Job:
        """Put a new job, Queued or, of type Custom, Running; gives it as it is now.

        Raises JobExists if its id is taken.
        """
        look_at = job.lease_until or job.created_at + self._start_grace
        row = conversions.new_row(job, look_at)
        row.data = self._documents.write(job.id, "data", job.data)
        row.internal_data = self._documents.write(job.id, "internal_data", job.internal_data)
        row.has_documents = any(text is not None and is_pointer(text) for text in (row.data, row.internal_data)) or None
        try:
            row.save(condition=JobRow.pk.does_not_exist())
        except PutError as error:
            if is_refused(error):
                raise JobExists("job-exists", f"There is already a job {job.id}.") from error
            raise
        logger.info("[JOB] Created: %s", job.id, job_id=job.id, type=job.type, project_id=job.project_id)
        return replace(job, look_at=look_at)

    def get(self, job_id: str, *, whole: bool = True) -> Job:
        """The job as it is now. Raises NotFound for unknown and malformed ids alike.

        Unless `whole`, nothing is read from S3, and large free JSON is left out.
        """
        return self._rows.get(job_id, whole=whole)

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
            return self._rows.write(CLAIM, job_id, fences, next_attempt(job_id, owner, lease, now), now)
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
        return self._rows.write(RENEW, job.id, {Fence.ATTEMPT: job.attempt}, actions, now)

    def complete(
        self,
        job: Job,
        *,
        result: dict[str, Json],
        reports: tuple[StoredReport, ...] | None,
        publication: Publication | None,
        now: datetime,
    ) -> None:
        """End the attempt's job as Completed, and publish in the same write. The files are in S3 by now.

        Without `reports` those stay that it has. Raises ChangeRefused if the attempt no longer owns it,
        PublicationRefused if only the publication was refused: then nothing at all was written. Repeating it after a
        lost answer does no harm.
        """
        actions: list[Any] = [
            *self._rows.text_actions(job.id, {"result": result}),
            JobRow.progress.set(100),
            *self._ended(job, EventKind.COMPLETED, now, reports=reports),
        ]
        fences = {Fence.ATTEMPT: job.attempt}
        try:
            if publication is None:
                self._rows.write(COMPLETE, job.id, fences, actions, now)
            else:
                self._rows.write_with(publication, COMPLETE, job.id, fences, actions, now)
        except ChangeRefused as refused:
            if not (refused.job.status is Status.COMPLETED and refused.job.attempt == job.attempt):
                raise
        logger.info("[JOB] Completed: %s", job.id, job_id=job.id, run=job.run, attempt=job.attempt)

    def fail(
        self,
        change: Change,
        job: Job,
        error: JobError,
        now: datetime,
        reports: tuple[StoredReport, ...] | None = None,
        *,
        keeps_progress: bool = True,
        internal_data: Json = None,
    ) -> Job:
        """End the job as Failed, by FAIL (its own attempt, which may have reports), SETTLE or GIVE_UP (as read).

        Unless it keeps its progress, that goes back to 0, and `failed_at_progress` has it. None as `reports` leaves
        those it has, none as `internal_data` what there is.
        """
        actions = [
            JobRow.error.set(conversions.error_to_json(error)),
            *self._ended(job, EventKind.FAILED, now, reports=reports, error=error),
            *self._rows.text_actions(job.id, {"internal_data": internal_data}),
        ]
        if not keeps_progress:
            actions += [JobRow.failed_at_progress.set(JobRow.progress | 0), JobRow.progress.set(0)]
        try:
            failed = self._rows.write(change, job.id, known(change, job), actions, now)
        except ChangeRefused as refused:
            if change is FAIL and refused.job.status is Status.FAILED and refused.job.attempt == job.attempt:
                return refused.job
            raise
        logger.info("[JOB] Failed: %s", job.id, job_id=job.id, run=job.run, attempt=job.attempt, code=error.code)
        return failed

    def cancel(self, job: Job, now: datetime, by: str | None = None) -> Job:
        """End the job, as read, as Cancelled. Raises ChangeRefused if it has moved since."""
        actions = self._ended(job, EventKind.CANCELLED, now, by=by)
        return self._rows.write(CANCEL, job.id, known(CANCEL, job), actions, now)

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
            *removals("started_at", "completed_at", "expires_at", "failed_at_progress"),
        ]
        if dump_json(params) != dump_json(job.params):
            former = former_params(job, self._documents)
            actions += [JobRow.former_params.set(JobRow.former_params.append([former])), JobRow.params.set(params)]
            actions += note_documents(former.params)
        return self._rows.write(RETRY, job.id, known(RETRY, job), actions, now)

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
            return self._rows.write(RELEASE, job.id, known(RELEASE, job), actions, now)
        except ChangeRefused as refused:
            if refused.job.status is Status.QUEUED and refused.job.attempt == job.attempt:
                return refused.job
            raise

    def tell(self, job: Job, now: datetime) -> None:
        """Record that the machine knows of the release. Raises ChangeRefused if the job has gone on already."""
        actions = [JobRow.told.set(True), JobRow.look_shard.set(rows.look_shard(rows.Looked.WAITING, job.id))]
        self._rows.write(TELL, job.id, known(TELL, job), actions, now)

    def recover(self, job: Job, error: JobError, now: datetime) -> Job:
        """Queue the next run of a job, as read, whose worker is lost; progress and checkpoint stay."""
        actions = [
            *next_run(job, now + self._start_grace),
            JobRow.recoveries.add(1),
            *happened(job, EventKind.RECOVERED, now, error=error),
        ]
        return self._rows.write(RECOVER, job.id, known(RECOVER, job), actions, now)

    def restart(self, job: Job, now: datetime) -> Job:
        """Make a Queued job's next run, because the execution or the message of this one is lost."""
        actions = [*next_run(job, now + self._start_grace), *happened(job, EventKind.RESTARTED, now)]
        return self._rows.write(RESTART, job.id, known(RESTART, job), actions, now)

    def postpone(self, job: Job, look_at: datetime, now: datetime) -> None:
        """Look at the job, as read, at `look_at` again."""
        self._rows.write(POSTPONE, job.id, known(POSTPONE, job), [JobRow.look_at.set(look_at)], now)

    def update(self, job: Job, *, progress: int | None, data: Json, now: datetime) -> Job:
        """Raise the progress of a Running job, and replace its data; what is none stays. Gives the job as it is now.

        A lower progress than the job has is ignored. Raises ChangeRefused.
        """
        actions = self._rows.text_actions(job.id, {"data": data})
        only_if = None
        if progress is not None:
            actions.append(JobRow.progress.set(progress))
            only_if = JobRow.progress.does_not_exist() | (JobRow.progress <= progress)
        try:
            return self._rows.write(UPDATE, job.id, known(UPDATE, job), actions, now, only_if=only_if)
        except ChangeRefused as refused:
            if refused.job.status is not Status.RUNNING or refused.job.attempt != job.attempt:
                raise
            return refused.job if data is None else self.update(job, progress=None, data=data, now=now)

    def attach(self, job: Job, report: StoredReport, now: datetime) -> Job:
        """Add a report to those that the job, as read, has. Raises ChangeRefused if they have changed since."""
        actions = [JobRow.reports.set(JobRow.reports.append([conversions.report_map(report)]))]
        as_read = size(JobRow.reports) == len(job.reports)
        return self._rows.write(ATTACH, job.id, known(ATTACH, job), actions, now, only_if=as_read)

    def destroy(self, job: Job, forgotten_at: datetime) -> None:
        """Delete the row of an ended job, as read; what else belongs to it goes by the table's stream.

        Until `forgotten_at` it is known that the job was there. Raises ChangeRefused if it has moved since, NotFound
        if it is gone.
        """
        self._rows.delete(DESTROY, job, known(DESTROY, job), forgotten_at)

    def _ended(self, job: Job, kind: EventKind, now: datetime, **what: Any) -> list[Any]:
        return ended(job, kind, now, self._retention_of(job.type), **what)

    def _checkpoint_actions(self, job: Job, checkpoint: Json) -> list[Any]:
        changed = None if checkpoint == job.checkpoint else checkpoint
        actions = self._rows.text_actions(job.id, {"checkpoint": changed})
        return [*actions, JobRow.recoveries.set(0)] if actions else []
