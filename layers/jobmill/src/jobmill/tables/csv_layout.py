"""How a CSV file is laid out: delimiter, quotation mark, decimal sign and header, from the file's first records."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import MAX_RECORD_BYTES, Dialect, Record, records

DELIMITERS: Final = (",", ";", "\t", "|")
QUOTE: Final = '"'
APOSTROPHE: Final = "'"
# A thousand columns of 300 MB of memory leave room for a row group of each; Excel itself ends at 16,384.
MAX_COLUMNS: Final = 1_000
MAX_NAME_CHARACTERS: Final = 255
_SAMPLE_RECORDS: Final = 100
_WITH_POINT: Final = re.compile(r"-?\d+\.\d+")
_WITH_COMMA: Final = re.compile(r"-?\d+,\d+")


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller says of a file's layout; the rest is found out."""

    delimiter: str | None = None
    quote: str | None = None
    decimal: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The grammar, the line and the row in which the first record begins, and the first lines from there on."""

    dialect: Dialect
    first_line: int
    first_row: int
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The grammar, the sign between a number's whole part and its decimals, and the columns' names.

    The header begins in line `first_line` (from 1), and is the row `first_row` as Excel shows it.
    """

    dialect: Dialect
    decimal: str
    names: tuple[str, ...]
    first_line: int
    first_row: int


def read_layout(source: Path, given: Given = Given()) -> Layout:
    """Find the layout of a file that `scan` has passed, as far as it is not given.

    The delimiter is the one of comma, semicolon, tab and bar with which most of the first 100 records have
    as many cells as the header, and at least two; a file of one column counts as comma separated. A first
    line like `sep=;`, as Excel writes it, decides, and is no header; blank lines before the header are skipped.

    The quotation mark is the apostrophe where these records have none but apostrophes around cells, one in every
    second record at least. The decimal sign is a comma where the delimiter is none, and some of their cells are
    numbers with a comma, and none with a point.

    Names are the header's, without the blanks around them. Two names that differ only in case are refused,
    because the engine takes them for one: nothing may be lost silently.
    Raises CallerError `duplicate-column`, `empty-column-name`, `bad-column-name`, `too-many-columns`,
    `column-name-too-long`, `unclosed-quote` or `broken-header`.
    """
    head = read_head(source, given)
    decimal = given.decimal or _likeliest_decimal(head.lines, head.dialect)
    header = next(records(head.lines, head.dialect, head.first_line))
    return Layout(head.dialect, decimal, _checked_names(header), head.first_line, head.first_row)


def read_head(source: Path, given: Given = Given()) -> Head:
    """Find the grammar of a file that `scan` has passed, and where its first record begins, as `read_layout` does."""
    lines = _head_lines(source)
    first_line, lines = _skip_blank_lines(lines)
    first_row = first_line
    chosen = _declared_delimiter(lines)
    if chosen:
        skipped, lines = _skip_blank_lines(lines[1:])
        first_line += skipped
        first_row += skipped - 1
    return Head(_likeliest_dialect(lines, given, chosen), first_line, first_row, lines)


