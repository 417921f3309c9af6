"""Excel's number formats: which codes it takes, and the one that shows times as a strptime pattern reads them.

Imports no data library.
"""

import re
from typing import Final

MAX_CHARACTERS: Final = 255

_TOKEN: Final = re.compile(
    r"""(?P<quoted>"[^"]*"|\\.|[_*].)"""
    r"|(?P<bracket>\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d{1,2}"
    r"|(?:[<>]=?|=|<>)-?\d+(?:\.\d+)?|\$[^\]\[;]*)\])"
    r"|(?P<moment>\[(?:h+|m+|s+)\]|AM/PM|A/P|s+\.0{1,3}|[ymdhsb]+)"
    r"|(?P<general>General)"
    r"|(?P<number>E[+-]|[0#?.,%@])"
    r"""|(?P<literal>[-+$():!^&'~{}<>=/ 1-9]|[^\x00-\x7f])""",
    re.IGNORECASE,
)
_NUMBER_ONLY: Final = frozenset("0#?%@")

# strptime's directives as Excel writes them. What is missing (a zone, a week's number, the day of the year) has none.
_DIRECTIVES: Final = {
    "%Y": "yyyy", "%y": "yy", "%B": "mmmm", "%b": "mmm", "%m": "mm", "%-m": "m", "%d": "dd", "%-d": "d",
    "%A": "dddd", "%a": "ddd", "%H": "hh", "%-H": "h", "%I": "hh", "%-I": "h", "%M": "mm", "%-M": "m",
    "%S": "ss", "%-S": "s", "%p": "AM/PM",
}  # fmt: skip
_PIECE: Final = re.compile(r"\.%f|%-?.|.", re.DOTALL)
_PLAIN: Final = frozenset("-: ")


def is_number_format(code: str) -> bool:
    """Whether Excel takes the code; a workbook with one that it does not take is "repaired" when it is opened."""
    if not 0 < len(code) <= MAX_CHARACTERS or not code.isprintable():
        return False
    sections = _sections(code)
    return sections is not None and len(sections) <= 4 and all(_is_of_one_kind(section) for section in sections)


def _sections(code: str) -> list[list[re.Match[str]]] | None:
    """The code's sections (positive; negative; zero; text) as tokens; None where one is no token."""
    sections: list[list[re.Match[str]]] = [[]]
    position = 0
    while position < len(code):
        if code[position] == ";":
            sections.append([])
            position += 1
            continue
        token = _TOKEN.match(code, position)
        if token is None:
            return None
        sections[-1].append(token)
        position = token.end()
    return sections


def _is_of_one_kind(section: list[re.Match[str]]) -> bool:
    """A section shows a moment or a number, not both; one decimal point, one exponent."""
    kinds = {token.lastgroup for token in section}
    numbers = [token[0] for token in section if token.lastgroup == "number"]
    if "moment" in kinds and (not _NUMBER_ONLY.isdisjoint(numbers) or "general" in kinds):
        return False
    if "general" in kinds and numbers:
        return False
    return numbers.count(".") <= 1 or "moment" in kinds


def excel_format(pattern: str) -> str | None:
    r"""Excel's code for moments written as the strptime `pattern`; None where it has no such code.

    `%d.%m.%Y %H:%M` is `dd\.mm\.yyyy hh:mm`. Signs are escaped: a bare `/` would be each country's own sign.
    """
    pieces = _PIECE.findall(pattern)
    directives = [piece for piece in pieces if piece.startswith("%") and piece != "%%"]
    if not directives or not _is_clock(directives):
        return None
    code = ""
    for piece in pieces:
        if piece == ".%f":
            if not code.endswith("s"):
                return None
            code += ".000"
        elif piece.startswith("%") and piece != "%%":
            if piece not in _DIRECTIVES:
                return None
            code += _DIRECTIVES[piece]
        else:
            sign = piece[-1]
            code += sign if sign in _PLAIN else "\\" + sign
    return code if is_number_format(code) else None


def _is_clock(directives: list[str]) -> bool:
    """Whether Excel reads the times as strptime does: minutes are `mm` only after hours or before seconds."""
    plain = [directive.replace("-", "") for directive in directives]
    has_half_days = "%p" in plain
    if has_half_days != ("%I" in plain) or (has_half_days and "%H" in plain):
        return False
    minutes = [i for i, directive in enumerate(plain) if directive == "%M"]
    return all(_next_to_a_time(plain, i) for i in minutes) and not any(
        directive == "%m" and _next_to_a_time(plain, i) for i, directive in enumerate(plain)
    )


def _next_to_a_time(directives: list[str], i: int) -> bool:
    return (i > 0 and directives[i - 1] in ("%H", "%I")) or (i + 1 < len(directives) and directives[i + 1] == "%S")
