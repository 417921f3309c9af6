"""The CSV grammar in plain Python: exact, with line numbers, and slower than DuckDB.

It reads what DuckDB must not be trusted with: the first record, the end of a file, and files that are odd
(mixed line ends, broken quotation marks). DuckDB 2.0 follows the same grammar where it reads at all:

- a cell is quoted when its first character after blanks is the dialect's quotation mark; two of them inside mean
  one, and after the closing one only blanks may stand. Elsewhere a quotation mark is an ordinary character
- LF, CRLF or CR end a record; inside quotation marks they belong to the cell
- a line with no character at all is no record. A line of delimiters is a row of empty cells
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from jobmill.errors import CallerError

# The longest record, as in DuckDB. A line of a table for people is a thousandth of it: what is longer
# is nearly always a quotation mark that was never closed.
MAX_RECORD_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """The characters that make the grammar: what stands between cells, and what may stand around one."""

    delimiter: str = ","
    quote: str = '"'


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells, none of them when its quotes are broken, and the line (from 1) that it starts in.

    `row` is its number as Excel shows it: each record is a row, and each blank line, too. `text` is the record as it
    stands there, without its line end, if it is of one line; else it has `further_lines`.
    """

    line: int
    row: int
    cells: list[str] | None
    text: str = ""
    further_lines: int = 0


def records(lines: Iterable[str], dialect: Dialect, first_line: int = 1, first_row: int = 1) -> Iterator[Record]:
    """Parse physical lines that still have their line ends (a file opened with `newline=""`).

    A record with broken quotation marks ends with its physical line. Raises CallerError `unclosed-quote`
    when the text ends inside a quoted cell, and `line-too-long`.
    """
    source = iter(lines)
    number = first_line
    for row, line in enumerate(source, start=first_row):
        start = number
        number += 1
        record = line.rstrip("\r\n")
        if not record:
            continue
        if dialect.quote not in record:
            yield Record(start, row, record.split(dialect.delimiter), record)
            continue
        quoted = _QuotedRecord(line, start, source, dialect.quote)
        cells = quoted.cells(dialect.delimiter)
        yield Record(start, row, cells, "" if quoted.further_lines else record, quoted.further_lines)
        number += quoted.further_lines


def line_too_long(line: int, *, maybe_quote: bool) -> CallerError:
    """The error for the row that starts in `line`."""
    hint = " A quotation mark that is opened and never closed can cause this." if maybe_quote else ""
    return CallerError(
        "line-too-long",
        f"The row that starts in line {line} is longer than {MAX_RECORD_BYTES:,} characters.{hint}",
    )


def unclosed_quote(line: int, quote: str) -> CallerError:
    """The error for the row that starts in `line`."""
    return CallerError(
        "unclosed-quote",
        f"The row that starts in line {line} opens a quotation mark ({quote}) that is never closed, so everything "
        "after it would become one cell. Close it, or write it twice if it is part of the text.",
    )


@dataclass(slots=True)
class _QuotedRecord:
    """One record with quotation marks. `text` is its current line; cells take further ones from `source`."""

    text: str
    start: int
    source: Iterator[str]
    quote: str
    position: int = 0
    further_lines: int = 0
    earlier_characters: int = 0

    def cells(self, delimiter: str) -> list[str] | None:
        cells = []
        while True:
            opening = self._skip_blanks(self.position)
            if self.text[opening : opening + 1] == self.quote:
                cells.append(self._quoted_cell(opening + 1))
            else:
                cells.append(self._plain_cell(delimiter))
            if self.text.startswith(delimiter, self.position):
                self.position += 1
            elif self.text[self.position :] in ("", "\n", "\r\n", "\r"):
                return cells
            else:
                return None

    def _plain_cell(self, delimiter: str) -> str:
        end = self.text.find(delimiter, self.position)
        if end < 0:
            end = len(self.text.rstrip("\r\n"))
        cell = self.text[self.position : end]
        self.position = end
        return cell

    def _quoted_cell(self, begin: int) -> str:
        parts = []
        closing = self.text.find(self.quote, begin)
        while closing < 0 or self.text[closing + 1 : closing + 2] == self.quote:
            if closing >= 0:
                closing = self.text.find(self.quote, closing + 2)
            else:
                parts.append(self.text[begin:])
                begin = 0
                self._take_line()
                closing = self.text.find(self.quote)
        parts.append(self.text[begin:closing])
        self.position = self._skip_blanks(closing + 1)
        return "".join(parts).replace(2 * self.quote, self.quote)

    def _take_line(self) -> None:
        line = next(self.source, None)
        if line is None:
            raise unclosed_quote(self.start, self.quote)
        self.earlier_characters += len(self.text)
        self.text = line
        self.further_lines += 1
        if self.earlier_characters + len(line) > MAX_RECORD_BYTES:
            raise line_too_long(self.start, maybe_quote=True)

    def _skip_blanks(self, position: int) -> int:
        while self.text[position : position + 1] == " ":
            position += 1
        return position
