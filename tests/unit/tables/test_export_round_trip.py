"""What was exported reads back as what was stored, by documented rules: docs/exports.md names the exceptions."""

import csv
from collections.abc import Sequence
from datetime import date, datetime
from math import isinf, isnan
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from jobmill.tables.csv_writer import write_csv

from .builders import Bench

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "http://example.com", "_x0041_", "007", "1e5", "\r\n", "\x00"]
)  # fmt: skip
FLOATS = st.floats() | st.sampled_from([float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7e308])
MOMENTS = st.datetimes().map(lambda moment: moment.replace(fold=0))
MILLISECONDS = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, fold=0)
)
COLUMNS: list[tuple[str, st.SearchStrategy[Any]]] = [
    ("VARCHAR", TEXTS),
    ("BIGINT", st.integers(-(2**63), 2**63 - 1)),
    ("BIGINT", st.integers(-(10**15) + 1, 10**15 - 1)),
    ("DOUBLE", FLOATS),
    ("BOOLEAN", st.booleans()),
    ("DATE", st.dates()),
    ("DATE", st.dates(date(1900, 3, 1))),
    ("TIMESTAMP", MOMENTS),
    ("TIMESTAMP", MILLISECONDS),
    ("VARCHAR", st.just("x")),
]
# The last cell is never empty, so that each row has a cell in a workbook.
ROWS = st.lists(st.tuples(*(st.none() | values for _, values in COLUMNS[:-1]), COLUMNS[-1][1]), max_size=4)
A_ROW = (
    "=1+1",
    2**62,
    7,
    float("nan"),
    True,
    date(1, 1, 1),
    date(2024, 2, 29),
    datetime.max,
    datetime(2024, 1, 1),
    "x",
)
EMPTY = (*(None,) * 9, "x")
PROPERTY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def store(bench: Bench, rows: Sequence[Sequence[Any]]) -> None:
    cells = [f"unnest(?::{type_}[]) AS c{i}" for i, (type_, _) in enumerate(COLUMNS)]
    columns = [[row[i] for row in rows] for i in range(len(COLUMNS))]
    bench.connection.execute(f"COPY (SELECT {', '.join(cells)}) TO '{bench.parquet}' (FORMAT parquet)", columns)
    bench.parts = [bench.parquet]


def iso(moment: date) -> str:
    text = moment.isoformat() if not isinstance(moment, datetime) else moment.isoformat(" ")
    return text.rstrip("0") if "." in text else text


def in_a_workbook(value: Any, column: Sequence[Any]) -> Any:
    """What a workbook shows of a value, by the column that it stands in."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if all(abs(each) < 10**15 for each in column if each is not None) else str(value)
    if isinstance(value, float):
        return None if isnan(value) else str(value) if isinf(value) else value
    moments = [each for each in column if each is not None]
    first = datetime(1900, 3, 1) if isinstance(value, datetime) else date(1900, 3, 1)
    if any(each < first or getattr(each, "microsecond", 0) % 1000 for each in moments):
        return iso(value)
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


@pytest.mark.requirement("J1")
@PROPERTY
@given(rows=ROWS)
@example(rows=[A_ROW, EMPTY])
def test_a_workbook_shows_each_value(bench: Bench, rows: list[tuple[Any, ...]]) -> None:
    store(bench, rows)
    found = [[cell.value for cell in row] for row in bench.sheet().iter_rows(min_row=2)]
    columns = list(zip(*rows, strict=True))
    expected = [[in_a_workbook(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    texts = [[unescape(value) if isinstance(value, str) else value for value in row] for row in found]
    assert texts == expected


@PROPERTY
@given(rows=ROWS, formula_safe=st.booleans())
@example(rows=[A_ROW, EMPTY], formula_safe=True)
def test_a_csv_file_shows_each_value(bench: Bench, rows: list[tuple[Any, ...]], formula_safe: bool) -> None:
    store(bench, rows)
    target = bench.folder / "written.csv"
    assert write_csv(bench.ask(), target, formula_safe) == len(rows)
    with target.open(encoding="utf-8", newline="") as file:
        header, *found = csv.reader(file, strict=True)
    assert header == [f"c{i}" for i in range(len(COLUMNS))]
    assert [
        [same(cell, value) for cell, value in zip(*pair, strict=True)] for pair in zip(found, rows, strict=True)
    ] == [[True] * len(COLUMNS)] * len(rows)
    starts = {cell[:1] for row in found for cell in row[:1]}
    assert not (formula_safe and starts & set("=+-@\t\r"))


def same(cell: str, value: Any) -> bool:
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, float):
        return float(cell) == value or (isnan(value) and isnan(float(cell)))
    if isinstance(value, str):
        return cell in (value, "'" + value)
    return cell == (str(value) if isinstance(value, int) else iso(value))


@PROPERTY
@given(rows=ROWS)
@example(rows=[A_ROW, EMPTY])
def test_a_parquet_file_holds_each_value_in_its_type(bench: Bench, rows: list[tuple[Any, ...]]) -> None:
    store(bench, rows)
    target = bench.folder / "written.parquet"
    assert bench.ask().export(target) == len(rows)
    read = bench.connection.execute("FROM read_parquet(?)", [[str(target)]])
    assert [str(column[1]) for column in read.description or ()] == [type_ for type_, _ in COLUMNS]
    assert repr(read.fetchall()) == repr(rows)
