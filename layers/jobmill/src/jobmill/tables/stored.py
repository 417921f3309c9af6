"""The columns of a table in Parquet files."""

from collections.abc import Sequence
from typing import Final

import duckdb

from jobmill.tables.columns import Column, ColumnType

# How a stored type becomes one of ours. What is not listed is written out as text.
_STORED: Final = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), ColumnType.INTEGER),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), ColumnType.INTEGER),
    **dict.fromkeys(("FLOAT", "DOUBLE"), ColumnType.NUMBER),
    "BOOLEAN": ColumnType.BOOLEAN,
    "DATE": ColumnType.DATE,
    "TIMESTAMP": ColumnType.TIMESTAMP,
}


def stored_columns(connection: duckdb.DuckDBPyConnection, parts: Sequence[str]) -> dict[str, Column]:
    """The columns, in their order, of the files `parts`, by their names."""
    described = connection.execute("DESCRIBE FROM read_parquet(?)", [list(parts)]).fetchall()
    return {name: Column(name, _STORED.get(kind, ColumnType.TEXT)) for name, kind, *_ in described}
