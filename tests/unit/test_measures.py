"""Sums are those of the values, not of their rounding."""

from pathlib import Path

import pytest

from jobmill.datasets.measures import measured
from jobmill.datasets.query import select
from jobmill.tables.engine import connect


@pytest.mark.parametrize(
    ("type", "rows", "total"),
    [
        ("DOUBLE", "(VALUES (0.1), (0.2)) t(n)", 0.3),
        ("DOUBLE", "(VALUES (0.1)) t(n), range(1000000)", 100_000),
        ("DOUBLE", "(VALUES (NULL)) t(n)", 0),
        ("BIGINT", "(VALUES (9223372036854775807), (9223372036854775807)) t(n)", 18446744073709551614),
    ],
)
def test_a_sum_is_exact_as_far_as_numbers_are_shown(tmp_path: Path, type: str, rows: str, total: float) -> None:
    part = tmp_path / "part.parquet"
    with connect(tmp_path) as connection:
        connection.execute(f"COPY (SELECT n::{type} AS n FROM {rows}) TO '{part}' (FORMAT parquet)")
        assert measured(select(connection, [part], ["n"], (), ()), "sum") == total
