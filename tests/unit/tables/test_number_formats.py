"""Excel's number formats: what it takes, and what shows moments as a strptime pattern writes them."""

from datetime import datetime

import openpyxl
import pytest
from openpyxl.styles.numbers import is_date_format

from jobmill.tables.number_formats import excel_format, is_number_format

from .builders import Bench


@pytest.mark.parametrize(
    "code",
    [
        "0", "0.00", "#,##0.00", "0%", "0.00E+00", "General", 'General" kg"', "@", "# ?/?", "0.0,,",
        "#,##0.00 €", '#,##0.00 "EUR"', "#,##0;[Red]-#,##0", '0;-0;"none";@', "[>=1000]0.0,;0", "[$€-407] #,##0.00",
        "[Color 12]0", r"\N\r\. 0", "_-* #,##0.00_-;-* #,##0.00_-", "(0)", "yyyy-mm-dd", "dd/mm/yyyy hh:mm:ss.000",
        "h:mm AM/PM", "[h]:mm", "mmm yy", "ss.0", "dddd",
    ],
)  # fmt: skip
def test_codes_that_excel_takes(code: str) -> None:
    assert is_number_format(code)


@pytest.mark.parametrize(
    "code",
    [
        "", "x", "kg", "0 kg", '0 "kg', "[Red", "[Pink]0", "0;0;0;0;0", "0.0.0", "yyyy 0", "General 0", "0\\", "0_",
        "0\n", "0" * 256, "[>]0", "=1+1|cmd", "0'\x00",
    ],
)  # fmt: skip
def test_codes_that_excel_does_not_take(code: str) -> None:
    assert not is_number_format(code)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("%Y-%m-%d", "yyyy-mm-dd"),
        ("%d.%m.%Y", r"dd\.mm\.yyyy"),
        ("%d/%m/%y", r"dd\/mm\/yy"),
        ("%-d %B %Y", "d mmmm yyyy"),
        ("%a, %d %b %Y", r"ddd\, dd mmm yyyy"),
        ("%Y%m%d", "yyyymmdd"),
        ("%d.%m.%Y %H:%M", r"dd\.mm\.yyyy hh:mm"),
        ("%Y-%m-%dT%H:%M:%S.%f", r"yyyy-mm-dd\Thh:mm:ss.000"),
        ("%I:%M %p", "hh:mm AM/PM"),
        ("%M:%S", "mm:ss"),
        ("%H h %M", r"hh \h mm"),
        ("100%% %Y", r"\1\0\0\% yyyy"),
    ],
)
def test_a_strptime_pattern_as_excel_writes_it(pattern: str, code: str) -> None:
    assert excel_format(pattern) == code
    assert is_date_format(code)


@pytest.mark.parametrize(
    "pattern",
    [
        "default",
        "any",
        "",
        "%j %Y",
        "%Y %z",
        "%Y-%m-%d %M",
        "%H:%m",
        "%I:%M",
        "%H:%M %p",
        "%S%f",
        "%Y %Q",
        "%d %",
        "%f",
    ],
)
def test_a_pattern_that_excel_has_no_code_for(pattern: str) -> None:
    assert excel_format(pattern) is None


def test_a_moment_keeps_its_value_in_the_format(bench: Bench) -> None:
    bench.make("SELECT TIMESTAMP '2024-02-29 23:59:58' AS seen")
    [file] = bench.workbooks(bench.ask(), schema={"fields": [{"name": "seen", "numberFormat": r"dd\.mm\.yyyy hh:mm"}]})
    cell = openpyxl.load_workbook(file).worksheets[0]["A2"]
    assert (cell.value, cell.number_format) == (datetime(2024, 2, 29, 23, 59, 58), r"dd\.mm\.yyyy hh:mm")
