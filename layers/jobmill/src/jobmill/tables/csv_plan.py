"""What becomes of a file's columns: their names, and, if there are rules, their types and what they must hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from jobmill.tables.bad_rows import IDENTITY, OWN_HEADERS, CellError, extra_header, fingerprint
from jobmill.tables.csv_layout import Layout
from jobmill.tables.rules import CompiledSchema

_NAME: Final = re.compile(r"(?P<job>.+?):(?P<row>[0-9]{1,18})(:(?P<fingerprint>[0-9a-f]{8}))?")


class Corrections:
    """Rows that were refused and come back corrected; each goes in once, whatever is sent how often.

    `job_id` is the first import's, `open_rows` are the numbers of its rows that are not in yet. `headers` are the
    file's; under IDENTITY each row says which one it is, as its `BadRow.origin`.
    """

    def __init__(self, job_id: str, open_rows: frozenset[int], headers: Sequence[str]) -> None:
        self.already_in = 0
        self._job_id = job_id
        self._open_rows = open_rows
        self._headers = headers
        self._identity = headers.index(IDENTITY)
        self._columns = [i for i, header in enumerate(headers) if header not in OWN_HEADERS]
        self._rows: dict[int, int] = {}
        self._originals: dict[int, int] = {}
        self._names: dict[int, str] = {}

    def meet(self, row: int, cells: list[str]) -> bool | CellError:
        """Whether the row is to go in, which it is not if it is in already; or what is wrong with it.

        It has as many cells as there are headers.
        """
        name = cells[self._identity].strip()
        named = _NAME.fullmatch(name)
        if named is None or named["job"] != self._job_id:
            return CellError(
                self._identity,
                IDENTITY,
                "unknown-row",
                "This row is none of those that were refused: its hidden first cell does not name one. "
                "Import new rows with a file of their own.",
            )
        original = int(named["row"])
        if original in self._rows:
            message = f"Row {self._rows[original]} of this file corrects the same row."
            return CellError(self._identity, IDENTITY, "duplicate-row", message)
        if original not in self._open_rows:
            self.already_in += 1
            return False
        self._rows[original] = row
        self._originals[row] = original
        self._names[row] = name
        return self._misshape(cells, named["fingerprint"]) or True

    def _misshape(self, cells: list[str], before: str | None) -> CellError | None:
        """What is wrong still with a row that had too many cells, or too few."""
        for i in self._columns:
            if cells[i] and self._headers[i] == extra_header(self._columns.index(i) + 1):
                message = "The file has no column for this cell: empty it, or move its text."
                return CellError(i, self._headers[i], "row-too-long", message)
        if before and before == fingerprint(cells[i] for i in self._columns):
            return CellError(None, "", "row-unchanged", "The row is as it was when it was refused: correct it.")
        return None

    def name(self, row: int) -> str | None:
        """The name of the row of the first file that this one corrects."""
        return self._names.get(row)

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
        corrected = self.corrections.name(row) if self.corrections else None
        return corrected or f"{self.origin}:{row}"
