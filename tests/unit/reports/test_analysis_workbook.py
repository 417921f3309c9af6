"""The workbook of an analysis, opened as a person's program opens it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from jobmill.reports import analysis_workbook
from jobmill.reports.analysis_charts import MAX_BARS
from jobmill.reports.analysis_workbook import AnalysisReport, Cells, write_analysis

URL = "https://shop.example/a"
HOSTILE = ["=1+1", "@SUM(A1)", "-2", "#REF!", "a\x00b\ud800c", "_x0041_", "مرحبا", "<t>&\r\n", "x" * 40_000]


def finding(severity: str, text: str) -> Cells:
    return severity, text, text, text, text, text, text, 7


def keyword(flag: str, text: str, volume: float | None = 1_900) -> Cells:
    return flag, text, volume, text, 61.5, None, text, text, text, text, 7


def report(findings: Sequence[Cells] = (), keywords: Sequence[Cells] = (), **others: Any) -> AnalysisReport:
    made = AnalysisReport(
        source="crawl.csv: 2 pages.",
        about=[("Pages", 2), ("Language", "English")],
        checks=[("Title missing", 1, None, None), ("Title long", None, 12_000, None), ("URL long", None, None, 3)],
        flags=[("Gaps", 1), ("Several", 0), ("Mapped", 2)],
        findings=lambda: findings,
        finding_rows=len(findings),
        keywords=lambda: keywords,
        keyword_rows=len(keywords),
    )
    return replace(made, **others)


def written(folder: Path, made: AnalysisReport) -> Any:
    write_analysis(folder / "a.xlsx", made)
    return load_workbook(folder / "a.xlsx")


@pytest.mark.requirement("A18")
def test_the_three_sheets_have_headers_that_stay_in_sight_and_filters(tmp_path: Path) -> None:
    book = written(tmp_path, report([finding("error", "a"), finding("ok", "")], [keyword("gap", "k")]))
    assert book.sheetnames == ["Summary", "On-page", "Keywords"]
    for name, rows, width in (("On-page", 3, 8), ("Keywords", 2, 11)):
        sheet = book[name]
        assert (sheet.max_row, sheet.max_column, sheet.freeze_panes) == (rows, width, "C2")
        assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, width).column_letter}{rows}"
        assert all(cell.font.bold for cell in sheet[1])


@pytest.mark.requirement("A18")
def test_the_severity_and_the_flag_are_coloured(tmp_path: Path) -> None:
    severities, flags = ["error", "warning", "notice", "ok"], ["gap", "cannibalisation", "mapped"]
    book = written(
        tmp_path, report([finding(each, "a") for each in severities], [keyword(each, "k") for each in flags])
    )
    for name, count in (("On-page", 4), ("Keywords", 3)):
        colours = [row[0].fill.fgColor.rgb for row in book[name].iter_rows(min_row=2)]
        assert len(set(colours)) == count
        assert all(row[1].fill.fill_type is None for row in book[name].iter_rows(min_row=2))


@pytest.mark.requirement("A18")
@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula_a_link_or_an_error(tmp_path: Path, text: str) -> None:
    made = report([finding("error", text)], [keyword("gap", text)], source=text, about=[(text, text)])
    book = written(tmp_path, replace(made, checks=[(text, 1, None, None)]))
    for sheet in book:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row if cell.value is not None} <= {"s", "n", "inlineStr"}
            assert all(cell.hyperlink is None for cell in row)
    cut = text.replace("\x00", "").replace("\ud800", "")[:32_767]
    # openpyxl shows the escape that Excel undoes.
    assert book["On-page"]["C2"].value.replace("_x005F_", "_") == cut


def test_numbers_are_numbers(tmp_path: Path) -> None:
    [_, row] = written(tmp_path, report(keywords=[keyword("gap", "k")]))["Keywords"].iter_rows()
    assert (row[2].value, row[2].number_format, row[4].value, row[5].value, row[10].value) == (
        1_900,
        "#,##0",
        61.5,
        None,
        7,
    )


@pytest.mark.requirement("A18")
def test_the_chart_has_a_series_for_each_severity_and_its_figures_in_itself(tmp_path: Path) -> None:
    summary = written(tmp_path, report())["Summary"]
    checks, keywords = summary._charts
    assert (checks.grouping, checks.overlap, checks.x_axis.scaling.orientation) == ("stacked", 100, "maxMin")
    assert [series.tx.strRef.strCache.pt[0].v for series in checks.series] == ["Errors", "Warnings", "Notices"]
    assert len({series.graphicalProperties.solidFill for series in checks.series}) == 3
    figures = [[(point.idx, point.v) for point in series.val.numRef.numCache.pt] for series in checks.series]
    assert figures == [[(0, 1)], [(1, 12_000)], [(2, 3)]]
    assert [point.v for point in checks.series[0].cat.strRef.strCache.pt] == ["Title missing", "Title long", "URL long"]
    named = summary[checks.series[1].val.numRef.f.split("!")[1].replace("$", "")]
    assert [cell.value for (cell,) in named] == [None, 12_000, None]
    assert [point.v for point in keywords.series[0].val.numRef.numCache.pt] == [1, 0, 2]
    upper, lower = (chart.anchor._from.row for chart in (checks, keywords))
    assert lower > upper + checks.anchor.ext.height / 360_000 / 0.55


@pytest.mark.parametrize(
    ("others", "charts"),
    [({"checks": []}, 1), ({"flags": [("Gaps", 0)]}, 1), ({"checks": [], "flags": [("Gaps", 0)]}, 1)],
)
def test_there_is_always_a_chart(tmp_path: Path, others: dict[str, Any], charts: int) -> None:
    assert len(written(tmp_path, report(**others))["Summary"]._charts) == charts


def test_more_checks_than_bars_are_in_the_table_alone(tmp_path: Path) -> None:
    checks = [(f"check {i}", 1, None, None) for i in range(MAX_BARS + 5)]
    summary = written(tmp_path, report(checks=checks))["Summary"]
    assert summary._charts[0].series[0].val.numRef.numCache.ptCount == MAX_BARS
    assert {f"check {i}" for i in range(MAX_BARS + 5)} <= {cell.value for cell in summary["A"]}


def test_more_findings_than_a_program_opens_with_ease_are_cut_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis_workbook, "MAX_FINDINGS", 2)
    book = written(tmp_path, report([finding("error", str(i)) for i in range(5)]))
    assert [row[1].value for row in book["On-page"].iter_rows(min_row=2)] == ["0", "1"]
    assert "the 2 gravest of 5 rows" in {
        cell.value and str(cell.value).partition(";")[0] for cell in book["Summary"]["B"]
    }


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    made = report([finding("error", URL)], [keyword("gap", URL)])
    write_analysis(tmp_path / "1.xlsx", made)
    write_analysis(tmp_path / "2.xlsx", made)
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()
