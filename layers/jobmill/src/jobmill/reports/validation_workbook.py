"""The report of a validation: what was judged, how often each rule is broken (with a chart), and where."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from jobmill.reports.sheets import Value, facts, put, table, title, widths

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# As many bars as can be told apart; the rules with the most errors.
MAX_BARS: Final = 20
_TITLE: Final = "Validation"
_RULES: Final = ("Field", "Rule", "Errors")
_ERRORS: Final = ("Row", "Field", "Value", "Rule", "Message")
_MOST: Final = ("Rule", "Errors")
# Right of the table of rules, with a column between.
_CHART_COLUMN: Final = 6
_NO_BAR: Final = "no errors"

type RuleRow = tuple[str, str, int]
"""Field (or nothing), rule, errors."""
type ErrorRow = tuple[int | None, str, str | None, str, str]
"""Row (or none), field, value, rule, message."""


def write_validation(
    target: Path,
    about: Sequence[tuple[str, Value]],
    rules: Sequence[RuleRow],
    errors: Iterable[ErrorRow],
    listed: int,
    total: int,
) -> None:
    """Write the workbook `target`: sheets Summary and Errors.

    `about` says what was judged. `listed` of the `total` errors are in `errors`; the Summary says both.
    """
    workbook = Workbook()
    summary = workbook.worksheets[0]
    summary.title = "Summary"
    title(summary, _TITLE)
    said = f"{listed:,} of {total:,} errors, the first ones" if listed < total else f"all {total:,} errors"
    row = facts(summary, [*about, ("Errors", total), ("Listed on the sheet Errors", said)], 3)
    first = row + 1
    last = table(summary, _RULES, rules, first) - 1
    widths(summary, [28, 36, 12, 3, 3, 28, 12])
    summary.freeze_panes = None
    for below in range(first + 1, last + 1):
        summary.cell(below, 3).number_format = "#,##0"
    _chart(summary, rules, first)
    sheet = workbook.create_sheet("Errors")
    table(sheet, _ERRORS, errors)
    widths(sheet, [8, 24, 32, 20, 60])
    workbook.save(target)


def _chart(sheet: "Worksheet", rules: Sequence[RuleRow], first: int) -> None:
    """A bar for each rule with errors, the longest first; its figures stand beside it."""
    most = sorted((rule for rule in rules if rule[2]), key=lambda rule: -rule[2])[:MAX_BARS]
    bars = [(f"{field} · {rule}" if field else rule, count) for field, rule, count in most] or [(_NO_BAR, 0)]
    for column, name in enumerate(_MOST):
        put(sheet, first, _CHART_COLUMN + column, name)
    for row, (name, count) in enumerate(bars, start=first + 1):
        put(sheet, row, _CHART_COLUMN, name)
        put(sheet, row, _CHART_COLUMN + 1, count)
    last = first + len(bars)
    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.title = "Errors by rule"
    chart.legend = None
    figures = Reference(sheet, min_col=_CHART_COLUMN + 1, min_row=first, max_row=last)
    chart.add_data(figures, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=_CHART_COLUMN, min_row=first + 1, max_row=last))
    # The first bar on top.
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.width, chart.height = 20, 4 + 0.7 * len(bars)
    sheet.add_chart(chart, f"I{first}")
