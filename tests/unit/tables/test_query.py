"""Filters, orders and columns of a request."""

from collections.abc import Iterator
from typing import Any

import pytest

from jobmill.datasets.query import select
from jobmill.errors import CallerError
from jobmill.tables.columns import Column, ColumnType
from jobmill.tables.engine import connect
from jobmill.tables.filters import Filter, Order

from .builders import Bench

TABLE = """id,Name,amount,paid,day,seen at,"odd""name"
1,Ann,10,true,2024-01-01,2024-01-01 10:00:00,x
2,bob,2.5,false,2024-01-02,2024-01-02 00:00:00,y
3,,,,,,
4,50% off_now,-1,true,1999-12-31,2024-01-01 09:59:59,x' OR 1=1 --
5,Ann,10,false,2024-02-29,2024-01-03 00:00:00,x
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("table").resolve()
    made = Bench(folder, connect(folder))
    made.read(TABLE)
    yield made
    made.connection.close()


@pytest.mark.parametrize(
    ("filter_", "ids"),
    [
        (Filter("id", "=", 2), [2]),
        (Filter("id", "!=", 2), [1, 3, 4, 5]),
        (Filter("Name", "!=", "Ann"), [2, 3, 4]),
        (Filter("Name", "=", "ann"), []),
        (Filter("Name", "<", "Z"), [1, 4, 5]),
        (Filter("amount", ">=", 2.5), [1, 2, 5]),
        (Filter("amount", "<", 3), [2, 4]),
        (Filter("amount", "<=", -1), [4]),
        (Filter("id", ">", 3.5), [4, 5]),
        (Filter("paid", "=", True), [1, 4]),
        (Filter("paid", "!=", True), [2, 3, 5]),
        (Filter("day", ">", "2024-01-01"), [2, 5]),
        (Filter("day", "=", "2024-02-29"), [5]),
        (Filter("seen at", "<", "2024-01-01T10:00"), [4]),
        (Filter("seen at", ">=", "2024-01-02"), [2, 5]),
        (Filter("id", "in", [5, 1, 99]), [1, 5]),
        (Filter("Name", "in", ["Ann", "x'"]), [1, 5]),
        (Filter("day", "in", ["1999-12-31"]), [4]),
        (Filter("Name", "contains", "%"), [4]),
        (Filter("Name", "contains", "n"), [1, 4, 5]),
        (Filter("Name", "contains", "A_n"), []),
        (Filter("Name", "contains", "f.n"), []),
        (Filter("Name", "startsWith", "50% off_"), [4]),
        (Filter("Name", "startsWith", "nn"), []),
        (Filter("Name", "isNull"), [3]),
        (Filter("amount", "notNull"), [1, 2, 4, 5]),
        (Filter('odd"name', "=", "x' OR 1=1 --"), [4]),
    ],
)
def test_a_filter_keeps_the_rows_it_says(table: Bench, filter_: Filter, ids: list[int]) -> None:
    assert [row[0] for row in table.rows(["id"], [filter_])] == ids


def test_all_filters_must_hold(table: Bench) -> None:
    where = [Filter("Name", "=", "Ann"), Filter("paid", "=", False)]
    assert table.rows(["id", "Name"], where) == [(5, "Ann")]


@pytest.mark.parametrize(
    ("filter_", "field", "says"),
    [
        (Filter("amount", "=", "abc"), "where[0].value", '"amount" holds number: give a number'),
        (Filter("amount", "=", "10"), "where[0].value", "give a number"),
        (Filter("id", "<", True), "where[0].value", "give a number"),
        (Filter("id", "=", 2**63), "where[0].value", "give a number"),
        (Filter("amount", "=", float("nan")), "where[0].value", "give a number"),
        (Filter("Name", "=", 7), "where[0].value", "holds text"),
        (Filter("Name", "=", ""), "where[0].value", "not empty"),
        (Filter("Name", "=", None), "where[0].value", "isNull"),
        (Filter("Name", "!=", ["Ann"]), "where[0].value", "holds text"),
        (Filter("paid", "=", "true"), "where[0].value", "true or false"),
        (Filter("paid", "<", True), "where[0].op", "only = and !="),
        (Filter("day", "=", "2023-02-29"), "where[0].value", "a date like"),
        (Filter("day", "=", "2023-02-01T10:00"), "where[0].value", "a date like"),
        (Filter("seen at", "=", "2024-01-01T10:00:00Z"), "where[0].value", "without a zone"),
        (Filter("id", "in", 5), "where[0].value", "list"),
        (Filter("id", "in", []), "where[0].value", "at least one"),
        (Filter("id", "in", [1, "x"]), "where[0].value[1]", "give a number"),
        (Filter("id", "in", list(range(1_001))), "where[0].value", "1,000"),
        (Filter("id", "contains", "1"), "where[0].op", "searches text"),
        (Filter("day", "startsWith", "2024"), "where[0].op", "searches text"),
        (Filter("Name", "isNull", "x"), "where[0].value", "takes no value"),
        (Filter("id", "~", 1), "where[0].op", "no comparison"),  # type: ignore[arg-type]
    ],
)
def test_a_filter_that_does_not_fit_is_refused(table: Bench, filter_: Filter, field: str, says: str) -> None:
    with pytest.raises(CallerError) as raised:
        table.ask(where=[filter_])
    assert (raised.value.code, raised.value.field) == ("bad-filter", field)
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("asked", "field", "says"),
    [
        ({"columns": ["id", "Nmae"]}, "columns[1]", '"Name"'),
        ({"columns": ["name"]}, "columns[0]", '"Name"'),
        ({"where": [Filter("id", "=", 1), Filter("amuont", "=", 1)]}, "where[1].column", '"amount"'),
        ({"order_by": [Order("zzz")]}, "orderBy[0].column", 'It begins with "id"'),
        ({"where": [Filter('id" = 1 OR "id', "=", 1)]}, "where[0].column", "no column"),
        ({"columns": ["file_row_number"]}, "columns[0]", "no column"),
    ],
)
def test_an_unknown_column_names_the_nearest(table: Bench, asked: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(CallerError) as raised:
        table.ask(**asked)
    assert (raised.value.code, raised.value.field) == ("unknown-column", field)
    assert says in raised.value.message


@pytest.mark.parametrize(("columns", "code"), [([], "no-columns"), (["id", "id"], "duplicate-column")])
def test_the_columns_must_be_some_and_different(table: Bench, columns: list[str], code: str) -> None:
    with pytest.raises(CallerError) as raised:
        table.ask(columns)
    assert raised.value.code == code


def test_columns_come_as_asked(table: Bench) -> None:
    assert table.rows(["paid", "id"], [Filter("id", "=", 2)]) == [(False, 2)]
    assert [column.name for column in table.ask().columns][-1] == 'odd"name'


def test_empty_cells_come_last_in_both_directions_and_equals_in_the_files_order(table: Bench) -> None:
    assert [row[0] for row in table.rows(["id"], order_by=[Order("amount")])] == [4, 2, 1, 5, 3]
    assert [row[0] for row in table.rows(["id"], order_by=[Order("amount", descending=True)])] == [1, 5, 2, 4, 3]
    assert [row[0] for row in table.rows(["id"], order_by=[Order("Name"), Order("id", True)])] == [4, 5, 1, 2, 3]


def test_rows_keep_the_files_order_through_every_filter(bench: Bench) -> None:
    """Found with DuckDB 2.0: it makes a hash join of a list of values, and gives the rows in another order."""
    bench.make("SELECT i AS id, i % 100 AS rest, 'n' || i * 7919 % 1000 AS name FROM range(200000) t(i)")
    for filter_ in (
        Filter("rest", "in", list(range(50))),
        Filter("name", "in", [f"n{i}" for i in range(500)]),
        Filter("name", "in", [f"n{i}" for i in range(10)]),
        Filter("name", "contains", "1"),
        Filter("rest", "!=", 5),
    ):
        query = bench.ask(["id"], [filter_])
        ids = [int(str(row[0])) for row in query.run("{query}")]
        assert ids == sorted(ids)
        assert len(ids) >= 2_000
        assert "Join" not in str(query.run("EXPLAIN {query}"))


def test_many_equals_over_several_files_are_sorted_stably(bench: Bench) -> None:
    parts = [bench.folder / f"{name}.parquet" for name in ("z", "a", "m")]
    for number, part in enumerate(parts):
        bench.connection.execute(
            f"COPY (SELECT {number * 100_000} + i AS id, i % 3 AS key FROM range(100000) t(i)) TO '{part}'"
        )
    expected = [(i % 100_000 % 3, i) for i in range(300_000)]
    plain = select(bench.connection, parts, ["key", "id"], [], [])
    assert plain.run("{query}") == expected
    ordered = select(bench.connection, parts, ["key", "id"], [], [Order("key", descending=True)])
    assert ordered.run("{query}") == sorted(expected, key=lambda row: (-row[0], row[1]))


def test_a_column_of_the_reader_s_own_names_leaves_equals_in_the_files_order(bench: Bench) -> None:
    """Found in DuckDB 2.0: a column of this name hides the number of the row."""
    bench.make("SELECT i AS id, i % 2 AS key, -i AS file_row_number, i AS row_0, i AS row_1 FROM range(1000) t(i)")
    bench.parts = [bench.parquet] * 2
    rows = bench.rows(["key", "id"], order_by=[Order("key", descending=True)])
    odd, even = [i for i in range(1_000) if i % 2] * 2, [i for i in range(1_000) if i % 2 == 0] * 2
    assert rows == [*((1, i) for i in odd), *((0, i) for i in even)]


def test_a_column_that_the_manifest_does_not_have_cannot_be_named(bench: Bench) -> None:
    bench.make("SELECT 1 AS id, 'x' AS secret")
    table = [Column("id", ColumnType.INTEGER)]
    for columns, where, order_by in (
        (["secret"], [], []),
        (None, [Filter("secret", "=", "x")], []),
        (None, [], [Order("secret")]),
    ):
        with pytest.raises(CallerError, match='no column "secret"'):
            select(bench.connection, bench.parts, columns, where, order_by, table=table)


def test_a_column_that_ends_in_another_case_is_another_name_only_to_us(table: Bench) -> None:
    with pytest.raises(CallerError):
        table.ask(["ID"])


def test_other_stored_types_become_one_of_the_six(bench: Bench) -> None:
    bench.make("SELECT 1::TINYINT AS a, 1.5::DECIMAL(9,2) AS b, 2::UBIGINT AS c, TIME '10:00' AS d, 1.5::FLOAT AS e")
    assert [(column.name, str(column.type)) for column in bench.ask().columns] == [
        ("a", "integer"), ("b", "text"), ("c", "text"), ("d", "text"), ("e", "number"),
    ]  # fmt: skip
    assert bench.rows() == [(1, "1.50", "2", "10:00:00", 1.5)]
    assert bench.rows(["a"], [Filter("b", "=", "1.50")]) == [(1,)]
