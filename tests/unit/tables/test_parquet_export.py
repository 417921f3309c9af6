"""A Parquet file holds the rows that were asked, in their order, with their names and types."""

import pytest

from jobmill.datasets.query import select
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.filters import Filter, Order

from .builders import Bench

TYPES = (
    "SELECT i AS id, 'n' || i AS \"=Name\", i / 7.0::DOUBLE AS part, i % 2 = 0 AS even,"
    " DATE '2024-01-01' + i::INT AS day, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS seen FROM range(3000) t(i)"
)


@pytest.mark.requirement("J1")
def test_names_types_and_the_order_are_kept(bench: Bench) -> None:
    bench.make(TYPES)
    target = bench.folder / "written.parquet"
    query = bench.ask(["part", "=Name", "id", "even", "day", "seen"], [Filter("even", "=", True)], [Order("id", True)])
    assert query.export(target) == 1_500
    read = bench.connection.execute("FROM read_parquet(?)", [[str(target)]])
    described = [(name, str(type_)) for name, type_, *_ in read.description or ()]
    assert described == [
        ("part", "DOUBLE"), ("=Name", "VARCHAR"), ("id", "BIGINT"), ("even", "BOOLEAN"), ("day", "DATE"),
        ("seen", "TIMESTAMP"),
    ]  # fmt: skip
    rows = read.fetchall()
    assert [row[2] for row in rows] == list(range(2_998, -1, -2))
    assert rows == query.run("{query}")
    packed = bench.connection.execute("SELECT DISTINCT compression FROM parquet_metadata(?)", [str(target)]).fetchall()
    assert packed == [("ZSTD",)]


def test_a_table_without_rows_keeps_its_columns(bench: Bench) -> None:
    bench.make(TYPES)
    target = bench.folder / "written.parquet"
    assert bench.ask(["id", "day"], [Filter("id", "<", 0)]).export(target) == 0
    read = bench.connection.execute("FROM read_parquet(?)", [[str(target)]])
    assert [column[0] for column in read.description or ()] == ["id", "day"]


def test_the_same_rows_of_several_parts_are_the_same_bytes(bench: Bench) -> None:
    bench.make("SELECT i AS id, hash(i) % 1000 AS rest, 'n' || i AS name FROM range(300000) t(i)")
    bench.parts = [bench.parquet] * 2
    files = [bench.folder / f"{name}.parquet" for name in ("one", "two")]
    for file in files:
        assert bench.ask(order_by=[Order("rest")]).export(file) == 600_000
    assert files[0].read_bytes() == files[1].read_bytes()


def test_columns_that_the_table_does_not_have_stay_hidden(bench: Bench) -> None:
    """Parts may carry columns of our own, each others: the table's columns are those of its manifest."""
    parts = [bench.folder / "one.parquet", bench.folder / "two.parquet"]
    for part, cells in zip(
        parts, ("1 AS id, 'o' AS secret, 'x' AS name", "2 AS id, 'y' AS name, 5 AS other"), strict=True
    ):
        bench.connection.execute(f"COPY (SELECT {cells}) TO '{part}' (FORMAT parquet)")
    table = [Column("id", ColumnType.INTEGER), Column("name", ColumnType.TEXT)]
    query = select(bench.connection, parts, None, [], [Order("id", descending=True)], table=table)
    assert query.run("{query}") == [(2, "y"), (1, "x")]
    target = bench.folder / "written.parquet"
    query.export(target)
    names = bench.connection.execute("DESCRIBE FROM read_parquet(?)", [[str(target)]]).fetchall()
    assert [name for name, *_ in names] == ["id", "name"]
