"""The report of a month's charging: totals by party and currency, CDRs, credits, and what is wrong in them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.utils import get_column_letter

from jobmill.reports.row_xml import number_cell, row, style, text_cell
from jobmill.reports.sheets import HEADER_FILL, HEADER_FONT, MAX_DIGITS, Value, facts, put, table, title, widths
from jobmill.reports.workbooks import save

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

type Cell = str | Decimal | float | bool | datetime | None

MAX_LISTED: Final = 500_000
"""Rows of a sheet that are listed, the first ones; Excel opens no more than 1,048,576."""
MAX_BARS: Final = 20
_MONEY: Final = "#,##0.00##"
_VOLUME: Final = "#,##0.0###"
_COUNT: Final = "#,##0"
_TIME: Final = "yyyy-mm-dd hh:mm:ss"
_EPOCH: Final = datetime(1899, 12, 30)
# Before it, spreadsheets disagree about the calendar.
_EARLIEST: Final = datetime(1900, 3, 1)
_DAY: Final = timedelta(days=1)
# Header, width, format of numbers, by the dataset's column.
_CDRS: Final[Mapping[str, tuple[str, int, str]]] = {
    "country_code": ("Country", 9, ""),
    "party_id": ("Party", 8, ""),
    "id": ("CDR", 38, ""),
    "start_date_time": ("Start (UTC)", 19, _TIME),
    "end_date_time": ("End (UTC)", 19, _TIME),
    "cdr_location_name": ("Location", 30, ""),
    "cdr_location_city": ("City", 20, ""),
    "cdr_location_evse_id": ("EVSE", 24, ""),
    "cdr_token_contract_id": ("Contract", 20, ""),
    "total_energy": ("Energy (kWh)", 14, _VOLUME),
    "total_time": ("Hours", 10, _VOLUME),
    "total_parking_time": ("Parking hours", 14, _VOLUME),
    "currency": ("Currency", 9, ""),
    "total_cost_excl_vat": ("Cost excl. VAT", 16, _MONEY),
    "total_cost_incl_vat": ("Cost incl. VAT", 16, _MONEY),
    "credit": ("Credit", 8, ""),
    "credit_reference_id": ("Takes back", 38, ""),
    "last_updated": ("Last updated (UTC)", 19, _TIME),
    "exact_numbers": ("Numbers of more than 15 digits", 30, ""),
}
_CREDITS: Final = {
    "Country": (9, ""),
    "Party": (8, ""),
    "Credit CDR": (38, ""),
    "Takes back": (38, ""),
    "Currency": (9, ""),
    "Credit excl. VAT": (18, _MONEY),
    "Original excl. VAT": (18, _MONEY),
    "Net": (14, _MONEY),
    "What is wrong": (100, ""),
}
_ISSUES: Final = {
    "Country": (9, ""),
    "Party": (8, ""),
    "CDR": (38, ""),
    "Problem": (26, ""),
    "Field": (32, ""),
    "What is wrong": (110, ""),
}
_TOTALS: Final = {
    "Country": "",
    "Party": "",
    "Month": "",
    "Currency": "",
    "Sessions": _COUNT,
    "Credits": _COUNT,
    "Energy (kWh)": _VOLUME,
    "Hours": _VOLUME,
    "Parking hours": _VOLUME,
    "Cost excl. VAT": _MONEY,
    "Cost incl. VAT": _MONEY,
    "Without incl. VAT": _COUNT,
}
_GAPS: Final = ("Country", "Party", "Month", "First day", "Last day", "Days without CDRs", "Which")
_PROBLEMS: Final = ("Problem", "Number")
_SUMMARY_WIDTHS: Final = (22, 10, 10, 12, 12, 18, 16, 14, 14, 18, 18, 18, 3, 12, 14)
# Right of the tables, with a column between.
_CHART_COLUMN: Final = len(_TOTALS) + 2

CDR_FIELDS: Final = tuple(_CDRS)
"""The dataset's columns that the sheet CDRs shows, in its order."""


