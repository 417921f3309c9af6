"""One chunk of a CSV file becomes one Parquet file: the quick way if nothing is wrong in it, else the careful one."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from heapq import merge
from os import SEEK_END
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.bad_rows import BadRow, read_bad_rows, write_bad_rows
from jobmill.tables.column_types import infer, typed
from jobmill.tables.columns import ColumnType
from jobmill.tables.csv_chunks import Chunk, copy_chunk
from jobmill.tables.csv_layout import Layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_position import Position, Types
from jobmill.tables.csv_records import MAX_RECORD_BYTES, records
from jobmill.tables.csv_repair import Repair
from jobmill.tables.csv_rules import ROW, broken, find_repeated, good, has_repeats, plain, repeated
from jobmill.tables.engine import PARQUET, identifier, literal

SAMPLE_CELLS: Final = 50_000
# More rejects than these are not kept; the careful way counts them instead.
MAX_REJECTS: Final = 100_000
PROGRESS_INTERVAL_SECONDS: Final = 0.2

type OnShare = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chunk gave: its types joined to those before; its rows, none if it was only looked at for types.

    The chunk has `lines` lines, which are `sheet_rows` rows as Excel shows them.
    """

    types: Types | None
    rows: int | None
    bad_rows: int = 0
    lines: int = 0
    sheet_rows: int = 0


