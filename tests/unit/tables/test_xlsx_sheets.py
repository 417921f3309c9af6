"""The sheets of a workbook that a person sees are listed, and nothing else of it is read."""

from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart

from jobmill.errors import CallerError
from jobmill.tables.xlsx_reader import ReadingStopped, list_sheets


def test_visible_sheets_of_cells_are_listed_in_their_order(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Notes & Ünicode"
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.create_sheet("Pages").append(["=1+1"])
    book.save(tmp_path / "book.xlsx")
    assert list_sheets(tmp_path / "book.xlsx") == ("Notes & Ünicode", "Pages")


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(CallerError) as refused:
        list_sheets(tmp_path / "book.xlsx")
    assert refused.value.code == "damaged-workbook"


def test_listing_ends_when_it_is_told_to(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    with pytest.raises(ReadingStopped):
        list_sheets(tmp_path / "book.xlsx", on_start=lambda stop: stop())
