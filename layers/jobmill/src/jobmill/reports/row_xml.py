"""Rows of a sheet as XML, for sheets of so many that openpyxl's cells would take too long (`workbooks.save`)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from jobmill.reports.sheets import clean

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def style(
    sheet: "Worksheet",
    *,
    font: Font | None = None,
    fill: PatternFill | None = None,
    alignment: Alignment | None = None,
    number_format: str = "@",
) -> int:
    """The number of a style, added to those of the sheet's workbook; without a `number_format` it is that of texts."""
    cell = WriteOnlyCell(sheet)
    cell.number_format = number_format
    for name, value in (("font", font), ("fill", fill), ("alignment", alignment)):
        if value is not None:
            setattr(cell, name, value)
    return int(cell.style_id)


def text_cell(place: str, text: str, style: int) -> str:
    """A cell of text, whatever it looks like; `place` is its address."""
    start = f'<c r="{place}" s="{style}"'
    if not text:
        return f"{start}/>"
    escaped = escape(clean(text), {"\r": "&#13;"})
    return f'{start} t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'


def number_cell(place: str, number: float | None, style: int) -> str:
    """A cell of a finite number, or an empty one."""
    return f'<c r="{place}" s="{style}"/>' if number is None else f'<c r="{place}" s="{style}"><v>{number}</v></c>'


def row(number: int, cells: Iterable[str]) -> str:
    """The row of these cells."""
    return f'<row r="{number}">{"".join(cells)}</row>'
