"""What a workbook's last sheet tells of its data: where it is from, what was asked, and how to check it.

Only what is the same whoever asks, and whenever. Imports no data library.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from jobmill.tables.filters import Filter, Order, Scalar

ABOUT: Final = "About"
MAX_CELL_CHARACTERS: Final = 16_000
"""Excel's 32,767 UTF-16 units, whatever the characters."""

_OPERATORS: Final = {
    "=": "is",
    "!=": "is not",
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "in": "is one of",
    "contains": "contains",
    "startsWith": "starts with",
    "isNull": "is empty",
    "notNull": "is not empty",
}
_CHECK: Final = (
    "Export this version once more as csv, with formulaSafe false and the same columns, filter and order: "
    "the SHA-256 of that file is this one."
)


@dataclass(frozen=True, slots=True)
class About:
    """What was exported. `columns` are the chosen ones, None for all; `author` is of the version, None if unknown."""

    project: str
    dataset: str
    version: int
    created_at: datetime
    author: str | None
    columns: Sequence[str] | None
    where: Sequence[Filter]
    order_by: Sequence[Order]


@dataclass(frozen=True, slots=True)
class DataDigest:
    """The SHA-256 in hexadecimal, and the size, of all rows of an export as CSV."""

    sha256: str
    csv_bytes: int


@dataclass(frozen=True, slots=True)
class FileOf:
    """File `number` (from 1) of `count`, which holds the rows from `first` to `last` (from 1)."""

    number: int
    count: int
    first: int
    last: int


def about_rows(about: About, rows: int, digest: DataDigest, file: FileOf) -> list[tuple[str, str | int]]:
    """The sheet's rows: a fact, and its value. `rows` and `digest` are of all files together."""
    facts = _facts(about, rows, digest, file)
    return [(fact, _cut(value) if isinstance(value, str) else value) for fact, value in facts]


def _facts(about: About, rows: int, digest: DataDigest, file: FileOf) -> Iterator[tuple[str, str | int]]:
    yield "Project", about.project
    yield "Dataset", about.dataset
    yield "Version", about.version
    yield "Version made at", f"{about.created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if about.author is not None:
        yield "Version made by", about.author
    yield "Columns", "all" if about.columns is None else ", ".join(about.columns)
    conditions = [in_words(condition) for condition in about.where] or ["none: all rows"]
    yield from _listed("Filter", "and", conditions)
    order = [f"{each.column}, {'descending' if each.descending else 'ascending'}" for each in about.order_by]
    yield from _listed("Order", "then", order or ["as in the dataset"])
    yield "Rows", rows
    if file.count > 1:
        yield "File", f"{file.number} of {file.count}: rows {file.first:,} to {file.last:,}"
    yield "SHA-256 of the data", digest.sha256
    yield "To check it", _CHECK


def in_words(condition: Filter) -> str:
    """The condition as a person says it: `country is one of "DE", "FR"`."""
    values = condition.value if isinstance(condition.value, list) else [condition.value]
    told = ", ".join(_value(value) for value in values if value is not None)
    return f"{condition.column} {_OPERATORS[condition.op]} {told}".rstrip()


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _listed(first: str, others: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    for i, value in enumerate(values):
        yield (others if i else first), value


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL_CHARACTERS else text[: MAX_CELL_CHARACTERS - 1] + "…"
