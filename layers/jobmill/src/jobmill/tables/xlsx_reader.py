"""A sheet of a workbook (XLSX, XLSM) becomes a CSV file, read by a process of its own.

Our own reader (`jobmill.tables.workbook`), because none that there is reads a large workbook both quickly and in
little memory, or can be trusted with a hostile one. Nothing in the file is ever run or followed: formulas give the
results that were saved with them, macros and links to other files are not looked at.

A process of its own, because memory is bounded by process, and what kills it kills no job but this one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jobmill.errors import CallerError
from jobmill.tables.workbook.errors import too_complex

_NEEDED_VARIABLES: Final = ("LD_LIBRARY_PATH",)


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """The sheet that was read: its name, its last row's number, its header's columns; and all sheets' names."""

    name: str
    rows: int
    columns: int
    sheets: tuple[str, ...]


class ReadingStopped(Exception):
    """The function that `on_start` was given has ended the reading."""


def read_sheet(
    source: Path,
    target: Path,
    sheet: str | None,
    *,
    marks_native: bool,
    on_start: Callable[[Callable[[], None]], None] | None = None,
) -> SheetInfo:
    """Write the sheet named `sheet`, or the first visible one with cells, to `target` as UTF-8 CSV.

    Commas, quotation marks where needed, LF. Record n is the sheet's row n; an empty row is a blank line. Rows are as
    wide as the first one that is not empty, or wider if they have more cells. Whole numbers have no point, dates are
    ISO (`2024-02-29`, `2024-02-29 23:59:00`), times `23:59:00`, durations `25:30:00`, truth `true` or `false`, errors
    `#N/A`. With `marks_native` a number, date, time or truth value has U+001F before it. Of a text's control
    characters tab, LF and CR stay. Merged cells have their value in the first one.

    `on_start` is given a function that ends the reading, from any thread; it then raises ReadingStopped.
    Raises CallerError `damaged-workbook`, `unsafe-workbook`, `encrypted-workbook`, `workbook-too-large`,
    `workbook-too-complex`, `unknown-sheet`, `empty-sheet`, `too-many-columns` or `formula-without-value`.
    """
    marks = "marks" if marks_native else "plain"
    found = _ask([str(source), str(target), json.dumps(sheet), marks], on_start)
    return SheetInfo(found["name"], found["rows"], found["columns"], tuple(found["sheets"]))


def list_sheets(source: Path, *, on_start: Callable[[Callable[[], None]], None] | None = None) -> tuple[str, ...]:
    """The names of the visible sheets of cells, in their order, empty ones too.

    `on_start` is as for `read_sheet`; raises as that does, but for what a single sheet has.
    """
    return tuple(_ask([str(source)], on_start)["sheets"])


def _ask(arguments: Sequence[str], on_start: Callable[[Callable[[], None]], None] | None) -> dict[str, Any]:
    """What the process that reads a workbook finds. Raises CallerError with what it refuses."""
    command = [sys.executable, "-P", "-S", "-s", "-X", "utf8", "-m", "jobmill.tables.xlsx_reading"]
    stopped = False

    with subprocess.Popen(  # noqa: S603  our own module; the caller chooses no argument but a sheet's name
        [*command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    ) as process:

        def stop() -> None:
            nonlocal stopped
            stopped = process.poll() is None or stopped
            process.kill()

        try:
            if on_start is not None:
                on_start(stop)
            output, complaint = process.communicate()
        except BaseException:
            process.kill()
            raise
    if stopped:
        raise ReadingStopped
    if process.returncode < 0:
        raise too_complex()
    if process.returncode > 0:
        raise RuntimeError(f"reading a workbook broke: {complaint[-2000:].decode(errors='replace')}")
    found: dict[str, Any] = json.loads(output)
    if "code" in found:
        raise CallerError(**found)
    return found


def _environment() -> dict[str, str]:
    """What a Python process needs to find this package, and nothing else: no credentials."""
    needed = {name: os.environ[name] for name in _NEEDED_VARIABLES if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), **needed}
