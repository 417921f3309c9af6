"""`python -m bench.peers.pandas_way STEP FOLDER`: a table as people read it with pandas, and write it with openpyxl."""

import sys
from pathlib import Path

import openpyxl  # noqa: F401
import pandas

from bench.clock import cpu_seconds, tell


def main(step: str, folder: str) -> None:
    """`import` reads the CSV file, its types found out, days and times told; `export` writes few rows to a workbook."""
    source = Path(folder) / ("few-rows.csv" if step == "export" else "table.csv")
    target = Path(folder) / "pandas.xlsx"
    began = cpu_seconds()
    frame = pandas.read_csv(source, parse_dates=["ordered", "updated"])
    assert frame.dtypes.map(str)["ordered"].startswith("datetime64"), frame.dtypes
    if step == "export":
        began = cpu_seconds()
        frame.to_excel(target, sheet_name="products", index=False, engine="openpyxl")
        target.unlink()
    tell(began, len(frame))


if __name__ == "__main__":
    main(*sys.argv[1:])
