"""The table's files: made once for a number of rows, the same on every machine."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.rules import CITIES, ROWS_BETWEEN_BAD_CITIES, ROWS_BETWEEN_BAD_PRICES, schema

# Odd numbers, the seed of each column: the products, taken modulo 2^32, look random from the eighth bit on.
_FACTORS = (2_654_435_761, 2_246_822_519, 3_266_489_917, 668_265_263, 374_761_393, 1_274_126_177)


@dataclass(frozen=True)
class Files:
    """The folder of a table; a job's own files lie in folders of their own inside it."""

    folder: Path

    @property
    def csv(self) -> Path:
        """The table."""
        return self.folder / "table.csv"

    @property
    def few_rows(self) -> Path:
        """The first rows of it, for slow peers."""
        return self.folder / "few-rows.csv"

    @property
    def schema(self) -> Path:
        """The twelve rules as JSON."""
        return self.folder / "schema.json"

    @property
    def dataset(self) -> Path:
        """The folder that an import of the table fills: its parts and its manifest."""
        return self.folder / "dataset"

    @property
    def parts(self) -> list[Path]:
        """The dataset's Parquet files in order."""
        return sorted(self.dataset.glob("*.parquet"))

    def made(self, kind: str) -> Path:
        """An empty folder for what a job makes."""
        folder = self.folder / kind
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def make_table(files: Files, rows: int, few_rows: int) -> None:
    """Write the table of so many rows unless it is there, its first `few_rows`, and its schema."""
    files.folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 1, "memory_limit": "300MB"})
    for path, count in ((files.csv, rows), (files.few_rows, min(few_rows, rows))):
        if path == files.few_rows or not files.schema.exists():
            connection.execute(f"COPY ({_rows(count)}) TO '{path}' (FORMAT csv, HEADER true)")
    files.schema.write_text(json.dumps(schema(), ensure_ascii=False))


def _rows(count: int) -> str:
    """Ten columns: numbers, codes, texts with quotation marks and without, a day, a time, truth, gaps."""
    random = [f"(((i * {factor}) % 4294967296) >> 8)" for factor in _FACTORS]
    cities = ", ".join(f"'{city}'" for city in CITIES)
    price = f"printf('%.2f', {random[1]} % 100000 / 100.0)"
    return (
        "SELECT i AS id,"
        f" printf('%06d-%02d', {random[0]} % 1000000, i % 97) AS sku,"
        f" 'Product ' || {random[2]} % 50000 AS name,"
        f" CASE WHEN i % {ROWS_BETWEEN_BAD_CITIES} = 0 THEN 'Atlantis' ELSE [{cities}][1 + i * 7919 % 10] END AS city,"
        f" CASE WHEN i % {ROWS_BETWEEN_BAD_PRICES} = 0 THEN '-1.50' ELSE {price} END AS price,"
        f" {random[3]} % 1000 AS quantity,"
        f" DATE '2020-01-01' + ({random[4]} % 2000)::INTEGER AS ordered,"
        " TIMESTAMP '2024-01-01' + to_seconds(i) AS updated,"
        " i % 3 != 0 AS active,"
        f" CASE WHEN i % 4 != 0 THEN 'said, \"' || {random[5]} % 100 || '\"' END AS note"
        f" FROM range(1, {count + 1}) t(i)"
    )
