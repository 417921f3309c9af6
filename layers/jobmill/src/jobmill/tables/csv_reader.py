"""A CSV file becomes typed Parquet files, chunk by chunk.

The grammar stands in `csv_records`, the layout in `csv_layout`, the types in `column_types`, the rules' SQL in
`csv_rules`, the cuts between the chunks in `csv_chunks`. Bad rows (too few or too many cells, text after a closing
quotation mark, a broken rule) are left out and explained. An empty cell, quoted or not, is NULL; without rules nothing
else is: "NA" is Namibia. Blanks inside a cell are kept. Blank lines are skipped, also in a file with one column, where
`""` writes an empty cell; a row of empty cells is a row.

DuckDB reads each chunk in one pass, by the rules or with the types that the first rows suggest, and stops at the first
cell that does not fit. A chunk with rows that break rules, or are no rows, is read again with care. Without rules, the
rows from there on are looked at for their types, and all is read once more. So the types are those of the whole file,
and each part's bytes depend on the file alone. DuckDB is believed only where it is right (2.0.0, found by comparing
with two other parsers): with several threads it invents rows out of quoted line ends, so it reads with one; of an open
quotation mark at the end and of mixed line ends it makes nothing or an error, so `csv_chunks` and `csv_repair` see to
these.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType, Table
from jobmill.tables.csv_chunk_reader import ChunkReader, Outcome, are_texts
from jobmill.tables.csv_chunks import Chunk, next_chunk, rows_begin
from jobmill.tables.csv_layout import Layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_position import Position

# About a second of work.
CHUNK_BYTES: Final = 32 << 20

type Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """What a chunk gave: a Parquet file of its rows (zstd), and a file of its bad rows; none where there are none."""

    part: Path | None
    bad_part: Path | None


class CsvReading:
    """The reading of one file, which can go on in another process from the `position` after any chunk."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: Path,
        layout: Layout,
        plan: Plan,
        since: Position | None = None,
        on_progress: Progress | None = None,
    ) -> None:
        """Begin to read `source` (UTF-8), or go on from `since`, a position in the same file.

        `source` is inside the connection's workspace, where all other files are made beside it.
        `on_progress(done, total)` is called in this thread, in bytes of `source`; what it raises stops the work.
        Corrections are read as one chunk.
        """
        offset, line = rows_begin(source, layout.first_line, layout.dialect)
        self._start = Position(offset, line, layout.first_row + 1)
        self.position = since or self._start
        self._layout = layout
        self._plan = plan
        self._connection = connection
        self._source = source
        self._size_bytes = source.stat().st_size
        self._on_progress = on_progress

    @property
    def is_complete(self) -> bool:
        """Whether no chunk is left to read."""
        return self.position.offset >= self._size_bytes

    def steps(self) -> Iterator[Step]:
        """Read chunk after chunk; gives what each one made, in the file's order.

        The files are the caller's, who removes them. `position` is then behind the chunk, and `position.parts` and
        `bad_parts` the numbers of files so far, with these. If they are smaller than before, the files made so far
        are worth nothing.
        Raises CallerError with the codes of `csv_records`, and `rows-too-long`, `unreadable-csv`.
        """
        while not self.is_complete:
            chunk_bytes = self._size_bytes if self._plan.corrections else CHUNK_BYTES
            chunk = next_chunk(self._source, self.position.offset, chunk_bytes, self._layout.dialect)
            reader = ChunkReader(
                self._connection, self._source, self._layout, self._plan, self.position, self._tell(chunk)
            )
            try:
                outcome = reader.read(chunk)
            except duckdb.OutOfMemoryException as error:
                reader.part.unlink(missing_ok=True)
                raise _rows_too_long() from error
            self.position = self._behind(chunk, outcome)
            if not outcome.rows:
                reader.part.unlink(missing_ok=True)
            if not outcome.bad_rows:
                reader.bad_part.unlink(missing_ok=True)
            yield Step(reader.part if outcome.rows else None, reader.bad_part if outcome.bad_rows else None)

    def table(self) -> Table:
        """What was read, after the last step. Raises CallerError `header-only`, `no-valid-rows`."""
        rows, bad_rows, types = self.position.rows, self.position.bad_rows, self.position.types
        is_known = self._plan.corrections is not None and self._plan.corrections.already_in > 0
        if not rows and not is_known:
            raise _no_rows(bad_rows)
        if self._plan.rules:
            types = tuple(field.type for field in self._plan.rules.fields)
        columns = zip(self._plan.names, types or (), strict=True)
        return Table(rows, bad_rows, tuple(Column(name, type_ or ColumnType.TEXT) for name, type_ in columns))

    def _behind(self, chunk: Chunk, outcome: Outcome) -> Position:
        line, row = self.position.line + outcome.lines, self.position.row + outcome.sheet_rows
        if outcome.rows is None:
            assert outcome.types is not None
            if chunk.end == self._size_bytes or are_texts(outcome.types):
                return replace(self._start, types=outcome.types)
            return Position(chunk.end, line, row, types=outcome.types, is_typing=True)
        return Position(
            chunk.end,
            line,
            row,
            self.position.rows + outcome.rows,
            self.position.bad_rows + outcome.bad_rows,
            self.position.parts + (outcome.rows > 0),
            self.position.bad_parts + (outcome.bad_rows > 0),
            outcome.types,
        )

    def _tell(self, chunk: Chunk) -> Callable[[float], None] | None:
        """Told a share of the chunk, tell the bytes of the file."""
        told = self._on_progress
        if told is None:
            return None
        return lambda share: told(chunk.begin + int((chunk.end - chunk.begin) * share), self._size_bytes)


def _rows_too_long() -> CallerError:
    return CallerError(
        "rows-too-long",
        "The texts in this file are too long to be read: two thousand rows of them do not fit into memory. "
        "Leave the columns with the longest texts out.",
    )


def _no_rows(bad_rows: int) -> CallerError:
    if bad_rows == 0:
        return CallerError("header-only", "The file has a header, but no rows beneath it.")
    return CallerError(
        "no-valid-rows",
        f"No row can be taken: {bad_rows:,} {'is' if bad_rows == 1 else 'are'} bad, and errors.xlsx says why. "
        "Is the first line really the header?",
    )
