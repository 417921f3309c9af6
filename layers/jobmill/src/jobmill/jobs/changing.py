"""One conditional write of a job's row: the change's statuses and fences hold, or nothing is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from jobmill.errors import Conflict, Gone, NotFound
from jobmill.jobs import conversions, rows
from jobmill.jobs.documents import Documents, is_pointer, read_inline
from jobmill.jobs.ids import is_job_id
from jobmill.jobs.job import Job
from jobmill.jobs.publication import Publication, PublicationRefused
from jobmill.jobs.rows import JobRow, TombstoneRow
from jobmill.jobs.status import Change, Fence
from jobmill.jobs.writes import condition_of, moves, note_documents, transact
from jobmill.json_values import Json
from jobmill.records import is_refused


class ChangeRefused(Conflict):
    """The row is not in a condition for this change; nothing was written. `job` is the row as it is now."""

    def __init__(self, change: Change, job: Job) -> None:
        super().__init__("change-refused", f"The job is {job.status}; it cannot {change.name} now.")
        self.job = job


class JobExists(Conflict):
    """A job of this id is there already."""


class JobRows:
    """Reads and changes job rows. Times come from the caller; reads are consistent."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

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

    def write(
        self,
        change: Change,
        job_id: str,
        fences: dict[Fence, int],
        actions: list[Any],
        now: datetime,
        *,
        only_if: Condition | None = None,
    ) -> Job:
        """Write the change with these actions, behind its fences (and `only_if`). Raises ChangeRefused, NotFound."""
        row = JobRow(rows.job_key(job_id), rows.SORT_KEY)
        try:
            row.update(actions + moves(change, job_id, now), condition=_all(condition_of(change, fences), only_if))
        except PynamoDBException as error:
            if is_refused(error):
                raise ChangeRefused(change, self.get(job_id, whole=False)) from error
            raise
        return self._job(row, whole=False)

    def write_with(
        self,
        publication: Publication,
        change: Change,
        job_id: str,
        fences: dict[Fence, int],
        actions: list[Any],
        now: datetime,
    ) -> None:
        """Like `write`, with a publication in the same transaction. Raises PublicationRefused, too."""
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

    def delete(self, change: Change, job: Job, fences: dict[Fence, int], forgotten_at: datetime) -> None:
        """Delete the row, behind the change's fences, and lay down its tombstone. Raises ChangeRefused, NotFound."""

        def delete_job(transaction: TransactWrite) -> None:
            row = JobRow(rows.job_key(job.id), rows.SORT_KEY)
            transaction.delete(row, condition=condition_of(change, fences))

        def lay_tombstone(transaction: TransactWrite) -> None:
            transaction.save(tombstone(job.id, job.project_id, forgotten_at))

        try:
            transact(delete_job, lay_tombstone)
        except TransactWriteError as error:
            if is_refused(error):
                raise ChangeRefused(change, self.get(job.id, whole=False)) from error
            raise

    def text_actions(self, job_id: str, values: Mapping[str, Json]) -> list[Any]:
        """What sets these fields of free JSON; those without a value stay as they are."""
        texts = {name: self._documents.write(job_id, name, value) for name, value in values.items()}
        actions = [getattr(JobRow, name).set(text) for name, text in texts.items() if text is not None]
        return actions + note_documents(*texts.values())

    def _job(self, row: JobRow, *, whole: bool) -> Job:
        texts = (row.data, row.internal_data, row.checkpoint, row.result, *(each.params for each in row.former_params))
        is_whole = whole or not any(text is not None and is_pointer(text) for text in texts)
        return conversions.job_of(row, self._documents.read if whole else read_inline, is_whole=is_whole)


def _all(condition: Condition, other: Condition | None) -> Condition:
    return condition if other is None else condition & other


def require_not_gone(job_id: str) -> None:
    """Raise Gone `job-gone` for a job that was deleted, while that is remembered."""
    if project_of_gone(job_id) is not None:
        raise job_gone()


def project_of_gone(job_id: str) -> str | None:
    """The project that a deleted job was in, while that is remembered; none for any other id."""
    if not is_job_id(job_id):
        return None
    try:
        return TombstoneRow.get(rows.job_key(job_id), rows.GONE, consistent_read=True).project_id
    except TombstoneRow.DoesNotExist:
        return None


def tombstone(job_id: str, project_id: str, forgotten_at: datetime) -> TombstoneRow:
    """The tombstone of a job, until `forgotten_at`."""
    return TombstoneRow(rows.job_key(job_id), project_id=project_id, expires_at=forgotten_at)


def job_gone() -> Gone:
    """The error of a job that was there."""
    return Gone("job-gone", "The job is gone: it was deleted, or the time for which it was kept is over.")


def no_such_job() -> NotFound:
    """The error of a job that is not there, or not for who asks: the same for all."""
    return NotFound("job-not-found", "There is no such job.")
