"""The parameters of the job types that Jobmill has itself, as the API takes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from jobmill_client.models import JsonObject


class FileForm(TypedDict, total=False):
    """How a file is read, where that is not to be found out: a workbook's `sheet`, the form of a CSV file."""

    sheet: str | None
    delimiter: str | None
    quote_char: str | None
    encoding: str | None
    decimal_char: str | None


class ImportChoices(FileForm, total=False):
    """What an import may choose; what is left out or None is left to the API (types found out, bad rows left out).

    `mode` is `replace`, `append` or `upsert`, `schema` a Table Schema, `mapping` gives the field of a header;
    `on_error` is `reject-rows` or `all-or-nothing`, and more bad rows than `max_errors` fail the job.
    """

    mode: str
    schema: JsonObject | None
    mapping: Mapping[str, str] | None
    on_error: str | None
    max_errors: int | None


def import_params(upload_id: str, dataset: str, **choices: Unpack[ImportChoices]) -> JsonObject:
    """An import of an uploaded file into the dataset's next version."""
    mapping, schema = choices.get("mapping"), choices.get("schema")
    params: dict[str, Any] = {
        "uploadId": upload_id,
        "dataset": dataset,
        "mode": choices.get("mode", "replace"),
        "schema": None if schema is None else dict(schema),
        "mapping": dict(mapping) if mapping else None,
        "onError": choices.get("on_error"),
        "maxErrors": choices.get("max_errors"),
    }
    return _given(params) | _form(choices)


def correction_params(
    upload_id: str, continues: str, *, max_errors: int | None = None, **form: Unpack[FileForm]
) -> JsonObject:
    """An import of corrected rows of the import `continues`, into the same dataset and by the same rules."""
    return _given({"uploadId": upload_id, "continues": continues, "maxErrors": max_errors}) | _form(form)


class ExportChoices(TypedDict, total=False):
    """What an export may choose; what is left out, empty or None is left to the API (xlsx, the newest, all, safe).

    `where` holds `{column, op, value}`, all of which must hold; `order_by` `{column, descending?}`. With `formula_safe`
    False, texts in a CSV file that a spreadsheet takes for formulas stay as they are.
    """

    format: str
    version: int | None
    columns: Sequence[str]
    where: Sequence[JsonObject]
    order_by: Sequence[JsonObject]
    formula_safe: bool


def export_params(dataset: str, **choices: Unpack[ExportChoices]) -> JsonObject:
    """An export of a version of the dataset."""
    params: dict[str, Any] = {
        "dataset": dataset,
        "format": choices.get("format", "xlsx"),
        "version": choices.get("version"),
        "columns": list(choices.get("columns", ())),
        "where": list(choices.get("where", ())),
        "orderBy": list(choices.get("order_by", ())),
        "formulaSafe": None if choices.get("formula_safe", True) else False,
    }
    return {name: value for name, value in params.items() if value not in (None, [])}


def validation_params(
    dataset: str,
    *,
    version: int | None = None,
    schema: JsonObject | None = None,
    checks: Sequence[JsonObject] = (),
) -> JsonObject:
    """A validation of a version (None: the newest) by a Table Schema, by checks, or by both.

    Without any, by the schema that the dataset was imported with.
    """
    given = {"dataset": dataset, "version": version, "schema": schema, "checks": list(checks) or None}
    return _given(given)


def scenario_params(scenario: JsonObject) -> JsonObject:
    """A test run of the scenario: `{name, steps, onFailure?}`."""
    return {"scenario": scenario}


def analysis_params(upload_id: str, filter_option: str = "all") -> JsonObject:
    """An analysis of an uploaded file; `recommended` for only the rows with a recommendation."""
    return {"uploadId": upload_id, "filterOption": filter_option}


def _form(form: FileForm) -> dict[str, Any]:
    csv = {
        "delimiter": form.get("delimiter"),
        "quoteChar": form.get("quote_char"),
        "encoding": form.get("encoding"),
        "decimalChar": form.get("decimal_char"),
    }
    return _given({"sheet": form.get("sheet"), "csv": _given(csv) or None})


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}
