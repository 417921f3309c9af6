"""Which schemas are taken, and what is said of the others."""

import json
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from jobmill.schemas.table_schema import TableSchema
from jobmill.tables.columns import ColumnType

FULL = {
    "$schema": "https://datapackage.org/profiles/1.0/tableschema.json",
    "title": "People",
    "fields": [
        {"name": "id", "type": "integer", "title": "Number", "numberFormat": "0000", "example": 7},
        {"name": "name", "constraints": {"required": True, "maxLength": 80}, "rdfType": "https://schema.org/name"},
        {"name": "born", "type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "01.01.1900"}},
        {"name": "paid", "type": "boolean", "trueValues": ["yes"], "falseValues": ["no"], "missingValues": ["", "?"]},
        {"name": "sum", "type": "number", "decimalChar": ",", "groupChar": ".", "bareNumber": False},
    ],
    "missingValues": ["", "NA"],
    "primaryKey": "id",
    "foreignKeys": [],
}


def test_a_schema_comes_back_as_it_was_given() -> None:
    schema = TableSchema.model_validate(FULL)
    assert schema.primary_key == ["id"]
    assert schema.missing(schema.fields[0]) == ["", "NA"]
    assert schema.missing(schema.fields[3]) == ["", "?"]
    assert TableSchema.model_validate(json.loads(json.dumps(schema.to_json()))) == schema
    assert schema.to_json()["fields"][1] == FULL["fields"][1]  # type: ignore[index]


def test_ten_types_become_six() -> None:
    types = {
        "string": ColumnType.TEXT,
        "integer": ColumnType.INTEGER,
        "number": ColumnType.NUMBER,
        "boolean": ColumnType.BOOLEAN,
        "date": ColumnType.DATE,
        "datetime": ColumnType.TIMESTAMP,
        "time": ColumnType.TEXT,
        "year": ColumnType.INTEGER,
        "yearmonth": ColumnType.TEXT,
        "any": ColumnType.TEXT,
    }
    schema = TableSchema.model_validate({"fields": [{"name": type, "type": type} for type in types]})
    assert {field.name: field.stored for field in schema.fields} == types


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "object"}, 'The type "object" has no place'),
        ({"type": "geopoint"}, 'The type "geopoint" has no place'),
        ({"type": "money"}, "Input should be 'string'"),
        (
            {"format": "any", "type": "date"},
            'The format "any" cannot be used. Give "default" or a pattern like %d.%m.%Y',
        ),
        ({"format": "%Y-%j", "type": "date"}, "A date is not read by %j"),
        ({"format": "%Y-%m-%d %H", "type": "date"}, "A date is not read by %H"),
        ({"format": "%d.%m.", "type": "date"}, "A date needs one of %Y %y"),
        ({"format": "%Y %y", "type": "date"}, "Only one of %Y %y"),
        ({"format": "%Y %Y", "type": "date"}, "Only one of %Y %y"),
        ({"format": "%I:%M", "type": "time"}, "%I and %p belong together"),
        ({"format": "%Y%", "type": "date"}, "A date is not read by %:"),
        ({"format": "xml"}, 'The format "xml" is not known'),
        ({"format": "email", "type": "integer"}, 'The format "email" is not known'),
        ({"constraints": {"minLength": 2}, "type": "integer"}, "minLength is for string, and this field"),
        ({"constraints": {"minimum": 2}}, "minimum is for integer, number, date"),
        ({"constraints": {"minimum": "x"}, "type": "integer"}, 'The minimum "x" is no integer'),
        ({"constraints": {"minimum": 1.5}, "type": "integer"}, 'The minimum "1.5" is no integer'),
        ({"constraints": {"minimum": 2**63}, "type": "integer"}, "is no integer"),
        ({"constraints": {"maximum": "2024-01-01"}, "type": "date", "format": "%d.%m.%Y"}, "is no date in the form"),
        ({"constraints": {"maximum": True}, "type": "integer"}, "valid"),
        ({"constraints": {"enum": ["a", 1]}}, 'The value "1" of enum is no string'),
        ({"constraints": {"enum": []}}, "at least 1 item"),
        ({"constraints": {"minLength": -1}}, "greater than or equal to 0"),
        ({"constraints": {"exclusiveMinimum": 1}, "type": "integer"}, "Extra inputs"),
        ({"constraints": {"pattern": "a\x00"}}, "Control characters"),
        ({"required": True}, "Extra inputs"),
        ({"trueValues": ["x"]}, "trueValues is for boolean"),
        ({"trueValues": ["0"], "type": "boolean"}, '"0" stands in trueValues and falseValues'),
        ({"decimalChar": ",", "type": "integer"}, "decimalChar is for number"),
        ({"decimalChar": ",", "groupChar": ",", "type": "number"}, "the same character"),
        ({"decimalChar": "e", "type": "number"}, "Give one character"),
        ({"numberFormat": "0" * 256}, "at most 255"),
        ({"numberFormat": "0\x07"}, "Control characters"),
        ({"name": ""}, "at least 1 character"),
    ],
)
def test_a_field_that_cannot_be_kept_is_refused_with_its_place(field: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        TableSchema.model_validate({"fields": [{"name": "a"}, {"name": "f"} | field]})
    errors = raised.value.errors()
    assert said in " ".join(error["msg"] for error in errors)
    assert all(error["loc"][:2] == ("fields", 1) for error in errors)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"fields": []}, "at least 1 item"),
        ({"fields": [{"name": f"f{i}"} for i in range(1001)]}, "at most 1000 items"),
        ({"fields": [{"name": "a"}, {"name": "A"}]}, 'Two fields are named "A" and "a"'),
        ({"fields": [{"name": "a"}], "primaryKey": ["b"]}, 'primaryKey names "b"'),
        ({"fields": [{"name": "a"}], "primaryKey": ["a", "a"]}, "names a field twice"),
        ({"fields": [{"name": "a"}], "foreignKeys": [{"fields": "a"}]}, "Foreign keys are not checked"),
        ({"fields": [{"name": "a"}], "extra": 1}, "Extra inputs"),
    ],
)
def test_a_table_that_cannot_be_kept_is_refused(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TableSchema.model_validate(schema)


def test_the_model_needs_no_data_library() -> None:
    code = "import sys, jobmill.schemas.table_schema; print({'duckdb', 'openpyxl', 'boto3'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
