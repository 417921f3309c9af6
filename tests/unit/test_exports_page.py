"""The examples of docs/exports.md are taken by the code that they are examples of."""

import json
import re
from pathlib import Path
from typing import Any

from jobmill.processors.exports import WRITERS, ExportParams
from jobmill.tables.about import in_words
from jobmill.tables.column_formats import ColumnFormat, column_formats
from jobmill.tables.number_formats import is_number_format

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()


def examples() -> list[Any]:
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_each_request_of_the_page_is_one() -> None:
    requests = [example for example in examples() if "dataset" in example and "recordsProcessed" not in example]
    assert [ExportParams.model_validate(request).format for request in requests] == ["xlsx", "csv"]
    assert [in_words(condition) for condition in ExportParams.model_validate(requests[0]).filters] == [
        'country is one of "DE", "FR"',
        "amount is at least 100.5",
        "closed is empty",
    ]


def test_the_schema_of_the_page_gives_titles_and_formats() -> None:
    (schema,) = [example for example in examples() if "fields" in example]
    formats = column_formats(schema)
    assert formats == {
        "amount": ColumnFormat("Amount in €", "#,##0.00 €"),
        "since": ColumnFormat("Customer since", r"dd\.mm\.yyyy"),
    }
    assert all(is_number_format(each.number_format or "") for each in formats.values())


def test_the_page_names_each_format_and_its_file() -> None:
    assert all(f"customers-v3.{format}" in PAGE for format in WRITERS)
