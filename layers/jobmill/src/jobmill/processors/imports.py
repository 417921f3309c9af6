"""Import: an uploaded CSV becomes the next version of a dataset, typed, with its bad rows counted."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from jobmill.errors import Unprocessable
from jobmill.names import DATASET_NAME
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.uploads import get_upload
from jobmill.tables.csv_position import Position

DatasetName = Annotated[str, StringConstraints(pattern=f"^{DATASET_NAME.pattern}$")]

READ_SHARE = 80
"""Per cent of the progress that reading the file and storing its parts takes; publishing takes the rest."""


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
    `columns`. Raises the errors of `jobmill.tables.csv_reader`. Can go on in another process after each chunk of
    the file.
    """
    from jobmill.tables.csv_reader import CsvReading
    from jobmill.tables.engine import connect

    upload_id = context.params.upload_id
    # Sent again around the download, the file is noticed either way: by the next slice, or by this one.
    before = context.input_version(upload_id) if context.state is None else None
    source = context.input_file(upload_id)
    upload = before or context.input_version(upload_id)
    position, keys = _saved(context.state, upload)
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)

    def tell(done: int, total: int) -> None:
        context.progress(READ_SHARE * done, 100 * total, "Reading the file")

    reading = CsvReading(connection, source, position, on_progress=tell)
    for part in reading.parts():
        if part:
            keys.append(context.store_part(part, len(keys)))
            part.unlink()
        del keys[reading.position.parts :]
        if not reading.is_complete:
            context.checkpoint({"upload": upload, "position": reading.position.to_json(), "parts": list(keys)})
    table = reading.table()
    context.progress(READ_SHARE, 100, f"Storing {table.rows:,} rows")
    columns = tuple(DatasetColumn(column.name, column.type) for column in table.columns)
    context.publish_dataset(context.params.dataset, Manifest(table.rows, columns, tuple(keys)))
    return {
        "recordsProcessed": table.rows + table.bad_rows,
        "recordsCreated": table.rows,
        "errors": table.bad_rows,
        "columns": [{"name": column.name, "type": column.type} for column in columns],
    }


def _saved(state: Any, upload: str) -> tuple[Position | None, list[str]]:
    """What the last checkpoint saved: the position in the file, and the keys of the parts before it.

    Raises Unprocessable `upload-changed` if they are of another file than the upload is now.
    """
    if state is None:
        return None, []
    if state["upload"] != upload:
        raise Unprocessable(
            "upload-changed",
            "The file was uploaded again while it was being read. Retry the job to import the new one.",
            field="params.uploadId",
        )
    return Position.from_json(state["position"]), list(state["parts"])
