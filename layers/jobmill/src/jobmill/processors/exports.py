"""Export: a version of a dataset, filtered and ordered, becomes a workbook or a CSV file."""

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.processors.imports import DatasetName
from jobmill.projects.datasets import get_version
from jobmill.tables.filters import Filter, Op, Order

if TYPE_CHECKING:
    from jobmill.tables.query import Query

MAX_FILTERS = 50
MAX_VERSION = 10**9
COPY_BYTES = 1 << 20
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


@dataclass(frozen=True)
class Saved:
    """What a checkpoint saves: the version that the export is of, the rows written so far, the kept files' keys."""

    version: int | None = None
    rows: int = 0
    pieces: tuple[str, ...] = ()


@job_type("Export", params=ExportParams, check=check_dataset)
def export_dataset(context: Context[ExportParams]) -> Result:
    """Write the chosen rows of the version to one file, and list it as the job's report.

    Gives `recordsProcessed` (rows written), `dataset`, `version`, `format` and the file's name.
    Raises the errors of `jobmill.datasets.query` and of the writers.

    An export of several parts can go on in another process: a CSV file without an order after each part, a workbook
    with an order when its rows are sorted. To sort, and to write a workbook, is one step each.
    """
    from jobmill.datasets.query import select
    from jobmill.tables.engine import connect

    params, saved = context.params, _saved(context.state)
    version, _, parts = context.dataset(params.dataset, saved.version or params.version)
    saved = replace(saved, version=version.version)
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
    write = _write_workbook if params.format == "xlsx" else _write_csv
    rows = write(context, query, saved, target)
    context.progress(80, 100, f"Storing {rows:,} rows")
    context.report(target, name, CONTENT_TYPES[params.format], "exports")
    return {
        "recordsProcessed": rows,
        "dataset": params.dataset,
        "version": version.version,
        "format": params.format,
        "files": [name],
    }


def _write_csv(context: Context[ExportParams], query: "Query", saved: Saved, target: Path) -> int:
    """Write the file piece by piece, each of one part's rows; with an order all is one piece."""
    from jobmill.tables.csv_writer import write_csv

    pieces = [query] if context.params.order_by else query.by_part()
    paths = [context.workspace / f"piece-{number}.csv" for number in range(len(pieces))]
    for number, path in list(enumerate(paths))[len(saved.pieces) :]:
        rows = write_csv(pieces[number], path, context.params.formula_safe, header=number == 0)
        saved = replace(saved, rows=saved.rows + rows)
        context.progress(10 + 70 * (number + 1) / len(pieces), 100, f"Wrote {saved.rows:,} rows")
        if number + 1 < len(pieces):
            saved = replace(saved, pieces=(*saved.pieces, context.keep_piece(path, path.name)))
            context.checkpoint(_state(saved))
    with target.open("wb") as whole:
        for number, path in enumerate(paths):
            if not path.exists():
                context.fetch_piece(saved.pieces[number], path.name)
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, whole, COPY_BYTES)
            path.unlink()
    return saved.rows


def _write_workbook(context: Context[ExportParams], query: "Query", saved: Saved, target: Path) -> int:
    """Write the workbook; with an order over several parts, from a file of the sorted rows."""
    from jobmill.datasets.query import select
    from jobmill.tables.xlsx_writer import write_xlsx

    if context.params.order_by and len(query.parts) > 1:
        in_order = context.workspace / "in-order.parquet"
        if saved.pieces:
            context.fetch_piece(saved.pieces[0], in_order.name)
        else:
            query.store(in_order)
            context.checkpoint(_state(replace(saved, pieces=(context.keep_piece(in_order, in_order.name),))))
        query = select(query.connection, [in_order], None, (), ())
    return write_xlsx(query, target, context.params.dataset)


def _state(saved: Saved) -> Json:
    return {"version": saved.version, "rows": saved.rows, "pieces": list(saved.pieces)}


def _saved(state: Any) -> Saved:
    return Saved() if state is None else Saved(state["version"], state["rows"], tuple(state["pieces"]))