type TotalRow = tuple[str, str, str, str, int, int, Decimal, Decimal, Decimal, Decimal, Decimal, int]
"""The fields of a `jobmill.ocpi.totals.PartyTotals`, in their order."""
type GapRow = tuple[str, str, str, date, date, Sequence[date]]
"""The fields of a `jobmill.ocpi.totals.PartyGaps`, in their order."""
type CreditRow = tuple[str, str, str, str | None, str, Decimal | None, Decimal | None, Decimal | None, str]
"""Country, party and id of the credit; what it takes back, currency, its amount, the original's, net, what is wrong."""
type IssueRow = tuple[str, str, str, str, str, str]
"""Country, party and id of the CDR; code, field and sentence of the issue."""


@dataclass(frozen=True)
class ChargingMonth:
    """What the workbook tells. `about` are facts of the collection.

    `cdrs` gives the rows of the sheet CDRs (the values of `CDR_FIELDS`, times in UTC without a zone), and `cdr_rows`
    says how many they are. `issues` gives its rows anew each time: they are counted first.
    """

    about: Sequence[tuple[str, Value]]
    totals: Sequence[TotalRow]
    gaps: Sequence[GapRow]
    credits: Sequence[CreditRow]
    issues: Callable[[], Iterable[IssueRow]]
    cdrs: Callable[[], Iterable[Sequence[Cell]]]
    cdr_rows: int


def write_month(target: Path, month: str, report: ChargingMonth) -> None:
    """Write the workbook `target` of `month` (`2026-01`): Summary, CDRs, Credits, Quality issues.

    No text of a peer is a formula or a link. A number of at most 15 digits reads back exactly; a longer total is also
    told as text. The same report gives the same bytes. Memory does not grow with the CDRs or the issues: 100,000 CDRs
    with as many issues take 13 s of one core, and less than 100 MB.
    """
    problems = Counter(code for *_, code, _, _ in report.issues())
    workbook = Workbook()
    summary = workbook.worksheets[0]
    summary.title = "Summary"
    _summarise(summary, month, report, problems)
    cdrs = _Rows(
        workbook.create_sheet("CDRs"), {name: (width, form) for name, width, form in _CDRS.values()}, report.cdr_rows
    )
    credits = _Rows(workbook.create_sheet("Credits"), _CREDITS, len(report.credits))
    issues = _Rows(workbook.create_sheet("Quality issues"), _ISSUES, problems.total())
    rows = {"CDRs": cdrs.xml(report.cdrs()), "Credits": credits.xml(report.credits)}
    save(workbook, target, {**rows, "Quality issues": issues.xml(report.issues())})


def _summarise(sheet: "Worksheet", month: str, report: ChargingMonth, problems: Counter[str]) -> None:
    title(sheet, f"Charging, {month}")
    told = [
        *report.about,
        ("CDRs", report.cdr_rows),
        ("Credits", len(report.credits)),
        ("Quality issues", problems.total()),
    ]
    first = facts(sheet, [*told, *_cut(report.cdr_rows, "CDRs"), *_cut(problems.total(), "Quality issues")], 3) + 1
    below = _add_totals(sheet, report.totals, first)
    below = table(sheet, _GAPS, [(*gap[:5], len(gap[5]), _days(gap[5])) for gap in report.gaps], below) + 1
    table(sheet, _PROBLEMS, problems.most_common(), below)
    sheet.auto_filter.ref = sheet.freeze_panes = None
    widths(sheet, _SUMMARY_WIDTHS)
    _chart(sheet, report.totals, first)


def _cut(rows: int, name: str) -> Iterator[tuple[str, Value]]:
    if rows > MAX_LISTED:
        yield "Listed", f"the first {MAX_LISTED:,} of {rows:,} rows on the sheet {name}"


