"""A workbook holds the table's values, cell by cell, as openpyxl reads them."""

import csv
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import airportsdata
import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from jobmill.errors import CallerError
from jobmill.tables.engine import literal
from jobmill.tables.filters import Filter, Order, Scalar
from jobmill.tables.xlsx_cells import MAX_CELL_CHARACTERS
from jobmill.tables.xlsx_limits import SheetLimits
from jobmill.tables.xlsx_writer import sheet_names

from .builders import Bench, csv_text

HOSTILE = [
    "=1+1", "{=SUM(A1)}", "+49 30 1", "-5 apples", "@SUM(A1)", "http://example.com/", "mailto:a@example.com",
    "007", "1e5", " lead", "trail ", "a\nb", "a\tb", "a\r\nb", "a\rb", "<&>\"'", "'quoted", "_x0041_",
    "\x01\x0b\x1f\x7f", "\ufffe\uffff", "é☃😀", "\u2028\x85", "NULL", "NA", "TRUE", "#REF!",
    "x" * MAX_CELL_CHARACTERS,
]  # fmt: skip


def values(sheet: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=2)]


def test_hostile_text_is_text_and_nothing_else(bench: Bench) -> None:
    bench.read(csv_text([["text", "row"], *([text, "x"] for text in HOSTILE)]))
    sheet = bench.sheet()
    assert [unescape(value) for value, _ in values(sheet)] == HOSTILE
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_each_type_is_a_cell_of_its_kind(bench: Bench) -> None:
    bench.read(
        "text,whole,part,yes,day,seen,fine\n"
        "007,999999999999999,0.30000000000000004,true,2024-02-29,2024-02-29 23:59:59,2024-02-29 23:59:59.125\n"
        ",,,,,,\n"
        ",-1,1e-07,false,1900-03-01,1900-03-01 00:00:01,9999-12-31 00:00:00.001\n"
    )
    sheet = bench.sheet()
    assert values(sheet) == [
        ("007", 999999999999999, 0.30000000000000004, True, datetime(2024, 2, 29), datetime(2024, 2, 29, 23, 59, 59),
         datetime(2024, 2, 29, 23, 59, 59, 125000)),
        (None,) * 7,
        (None, -1, 1e-07, False, datetime(1900, 3, 1), datetime(1900, 3, 1, 0, 0, 1),
         datetime(9999, 12, 31, 0, 0, 0, 1000)),
    ]  # fmt: skip
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "b", "d", "d", "d"]
    assert [cell.number_format for cell in sheet[2]] == [
        "@", "General", "General", "General", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["007", "1-2", "-x", "+1", "=x", "@x", ".5", "(1)", "$1", " 1"])
def test_a_text_that_excel_would_take_for_a_value_has_the_format_of_texts(bench: Bench, text: str) -> None:
    bench.make(f"SELECT * FROM (VALUES ('Oslo', 'x'), ('Bergen', {literal(text)}), (NULL, NULL)) t(plain, telling)")
    formats = [[cell.number_format for cell in row] for row in bench.sheet()["A2:B3"]]
    assert formats == [["General", "@"]] * 2


def test_what_excel_cannot_hold_is_written_as_text_with_a_note(bench: Bench) -> None:
    bench.make(
        "SELECT * FROM (VALUES (1234567890123456, DATE '0001-01-01', TIMESTAMP '1899-12-31 10:00:00',"
        " TIMESTAMP '2024-01-01 00:00:00.000001', 'NaN'::DOUBLE),"
        " (1, DATE '2024-01-01', NULL, TIMESTAMP '2024-01-01 00:00:00', 'inf'::DOUBLE)) t(a, b, c, d, e)"
    )
    sheet = bench.sheet()
    assert values(sheet) == [
        ("1234567890123456", "0001-01-01", "1899-12-31 10:00:00", "2024-01-01 00:00:00.000001", None),
        ("1", "2024-01-01", None, "2024-01-01 00:00:00", "inf"),
    ]
    assert [("text" in cell.comment.text) for cell in sheet[1]] == [True, True, True, True, False]
    assert "1 cells" in sheet["E1"].comment.text


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000, "😀" + "x" * 32_766, "é" * 32_768])
def test_text_over_excels_limit_is_cut_and_noted(bench: Bench, text: str) -> None:
    bench.read(csv_text([["long", "row"], [text, "a"], ["short", "b"]]))
    sheet = bench.sheet()
    [(cut, _), (short, _)] = values(sheet)
    units = len(cut.encode("utf-16-le")) // 2
    assert text.startswith(cut)
    assert MAX_CELL_CHARACTERS - 1 <= units <= MAX_CELL_CHARACTERS or "😀" in text
    assert short == "short"
    assert "1 cells" in sheet["A1"].comment.text


