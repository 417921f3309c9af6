"""Constants in SQL that has places for the raw cell `{c}`, its text `{t}` and its value `{v}`."""

import re
from datetime import date, datetime, time
from typing import Final

from jobmill.schemas.values import Limit
from jobmill.tables.engine import literal

_PLACE: Final = re.compile(r"\{([ctv])\}")


def constant(text: str) -> str:
    """`text` quoted for a template: what looks like a place in it stays as it is. DuckDB folds it to a constant."""
    quoted = literal(text)
    return "(" + _PLACE.sub(r"{'||'\1}", quoted) + ")" if _PLACE.search(quoted) else quoted


def sql_of(value: Limit | None) -> str:
    """A value as SQL of its type, for a template."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"({value})::BIGINT"
        case float():
            return f"'{value!r}'::DOUBLE"
        case str():
            return constant(value)
        case None:
            raise AssertionError("limits are checked where the schema is read")
    kind = {datetime: "TIMESTAMP", date: "DATE", time: "TIME"}[type(value)]
    return f"{kind} {literal(value.isoformat())}"
