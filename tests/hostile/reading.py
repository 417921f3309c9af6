"""The process that reads hostile files one after the other, and tells what each became, as lines of JSON.

It has the import's own code read them, with a folder in the place of AWS. `python -m tests.hostile.reading` takes
folders, one a line, with the file `upload` in each.
"""

import gc
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from jobmill.errors import CallerError
from jobmill.processors.imports import import_file
from jobmill.tables.engine import connect
from tests.hostile.folder_context import FolderContext
from tests.hostile.hostile_file import IMPORTED

POLL_SECONDS = 0.002


def read(workspace: Path) -> tuple[str, list[str]]:
    """What becomes of the file `upload`: an error's code, or `imported` and its first row."""
    context = FolderContext(workspace)
    try:
        import_file.work(context)
    except CallerError as error:
        return error.code, []
    assert context.published is not None
    first = context.fetch_parts(context.published.parts)[0]
    [row] = connect(workspace).execute(f"SELECT * FROM '{first}' LIMIT 1").fetchall()
    return IMPORTED, ["" if cell is None else str(cell) for cell in row]


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
    gc.freeze()
    for line in sys.stdin:
        workspace = Path(line.rstrip("\n"))
        gc.collect()
        peak.reset()
        begun = time.monotonic()
        outcome, row = read(workspace)
        told: dict[str, Any] = {
            "outcome": outcome,
            "row": row,
            "seconds": time.monotonic() - begun,
            "megabytes": peak.megabytes(),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
