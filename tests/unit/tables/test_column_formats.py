"""Titles and number formats of a schema, in a workbook."""

from typing import Any

import pytest

from .builders import Bench

TABLE = (
    "SELECT 7 AS id, 1234.5::DOUBLE AS amount, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 10:00:00' AS seen,"
    " '007' AS code, true AS paid"
)


def header(bench: Bench, *fields: dict[str, Any]) -> list[Any]:
    return [cell.value for cell in bench.workbook(schema={"fields": list(fields)}).worksheets[0][1]]


@pytest.mark.requirement("J1")
def test_a_title_is_the_header_and_a_column_without_one_keeps_its_name(bench: Bench) -> None:
    bench.make(TABLE)
    found = header(
        bench,
        {"name": "amount", "title": "Amount in €"},
        {"name": "id", "title": "=No."},
        {"name": "day", "title": " "},
        {"name": "gone", "title": "Gone"},
        {"name": "code", "title": "A\tcode\x00\n"},
    )
    assert found == ["=No.", "Amount in €", "day", "seen", "A code", "paid"]


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        ({"id": "Key", "code": "Key"}, ["id", "amount", "day", "seen", "code", "paid"]),
        ({"id": "Key", "code": "KEY", "day": "Day of it"}, ["id", "amount", "Day of it", "seen", "code", "paid"]),
        ({"id": "amount"}, ["id", "amount", "day", "seen", "code", "paid"]),
        ({"id": "Amount", "amount": "Sum"}, ["id", "Sum", "day", "seen", "code", "paid"]),
        ({"id": "ID"}, ["ID", "amount", "day", "seen", "code", "paid"]),
    ],
)
def test_titles_that_would_hide_each_other_give_way_to_the_names(
    bench: Bench, titles: dict[str, str], names: list[str]
) -> None:
    bench.make(TABLE)
    schema = {"fields": [{"name": name, "title": title} for name, title in titles.items()]}
    sheet = bench.workbook(schema=schema).worksheets[0]
    assert [cell.value for cell in sheet[1]] == names
    assert [sheet["A2"].value, sheet["E2"].value] == [7, "007"]
    noted = {cell.value for cell in sheet[1] if cell.comment and "title" in cell.comment.text}
    assert noted == {name for name in titles if name in names and titles[name] != name}


def test_number_formats_are_those_of_the_schema(bench: Bench) -> None:
    bench.make(TABLE)
    fields = [
        {"name": "id", "numberFormat": "00000"},
        {"name": "amount", "numberFormat": "#,##0.00 €"},
        {"name": "day", "type": "date", "format": "%d.%m.%Y"},
        {"name": "seen", "type": "datetime", "format": "%d/%m/%Y %H:%M", "numberFormat": "mmm yy"},
        {"name": "code", "numberFormat": "0"},
    ]
    sheet = bench.workbook(schema={"fields": fields}).worksheets[0]
    formats = ["00000", "#,##0.00 €", r"dd\.mm\.yyyy", "mmm yy", "@", "General"]
    assert [cell.number_format for cell in sheet[2]] == formats
    assert sheet.column_dimensions["B"].width >= len("1,234.50 €")


@pytest.mark.parametrize("code", ['"open', "[Pink]0", "0;0;0;0;0", "0\x00"])
def test_a_number_format_that_excel_does_not_know_is_left_out_and_noted(bench: Bench, code: str) -> None:
    bench.make(TABLE)
    sheet = bench.workbook(schema={"fields": [{"name": "amount", "numberFormat": code}]}).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].number_format) == (1234.5, "General")
    assert "number format" in sheet["B1"].comment.text


def test_a_column_that_had_to_become_text_is_text_whatever_its_format(bench: Bench) -> None:
    bench.make("SELECT 1234567890123456 AS id")
    sheet = bench.workbook(schema={"fields": [{"name": "id", "title": "No.", "numberFormat": "#,##0"}]}).worksheets[0]
    assert (sheet["A2"].value, sheet["A2"].number_format) == ("1234567890123456", "@")
    assert "15 digits" in sheet["A1"].comment.text


@pytest.mark.parametrize("schema", [None, {}, {"fields": None}, {"fields": [{}, "x", {"name": "id", "title": 5}]}])
def test_a_schema_without_formats_changes_nothing(bench: Bench, schema: dict[str, Any] | None) -> None:
    bench.make(TABLE)
    [plain] = [file.read_bytes() for file in bench.workbooks(bench.ask())]
    assert [file.read_bytes() for file in bench.workbooks(bench.ask(), schema=schema)] == [plain]
