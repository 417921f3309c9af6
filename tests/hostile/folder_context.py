"""A job's context with a folder in the place of AWS."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, override

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processors.imports.params import ImportParams
from jobmill.projects.dataset_files import Manifest
from jobmill.projects.datasets import DatasetVersion


class FolderContext(Context[ImportParams]):
    """An import of the file `upload` in the workspace; `published` is what it makes of it."""

    def __init__(self, workspace: Path) -> None:
        params = ImportParams.model_validate({"uploadId": "upload", "dataset": "places"})
        job = cast("Any", SimpleNamespace(id="job", project_id="demo", params={}))
        nothing = cast("Any", None)
        super().__init__(params, job, None, workspace, nothing, nothing)
        self.kept = workspace / "kept"
        self.kept.mkdir()
        self.published: Manifest | None = None

    @override
    def progress(self, done: float, total: float, message: str | None = None) -> None: ...

    @override
    def checkpoint(self, state: Json) -> None: ...

    @override
    def on_stop(self, interrupt: Callable[[], None]) -> None: ...

    @override
    def input_file(self, upload_id: str) -> Path:
        return self.workspace / upload_id

    @override
    def input_version(self, upload_id: str) -> str:
        return "one"

    @override
    def dataset_head(self, name: str) -> tuple[DatasetVersion, Manifest] | None:
        return None

    @override
    def fetch_parts(self, keys: Sequence[str]) -> list[Path]:
        return [self.kept / key for key in keys]

    @override
    def store_part(self, path: Path, number: int) -> str:
        return self.keep_piece(path, f"{number}.parquet")

    @override
    def publish_dataset(
        self, name: str, manifest: Manifest, base: DatasetVersion | None = None, *, is_first: bool = False
    ) -> None:
        self.published = manifest

    @override
    def keep_piece(self, path: Path, name: str) -> str:
        (self.kept / name).write_bytes(path.read_bytes())
        return name

    @override
    def fetch_piece(self, key: str, name: str) -> Path:
        return self.kept / key

    @override
    def report(self, path: Path, name: str, export_type: str) -> None: ...
