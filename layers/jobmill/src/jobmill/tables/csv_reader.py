"""A CSV file becomes typed Parquet files, chunk by chunk.

The grammar stands in `csv_records`, the layout in `csv_layout`, the types in `column_types`, the cuts between the
chunks in `csv_chunks`. Bad rows (too few or too many cells, text after a closing quotation mark) are left out and
counted. An empty cell, quoted or not, is NULL; nothing else is: "NA" is Namibia. Blanks inside a cell are kept.
Blank lines are skipped, also in a file with one column, where `""` writes an empty cell; a row of empty cells is
a row.

DuckDB reads each chunk in one pass with the types that the first rows suggest, and stops at the first cell that
does not fit; only then the rows from there on are looked at for their types, and all is read once more. So the
types are those of the whole file, and each part's bytes depend on the file alone. DuckDB is believed only where it
is right (2.0.0, found by comparing with two other parsers): with several threads it invents rows out of quoted
line ends, so it reads with one; of an open quotation mark at the end and of mixed line ends it makes nothing or an
error, so `csv_chunks` and `csv_repair` see to these.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.column_types import infer, typed
from jobmill.tables.columns import Column, ColumnType, Table
from jobmill.tables.csv_chunks import Chunk, copy_chunk, next_chunk, rows_begin
from jobmill.tables.csv_layout import Layout, read_layout
from jobmill.tables.csv_position import Position, Types
from jobmill.tables.csv_records import MAX_RECORD_BYTES
from jobmill.tables.csv_repair import rewrite
from jobmill.tables.csv_scan import scan
from jobmill.tables.engine import PARQUET, identifier, literal

# About a second of work.
CHUNK_BYTES: Final = 32 << 20
SAMPLE_CELLS: Final = 50_000
# More rejects than these are not kept; the careful way counts them instead.
MAX_REJECTS: Final = 100_000
PROGRESS_INTERVAL_SECONDS: Final = 0.2

type Progress = Callable[[int, int], None]


class CsvReading:
    """The reading of one file, which can go on in another process from the `position` after any chunk."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Path,
        since: Position | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        """Begin to read `source`, or go on from `since`, a position in the same file.

        `source` is inside the connection's workspace, where all other files are made beside it.
        `on_progress(done, total)` is called in this thread, in bytes of `source`; what it raises stops the work.
        Raises CallerError with the codes of `csv_scan` (at the beginning only) and `csv_layout`.
        """
        if since is None:
            scan(source)
        self.layout = read_layout(source)
        self._start = Position(*rows_begin(source, self.layout.first_line, self.layout.delimiter))
        self.position = since or self._start
        self._connection = connection
        self._source = source
        self._size_bytes = source.stat().st_size
        self._on_progress = on_progress

    @property
    def is_complete(self) -> bool:
        """Whether no chunk is left to read."""
        return self.position.offset >= self._size_bytes

    def parts(self) -> Iterator[Path | None]:
        """Read chunk after chunk; gives each one's rows as a Parquet file (zstd), in the file's order.

        The file is the caller's, who removes it. `position` is then behind the chunk, and `position.parts` the
        number of parts so far, with this one. None if the chunk gives no part; if `position.parts` is smaller
        than before, the parts made so far are worth nothing.
        Raises CallerError with the codes of `csv_records`, and `rows-too-long`, `unreadable-csv`.
        """
        while not self.is_complete:
            chunk = next_chunk(self._source, self.position.offset, CHUNK_BYTES, self.layout.delimiter)
            reader = _ChunkReader(self._connection, self._source, self.layout, self.position, self._tell(chunk))
            try:
                outcome = reader.read(chunk)
            except duckdb.OutOfMemoryException as error:
                reader.part.unlink(missing_ok=True)
                raise _rows_too_long() from error
            self.position = self._behind(chunk, outcome)
            if not outcome.rows:
                reader.part.unlink(missing_ok=True)
            yield reader.part if outcome.rows else None

    def table(self) -> Table:
        """What was read, after the last part. Raises CallerError `header-only`, `no-valid-rows`."""
        rows, bad_rows, types = self.position.rows, self.position.bad_rows, self.position.types
        if types is None or not rows:
            raise _no_rows(bad_rows, self.layout)
        columns = zip(self.layout.names, types, strict=True)
        return Table(rows, bad_rows, tuple(Column(name, type_ or ColumnType.TEXT) for name, type_ in columns))

    def _behind(self, chunk: Chunk, outcome: "_Outcome") -> Position:
        line = self.position.line + outcome.lines
        if outcome.rows is None:
            if chunk.end == self._size_bytes or _are_texts(outcome.types):
                return replace(self._start, types=outcome.types)
            return Position(chunk.end, line, types=outcome.types, is_typing=True)
        return Position(
            chunk.end,
            line,
            self.position.rows + outcome.rows,
            self.position.bad_rows + outcome.bad_rows,
            self.position.parts + (outcome.rows > 0),
            outcome.types,
        )

    def _tell(self, chunk: Chunk) -> Callable[[float], None] | None:
        """Told a share of the chunk, tell the bytes of the file."""
        told = self._on_progress
        if told is None:
            return None
        return lambda share: told(chunk.begin + int((chunk.end - chunk.begin) * share), self._size_bytes)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a chunk gave: its types joined to those before; its rows, none if it was only looked at for types."""

    types: Types
    rows: int | None
    bad_rows: int = 0
    lines: int = 0


@dataclass(frozen=True, slots=True)
class _ChunkReader:
    """What stays the same while one chunk is read, perhaps in several tries."""

    connection: duckdb.DuckDBPyConnection
    source: Path
    layout: Layout
    position: Position
    on_share: Callable[[float], None] | None

    @property
    def part(self) -> Path:
        """The Parquet file."""
        return self.source.with_name(f"{self.source.name}.part.parquet")

    def read(self, chunk: Chunk) -> _Outcome:
        """Write `part` from the chunk, or find out its types if these are asked or a cell does not fit."""
        rows = self.source.with_name(f"{self.source.name}.rows.csv")
        clean = self.source.with_name(f"{self.source.name}.clean.csv")
        try:
            lines, is_plain = copy_chunk(self.source, chunk, self.layout.delimiter.join(self._columns()), rows)
            # In a file of one column DuckDB cannot tell a blank line from an empty cell.
            outcome = self._try(rows) if is_plain and len(self.layout.names) > 1 else None
            if outcome is None:
                bad_rows = rewrite(rows, clean, self.layout, self.position.line)
                outcome = self._try(clean)
                if outcome is None or outcome.bad_rows:
                    raise CallerError("unreadable-csv", "The file could not be read as a CSV table.")
                outcome = replace(outcome, bad_rows=bad_rows)
            return replace(outcome, lines=lines)
        finally:
            rows.unlink(missing_ok=True)
            clean.unlink(missing_ok=True)

    def _try(self, rows: Path) -> _Outcome | None:
        """Read a file with a header; None if DuckDB cannot be trusted with it."""
        width = len(self.layout.names)
        types = self.position.types
        try:
            if types is None:
                sample = f"(FROM {self._rows(rows)} LIMIT {max(100, SAMPLE_CELLS // width)})"
                types = tuple(infer(self.connection, sample, width))
            if not self.position.is_typing:
                try:
                    return self._copy(rows, types)
                except duckdb.InvalidInputException:  # a cell that does not fit, or rows that DuckDB cannot read
                    pass
            found = self._types(rows, types)
        except duckdb.InvalidInputException:
            return None
        if found is None or (found == types and not self.position.is_typing):
            return None
        return _Outcome(found, None)

    def _copy(self, rows: Path, types: Types) -> _Outcome | None:
        self._forget_rejects()
        names = [identifier(name) for name in self.layout.names]
        statement = f"COPY ({typed(self._rows(rows), types, names)}) TO {literal(str(self.part))} ({PARQUET})"
        copied = self._execute(statement)
        bad_rows = self._ragged_rows()
        if bad_rows is None:
            self.part.unlink()
            return None
        return _Outcome(types, copied, bad_rows)

    def _types(self, rows: Path, earlier: Types) -> Types | None:
        """The types of the rows joined to the earlier ones; a column without values here keeps its type."""
        if _are_texts(earlier):
            return earlier
        self._forget_rejects()
        found = infer(self.connection, self._rows(rows), len(earlier), earlier)
        if self._ragged_rows() is None:
            return None
        return tuple(type_ or before for type_, before in zip(found, earlier, strict=True))

    def _columns(self) -> list[str]:
        return [f"c{i}" for i in range(len(self.layout.names))]

    def _rows(self, path: Path) -> str:
        """SQL for the rows of `path`, as the text columns c0, c1 and so on; ragged rows become rejects."""
        columns = ", ".join(f"'{column}': 'VARCHAR'" for column in self._columns())
        return (
            f"read_csv({literal(str(path))}, auto_detect = false, header = true, parallel = false,"
            f" delim = {literal(self.layout.delimiter)}, quote = '\"', escape = '\"', columns = {{{columns}}},"
            f" max_line_size = {MAX_RECORD_BYTES},"
            f" store_rejects = true, rejects_limit = {MAX_REJECTS}, rejects_line_size_limit = 1)"
        )

    def _forget_rejects(self) -> None:
        for rejects in ("reject_errors", "reject_scans"):
            self.connection.execute(f"DROP TABLE IF EXISTS {rejects}")

    def _ragged_rows(self) -> int | None:
        """How many rows were left out; None if DuckDB met more than rows of the wrong length."""
        [(rows, errors, ragged)] = self.connection.execute(
            "SELECT count(DISTINCT line), count(*),"
            " count(*) FILTER (error_type IN ('MISSING COLUMNS', 'TOO MANY COLUMNS')) FROM reject_errors"
        ).fetchall()
        return int(rows) if errors == ragged and errors < MAX_REJECTS else None

    def _execute(self, statement: str) -> int:
        """Run a COPY and return its rows, telling the progress meanwhile."""
        if self.on_share is None:
            return int(self.connection.execute(statement).fetchall()[0][0])
        with ThreadPoolExecutor(1) as worker:
            running = worker.submit(lambda: self.connection.execute(statement).fetchall())
            try:
                while wait([running], PROGRESS_INTERVAL_SECONDS).not_done:
                    self.on_share(max(self.connection.query_progress(), 0.0) / 100)
            except BaseException:
                self.connection.interrupt()
                raise
        self.on_share(1.0)
        return int(running.result()[0][0])


def _are_texts(types: Types) -> bool:
    return all(type_ is ColumnType.TEXT for type_ in types)


def _rows_too_long() -> CallerError:
    return CallerError(
        "rows-too-long",
        "The texts in this file are too long to be read: two thousand rows of them do not fit into memory. "
        "Leave the columns with the longest texts out.",
    )


def _no_rows(bad_rows: int, layout: Layout) -> CallerError:
    if bad_rows == 0:
        return CallerError("header-only", "The file has a header, but no rows beneath it.")
    return CallerError(
        "no-valid-rows",
        f"None of the {bad_rows:,} rows has as many cells as the header, which has {len(layout.names)}. "
        "Is the first line really the header?",
    )
