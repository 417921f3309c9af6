"""A dataset version's files in S3: Parquet parts and the manifest that names them, under their attempt."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jobmill.aws import is_missing
from jobmill.errors import Unprocessable
from jobmill.jobs.job import Job
from jobmill.projects.datasets import DatasetVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST = "manifest.json"

type Transferred = Callable[[int], None]
"""Called with the number of bytes moved since the last call; what it raises stops the transfer."""


@dataclass(frozen=True)
class DatasetColumn:
    """A column: its name as in the file, and its type (text, integer, number, boolean, date, timestamp)."""

    name: str
    type: str


@dataclass(frozen=True)
class Manifest:
    """What a version holds: `rows` in all, its columns in order, and its parts' keys in order."""

    rows: int
    columns: tuple[DatasetColumn, ...]
    parts: tuple[str, ...] = ()


def job_prefix(project_id: str, job_id: str) -> str:
    """Where all dataset files of a job lie; after it come its attempts, as `{run}-{attempt}/`."""
    return f"datasets/{project_id}/{job_id}/"


class DatasetFiles:
    """Puts, fetches and deletes the files of versions in the bucket `bucket`."""

    def __init__(self, s3: Callable[[], "S3Client"], bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def store_part(self, job: Job, path: Path, number: int, transferred: Transferred) -> str:
        """Upload a part; gives its key. Visible to nobody until a manifest that names it is published."""
        key = f"{_attempt_prefix(job)}part-{number:05d}.parquet"
        self._s3().upload_file(str(path), self._bucket, key, Callback=transferred)
        return key

    def store_manifest(self, job: Job, manifest: Manifest) -> str:
        """Upload the manifest of stored parts; gives its key. Visible to nobody until published."""
        key = f"{_attempt_prefix(job)}{MANIFEST}"
        body = json.dumps(asdict(manifest))
        self._s3().put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return key

    def fetch(self, version: DatasetVersion, folder: Path, transferred: Transferred) -> tuple[Manifest, list[Path]]:
        """The version's manifest, and its parts downloaded into `folder`.

        Raises Unprocessable `version-not-found` if the version was removed meanwhile.
        """
        try:
            manifest = self._manifest(version)
            paths = [folder / key.rpartition("/")[2] for key in manifest.parts]
            for key, path in zip(manifest.parts, paths, strict=True):
                self._s3().download_file(self._bucket, key, str(path), Callback=transferred)
        except ClientError as error:
            if not is_missing(error):
                raise
            raise Unprocessable(
                "version-not-found",
                f"Version {version.version} of the dataset {version.name} was just removed.",
                field="params.version",
            ) from error
        return manifest, paths

    def delete(self, version: DatasetVersion) -> None:
        """Delete the version's files. Safe to repeat."""
        try:
            keys = [*self._manifest(version).parts, version.manifest_key]
        except ClientError as error:
            if is_missing(error):
                return
            raise
        for key in keys:
            self._s3().delete_object(Bucket=self._bucket, Key=key)

    def _manifest(self, version: DatasetVersion) -> Manifest:
        body = self._s3().get_object(Bucket=self._bucket, Key=version.manifest_key)["Body"].read()
        content = json.loads(body)
        columns = tuple(DatasetColumn(**column) for column in content["columns"])
        return Manifest(content["rows"], columns, tuple(content["parts"]))


def _attempt_prefix(job: Job) -> str:
    return f"{job_prefix(job.project_id, job.id)}{job.run}-{job.attempt}/"
