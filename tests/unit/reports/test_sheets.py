"""Cells of the workbooks for people: text stays text."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from jobmill.reports.sheets import put, table, widths
from jobmill.reports.validation_workbook import MAX_BARS, write_validation


@pytest.mark.parametrize(
    ("value", "written", "kind"),
    [
        ("=1+1", "=1+1", "s"),
        ("@x", "@x", "s"),
        ("#N/A", "#N/A", "s"),
        ("007", "007", "s"),
        ("a\x00b\x0b\x1f\ud800\uffff", "ab", "s"),
        ("tab\tand\nline", "tab\tand\nline", "s"),
        ("😀" * 20_000, "😀" * 16_383, "s"),
        ("x" * 40_000, "x" * 32_767, "s"),
        (10**15, str(10**15), "s"),
        (10**15 - 1, 10**15 - 1, "n"),
        (-1.5, -1.5, "n"),
        (float("nan"), "nan", "s"),
        (float("-inf"), "-inf", "s"),
        (True, True, "b"),
        (date(2024, 2, 29), date(2024, 2, 29), "d"),
    ],
)
def test_a_value_survives_as_what_it_is(tmp_path: Path, value: Any, written: Any, kind: str) -> None:
    book = Workbook()
    put(book.worksheets[0], 1, 1, value)
    book.save(tmp_path / "book.xlsx")
    cell = load_workbook(tmp_path / "book.xlsx").worksheets[0]["A1"]
    found = cell.value.date() if kind == "d" else cell.value
    assert (found, cell.data_type) == (written, kind)


def test_what_excel_would_unescape_is_escaped() -> None:
    sheet = Workbook().worksheets[0]
    assert put(sheet, 1, 1, "_x0041_").value == "_x005F_x0041_"


def test_a_table_has_a_header_that_stays_and_filter_buttons() -> None:
    sheet = Workbook().worksheets[0]
    assert table(sheet, ["a", "b"], [[1, "x"], [2, "y"]], row=3) == 6
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A4", "A3:B5")
    assert sheet["A3"].font.bold
    widths(sheet, [1, 1000])
    assert [sheet.column_dimensions[column].width for column in "AB"] == [8, 60]


def test_the_chart_is_of_the_rules_with_the_most_errors(tmp_path: Path) -> None:
    rules = [(f"f{i}", "minimum", i) for i in range(MAX_BARS + 5)]
    write_validation(tmp_path / "book.xlsx", [("Dataset", "=d")], rules, [(2, "f1", "=x", "minimum", "m")], 1, 300)
    summary = load_workbook(tmp_path / "book.xlsx")["Summary"]
    bars = [row for row in summary.iter_rows(min_col=6, max_col=7, values_only=True) if row[0]]
    assert bars == [("Rule", "Errors"), *((f"f{i} · minimum", i) for i in range(MAX_BARS + 4, 4, -1))]
    told = {row[0]: row[1] for row in summary.iter_rows(values_only=True) if row[0]}
    assert told["Listed on the sheet Errors"] == "1 of 300 errors, the first ones"
    (chart,) = summary._charts  # type: ignore[attr-defined]
    (series,) = chart.series
    assert series.val.numRef.f == f"'Summary'!$G$8:$G${MAX_BARS + 7}"
