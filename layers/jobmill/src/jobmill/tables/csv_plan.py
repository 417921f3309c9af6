"""What becomes of a file's columns: their names, and, if there are rules, their types and what they must hold."""

from dataclasses import dataclass, field
from typing import Self

from jobmill.tables.bad_rows import CellError
from jobmill.tables.csv_layout import Layout
from jobmill.tables.rules import CompiledSchema

IDENTITY = "jobmill-row"
"""The header of the column in which a corrected row says which one it is."""


class Corrections:
    """Rows that were refused and come back corrected; each goes in once, whatever is sent how often.

    `job_id` is the first import's, `open_rows` are the numbers of its rows that are not in yet, and `column` is the
    index of the file's column that names each row as `{job id}:{row}`.
    """

    def __init__(self, job_id: str, open_rows: frozenset[int], column: int) -> None:
        self.column = column
        self.already_in = 0
        self.job_id = job_id
        self._open_rows = open_rows
        self._rows: dict[int, int] = {}
        self._originals: dict[int, int] = {}

    def meet(self, row: int, cells: list[str]) -> bool | CellError:
        """Whether the row is to go in, which it is not if it is in already; or what is wrong with it."""
        text = cells[self.column].strip() if len(cells) > self.column else ""
        job_id, _, number = text.rpartition(":")
        if job_id != self.job_id or not number.isascii() or not number.isdigit():
            return CellError(
                self.column,
                IDENTITY,
                "unknown-row",
                "This row is none of those that were refused: its hidden first cell does not name one. "
                "Import new rows with a file of their own.",
            )
        original = int(number)
        if original in self._rows:
            message = f"Row {self._rows[original]} of this file corrects the same row."
            return CellError(self.column, IDENTITY, "duplicate-row", message)
        if original not in self._open_rows:
            self.already_in += 1
            return False
        self._rows[original] = row
        self._originals[row] = original
        return True

    def original(self, row: int) -> int | None:
        """The number that the row of this file had in the first one."""
        return self._originals.get(row)

    def refuse(self, row: int) -> None:
        """The row is wrong still."""
        self._originals.pop(row, None)

    @property
    def open_rows(self) -> tuple[int, ...]:
        """The numbers, in the first file, of the rows that are not in once those are that were met and not refused."""
        return tuple(sorted(self._open_rows.difference(self._originals.values())))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is read.

    `names` are the dataset's columns, and `sources` the index of each among the file's, none for one that the file
    lacks. `rules` are those of the columns, in the same order; without any, types are found out. A row is known as
    `origin`, a colon and its number.

    With rules, `earlier` are the Parquet files made of the file so far, whose keys are taken, to be kept by the caller;
    `base` are those of the rows that the dataset has, whose keys are taken, too, but for the primary key if the rows
    read are to replace those that have it (`replaces`).
    """

    names: tuple[str, ...]
    sources: tuple[int | None, ...]
    origin: str
    rules: CompiledSchema | None = None
    corrections: Corrections | None = None
    base: tuple[str, ...] = ()
    replaces: bool = False
    earlier: list[str] = field(default_factory=list)

    @classmethod
    def of_all_columns(cls, layout: Layout, origin: str) -> Self:
        """Every column under its own name, its type found out."""
        return cls(layout.names, tuple(range(len(layout.names))), origin)

    def origin_of(self, row: int) -> str:
        """The name of a row of the file."""
        original = self.corrections.original(row) if self.corrections else None
        if self.corrections and original is not None:
            return f"{self.corrections.job_id}:{original}"
        return f"{self.origin}:{row}"
