"""The workbook of a month's charging, opened as a person's program opens it."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from jobmill.ocpi.cdr_checks import issues, pairs
from jobmill.ocpi.objects import key_of
from jobmill.ocpi.rows import CDR_COLUMNS, cdr_row
from jobmill.ocpi.totals import Totals
from jobmill.reports import charging_workbook
from jobmill.reports.charging_workbook import CDR_FIELDS, Cell, ChargingMonth, write_month
from tests.unit.ocpi_cdrs.builders import Json, cdr, credit, price

HOSTILE = ["=1+1", "@SUM(A1)", "-2", "#REF!", "a\x00b", "_x0041_", "مرحبا", "<t>&\n", "http://x.example"]


def month_of(*cdrs: Json) -> ChargingMonth:
    """The report of CDRs, as the collector makes it."""
    totals = Totals()
    for each in cdrs:
        totals.add(each)
    places = [[column.name for column in CDR_COLUMNS].index(name) for name in CDR_FIELDS]
    rows = [tuple(cdr_row(each)[place] for place in places) for each in cdrs]
    wrong = [(*key_of(each), issue.code, issue.field, issue.sentence) for each in cdrs for issue in issues(each)]
    return ChargingMonth(
        about=[("Collected until", "2026-02-01")],
        totals=[astuple(line) for line in totals.lines()],
        gaps=[astuple(each) for each in totals.gaps()],
        credits=[pair.cells() for pair in pairs(cdrs)],
        issues=lambda: wrong,
        cdrs=lambda: rows,
        cdr_rows=len(rows),
    )


def written(folder: Path, report: ChargingMonth) -> Any:
    write_month(folder / "month.xlsx", "2026-01", report)
    return load_workbook(folder / "month.xlsx")


def lines(sheet: Any, name: str) -> list[list[Any]]:
    """The rows of the table whose first header is `name`, without empty cells at their ends."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=12)]
    start = next(number for number, row in enumerate(rows) if row[0] == name)
    end = next((number for number in range(start, len(rows)) if rows[number][0] is None), len(rows))
    return [row[: max(i for i, cell in enumerate(row) if cell is not None) + 1] for row in rows[start:end]]


@pytest.mark.requirement("T15")
def test_the_summary_has_exact_totals_by_party_and_currency(tmp_path: Path) -> None:
    tenths = [cdr(id=text, total_cost=price(text), total_energy=Decimal(text)) for text in ("0.1", "0.2")]
    book = written(tmp_path, month_of(*tenths, credit(), cdr(party_id="OTH", currency="SEK")))
    assert book.sheetnames == ["Summary", "CDRs", "Credits", "Quality issues"]
    summary = book["Summary"]
    assert summary["A1"].value == "Charging, 2026-01"
    header, first, second = lines(summary, "Country")[:3]
    assert header[:5] == ["Country", "Party", "Month", "Currency", "Sessions"]
    # 0.1 + 0.2 - 15.342 kWh; 1.973 h twice and taken back once; 0.1 + 0.2 - 4.00; -4.84; two without VAT
    assert first == ["BE", "BEC", "2026-01", "EUR", 2, 1, -15.042, 1.973, 0, -3.7, -4.84, 2]
    assert second == ["BE", "OTH", "2026-01", "SEK", 1, 0, 15.342, 1.973, 0, 4, 4.84, 0]


@pytest.mark.parametrize("figure", ["0.3", "123456789012.345", "99999999999.9999", "8.10000000000001", "-0.0001"])
def test_money_of_fifteen_digits_reads_back_exactly(tmp_path: Path, figure: str) -> None:
    book = written(tmp_path, month_of(cdr(total_cost=price(figure))))
    cell = next(row[9] for row in book["Summary"].iter_rows() if row[0].value == "BE")
    place = CDR_FIELDS.index("total_cost_excl_vat")
    assert [Decimal(repr(each.value)) for each in (cell, book["CDRs"][2][place])] == [Decimal(figure)] * 2
    assert {cell.number_format, book["CDRs"][2][place].number_format} == {"#,##0.00##"}