def test_the_header_is_bold_frozen_and_filtered_and_columns_are_wide_enough(bench: Bench) -> None:
    bench.read(csv_text([["id", "=name"], ["1", "x" * 30], ["2", "y" * 500]]))
    sheet = bench.sheet("Customers")
    assert sheet.title == "Customers"
    assert [cell.value for cell in sheet[1]] == ["id", "=name"]
    assert all(cell.font.b and cell.fill.fgColor.rgb == "FFDDEBF7" for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert 8 <= sheet.column_dimensions["A"].width < 12
    assert 60 <= sheet.column_dimensions["B"].width < 64


def test_a_table_without_rows_is_a_header(bench: Bench) -> None:
    bench.make("SELECT 1 AS a, 'x' AS b WHERE false")
    sheet = bench.sheet()
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["a", "b"]]


@pytest.mark.requirement("J1")
def test_airports_of_all_continents_arrive_in_the_workbook(bench: Bench) -> None:
    source = Path(airportsdata.__file__).with_name("airports.csv")
    with source.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    countries: list[Scalar] = ["NA", "DE", "IS", "VN", "PG", "CL", "FJ", "TR", "MA", "GL"]
    expected = [row for row in rows if row[header.index("country")] in countries]
    bench.read(source.read_bytes())
    sheet = bench.workbook(bench.ask(where=[Filter("country", "in", countries)]), name="airports").worksheets[0]
    read = sheet.iter_rows(values_only=True)
    assert list(next(read)) == header
    assert sheet.max_row - 1 == len(expected) > 1_000
    for row, cells in zip(read, expected, strict=True):
        for value, cell in zip(row, cells, strict=True):
            assert (value is None and cell == "") or value == cell or float(str(value)) == float(cell)


SMALL = SheetLimits(rows=1_000, sheets=5, xml_bytes=10**9)


def test_rows_beyond_a_sheet_continue_on_the_next_in_order(bench: Bench) -> None:
    bench.make("SELECT i AS id, i % 7 AS rest, 'n' || i AS name FROM range(2500) t(i)")
    workbook = bench.workbook(bench.ask(order_by=[Order("rest")]), limits=SMALL)
    assert workbook.sheetnames == ["Data", "Data (2)", "Data (3)", "About"]
    sheets = workbook.worksheets[:-1]
    found = [row for sheet in sheets for row in values(sheet)]
    assert found == sorted(((i, i % 7, f"n{i}") for i in range(2_500)), key=lambda row: (row[1], row[0]))
    assert [sheet.freeze_panes for sheet in sheets] == ["A2"] * 3
    assert [sheet.auto_filter.ref for sheet in sheets] == ["A1:C1001", "A1:C1001", "A1:C501"]
    assert all(sheet["A1"].font.b for sheet in sheets)


@pytest.mark.parametrize(
    ("rows", "sheets"),
    [(0, [1]), (1, [1]), (1_000, [1]), (1_001, [2]), (5_000, [5]), (5_001, [5, 1]), (10_001, [5, 5, 1])],
)
def test_sheets_and_workbooks_are_filled_to_their_last_row(bench: Bench, rows: int, sheets: list[int]) -> None:
    bench.make(f"SELECT i AS id FROM range({rows}) t(i)")
    workbooks = [openpyxl.load_workbook(file) for file in bench.workbooks(bench.ask(), limits=SMALL)]
    assert [len(workbook.sheetnames) - 1 for workbook in workbooks] == sheets
    data = [sheet for workbook in workbooks for sheet in workbook.worksheets[:-1]]
    assert [sheet.title for sheet in data] == sheet_names("Data", sum(sheets))
    assert [row for sheet in data for row in values(sheet)] == [(i,) for i in range(rows)]
    assert all(workbook.sheetnames[-1] == "About" for workbook in workbooks)


