"""What an import tells of its bad rows: a workbook to correct, a file for programs, and the first of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processors.imports.params import ImportParams
from jobmill.reports.error_files import write_errors_csv, write_errors_workbook
from jobmill.tables.bad_rows import BadRow, read_bad_rows

MAX_FIRST_ERRORS = 100
"""How many errors stand in the result itself."""
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def report_errors(context: Context[ImportParams], headers: Sequence[str], files: Sequence[Path], note: str) -> None:
    """List errors.xlsx and errors.csv, of as many rows as the job takes for errors."""
    workbook, table = context.workspace / "errors.xlsx", context.workspace / "errors.csv"
    write_errors_workbook(workbook, headers, bad_rows(files, context.params.max_errors), note)
    context.report(workbook, workbook.name, _XLSX, "imports")
    write_errors_csv(table, bad_rows(files, context.params.max_errors))
    context.report(table, table.name, "text/csv; charset=utf-8", "imports")


def first_errors(files: Sequence[Path]) -> list[Json]:
    """The first errors, as the result has them."""
    errors = ((row, error) for row in _all(files) for error in row.errors)
    return [
        {"row": row.row, "field": error.field, "code": error.code, "message": error.message}
        for row, error in islice(errors, MAX_FIRST_ERRORS)
    ]


def bad_rows(files: Sequence[Path], most: int) -> Iterator[BadRow]:
    """The rows of the files, one after the other, but no more than `most`."""
    return islice(_all(files), most)


def _all(files: Iterable[Path]) -> Iterator[BadRow]:
    return chain.from_iterable(read_bad_rows(file) for file in files)


def rows_of_this_file(files: Sequence[Path]) -> tuple[int, ...]:
    """The numbers of all bad rows."""
    return tuple(row.row for row in _all(files))
