"""The careful way through an odd CSV file: rewrite its good rows so plainly that DuckDB reads them exactly."""

import csv
from pathlib import Path

from jobmill.tables.csv_layout import Layout, lines_from
from jobmill.tables.csv_records import records


def rewrite(source: Path, target: Path, layout: Layout) -> int:
    """Write the header and the good rows of `source` to `target`, every cell quoted; return the bad rows.

    A row is bad when its cells are not as many as the columns, or when text follows a closing quotation
    mark. Empty cells too many, as a trailing delimiter makes them, do no harm and are dropped.
    Raises CallerError `unclosed-quote` and `line-too-long`.
    """
    bad_rows = 0
    width = len(layout.names)
    found = records(lines_from(source, layout.first_line), layout.delimiter, layout.first_line)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=layout.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        next(found)
        writer.writerow([f"c{i}" for i in range(width)])
        for record in found:
            if record.cells is not None and _fits(record.cells, width):
                writer.writerow(record.cells[:width])
            else:
                bad_rows += 1
    return bad_rows


def _fits(cells: list[str], width: int) -> bool:
    return len(cells) == width or (len(cells) > width and not any(cells[width:]))
