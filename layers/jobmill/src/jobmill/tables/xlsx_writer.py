"""Rows become Excel workbooks, written by rustpy-xlsxwriter from DuckDB's Arrow streams in bounded memory.

The writer (0.8.0) does not say when it cannot express a value: it drops dates before 1900 and parts of a second,
and puts times before 1970 up to two days off. So each column is looked at first (`xlsx_cells`), and written in a form
that keeps its values:

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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
from rustpy_xlsxwriter import Format, write_worksheets

from jobmill.errors import CallerError
from jobmill.tables.about import ABOUT, About, DataDigest, FileOf, about_rows
from jobmill.tables.columns import ColumnType
from jobmill.tables.engine import identifier
from jobmill.tables.query import Query
from jobmill.tables.xlsx_cells import Cells
from jobmill.tables.xlsx_limits import SheetLimits
from jobmill.tables.xlsx_package import drop_times

_MAX_SHEET_NAME: Final = 31
_HEADER_FILL: Final = "#DDEBF7"
_FORBIDDEN_IN_SHEET_NAME: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Excel keeps the one for itself, and the other is ours.
_TAKEN_SHEET_NAMES: Final = ("history", ABOUT.lower())
_ABOUT_WIDTHS: Final = [26.0, 100.0]
# What the XML has around the value of a text cell, the longest kind, and around a row.
_XML_BYTES_OF_CELL: Final = 55
_XML_BYTES_OF_ROW: Final = 60


@dataclass(frozen=True, slots=True)
class Workbooks:
    """An export's rows, shared out to sheets, and its sheets to one workbook or several. Nothing is written yet."""

    name: str
    cells: Sequence[Cells]
    rows: int
    sheets: Sequence[Query]
    digest: DataDigest
    sheet_rows: int
    sheets_of_each: int

    @property
    def count(self) -> int:
        """How many workbooks there are."""
        return -(-len(self.sheets) // self.sheets_of_each)

    def last_row(self, number: int) -> int:
        """The number of the last row of workbook `number` (both from 1); 0 if it has none."""
        return min(number * self.sheet_rows * self.sheets_of_each, self.rows)

    def write(self, number: int, target: Path, about: About) -> None:
        """Write workbook `number` (from 1) to `target`: its data sheets, and what they are on a last one.

        Each data sheet has a bold header that stays in sight, filter buttons and fitting widths. The first is called
        `name`, made fit for Excel; the next ones, in all workbooks, `Name (2)` and so on. Repeating it writes the
        same bytes.
        """
        first = (number - 1) * self.sheets_of_each
        sheets = self.sheets[first : first + self.sheets_of_each]
        names = sheet_names(self.name, first + len(sheets))[first:]
        streams = [_stream(sheet, self.cells) for sheet in sheets]
        place = FileOf(number, self.count, self.last_row(number - 1) + 1, self.last_row(number))
        facts = about_rows(about, self.rows, self.digest, place)
        _write(target, list(zip(names, streams, strict=True)), self.cells, facts)
        drop_times(target)


def share_out(
    name: str, cells: Sequence[Cells], rows: int, sheets: Sequence[Query], digest: DataDigest, limits: SheetLimits
) -> Workbooks:
    """Share `sheets`, each but the last of `limits.rows` rows, out to workbooks, by the size of the data.

    Raises CallerError `workbook-too-large` if a single sheet is too much for a workbook.
    """
    xml_bytes = digest.csv_bytes + rows * (_XML_BYTES_OF_CELL * len(cells) + _XML_BYTES_OF_ROW)
    of_a_sheet = xml_bytes * min(limits.rows, rows) // max(rows, 1)
    if of_a_sheet > limits.xml_bytes:
        raise CallerError(
            "workbook-too-large",
            f"A sheet of {min(limits.rows, rows):,} rows and {len(cells):,} columns is too large for a workbook. "
            "Choose CSV or Parquet, or fewer columns or rows.",
        )
    sheets_of_each = min(limits.sheets, limits.xml_bytes // max(of_a_sheet, 1))
    return Workbooks(name, cells, rows, sheets, digest, limits.rows, sheets_of_each)


def sheet_names(name: str, count: int) -> list[str]:
    """`count` different names that Excel accepts: `Name`, `Name (2)`, …; at most 31 characters each."""
    cleaned = _FORBIDDEN_IN_SHEET_NAME.sub("_", name).strip().strip("'") or "Data"
    if cleaned.lower() in _TAKEN_SHEET_NAMES:
        cleaned += "_"
    endings = [""] + [f" ({number})" for number in range(2, count + 1)]
    return [_utf16_prefix(cleaned, _MAX_SHEET_NAME - len(ending)).rstrip("' ") + ending for ending in endings]


def _utf16_prefix(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


@dataclass(frozen=True, slots=True)
class _ArrowStream:
    """A relation with nothing but its Arrow stream: the writer would take a relation for a pandas frame.

    The writer opens the streams one after the other, so that one connection serves them all, and ends them all.
    """

    relation: duckdb.DuckDBPyRelation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.relation.__arrow_c_stream__(requested_schema)


def _stream(query: Query, cells: Sequence[Cells]) -> _ArrowStream:
    selected = ", ".join(f"{cell.sql} AS {identifier(cell.header)}" for cell in cells)
    relation = query.connection.sql(f"SELECT {selected} FROM ({query.sql})", params=list(query.parameters))
    types = [str(type_) for type_ in relation.types]
    # The writer leaves cells of other types blank without a word.
    assert types == [cell.type.sql for cell in cells], types
    return _ArrowStream(relation)


def _write(
    target: Path,
    sheets: list[tuple[str, _ArrowStream]],
    cells: Sequence[Cells],
    about: Sequence[tuple[str, str | int]],
) -> None:
    names = [name for name, _ in sheets]
    all_names = [*names, ABOUT]
    header = Format().set_bold().set_background_color(_HEADER_FILL).set_border_bottom("thin")
    # A format costs time in every cell of its column, so only the columns that need one are named.
    formats = {cell.header: Format().set_num_format(cell.number_format) for cell in cells if cell.number_format}
    # No green triangle at "007": it is text on purpose.
    text_columns = [cell.header for cell in cells if cell.type is ColumnType.TEXT]
    notes: dict[str, str | dict[str, Any]] = {cell.header: cell.note for cell in cells if cell.note}
    widths = [cell.width for cell in cells]
    facts = {ABOUT: Format().set_align("top"), "Value": _value_format()}
    write_worksheets(
        [*sheets, (ABOUT, [{ABOUT: fact, "Value": value} for fact, value in about])],
        str(target),
        freeze_panes={"general": {"row": 1, "col": 0}},
        inf_value="inf",
        autofilter=dict.fromkeys(names, True),
        header_format=dict.fromkeys(all_names, header),
        column_formats={**dict.fromkeys(names, formats), ABOUT: facts},
        column_widths={**dict.fromkeys(names, widths), ABOUT: _ABOUT_WIDTHS},
        ignore_errors={**dict.fromkeys(names, text_columns), ABOUT: ["Value"]},
        notes=dict.fromkeys(names, notes),
    )


def _value_format() -> Format:
    return Format().set_text_wrap().set_align("left").set_align("top").set_num_format("#,##0")