@pytest.mark.requirement("T15")
def test_longer_totals_are_told_as_text_too(tmp_path: Path) -> None:
    figure = "123456789012345.6789"
    book = written(tmp_path, month_of(cdr(total_cost=price(figure))))
    told = {row[0].value: row[1].value for row in book["Summary"].iter_rows()}
    assert told["Cost excl. VAT, exactly"] == f"{figure} (BE*BEC, 2026-01, EUR)"
    assert "Energy (kWh), exactly" not in told
    assert book["CDRs"][2][-1].value == '{"total_cost_excl_vat":123456789012345.6789}'
    book = written(
        tmp_path, replace(month_of(), credits=[("BE", "A", "1", None, "EUR", Decimal(figure), None, None, "")])
    )
    assert book["Credits"]["F2"].value == figure


@pytest.mark.requirement("T15")
def test_the_cdrs_have_numbers_and_times(tmp_path: Path) -> None:
    changed = cdr(total_parking_time=Decimal("0.25"), start_date_time="1970-1-1", last_updated="0001-01-01T00:00:00Z")
    sheet = written(tmp_path, month_of(changed, credit()))["CDRs"]
    first, second = (dict(zip(CDR_FIELDS, row, strict=True)) for row in sheet.iter_rows(min_row=2))
    assert {name: cell.value for name, cell in first.items() if cell.value is not None} == {
        "country_code": "BE",
        "party_id": "BEC",
        "id": "12345",
        "start_date_time": datetime(1970, 1, 1),
        "end_date_time": datetime(2026, 1, 29, 23, 37, 32),
        "cdr_location_name": "Gent Zuid",
        "cdr_location_city": "Gent",
        "cdr_location_evse_id": "BE*BEC*E041503003",
        "cdr_token_contract_id": "C1",
        "total_energy": 15.342,
        "total_time": 1.973,
        "total_parking_time": 0.25,
        "currency": "EUR",
        "total_cost_excl_vat": 4,
        "total_cost_incl_vat": 4.84,
        # No day of a spreadsheet
        "last_updated": "0001-01-01 00:00:00",
    }
    assert (second["credit"].value, second["credit_reference_id"].value) == ("yes", "12345")
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.dimensions) == ("A2", "A1:S3", "A1:S3")
    assert sheet["A1"].font.bold
    assert [cell.value for cell in sheet[1]][:4] == ["Country", "Party", "CDR", "Start (UTC)"]


@pytest.mark.requirement("T15")
def test_credits_stand_beside_what_they_take_back(tmp_path: Path) -> None:
    alone = credit(id="alone", credit_reference_id="no")
    sheet = written(tmp_path, month_of(cdr(), credit(), alone))["Credits"]
    _, first, second = sheet.iter_rows(values_only=True)
    assert first == ("BE", "BEC", "12345-C", "12345", "EUR", -4, 4, 0, None)
    assert second[:8] == ("BE", "BEC", "alone", "no", "EUR", -4, None, None)
    assert str(second[8]).startswith("There is no CDR no of this party.")


@pytest.mark.requirement("T15")
def test_quality_issues_are_counted_and_listed(tmp_path: Path) -> None:
    book = written(tmp_path, month_of(cdr(currency="EUX"), cdr(id="2", currency="EUX", total_energy=1), cdr(id="3")))
    assert lines(book["Summary"], "Problem") == [["Problem", "Number"], ["currency-unknown", 2], ["energy-differs", 1]]
    listed = list(book["Quality issues"].iter_rows(values_only=True))
    assert [row[2:5] for row in listed] == [
        ("CDR", "Problem", "Field"),
        ("12345", "currency-unknown", "currency"),
        ("2", "currency-unknown", "currency"),
        ("2", "energy-differs", "total_energy"),
    ]


