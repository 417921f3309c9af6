"""What a processor's author sees: the job's parameters, its files, and the ways to tell of progress."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jobmill.jobs.job import Job, StoredReport
from jobmill.json_values import Json
from jobmill.names import safe_name
from jobmill.processing.files import Files
from jobmill.processing.watch import Watch
from jobmill.projects.dataset_files import Manifest, job_prefix
from jobmill.projects.datasets import DatasetVersion, dataset_busy, get_version, newest_version
from jobmill.projects.uploads import get_upload


@dataclass(frozen=True)
class NewDataset:
    """What an attempt wants to publish: its files lie in S3, and become visible when the job completes.

    `base` is the version that it grew out of; none if it replaces whatever is the newest one then, or `is_first`.
    """

    name: str
    manifest_key: str
    rows: int
    base: DatasetVersion | None = None
    is_first: bool = False
    project_id: str | None = None
    """None: the job's."""


@dataclass
class Context[P]:
    """One attempt, as its work sees it.

    `workspace` is an empty folder of the attempt's own, gone after it. Everything that moves files raises
    AttemptLost, RunLimitExceeded or StepTooLong when the attempt must stop: let them pass, and SliceOver too.

    A job may take longer than one worker lives. Its work then calls `checkpoint` after each step, and begins from
    `state`, the last one saved (none at first): what an attempt did after its last checkpoint is done again.
    """

    params: P
    job: Job
    state: Json
    workspace: Path
    _watch: Watch
    _files: Files
    reports: list[StoredReport] = field(default_factory=list)
    new_dataset: NewDataset | None = None

    def progress(self, done: float, total: float, message: str | None = None) -> None:
        """Report that `done` of `total` is done (any unit); a lower share than before is ignored.

        Written at most once a second, and never as 100: that comes with the completion.
        """
        self._watch.report(int(100 * done / total) if total > 0 else 0, message)

    def checkpoint(self, state: Json) -> None:
        """From now on the job can go on from `state`, in another process too, with all files stored so far.

        Raises SliceOver when the attempt has worked for as long as a slice is: the next one goes on.
        """
        self._watch.checkpoint(state)

    def check_cancelled(self) -> None:
        """Raise AttemptLost, RunLimitExceeded or StepTooLong if the work must stop. Costs nothing."""
        self._watch.check()

    def on_stop(self, interrupt: Callable[[], None]) -> None:
        """Have `interrupt` called, from another thread, when the work must stop."""
        self._watch.on_stop(interrupt)

    def input_file(self, upload_id: str) -> Path:
        """The upload's file, fetched into the workspace.

        Raises Unprocessable `upload-not-found`, CallerError `upload-missing`.
        """
        upload = get_upload(upload_id, self.job.project_id, self._files.now())
        return self._files.fetch_upload(upload, self.workspace)

    def input_name(self, upload_id: str) -> str:
        """The name that the upload's sender gave its file: any text.

        Raises as `input_file`.
        """
        return get_upload(upload_id, self.job.project_id, self._files.now()).filename

    def input_version(self, upload_id: str) -> str:
        """What changes when somebody sends the upload's file again, as its form allows for an hour.

        Raises as `input_file`.
        """
        return self._files.version_of(get_upload(upload_id, self.job.project_id, self._files.now()))

    def dataset(self, name: str, version: int | None = None) -> tuple[DatasetVersion, Manifest, list[Path]]:
        """A version of a dataset (none: the newest), its manifest, and its Parquet files in the workspace.

        Raises Unprocessable `dataset-not-found`, `version-not-found`.
        """
        found = get_version(self.job.project_id, name, version)
        manifest, parts = self._files.fetch_dataset(found, self.workspace)
        return found, manifest, parts

    def dataset_head(self, name: str, project_id: str | None = None) -> tuple[DatasetVersion, Manifest] | None:
        """The newest version of a dataset with its manifest, its parts not fetched; none if there is none.

        `project_id` is for tasks, whose jobs are in a project of their own: none is the job's.
        Raises DependencyError `dataset-busy` if the version is being removed.
        """
        newest = newest_version(project_id or self.job.project_id, name)
        return None if newest is None else (newest, self._manifest(newest))

    def fetch_parts(self, keys: Sequence[str]) -> list[Path]:
        """Bring parts into the workspace: of a version's manifest, or stored by this job in an earlier slice.

        Raises DependencyError `dataset-busy` if one is gone, because its version was removed meanwhile.
        """
        return self._files.fetch_parts(keys, self.workspace)

    def store_part(self, path: Path, number: int) -> str:
        """Store a Parquet file as part `number` (from 0) of the dataset that the job makes; gives its key."""
        return self._files.store_part(self.job, path, number)

    def publish_dataset(
        self,
        name: str,
        manifest: Manifest,
        base: DatasetVersion | None = None,
        *,
        is_first: bool = False,
        project_id: str | None = None,
    ) -> None:
        """Make the stored parts that the manifest names the dataset's next version, once the job completes.

        Without a `base` the version replaces whatever is the newest then, or must be the first one (`is_first`). With
        one it grows out of that version, whose parts it may name too. If another job publishes first, this one goes on
        from its last checkpoint in another attempt (`dataset-busy`), so what depends on the base comes after that.
        Raises ValueError for a part of any other job or version.
        """
        own = job_prefix(self.job.project_id, self.job.id)
        others = {key for key in manifest.parts if not key.startswith(own)}
        if others and (base is None or base.name != name or not others <= set(self._manifest(base).parts)):
            raise ValueError(f"parts that are neither this job's nor the base's: {sorted(others)[:3]}")
        manifest_key = self._files.store_manifest(self.job, manifest)
        self.new_dataset = NewDataset(name, manifest_key, manifest.rows, base, is_first, project_id)

    def keep_piece(self, path: Path, name: str) -> str:
        """Store a file of the work in progress, for attempts after this one; gives its key."""
        return self._files.keep_piece(self.job, path, name)

    def fetch_piece(self, key: str, name: str) -> Path:
        """Bring a kept file back, as `name` in the workspace."""
        return self._files.fetch_piece(key, self.workspace / name)

    def report(self, path: Path, name: str, export_type: str) -> None:
        """Store a file for people under `name`, whose end says what it is; listed if this attempt completes the job.

        So reports come after the last checkpoint. They are listed too if the work then raises a CallerError.
        Raises ValueError for a name that is another report's, or differs from it only in letters that S3 keys lack.
        """
        if safe_name(name) in {safe_name(report.name) for report in self.reports}:
            raise ValueError(f"two reports of one name: {name}")
        self.reports.append(self._files.store_report(self.job, path, name, export_type))

    def _manifest(self, version: DatasetVersion) -> Manifest:
        manifest = self._files.manifest(version)
        if manifest is None:
            raise dataset_busy()
        return manifest
