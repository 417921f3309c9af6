"""The careful way through a CSV file: rewrite its good rows, numbered, so plainly that DuckDB reads them exactly."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jobmill.tables.bad_rows import BadRow, CellError, fingerprint
from jobmill.tables.csv_layout import Layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_records import Record, records
from jobmill.tables.csv_rules import ROW


@dataclass(slots=True)
class Repair:
    """A chunk with a header of one line, whose rows begin in line `line`, and in the row `row` as Excel shows it."""

    source: Path
    layout: Layout
    plan: Plan
    line: int
    row: int
    rows: int = 0
    """The rows written so far."""
    further_lines: int = 0
    """How many more lines than rows, blank ones counted, were met so far."""

    def write(self, target: Path) -> Iterator[BadRow]:
        """Write a header and the good rows to `target`; gives the bad ones, in the file's order.

        A row is bad when its cells are not as many as the columns, or when text follows a closing quotation
        mark. Empty cells too many, as a trailing delimiter makes them, do no harm and are dropped. A row that
        corrects another one must name it; those that are in already are left out.
        Raises CallerError `unclosed-quote` and `line-too-long`.
        """
        dialect, width = self.layout.dialect, len(self.layout.names)
        with (
            self.source.open(encoding="utf-8", newline="") as lines,
            target.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.writer(
                file, delimiter=dialect.delimiter, quotechar=dialect.quote, quoting=csv.QUOTE_ALL, lineterminator="\n"
            )
            writer.writerow([ROW, *(f"c{i}" for i in range(width))])
            next(lines)
            for record in records(lines, dialect, self.line, self.row):
                self.further_lines += record.further_lines
                verdict = self._verdict(record, width)
                if isinstance(verdict, CellError):
                    yield self._bad(record, verdict)
                if verdict is not True:
                    continue
                assert record.cells is not None
                self.rows += 1
                if len(record.cells) == width and record.text and dialect.quote not in record.text:
                    file.write(f"{record.row}{dialect.delimiter}{record.text}\n")
                else:
                    writer.writerow([record.row, *_fitted(record.cells, width)])

    def _verdict(self, record: Record, width: int) -> bool | CellError:
        """Whether the row is to be read, or what is wrong with it. Cells beyond a correction's columns are notes."""
        if self.plan.corrections and record.cells is not None:
            return self.plan.corrections.meet(record.row, _fitted(record.cells, width))
        return self._misshape(record, width) or True

    def _bad(self, record: Record, error: CellError) -> BadRow:
        cells = tuple(cell or None for cell in record.cells or (record.text,))
        origin = self.plan.origin_of(record.row)
        if self.plan.corrections is None:
            origin = f"{origin}:{fingerprint(cells)}"
        return BadRow(record.row, origin, cells, (error,))

    def _misshape(self, record: Record, width: int) -> CellError | None:
        cells = record.cells
        if cells is None:
            message = f"Text follows after a closing quotation mark ({self.layout.dialect.quote})."
            return CellError(None, "", "broken-quotes", message)
        if len(cells) == width or (len(cells) > width and not any(cells[width:])):
            return None
        code = "row-too-short" if len(cells) < width else "row-too-long"
        count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        return CellError(None, "", code, f"The row has {count}, the header has {width}.")


def _fitted(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]
