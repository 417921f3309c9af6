"""A workspace with its locked connection, and short ways to read, ask and write."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from jobmill.datasets.query import select
from jobmill.tables.about import About
from jobmill.tables.bad_rows import BadRow, read_bad_rows
from jobmill.tables.column_formats import column_formats
from jobmill.tables.columns import Table
from jobmill.tables.csv_encoding import to_utf8
from jobmill.tables.csv_layout import read_layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_reader import CHUNK_BYTES, CsvReading, Progress, Step
from jobmill.tables.data_digest import data_digest
from jobmill.tables.file_kind import kind_of
from jobmill.tables.filters import Filter, Order
from jobmill.tables.query import Query
from jobmill.tables.xlsx_cells import look_at
from jobmill.tables.xlsx_limits import EXCEL, SheetLimits
from jobmill.tables.xlsx_writer import share_out

ABOUT = About(
    project="demo",
    dataset="places",
    version=3,
    created_at=datetime(2026, 1, 15, 10, 30, tzinfo=UTC),
    author="Ann",
    columns=None,
    where=(),
    order_by=(),
)


def csv_text(rows: Iterable[Iterable[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    """The rows as Python's csv module writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def in_chunks(reading: CsvReading, chunk_bytes: int) -> Iterator[Step]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobmill.tables.csv_reader.CHUNK_BYTES", chunk_bytes)
        yield from reading.steps()


@dataclass
class Bench:
    """One workspace. `read` leaves its Parquet files as the table that `ask` asks."""

    folder: Path
    connection: duckdb.DuckDBPyConnection
    parts: list[Path] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)

    @property
    def parquet(self) -> Path:
        """The table's only file, if it has one part."""
        return self.folder / "table.parquet"

    def read(self, content: str | bytes, chunk_bytes: int = CHUNK_BYTES) -> Table:
        source = self.folder / "source.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.read_file(source, chunk_bytes=chunk_bytes)

    def read_file(self, source: Path, on_progress: Progress | None = None, chunk_bytes: int = CHUNK_BYTES) -> Table:
        assert kind_of(source) == "csv"
        text, _ = to_utf8(source)
        layout = read_layout(text)
        plan = Plan.of_all_columns(layout, "job")
        reading = CsvReading(self.connection, text, layout, plan, on_progress=on_progress)
        self.parts, self.bad_rows = [], []
        for step in in_chunks(reading, chunk_bytes):
            if step.part:
                kept = self.parquet if not self.parts else self.folder / f"table-{len(self.parts)}.parquet"
                self.parts.append(step.part.rename(kept))
            if step.bad_part:
                self.bad_rows += read_bad_rows(step.bad_part)
            del self.parts[reading.position.parts :]
            if not reading.position.bad_parts:
                self.bad_rows.clear()
        return reading.table()

    def ask(
        self, columns: list[str] | None = None, where: Sequence[Filter] = (), order_by: Sequence[Order] = ()
    ) -> Query:
        return select(self.connection, self.parts, columns, where, order_by)

    def rows(
        self, columns: list[str] | None = None, where: Sequence[Filter] = (), order_by: Sequence[Order] = ()
    ) -> list[tuple[Any, ...]]:
        return self.ask(columns, where, order_by).run("{query}")

    def make(self, select_sql: str) -> None:
        """Let the table be what `select_sql` gives."""
        self.connection.execute(f"COPY ({select_sql}) TO '{self.parquet}' (FORMAT parquet)")
        self.parts = [self.parquet]

    def workbooks(
        self,
        query: Query,
        name: str = "Data",
        schema: Mapping[str, object] | None = None,
        limits: SheetLimits = EXCEL,
        about: About = ABOUT,
    ) -> list[Path]:
        """Write the query's rows to workbooks, as an export does."""
        stored = query.store(self.folder / "in-order.parquet")
        rows, cells = look_at(stored.all(), column_formats(schema))
        sheets = stored.ranges(rows, limits.rows)
        digest = data_digest(sheets, self.folder / "data.csv")
        books = share_out(name, cells, rows, sheets, digest, limits)
        files = [self.folder / f"table-{number}.xlsx" for number in range(1, books.count + 1)]
        for number, file in enumerate(files, 1):
            books.write(number, file, about)
        stored.path.unlink()
        return files

    def workbook(self, query: Query | None = None, **options: Any) -> Any:
        """Write rows (all) to one workbook, and open it."""
        [file] = self.workbooks(query or self.ask(), **options)
        return openpyxl.load_workbook(file)

    def sheet(self, name: str = "Data") -> Any:
        """Write the whole table to a workbook, and read its first sheet."""
        return self.workbook(name=name).worksheets[0]
