"""Constants in SQL that has places for the raw cell `{c}`, its text `{t}` and its value `{v}`."""

import re
from typing import Final

from jobmill.tables.engine import literal

_PLACE: Final = re.compile(r"\{([ctv])\}")


def constant(text: str) -> str:
    """`text` quoted for a template: what looks like a place in it stays as it is. DuckDB folds it to a constant."""
    quoted = literal(text)
    return "(" + _PLACE.sub(r"{'||'\1}", quoted) + ")" if _PLACE.search(quoted) else quoted
