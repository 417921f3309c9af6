"""The beginning of a table as a person looks at it, whatever file it came from: bounded in rows, columns and text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jobmill.errors import CallerError
from jobmill.json_values import dump_json
from jobmill.tables.csv_layout import MAX_COLUMNS

type Cell = str | int | float | bool | None

MAX_ROWS: Final = 100
MAX_CELL_CHARACTERS: Final = 500
"""Of a text, or a column's name; a longer one is cut, and ends with `…`."""
MAX_BYTES: Final = 4_000_000
"""Of all cells and the columns' names, as Lambda answers them: in JSON, as a text in JSON, where a character may take
14 bytes. Its answers end at 6 MB (Lambda's quotas); 100 rows of 1,000 empty cells more are half a MB."""
_MAX_EXACT: Final = 2**53 - 1
"""Beyond it, JavaScript's numbers are not exact, and a number is given as text."""
_INTEGER: Final = re.compile(r"-?\d{1,30}", re.ASCII)


class Enough(Exception):
    """What a preview shows was read, and there is more."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first row as `columns`, the next ones as `rows`, all of one width; `more` if the table goes on after them.

    `sheet` is the workbook's sheet; None of a CSV file.
    """

    sheet: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: bool


class Gathered:
    """Takes rows in their order, up to the bounds of a preview."""

    def __init__(self) -> None:
        self._columns: Sequence[Cell] | None = None
        self._rows: list[Sequence[Cell]] = []
        self._bytes = 0

    @property
    def has_columns(self) -> bool:
        """Whether there was a row at all."""
        return self._columns is not None

    def add(self, cells: Sequence[Cell]) -> None:
        """The next row.

        Raises Enough for the first one that is not shown any more, CallerError `too-many-columns` and, of the first
        row, `too-long-columns`.
        """
        if len(cells) > MAX_COLUMNS:
            raise CallerError("too-many-columns", f"The table has more than {MAX_COLUMNS:,} columns.")
        row = [shown(cell) if isinstance(cell, str) else cell for cell in cells]
        self._bytes += len(dump_json(dump_json([*row])))
        if self._columns is None:
            if self._bytes > MAX_BYTES:
                raise CallerError("too-long-columns", "The names of the table's columns are too long.")
            self._columns = row
            return
        if len(self._rows) == MAX_ROWS or self._bytes > MAX_BYTES:
            raise Enough
        self._rows.append(row)

    def preview(self, sheet: str | None, *, more: bool) -> Preview:
        """What was taken; nothing below the last row that has a cell."""
        rows = self._rows
        if not more:
            while rows and all(cell is None for cell in rows[-1]):
                rows = rows[:-1]
        columns = self._columns or ()
        width = max(len(columns), *map(len, rows), 0)
        padded = [(*row, *[None] * (width - len(row))) for row in rows]
        names = ["" if cell is None else text_of(cell) for cell in (*columns, *[None] * (width - len(columns)))]
        return Preview(sheet, tuple(names), tuple(padded), more)


def shown(text: str) -> str | None:
    """A text as a preview has it: cut, if it is long; None for an empty one."""
    if len(text) > MAX_CELL_CHARACTERS:
        return text[: MAX_CELL_CHARACTERS - 1] + "…"
    return text or None


def text_of(cell: Cell) -> str:
    """A cell as the name of a column."""
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def native(text: str) -> Cell:
    """A number or truth value that is written as text; any other text, such as a date, stays one."""
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        number = int(text)
        return number if abs(number) <= _MAX_EXACT else text
    try:
        return float(text)
    except ValueError:
        return text
