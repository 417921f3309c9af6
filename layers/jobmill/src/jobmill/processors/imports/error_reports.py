"""What an import tells of its bad rows: a workbook to correct, a file for programs, and the first of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processors.imports.params import ImportParams
from jobmill.reports.error_files import write_errors_csv, write_errors_workbook
from jobmill.tables.bad_rows import OWN_HEADERS, BadRow, read_bad_rows

MAX_FIRST_ERRORS = 100
"""How many errors stand in the result itself."""


def report_errors(
    context: Context[ImportParams], headers: Sequence[str], files: Sequence[Path], count: int, *, can_continue: bool
) -> None:
    """List errors.xlsx and errors.csv, of as many of the `count` rows as the job takes for errors.

    `can_continue`: whether another import may take these rows, corrected.
    """
    workbook, table = context.workspace / "errors.xlsx", context.workspace / "errors.csv"
    most, job_id = context.params.max_errors, context.job.id if can_continue else None
    note = f"These are the first {most:,} of the bad rows." if count > most else f"These are the {count:,} bad rows."
    # A corrected workbook has our columns itself.
    places = [i for i, header in enumerate(headers) if header not in OWN_HEADERS]

    def rows() -> Iterator[BadRow]:
        return (_with_columns(row, places, len(headers)) for row in islice(_all(files), most))

    write_errors_workbook(workbook, [headers[i] for i in places], rows, job_id=job_id, note=note)
    context.report(workbook, workbook.name, "imports")
    write_errors_csv(table, rows())
    context.report(table, table.name, "imports")


def first_errors(files: Sequence[Path]) -> list[Json]:
    """The first errors, as the result has them."""
    errors = ((row, error) for row in _all(files) for error in row.errors)
    return [
        {"row": row.row, "field": error.field, "code": error.code, "message": error.message}
        for row, error in islice(errors, MAX_FIRST_ERRORS)
    ]


def row_numbers(files: Sequence[Path]) -> tuple[int, ...]:
    """The numbers of all bad rows."""
    return tuple(row.row for row in _all(files))


def _all(files: Iterable[Path]) -> Iterator[BadRow]:
    return chain.from_iterable(read_bad_rows(file) for file in files)


def _with_columns(row: BadRow, places: Sequence[int], width: int) -> BadRow:
    """The row with the cells at `places` only, and those beyond the file's `width`."""
    if len(places) == width:
        return row
    cells = tuple(row.cells[i] for i in places if i < len(row.cells)) + row.cells[width:]
    errors = tuple(
        replace(error, column=places.index(error.column) if error.column in places else None) for error in row.errors
    )
    return BadRow(row.row, row.origin, cells, errors)
