"""A table written as CSV reads back as the same table."""

import csv
import hashlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from jobmill.tables.csv_writer import write_csv
from jobmill.tables.data_digest import data_digest
from jobmill.tables.engine import identifier

from .builders import Bench, csv_text


def written(bench: Bench, formula_safe: bool = True) -> list[list[str]]:
    target = bench.folder / "written.csv"
    rows = write_csv(bench.ask(), target, formula_safe)
    with target.open(encoding="utf-8", newline="") as file:
        read = list(csv.reader(file, strict=True))
    assert len(read) == rows + 1
    return read


@pytest.mark.requirement("J1")
def test_values_are_written_plainly(bench: Bench) -> None:
    bench.read(
        "t,i,n,b,d,s\n"
        '"a,""b""\nc",-5,1.50,TRUE,2024-02-29,2024-02-29T10:00\n'
        ",,,,,\n"
        "\u00e9\u2603,7,-0.1,false,0001-01-01,2024-02-29 10:00:00.5\n"
    )
    assert written(bench) == [
        ["t", "i", "n", "b", "d", "s"],
        ['a,"b"\nc', "-5", "1.5", "true", "2024-02-29", "2024-02-29 10:00:00"],
        ["", "", "", "", "", ""],
        ["é☃", "7", "-0.1", "false", "0001-01-01", "2024-02-29 10:00:00.5"],
    ]


STARTS = ["=1+1", "+49", "-x", "@a", "\tx", "\rx"]
HARMLESS = ["a=b", " =x", "'=x", "x"]


def test_text_that_begins_like_a_formula_gets_an_apostrophe(bench: Bench) -> None:
    bench.read(csv_text([["=name", "n"], *([text, "-5"] for text in STARTS + HARMLESS)]))
    assert written(bench) == [
        ["'=name", "n"], *(["'" + text, "-5"] for text in STARTS), *([text, "-5"] for text in HARMLESS),
    ]  # fmt: skip
    assert [row[0] for row in written(bench, formula_safe=False)] == ["=name", *STARTS, *HARMLESS]


@pytest.mark.parametrize("start", STARTS)
def test_a_column_s_name_that_begins_like_a_formula_gets_an_apostrophe(bench: Bench, start: str) -> None:
    bench.make(f"SELECT 1 AS {identifier(start)}, 2 AS plain")
    assert written(bench) == [["'" + start, "plain"], ["1", "2"]]
    assert written(bench, formula_safe=False) == [[start, "plain"], ["1", "2"]]


def test_an_empty_cell_of_the_only_column_is_still_a_row(bench: Bench) -> None:
    bench.read('a\n1\n""\n3\n')
    assert written(bench) == [["a"], ["1"], [""], ["3"]]
    bench.read_file(bench.folder / "written.csv")
    assert bench.rows() == [(1,), (None,), (3,)]


def test_the_same_table_gives_the_same_bytes(bench: Bench) -> None:
    bench.make("SELECT i AS id, CASE WHEN i % 3 = 0 THEN '=' END AS text FROM range(300000) t(i)")
    write_csv(bench.ask(), bench.folder / "one.csv")
    write_csv(bench.ask(), bench.folder / "two.csv")
    assert (bench.folder / "one.csv").read_bytes() == (bench.folder / "two.csv").read_bytes()
    ids = [line.split(",")[0] for line in (bench.folder / "one.csv").read_text().splitlines()[1:]]
    assert ids == [str(i) for i in range(300_000)]


def test_the_digest_of_the_data_is_that_of_the_file_wherever_it_is_cut(bench: Bench) -> None:
    bench.make("SELECT i AS id, CASE WHEN i % 3 = 0 THEN '=' END AS text FROM range(3000) t(i)")
    write_csv(bench.ask(), bench.folder / "whole.csv", formula_safe=False)
    content = (bench.folder / "whole.csv").read_bytes()
    stored = bench.ask().store(bench.folder / "stored.parquet")
    for at_once in (3_000, 1_000, 999):
        digest = data_digest(stored.ranges(3_000, at_once), bench.folder / "scratch.csv")
        assert (digest.sha256, digest.csv_bytes) == (hashlib.sha256(content).hexdigest(), len(content))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
CELLS = st.one_of(
    TEXTS,
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=True).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.dates().map(str),
    st.datetimes().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds")),
    st.sampled_from(["", "true", "FALSE", "007", "1E5", "1e-07", "-0", "NULL", "NA", '"', ",", "\r\n", " 1", "inf"]),
)
KINDS = [
    CELLS,
    st.integers(-99, 99).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.dates().map(str),
    st.booleans().map(str),
]
COLUMNS = st.sampled_from(KINDS).flatmap(lambda cells: st.lists(cells | st.just(""), min_size=6, max_size=6))


def same(value: Any, cell: str) -> bool:
    """Whether a value is what the cell says, its type left open."""
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return str(value).lower() == cell.lower()
    if isinstance(value, int | float):
        return float(value) == float(cell) and cell.lower() not in ("nan", "inf")
    text = unescape(value) if isinstance(value, str) else str(value)
    return cell in (text, text.replace(" ", "T"), text[:10]) or moment(text) == moment(cell)


def moment(text: str) -> str:
    return (text.replace("T", " ") + (".000000" if "." not in text else "")).ljust(26, "0")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(columns=st.lists(COLUMNS, min_size=1, max_size=3), delimiter=st.sampled_from(",;\t|"))
def test_nothing_is_lost_on_the_way_through(bench: Bench, columns: list[list[str]], delimiter: str) -> None:
    """CSV to Parquet to CSV and XLSX: each cell is the one that was written, and reading again changes nothing."""
    names = [*(f"c{i}" for i in range(len(columns))), "row"]
    rows = [[*cells, "x"] for cells in zip(*columns, strict=True)]
    table = bench.read(csv_text([names, *rows], delimiter))
    assert (table.rows, table.bad_rows) == (len(rows), 0)
    stored = bench.rows()
    assert_same(stored, rows)
    assert_same([[cell.value for cell in row] for row in bench.sheet().iter_rows(min_row=2)], rows)
    written(bench, formula_safe=False)
    assert bench.read_file(bench.folder / "written.csv").columns == table.columns
    assert repr(bench.rows()) == repr(stored)


def assert_same(found: Sequence[Sequence[Any]], rows: list[list[str]]) -> None:
    for values, cells in zip(found, rows, strict=True):
        for value, cell in zip(values, cells, strict=True):
            assert same(value, cell), (value, cell)
