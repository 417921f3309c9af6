"""The parameters of the job types that the client makes itself, as the API takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobmill_client.models import JsonObject


def import_params(upload_id: str, dataset: str) -> JsonObject:
    """An import of an uploaded file as the dataset's next version."""
    return {"uploadId": upload_id, "dataset": dataset, "mode": "replace"}


def export_params(
    dataset: str,
    format: str,
    *,
    columns: Sequence[str] = (),
    where: Sequence[JsonObject] = (),
    order_by: Sequence[JsonObject] = (),
) -> JsonObject:
    """An export of the dataset's newest version; what is empty is left to the API's defaults (all)."""
    params: dict[str, Any] = {"dataset": dataset, "format": format}
    chosen: dict[str, list[Any]] = {
        "columns": list(columns),
        "where": list(where),
        "orderBy": list(order_by),
    }
    return params | {name: values for name, values in chosen.items() if values}
