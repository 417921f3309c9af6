"""Cells as CSV text: texts, numbers and truth values; dates and times are in `serials`.

A conversion takes one cell, or a whole column of them: most columns are found to need no work by a look at all of them
joined, which is several times as fast.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from math import isfinite
from typing import Final, override

from jobmill.tables.workbook.errors import damaged
from jobmill.tables.workbook.plain_xml import unescaped

# Excel keeps 32,767 characters.
MAX_TEXT_CHARACTERS: Final = 1_000_000

_SPECIAL: Final = re.compile('[\\x00-\\x1f",]|_x[0-9A-Fa-f]{4}_|^(?i:sep=)|^\ufeff')
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL: Final = re.compile(r"\r(?=\n)|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NEEDS_QUOTES: Final = re.compile('["\n\r,]|^(?i:sep=)|^\ufeff')
_DIGITS: Final = "0123456789.eE+-"
# Numbers that are their own shortest form; a whole one may have a point and a zero more.
_SHORTEST: Final = r"-?(?:[1-9]\d{0,8}\.\d{0,5}[1-9]|0\.(?!0000)\d{0,13}[1-9]|[1-9]\d{0,14}(?:\.0)?)|0(?:\.0)?|"
_ALL_SHORTEST: Final = re.compile(f"(?:(?:{_SHORTEST}),)*+", re.ASCII)


class Conversion:
    """How cells of one type and style become CSV cells. An empty cell stays empty.

    Raises CallerError `damaged-workbook` for what the format does not have.
    """

    def cell(self, text: str) -> str:
        """One cell's text, without XML's references."""
        raise NotImplementedError

    def column(self, texts: Sequence[str]) -> Sequence[str]:
        """Many cells' texts as they stand in the XML, none of them in the file's first row."""
        return list(map(self.cell, texts))


class Texts(Conversion):
    """Texts as they are, but for Excel's escapes (`_x000D_`), and control characters other than tab, LF and CR."""

    @override
    def cell(self, text: str) -> str:
        return text_cell(text)

    @override
    def column(self, texts: Sequence[str]) -> Sequence[str]:
        joined = "".join(texts)
        if "&" in joined:
            return [text_cell(unescaped(text)) for text in texts]
        if joined.isprintable() and '"' not in joined and "_x" not in joined:
            return [f'"{text}"' if "," in text else text for text in texts] if "," in joined else texts
        return list(map(text_cell, texts))


class Numbers(Conversion):
    """Numbers in their shortest form."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    @override
    def cell(self, text: str) -> str:
        return text and self._mark + number_text(text)

    @override
    def column(self, texts: Sequence[str]) -> Sequence[str]:
        joined = ",".join(texts) + ","
        if not _ALL_SHORTEST.fullmatch(joined) or joined.count(",") != len(texts):
            return list(map(self.cell, texts))
        if ".0," in joined:
            texts = joined.replace(".0,", ",")[:-1].split(",")
        mark = self._mark
        return [text and mark + text for text in texts] if mark else texts


class Truths(Conversion):
    """Truth values."""

    def __init__(self, mark: str) -> None:
        true, false = f"{mark}true", f"{mark}false"
        self._cells = {"1": true, "true": true, "0": false, "false": false, "": ""}

    @override
    def cell(self, text: str) -> str:
        found = self._cells.get(text)
        if found is None:
            raise damaged(f'a truth value is "{text[:20]}"')
        return found


def text_cell(text: str) -> str:
    """`text` as a CSV cell."""
    if not _SPECIAL.search(text):
        return text
    if "_x" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _CONTROL.sub("", text)
    if '"' in text:
        return '"' + text.replace('"', '""') + '"'
    return f'"{text}"' if _NEEDS_QUOTES.search(text) else text


def number_text(text: str) -> str:
    """A number of the file in its shortest form. Raises CallerError `damaged-workbook` if it is none.

    Whole numbers come without point or power where 64 bits hold them, with all digits that the file has.
    """
    text = text.strip()
    if len(text) < 20 and text.isascii() and text.removeprefix("-").isdigit():
        return str(int(text))
    try:
        number = float(text) if not text.strip(_DIGITS) else None
    except ValueError:
        number = None
    if number is None or not isfinite(number):
        raise damaged(f'a number is "{text[:20]}"')
    if number.is_integer() and abs(number) < 1e18:
        return str(int(number)) if abs(number) < 1e15 else str(int(Decimal(repr(number))))
    return repr(number)
