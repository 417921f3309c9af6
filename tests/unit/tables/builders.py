"""A workspace with its locked connection, and short ways to read, ask and write."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from jobmill.datasets.query import select
from jobmill.tables.columns import Table
from jobmill.tables.csv_reader import read_csv
from jobmill.tables.filters import Filter, Order
from jobmill.tables.query import Query
from jobmill.tables.xlsx_writer import write_xlsx


def csv_text(rows: Iterable[Iterable[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    """The rows as Python's csv module writes them."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue()


@dataclass
class Bench:
    """One workspace. `read` leaves its Parquet file as the table that `ask` asks."""

    folder: Path
    connection: duckdb.DuckDBPyConnection

    @property
    def parquet(self) -> Path:
        return self.folder / "table.parquet"

    def read(self, content: str | bytes) -> Table:
        source = self.folder / "source.csv"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_csv(self.connection, source, self.parquet)

    def ask(
        self, columns: list[str] | None = None, where: Sequence[Filter] = (), order_by: Sequence[Order] = ()
    ) -> Query:
        return select(self.connection, [self.parquet], columns, where, order_by)

    def rows(
        self, columns: list[str] | None = None, where: Sequence[Filter] = (), order_by: Sequence[Order] = ()
    ) -> list[tuple[Any, ...]]:
        return self.ask(columns, where, order_by).run("{query}")

    def make(self, select_sql: str) -> None:
        """Let the table be what `select_sql` gives."""
        self.connection.execute(f"COPY ({select_sql}) TO '{self.parquet}' (FORMAT parquet)")

    def sheet(self, name: str = "Data") -> Any:
        """Write the whole table to a workbook, and read its only sheet."""
        write_xlsx(self.ask(), self.folder / "table.xlsx", name)
        return openpyxl.load_workbook(self.folder / "table.xlsx").active
