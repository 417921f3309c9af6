"""Rows that an import did not take, each with what is wrong with it. Imports no data library."""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

IDENTITY: Final = "jobmill-row"
OWN_HEADERS: Final = (IDENTITY, "Row (Jobmill)", "Problems (Jobmill)")
"""The first columns of errors.xlsx: the row's `origin`, hidden; its number; what is wrong with it."""


def extra_header(number: int) -> str:
    """In errors.xlsx, the header above cells that stood beyond the file's own columns."""
    return f"(column {number})"


def fingerprint(cells: Iterable[str | None]) -> str:
    """Tells whether the cells of a misshapen row came back as they were; empty ones at the end do not count."""
    text = "\x1f".join(cell or "" for cell in cells).rstrip("\x1f")
    return f"{zlib.crc32(text.encode()):08x}"


@dataclass(frozen=True, slots=True)
class CellError:
    """One thing that is wrong with a row.

    `column` is the index of the cell among the file's columns, none for the row as a whole. `field` is the name of the
    dataset's column, or the header of a cell that goes into none; empty for the row. `message` is a sentence.
    """

    column: int | None
    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row with errors: `row` is its number as Excel shows it, in the file that was uploaded.

    `origin` names the row in the file that it first came with, as `{job id}:{row}`, of a misshapen one with a colon and
    its `fingerprint` behind it. `cells` are its texts, none for an
    empty one; they may be fewer or more than the columns.
    """

    row: int
    origin: str
    cells: tuple[str | None, ...]
    errors: tuple[CellError, ...]


def write_bad_rows(rows: Iterable[BadRow], target: Path) -> int:
    """Keep the rows in a file of JSON lines; gives how many they are."""
    count = 0
    with target.open("w", encoding="utf-8") as file:
        for row in rows:
            count += 1
            file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    return count


def read_bad_rows(source: Path) -> Iterator[BadRow]:
    """The rows that `write_bad_rows` kept, one after the other."""
    with source.open(encoding="utf-8") as file:
        for line in file:
            yield _row(json.loads(line))


def _row(value: dict[str, Any]) -> BadRow:
    errors = tuple(CellError(**error) for error in value["errors"])
    return BadRow(value["row"], value["origin"], tuple(value["cells"]), errors)
