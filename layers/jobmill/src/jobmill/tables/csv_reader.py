"""A CSV file becomes a typed Parquet file.

The grammar stands in `csv_records`, the layout in `csv_layout`, the types in `column_types`. Bad rows (too few
or too many cells, text after a closing quotation mark) are left out and counted. An empty cell, quoted or not, is
NULL; nothing else is: "NA" is Namibia. Blanks inside a cell are kept. Blank lines are skipped, also in a file
with one column, where `""` writes an empty cell; a row of empty cells is a row.

DuckDB reads the file in one pass with the types that the first rows suggest, and stops at the first cell that
does not fit; only then all rows are looked at for their types. DuckDB is believed only where it is right
(2.0.0, found by comparing with two other parsers): with several threads it invents rows out of quoted line
ends, so it reads with one; of an open quotation mark at the end and of mixed line ends it makes nothing or an
error, so `csv_tail` and `csv_repair` see to these.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.column_types import infer, typed
from jobmill.tables.columns import Column, ColumnType, Table
from jobmill.tables.csv_layout import Layout, read_layout
from jobmill.tables.csv_records import MAX_RECORD_BYTES
from jobmill.tables.csv_repair import rewrite
from jobmill.tables.csv_scan import scan
from jobmill.tables.csv_tail import ends_outside_quotes
from jobmill.tables.engine import identifier, literal

SAMPLE_CELLS: Final = 50_000
# A row group is held in memory, uncompressed, until it is written. By rows alone (DuckDB's 122,880) a file with
# long texts would need gigabytes.
ROW_GROUP_BYTES: Final = 16_000_000
# More rejects than these are not kept; the careful way counts them instead.
MAX_REJECTS: Final = 100_000
PROGRESS_INTERVAL_SECONDS: Final = 0.2

type Progress = Callable[[int, int], None]
type Types = Sequence[ColumnType | None]


def read_csv(
    connection: duckdb.DuckDBPyConnection, source: Path, target: Path, on_progress: Progress | None = None
) -> Table:
    """Read the CSV file `source` into the Parquet file `target` (zstd), rows in the file's order.

    Both paths are inside the connection's workspace; an odd file is rewritten beside `target` on the way.
    `on_progress(done, total)` is called in this thread, in bytes of `source`; what it raises stops the work.
    Raises CallerError with the codes of `csv_scan`, `csv_layout` and `csv_records`, and `header-only`,
    `no-valid-rows`, `rows-too-long`, `unreadable-csv`. Repeating it writes the same bytes.
    """
    scanned = scan(source)
    layout = read_layout(source)
    reading = _Reading(connection, target, layout, scanned.size_bytes, on_progress)
    # In a file of one column DuckDB cannot tell a blank line from an empty cell.
    is_plain = layout.first_line == 1 and len(layout.names) > 1 and not scanned.may_have_padded_quotes
    try:
        table = None
        if is_plain and ends_outside_quotes(source, scanned, layout.delimiter):
            table = reading.read(source)
        if table is None:
            table = _read_carefully(reading, source)
    except duckdb.OutOfMemoryException as error:
        target.unlink(missing_ok=True)
        raise CallerError(
            "rows-too-long",
            "The texts in this file are too long to be read: two thousand rows of them do not fit into memory. "
            "Leave the columns with the longest texts out.",
        ) from error
    if table.rows == 0:
        target.unlink(missing_ok=True)
        raise _no_rows(table, layout)
    return table


def _read_carefully(reading: "_Reading", source: Path) -> Table:
    clean = reading.target.with_name(reading.target.name + ".clean.csv")
    try:
        bad_rows = rewrite(source, clean, reading.layout)
        table = reading.read(clean)
    finally:
        clean.unlink(missing_ok=True)
    if table is None or table.bad_rows:
        raise CallerError("unreadable-csv", "The file could not be read as a CSV table.")
    return Table(table.rows, bad_rows, table.columns)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What stays the same while one file is read, perhaps in several tries."""

    connection: duckdb.DuckDBPyConnection
    target: Path
    layout: Layout
    size_bytes: int
    on_progress: Progress | None

    def read(self, path: Path) -> Table | None:
        """Write `target` from `path`; None if DuckDB cannot be trusted with this file."""
        width = len(self.layout.names)
        rows = self._source(path, "ignore_errors = true")
        sample = f"(FROM {rows} LIMIT {max(100, SAMPLE_CELLS // width)})"
        try:
            types: Types = infer(self.connection, sample, width)
            try:
                return self._copy(path, types)
            except duckdb.InvalidInputException:
                types = infer(self.connection, rows, width, types)
                return self._copy(path, types)
        except duckdb.InvalidInputException:
            return None

    def _copy(self, path: Path, types: Types) -> Table | None:
        for rejects in ("reject_errors", "reject_scans"):
            self.connection.execute(f"DROP TABLE IF EXISTS {rejects}")
        rejecting = f"store_rejects = true, rejects_limit = {MAX_REJECTS}, rejects_line_size_limit = 1"
        names = [identifier(name) for name in self.layout.names]
        statement = (
            f"COPY ({typed(self._source(path, rejecting), types, names)}) TO {literal(str(self.target))}"
            f" (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES {ROW_GROUP_BYTES})"
        )
        rows = self._execute(statement)
        bad_rows = self._ragged_rows()
        if bad_rows is None:
            return None
        columns = zip(self.layout.names, types, strict=True)
        return Table(rows, bad_rows, tuple(Column(name, type_ or ColumnType.TEXT) for name, type_ in columns))

    def _source(self, path: Path, errors: str) -> str:
        """SQL for the rows of `path`, as the text columns c0, c1 and so on."""
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(self.layout.names)))
        return (
            f"read_csv({literal(str(path))}, auto_detect = false, header = true, parallel = false,"
            f" delim = {literal(self.layout.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}},"
            f" max_line_size = {MAX_RECORD_BYTES}, {errors})"
        )

    def _ragged_rows(self) -> int | None:
        """How many rows the last COPY left out; None if it met more than rows of the wrong length."""
        [(rows, errors, ragged)] = self.connection.execute(
            "SELECT count(DISTINCT line), count(*),"
            " count(*) FILTER (error_type IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')) FROM reject_errors"
        ).fetchall()
        return int(rows) if errors == ragged and errors < MAX_REJECTS else None

    def _execute(self, statement: str) -> int:
        """Run a COPY and return its rows, telling the progress meanwhile."""
        if self.on_progress is None:
            return int(self.connection.execute(statement).fetchall()[0][0])
        with ThreadPoolExecutor(1) as worker:
            running = worker.submit(lambda: self.connection.execute(statement).fetchall())
            try:
                while wait([running], PROGRESS_INTERVAL_SECONDS).not_done:
                    share = max(self.connection.query_progress(), 0.0) / 100
                    self.on_progress(int(self.size_bytes * share), self.size_bytes)
            except BaseException:
                self.connection.interrupt()
                raise
        self.on_progress(self.size_bytes, self.size_bytes)
        return int(running.result()[0][0])


def _no_rows(table: Table, layout: Layout) -> CallerError:
    if table.bad_rows == 0:
        return CallerError("header-only", "The file has a header, but no rows beneath it.")
    return CallerError(
        "no-valid-rows",
        f"None of the {table.bad_rows:,} rows has as many cells as the header, which has {len(layout.names)}. "
        "Is the first line really the header?",
    )
