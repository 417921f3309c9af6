"""The process that reads a workbook: `python -m jobmill.tables.xlsx_reading source target sheet marks`.

With the source alone it lists the workbook's sheets.

It binds itself to bounds of memory and time first, so that whatever the file does, it does to this process alone. What
it found is one line of JSON on its standard output.
"""

import contextlib
import errno
import json
import resource
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from jobmill.errors import CallerError
from jobmill.tables.workbook.conversions import Conversions
from jobmill.tables.workbook.csv_rows import MAX_CSV_BYTES, CsvRows
from jobmill.tables.workbook.errors import too_complex, too_large
from jobmill.tables.workbook.parts import choose_sheet, read_styles, read_workbook
from jobmill.tables.workbook.plain_rows import read_plain_rows
from jobmill.tables.workbook.plain_xml import NotPlain
from jobmill.tables.workbook.sheet_rows import SheetRows
from jobmill.tables.workbook.strings import read_strings
from jobmill.tables.workbook.zip_parts import ZipParts, open_zip

MEMORY_BYTES: Final = 256 << 20
CPU_SECONDS: Final = 600
# Whatever it is that the file keeps it busy with.
CHUNK_CPU_SECONDS: Final = 5
_BOUNDS: Final = (
    (resource.RLIMIT_AS, MEMORY_BYTES),
    (resource.RLIMIT_CPU, CPU_SECONDS),
    (resource.RLIMIT_FSIZE, 2 * MAX_CSV_BYTES),
    (resource.RLIMIT_CORE, 0),
)


def convert(
    source: Path, target: Path, sheet: str | None, *, marks_native: bool, on_chunk: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Write the sheet to `target`; what is known of it, as `SheetInfo` has it.

    `on_chunk` is called before each 256 KiB of the workbook at the latest. Raises CallerError as `read_sheet`.
    """
    parts = open_zip(source, on_chunk)
    workbook = read_workbook(parts)
    chosen = choose_sheet(workbook, sheet)
    assert chosen.part is not None
    strings = read_strings(parts, workbook.strings)
    styles = read_styles(parts, workbook)
    conversions = Conversions(styles, strings, is_1904=workbook.is_1904, marks_native=marks_native)
    try:
        rows = _write(parts, chosen.part, conversions, target, is_plain=True)
    except NotPlain:
        rows = _write(parts, chosen.part, conversions, target, is_plain=False)
    if rows.width is None:
        raise CallerError("empty-sheet", f'The sheet "{chosen.name}" is empty. Name another one, or fill it.')
    return {
        "name": chosen.name,
        "rows": rows.last_row,
        "columns": rows.width,
        "sheets": [sheet.name for sheet in workbook.sheets],
    }


def _write(parts: ZipParts, part: str, conversions: Conversions, target: Path, *, is_plain: bool) -> CsvRows:
    with target.open("w", encoding="utf-8", newline="") as file:
        rows = CsvRows(file, parts.unpacked_bytes(part))
        if is_plain:
            read_plain_rows(parts, part, conversions, rows)
            return rows
        sheet = SheetRows(part, conversions, rows)
        with sheet.parser:
            for chunk in parts.chunks(part):
                sheet.parser.feed(chunk)
            sheet.parser.close()
        return rows


def list_visible(source: Path, on_chunk: Callable[[], None] = lambda: None) -> dict[str, Any]:
    """The names of the sheets of cells that are to be seen. Raises CallerError as `read_sheet`."""
    sheets = read_workbook(open_zip(source, on_chunk)).sheets
    return {"sheets": [sheet.name for sheet in sheets if sheet.part is not None and sheet.is_visible]}


def _convert(source: str, target: str, sheet: str, marks: str) -> dict[str, Any]:
    return convert(Path(source), Path(target), json.loads(sheet), marks_native=marks == "marks", on_chunk=_live_on)


def main(arguments: Sequence[str]) -> None:
    """Convert or list, and tell."""
    for bound, value in _BOUNDS:
        with contextlib.suppress(ValueError, OSError):  # not every system knows all of them
            resource.setrlimit(bound, (value, value))
    try:
        found = _convert(*arguments) if len(arguments) > 1 else list_visible(Path(arguments[0]), _live_on)
    except CallerError as error:
        found = _refusal(error)
    except MemoryError:
        found = _refusal(too_complex())
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        found = _refusal(too_large(f"its cells make more than {MAX_CSV_BYTES:,} bytes"))
    json.dump(found, sys.stdout)


def _live_on() -> None:
    """Let the system end this process unless it comes here again after a few seconds of work."""
    signal.setitimer(signal.ITIMER_PROF, CHUNK_CPU_SECONDS)


def _refusal(error: CallerError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "details": error.details, "field": error.field}


if __name__ == "__main__":
    main(sys.argv[1:])
