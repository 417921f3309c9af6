"""`python -m bench.ours STEP FOLDER`: one job by its processor's own function, in a process of its own."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl  # noqa: F401

import jobmill.processors.imports.work
import jobmill.reports.validation_workbook
import jobmill.schemas.validation
import jobmill.tables.data_digest
import jobmill.tables.xlsx_writer  # noqa: F401
from bench.clock import cpu_seconds, tell
from bench.folder_context import FolderContext
from bench.rules import schema
from bench.table import Files
from jobmill.processing.registry import JobType
from jobmill.processors.exports import export_dataset
from jobmill.processors.imports import import_file
from jobmill.processors.validations import validate_dataset

# A processor is warm: the libraries above are there when a job comes.
_UPLOAD = {"uploadId": "upload", "dataset": "products"}
_STEPS: dict[str, tuple[JobType[Any], dict[str, Any]]] = {
    "import": (import_file, _UPLOAD),
    "import-by-schema": (import_file, _UPLOAD | {"schema": schema(holds=True)}),
    "import-bad-rows": (import_file, _UPLOAD | {"schema": schema()}),
    "validate": (validate_dataset, {"dataset": "products", "schema": schema()}),
    "export": (export_dataset, {"dataset": "products", "format": "xlsx"}),
}


def run(step: str, files: Files, made: Path) -> dict[str, Any]:
    """Do the job of `step` into the folder `made`; gives its result."""
    job_type, params = _STEPS[step]
    with tempfile.TemporaryDirectory(dir=files.folder) as workspace:
        context = FolderContext(job_type.params.model_validate(params), files, Path(workspace), made)
        return dict(job_type.work(context))


def main(step: str, folder: str) -> None:
    """Do the job, and tell."""
    began, files = cpu_seconds(), Files(Path(folder))
    if step == "make-dataset":
        result = run("import", files, files.made("dataset"))
    else:
        result = run(step, files, files.made(f"ours-{step}"))
    rows = result.get("recordsProcessed", result.get("rowsChecked"))
    tell(began, int(str(rows)), result.get("errors"))


if __name__ == "__main__":
    main(*sys.argv[1:])
