"""Numbers as people's exports write them: grouped, shortened, with a point or a comma; anything else is no number."""

import math
import re
from typing import Final

MAX_FIGURE: Final = 10**12
"""More than that is no count of anything on a site."""
# Groups of three with one sign between them, and maybe decimals behind another one.
_GROUPED: Final = re.compile(r"(\d{1,3}([.,'’\s])\d{3}(?:\2\d{3})*)((?!\2)[.,]\d+)?")
_DECIMAL: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([km]?)", re.IGNORECASE)
_MULTIPLES: Final = {"": 1, "k": 1_000, "m": 1_000_000}
_TRUE: Final = frozenset(("true", "yes", "1", "indexable", "ja", "wahr", "indexierbar"))
_FALSE: Final = frozenset(("false", "no", "0", "noindex", "nein", "falsch"))
_NOT_INDEXABLE: Final = re.compile(r"(non|not|nicht)[\s_-]*(indexable|indexed|indexierbar)")
_READ: Final = 40
"""Characters of a cell that are looked at."""


def count(text: str) -> int | None:
    """A whole number: `1900`, `1,900`, `1.900`, `1 900`, `1.900,0`, `1900.0`, `1.9K`; none for anything else."""
    text = text.strip()[:_READ]
    grouped = _GROUPED.fullmatch(text)
    if grouped is not None:
        text = re.sub(r"\D", "", grouped[1]) + (grouped[3] or "")
    found = figure(text)
    return None if found is None else round(found)


def figure(text: str) -> float | None:
    """A number that is not negative: `3`, `3.7`, `3,7`, `1.9K`; none for anything else, and for `NaN`."""
    parts = _DECIMAL.fullmatch(text.strip()[:_READ])
    if parts is None:
        return None
    value = float(parts[1].replace(",", ".")) * _MULTIPLES[parts[2].lower()]
    return value if math.isfinite(value) and value <= MAX_FIGURE else None


def truth(text: str) -> bool | None:
    """Whether a page is indexable, in the words of crawlers; none if they say neither."""
    word = text.strip()[:_READ].casefold()
    if word in _TRUE:
        return True
    return False if word in _FALSE or _NOT_INDEXABLE.fullmatch(word) else None
