"""The report of an analysis: what was found how often (with charts), each finding, and each keyword's page."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter

from jobmill.reports.analysis_charts import add_checks_chart, add_keywords_chart
from jobmill.reports.row_xml import number_cell, row, style, text_cell
from jobmill.reports.sheets import HEADER_FILL, HEADER_FONT, Value, facts, put, table, title
from jobmill.reports.workbooks import save

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

type Cells = Sequence[str | float | None]

MAX_FINDINGS: Final = 200_000
"""Findings that are listed, the gravest pages' first: more of them no spreadsheet opens with ease."""
_FILLS: Final[Mapping[str, PatternFill]] = {
    name: PatternFill("solid", fgColor=colour)
    for name, colour in {
        "error": "FFC7CE",
        "warning": "FFE699",
        "notice": "DDEBF7",
        "ok": "C6EFCE",
        "gap": "FFC7CE",
        "cannibalisation": "FFE699",
        "mapped": "C6EFCE",
    }.items()
}
_FINDINGS: Final = {
    "Severity": 12,
    "Check": 30,
    "Page": 60,
    "Measured": 24,
    "Limit": 20,
    "What to do": 110,
    "Sheet": 16,
    "Row": 9,
}
_KEYWORDS: Final = {
    "Flag": 17,
    "Keyword": 36,
    "Volume": 11,
    "Page": 60,
    "Score": 9,
    "Position": 11,
    "What to do": 110,
    "Competing pages": 60,
    "Words on the page": 30,
    "Sheet": 16,
    "Row": 9,
}
_COUNTS: Final = ("Check", "Errors", "Warnings", "Notices")
_SUMMARY_WIDTHS: Final = (34, 12, 12, 12, 3)
_CHART_ROW: Final = 4


@dataclass(frozen=True)
class AnalysisReport:
    """What the workbook tells. `checks` are label, and pages by severity: errors, warnings, notices (one of them).

    `findings` and `keywords` give their rows anew each time, in the order of the sheets' columns; `finding_rows` and
    `keyword_rows` say how many they are.
    """

    source: str
    about: Sequence[tuple[str, Value]]
    checks: Sequence[tuple[str, int | None, int | None, int | None]]
    flags: Sequence[tuple[str, int]]
    findings: Callable[[], Iterable[Cells]]
    finding_rows: int
    keywords: Callable[[], Iterable[Cells]]
    keyword_rows: int


def write_analysis(target: Path, report: AnalysisReport) -> None:
    """Write the workbook `target`: Summary, On-page and Keywords. The same report gives the same bytes.

    No text of the file is a formula or a link. Memory does not grow with the rows.
    """
    workbook = Workbook()
    summary = workbook.worksheets[0]
    summary.title = "Summary"
    _summarise(summary, report)
    findings = _Rows(workbook.create_sheet("On-page"), _FINDINGS, min(report.finding_rows, MAX_FINDINGS), {})
    formats = {"Volume": "#,##0", "Score": "0.0", "Position": "0.#"}
    keywords = _Rows(workbook.create_sheet("Keywords"), _KEYWORDS, report.keyword_rows, formats)
    save(workbook, target, {"On-page": findings.xml(report.findings()), "Keywords": keywords.xml(report.keywords())})


def _summarise(sheet: "Worksheet", report: AnalysisReport) -> None:
    title(sheet, "On-page analysis")
    put(sheet, 2, 1, report.source)
    below = facts(sheet, [*report.about, *_listed(report)], 4)
    first = below + 1
    checks = report.checks or [("No findings", None, None, None)]
    flags = table(sheet, _COUNTS, checks, first) + 1
    sheet.auto_filter.ref = None
    last = first + len(checks)
    after = table(sheet, ("Keywords", "Number"), report.flags, flags)
    sheet.auto_filter.ref = None
    sheet.freeze_panes = None
    for number in range(first, after):
        for column in range(2, len(_COUNTS) + 1):
            cell = sheet.cell(number, column)
            cell.number_format, cell.alignment = "#,##0", Alignment(horizontal="right")
    for column, width in enumerate(_SUMMARY_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.sheet_view.showGridLines = False
    has_keywords = any(number for _, number in report.flags)
    row = _CHART_ROW
    if report.checks or not has_keywords:
        row = add_checks_chart(sheet, first, last, row)
    if has_keywords:
        add_keywords_chart(sheet, flags, after - 1, row)


def _listed(report: AnalysisReport) -> Iterator[tuple[str, Value]]:
    if report.finding_rows > MAX_FINDINGS:
        yield "Listed", f"the {MAX_FINDINGS:,} gravest of {report.finding_rows:,} rows; the JSON file has all"


class _Rows:
    """A sheet of many rows; the first cell of each is coloured by what it says."""

    def __init__(self, sheet: "Worksheet", columns: Mapping[str, int], rows: int, formats: Mapping[str, str]) -> None:
        self._names, self._count = list(columns), rows
        self._letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._header = style(sheet, font=HEADER_FONT, fill=HEADER_FILL)
        self._text = style(sheet)
        self._numbers = [style(sheet, number_format=formats.get(name, "General")) for name in columns]
        self._fills = {name: style(sheet, fill=fill) for name, fill in _FILLS.items()}
        for letter, width in zip(self._letters, columns.values(), strict=True):
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = "C2"
        sheet.auto_filter.ref = f"A1:{self._letters[-1]}{rows + 1}"
        # The sheet tells its size by its first and last cell, and the rows come later.
        sheet.cell(1, 1)
        sheet.cell(rows + 1, len(columns))

    def xml(self, rows: Iterable[Cells]) -> Iterator[str]:
        """The header and as many of the rows as there are to be."""
        yield row(1, (self._cell(index, 1, name, self._header) for index, name in enumerate(self._names)))
        for number, cells in zip(range(2, self._count + 2), rows, strict=False):
            flag = self._fills.get(str(cells[0]), self._text)
            yield row(
                number,
                (self._cell(index, number, cell, self._text if index else flag) for index, cell in enumerate(cells)),
            )

    def _cell(self, index: int, number: int, value: str | float | None, style: int) -> str:
        place = f"{self._letters[index]}{number}"
        if isinstance(value, str):
            return text_cell(place, value, style)
        return "" if value is None else number_cell(place, value, self._numbers[index])
