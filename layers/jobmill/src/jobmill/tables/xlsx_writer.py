"""A query becomes an Excel workbook, written by rustpy-xlsxwriter from DuckDB's Arrow stream in bounded memory.

The writer (0.8.0) does not say when it cannot express a value: it drops dates before 1900 and parts of a second,
and puts times before 1970 up to two days off. So each column is looked at first, and written in a form that
keeps its values:

integer     a number; the whole column as text if a value has more than 15 digits
number      a number. NaN, which Excel does not have, becomes an empty cell, infinity the text inf
boolean     TRUE or FALSE
date        a date; the whole column as ISO text if a value is before 1 March 1900, where spreadsheets disagree
timestamp   likewise; to the second, or to the millisecond if a value has one; finer than that as ISO text
text        text, also if it looks like a formula, a number or a link; cut at Excel's 32,767 characters.
            Control characters are escaped as Excel does it (_x0001_)

What was changed is told in a note on the column's header.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
from rustpy_xlsxwriter import Format, write_worksheets

from jobmill.errors import CallerError
from jobmill.tables.columns import ColumnType
from jobmill.tables.engine import identifier, literal
from jobmill.tables.query import Query
from jobmill.tables.xlsx_cells import Cells, look_at
from jobmill.tables.xlsx_package import drop_times

# Excel's 1,048,576 rows, less the header.
MAX_SHEET_ROWS: Final = 1_048_575
MAX_SHEETS: Final = 5
_MAX_SHEET_NAME: Final = 31
_HEADER_FILL: Final = "#DDEBF7"
_FORBIDDEN_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_xlsx(query: Query, target: Path, sheet_name: str) -> int:
    """Write the query's rows in their order to the workbook `target`, in the workspace; return how many.

    Each sheet has a bold header that stays in sight, filter buttons and fitting widths. Rows beyond a sheet's
    1,048,575 continue on `Name (2)`, and so on; for that the rows are first laid down beside `target`.
    `sheet_name` is made fit for Excel. Repeating it writes the same bytes.
    Raises CallerError `too-many-rows` beyond five sheets.
    """
    rows, cells = look_at(query)
    if rows > MAX_SHEET_ROWS * MAX_SHEETS:
        raise CallerError(
            "too-many-rows",
            f"The export has {rows:,} rows; an Excel file takes {MAX_SHEET_ROWS * MAX_SHEETS:,}. "
            "Choose CSV, or filter the rows.",
        )
    selected = f"SELECT {', '.join(_aliased(cell) for cell in cells)} FROM ({query.sql})"
    if rows <= MAX_SHEET_ROWS:
        _write(target, sheet_names(sheet_name, 1), [_stream(query, selected, cells)], cells)
    else:
        _write_sheets(query, target, sheet_name, selected, cells, rows)
    drop_times(target)
    return rows


def sheet_names(name: str, count: int) -> list[str]:
    """`count` different names that Excel accepts: `Name`, `Name (2)`, …; at most 31 characters each."""
    cleaned = _FORBIDDEN_IN_SHEET_NAME.sub("_", name).strip().strip("'") or "Data"
    if cleaned.lower() == "history":
        cleaned += "_"
    endings = [""] + [f" ({number})" for number in range(2, count + 1)]
    return [_utf16_prefix(cleaned, _MAX_SHEET_NAME - len(ending)).rstrip("' ") + ending for ending in endings]


def _utf16_prefix(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def _aliased(cell: Cells) -> str:
    return f"{cell.sql} AS {identifier(cell.column.name)}"


def _write_sheets(query: Query, target: Path, sheet_name: str, selected: str, cells: list[Cells], rows: int) -> None:
    """Sort once into a file, then fill each sheet from its part of it."""
    ordered = target.with_name(target.name + ".ordered.parquet")
    try:
        query.connection.execute(
            f"COPY ({selected}) TO {literal(str(ordered))} (FORMAT parquet)", list(query.parameters)
        )
        streams = [
            _stream(
                Query(query.connection.cursor(), query.sql, (), query.columns),
                f"FROM read_parquet({literal(str(ordered))})"
                f" WHERE file_row_number BETWEEN {first} AND {first + MAX_SHEET_ROWS - 1}",
                cells,
            )
            for first in range(0, rows, MAX_SHEET_ROWS)
        ]
        _write(target, sheet_names(sheet_name, len(streams)), streams, cells)
    finally:
        ordered.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _ArrowStream:
    """A relation with nothing but its Arrow stream: the writer would take a relation for a pandas frame."""

    relation: duckdb.DuckDBPyRelation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.relation.__arrow_c_stream__(requested_schema)


def _stream(query: Query, statement: str, cells: list[Cells]) -> _ArrowStream:
    relation = query.connection.sql(statement, params=list(query.parameters))
    types = [str(type_) for type_ in relation.types]
    # The writer leaves cells of other types blank without a word.
    assert types == [cell.type.sql for cell in cells], types
    return _ArrowStream(relation)


def _write(target: Path, names: list[str], streams: list[_ArrowStream], cells: list[Cells]) -> None:
    header = Format().set_bold().set_background_color(_HEADER_FILL).set_border_bottom("thin")
    # A format costs time in every cell of its column, so only the columns that need one are named.
    formats = {cell.column.name: Format().set_num_format(cell.number_format) for cell in cells if cell.number_format}
    # No green triangle at "007": it is text on purpose.
    text_columns = [cell.column.name for cell in cells if cell.type is ColumnType.TEXT]
    notes: dict[str, str | dict[str, Any]] = {cell.column.name: cell.note for cell in cells if cell.note}
    widths = [cell.width for cell in cells]
    write_worksheets(
        list(zip(names, streams, strict=True)),
        str(target),
        freeze_panes={"general": {"row": 1, "col": 0}},
        inf_value="inf",
        autofilter=dict.fromkeys(names, True),
        header_format=dict.fromkeys(names, header),
        column_formats=dict.fromkeys(names, formats),
        column_widths=dict.fromkeys(names, widths),
        ignore_errors=dict.fromkeys(names, text_columns),
        notes=dict.fromkeys(names, notes),
    )