def _head_lines(source: Path) -> list[str]:
    """The lines of about the first record's bound; the last one is whole, too."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        return file.readlines(MAX_RECORD_BYTES)


def _skip_blank_lines(lines: list[str]) -> tuple[int, list[str]]:
    """The number (from 1) of the first line that is not blank, and the lines from it on."""
    blank = 0
    while blank < len(lines) - 1 and not lines[blank].strip():
        blank += 1
    return blank + 1, lines[blank:]


def _declared_delimiter(lines: list[str]) -> str | None:
    line = lines[0].rstrip("\r\n")
    declared = line[4:] if line.lower().startswith("sep=") else ""
    return declared if declared in DELIMITERS and len(lines) > 1 else None


def _likeliest_dialect(lines: list[str], given: Given, declared: str | None) -> Dialect:
    delimiter = given.delimiter or declared

    def with_quote(quote: str) -> Dialect:
        return Dialect(delimiter or _likeliest_delimiter(lines, quote), quote)

    if given.quote:
        return with_quote(given.quote)
    with_apostrophes = with_quote(APOSTROPHE)
    return with_apostrophes if _has_apostrophes_around(lines, with_apostrophes) else with_quote(QUOTE)


def _likeliest_delimiter(lines: list[str], quote: str) -> str:
    best = (0.0, 1, DELIMITERS[0])
    for delimiter in DELIMITERS:
        widths = [len(record.cells or ()) for record in _sample(lines, Dialect(delimiter, quote))]
        if not widths or widths[0] < 2:
            continue
        rows = widths[1:]
        agreeing = sum(width == widths[0] for width in rows) / len(rows) if rows else 1.0
        if (agreeing, widths[0]) > best[:2]:
            best = (agreeing, widths[0], delimiter)
    return best[2]


def _has_apostrophes_around(lines: list[str], dialect: Dialect) -> bool:
    """Whether cells stand in apostrophes, and none in quotation marks."""
    around = {QUOTE: 0, APOSTROPHE: 0}
    sample = lines[:_SAMPLE_RECORDS]
    for line in sample:
        for cell in line.strip("\r\n").split(dialect.delimiter):
            text = cell.strip(" ")
            if len(text) > 1 and text[0] == text[-1] and text[0] in around:
                around[text[0]] += 1
    return around[APOSTROPHE] >= len(sample) / 2 and not around[QUOTE]


def _likeliest_decimal(lines: list[str], dialect: Dialect) -> str:
    if dialect.delimiter == ",":
        return "."
    cells = [cell for record in _sample(lines, dialect) for cell in record.cells or ()]
    if any(_WITH_POINT.fullmatch(cell) for cell in cells):
        return "."
    return "," if any(_WITH_COMMA.fullmatch(cell) for cell in cells) else "."


def _sample(lines: list[str], dialect: Dialect) -> Iterator[Record]:
    """The first records; one that cannot be read ends them."""
    with suppress(CallerError):
        yield from islice(records(lines, dialect), _SAMPLE_RECORDS)


def _checked_names(header: Record) -> tuple[str, ...]:
    if header.cells is None:
        raise CallerError(
            "broken-header",
            f"The header (line {header.line}) has a quotation mark in the wrong place: text follows after a "
            "closing one.",
        )
    if len(header.cells) > MAX_COLUMNS:
        raise CallerError(
            "too-many-columns",
            f"The header (line {header.line}) has {len(header.cells):,} columns; {MAX_COLUMNS:,} are possible.",
        )
    names = tuple(cell.strip() for cell in header.cells)
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        _check_name(name, position, header.line)
        earlier = seen.setdefault(name.lower(), position)
        if earlier != position:
            raise _duplicate(names[earlier - 1], earlier, name, position)
    return names


def _check_name(name: str, position: int, line: int) -> None:
    if not name:
        raise CallerError(
            "empty-column-name",
            f"Column {position} has no name in the header (line {line}). Name it, or remove the column; "
            "a delimiter at the end of the header makes an empty column, too.",
        )
    if any(character < " " and character not in "\t\n\r" for character in name):
        raise CallerError(
            "bad-column-name",
            f"The name of column {position} (line {line}) has control characters. Rename the column.",
        )
    if len(name) > MAX_NAME_CHARACTERS:
        raise CallerError(
            "column-name-too-long",
            f"The name of column {position} has {len(name):,} characters; {MAX_NAME_CHARACTERS} are possible. "
            "Is the first line really the header?",
        )


def _duplicate(first: str, earlier: int, second: str, position: int) -> CallerError:
    also = "" if first == second else f' (as "{second}"; upper and lower case count as the same)'
    return CallerError(
        "duplicate-column",
        f'The column "{first}" stands in the header twice{also}: as column {earlier} and as column {position}. '
        "Rename one of them.",
    )
