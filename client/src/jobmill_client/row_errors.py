"""What is wrong with the bad rows of an import."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from jobmill_client.models import JsonObject

ROWS_TO_CORRECT = "errors.xlsx"
"""The report with the bad rows, to be corrected and sent back."""
ERRORS_TABLE = "errors.csv"
"""The report with one line for each error."""
MAX_CELL_CHARACTERS = 4_000_000
"""A row of an import has at most half of it, and quotation marks are doubled."""


@dataclass(frozen=True, kw_only=True)
class RowError:
    """An error of a row: `row` is the number that Excel shows, `field` is empty where it is the row as a whole."""

    row: int
    field: str
    code: str
    message: str

    @classmethod
    def from_json(cls, raw: JsonObject) -> Self:
        """Of one of `firstErrors`, or of a line of errors.csv."""
        return cls(row=int(raw["row"]), field=raw["field"], code=raw["code"], message=raw["message"])


def read_row_errors(path: Path) -> Iterator[RowError]:
    """The errors of an errors.csv, one after the other."""
    with path.open(newline="", encoding="utf-8") as file, _long_cells():
        yield from map(RowError.from_json, csv.DictReader(file))


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(MAX_CELL_CHARACTERS)
    try:
        yield
    finally:
        csv.field_size_limit(before)
