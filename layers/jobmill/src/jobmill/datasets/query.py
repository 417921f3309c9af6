"""A request's columns, filters and order become one statement with quoted names and bound values."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.constants import WANTED, find_column, fit
from jobmill.tables.engine import identifier
from jobmill.tables.filters import Filter, Order
from jobmill.tables.query import Query
from jobmill.tables.stored import stored_columns

MAX_LISTED_VALUES: Final = 1_000

_COMPARISONS: Final = {"=": "=", "!=": "IS DISTINCT FROM", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TEXT_SEARCHES: Final = {"contains": "contains", "startsWith": "starts_with"}
_NULL_TESTS: Final = {"isNull": "IS NULL", "notNull": "IS NOT NULL"}
_ORDERED: Final = ("<", "<=", ">", ">=")
_ROW_NUMBER: Final = ("file_index", "file_row_number")


def select(
    connection: duckdb.DuckDBPyConnection,
    parquet: Sequence[Path],
    columns: Sequence[str] | None,
    where: Sequence[Filter],
    order_by: Sequence[Order],
    *,
    table: Sequence[Column] | None = None,
) -> Query:
    """Ask the rows of `parquet` (parts of one table, in order) that pass every filter; all columns if None.

    `table` are the table's columns, as its manifest has them: others in the files stay hidden. None: the files'.

    Names are taken exactly, in upper and lower case. An empty cell is != any value, and passes no other
    comparison. `contains` and `startsWith` take their value literally. Text compares by code points.
    Rows come in `order_by`, empty cells last, equals in the files' order; so the same request gives the
    same rows in the same order every time.
    Raises CallerError `unknown-column`, `duplicate-column`, `no-columns` or `bad-filter` with the `field`.
    """
    parts = [str(path) for path in parquet]
    known = {column.name: column for column in table} if table is not None else stored_columns(connection, parts)
    chosen = [known[name] for name in _chosen(columns, known)]
    parameters: list[object] = [parts]
    conditions = []
    for i, filter_ in enumerate(where):
        column = _column(filter_.column, known, f"where[{i}].column")
        condition, values = _condition(filter_, column, f"where[{i}]")
        conditions.append(condition)
        parameters += values
    keys = []
    for i, order in enumerate(order_by):
        name = identifier(_column(order.column, known, f"orderBy[{i}].column").name)
        keys.append(f"{name} {'DESC' if order.descending else 'ASC'} NULLS LAST")
    cells = [f"{identifier(c.name)}::{c.type.sql} AS {identifier(c.name)}" for c in chosen]
    source, position = _in_the_files_order(known)
    sql = f"SELECT {', '.join(cells)} FROM {source}"
    if conditions:
        sql += f" WHERE {' AND '.join(conditions)}"
    if keys:
        sql += f" ORDER BY {', '.join(keys)}, {position}"
    return Query(connection, sql, tuple(parameters), tuple(chosen))


def _in_the_files_order(known: dict[str, Column]) -> tuple[str, str]:
    """The files as SQL, and what numbers their rows: the reader's own columns, unless the table has such names."""
    names = {name.lower() for name in known}
    if names.isdisjoint(_ROW_NUMBER):
        return "read_parquet(?)", ", ".join(_ROW_NUMBER)
    number = next(name for i in range(len(names) + 1) if (name := f"row_{i}") not in names)
    cells = ", ".join(identifier(name) for name in known)
    return f"(SELECT {cells}, row_number() OVER () AS {number} FROM read_parquet(?))", number


def _chosen(columns: Sequence[str] | None, known: dict[str, Column]) -> list[str]:
    if columns is None:
        return list(known)
    if not columns:
        raise CallerError("no-columns", "Name at least one column, or leave the list out.", field="columns")
    for i, name in enumerate(columns):
        _column(name, known, f"columns[{i}]")
        if name in columns[:i]:
            raise CallerError("duplicate-column", f'The column "{name}" is named twice.', field=f"columns[{i}]")
    return list(columns)


def _column(name: str, known: dict[str, Column], field: str) -> Column:
    return known[find_column(name, known, field)]


def _condition(filter_: Filter, column: Column, field: str) -> tuple[str, list[object]]:
    """The filter as SQL with its values beside it."""
    name = identifier(column.name)
    op, value = filter_.op, filter_.value
    if op in _NULL_TESTS:
        if value is not None:
            raise _bad(f'"{op}" takes no value.', f"{field}.value")
        return f"{name} {_NULL_TESTS[op]}", []
    if op == "in":
        listed = _listed(value, column, f"{field}.value")
        return f"list_contains(?::{column.type.sql}[], {name})", [listed]
    if op in _TEXT_SEARCHES:
        if column.type is not ColumnType.TEXT:
            raise _bad(f'"{op}" searches text, but "{column.name}" holds {column.type}.', f"{field}.op")
        return f"{_TEXT_SEARCHES[op]}({name}, ?)", [_value(value, column, f"{field}.value")]
    if op not in _COMPARISONS:
        raise _bad(f'There is no comparison "{op}".', f"{field}.op")
    if op in _ORDERED and column.type is ColumnType.BOOLEAN:
        raise _bad(f'"{column.name}" is true or false: only = and != compare it.', f"{field}.op")
    return f"{name} {_COMPARISONS[op]} ?", [_value(value, column, f"{field}.value")]


def _listed(value: object, column: Column, field: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise _bad('"in" takes a list of values, at least one.', field)
    if len(value) > MAX_LISTED_VALUES:
        raise _bad(f'"in" takes at most {MAX_LISTED_VALUES:,} values.', field)
    return [_value(item, column, f"{field}[{i}]") for i, item in enumerate(value)]


def _value(value: object, column: Column, field: str) -> object:
    """The value as the column's type; raises CallerError `bad-filter` if it is none."""
    if value is None:
        raise _bad("An empty value compares with nothing: use isNull or notNull.", field)
    fitting = fit(value, column.type)
    if fitting is None:
        raise _bad(f'"{column.name}" holds {column.type}: give {WANTED[column.type]}.', field)
    return fitting


def _bad(message: str, field: str) -> CallerError:
    return CallerError("bad-filter", message, field=field)