@dataclass(frozen=True, slots=True)
class ChunkReader:
    """What stays the same while one chunk is read, perhaps in several tries."""

    connection: duckdb.DuckDBPyConnection
    source: Path
    layout: Layout
    plan: Plan
    position: Position
    on_share: OnShare | None

    @property
    def part(self) -> Path:
        """The Parquet file of the good rows."""
        return self._beside("part.parquet")

    @property
    def bad_part(self) -> Path:
        """The file of the bad rows."""
        return self._beside("bad.jsonl")

    def read(self, chunk: Chunk) -> Outcome:
        """Write `part` and `bad_part` from the chunk, or find out its types if these are asked or a cell does not fit.

        Raises CallerError with the codes of `csv_records`, and `unreadable-csv`.
        """
        rows = self._beside("rows.csv")
        try:
            header = self.layout.dialect.delimiter.join(self._columns())
            lines, is_plain = copy_chunk(self.source, chunk, header, self.layout.dialect, rows)
            # In a file of one column DuckDB cannot tell a blank line from an empty cell.
            is_plain = is_plain and len(self._columns()) > 1 and not self.plan.corrections
            outcome = self._quickly(rows, lines) or self._by_lines(rows, lines) if is_plain else None
            outcome = outcome or self._carefully(rows, lines)
            return replace(outcome, lines=lines)
        finally:
            rows.unlink(missing_ok=True)

    def _quickly(self, rows: Path, lines: int) -> Outcome | None:
        """Read a chunk in which nothing is wrong; none if something is."""
        outcome = self._if_all_hold(rows) if self.plan.rules else self._by_types(rows)
        if outcome is None or outcome.rows in (None, lines):
            return outcome and replace(outcome, sheet_rows=lines)
        with rows.open(encoding="utf-8", newline="") as text:
            next(text)
            further = sum(record.further_lines for record in records(text, self.layout.dialect))
        return replace(outcome, sheet_rows=lines - further)

    def _has_repeats(self) -> bool:
        return has_repeats(self.connection, self.plan, f"read_parquet({literal(str(self.part))})")

    def _by_lines(self, rows: Path, lines: int) -> Outcome | None:
        """Sort out the rows that break rules where each line is a row, so that DuckDB can number them; else none."""
        if not self.plan.rules or not _ends_with_line(rows):
            return None
        first = self.position.row - 1
        numbered = f"(SELECT row_number() OVER () + {first} AS {ROW}, * FROM {self._rows(rows)})"
        found = self._beside("found.jsonl")
        try:
            outcome = self._by_rules(numbered, found)
        except duckdb.InvalidInputException:  # a row that DuckDB cannot read
            return None
        else:
            if outcome.rows is None or outcome.rows + outcome.bad_rows != lines:
                return None
            found.rename(self.bad_part)
            return replace(outcome, sheet_rows=lines)
        finally:
            found.unlink(missing_ok=True)

    def _carefully(self, rows: Path, lines: int) -> Outcome:
        """Read a chunk row by row first, and explain the bad ones."""
        clean, misshapen = self._beside("clean.csv"), self._beside("misshapen.jsonl")
        repair = Repair(rows, self.layout, self.plan, self.position.line, self.position.row)
        try:
            bad_rows = write_bad_rows(self._refused(repair.write(clean)), misshapen)
            outcome = Outcome(self.position.types, 0)
            if repair.rows and self.plan.rules:
                outcome = self._by_rules(self._rows(clean, is_numbered=True), misshapen)
            elif repair.rows:
                found = self._by_types(clean, is_numbered=True)
                if found is None:
                    raise CallerError("unreadable-csv", "The file could not be read as a CSV table.")
                outcome = replace(found, bad_rows=bad_rows)
            else:
                outcome = replace(outcome, bad_rows=bad_rows)
            if outcome.rows is not None and misshapen.exists():
                misshapen.rename(self.bad_part)
            return replace(outcome, sheet_rows=lines - repair.further_lines)
        finally:
            clean.unlink(missing_ok=True)
            misshapen.unlink(missing_ok=True)

    def _if_all_hold(self, rows: Path) -> Outcome | None:
        """Copy the rows if each of them holds every rule."""
        try:
            copied = self._copy(plain(self.plan, self._rows(rows)))
        except duckdb.InvalidInputException:  # a row that breaks a rule, or that DuckDB cannot read
            return None
        if self._has_repeats():
            return None
        return Outcome(self.position.types, copied)

    def _by_rules(self, rows: str, misshapen: Path) -> Outcome:
        """Copy the good ones of the numbered `rows` (SQL), and join those that break rules to the misshapen ones."""
        plan, width = self.plan, len(self._columns())
        copied = self._copy(good(plan, rows, has_repeats=False))
        has_repeated = self._has_repeats()
        if has_repeated:
            find_repeated(self.connection, plan, rows)
            copied = self._copy(good(plan, rows, has_repeats=True))
        found = [broken(self.connection.cursor(), plan, rows, width)]
        if has_repeated:
            found.append(repeated(self.connection.cursor(), plan, rows, width))
        if misshapen.exists():
            found.append(read_bad_rows(misshapen))
        joined = self._beside("joined.jsonl")
        bad_rows = write_bad_rows(self._refused(merge(*found, key=lambda row: row.row)), joined)
        joined.rename(misshapen)
        return Outcome(self.position.types, copied, bad_rows)

    def _by_types(self, rows: Path, *, is_numbered: bool = False) -> Outcome | None:
        """Read a file with a header; None if DuckDB cannot be trusted with it."""
        width = len(self._columns())
        types = self.position.types
        try:
            if types is None:
                asked = self._rows(rows, is_numbered=is_numbered, passes_over=True)
                sample = f"(FROM {asked} LIMIT {max(100, SAMPLE_CELLS // width)})"
                types = tuple(infer(self.connection, sample, width, self.layout.decimal))
            if not self.position.is_typing:
                try:
                    names = [identifier(name) for name in self.plan.names]
                    asked = self._rows(rows, is_numbered=is_numbered)
                    return Outcome(types, self._copy(typed(asked, types, names, self.layout.decimal)))
                except duckdb.InvalidInputException:  # a cell that does not fit, or rows that DuckDB cannot read
                    pass
            found = self._types(rows, types, is_numbered=is_numbered)
        except duckdb.InvalidInputException:
            return None
        if found is None or (found == types and not self.position.is_typing):
            return None
        return Outcome(found, None)

    def _types(self, rows: Path, earlier: Types, *, is_numbered: bool) -> Types | None:
        """The types of the rows joined to the earlier ones; a column without values here keeps its type."""
        if are_texts(earlier):
            return earlier
        for rejects in ("reject_errors", "reject_scans"):
            self.connection.execute(f"DROP TABLE IF EXISTS {rejects}")
        source = self._rows(rows, is_numbered=is_numbered, passes_over=True)
        found = infer(self.connection, source, len(earlier), self.layout.decimal, earlier)
        [(errors, ragged)] = self.connection.execute(
            "SELECT count(*), count(*) FILTER (error_type IN ('MISSING COLUMNS', 'TOO MANY COLUMNS'))"
            " FROM reject_errors"
        ).fetchall()
        if errors != ragged or errors >= MAX_REJECTS:
            return None
        return tuple(type_ or before for type_, before in zip(found, earlier, strict=True))

    def _refused(self, rows: Iterator[BadRow]) -> Iterator[BadRow]:
        for row in rows:
            if self.plan.corrections:
                self.plan.corrections.refuse(row.row)
            yield row

    def _columns(self) -> list[str]:
        return [f"c{i}" for i in range(len(self.layout.names))]

    def _rows(self, path: Path, *, is_numbered: bool = False, passes_over: bool = False) -> str:
        """SQL for the rows of `path`, as the text columns c0, c1 and so on, with their numbers if it has them.

        At a ragged row it stops with duckdb.InvalidInputException, or `passes_over` it.
        """
        columns = ", ".join(f"'{column}': 'VARCHAR'" for column in self._columns())
        numbers = f"'{ROW}': 'BIGINT', " if is_numbered else ""
        rejects = f"store_rejects = true, rejects_limit = {MAX_REJECTS}, rejects_line_size_limit = 1, "
        dialect, quote = self.layout.dialect, literal(self.layout.dialect.quote)
        return (
            f"read_csv({literal(str(path))}, auto_detect = false, header = true, parallel = false,"
            f" delim = {literal(dialect.delimiter)}, quote = {quote}, escape = {quote},"
            f" {rejects if passes_over else ''}max_line_size = {MAX_RECORD_BYTES}, columns = {{{numbers}{columns}}})"
        )

    def _copy(self, select: str) -> int:
        """Write `part` and return its rows, telling the progress meanwhile."""
        statement = f"COPY ({select}) TO {literal(str(self.part))} ({PARQUET})"
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

    def _beside(self, ending: str) -> Path:
        return self.source.with_name(f"{self.source.name}.{ending}")


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, SEEK_END)
        return file.read(1) in (b"\n", b"\r")


def are_texts(types: Types) -> bool:
    """Whether no column can become anything wider."""
    return all(type_ is ColumnType.TEXT for type_ in types)
