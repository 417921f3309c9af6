"""The workbook of a test run: Summary, and Steps coloured by how they ended."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill

from jobmill.reports.sheets import Value, facts, put, table, title, widths

_FILLS: Final = {
    "passed": PatternFill("solid", fgColor="C6EFCE"),
    "failed": PatternFill("solid", fgColor="FFC7CE"),
    "skipped": PatternFill("solid", fgColor="EDEDED"),
}
_HEADER: Final = ("Step", "Name", "Type", "Status", "Expected", "Actual", "Message", "Code", "Seconds")
_WIDTHS: Final = (8, 32, 12, 10, 40, 40, 60, 18, 10)
_STATUS_COLUMN: Final = 4


def write_test_run(target: Path, name: str, counts: Mapping[str, int], steps: Sequence[Sequence[Value]]) -> None:
    """Write the results of the scenario `name` to `target`.

    A step is its name, type, status (passed, failed, skipped), what was expected, what was found, a message, a code,
    and the seconds that it took.
    """
    workbook = Workbook()
    summary = workbook.active
    assert summary is not None
    summary.title = "Summary"
    title(summary, name)
    verdict = "failed" if counts["failed"] else "passed"
    put(summary, 2, 2, verdict).fill = _FILLS[verdict]
    put(summary, 2, 1, "Verdict")
    facts(summary, [("Steps", len(steps)), *((status.capitalize(), count) for status, count in counts.items())], 3)
    widths(summary, (16, 16))
    sheet = workbook.create_sheet("Steps")
    table(sheet, _HEADER, ((number, *step) for number, step in enumerate(steps, start=1)))
    widths(sheet, _WIDTHS)
    for row in range(2, len(steps) + 2):
        status = sheet.cell(row, _STATUS_COLUMN)
        status.fill = _FILLS[str(status.value)]
        for column in range(1, len(_HEADER) + 1):
            sheet.cell(row, column).alignment = Alignment(vertical="top", wrap_text=True)
    workbook.save(target)
