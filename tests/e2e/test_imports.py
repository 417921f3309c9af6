"""Data as people have it, by the real command: messy files in, bad rows corrected and sent back, checked, out again."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook

SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 1}},
        {"name": "name", "constraints": {"required": True, "maxLength": 10}},
        {"name": "price", "type": "number"},
        {"name": "since", "type": "date", "format": "%d.%m.%Y"},
    ],
    "primaryKey": "id",
}
MESSY = (
    "Nr.;name;price;since;remark\n1;Malmö;1,5;29.02.2024;fine\nx;Bergen;2;;\n\n2;Oslo;abc;30.02.2024;\n3;Bodø;-3,25;;\n"
)
JobmillCommand = Callable[..., str]


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """The files of the tests, in the command's folder."""
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "messy.csv").write_bytes(MESSY.encode("windows-1252"))


def document(jobmill: JobmillCommand, *arguments: str, expect: int = 0) -> Any:
    return json.loads(jobmill(*arguments, "--json", expect=expect))


def imported(jobmill: JobmillCommand, dataset: str, *options: str, expect: int = 0) -> Any:
    options = ("--dataset", dataset, "--schema", "schema.json", "--map", "Nr.=id", *options)
    return document(jobmill, "import", "messy.csv", *options, expect=expect)


def correct(path: Path, corrections: dict[str, dict[str, str]]) -> None:
    """Write cells of the rows whose first cell, as it was in the file, is named."""
    book = load_workbook(path)
    header, *rows = book.worksheets[0].iter_rows()
    columns = [cell.value for cell in header]
    for row in rows:
        for name, value in corrections[str(row[columns.index("Nr.")].value)].items():
            row[columns.index(name)].value = value
    book.save(path)


@pytest.mark.requirement("J1")
@pytest.mark.requirement("J10")
def test_bad_rows_are_shown_corrected_and_sent_back(jobmill: JobmillCommand, tmp_path: Path) -> None:
    options = ("--dataset", "e2e-fixed", "--schema", "schema.json", "--map", "Nr.=id")
    said = jobmill("import", "messy.csv", *options)
    assert '"x" is not a whole number' in said
    assert "windows-1252" in said
    (job, *_) = document(jobmill, "list", "--type", "Import", "--limit", "1")
    correct(tmp_path / "messy-errors.xlsx", {"x": {"Nr.": "7"}, "2": {"price": "8,5", "since": "29.02.2024"}})
    fixed = document(jobmill, "import", "messy-errors.xlsx", "--continues", job["id"])
    assert (fixed["result"]["recordsCreated"], fixed["result"]["errors"]) == (2, 0)
    again = document(jobmill, "import", "messy-errors.xlsx", "--continues", job["id"])
    assert (again["result"]["recordsCreated"], again["result"]["alreadyIn"]) == (0, 2)
    jobmill("export", "e2e-fixed", "--format", "csv", "-o", "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["id", "name", "price", "since"],
            ["1", "Malmö", "1.5", "2024-02-29"],
            ["3", "Bodø", "-3.25", ""],
            ["7", "Bergen", "2.0", ""],
            ["2", "Oslo", "8.5", "2024-02-29"],
        ]


@pytest.mark.requirement("J1")
def test_a_workbook_takes_the_place_of_rows_by_their_key_and_parquet_comes_out(
    jobmill: JobmillCommand, tmp_path: Path
) -> None:
    imported(jobmill, "e2e-keyed")
    book = Workbook()
    sheet = book.create_sheet("More", 0)
    for row in (["ID", "Name", "Price"], [3, "Tromsø", 4.5], [9, "Narvik", None]):
        sheet.append(row)
    book.save(tmp_path / "more.xlsx")
    result = document(jobmill, "import", "more.xlsx", "--dataset", "e2e-keyed", "--mode", "upsert")["result"]
    assert (result["recordsCreated"], result["sheet"], result["version"]) == (2, "More", 2)
    jobmill("export", "e2e-keyed", "--format", "parquet", "-o", "out.parquet")
    rows = duckdb.read_parquet(str(tmp_path / "out.parquet")).project("id, name, price").fetchall()
    assert rows == [(1, "Malmö", 1.5), (3, "Tromsø", 4.5), (9, "Narvik", None)]


@pytest.mark.requirement("J10")
def test_all_or_nothing_takes_no_row_and_explains_the_bad_ones(jobmill: JobmillCommand, tmp_path: Path) -> None:
    failed = imported(jobmill, "e2e-refused", "--on-error", "all-or-nothing", "-o", "why.xlsx", expect=1)
    assert (failed["errorCode"], failed["errorsFile"]) == ("rows-rejected", "why.xlsx")
    assert load_workbook(tmp_path / "why.xlsx").worksheets[0].max_row == 3
    assert document(jobmill, "datasets", "show", "e2e-refused", expect=1)["error"]["code"] == "dataset-not-found"


@pytest.mark.requirement("J10")
@pytest.mark.requirement("J11")
def test_a_dataset_is_validated_and_tested(jobmill: JobmillCommand, tmp_path: Path) -> None:
    imported(jobmill, "e2e-checked")
    assert document(jobmill, "validate", "e2e-checked")["job"]["result"]["valid"] is True
    checks = [{"name": "dear", "left": {"column": "price"}, "op": ">", "right": 0}]
    (tmp_path / "checks.json").write_text(json.dumps(checks))
    said = jobmill("validate", "e2e-checked", "--checks", "checks.json", "-o", "why.xlsx", expect=5)
    assert "row-check: dear" in said
    assert "Errors" in load_workbook(tmp_path / "why.xlsx").sheetnames
    count = {"type": "dataset", "dataset": "e2e-checked", "measure": "count"}
    steps = [
        count | {"expect": {"op": "=", "value": 2}},
        count | {"name": "all of it", "expect": {"op": "=", "value": 4}},
        {"type": "validation", "dataset": "e2e-checked", "checks": checks},
    ]
    (tmp_path / "test.json").write_text(json.dumps({"name": "Prices", "steps": steps}))
    said = jobmill("test", "test.json", "-o", "test.xlsx", expect=5)
    assert [word for word in said.split() if word in ("passed", "failed")][-3:] == ["passed", "failed", "failed"]
    assert load_workbook(tmp_path / "test.xlsx").sheetnames == ["Summary", "Steps"]
