"""A database for the rows of a test, and what its files hold."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from jobmill.tables.columns import Column
from jobmill.tables.engine import connect


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path) as opened:
        yield opened


def named(columns: Sequence[Column], row: Sequence[object]) -> dict[str, Any]:
    return dict(zip((column.name for column in columns), row, strict=True))


def read(connection: duckdb.DuckDBPyConnection, path: Path) -> list[tuple[Any, ...]]:
    return connection.execute("FROM read_parquet(?)", [str(path)]).fetchall()
