"""JSON values: their type, and the text that keeps every number as it is."""

import json

type Json = dict[str, Json] | list[Json] | str | int | float | bool | None


def dump_json(value: Json) -> str:
    """Compact JSON text in ASCII, so that even lone surrogates survive.

    Raises ValueError for NaN and infinities, which JSON does not know.
    """
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
