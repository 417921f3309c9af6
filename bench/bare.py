"""`python -m bench.bare STEP FOLDER`: the engine alone, with one thread and the memory of ours, and nothing checked."""

import sys
from pathlib import Path

import duckdb
from rustpy_xlsxwriter import write_worksheets

from bench.clock import cpu_seconds, tell
from bench.rules import broken_by_hand, by_hand
from bench.table import Files
from jobmill.tables.engine import MEMORY_LIMIT, THREADS

_MAX_ERRORS = 10_000


class _Stream:
    """Only the Arrow stream of a relation: the writer takes a relation itself for a pandas frame."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(requested_schema)


def run(step: str, files: Files, made: Path) -> tuple[int, object]:
    """Do what the engine does of `step`; gives the rows, and what was found."""
    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY_LIMIT, "temp_directory": str(made)})
    if step.startswith("import"):
        target = made / "table.parquet"
        copy = f"COPY (FROM read_csv('{files.csv}')) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        [(rows,)] = connection.execute(copy).fetchall()
        return int(rows), None
    source = f"read_parquet([{', '.join(f"'{part}'" for part in files.parts)}])"
    if step == "validate":
        [(rows, *counts)] = connection.execute(by_hand(source)).fetchall()
        connection.execute(broken_by_hand(source, _MAX_ERRORS)).fetchall()
        return int(rows), sum(counts)
    write_worksheets([("products", _Stream(connection.sql(f"FROM {source}")))], str(made / "table.xlsx"))
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {source}").fetchall()
    return int(rows), None


def main(step: str, folder: str) -> None:
    """Do it, and tell."""
    began, files = cpu_seconds(), Files(Path(folder))
    rows, found = run(step, files, files.made(f"bare-{step}"))
    tell(began, rows, found)


if __name__ == "__main__":
    main(*sys.argv[1:])
