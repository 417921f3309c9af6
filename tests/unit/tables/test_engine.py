"""The connection is bounded and locked in."""

from pathlib import Path

import duckdb
import pytest

from jobmill.tables.engine import identifier, literal

from .builders import Bench


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM '{outside}'",
        "SELECT * FROM read_text('{inside}/../outside.csv')",
        "COPY (SELECT 1) TO '{inside}/../new.csv'",
        "ATTACH '{inside}/../new.db'",
        "SELECT * FROM read_csv('https://example.com/x.csv')",
        "INSTALL httpfs",
        "SET memory_limit = '10GB'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET allowed_directories",
    ],
)
def test_nothing_outside_the_workspace_can_be_reached(bench: Bench, statement: str) -> None:
    outside = bench.folder.parent / "outside.csv"
    outside.write_text("a\n1\n")
    with pytest.raises(duckdb.Error):
        bench.connection.execute(statement.format(outside=outside, inside=bench.folder)).fetchall()
    assert not (bench.folder.parent / "new.csv").exists()


def test_a_link_out_of_the_workspace_is_not_followed_by_a_name_outside(bench: Bench) -> None:
    (bench.folder / "inside.csv").write_text("a\n1\n")
    path = literal(str(bench.folder / "inside.csv"))
    assert bench.connection.execute(f"SELECT a FROM read_csv({path})").fetchall() == [(1,)]


def test_what_does_not_fit_into_memory_spills_into_the_workspace(bench: Bench) -> None:
    [(limit, folder)] = bench.connection.execute(
        "SELECT current_setting('memory_limit'), current_setting('temp_directory')"
    ).fetchall()
    assert limit == "286.1 MiB"
    assert Path(folder).parent == bench.folder


@pytest.mark.parametrize("name", ['a"b', "select", "a;b--", "'", "é ☃", "a\nb"])
def test_any_name_and_any_text_can_be_quoted(bench: Bench, name: str) -> None:
    assert bench.connection.execute(f"SELECT {identifier(name)} FROM (SELECT 1 AS {identifier(name)})").fetchall()
    assert bench.connection.execute(f"SELECT {literal(name)}").fetchall() == [(name,)]
