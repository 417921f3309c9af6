"""A job's context without AWS: files are copied inside a folder, and nobody watches."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from bench.table import Files
from jobmill.jobs.job import Job, StoredReport
from jobmill.jobs.status import Status
from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import DatasetVersion

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_PART = "part-{:05d}.parquet"
_MANIFEST = "manifest.json"


class FolderContext[P](Context[P]):
    """What S3 and DynamoDB would have is in folders: the upload and the dataset in `files`, the rest in `made`.

    A copy stands for each transfer; progress and checkpoints are taken, and written nowhere.
    """

    def __init__(self, params: P, files: Files, workspace: Path, made: Path) -> None:
        unused = cast("Any", None)
        super().__init__(params, _job(), None, workspace, unused, unused)
        self._table = files
        self._made = made

    def progress(self, done: float, total: float, message: str | None = None) -> None:
        """Told to nobody."""

    def checkpoint(self, state: Json) -> None:
        """The work is one slice."""
        json.dumps(state)

    def check_cancelled(self) -> None:
        """Nobody cancels."""

    def on_stop(self, interrupt: Callable[[], None]) -> None:
        """Nobody stops the work."""

    def input_file(self, upload_id: str) -> Path:
        """The table."""
        return Path(shutil.copyfile(self._table.csv, self.workspace / "upload"))

    def input_version(self, upload_id: str) -> str:
        """It does not change."""
        return "1"

    def dataset(self, name: str, version: int | None = None) -> tuple[DatasetVersion, Manifest, list[Path]]:
        """The dataset, its parts copied into the workspace."""
        content = json.loads((self._table.dataset / _MANIFEST).read_text())
        columns = tuple(DatasetColumn(**column) for column in content["columns"])
        manifest = Manifest(content["rows"], columns, tuple(content["parts"]))
        found = DatasetVersion("bench", name, 1, _MANIFEST, manifest.rows, "job", _AT, 1, "Bench")
        return found, manifest, [_copy(part, self.workspace) for part in self._table.parts]

    def dataset_head(self, name: str, project_id: str | None = None) -> tuple[DatasetVersion, Manifest] | None:
        """There is none yet."""
        return None

    def fetch_parts(self, keys: Sequence[str]) -> list[Path]:
        """The parts that the job has stored."""
        return [_copy(self._made / key, self.workspace) for key in keys]

    def store_part(self, path: Path, number: int) -> str:
        """Keep a part."""
        return Path(shutil.copyfile(path, self._made / _PART.format(number))).name

    def publish_dataset(
        self,
        name: str,
        manifest: Manifest,
        base: DatasetVersion | None = None,
        *,
        is_first: bool = False,
        project_id: str | None = None,
    ) -> None:
        """Keep the manifest."""
        (self._made / _MANIFEST).write_text(json.dumps(asdict(manifest)))

    def keep_piece(self, path: Path, name: str) -> str:
        """Keep a file."""
        return Path(shutil.copyfile(path, self._made / name)).name

    def fetch_piece(self, key: str, name: str) -> Path:
        """The file that was kept."""
        return Path(shutil.copyfile(self._made / key, self.workspace / name))

    def report(self, path: Path, name: str, export_type: str) -> None:
        """Keep a report."""
        shutil.copyfile(path, self._made / name)
        self.reports.append(StoredReport(name, name, "", path.stat().st_size, ""))


def _copy(path: Path, folder: Path) -> Path:
    return Path(shutil.copyfile(path, folder / path.name))


def _job() -> Job:
    return Job(
        id="bench",
        type="Bench",
        project_id="bench",
        status=Status.RUNNING,
        created_by="bench",
        created_by_name="Bench",
        created_at=_AT,
        updated_at=_AT,
        run_limit=timedelta(hours=1),
    )
