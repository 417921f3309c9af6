"""A dataset version's files in S3: Parquet parts and the manifest that names them, under their attempt."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from jobmill.aws import is_missing
from jobmill.errors import Unprocessable
from jobmill.jobs.job import Job
from jobmill.projects.datasets import DatasetVersion, dataset_busy

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
    """What a version holds: `rows` in all, its columns in order, and its parts' keys in order.

    Parts may be those of the version before it, under the jobs that made them; a part that a version does not name
    any more never comes back in a later one. `schema` is the Table Schema, as JSON, that the dataset was made with;
    `open_rows` are the rows that failed and are not in yet, by the import that they first came with.
    """

    rows: int
    columns: tuple[DatasetColumn, ...]
    parts: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    open_rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    collected_until: Mapping[str, str] = field(default_factory=dict)
    """Of a dataset that a task collects: how far it has come, by what it collects from."""


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

    def manifest(self, version: DatasetVersion) -> Manifest | None:
        """The version's manifest; none if the version was removed meanwhile."""
        try:
            body = self._s3().get_object(Bucket=self._bucket, Key=version.manifest_key)["Body"].read()
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return _manifest_of(json.loads(body))

    def fetch(self, version: DatasetVersion, folder: Path, transferred: Transferred) -> tuple[Manifest, list[Path]]:
        """The version's manifest, and its parts downloaded into `folder`.

        Raises Unprocessable `version-not-found` if the version was removed meanwhile.
        """
        manifest = self.manifest(version)
        paths = None if manifest is None else self._download(manifest.parts, folder, transferred)
        if manifest is None or paths is None:
            raise Unprocessable(
                "version-not-found",
                f"Version {version.version} of the dataset {version.name} was just removed.",
                field="params.version",
            )
        return manifest, paths

    def fetch_parts(self, keys: Iterable[str], folder: Path, transferred: Transferred) -> list[Path]:
        """These parts, downloaded into `folder`. Raises DependencyError `dataset-busy` if one is gone."""
        paths = self._download(keys, folder, transferred)
        if paths is None:
            raise dataset_busy()
        return paths

    def delete(self, version: DatasetVersion, newer: DatasetVersion) -> None:
        """Delete the files of the version that the one after it, `newer`, does not name. Safe to repeat.

        Where a manifest is gone, another worker is further on, and has deleted the parts.
        """
        manifest, following = self.manifest(version), self.manifest(newer)
        if manifest is not None and following is not None:
            for key in sorted(set(manifest.parts) - set(following.parts)):
                self._s3().delete_object(Bucket=self._bucket, Key=key)
        self._s3().delete_object(Bucket=self._bucket, Key=version.manifest_key)

    def _download(self, keys: Iterable[str], folder: Path, transferred: Transferred) -> list[Path] | None:
        """The parts in files of different names, in the keys' order; none if one of them is not there."""
        paths = []
        for key in keys:
            # Job, attempt and part: the parts of several jobs have the same names.
            path = folder / "-".join(key.split("/")[-3:])
            try:
                self._s3().download_file(self._bucket, key, str(path), Callback=transferred)
            except ClientError as error:
                if is_missing(error):
                    return None
                raise
            paths.append(path)
        return paths


def _manifest_of(content: dict[str, Any]) -> Manifest:
    return Manifest(
        rows=content["rows"],
        columns=tuple(DatasetColumn(**column) for column in content["columns"]),
        parts=tuple(content["parts"]),
        schema=content.get("schema"),
        open_rows={job_id: tuple(rows) for job_id, rows in content.get("open_rows", {}).items()},
        collected_until=content.get("collected_until", {}),
    )


def _attempt_prefix(job: Job) -> str:
    return f"{job_prefix(job.project_id, job.id)}{job.run}-{job.attempt}/"
