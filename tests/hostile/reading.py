"""The process that reads hostile files one after the other, and tells what each became, as lines of JSON.

It does what an import does with a file: everything but AWS. `python -m tests.hostile.reading` takes paths, one a line.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from jobmill.errors import CallerError
from jobmill.tables.csv_encoding import to_utf8
from jobmill.tables.csv_layout import QUOTE, Given, read_layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_reader import CsvReading
from jobmill.tables.engine import connect
from jobmill.tables.file_kind import kind_of
from jobmill.tables.xlsx_reader import read_sheet
from tests.hostile.hostile_file import IMPORTED

POLL_SECONDS = 0.002


def read(upload: Path, workspace: Path) -> tuple[str, list[str]]:
    """What became of the file: an error's code, or `imported` and its first row."""
    try:
        if kind_of(upload) == "xlsx":
            text = workspace / "sheet.csv"
            read_sheet(upload, text, None, marks_native=False)
            layout = read_layout(text, Given(",", QUOTE, "."))
        else:
            text, _ = to_utf8(upload)
            layout = read_layout(text)
        connection = connect(workspace)
        reading = CsvReading(connection, text, layout, Plan.of_all_columns(layout, "job"))
        parts: list[Path] = []
        for number, step in enumerate(reading.steps()):
            if step.part:
                parts.append(step.part.rename(workspace / f"{number}.parquet"))
            if step.bad_part:
                step.bad_part.unlink()
            del parts[reading.position.parts :]
        reading.table()
        row = connection.execute(f"SELECT * FROM '{parts[0]}' LIMIT 1").fetchall()[0]
        return IMPORTED, ["" if cell is None else str(cell) for cell in row]
    except CallerError as error:
        return error.code, []


class Peak:
    """The most memory that this process and the one that it starts have had since `reset`, in MB."""

    def __init__(self) -> None:
        self._child = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def reset(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self._child = 0

    def megabytes(self) -> int:
        return (_high_water("self") + self._child) // 1024

    def _watch(self) -> None:
        while True:
            for task in Path("/proc/self/task").iterdir():
                for child in _read(task / "children").split():
                    self._child = max(self._child, _high_water(child))
            time.sleep(POLL_SECONDS)


def _high_water(process: str) -> int:
    for line in _read(Path(f"/proc/{process}/status")).splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def main() -> None:
    peak = Peak()
    for line in sys.stdin:
        workspace = Path(line.rstrip("\n"))
        peak.reset()
        begun = time.monotonic()
        outcome, row = read(workspace / "upload", workspace)
        told: dict[str, Any] = {
            "outcome": outcome,
            "row": row,
            "seconds": time.monotonic() - begun,
            "megabytes": peak.megabytes(),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
