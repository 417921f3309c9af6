"""Of new rows and those of a dataset, the newer one is kept."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from jobmill.ocpi.rows import (
    CDR_COLUMNS,
    KEY,
    LOCATION_COLUMNS,
    LOCATION_ROW,
    cdr_row,
    drop_older,
    location_rows,
    write_rows,
)
from jobmill.tables.upsert import rows_replaced, write_unreplaced
from tests.unit.ocpi_cdrs.builders import Json, cdr, connector, evse, location
from tests.unit.ocpi_cdrs.conftest import named, read


def at(id: str, second: int, remark: str = "") -> Json:
    return cdr(id=id, last_updated=f"2026-01-30T00:00:{second:02}Z", remark=remark)


def part(connection: duckdb.DuckDBPyConnection, path: Path, *cdrs: Json) -> Path:
    write_rows(connection, CDR_COLUMNS, map(cdr_row, cdrs), path)
    return path


def dropped(
    connection: duckdb.DuckDBPyConnection, folder: Path, base: Sequence[Sequence[Json]], new: Sequence[Json]
) -> list[tuple[str, int, str]]:
    parts = [part(connection, folder / f"base-{number}", *cdrs) for number, cdrs in enumerate(base)]
    target = folder / "target"
    count = drop_older(connection, parts, part(connection, folder / "new", *new), KEY, target)
    rows = [named(CDR_COLUMNS, row) for row in read(connection, target)]
    assert count == len(rows)
    return [(row["id"], row["last_updated"].second, row["remark"]) for row in rows]


@pytest.mark.requirement("T15")
def test_only_what_is_as_new_as_the_base_or_newer_joins_it_in_its_order(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    base = [[at("older", 1), at("same", 2)], [at("newer", 3), at("other", 9)]]
    new = [at("same", 2, "again"), at("newer", 2), at("fresh", 0), at("older", 2)]
    assert dropped(connection, tmp_path, base, new) == [("same", 2, "again"), ("fresh", 0, ""), ("older", 2, "")]
    bases, target = [tmp_path / "base-0", tmp_path / "base-1"], tmp_path / "target"
    assert rows_replaced(connection, bases, [target], KEY) == [2, 0]
    assert write_unreplaced(connection, bases[0], [target], KEY, tmp_path / "left") == 0


@pytest.mark.requirement("T15")
def test_of_several_in_a_part_the_newest_joins_of_equal_ones_the_last(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    new = [at("a", 1), at("b", 5, "first"), at("a", 3), at("b", 5, "last"), at("a", 2), at("c", 4)]
    kept = [("a", 3, ""), ("b", 5, "last"), ("c", 4, "")]
    assert dropped(connection, tmp_path, [], new) == kept
    assert dropped(connection, tmp_path, [[at("c", 5)]], new) == kept[:2]
    assert dropped(connection, tmp_path, [[], [at("x", 9)]], new) == kept
    assert dropped(connection, tmp_path, [[at("x", 9)]], []) == []


def test_parties_of_one_id_are_different(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    base = [[cdr(party_id="OTH", last_updated="2027-01-01T00:00:00Z")]]
    assert [id for id, *_ in dropped(connection, tmp_path, base, [cdr(), cdr(country_code="NL")])] == ["12345"] * 2


@pytest.mark.requirement("T15")
def test_a_location_joins_or_stays_out_with_all_its_evses(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def write(name: str, *locations: Json) -> Path:
        rows = (row for each in locations for row in location_rows(each))
        write_rows(connection, LOCATION_COLUMNS, rows, tmp_path / name)
        return tmp_path / name

    old = location(last_updated="2026-01-01T00:00:00Z", evses=[evse("1"), evse("gone")])
    newer = location(evses=[evse("1"), evse("2")])
    elsewhere = location(id="LOC2", evses=[evse("1", connectors=[connector("1")])])
    empty = location(id="LOC3")
    new = write("new", old, newer, newer, elsewhere, empty, empty)
    target = tmp_path / "target"
    latest = location(id="LOC2", last_updated="2027-01-01T00:00:00Z")
    assert drop_older(connection, [write("base", old, latest)], new, KEY, target, LOCATION_ROW) == 3
    rows = [named(LOCATION_COLUMNS, row) for row in read(connection, target)]
    assert [(row["id"], row["evse_uid"]) for row in rows] == [("LOC1", "1"), ("LOC1", "2"), ("LOC3", None)]


def test_many_rows_keep_their_order(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = cdr_row(cdr())
    place = [column.name for column in CDR_COLUMNS].index("id")
    every = [(*row[:place], str(number * 7919 % 5_000), *row[place + 1 :]) for number in range(5_000)]
    write_rows(connection, CDR_COLUMNS, every, tmp_path / "new")
    write_rows(connection, CDR_COLUMNS, every[::-2], tmp_path / "base")
    assert drop_older(connection, [tmp_path / "base"], tmp_path / "new", KEY, tmp_path / "target") == 5_000
    ids = connection.execute("SELECT id FROM read_parquet(?)", [str(tmp_path / "target")]).fetchall()
    assert [id for (id,) in ids] == [each[place] for each in every]
