"""The job types that callers are told of, and whether a form can be made of what they are told."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from jobmill.processors import job_types
from tests.stack.http import call
from tests.unit.test_api_page import ORDERS

pytestmark = pytest.mark.usefixtures("cloud")


def told() -> dict[str, Any]:
    answer = call("GET", "/api/job-types", user="viewer")
    assert answer.status == 200
    return {each["type"]: each for each in answer.body}


def test_the_types_are_told_to_everyone_signed_in_by_name_without_internal_ones() -> None:
    assert list(told()) == ["Analysis", "Export", "Import", "TestRun", "Validation"]
    assert {name for name, each in job_types().items() if each.is_internal} == {"Task"}
    assert call("GET", "/api/job-types", user=None).status == 401


def test_each_type_has_a_sentence_for_people() -> None:
    for each in told().values():
        assert each.keys() == {"type", "description", "schema"}
        assert each["description"][0].isupper()
        assert each["description"].endswith(".")
        assert each["description"].count(".") == 1


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: str(order["type"]))
def test_a_schema_takes_the_params_of_the_page_and_refuses_unknown_ones(order: dict[str, Any]) -> None:
    schema = told()[order["type"]]["schema"]
    judge = jsonschema.Draft202012Validator(schema)
    judge.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not list(judge.iter_errors(order["params"]))
    assert list(judge.iter_errors(order["params"] | {"unknown": 1}))
    assert list(judge.iter_errors({}))


def fields_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The fields of all objects in the schema; of a Table Schema those are another standard's."""
    for name, definition in {"": schema, **schema.get("$defs", {})}.items():
        if name not in ("TableSchema", "Field", "Constraints"):
            yield from ((f"{name}.{field}", each) for field, each in definition.get("properties", {}).items())


@pytest.mark.parametrize("name", ["Analysis", "Export", "Import", "TestRun", "Validation"])
def test_each_field_has_a_title_and_a_description(name: str) -> None:
    lacking = [
        place
        for place, field in fields_of(told()[name]["schema"])
        if not (field.get("description") or field.get("const"))
    ]
    assert lacking == []


def test_what_a_form_needs_of_an_export_is_there() -> None:
    schema = told()["Export"]["schema"]
    assert schema["required"] == ["dataset"]
    assert schema["properties"]["format"]["enum"] == ["xlsx", "csv", "parquet"]
    assert schema["properties"]["format"]["default"] == "xlsx"
    assert schema["properties"]["formulaSafe"]["type"] == "boolean"
