"""Export: a version of a dataset, filtered and ordered, becomes workbooks, a CSV file or a Parquet file."""

import shutil
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, StringConstraints

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result, job_type
from jobmill.processors.imports import DatasetName
from jobmill.projects.dataset_files import Manifest
from jobmill.projects.datasets import DatasetVersion, get_version
from jobmill.tables.about import About, DataDigest
from jobmill.tables.column_formats import column_formats
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.filters import Filter, Op, Order
from jobmill.tables.xlsx_limits import EXCEL

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from jobmill.tables.query import Query, StoredRows
    from jobmill.tables.xlsx_writer import Workbooks

MAX_FILTERS = 50
MAX_VERSION = 10**9
COPY_BYTES = 1 << 20
LIMITS = EXCEL
ColumnName = Annotated[str, StringConstraints(max_length=1000)]


class Condition(Params):
    """One condition; all of an export's conditions must hold. `value` is missing for isNull and notNull."""

    column: Annotated[ColumnName, Field(description="The column that is looked at")]
    op: Annotated[Op, Field(description="How its value is compared")]
    value: Annotated[
        str | int | float | bool | list[str | int | float | bool] | None,
        Field(description="What it is compared with: a list for in, nothing for isNull and notNull"),
    ] = None


class Ordering(Params):
    """One column to order by."""

    column: Annotated[ColumnName, Field(description="The column to order by")]
    descending: Annotated[bool, Field(description="Whether the greatest value comes first")] = False


class ExportParams(Params):
    """Which dataset, version (none: the newest), columns (none: all), rows and order, in which format."""

    dataset: Annotated[DatasetName, Field(description="The dataset to export")]
    version: Annotated[
        Annotated[int, Field(ge=1, le=MAX_VERSION)] | None,
        Field(description="Which version of it; without one, the newest"),
    ] = None
    format: Annotated[
        Literal["xlsx", "csv", "parquet"],
        Field(description="xlsx for Excel, csv for any program, parquet for data tools"),
    ] = "xlsx"
    columns: Annotated[
        Annotated[list[ColumnName], Field(min_length=1)] | None,
        Field(description="The columns to export, in this order; without any, all of them"),
    ] = None
    where: Annotated[
        list[Condition],
        Field(max_length=MAX_FILTERS, default_factory=list, description="Only rows for which all of these hold"),
    ]
    order_by: Annotated[
        list[Ordering], Field(default_factory=list, description="How the rows are ordered; without it, as they came")
    ]
    formula_safe: Annotated[
        bool,
        Field(description="Whether texts in a CSV file that a spreadsheet would take for formulas get an apostrophe"),
    ] = True

    @property
    def filters(self) -> list[Filter]:
        """The conditions, for the engine."""
        return [Filter(each.column, each.op, each.value) for each in self.where]

    @property
    def orders(self) -> list[Order]:
        """The order, for the engine."""
        return [Order(each.column, each.descending) for each in self.order_by]


def check_dataset(params: ExportParams, project_id: str, now: datetime) -> None:
    """Refuse a dataset or version that the project does not have."""
    get_version(project_id, params.dataset, params.version)


@dataclass(frozen=True)
class Saved:
    """What a checkpoint saves, as the export goes: each format has steps of its own.

    `version` is the one that the export is of, `pieces` the keys of its finished parts. CSV: `rows` written so far.
    Workbooks: the key of the rows in their order, `stored`, and the data's `digest`.
    """

    version: int | None = None
    pieces: tuple[str, ...] = ()
    rows: int = 0
    stored: str | None = None
    digest: DataDigest | None = None


@dataclass(frozen=True)
class Asked:
    """What an export is made of."""

    version: DatasetVersion
    manifest: Manifest
    query: "Query"
    name: str
    """Of the files, without their ending."""


@job_type(
    "Export",
    params=ExportParams,
    check=check_dataset,
    description="Writes a dataset's rows, filtered and ordered as you choose, to an Excel, CSV or Parquet file.",
)
def export_dataset(context: Context[ExportParams]) -> Result:
    """Write the chosen rows of the version to files, and list them as the job's reports.

    Gives `recordsProcessed` (rows written), `dataset`, `version`, `format` and the `files`' names.
    Raises the errors of `jobmill.datasets.query` and of the writers.

    A large export can go on in another process: a CSV file without an order after each part, workbooks when their
    rows are laid down in order, and after each workbook. To sort, to write one workbook and to write a Parquet file is
    one step each.
    """
    from jobmill.tables.engine import connect

    params, saved = context.params, _saved(context.state)
    version, manifest, parts = context.dataset(params.dataset, saved.version or params.version)
    saved = replace(saved, version=version.version)
    context.progress(10, 100, f"Reading {version.rows:,} rows")
    connection = connect(context.workspace)
    context.on_stop(connection.interrupt)
    query = _ask(connection, parts, manifest, params)
    asked = Asked(version, manifest, query, f"{params.dataset}-v{version.version}")
    rows, files = WRITERS[params.format](context, asked, saved)
    context.progress(80, 100, f"Storing {rows:,} rows")
    for file in files:
        context.report(file, file.name, "exports")
    return {
        "recordsProcessed": rows,
        "dataset": params.dataset,
        "version": version.version,
        "format": params.format,
        "files": [file.name for file in files],
    }


