"""The files for rows that an import did not take, as a person and a program find them."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from jobmill.reports.error_files import MAX_COLUMNS, MAX_COMMENTS, write_errors_csv, write_errors_workbook
from jobmill.reports.sheets import clean
from jobmill.tables.bad_rows import BadRow, CellError

JOB = "0190b0a0-0000-7000-8000-000000000000"
HEADERS = ("code", "name", "height")
RED = "00FFC7CE"
NO_NUMBER = CellError(2, "height", "type-error", '"tall" is not a number.')
TOO_SHORT = CellError(None, "", "row-too-short", "The row has 2 cells, and the header 3.")


def bad_row(row: int, cells: Sequence[str | None], *errors: CellError) -> BadRow:
    return BadRow(row, f"{JOB}:{row}", tuple(cells), errors)


def workbook_of(folder: Path, *rows: BadRow, headers: Sequence[str] = HEADERS, job_id: str | None = JOB) -> Path:
    target = folder / "errors.xlsx"
    write_errors_workbook(target, headers, lambda: rows, job_id=job_id, note="2 rows of places.csv were not imported.")
    return target


def sheet_of(workbook: Path) -> Worksheet:
    sheet = load_workbook(workbook).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def values(sheet: Worksheet) -> list[list[object]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def is_red(cell: object) -> bool:
    assert isinstance(cell, Cell)
    return cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb == RED


def said(cell: object) -> str | None:
    assert isinstance(cell, Cell)
    return cell.comment.text if cell.comment else None


def test_a_row_stands_with_its_number_its_identity_its_problems_and_all_its_cells(tmp_path: Path) -> None:
    rows = (bad_row(4, ("007", "Oslo", "tall"), NO_NUMBER), bad_row(9, ("008", "Bergen"), TOO_SHORT))
    sheet = sheet_of(workbook_of(tmp_path, *rows))
    assert sheet.title == "Rows to correct"
    assert values(sheet) == [
        ["jobmill-row", "Row (Jobmill)", "Problems (Jobmill)", *HEADERS],
        [f"{JOB}:4", 4, '"tall" is not a number.', "007", "Oslo", "tall"],
        [f"{JOB}:9", 9, "The row has 2 cells, and the header 3.", "008", "Bergen", None],
    ]
    assert sheet.column_dimensions["A"].hidden
    assert not sheet.column_dimensions["B"].hidden
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", "A1:F3")
    with_its_own_size = load_workbook(tmp_path / "errors.xlsx", read_only=True)
    assert with_its_own_size.worksheets[0].calculate_dimension() == "A1:F3"
    with_its_own_size.close()


def test_bad_cells_are_red_with_their_message_and_the_problems_of_bad_rows_too(tmp_path: Path) -> None:
    required = CellError(2, "height", "required", "It must not be empty.")
    rows = (
        bad_row(4, ("1", "Oslo", "tall"), NO_NUMBER, CellError(2, "height", "enum", "It is not one of 1, 2.")),
        bad_row(5, ("1", "Bergen"), TOO_SHORT, required),
    )
    sheet = sheet_of(workbook_of(tmp_path, *rows))
    red = [cell.coordinate for row in sheet.iter_rows() for cell in row if is_red(cell)]
    assert red == ["F2", "C3", "F3"]
    assert said(sheet["F2"]) == '"tall" is not a number.\nIt is not one of 1, 2.'
    assert said(sheet["F3"]) == "It must not be empty."
    assert [said(sheet[name]) for name in ("C3", "D2", "E2")] == [None, None, None]
    assert sheet["C3"].value == "The row has 2 cells, and the header 3.\nIt must not be empty."
    assert sheet["C3"].alignment.wrap_text


def test_nothing_in_a_cell_is_more_than_text(tmp_path: Path) -> None:
    cells = ("=1+1", "007", "#N/A", "1e5", "TRUE", "2024-02-29", " x ", "a\r\nb", "<&>\"'", "\x1f5\x00", "_x0041_")
    rows = (bad_row(2, cells, CellError(0, "=1+1", "type-error", "=2+2\x00\x1f")),)
    sheet = sheet_of(workbook_of(tmp_path, *rows, headers=["=h", "\x01b", *"cdefghijk"]))
    found = list(sheet[2][3:])
    assert [cell.value for cell in found] == [*cells[:9], "5", "_x005F_x0041_"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.column != 2} == {"s"}
    assert {cell.number_format for cell in found} == {"@"}
    assert sheet.column_dimensions["N"].number_format == "@"
    assert [sheet["D1"].value, sheet["E1"].value, sheet["C2"].value] == ["=h", "b", "=2+2"]
    assert said(sheet["D2"]) == "=2+2"


def test_cells_beyond_the_header_have_a_column_too(tmp_path: Path) -> None:
    rows = (bad_row(2, "abc", TOO_SHORT), bad_row(3, "abcde", CellError(4, "", "row-too-long", "Too much.")))
    sheet = sheet_of(workbook_of(tmp_path, *rows))
    assert [cell.value for cell in sheet[1]][3:] == [*HEADERS, "(column 4)", "(column 5)"]
    assert (sheet["H3"].value, said(sheet["H3"])) == ("e", "Too much.")


def test_a_column_of_the_file_may_have_the_name_of_one_of_ours(tmp_path: Path) -> None:
    headers = ("jobmill-row", "Row (Jobmill)", "Problems (Jobmill)")
    sheet = sheet_of(workbook_of(tmp_path, bad_row(2, ("x", "y", "z"), TOO_SHORT), headers=headers))
    assert values(sheet)[0] == [*headers, *headers]
    assert values(sheet)[1][3:] == ["x", "y", "z"]


def test_what_a_sheet_cannot_hold_is_said(tmp_path: Path) -> None:
    long, wide = bad_row(2, ("1", "😀" * 16_384), NO_NUMBER), bad_row(3, "x" * (MAX_COLUMNS + 2), NO_NUMBER)
    sheet = sheet_of(workbook_of(tmp_path, long, wide))
    assert str(sheet["C2"].value).endswith('\nThe cell of "name" is cut here to 32,767 characters.')
    assert str(sheet["C3"].value).endswith("\nOnly the first 16,381 of its 16,383 cells are here.")
    assert sheet.max_column == 16_384
    assert (is_red(sheet["C2"]), is_red(sheet["C3"])) == (True, True)


def test_beyond_so_many_comments_bad_cells_have_their_colour_only(tmp_path: Path) -> None:
    errors = [CellError(column, "", "x", "Wrong.") for column in range(100)]
    rows = [bad_row(row, ["x"] * 100, *errors) for row in range(2, MAX_COMMENTS // 100 + 3)]
    sheet = sheet_of(workbook_of(tmp_path, *rows, headers=["h"] * 100))
    *commented, last = list(sheet.iter_rows(min_row=2, min_col=4))
    assert {said(cell) for row in commented for cell in row} == {"Wrong."}
    assert {(said(cell), is_red(cell)) for cell in last} == {(None, True)}


def test_the_second_sheet_says_how_to_send_it_back(tmp_path: Path) -> None:
    sheet = load_workbook(workbook_of(tmp_path, bad_row(2, "abc", TOO_SHORT))).worksheets[1]
    lines = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    assert sheet.title == "What to do"
    assert lines[0] == "2 rows of places.csv were not imported."
    assert f"jobmill import errors.xlsx --continues {JOB}" in lines


def test_of_an_import_that_took_nothing_it_says_to_import_again(tmp_path: Path) -> None:
    sheet = load_workbook(workbook_of(tmp_path, bad_row(2, "abc", TOO_SHORT), job_id=None)).worksheets[1]
    said = " ".join(str(row[0]) for row in sheet.iter_rows(values_only=True))
    assert "import that file again" in said
    assert "--continues" not in said


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first = workbook_of(tmp_path, bad_row(2, "abc", NO_NUMBER)).read_bytes()
    assert workbook_of(tmp_path, bad_row(2, "abc", NO_NUMBER)).read_bytes() == first
    assert {entry.date_time[0] for entry in ZipFile(io.BytesIO(first)).infolist()} == {1980}


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(st.lists(TEXTS | st.none(), max_size=5), min_size=1, max_size=5), headers=st.lists(TEXTS, max_size=3)
)
def test_cells_come_back_as_they_were(rows: list[list[str | None]], headers: list[str]) -> None:
    written = [bad_row(number, cells, NO_NUMBER) for number, cells in enumerate(rows, start=2)]
    with TemporaryDirectory() as folder:
        found = values(sheet_of(workbook_of(Path(folder), *written, headers=headers)))
    assert [name or "" for name in found[0][3 : 3 + len(headers)]] == [clean(name) for name in headers]
    for cells, row in zip(rows, found[1:], strict=True):
        back = [text or "" for text in row[3:]]
        assert back[: len(cells)] == [clean(text or "") for text in cells]
        assert not any(back[len(cells) :])


def test_the_csv_file_has_a_line_for_each_error(tmp_path: Path) -> None:
    rows = (
        bad_row(4, ("1", 'say "hi"', "-5"), CellError(2, "height", "minimum", "-5 is too small."), TOO_SHORT),
        bad_row(5, ("=1+1",), CellError(0, "@code", "pattern", '"=1+1" is no code.'), NO_NUMBER),
    )
    target = tmp_path / "errors.csv"
    write_errors_csv(target, rows)
    content = target.read_bytes()
    assert b"\r" not in content
    assert list(csv.reader(io.StringIO(content.decode()))) == [
        ["row", "origin", "field", "code", "message", "value"],
        ["4", f"{JOB}:4", "height", "minimum", "'-5 is too small.", "'-5"],
        ["4", f"{JOB}:4", "", "row-too-short", "The row has 2 cells, and the header 3.", ""],
        ["5", f"{JOB}:5", "'@code", "pattern", '"=1+1" is no code.', "'=1+1"],
        ["5", f"{JOB}:5", "height", "type-error", '"tall" is not a number.', ""],
    ]
