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
    """
    from jobmill.datasets.query import select
    from jobmill.tables.csv_writer import write_csv
    from jobmill.tables.engine import connect
    from jobmill.tables.xlsx_writer import write_xlsx

    params = context.params
    version, _, parts = context.dataset(params.dataset, params.version)
    context.progress(10, 100, f"Reading {version.rows:,} rows")
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)
    query = select(
        connection,
        parts,
        columns=params.columns,
        where=[Filter(each.column, each.op, each.value) for each in params.where],
        order_by=[Order(each.column, each.descending) for each in params.order_by],
    )
    name = f"{params.dataset}-v{version.version}.{params.format}"
    target = context.workspace / name
    if params.format == "xlsx":
        rows = write_xlsx(query, target, params.dataset)
    else:
        rows = write_csv(query, target, formula_safe=params.formula_safe)
    context.progress(80, 100, f"Storing {rows:,} rows")
    context.report(target, name, CONTENT_TYPES[params.format], "exports")
    return {
        "recordsProcessed": rows,
        "dataset": params.dataset,
        "version": version.version,
        "format": params.format,
        "files": [name],
    }
