"""The one way to a DuckDB connection: bounded memory, one folder of files, settings locked."""

from pathlib import Path
from typing import Final

import duckdb

MEMORY_LIMIT: Final = "300MB"
# The CSV reader uses one thread in any case: with several, DuckDB 2.0 invents rows out of quoted line ends.
THREADS: Final = 1
# A row group is held in memory, uncompressed, until it is written. By rows alone (DuckDB's 122,880) a table with
# long texts would need gigabytes.
ROW_GROUP_BYTES: Final = 16_000_000
PARQUET: Final = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE_BYTES {ROW_GROUP_BYTES}"
# Makes a hash join of an IN (or list_contains) with a few values, and a join does not keep the rows' order,
# not even with one thread: found in DuckDB 2.0.0. Rows keep their order in every plan without joins.
_DISABLED_OPTIMIZERS: Final = "in_clause"


def connect(workspace: Path, memory_limit: str = MEMORY_LIMIT) -> duckdb.DuckDBPyConnection:
    """Open an in-memory database that can touch only files inside `workspace` (an existing folder).

    What does not fit into `memory_limit` spills into `workspace`. The network, extensions and every other
    path are out of reach, and no statement can change that: the order of the settings below matters.
    """
    folder = workspace.resolve()
    connection = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "threads": THREADS,
            "temp_directory": str(folder / "duckdb-temporary"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    # The progress bar is the source of `query_progress`; nothing is printed.
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    connection.execute(f"SET disabled_optimizers = {literal(_DISABLED_OPTIMIZERS)}")
    connection.execute(f"SET allowed_directories = [{literal(str(folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def identifier(name: str) -> str:
    """`name` quoted for SQL, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` quoted as an SQL string: for our own paths and constants; a caller's values are always bound."""
    return "'" + text.replace("'", "''") + "'"
