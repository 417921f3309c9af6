"""The CSV grammar in plain Python: exact, with line numbers, and slower than DuckDB.

It reads what DuckDB must not be trusted with: the first record, the end of a file, and files that are odd
(mixed line ends, broken quotation marks). DuckDB 2.0 follows the same grammar where it reads at all:

- a cell is quoted when its first character after blanks is a quotation mark; two of them inside mean one,
  and after the closing one only blanks may stand. Elsewhere a quotation mark is an ordinary character
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
class Record:
    """The cells of one record and the line (from 1) it starts in; `cells` is None when its quotes are broken."""

    line: int
    cells: list[str] | None


def records(lines: Iterable[str], delimiter: str, first_line: int = 1) -> Iterator[Record]:
    """Parse physical lines that still have their line ends (a file opened with `newline=""`).

    A record with broken quotation marks ends with its physical line. Raises CallerError `unclosed-quote`
    when the text ends inside a quoted cell, and `line-too-long`.
    """
    source = iter(lines)
    number = first_line
    for line in source:
        start = number
        number += 1
        record = line.rstrip("\r\n")
        if not record:
            continue
        if '"' not in record:
            yield Record(start, record.split(delimiter))
            continue
        cells, used = _quoted(line, source, delimiter, start)
        number += used
        yield Record(start, cells)


def line_too_long(line: int, *, maybe_quote: bool) -> CallerError:
    hint = " A quotation mark that is opened and never closed can cause this." if maybe_quote else ""
    return CallerError(
        "line-too-long",
        f"The row that starts in line {line} is longer than {MAX_RECORD_BYTES:,} characters.{hint}",
    )


def unclosed_quote(line: int) -> CallerError:
    return CallerError(
        "unclosed-quote",
        f'The row that starts in line {line} opens a quotation mark (") that is never closed, so everything '
        "after it would become one cell. Close it, or write it twice if it is part of the text.",
    )


def _quoted(text: str, source: Iterator[str], delimiter: str, start: int) -> tuple[list[str] | None, int]:
    """Parse one record that has quotation marks; the second value counts the further lines it took."""
    cells: list[str] = []
    used = position = 0
    while True:
        opening = _skip_blanks(text, position)
        if text[opening : opening + 1] != '"':
            end = text.find(delimiter, position)
            if end < 0:
                cells.append(text[position:].rstrip("\r\n"))
                return cells, used
            cells.append(text[position:end])
            position = end + 1
            continue
        closing = _closing(text, opening + 1)
        while closing < 0:
            more = next(source, None)
            if more is None:
                raise unclosed_quote(start)
            scanned = len(text)
            # A quotation mark at the very end was not yet known to be single: look at it again.
            resume = -closing - 1
            text += more
            used += 1
            if scanned > MAX_RECORD_BYTES:
                raise line_too_long(start, maybe_quote=True)
            closing = _closing(text, resume)
        cells.append(text[opening + 1 : closing].replace('""', '"'))
        after = _skip_blanks(text, closing + 1)
        if text.startswith(delimiter, after):
            position = after + 1
        elif text[after:] in ("", "\n", "\r\n", "\r"):
            return cells, used
        else:
            return None, used


def _closing(text: str, position: int) -> int:
    """Where the quoted cell ends; if not in this text, minus (the place to resume at + 1)."""
    while True:
        found = text.find('"', position)
        if found < 0:
            return -len(text) - 1
        if text[found + 1 : found + 2] != '"':
            return found
        position = found + 2


def _skip_blanks(text: str, position: int) -> int:
    while text[position : position + 1] == " ":
        position += 1
    return position