def test_a_column_of_the_reader_s_own_names_does_not_mix_the_rows(bench: Bench) -> None:
    """Found in DuckDB 2.0: a column of this name hides the number of the row, by which sheets are filled."""
    bench.make('SELECT 2500 - i AS file_row_number, i AS "FILE_INDEX", i AS c0 FROM range(2500) t(i)')
    sheets = bench.workbook(bench.ask(), limits=SMALL).worksheets[:-1]
    assert [row for sheet in sheets for row in values(sheet)] == [(2_500 - i, i, i) for i in range(2_500)]


def test_wide_sheets_are_fewer_in_a_workbook(bench: Bench) -> None:
    bench.make("SELECT i AS id, repeat('x', 1000) AS text FROM range(5000) t(i)")
    files = bench.workbooks(bench.ask(), limits=SheetLimits(rows=1_000, sheets=5, xml_bytes=2_500_000))
    assert [len(openpyxl.load_workbook(file, read_only=True).sheetnames) for file in files] == [3, 3, 2]


def test_a_sheet_that_is_too_large_for_a_workbook_is_refused_with_a_way_out(bench: Bench) -> None:
    bench.make("SELECT i AS id, repeat('x', 1000) AS text FROM range(2000) t(i)")
    with pytest.raises(CallerError, match=r"1,000 rows and 2 columns.*CSV") as raised:
        bench.workbooks(bench.ask(), limits=SheetLimits(rows=1_000, sheets=5, xml_bytes=1_000_000))
    assert raised.value.code == "workbook-too-large"


def test_the_same_table_gives_the_same_bytes_at_another_time(bench: Bench) -> None:
    bench.read(csv_text([["a", "b"], *([str(i), "x" * (40_000 if i == 5 else 3)] for i in range(2_000))]))
    first = [file.read_bytes() for file in bench.workbooks(bench.ask(), limits=SMALL)]
    second = int(time.time())
    while int(time.time()) == second:
        pass
    assert [file.read_bytes() for file in bench.workbooks(bench.ask(), limits=SMALL)] == first


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Data", ["Data", "Data (2)"]),
        ("a/b:c[d]*?\\", ["a_b_c_d____", "a_b_c_d____ (2)"]),
        ("x" * 40, ["x" * 31, "x" * 27 + " (2)"]),
        ("😀" * 20, ["😀" * 15, "😀" * 13 + " (2)"]),
        ("'quoted'", ["quoted", "quoted (2)"]),
        ("  ", ["Data", "Data (2)"]),
        ("History", ["History_", "History_ (2)"]),
        ("about", ["about_", "about_ (2)"]),
    ],
)
def test_any_name_becomes_a_sheets_name(bench: Bench, name: str, names: list[str]) -> None:
    assert sheet_names(name, 2) == names
    bench.make("SELECT 1 AS a")
    assert bench.sheet(name).title == names[0]


def test_times_before_1970_are_not_off(bench: Bench) -> None:
    """Found in rustpy-xlsxwriter 0.8.0: it writes 1969-12-31 23:59:59 as two seconds later."""
    moments = [datetime(1969, 12, 31, 23, 59, 59), datetime(1900, 3, 1, 12), datetime(1950, 1, 1, 0, 0, 1)]
    bench.read(csv_text([["at", "row"], *([str(moment), "x"] for moment in moments)]))
    assert [row[0] for row in values(bench.sheet())] == moments


def test_times_across_a_whole_day_keep_their_millisecond(bench: Bench) -> None:
    start = datetime(2024, 3, 31, 0, 0, 0, 1000)
    moments = [start + timedelta(milliseconds=86_399 * i) for i in range(1_000)]
    bench.read(csv_text([["at", "row"], *([moment.isoformat(), "x"] for moment in moments)]))
    assert [row[0] for row in values(bench.sheet())] == moments
