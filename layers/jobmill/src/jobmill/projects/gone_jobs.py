"""What goes with a job that was deleted: its reports, its large values, its older events and its links."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from jobmill.jobs.changing import project_of_gone, tombstone
from jobmill.jobs.documents import documents_prefix
from jobmill.jobs.history import forget_rows
from jobmill.projects.leftovers import delete_objects, keys_under

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class GoneJob:
    """A job whose row was deleted, by whomever, as the row was."""

    job_id: str
    project_id: str
    report_keys: tuple[str, ...]
    may_have_documents: bool


class GoneJobs:
    """Removes what is left of them, from the table and from two buckets."""

    def __init__(self, s3: Callable[[], "S3Client"], datasets_bucket: str, reports_bucket: str) -> None:
        self._s3 = s3
        self._datasets_bucket = datasets_bucket
        self._reports_bucket = reports_bucket

    def remove(self, gone: GoneJob, forgotten_at: datetime) -> None:
        """Delete all of it, and have its tombstone there until `forgotten_at`, if its deletion (TTL's) laid none.

        Safe to repeat. Reports of attempts that completed nothing go by the bucket's lifecycle.
        """
        if project_of_gone(gone.job_id) is None:
            tombstone(gone.job_id, gone.project_id, forgotten_at).save()
        forget_rows(gone.job_id)
        if gone.report_keys:
            delete_objects(self._s3(), self._reports_bucket, gone.report_keys)
        if gone.may_have_documents:
            keys = keys_under(self._s3(), self._datasets_bucket, documents_prefix(gone.job_id))
            delete_objects(self._s3(), self._datasets_bucket, keys)
