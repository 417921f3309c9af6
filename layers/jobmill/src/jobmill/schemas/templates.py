"""SQL with places for the raw cell `{c}`, its text `{t}` and its value `{v}`."""

import re
from typing import Final

from jobmill.tables.engine import literal

_PLACE: Final = re.compile(r"\{([ctv])\}")


def fill(template: str, *, c: str = "{c}", t: str = "{t}", v: str = "{v}") -> str:
    """Put SQL (best a column: it may stand there several times) into the places; in one go, whatever it contains."""
    sql = {"c": c, "t": t, "v": v}
    return _PLACE.sub(lambda place: sql[place[1]], template)


def constant(text: str) -> str:
    """`text` quoted for a template: what looks like a place in it stays as it is. DuckDB folds it to a constant."""
    quoted = literal(text)
    return "(" + _PLACE.sub(r"{'||'\1}", quoted) + ")" if _PLACE.search(quoted) else quoted
