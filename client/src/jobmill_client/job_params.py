"""The parameters of the job types that the client makes itself, as the API takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from jobmill_client.models import JsonObject


def import_params(upload_id: str, dataset: str) -> JsonObject:
    """An import of an uploaded file as the dataset's next version."""
    return {"uploadId": upload_id, "dataset": dataset, "mode": "replace"}


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
