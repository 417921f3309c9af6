"""Export: a version of a dataset, filtered and ordered, becomes a workbook or a CSV file."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.processors.imports import DatasetName
from jobmill.projects.datasets import get_version
from jobmill.tables.filters import Filter, Op, Order

MAX_FILTERS = 50
MAX_VERSION = 10**9
ColumnName = Annotated[str, StringConstraints(max_length=1000)]
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


class Condition(Params):
    """One condition; all of an export's conditions must hold. `value` is missing for isNull and notNull."""

    column: ColumnName
    op: Op
    value: str | int | float | bool | list[str | int | float | bool] | None = None


class Ordering(Params):
    """One column to order by."""

    column: ColumnName
    descending: bool = False


class ExportParams(Params):
    """Which dataset, version (none: the newest), columns (none: all), rows and order, in which format."""

    dataset: DatasetName
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None
    format: Literal["xlsx", "csv"] = "xlsx"
    columns: Annotated[list[ColumnName], Field(min_length=1)] | None = None
    where: Annotated[list[Condition], Field(max_length=MAX_FILTERS, default_factory=list)]
    order_by: Annotated[list[Ordering], Field(default_factory=list)]
    formula_safe: bool = True


def check_dataset(params: ExportParams, project_id: str, now: datetime) -> None:
    """Refuse a dataset or version that the project does not have."""
    get_version(project_id, params.dataset, params.version)


@job_type("Export", params=ExportParams, check=check_dataset)
def export_dataset(context: Context[ExportParams]) -> Result:
    """Write the chosen rows of the version to one file, and list it as the job's report.

    Gives `recordsProcessed` (rows written), `dataset`, `version`, `format` and the file's name.
    Raises the errors of `jobmill.datasets.query` and of the writers.

    An export of a dataset of several parts can go on in another process: as CSV without an order, after each part;
    as a workbook with an order, when the rows are sorted. Writing a workbook, and sorting, are one step each.
    """
    from jobmill.tables.engine import connect

    params, saved = context.params, _saved(context.state)
    version, manifest, parts = context.dataset(params.dataset, saved.version or params.version)
    context.progress(10, 100, f"Reading {version.rows:,} rows")
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)
    export = _Export(context, connection, parts, replace(saved, version=version.version))
    name = f"{params.dataset}-v{version.version}.{params.format}"
    target = context.workspace / name
    rows = export.write(target)
    context.progress(80, 100, f"Storing {rows:,} rows")
    context.report(target, name, CONTENT_TYPES[params.format], "exports")
    return {
        "recordsProcessed": rows,
        "dataset": params.dataset,
        "version": version.version,
        "format": params.format,
        "files": [name],
    }
