"""The rows that an import did not take: a workbook to correct and send back, and a CSV file for programs."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter

from jobmill.reports.row_xml import number_cell, style, text_cell
from jobmill.reports.row_xml import row as xml_row
from jobmill.reports.sheets import HEADER_FILL, HEADER_FONT, MAX_CELL_CHARACTERS, clean, put, widths
from jobmill.reports.workbooks import save
from jobmill.tables.bad_rows import OWN_HEADERS, BadRow, extra_header
from jobmill.tables.csv_writer import safe_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_COMMENTS: Final = 10_000
"""Bad cells beyond these are coloured only: each comment is a drawing, and Excel opens more than these slowly."""
MAX_COLUMNS: Final = 16_384 - len(OWN_HEADERS)
CSV_HEADERS: Final = ("row", "origin", "field", "code", "message", "value")

_ROWS_TITLE: Final = "Rows to correct"
_HELP_TITLE: Final = "What to do"
_IMPORT_AGAIN: Final = (
    "The import failed, so no row was taken, the good ones neither.",
    f'Correct the rows in your own file, as "{_ROWS_TITLE}" explains them, and import that file again.',
)
_SAMPLE_ROWS: Final = 1_000
_PROBLEMS_WIDTH: Final = 60
_LINE_POINTS: Final = 16
_BAD: Final = PatternFill("solid", fgColor="FFC7CE")
_TEXT: Final = "@"


def write_errors_workbook(
    target: Path, headers: Sequence[str], rows: Callable[[], Iterable[BadRow]], *, job_id: str | None, note: str
) -> None:
    """Write the rows with all their cells as text, bad ones in colour with a comment; `headers` are the file's.

    `rows` gives them anew each time: they are gone through twice, one after the other. `note` is a sentence on which
    rows these are; `job_id` is the import that a corrected file continues, None if it took no row, and so cannot be
    continued. The same rows give the same bytes.
    """
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = _ROWS_TITLE
    names = _prepare(sheet, headers, rows())
    _explain(workbook.create_sheet(_HELP_TITLE), [note, "", *(_to_send_back(job_id) if job_id else _IMPORT_AGAIN)])
    save(workbook, target, {_ROWS_TITLE: _Pen(sheet, names).rows(rows())})


def write_errors_csv(target: Path, rows: Iterable[BadRow]) -> None:
    """Write one line for each error, with the cell's value; no text begins as a formula does."""
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(CSV_HEADERS)
        for row in rows:
            for error in row.errors:
                texts = (row.origin, error.field, error.code, error.message, _cell(row, error.column) or "")
                writer.writerow((row.row, *(safe_text(text) for text in texts)))


def _prepare(sheet: "Worksheet", headers: Sequence[str], rows: Iterable[BadRow]) -> list[str]:
    """Set what surrounds the rows, their comments too; gives the names of all columns, in the longest row as well."""
    count, widest, comments = 0, len(headers), 0
    longest = [0, 0, _PROBLEMS_WIDTH, *(len(name) + 2 for name in headers)]
    for count, row in enumerate(rows, start=1):
        widest = max(widest, len(row.cells))
        for column, messages in _messages(row).items():
            if column < MAX_COLUMNS and comments < MAX_COMMENTS:
                comments += 1
                sheet.cell(count + 1, column + len(OWN_HEADERS) + 1).comment = _comment(messages)
        if count <= _SAMPLE_ROWS:
            lengths = [0] * len(OWN_HEADERS) + [len(text or "") for text in row.cells]
            longest += [0] * (len(lengths) - len(longest))
            longest[: len(lengths)] = map(max, longest, lengths)
    extra = (extra_header(number) for number in range(len(headers) + 1, widest + 1))
    names = [*OWN_HEADERS, *headers, *extra][: len(OWN_HEADERS) + MAX_COLUMNS]
    longest += [0] * (len(names) - len(longest))
    widths(sheet, [length + 1 for length in longest[: len(names)]])
    for number in range(1, len(names) + 1):
        # What is typed into an empty cell stays as it is, too.
        sheet.column_dimensions[get_column_letter(number)].number_format = _TEXT
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(names))}{count + 1}"
    # The sheet tells its size by its first and last cell, and the rows come later.
    sheet.cell(1, 1)
    sheet.cell(count + 1, len(names))
    return names


