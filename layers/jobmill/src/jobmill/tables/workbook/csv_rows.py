"""A sheet's rows on their way into a CSV file: line n is the sheet's row n."""

import re
from collections.abc import Sequence
from itertools import repeat
from typing import Final, TextIO

from jobmill.errors import CallerError
from jobmill.tables.workbook.errors import damaged, too_large

MAX_COLUMNS: Final = 1_000
MAX_ROWS: Final = 1_048_576
# A processor's disk is three times as large, for what the rows become on it.
MAX_CSV_BYTES: Final = 1 << 30
# A few texts that many cells share can make any number of bytes: so many more than the sheet has are no table's.
FREE_CSV_BYTES: Final = 64 << 20
MAX_GROWTH: Final = 20
# More of a row is refused by the CSV's reader, too.
MAX_ROW_CHARACTERS: Final = 2_000_000
_BLOCK_CHARACTERS: Final = 8_000_000
_LETTERS: Final = re.compile("[A-Z]{1,3}")


class CsvRows:
    """Takes the rows in their order. A row is as wide as the first one that is not empty, or as its own cells are."""

    def __init__(self, target: TextIO, sheet_bytes: int) -> None:
        self._target = target
        self._limit = min(MAX_CSV_BYTES, FREE_CSV_BYTES + MAX_GROWTH * sheet_bytes)
        self.width: int | None = None
        self.last_row = 0
        self._characters = 0

    def row(self, number: int, cells: list[str]) -> None:
        """One row, which ends with a cell that is not empty; a row without cells is left out."""
        if not cells:
            return
        if self.width is None:
            self.width = len(cells)
        cells.extend(repeat("", self.width - len(cells)))
        if sum(map(len, cells)) > MAX_ROW_CHARACTERS:
            raise too_large(f"its row {number} has more than {MAX_ROW_CHARACTERS:,} characters")
        self._skip_to(number)
        self._write(",".join(cells) + "\n")
        self.last_row = number

    def block(self, numbers: list[int], columns: dict[int, Sequence[str]]) -> None:
        """Rows as columns of cells, after the first row."""
        assert self.width is not None
        if sum(sum(map(len, column)) for column in columns.values()) > _BLOCK_CHARACTERS:
            self._row_by_row(numbers, columns)
            return
        ends = max(max(columns, default=0) + 1, self.width)
        empty: Sequence[str] = [""] * len(numbers)
        rows = zip(*(columns.get(i, empty) for i in range(ends)), strict=True)
        if ends == self.width:
            lines = list(map(",".join, rows))
        else:
            lines = [",".join(_trimmed(row, self.width)) for row in rows]
        lines = [line if line.strip(",") else "" for line in lines]
        first, last = self.last_row + 1, self.last_row + len(numbers)
        if lines[-1] and last <= MAX_ROWS and numbers == list(range(first, last + 1)):
            self._write("\n".join(lines) + "\n")
            self.last_row = last
            return
        for number, line in zip(numbers, lines, strict=True):
            if line:
                self._skip_to(number)
                self._write(line + "\n")
                self.last_row = number

    def _row_by_row(self, numbers: list[int], columns: dict[int, Sequence[str]]) -> None:
        """With long texts a block is more than can be held at once."""
        for i, number in enumerate(numbers):
            cells = [columns[column][i] if column in columns else "" for column in range(max(columns) + 1)]
            self.row(number, list(_trimmed(cells, 0)))

    def _skip_to(self, number: int) -> None:
        if not self.last_row < number <= MAX_ROWS:
            raise damaged(f"its row {number} comes after row {self.last_row}")
        self._write("\n" * (number - self.last_row - 1))

    def _write(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > self._limit:
            raise too_large(f"its cells make more than {self._limit:,} bytes")
        self._target.write(text)


def column_index(letters: str) -> int:
    """The column's number from 0: A is 0, XFD 16,383. Raises CallerError `damaged-workbook`."""
    index = 0
    if _LETTERS.fullmatch(letters):
        for letter in letters:
            index = 26 * index + ord(letter) - 64
    if not 0 < index <= 16_384:
        raise damaged(f'a cell lies in the column "{letters[:10]}"')
    return index - 1


def too_many_columns(place: str) -> CallerError:
    """A cell with a value lies beyond the last column; `place` is its address."""
    return CallerError(
        "too-many-columns",
        f"The sheet has a value in the cell {place}; {MAX_COLUMNS:,} columns are possible. Delete what is not part of "
        "the table.",
    )


def _trimmed(row: Sequence[str], width: int) -> Sequence[str]:
    end = len(row)
    while end > width and not row[end - 1]:
        end -= 1
    return row[:end]