def _ask(connection: "DuckDBPyConnection", parts: list[Path], manifest: Manifest, params: ExportParams) -> "Query":
    from jobmill.datasets.query import select

    table = [Column(column.name, ColumnType(column.type)) for column in manifest.columns]
    return select(connection, parts, params.columns, params.filters, params.orders, table=table)


def _write_parquet(context: Context[ExportParams], asked: Asked, saved: Saved) -> tuple[int, list[Path]]:
    target = context.workspace / f"{asked.name}.parquet"
    return asked.query.export(target), [target]


def _write_csv(context: Context[ExportParams], asked: Asked, saved: Saved) -> tuple[int, list[Path]]:
    """Write the file piece by piece, each of one part's rows; with an order all is one piece."""
    from jobmill.tables.csv_writer import write_csv

    pieces = [asked.query] if context.params.order_by else asked.query.by_part()
    paths = [context.workspace / f"piece-{number}.csv" for number in range(len(pieces))]
    for number, path in list(enumerate(paths))[len(saved.pieces) :]:
        rows = write_csv(pieces[number], path, context.params.formula_safe, header=number == 0)
        saved = replace(saved, rows=saved.rows + rows)
        context.progress(10 + 70 * (number + 1) / len(pieces), 100, f"Wrote {saved.rows:,} rows")
        if number + 1 < len(pieces):
            saved = replace(saved, pieces=(*saved.pieces, context.keep_piece(path, path.name)))
            context.checkpoint(_state(saved))
    target = context.workspace / f"{asked.name}.csv"
    with target.open("wb") as whole:
        for number, path in enumerate(paths):
            if not path.exists():
                context.fetch_piece(saved.pieces[number], path.name)
            with path.open("rb") as piece:
                shutil.copyfileobj(piece, whole, COPY_BYTES)
            path.unlink()
    return saved.rows, [target]


def _write_workbooks(context: Context[ExportParams], asked: Asked, saved: Saved) -> tuple[int, list[Path]]:
    """Write the workbooks one by one; those that are done, and the rows in their order, are kept."""
    saved, books = _share_out(context, asked, saved)
    ending = "-{}.xlsx" if books.count > 1 else ".xlsx"
    files = [context.workspace / f"{asked.name}{ending.format(number)}" for number in range(1, books.count + 1)]
    about = _about(context, asked)
    for number, file in list(enumerate(files, 1))[len(saved.pieces) :]:
        books.write(number, file, about)
        context.progress(20 + 60 * number / books.count, 100, f"Wrote {books.last_row(number):,} rows")
        if number < books.count:
            saved = replace(saved, pieces=(*saved.pieces, context.keep_piece(file, file.name)))
            context.checkpoint(_state(saved))
    for file, key in zip(files, saved.pieces, strict=False):
        if not file.exists():
            context.fetch_piece(key, file.name)
    return books.rows, files


def _share_out(context: Context[ExportParams], asked: Asked, saved: Saved) -> tuple[Saved, "Workbooks"]:
    """Decide what goes where, from the rows and their size; what that took is saved for the slices to come."""
    from jobmill.tables.data_digest import data_digest
    from jobmill.tables.xlsx_cells import look_at
    from jobmill.tables.xlsx_writer import share_out

    query, stored = asked.query, None
    if saved.stored or context.params.order_by:
        saved, stored = _lay_down(context, query, saved)
    rows, cells = look_at(stored.all() if stored else query, column_formats(asked.manifest.schema))
    if stored is None and rows > LIMITS.rows:
        saved, stored = _lay_down(context, query, saved)
    sheets = stored.ranges(rows, LIMITS.rows) if stored else [query]
    context.progress(15, 100, f"Reading {rows:,} rows")
    digest = saved.digest or data_digest(sheets if stored else query.by_part(), context.workspace / "data.csv")
    context.progress(20, 100, f"Writing {rows:,} rows")
    return replace(saved, digest=digest), share_out(context.params.dataset, cells, rows, sheets, digest, LIMITS)


def _lay_down(context: Context[ExportParams], query: "Query", saved: Saved) -> tuple[Saved, "StoredRows"]:
    """The rows in their order in a file; those of several parts are kept."""
    from jobmill.tables.query import StoredRows

    path = context.workspace / "in-order.parquet"
    if saved.stored:
        context.fetch_piece(saved.stored, path.name)
        return saved, StoredRows(query.connection, path, query.columns)
    stored = query.store(path)
    if len(query.parts) > 1:
        saved = replace(saved, stored=context.keep_piece(path, path.name))
        context.checkpoint(_state(saved))
    return saved, stored


def _about(context: Context[ExportParams], asked: Asked) -> About:
    params, version = context.params, asked.version
    return About(
        project=context.job.project_id,
        dataset=params.dataset,
        version=version.version,
        created_at=version.created_at,
        author=version.created_by_name or None,
        columns=params.columns,
        where=params.filters,
        order_by=params.orders,
    )


def _state(saved: Saved) -> Json:
    return asdict(saved) | {"pieces": list(saved.pieces)}


def _saved(state: Any) -> Saved:
    if state is None:
        return Saved()
    digest = DataDigest(**state["digest"]) if state["digest"] else None
    return Saved(**state | {"pieces": tuple(state["pieces"]), "digest": digest})


WRITERS = {"xlsx": _write_workbooks, "csv": _write_csv, "parquet": _write_parquet}
