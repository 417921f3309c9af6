"""One grammar: DuckDB, our own parser and Python's csv module agree wherever each of them reads at all."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobmill.errors import CallerError
from jobmill.tables.csv_layout import read_layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_records import Dialect, records
from jobmill.tables.csv_repair import Repair

from .builders import Bench

PIECES = [
    "a",
    "b7",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    ' "',
    '" ',
    '"a"',
    '"a,\n"',
    " ",
    "\u00e9",
    "1",
    "\t",
]
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=50, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=24), columns=st.integers(1, 3))
def test_the_fast_way_and_the_careful_way_read_the_same(bench: Bench, pieces: list[str], columns: int) -> None:
    content = ",".join(["h1", "h2", "h3"][:columns]) + "\n" + "".join(pieces)
    source, numbered, clean = (bench.folder / f"{name}.csv" for name in ("source", "numbered", "clean"))
    source.write_bytes(content.encode())
    fast = outcome(bench, source)
    layout = read_layout(source)
    repair = Repair(source, layout, Plan.of_all_columns(layout, "job"), line=2, row=2)
    try:
        bad_rows = len(list(repair.write(numbered)))
    except CallerError as error:
        careful: Outcome = error.code
    else:
        with numbered.open(newline="", encoding="utf-8") as file, clean.open("w", newline="", encoding="utf-8") as rest:
            csv.writer(rest, quoting=csv.QUOTE_ALL).writerows(row[1:] for row in csv.reader(file))
        careful = outcome(bench, clean, bad_rows)
    assert fast == careful


type Outcome = str | tuple[int, list[str], list[tuple[Any, ...]]]


def outcome(bench: Bench, source: Path, bad_rows: int = 0) -> Outcome:
    """The error's code, or the bad rows (with those left out before), the types and the rows."""
    try:
        table = bench.read_file(source)
    except CallerError as error:
        return "no-valid-rows" if error.code == "header-only" and bad_rows else error.code
    return table.bad_rows + bad_rows, [str(column.type) for column in table.columns], bench.rows()


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab,;"\n\r '), max_size=30))
def test_our_parser_reads_as_python_does(content: str) -> None:
    """Where there are no blanks around quotation marks, which Python takes for text."""
    if ' "' in content or '" ' in content:
        return
    lines = io.StringIO(content, newline="").readlines()
    try:
        found = [record.cells for record in records(lines, Dialect())]
    except CallerError:
        with pytest.raises(csv.Error):
            list(csv.reader(lines, strict=True))
        return
    if None not in found:
        assert found == [row for row in csv.reader(lines, strict=True) if row]