def _add_totals(sheet: "Worksheet", totals: Sequence[TotalRow], first: int) -> int:
    """Write the table of totals; gives the row for the next table. Totals that no spreadsheet can hold stand below."""
    rows: list[list[Value]] = [[float(cell) if isinstance(cell, Decimal) else cell for cell in line] for line in totals]
    below = table(sheet, list(_TOTALS), rows, first)
    for number in range(first + 1, below):
        for column, number_format in enumerate(_TOTALS.values(), start=1):
            if number_format:
                sheet.cell(number, column).number_format = number_format
    exact = [
        (f"{name}, exactly", f"{cell:f} ({line[0]}*{line[1]}, {line[2]}, {line[3]})")
        for line in totals
        for name, cell in zip(_TOTALS, line, strict=True)
        if isinstance(cell, Decimal) and _digits(cell) > MAX_DIGITS
    ]
    return facts(sheet, exact, below) + 1


def _days(days: Sequence[date]) -> str:
    """`2026-01-03 to 2026-01-05, 2026-01-09`."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == _DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _chart(sheet: "Worksheet", totals: Sequence[TotalRow], first: int) -> None:
    """A bar for the energy of each party, the longest first: costs of several currencies have no common scale."""
    energy: dict[str, Decimal] = {}
    for country_code, party_id, _, _, _, _, added, *_ in totals:
        party = f"{country_code}*{party_id}"
        energy[party] = energy.get(party, Decimal(0)) + added
    most = sorted(energy.items(), key=lambda item: -item[1])[:MAX_BARS] or [("no CDRs", Decimal(0))]
    bars: list[tuple[str, Value]] = [("Party", "Energy (kWh)"), *((name, float(value)) for name, value in most)]
    for number, (name, value) in enumerate(bars, start=first):
        put(sheet, number, _CHART_COLUMN, name)
        put(sheet, number, _CHART_COLUMN + 1, value).number_format = _VOLUME
    last = first + len(most)
    chart = BarChart()
    chart.type, chart.style, chart.legend = "bar", 10, None
    chart.title = "Energy by party (kWh)"
    figures = Reference(sheet, min_col=_CHART_COLUMN + 1, min_row=first, max_row=last)
    chart.add_data(figures, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=_CHART_COLUMN, min_row=first + 1, max_row=last))
    # The first bar on top.
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.width, chart.height = 20, 4 + 0.7 * len(most)
    sheet.add_chart(chart, f"{get_column_letter(_CHART_COLUMN + 3)}{first}")


class _Rows:
    """A sheet of many rows: columns by header, with width and the format of numbers."""

    def __init__(self, sheet: "Worksheet", columns: Mapping[str, tuple[int, str]], rows: int) -> None:
        self._names, self._count = list(columns), min(rows, MAX_LISTED)
        self._letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._header = style(sheet, font=HEADER_FONT, fill=HEADER_FILL)
        self._text = style(sheet)
        self._styles = [style(sheet, number_format=form or "General") for _, form in columns.values()]
        for letter, (width, _) in zip(self._letters, columns.values(), strict=True):
            sheet.column_dimensions[letter].width = width
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = f"A1:{self._letters[-1]}{self._count + 1}"
        # The sheet tells its size by its first and last cell, and the rows come later.
        sheet.cell(1, 1)
        sheet.cell(self._count + 1, len(columns))

    def xml(self, rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
        """The header and as many of the rows as there are to be."""
        yield row(
            1,
            (
                text_cell(f"{letter}1", name, self._header)
                for letter, name in zip(self._letters, self._names, strict=True)
            ),
        )
        for number, cells in zip(range(2, self._count + 2), rows, strict=False):
            yield row(number, map(self._cell, (f"{letter}{number}" for letter in self._letters), cells, self._styles))

    def _cell(self, place: str, value: Cell, style: int) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, datetime):
            value = (value - _EPOCH) / _DAY if value >= _EARLIEST else value.isoformat(" ")
        if isinstance(value, Decimal) and _digits(value) > MAX_DIGITS:
            value = f"{value:f}"
        return (
            text_cell(place, value, self._text) if isinstance(value, str) else number_cell(place, float(value), style)
        )


def _digits(value: Decimal) -> int:
    """How many digits a number has, without the zeros around them."""
    return len("".join(map(str, value.as_tuple().digits)).strip("0"))
