"""New rows beside those of before: which keys are known already, and a part without the rows that are replaced.

A row's key is its values in some columns; two keys are the same if every value is, and an empty value is like no other.
Parts are Parquet files of one table, inside the connection's workspace. Columns are found by their names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.engine import PARQUET, identifier, literal

_NAMED_COLUMNS: Final = 5


class Named(Protocol):
    """A column of a dataset or of a file: its name, and one of the six types."""

    @property
    def name(self) -> str:
        """As in the file."""

    @property
    def type(self) -> str:
        """In the words of the API."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """SQL for rows, with their numbers in the column `number`."""

    sql: str
    number: str


def check_same_columns(before: Iterable[Named], now: Iterable[Named]) -> None:
    """Compare the dataset's columns with those that are to join it, in any order.

    Raises CallerError `columns-differ`, which names the columns that are missing, too many, or of another type.
    """
    old, new = ({column.name: str(column.type) for column in columns} for columns in (before, now))
    changed = [name for name in old if name in new and old[name] != new[name]]
    parts = (
        ("It lacks", _quoted(name for name in old if name not in new)),
        ("The dataset has no", _quoted(name for name in new if name not in old)),
        ("Of another type:", _listed(f'"{name}" is {new[name]}, and {old[name]} in the dataset' for name in changed)),
    )
    differences = [f"{words} {names}." for words, names in parts if names]
    if differences:
        message = f"The file's columns are not those of the dataset. {' '.join(differences)}"
        raise CallerError("columns-differ", message, field="params.dataset")


def rows_replaced(
    connection: duckdb.DuckDBPyConnection, parts: Sequence[Path], new: Sequence[Path], key: Sequence[str]
) -> list[int]:
    """For each of `parts`, how many of its rows have a key that a row of `new` has; with none it may stay as it is."""
    if not parts:
        return []
    file = _free_name(connection, parts)
    counted = connection.execute(
        f"SELECT {identifier(file)}, count(*) FROM read_parquet({_paths(parts)}, filename = {literal(file)})"
        f" SEMI JOIN ({_keys(new, key)}) USING ({_names(key)}) GROUP BY ALL"
    ).fetchall()
    rows = dict(counted)
    return [int(rows.get(str(part), 0)) for part in parts]


def write_unreplaced(
    connection: duckdb.DuckDBPyConnection, part: Path, new: Sequence[Path], key: Sequence[str], target: Path
) -> int:
    """Write the rows of `part` whose key no row of `new` has to `target`, in their order; gives how many.

    Repeating it writes the same bytes.
    """
    rows = numbered(connection, part)
    number = identifier(rows.number)
    # A join does not keep the order.
    left = f"SELECT * FROM {rows.sql} ANTI JOIN ({_keys(new, key)}) USING ({_names(key)})"
    statement = f"SELECT * EXCLUDE ({number}) FROM ({left}) ORDER BY {number}"
    [(written,)] = connection.execute(f"COPY ({statement}) TO {literal(str(target))} ({PARQUET})").fetchall()
    return int(written)


def known_rows(
    connection: duckdb.DuckDBPyConnection, rows: Numbered, parts: Sequence[Path], key: Sequence[str], limit: int
) -> list[int]:
    """The numbers of the first `limit` of `rows`, ascending, whose key a row of `parts` has."""
    if not parts:
        return []
    found = connection.execute(
        f"SELECT {identifier(rows.number)} FROM {rows.sql} SEMI JOIN ({_keys(parts, key)}) USING ({_names(key)})"
        f" ORDER BY 1 LIMIT {limit}"
    ).fetchall()
    return [int(row) for (row,) in found]


def numbered(connection: duckdb.DuckDBPyConnection, part: Path) -> Numbered:
    """The rows of a part, counted from 0."""
    # DuckDB's own file_row_number would be a column of the file, if it has one of that name.
    number = _free_name(connection, [part])
    count = f"row_number() OVER () - 1 AS {identifier(number)}"
    return Numbered(f"(SELECT *, {count} FROM read_parquet({_paths([part])}))", number)


def _free_name(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path]) -> str:
    """A name that no column has, in upper or lower case."""
    described = connection.execute(f"DESCRIBE FROM read_parquet({_paths(parts[:1])})").fetchall()
    taken = {str(name).lower() for name, *_ in described}
    name = "added"
    while name in taken:
        name += "_"
    return name


def _keys(parts: Sequence[Path], key: Sequence[str]) -> str:
    return f"SELECT {_names(key)} FROM read_parquet({_paths(parts)})"


def _names(key: Sequence[str]) -> str:
    return ", ".join(identifier(name) for name in key)


def _paths(parts: Sequence[Path]) -> str:
    return f"[{', '.join(literal(str(part)) for part in parts)}]"


def _quoted(names: Iterable[str]) -> str:
    return _listed(f'"{name}"' for name in names)


def _listed(items: Iterable[str]) -> str:
    every = list(items)
    more = len(every) - _NAMED_COLUMNS
    return ", ".join(every[:_NAMED_COLUMNS]) + (f" and {more} more" if more > 0 else "")
