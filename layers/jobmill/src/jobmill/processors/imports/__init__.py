"""Import: an uploaded file becomes rows of a dataset's next version, by rules or as it is, and bad rows are explained."""

from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmill.errors import CallerError
from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processing.registry import Result, job_type
from jobmill.processors.imports.params import DatasetName, ImportParams, check_import

if TYPE_CHECKING:
    from jobmill.processors.imports.order import Order
    from jobmill.tables.csv_reader import CsvReading

__all__ = ["DatasetName", "import_file"]


@job_type("Import", params=ImportParams, check=check_import)
def import_file(context: Context[ImportParams]) -> Result:
    """Read the file into Parquet and publish it with, or instead of, the dataset's rows.

    Gives `recordsProcessed` (rows met), `recordsCreated` (rows kept), `errors` (bad rows, left out), the `firstErrors`,
    the `columns`, the `ignoredColumns`, and how the file was read (`csv` or `sheet`). Lists errors.xlsx and errors.csv if
    rows were bad, also when it fails for them. Can go on in another process after each chunk of the file.

    Raises `too-many-errors`, `rows-rejected`, `no-valid-rows`, and the errors of `source`, `columns`, `order`.
    """
    # What knows DuckDB is loaded where it is needed: the API imports this module for its parameters.
    from jobmill.processors.imports.work import Work

    work = Work(context)
    work.read()
    return work.publish()
