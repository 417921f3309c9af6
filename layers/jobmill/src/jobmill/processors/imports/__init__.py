"""Import: an uploaded file becomes rows of a dataset's next version, by rules or as it is; bad rows are explained."""

from jobmill.processing.context import Context
from jobmill.processing.registry import Result, job_type
from jobmill.processors.imports.params import DatasetName, ImportParams, check_import

__all__ = ["DatasetName", "import_file"]


@job_type(
    "Import",
    params=ImportParams,
    check=check_import,
    description="Reads an uploaded CSV file or workbook into a dataset, and explains the rows that it cannot take.",
)
def import_file(context: Context[ImportParams]) -> Result:
    """Read the file into Parquet and publish it in the dataset's place, or with the dataset's rows.

    Gives `recordsProcessed` (rows met), `recordsCreated` (rows kept), `errors` (bad rows, left out), `firstErrors`, the
    `columns`, `ignoredColumns`, and how the file was read (`csv` or `sheet`); of corrections, `alreadyIn`, too. Lists
    errors.xlsx and errors.csv if rows were bad, also when it fails for them. Can go on in another process after each
    chunk of the file.

    Raises CallerError `too-many-errors`, `rows-rejected`, `no-valid-rows`, and as `order`, `source` and `columns` say.
    """
    # It loads DuckDB, and the API imports this module for the parameters.
    from jobmill.processors.imports.work import Work
    from jobmill.tables.engine import connect

    with connect(context.workspace) as connection:
        context.on_stop(connection.interrupt)
        work = Work(context, connection)
        work.read()
        return work.publish()
