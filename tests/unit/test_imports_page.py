"""docs/imports.md is true: its examples are taken, its limits, modes and codes are those of the code."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from jobmill.processors.imports.error_reports import MAX_FIRST_ERRORS
from jobmill.processors.imports.params import MAX_ERRORS, CsvForm, ImportParams, Mode
from jobmill.processors.imports.publication import MAX_OPEN_IMPORTS
from jobmill.schemas.compiler import compile_schema
from jobmill.tables.csv_layout import MAX_COLUMNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "imports.md").read_text()
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
SOURCES = ROOT / "layers" / "jobmill" / "src" / "jobmill"
# Of the file itself, and of what an import is to do; those of workbooks are docs/hostile-files.md's.
RAISING = ("processors/imports/*.py", "tables/csv_*.py", "tables/upsert.py", "schemas/patterns.py")


def table(title: str) -> list[list[str]]:
    """The cells of the table under a heading, without its first two rows."""
    (section,) = re.findall(rf"## {title}\n(.*?)(?:\n## |\Z)", PAGE, re.DOTALL)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("example", EXAMPLES, ids=["csv", "schema", "continues"])
def test_an_example_is_taken(example: dict[str, object]) -> None:
    params = ImportParams.model_validate(example)
    if params.schema_:
        assert compile_schema(params.schema_).primary_key


def test_the_page_names_the_modes_and_what_may_be_given() -> None:
    modes = [row[0].split("`")[1] for row in table("What becomes of the rows") if "`" in row[0]]
    assert set(get_args(Mode)) <= set(modes)
    given = {row[-1].split("`")[1] for row in table("Files")}
    assert given == {field.alias for field in CsvForm.model_fields.values()}


def test_the_page_names_the_limits() -> None:
    assert f"{MAX_ERRORS:,} bad rows" in PAGE
    assert f"{MAX_COLUMNS:,} columns" in PAGE
    assert (MAX_FIRST_ERRORS, "first hundred" in PAGE) == (100, True)
    assert (MAX_OPEN_IMPORTS, "last hundred imports" in PAGE) == (100, True)


def test_the_page_names_each_code_of_an_import_that_fails() -> None:
    paths = {path for pattern in RAISING for path in SOURCES.glob(pattern)}
    raised = re.compile(r'\b(?:CallerError|Unprocessable|Conflict)\(\s*"([a-z]+(?:-[a-z]+)+)"')
    codes = {code for path in paths for code in raised.findall(path.read_text())}
    named = {code for row in table("Why an import fails") for code in re.findall(r"`([a-z-]+)`", row[0])}
    assert codes <= named | {"not-a-csv"}, codes - named
