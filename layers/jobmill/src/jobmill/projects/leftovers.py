"""What jobs leave in S3 that nobody will read: files of attempts that completed nothing, and work in progress."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jobmill.aws import is_missing
from jobmill.errors import DependencyError
from jobmill.projects.dataset_files import MANIFEST, job_prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

KEYS_AT_ONCE = 1000
"""What S3 deletes with one call."""
_ATTEMPT = re.compile(r"(\d+)-\d+/")


def work_prefix(job_id: str) -> str:
    """Where a job's work in progress lies; after it come its attempts, as `{run}-{attempt}/`."""
    return f"work/{job_id}/"


@dataclass(frozen=True)
class EndedRun:
    """A run that has ended, with the job's last attempt at that time."""

    job_id: str
    project_id: str
    run: int
    attempt: int
    is_completed: bool


class Leftovers:
    """Removes them from the bucket `bucket`, once the run that made them has ended."""

    def __init__(self, s3: Callable[[], "S3Client"], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def remove(self, ended: EndedRun) -> None:
        """Delete what this run and those before it left, but no file that a dataset version may name.

        Safe to repeat, also when the job has been retried since: files of later runs stay.
        """
        datasets = job_prefix(ended.project_id, ended.job_id)
        kept = self._published(ended) if ended.is_completed else set()
        for prefix in (work_prefix(ended.job_id), *([] if kept is None else [datasets])):
            keys = [key for key in self._keys(prefix, ended.run) if key not in (kept or ())]
            delete_objects(self._s3(), self._bucket, keys)

    def _published(self, ended: EndedRun) -> set[str] | None:
        """The files of the version that the run made: the attempt that completes a job stores the manifest.

        None if there is no manifest: the version was forgotten, and later ones may still name its parts.
        """
        key = f"{job_prefix(ended.project_id, ended.job_id)}{ended.run}-{ended.attempt}/{MANIFEST}"
        try:
            body = self._s3().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return {key, *json.loads(body)["parts"]}

    def _keys(self, prefix: str, last_run: int) -> Iterator[str]:
        for key in keys_under(self._s3(), self._bucket, prefix):
            of_attempt = _ATTEMPT.match(key.removeprefix(prefix))
            if of_attempt and int(of_attempt[1]) <= last_run:
                yield key


def keys_under(s3: "S3Client", bucket: str, prefix: str) -> Iterator[str]:
    """The keys of all objects that begin with `prefix`."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            yield entry["Key"]


def delete_objects(s3: "S3Client", bucket: str, keys: Iterable[str]) -> None:
    """Delete these objects; those that are gone already do no harm.

    Raises DependencyError `objects-not-deleted` if S3 keeps any of them.
    """
    for part in batched(keys, KEYS_AT_ONCE, strict=False):
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in part]
        kept = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True}).get("Errors")
        if kept:
            details = str(kept[0].get("Code"))
            raise DependencyError("objects-not-deleted", "Objects were not deleted. Try again.", details=details)
