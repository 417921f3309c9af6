"""Upserts and appends: keys known before, rows replaced, in the order of before and in bounded memory."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import connect, literal
from jobmill.tables.upsert import check_same_columns, known_rows, numbered, rows_replaced, write_unreplaced

# Names that DuckDB has for itself, that the code might take for its own, and that could be read as SQL.
COLUMNS = '("file_row_number" BIGINT, "Added" VARCHAR, "a ""b" DOUBLE)'
KEY = ('a "b', "file_row_number")

type Row = tuple[int | None, str | None, float | None]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path) as opened:
        yield opened


def write(connection: duckdb.DuckDBPyConnection, path: Path, rows: Sequence[Row]) -> Path:
    connection.execute(f"CREATE OR REPLACE TABLE part {COLUMNS}")
    if rows:
        connection.executemany("INSERT INTO part VALUES (?, ?, ?)", rows)
    connection.execute(f"COPY part TO {literal(str(path))} (FORMAT parquet)")
    return path


def key_of(row: Row) -> tuple[object, ...] | None:
    """The row's key as Python compares it; none if it is like no other."""
    return None if row[0] is None or row[2] is None else (row[0], row[2])


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 5), st.none() | st.text(max_size=2), st.none() | st.sampled_from([0.0, -0.0, 1.5])
    )
)


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(ROWS, min_size=1, max_size=3), new=st.lists(ROWS, min_size=1, max_size=2))
def test_rows_of_new_keys_are_found_and_left_out_and_the_others_keep_their_order(
    parts: list[list[Row]], new: list[list[Row]]
) -> None:
    keys = {key_of(row) for rows in new for row in rows} - {None}
    with TemporaryDirectory() as folder, connect(Path(folder)) as connection:
        old_paths = [write(connection, Path(folder) / f"old-{i}", rows) for i, rows in enumerate(parts)]
        new_paths = [write(connection, Path(folder) / f"new-{i}", rows) for i, rows in enumerate(new)]
        replaced = [[row for row in rows if key_of(row) in keys] for rows in parts]
        assert rows_replaced(connection, old_paths, new_paths, KEY) == [len(rows) for rows in replaced]
        target = Path(folder) / "target"
        for path, rows in zip(old_paths, parts, strict=True):
            left = [row for row in rows if key_of(row) not in keys]
            assert write_unreplaced(connection, path, new_paths, KEY, target) == len(left)
            assert connection.execute(f"FROM read_parquet({literal(str(target))})").fetchall() == left
            known = [number for number, row in enumerate(rows) if key_of(row) in keys]
            assert known_rows(connection, numbered(connection, path), new_paths, KEY, 100) == known
            assert known_rows(connection, numbered(connection, path), new_paths, KEY, 1) == known[:1]


def test_without_parts_nothing_is_known(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    new = write(connection, tmp_path / "new", [(1, "x", 1.0)])
    assert rows_replaced(connection, [], [new], KEY) == []
    assert known_rows(connection, numbered(connection, new), [], KEY, 10) == []


def test_columns_are_found_by_name_in_parts_of_another_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    old = write(connection, tmp_path / "old", [(1, "old", 2.0), (2, "old", 1.0)])
    new = tmp_path / "new"
    connection.execute(f'COPY (SELECT 2.0::DOUBLE AS "a ""b", 1 AS file_row_number) TO \'{new}\' (FORMAT parquet)')
    assert rows_replaced(connection, [old], [new], KEY) == [1]


def test_many_keys_stay_within_little_memory_and_every_row_keeps_its_place(tmp_path: Path) -> None:
    with connect(tmp_path, memory_limit="48MB") as connection:
        rows = "SELECT (r * 7919) % 600000 AS k, md5(r::VARCHAR) AS t FROM range(600000) rows(r)"
        for name, condition in (("old", "true"), ("new", "k % 3 = 0")):
            connection.execute(f"COPY (FROM ({rows}) WHERE {condition}) TO '{tmp_path / name}' (FORMAT parquet)")
        old, new, target = tmp_path / "old", tmp_path / "new", tmp_path / "target"
        assert rows_replaced(connection, [old], [new], ["k"]) == [200_000]
        assert write_unreplaced(connection, old, [new], ["k"], target) == 400_000
        wanted = f"SELECT k, row_number() OVER () AS n FROM ({rows}) WHERE k % 3 != 0"
        found = f"SELECT k, row_number() OVER () AS n FROM read_parquet('{target}')"
        assert connection.execute(f"({wanted}) EXCEPT ({found})").fetchall() == []
        assert len(known_rows(connection, numbered(connection, old), [new], ["k"], 10**6)) == 200_000


A, B, C = (Column(name, ColumnType.TEXT) for name in "abc")


def test_the_same_columns_in_another_order_are_the_same() -> None:
    check_same_columns([A, B], [B, A])


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([A], 'It lacks "b".'),
        ([A, B, C], 'The dataset has no "c".'),
        ([A, Column("b", ColumnType.DATE)], 'Of another type: "b" is date, and text in the dataset.'),
        ([Column("A", ColumnType.TEXT), B], 'It lacks "a". The dataset has no "A".'),
        ([A, B, *(Column(f"x{i}", ColumnType.TEXT) for i in range(7))], '"x4" and 2 more.'),
    ],
)
def test_other_columns_are_named(now: list[Column], said: str) -> None:
    with pytest.raises(CallerError) as caught:
        check_same_columns([A, B], now)
    assert caught.value.code == "columns-differ"
    assert caught.value.message.endswith(said)
