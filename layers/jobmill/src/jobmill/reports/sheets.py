"""Sheets of workbooks for people, as all reports have them: header, widths, and text that stays text."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, cast

from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

type Value = str | int | float | bool | date | datetime | None

MAX_CELL_CHARACTERS: Final = 32_767
MAX_DIGITS: Final = 15
MIN_WIDTH: Final = 8
MAX_WIDTH: Final = 60
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What Excel would read as an escaped character.
_ESCAPE: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
HEADER_FONT: Final = Font(bold=True)
HEADER_FILL: Final = PatternFill("solid", fgColor="DDEBF7")
_HEADER_BORDER: Final = Border(bottom=Side(style="thin"))
_TITLE_FONT: Final = Font(bold=True, size=14)
_LABEL_FONT: Final = Font(color="595959")


def clean(text: str) -> str:
    """`text` as a cell can hold it: without control characters and half pairs, cut at 32,767 units of UTF-16."""
    text = _UNWRITABLE.sub("", text)
    if len(text) * 2 > MAX_CELL_CHARACTERS:
        units = text.encode("utf-16-le", "replace")[: 2 * MAX_CELL_CHARACTERS]
        text = units.decode("utf-16-le", "ignore")
    return _ESCAPE.sub("_x005F_", text)


def put(sheet: "Worksheet", row: int, column: int, value: Value) -> "Cell":
    """Write one cell (both counted from 1). Text is text, whatever it looks like: never a formula, never an error.

    A whole number of more digits than Excel keeps becomes text; NaN and infinity become text too.
    """
    cell = cast("Cell", sheet.cell(row, column))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**MAX_DIGITS:
        value = str(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124
        value = str(value)
    if isinstance(value, str):
        cell.value = clean(value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def header(sheet: "Worksheet", names: Sequence[str], row: int = 1) -> None:
    """Write a bold header into `row`; it stays in sight, and has filter buttons (see `finish`)."""
    for column, name in enumerate(names, start=1):
        cell = put(sheet, row, column, name)
        cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, _HEADER_BORDER
    sheet.freeze_panes = f"A{row + 1}"


def title(sheet: "Worksheet", text: str) -> None:
    """Write the sheet's title into its first cell."""
    put(sheet, 1, 1, text).font = _TITLE_FONT


def facts(sheet: "Worksheet", pairs: Iterable[tuple[str, Value]], row: int) -> int:
    """Write label and value below each other from `row` on; gives the row after the last."""
    for label, value in pairs:
        put(sheet, row, 1, label).font = _LABEL_FONT
        cell = put(sheet, row, 2, value)
        if isinstance(value, int) and not isinstance(value, bool):
            cell.number_format = "#,##0"
        row += 1
    return row


def table(sheet: "Worksheet", names: Sequence[str], rows: Iterable[Sequence[Value]], row: int = 1) -> int:
    """Write a header into `row` and the rows below, with filter buttons; gives the row after the last."""
    first = row
    header(sheet, names, row)
    for values in rows:
        row += 1
        for column, value in enumerate(values, start=1):
            put(sheet, row, column, value)
    sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(names))}{row}"
    return row + 1


def widths(sheet: "Worksheet", characters: Sequence[int]) -> None:
    """Set each column's width, in characters, within what a screen can show."""
    for column, wanted in enumerate(characters, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(max(wanted, MIN_WIDTH), MAX_WIDTH)
