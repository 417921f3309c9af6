"""What a column is: its name and one of six types. Imports no data library."""

from dataclasses import dataclass
from enum import StrEnum


class ColumnType(StrEnum):
    """The six types of a cell, in the words of the API; `sql` is DuckDB's name of each.

    text        any characters
    integer     whole numbers of 64 bits; an import makes them of at most 15 digits
    number      64-bit floating point
    boolean     true or false
    date        a day of the calendar, years 1 to 9999
    timestamp   a day and a time without a zone, to the microsecond
    """

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def sql(self) -> str:
        """DuckDB's name of the type."""
        return _SQL[self]


_SQL = {
    ColumnType.TEXT: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.DATE: "DATE",
    ColumnType.TIMESTAMP: "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the user sees it."""

    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Table:
    """What an import read: the rows written, the rows left out, the columns in the file's order."""

    rows: int
    bad_rows: int
    columns: tuple[Column, ...]
