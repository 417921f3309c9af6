"""A request's columns, filters and order become one statement with quoted names and bound values."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Final

import duckdb

from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import identifier
from jobmill.tables.filters import Filter, Order
from jobmill.tables.query import Query

MAX_LISTED_VALUES: Final = 1_000

_COMPARISONS: Final = {"=": "=", "!=": "IS DISTINCT FROM", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TEXT_SEARCHES: Final = {"contains": "contains", "startsWith": "starts_with"}
_NULL_TESTS: Final = {"isNull": "IS NULL", "notNull": "IS NOT NULL"}
_ORDERED: Final = ("<", "<=", ">", ">=")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
_WANTED: Final = {
    ColumnType.TEXT: "a text in quotation marks, not empty",
    ColumnType.INTEGER: "a number",
    ColumnType.NUMBER: "a number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a date like 2024-02-29",
    ColumnType.TIMESTAMP: "a date or a time without a zone, like 2024-02-29 or 2024-02-29T23:59:00",
}
# How a stored type becomes one of ours. What is not listed is written out as text.
_STORED: Final = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), ColumnType.INTEGER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), ColumnType.INTEGER),
    **dict.fromkeys(("FLOAT", "DOUBLE"), ColumnType.NUMBER),
    "BOOLEAN": ColumnType.BOOLEAN,
    "DATE": ColumnType.DATE,
    "TIMESTAMP": ColumnType.TIMESTAMP,
}


def select(
    connection: duckdb.DuckDBPyConnection,
    parquet: Sequence[Path],
    columns: Sequence[str] | None,
    where: Sequence[Filter],
    order_by: Sequence[Order],
) -> Query:
    """Ask the rows of `parquet` (parts of one table, in order) that pass every filter; all columns if None.

    Names are taken exactly, in upper and lower case. An empty cell is != any value, and passes no other
    comparison. `contains` and `startsWith` take their value literally. Text compares by code points.
    Rows come in `order_by`, empty cells last, equals in the files' order; so the same request gives the
    same rows in the same order every time.
    Raises CallerError `unknown-column`, `duplicate-column`, `no-columns` or `bad-filter` with the `field`.
    """
    parts = [str(path) for path in parquet]
    known = _stored_columns(connection, parts)
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
    sql = f"SELECT {', '.join(cells)} FROM read_parquet(?)"
    if conditions:
        sql += f" WHERE {' AND '.join(conditions)}"
    if keys:
        sql += f" ORDER BY {', '.join(keys)}, file_index, file_row_number"
    return Query(connection, sql, tuple(parameters), tuple(chosen))


def _stored_columns(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> dict[str, Column]:
    described = connection.execute("DESCRIBE FROM read_parquet(?)", [parts]).fetchall()
    return {name: Column(name, _STORED.get(kind, ColumnType.TEXT)) for name, kind, *_ in described}


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
    column = known.get(name)
    if column is not None:
        return column
    by_lower = {other.lower(): other for other in known}
    near = [by_lower[match] for match in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]
    listed = ", ".join(f'"{other}"' for other in near or list(known)[:5])
    hint = f"Did you mean {listed}?" if near else f"It begins with {listed}."
    raise CallerError("unknown-column", f'The table has no column "{name}". {hint}', field=field)


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
    if column.type is ColumnType.TEXT and isinstance(value, str) and value:
        return value
    if column.type is ColumnType.BOOLEAN and isinstance(value, bool):
        return value
    if column.type in (ColumnType.INTEGER, ColumnType.NUMBER) and _is_number(value):
        return value
    if column.type in (ColumnType.DATE, ColumnType.TIMESTAMP) and isinstance(value, str):
        moment = _moment(value, column.type)
        if moment is not None:
            return moment
    raise _bad(f'"{column.name}" holds {column.type}: give {_WANTED[column.type]}.', field)


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 2**63
    return isinstance(value, float) and isfinite(value)


def _moment(value: str, type_: ColumnType) -> date | datetime | None:
    try:
        if type_ is ColumnType.DATE and _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if type_ is ColumnType.TIMESTAMP and _TIMESTAMP.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    return None


def _bad(message: str, field: str) -> CallerError:
    return CallerError("bad-filter", message, field=field)
