"""How a CSV file is laid out: its delimiter and its header, from the file's first records."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import MAX_RECORD_BYTES, Record, records

DELIMITERS: Final = (",", ";", "\t", "|")
# A thousand columns of 300 MB of memory leave room for a row group of each; Excel itself ends at 16,384.
MAX_COLUMNS: Final = 1_000
MAX_NAME_CHARACTERS: Final = 255
_SAMPLE_RECORDS: Final = 100


@dataclass(frozen=True, slots=True)
class Layout:
    """The delimiter, the columns' names and the line (from 1) that the header begins in."""

    delimiter: str
    names: tuple[str, ...]
    first_line: int


def read_layout(source: Path) -> Layout:
    """Find the delimiter and the header of a file that `scan` has passed.

    The delimiter is the one of comma, semicolon, tab and bar with which most of the first 100 records have
    as many cells as the header, and at least two; a file of one column counts as comma separated. A first
    line like `sep=;`, as Excel writes it, decides, and is no header; blank lines before the header are skipped.

    Names are the header's, without the blanks around them. Two names that differ only in case are refused,
    because the engine takes them for one: nothing may be lost silently.
    Raises CallerError `duplicate-column`, `empty-column-name`, `too-many-columns`, `column-name-too-long`,
    `unclosed-quote` or `broken-header`.
    """
    lines = _head_lines(source)
    first_line, lines = _skip_blank_lines(lines)
    chosen = _declared_delimiter(lines)
    if chosen:
        skipped, lines = _skip_blank_lines(lines[1:])
        first_line += skipped
    delimiter = chosen or _likeliest_delimiter(lines)
    header = next(records(lines, delimiter, first_line))
    return Layout(delimiter, _checked_names(header), first_line)


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


def _likeliest_delimiter(lines: list[str]) -> str:
    best = (0.0, 1, DELIMITERS[0])
    for delimiter in DELIMITERS:
        widths = _widths(lines, delimiter)
        if not widths or widths[0] < 2:
            continue
        rows = widths[1:]
        agreeing = sum(width == widths[0] for width in rows) / len(rows) if rows else 1.0
        if (agreeing, widths[0]) > best[:2]:
            best = (agreeing, widths[0], delimiter)
    return best[2]


def _widths(lines: list[str], delimiter: str) -> list[int]:
    """How many cells each of the first records has; a record that cannot be read ends the list."""
    widths: list[int] = []
    try:
        for record in islice(records(lines, delimiter), _SAMPLE_RECORDS):
            widths.append(len(record.cells or ()))
    except CallerError:
        pass
    return widths


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