@pytest.mark.requirement("T15")
def test_days_without_cdrs_are_on_the_summary(tmp_path: Path) -> None:
    days = [date(2026, 1, day) for day in (3, 4, 5, 9)]
    gaps = [
        ("BE", "BEC", "2026-01", date(2026, 1, 2), date(2026, 1, 31), days),
        ("BE", "OTH", "2026-01", *days[:2], ()),
    ]
    summary = written(tmp_path, replace(month_of(), gaps=gaps))["Summary"]
    rows = [row for row in summary.iter_rows(values_only=True) if row[2] == "2026-01"]
    first, last = (datetime(2026, 1, 2), datetime(2026, 1, 31))
    assert rows[0][:7] == ("BE", "BEC", "2026-01", first, last, 4, "2026-01-03 to 2026-01-05, 2026-01-09")
    assert rows[1][5:7] == (0, None)


@pytest.mark.requirement("T15")
def test_the_chart_has_the_energy_of_each_party_the_most_first(tmp_path: Path) -> None:
    more = cdr(party_id="OTH", total_energy=Decimal("20"))
    summary = written(tmp_path, month_of(cdr(), cdr(currency="SEK"), more, credit(party_id="LES")))["Summary"]
    [chart] = summary._charts
    cells = [chart.series[0].cat.numRef or chart.series[0].cat.strRef, chart.series[0].val.numRef]
    names, figures = ([cell.value for (cell,) in summary[ref.f.split("!")[1].replace("$", "")]] for ref in cells)
    assert (names, figures) == (["BE*BEC", "BE*OTH", "BE*LES"], [30.684, 20, -15.342])


def test_a_month_without_cdrs_is_a_workbook(tmp_path: Path) -> None:
    book = written(tmp_path, month_of())
    assert [book[name].max_row for name in book.sheetnames[1:]] == [1, 1, 1]
    assert len(book["Summary"]._charts) == 1


@pytest.mark.requirement("T15")
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_peer_becomes_a_formula_a_link_or_an_error(tmp_path: Path, text: str) -> None:
    report = month_of(cdr())
    rows: list[Sequence[Cell]] = [[text if isinstance(cell, str) else cell for cell in row] for row in report.cdrs()]
    totals = [(text, text, text, text, *line[4:]) for line in report.totals]
    gaps = [(text, text, text, *gap[3:]) for gap in report.gaps]
    book = written(
        tmp_path,
        replace(
            report, about=[(text, text)], totals=totals, gaps=gaps, cdrs=lambda: rows,
            credits=[(text, text, text, text, text, None, None, None, text)],
            issues=lambda: [(text, text, text, text, text, text)],
        ),
    )  # fmt: skip
    texts = []
    for sheet in book:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row if cell.value is not None} <= {"s", "n", "inlineStr", "d"}
            assert all(cell.hyperlink is None for cell in row)
            texts += [str(cell.value).replace("_x005F_", "_") for cell in row]
    assert texts.count(text.replace("\x00", "")) > 20


def test_more_rows_than_a_program_opens_are_cut_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charging_workbook, "MAX_LISTED", 2)
    book = written(tmp_path, month_of(*(cdr(id=str(number)) for number in range(3))))
    assert book["CDRs"].max_row == 3
    assert "the first 2 of 3 rows on the sheet CDRs" in {cell.value for cell in book["Summary"]["B"]}


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    report = month_of(cdr(), credit())
    for name in ("1.xlsx", "2.xlsx"):
        write_month(tmp_path / name, "2026-01", report)
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_memory_does_not_grow_with_the_cdrs(tmp_path: Path) -> None:
    report = month_of(cdr(currency="EUX"))
    [row], [issue] = report.cdrs(), report.issues()
    peaks = []
    for count in (100, 5_000):
        many = replace(
            report, cdrs=lambda count=count: ((*row,) for _ in range(count)), cdr_rows=count,
            issues=lambda count=count: (issue for _ in range(count)),
        )  # fmt: skip
        tracemalloc.start()
        write_month(tmp_path / "many.xlsx", "2026-01", many)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    with ZipFile(tmp_path / "many.xlsx") as package:
        assert package.getinfo("xl/worksheets/sheet2.xml").file_size > 4_000_000
    assert peaks[1] < peaks[0] + 500_000
