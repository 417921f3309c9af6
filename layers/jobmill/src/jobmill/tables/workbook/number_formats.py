"""What a number format says of a number: that it is a date, a time, both, or a duration."""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final


class Kind(Enum):
    """What a cell's number stands for."""

    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date-time"
    DURATION = "duration"


# Formats that files name by number only. 27-36 and 50-58 are dates in East Asian versions, and unused elsewhere.
_BUILT_IN: Final[dict[int, Kind]] = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), Kind.DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 45, 47), Kind.TIME),
    **dict.fromkeys((22, 34, 35, 55, 56), Kind.DATE_TIME),
    46: Kind.DURATION,
}
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
# Texts in quotes, escaped, skipped and repeated characters, brackets of other kinds, and powers of ten: no tokens.
_NO_TOKENS: Final = re.compile(r'"[^"]*"?|[\\_*].|\[[^\]]*\]?|[eE][+-]|general', re.IGNORECASE | re.DOTALL)
_DAY: Final = re.compile(r"[ydeg]|b", re.IGNORECASE)
_TIME: Final = re.compile(r"[hs]|am/pm|a/p", re.IGNORECASE)


def kind_of_code(code: str) -> Kind:
    """What the format `code` makes of a positive number."""
    first = _first_section(code)
    plain = re.sub(r'"[^"]*"?|[\\_*].', "", first, flags=re.DOTALL)
    if _ELAPSED.search(plain):
        return Kind.DURATION
    tokens = _NO_TOKENS.sub("", first)
    has_time = bool(_TIME.search(tokens))
    has_day = bool(_DAY.search(re.sub(r"am/pm|a/p", "", tokens, flags=re.IGNORECASE)))
    if has_day or has_time:
        return (Kind.DATE_TIME if has_time else Kind.DATE) if has_day else Kind.TIME
    return Kind.DATE if "m" in tokens.lower() else Kind.NUMBER


def kinds_of_styles(codes: dict[int, str], formats: Sequence[int]) -> list[Kind]:
    """The kind of each cell style: `formats` are their formats' numbers, `codes` the file's own formats."""
    own = {number: kind_of_code(code) for number, code in codes.items()}
    return [own.get(number) or _BUILT_IN.get(number, Kind.NUMBER) for number in formats]


def _first_section(code: str) -> str:
    """The format up to its first semicolon that is neither quoted nor escaped."""
    for found in re.finditer(r'"[^"]*"?|\\.|;', code, re.DOTALL):
        if found[0] == ";":
            return code[: found.start()]
    return code
