"""Whether a CSV file ends outside of quotation marks, found out from its end alone."""

import re
from pathlib import Path
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import records
from jobmill.tables.csv_scan import Scan

_WINDOW_BYTES: Final = 1 << 16


def ends_outside_quotes(source: Path, scan: Scan, delimiter: str) -> bool:
    """True if no quoted cell is open at the file's end; False if one is, or if it cannot be told cheaply.

    DuckDB 2.0, reading with one thread, drops a last record with an open quotation mark without a word; this
    is the check for it. It needs a point that is surely outside: an odd run of quotation marks that has an
    ordinary character before it and a delimiter or line end after it. Inside a quoted cell such a run closes
    it, outside of one it is ordinary text, so either way what follows is outside. From there the rest is
    parsed exactly. It must begin a new record, so that the last record is not longer than the window.
    """
    if scan.last_quote < 0:
        return True
    start = max(0, scan.last_quote - _WINDOW_BYTES)
    with source.open("rb") as file:
        file.seek(start)
        window = file.read(scan.last_quote - start + _WINDOW_BYTES)
    if start > 0:
        stop = re.escape(delimiter.encode())
        sure = re.search(rb'[^"\s' + stop + rb'](?:"")*"(?=[\r\n' + stop + rb"])", window)
        if sure is None:
            return False
        window = b"x" + window[sure.end() :]
    lines = window.decode("utf-8", errors="replace").splitlines(keepends=True)
    try:
        found = [record.cells for record in records(lines, delimiter)]
    except CallerError:
        return False
    return None not in found and (start == 0 or len(found) > 1)
