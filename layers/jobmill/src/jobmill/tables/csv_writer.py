"""A query becomes a CSV file: UTF-8, header, commas, LF, quotation marks where RFC 4180 wants them."""

from pathlib import Path
from typing import Final

from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import identifier, literal
from jobmill.tables.query import Query

# What a spreadsheet may take for the beginning of a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_csv(query: Query, target: Path, formula_safe: bool = True, *, header: bool = True) -> int:
    """Write the query's rows in their order to `target`, inside the connection's workspace; return how many.

    Dates are ISO (2024-02-29 and 2024-02-29 23:59:00), truth is true or false, an empty cell is NULL. With
    `formula_safe` a text, or a column's name, that begins with = + - @ tab or CR gets an apostrophe before it;
    numbers never do. Repeating it writes the same bytes. Without a `header` they follow on those of other rows.
    """
    names = [identifier(safe_text(column.name) if formula_safe else column.name) for column in query.columns]
    cells = [f"{_cell(column, formula_safe)} AS {name}" for column, name in zip(query.columns, names, strict=True)]
    # An empty line would be no row to a reader, so the empty cell of an only column is written as "".
    only_column = len(query.columns) == 1
    quoting = f", FORCE_QUOTE ({names[0]})" if only_column else ""
    if only_column:
        cells = [f"coalesce({_cell(query.columns[0], formula_safe)}::VARCHAR, '') AS {names[0]}"]
    statement = (
        f"COPY (SELECT {', '.join(cells)} FROM ({{query}})) TO {literal(str(target))}"
        f" (FORMAT csv, HEADER {header}, DELIMITER ',', QUOTE '\"', ESCAPE '\"'{quoting})"
    )
    [(rows,)] = query.run(statement)
    assert isinstance(rows, int)
    return rows


def safe_text(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet may take for a formula."""
    return "'" + text if text.startswith(_FORMULA_STARTS) else text


def _cell(column: Column, formula_safe: bool) -> str:
    cell = identifier(column.name)
    if not formula_safe or column.type is not ColumnType.TEXT:
        return cell
    return f"CASE WHEN regexp_matches({cell}, '^[=+@\\t\\r-]') THEN '''' || {cell} ELSE {cell} END"