def _messages(row: BadRow) -> dict[int, list[str]]:
    """What is wrong with each bad cell."""
    messages: dict[int, list[str]] = {}
    for error in row.errors:
        if error.column is not None:
            messages.setdefault(error.column, []).append(error.message)
    return messages


def _comment(messages: Sequence[str]) -> Comment:
    lines = sum(1 + len(message) // 40 for message in messages)
    return Comment(clean("\n".join(messages)), "Jobmill", height=_LINE_POINTS * (lines + 1), width=300)


class _Pen:
    """Writes the header and the rows as XML, with the styles of the sheet's workbook."""

    def __init__(self, sheet: "Worksheet", names: Sequence[str]) -> None:
        self._names = names
        self._letters = [get_column_letter(number) for number in range(1, len(names) + 1)]
        top, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
        self._header = style(sheet, font=HEADER_FONT, fill=HEADER_FILL)
        self._number = style(sheet, number_format="General", alignment=top)
        self._text = style(sheet, alignment=top)
        self._bad = style(sheet, alignment=top, fill=_BAD)
        self._problems = style(sheet, alignment=wrapped)
        self._bad_problems = style(sheet, alignment=wrapped, fill=_BAD)

    def rows(self, rows: Iterable[BadRow]) -> Iterator[str]:
        yield xml_row(1, (self._cell(index, 1, name, self._header) for index, name in enumerate(self._names)))
        for number, row in enumerate(rows, start=2):
            yield xml_row(number, self._cells(number, row))

    def _cells(self, number: int, row: BadRow) -> Iterator[str]:
        messages, losses = _messages(row), list(self._losses(row))
        is_bad = len(losses) > 0 or any(error.column is None for error in row.errors)
        problems = "\n".join([*(error.message for error in row.errors), *losses])
        yield self._cell(0, number, row.origin, self._text)
        yield number_cell(f"B{number}", row.row, self._number)
        yield self._cell(2, number, problems, self._bad_problems if is_bad else self._problems)
        for column in range(len(self._names) - len(OWN_HEADERS)):
            text, bad = _cell(row, column), column in messages
            if text or bad:
                yield self._cell(column + len(OWN_HEADERS), number, text or "", self._bad if bad else self._text)

    def _losses(self, row: BadRow) -> Iterator[str]:
        """What of the row a sheet cannot hold."""
        for name, text in zip(self._names[len(OWN_HEADERS) :], row.cells, strict=False):
            # Excel counts UTF-16 units; a character is at most two.
            if text and 2 * len(text) > MAX_CELL_CHARACTERS and len(text.encode("utf-16-le")) > 2 * MAX_CELL_CHARACTERS:
                yield f'The cell of "{name}" is cut here to {MAX_CELL_CHARACTERS:,} characters.'
        if len(row.cells) > MAX_COLUMNS:
            yield f"Only the first {MAX_COLUMNS:,} of its {len(row.cells):,} cells are here."

    def _cell(self, index: int, number: int, text: str, style: int) -> str:
        return text_cell(f"{self._letters[index]}{number}", text, style)


def _cell(row: BadRow, column: int | None) -> str | None:
    return row.cells[column] if column is not None and column < len(row.cells) else None


def _to_send_back(job_id: str) -> list[str]:
    return [
        f'Correct the coloured cells of "{_ROWS_TITLE}", or delete the rows that you do not want.',
        "Leave the header and the hidden first column as they are: they tell which row is which.",
        "Save the workbook and send it back: corrected rows join the dataset, none of them twice.",
        "",
        "With the command line:",
        f"jobmill import errors.xlsx --continues {job_id}",
        "",
        "With the API, after an upload of the workbook:",
        f'POST /api/jobs {{"type": "Import", "projectId": …, "params": {{"uploadId": …, "continues": "{job_id}"}}}}',
    ]


def _explain(sheet: "Worksheet", lines: Sequence[str]) -> None:
    """Say what to do about the other sheet."""
    for number, text in enumerate(lines, start=1):
        put(sheet, number, 1, text).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.column_dimensions["A"].width = 110
