"""The API's description is the code's, and stands in `docs/`."""

import json
from pathlib import Path

import pytest

from jobmill.processors import job_types
from jobs_api.handler import app
from jobs_api.openapi import openapi_document
from tests.stack.http import call

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_one_that_the_code_makes() -> None:
    made = openapi_document(app)
    assert COMMITTED.read_text() == made + "\n", "run: make openapi"


@pytest.mark.usefixtures("cloud")
def test_the_api_serves_its_document_with_its_own_address() -> None:
    document = call("GET", "/api/openapi.json", user=None).body
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://jobs.example.com"}]
    assert document["paths"] == json.loads(COMMITTED.read_text())["paths"]


def test_no_two_types_have_different_parameters_of_one_name() -> None:
    """The document has one place for each name."""
    found: dict[str, set[str]] = {}
    for job_type in job_types().values():
        for name, schema in job_type.params.model_json_schema().get("$defs", {}).items():
            found.setdefault(name, set()).add(json.dumps(schema, sort_keys=True))
    assert [name for name, schemas in found.items() if len(schemas) > 1] == []


def test_the_document_holds_every_type_s_parameters_and_no_answer_but_problems_for_errors() -> None:
    document = json.loads(COMMITTED.read_text())
    schemas = document["components"]["schemas"]
    assert {"uploadId", "dataset", "mode", "schema", "continues"} <= set(schemas["ImportParams"]["properties"])
    assert "where" in schemas["ExportParams"]["properties"]
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
