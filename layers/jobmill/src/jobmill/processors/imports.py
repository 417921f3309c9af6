"""Import: an uploaded CSV becomes the next version of a dataset, typed, with its bad rows counted."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from jobmill.names import DATASET_NAME
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.uploads import get_upload

DatasetName = Annotated[str, StringConstraints(pattern=f"^{DATASET_NAME.pattern}$")]

READ_SHARE = 80
"""Per cent of the progress that reading the file takes; storing the dataset takes the rest."""


class ImportParams(Params):
    """`uploadId` of a finished upload in the project; `dataset` to replace with what the file holds."""

    upload_id: str
    dataset: DatasetName
    mode: Literal["replace"] = "replace"


def check_upload(params: ImportParams, project_id: str, now: datetime) -> None:
    """Refuse an upload that the project does not have."""
    get_upload(params.upload_id, project_id, now)


@job_type("Import", params=ImportParams, check=check_upload)
def import_file(context: Context[ImportParams]) -> Result:
    """Read the file into Parquet and publish it as the dataset's next version.

    Gives `recordsProcessed` (rows met), `recordsCreated` (rows kept), `errors` (bad rows, left out) and the
    `columns`. Raises the errors of `jobmill.tables.csv_reader`.
    """
    from jobmill.tables.csv_reader import read_csv
    from jobmill.tables.engine import connect

    source = context.input_file(context.params.upload_id)
    target = context.workspace / "part.parquet"
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)

    def tell(done: int, total: int) -> None:
        context.progress(READ_SHARE * done, 100 * total, "Reading the file")

    table = read_csv(connection, source, target, on_progress=tell)
    context.progress(READ_SHARE, 100, f"Storing {table.rows:,} rows")
    columns = tuple(DatasetColumn(column.name, column.type) for column in table.columns)
    key = context.store_part(target, 0)
    context.publish_dataset(context.params.dataset, Manifest(table.rows, columns, (key,)))
    return {
        "recordsProcessed": table.rows + table.bad_rows,
        "recordsCreated": table.rows,
        "errors": table.bad_rows,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
    }
