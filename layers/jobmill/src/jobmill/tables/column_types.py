"""Which type a column of text has, by rules that lose nothing; written as SQL, so that millions of cells are cheap.

A column has a type when every cell that is not empty fits it; else it is text. What fits:

boolean     true, false, True, False, TRUE, FALSE
integer     at most 15 digits (as many as Excel keeps), perhaps a minus; no plus, no leading zero: "007" is a code
number      as JSON writes it: digits on both sides of the point, no plus, no leading zero. An exponent only as
            programs write it (signed, two digits: 1.5e-07): "1E5" is a code. At most 15 digits, or more if the
            nearest 64-bit number is written with exactly these. NaN and infinity are text
date        2024-02-29
timestamp   2024-02-29 23:59, :00 or :00.123456, with a blank or a T. With a zone (Z, +01:00) or finer than a
            microsecond it is text, because a timestamp would drop that part

Blanks around a value make it text: they are part of the cell. Days and timestamps in one column make it text.
"""

from collections.abc import Sequence
from typing import Final

import duckdb

from jobmill.tables.columns import ColumnType

MAX_DIGITS: Final = 15
_NUMBER: Final = r"-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][+-][0-9]{2})?"
_TIMESTAMP: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"

# {c} is the cell's text, {v} the same cell tried as the type. Each rule says whether a non-empty cell fits.
# Kept plain: planning time grows with their length, and with the square of the columns asked at once. CASE, because
# both sides of an OR are evaluated for every cell.
_FITS: Final = {
    ColumnType.BOOLEAN: "{c} IN ('true', 'false', 'True', 'False', 'TRUE', 'FALSE')",
    ColumnType.INTEGER: f"{{v}}::VARCHAR = {{c}} AND abs({{v}}) < {10**MAX_DIGITS}",
    ColumnType.NUMBER: (
        f"regexp_full_match({{c}}, '{_NUMBER}')"
        f" AND CASE WHEN strlen({{c}}) <= {MAX_DIGITS + 1} THEN true"
        " ELSE rtrim({v}::VARCHAR, '0') = rtrim({c}, '0') END"
    ),
    ColumnType.DATE: "strlen({c}) = 10 AND {v}::VARCHAR = {c}",
    # Most are written as DuckDB writes them, which is cheaper to see than a pattern.
    ColumnType.TIMESTAMP: (
        "strlen({c}) >= 16 AND {v} < TIMESTAMP '10000-01-01'"
        " AND CASE WHEN {v}::VARCHAR = {c} THEN true"
        f" ELSE {{c}} > '0001' AND regexp_full_match({{c}}, '{_TIMESTAMP}') END"
    ),
}
_COLUMNS_AT_ONCE: Final = 40
# An integer column may turn out to hold decimals further down, and a column empty so far anything.
_WIDER: Final = {
    ColumnType.INTEGER: (ColumnType.INTEGER, ColumnType.NUMBER),
    ColumnType.TEXT: (),
}


def infer(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    columns: int,
    decimal: str = ".",
    earlier: Sequence[ColumnType | None] | None = None,
) -> list[ColumnType | None]:
    """Type the text columns c0, c1, … of `source` (SQL) over all its rows; None for a column without values.

    `decimal` is the sign before a number's decimals, a point or a comma.
    `earlier` is what this function said of a part of these rows: only what can still be true is tried.
    """
    candidates = [_candidates(earlier[i] if earlier else None) for i in range(columns)]
    open_columns = [i for i in range(columns) if candidates[i]]
    found: list[ColumnType | None] = [ColumnType.TEXT] * columns
    for begin in range(0, len(open_columns), _COLUMNS_AT_ONCE):
        asked = open_columns[begin : begin + _COLUMNS_AT_ONCE]
        wanted = [f"count(c{i})" for i in asked]
        for i in asked:
            wanted += [f"count_if({_fits(type_, i, _tried(type_, i, decimal), decimal)})" for type_ in candidates[i]]
        counts = connection.execute(f"SELECT {', '.join(wanted)} FROM {source}").fetchall()[0]
        fitting = iter(counts[len(asked) :])
        for i, cells in zip(asked, counts, strict=False):
            fits = [type_ for type_ in candidates[i] if next(fitting) == cells]
            found[i] = (fits or [ColumnType.TEXT])[0] if cells else None
    return found


def typed(source: str, types: Sequence[ColumnType | None], names: Sequence[str], decimal: str = ".") -> str:
    """SQL that reads the text columns c0, c1, … of `source` as `types`, under `names` (quoted identifiers).

    It stops with duckdb.InvalidInputException at the first cell that does not fit: nothing is read wrongly.
    In a column without a type no cell but an empty one fits, and it reads as text.
    """
    tried = [
        f"c{i}" + (f", {_tried(type_, i, decimal)} AS v{i}" if type_ in _FITS else "") for i, type_ in enumerate(types)
    ]
    values = [
        f"{_value(type_, i, decimal)} AS {name}" for i, (type_, name) in enumerate(zip(types, names, strict=True))
    ]
    return f"SELECT {', '.join(values)} FROM (SELECT {', '.join(tried)} FROM {source})"


def _candidates(earlier: ColumnType | None) -> tuple[ColumnType, ...]:
    return tuple(_FITS) if earlier is None else _WIDER.get(earlier, (earlier,))


def _tried(type_: ColumnType, column: int, decimal: str) -> str:
    return f"TRY_CAST({_cell(type_, column, decimal)} AS {type_.sql})"


def _cell(type_: ColumnType, column: int, decimal: str) -> str:
    """The cell's text, a number's with a point. A point that stands in it already makes it none."""
    if type_ is not ColumnType.NUMBER or decimal == ".":
        return f"c{column}"
    return f"translate(c{column}, '.{decimal}', '{decimal}.')"


def _fits(type_: ColumnType, column: int, value: str, decimal: str) -> str:
    return "(" + _FITS[type_].replace("{c}", _cell(type_, column, decimal)).replace("{v}", value) + ")"


def _value(type_: ColumnType | None, column: int, decimal: str) -> str:
    cell, value = f"c{column}", f"v{column}"
    if type_ is ColumnType.TEXT:
        return cell
    if type_ is None:
        return f"CASE WHEN {cell} IS NULL THEN {cell} ELSE error('misfit') END"
    return f"CASE WHEN {cell} IS NULL OR {_fits(type_, column, value, decimal)} THEN {value} ELSE error('misfit') END"
