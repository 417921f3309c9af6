"""Patterns of dates and times (strptime's), as far as Python and DuckDB 2.0 read them alike.

Both are laxer than the pattern, each in its own way (blanks around, years of three digits): so a cell must also match
a regular expression made of the pattern. Imports no data library.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

# What each directive reads. Numbers of one digit are taken where the pattern divides them from the next.
DIRECTIVES: Final = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "(?:1[0-2]|0?[1-9])",
    "d": "(?:3[01]|[12][0-9]|0?[1-9])",
    "b": "[A-Za-z]{3}",
    "B": "[A-Za-z]{3,9}",
    "H": "(?:2[0-3]|[01]?[0-9])",
    "I": "(?:1[0-2]|0?[1-9])",
    "p": "[AaPp][Mm]",
    "M": "[0-5]?[0-9]",
    "S": "[0-5]?[0-9]",
    "f": "[0-9]{1,6}",
}
_NUMBERS: Final = "YymdHIMSf"
_DATE: Final = "YymdbB"
_TIME: Final = "HIpMSf"
_ONE_OF: Final = ("Yy", "mbB", "HI")
_ALLOWED: Final = {"date": _DATE, "datetime": _DATE + _TIME, "time": _TIME}
_NEEDED: Final = {"date": ("Yy",), "datetime": ("Yy", "HI"), "time": ("HI",)}
_SUGGESTED: Final = {"date": "%d.%m.%Y", "datetime": "%d.%m.%Y %H:%M", "time": "%H:%M"}
_EXAMPLE: Final = datetime(2024, 2, 29, 23, 59)
_TOKEN: Final = re.compile(r"%(.?)|(\s+)|([^%\s]+)", re.DOTALL)
MAX_PATTERN: Final = 100


def fault(pattern: str, kind: str) -> str | None:
    """Why `pattern` cannot be read as a `kind` (date, datetime, time), as a sentence without a full stop; or None."""
    return next(_faults(pattern, kind), None)


def _faults(pattern: str, kind: str) -> Iterator[str]:
    if len(pattern) > MAX_PATTERN:
        yield f"A pattern has at most {MAX_PATTERN} characters"
    directives = [token[1] for token in _TOKEN.finditer(pattern) if token[0].startswith("%") and token[1] != "%"]
    if not directives:
        yield f'Give "default" or a pattern like {_SUGGESTED[kind]}'
    for directive in directives:
        if not directive or directive not in _ALLOWED[kind]:
            yield f"A {kind} is not read by %{directive}: use {_named(_ALLOWED[kind])}"
    for alike in (*_ONE_OF, *_ALLOWED[kind]):
        if sum(directive in alike for directive in directives) > 1:
            yield f"Only one of {_named(alike)} may stand in a pattern, and once"
    for needed in _NEEDED[kind]:
        if not set(needed) & set(directives):
            yield f"A {kind} needs one of {_named(needed)}"
    if ("I" in directives) != ("p" in directives):
        yield "%I and %p belong together"


def expression(pattern: str) -> str:
    """A regular expression, the same in Python and RE2, that every text in the pattern's form matches whole."""
    parts = []
    tokens = list(_TOKEN.finditer(pattern))
    for i, token in enumerate(tokens):
        directive = token[1]
        if directive and directive != "%":
            parts.append("[0-9]{2}" if _is_tight(tokens, i) else DIRECTIVES[directive])
        else:
            parts.append(" +" if token[2] else re.escape("%" if directive else token[3]))
    return "".join(parts)


def example(pattern: str) -> str:
    """What a text in the pattern's form looks like."""
    return _EXAMPLE.strftime(pattern)


def read(text: str, pattern: str) -> datetime | None:
    """The text by the pattern; None if it does not have its form."""
    if not re.fullmatch(expression(pattern), text):
        return None
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None


def _is_tight(tokens: list[re.Match[str]], i: int) -> bool:
    """Whether a number of two digits touches another number, so that only its width divides them."""
    if tokens[i][1] not in "mdHIMS":
        return False
    neighbours = [tokens[k][1] for k in (i - 1, i + 1) if 0 <= k < len(tokens)]
    return any(directive and directive in _NUMBERS for directive in neighbours)


def _named(directives: str) -> str:
    return " ".join(f"%{each}" for each in directives)
