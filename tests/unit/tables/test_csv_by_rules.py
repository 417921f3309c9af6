"""Rows that break rules are found and numbered the same, whether DuckDB numbers the lines or each row is looked at."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobmill.schemas.compiler import compile_schema
from jobmill.schemas.table_schema import TableSchema
from jobmill.tables.bad_rows import BadRow, read_bad_rows
from jobmill.tables.csv_layout import read_layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_reader import CsvReading
from jobmill.tables.engine import connect

from .builders import in_chunks

SCHEMA = TableSchema.model_validate(
    {
        "fields": [
            {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
            {"name": "name", "type": "string", "constraints": {"maxLength": 4}},
        ]
    }
)
CELLS = [["1", "2", "3", "4", "5", "6", "x", ""], ["a", "abcd", "abcde", '"b, c"', '"d\ne"', '"f""g"', "", ' "h"']]
ROWS = st.lists(
    st.one_of(
        st.tuples(*map(st.sampled_from, CELLS)).map(",".join),
        st.sampled_from(["", "1", "1,a,b", "1,a,", '1,"a"b', '1,  "a"']),
    ),
    min_size=1,
    max_size=12,
)


def read(folder: Path, content: str, chunk_bytes: int) -> tuple[list[tuple[Any, ...]], list[BadRow]]:
    """The good rows, and the bad ones."""
    source = folder / "source.csv"
    source.write_bytes(content.encode())
    layout, compiled = read_layout(source), compile_schema(SCHEMA)
    plan = Plan(("id", "name"), (0, 1), "job", compiled)
    connection = connect(folder)
    rows: list[tuple[Any, ...]] = []
    bad_rows: list[BadRow] = []
    for number, step in enumerate(in_chunks(CsvReading(connection, source, layout, plan), chunk_bytes)):
        if step.part:
            plan.earlier.append(str(step.part.rename(folder / f"part-{number}.parquet")))
            rows += connection.execute(f"FROM read_parquet('{plan.earlier[-1]}')").fetchall()
        bad_rows += read_bad_rows(step.bad_part) if step.bad_part else ()
    return rows, bad_rows


@example(rows=["1,a", "x,b", "1,c", "2,abcde", "3,d"], chunk_bytes=1000)
@example(rows=["1,a", '2,"d\ne"', "x,b"], chunk_bytes=1000)
@example(rows=["1,a", "", "x,b"], chunk_bytes=1000)
@example(rows=["1,a", "1", "x,b"], chunk_bytes=1000)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, chunk_bytes=st.sampled_from([20, 1000]))
def test_whatever_way_is_taken_the_rows_are_the_same(tmp_path: Path, rows: list[str], chunk_bytes: int) -> None:
    content = "id,name\n" + "\n".join([*rows, "7,end"])
    # Where the last line has no end, no line is believed to be a row.
    assert read(tmp_path, content + "\n", chunk_bytes) == read(tmp_path, content, chunk_bytes)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_bad_row_among_good_ones_has_its_number_and_its_cells(tmp_path: Path, line_end: str) -> None:
    rows, bad_rows = read(tmp_path, line_end.join(["id,name", "1,a", "x,b", '3,"c"', "3,d", ""]), 1000)
    assert rows == [(1, "a"), (3, "c")]
    assert [(bad.row, bad.origin, bad.cells, [error.code for error in bad.errors]) for bad in bad_rows] == [
        (3, "job:3", ("x", "b"), ["type-error"]),
        (5, "job:5", ("3", "d"), ["unique"]),
    ]
