"""docs/validation.md is true: its examples are taken, its rules are those of the code."""

import json
import re
from pathlib import Path

import pytest

from jobmill.processors.validations import MAX_ERROR_LINES, ValidationParams
from jobmill.schemas.compiler import compile_schema
from jobmill.schemas.date_patterns import DIRECTIVES

PAGE = (Path(__file__).parents[2] / "docs" / "validation.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
RULES = re.search(r"## Rules\n(.*?)\n## ", PAGE, re.DOTALL)
ALL = {
    "fields": [
        {
            "name": "a",
            "type": "string",
            "format": "uri",
            "constraints": {
                "required": True,
                "unique": True,
                "minLength": 1,
                "maxLength": 2,
                "pattern": "a",
                "enum": ["a"],
            },
        },
        {"name": "b", "type": "integer", "constraints": {"minimum": 1, "maximum": 2}},
    ],
    "primaryKey": ["a", "b"],
}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_taken(example: str) -> None:
    params = ValidationParams.model_validate(json.loads(example))
    assert params.table_schema
    assert compile_schema(params.table_schema).fields


def test_the_page_names_each_rule() -> None:
    assert RULES
    named = set(
        re.findall(r"`([A-Za-z-]+)`", "".join(line.split("|")[1] for line in RULES[1].splitlines() if "|" in line))
    )
    compiled = compile_schema(ValidationParams.model_validate({"dataset": "d", "schema": ALL}).table_schema)
    of_schemas = {rule.code for field in compiled.fields for rule in field.rules}
    of_schemas |= {compiled.unique_rule(group).code for group in compiled.unique}
    assert named == of_schemas | {"row-check", "row-count", "complete", "sum"}


def test_the_page_names_the_limits_and_directives() -> None:
    assert f"{MAX_ERROR_LINES:,}" in PAGE
    assert " ".join(f"%{each}" for each in DIRECTIVES) in PAGE
