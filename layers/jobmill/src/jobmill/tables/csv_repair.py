"""The careful way through an odd CSV file: rewrite its good rows so plainly that DuckDB reads them exactly."""

import csv
from pathlib import Path

from jobmill.tables.csv_layout import Layout
from jobmill.tables.csv_records import records


def rewrite(source: Path, target: Path, layout: Layout, first_line: int) -> int:
    """Write the header and the good rows of `source` to `target`, every cell quoted; return the bad rows.

    A row is bad when its cells are not as many as the columns, or when text follows a closing quotation
    mark. Empty cells too many, as a trailing delimiter makes them, do no harm and are dropped.
    The header is of one line; `first_line` is the number of the line after it in what is raised.
    Raises CallerError `unclosed-quote` and `line-too-long`.
    """
    bad_rows = 0
    width = len(layout.names)
    with source.open(encoding="utf-8", newline="") as lines, target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=layout.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([f"c{i}" for i in range(width)])
        next(lines)
        for record in records(lines, layout.delimiter, first_line):
            if record.cells is not None and _fits(record.cells, width):
                writer.writerow(record.cells[:width])
            else:
                bad_rows += 1
    return bad_rows


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) == width or (len(cells) > width and not any(cells[width:]))
