"""The files of one attempt on their way between S3 and the workspace, stopped when the attempt must stop."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from jobmill.aws import is_missing
from jobmill.jobs.job import Job, StoredReport
from jobmill.names import safe_name
from jobmill.processing.watch import Watch
from jobmill.projects.dataset_files import DatasetFiles, Manifest
from jobmill.projects.datasets import DatasetVersion
from jobmill.projects.leftovers import work_prefix
from jobmill.projects.uploads import Upload, missing_upload
from jobmill.reports.storage import ReportFiles

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class FileStores:
    """The buckets that a processor works with."""

    s3: Callable[[], "S3Client"]
    uploads_bucket: str
    work_bucket: str
    datasets: DatasetFiles
    reports: ReportFiles


class Files:
    """Moves the files of one attempt; every block moved is a chance to stop."""

    def __init__(self, stores: FileStores, watch: Watch, clock: Callable[[], datetime]) -> None:
        self._stores = stores
        self._watch = watch
        self.now = clock

    def fetch_upload(self, upload: Upload, folder: Path) -> Path:
        """Download an upload. Raises CallerError `upload-missing` if it never came."""
        target = folder / "upload"
        with _came(upload):
            self._stores.s3().download_file(self._stores.uploads_bucket, upload.key, str(target), Callback=self._moved)
        return target

    def version_of(self, upload: Upload) -> str:
        """The entity tag of an upload's object: its form may be used again. Raises CallerError `upload-missing`."""
        with _came(upload):
            return self._stores.s3().head_object(Bucket=self._stores.uploads_bucket, Key=upload.key)["ETag"]

    def fetch_dataset(self, version: DatasetVersion, folder: Path) -> tuple[Manifest, list[Path]]:
        """Download a version's manifest and parts."""
        return self._stores.datasets.fetch(version, folder, self._moved)

    def manifest(self, version: DatasetVersion) -> Manifest | None:
        """A version's manifest; none if the version was removed."""
        return self._stores.datasets.manifest(version)

    def fetch_parts(self, keys: Sequence[str], folder: Path) -> list[Path]:
        """Download parts of datasets."""
        return self._stores.datasets.fetch_parts(keys, folder, self._moved)

    def store_part(self, job: Job, path: Path, number: int) -> str:
        """Upload a part of a new version; gives its key."""
        return self._stores.datasets.store_part(job, path, number, self._moved)

    def store_manifest(self, job: Job, manifest: Manifest) -> str:
        """Upload a new version's manifest; gives its key."""
        return self._stores.datasets.store_manifest(job, manifest)

    def keep_piece(self, job: Job, path: Path, name: str) -> str:
        """Upload a file of the work in progress; gives its key."""
        key = f"{work_prefix(job.id)}{job.run}-{job.attempt}/{safe_name(name)}"
        self._stores.s3().upload_file(str(path), self._stores.work_bucket, key, Callback=self._moved)
        return key

    def fetch_piece(self, key: str, target: Path) -> Path:
        """Download a kept file."""
        self._stores.s3().download_file(self._stores.work_bucket, key, str(target), Callback=self._moved)
        return target

    def store_report(self, job: Job, path: Path, name: str, export_type: str) -> StoredReport:
        """Upload a report."""
        return self._stores.reports.store(
            job,
            path,
            name=name,
            export_type=export_type,
            transferred=self._moved,
        )

    def _moved(self, _: int) -> None:
        self._watch.check()


@contextmanager
def _came(upload: Upload) -> Iterator[None]:
    """Whatever reads the upload's object. Raises CallerError `upload-missing` if there is none."""
    try:
        yield
    except ClientError as error:
        if is_missing(error):
            raise missing_upload(upload) from error
        raise
