"""Jobs whose messages ended among the dead letters: a row for each, so that they are listed without a scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from jobmill.jobs import conversions, rows
from jobmill.jobs.job import Job, JobSummary
from jobmill.jobs.lifecycle import POISONED
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import Status
from jobmill.log import logger
from jobmill.records import ExpiryAttribute, MomentAttribute, TableMeta, hash_key, is_refused, sort_key

_ROWS_AT_ONCE = 100


@dataclass(frozen=True)
class DeadLetter:
    """A job that failed as poison, at `at` in its run `run`."""

    job: JobSummary
    run: int
    at: datetime


class DeadLetterRow(Model):
    """Where a job is found that failed as poison. It may outlive that: only the job's row is the truth."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    run = NumberAttribute()
    type = UnicodeAttribute()
    at = MomentAttribute()
    expires_at = ExpiryAttribute()


def remember(job: Job) -> None:
    """Have a job listed that has failed as poison, for as long as it is kept. Safe to repeat."""
    row = DeadLetterRow(
        _key(job.project_id), job.id, run=job.run, type=job.type, at=job.completed_at, expires_at=job.expires_at
    )
    row.save()


def forget(job: Job) -> None:
    """No longer list a job, as it was when it had failed as poison. That this fails does no harm."""
    try:
        DeadLetterRow(_key(job.project_id), job.id).delete(condition=DeadLetterRow.run == job.run)
    except PynamoDBException as error:
        if not is_refused(error):
            logger.warning("dead letter not forgotten", job_id=job.id, error=str(error))


def dead_letters(project_id: str, limit: int, now: datetime) -> list[DeadLetter]:
    """At most `limit` jobs of the project that are still failed as poison, the newest first."""
    return list(islice(_dead_letters(project_id, now), limit))


def _dead_letters(project_id: str, now: datetime) -> Iterator[DeadLetter]:
    entries = DeadLetterRow.query(
        _key(project_id), scan_index_forward=False, consistent_read=True, page_size=_ROWS_AT_ONCE
    )
    names = [*conversions.SUMMARY_FIELDS, "error"]
    for part in batched(entries, _ROWS_AT_ONCE, strict=False):
        keys = [(rows.job_key(entry.sk), rows.SORT_KEY) for entry in part]
        jobs = {row.id: row for row in JobRow.batch_get(keys, consistent_read=True, attributes_to_get=names)}
        for entry in part:
            row = jobs.get(entry.sk)
            if row is not None and _is_poisoned(row, now):
                yield DeadLetter(conversions.summary_of(row), int(entry.run), entry.at)


def _is_poisoned(row: JobRow, now: datetime) -> bool:
    error = conversions.error_from_json(row.error)
    is_there = row.expires_at is None or row.expires_at > now
    return is_there and row.status == Status.FAILED and error is not None and error.code == POISONED.code


def _key(project_id: str) -> str:
    return f"dead-letters#{project_id}"
