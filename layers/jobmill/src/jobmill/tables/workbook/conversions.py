"""Which conversion a cell needs, by its type and style."""

from typing import Final

from jobmill.tables.workbook.errors import damaged
from jobmill.tables.workbook.number_formats import Kind
from jobmill.tables.workbook.serials import IsoTexts, Serials
from jobmill.tables.workbook.values import Conversion, Numbers, Texts, Truths

NATIVE_MARK: Final = "\x1f"


class Conversions:
    """The conversions of one workbook. `styles` is None if it has no styles."""

    def __init__(self, styles: list[Kind] | None, strings: Conversion, *, is_1904: bool, marks_native: bool) -> None:
        mark = NATIVE_MARK if marks_native else ""
        self._styles = styles
        numbers = Numbers(mark)
        self._numbers: dict[Kind, Conversion] = {kind: Serials(kind, mark, is_1904=is_1904) for kind in Kind}
        self._numbers[Kind.NUMBER] = numbers
        self._iso = {kind: IsoTexts(kind, mark) for kind in Kind}
        texts = Texts()
        self._others: dict[str, Conversion] = {
            "s": strings,
            "str": texts,
            "inlineStr": texts,
            "e": texts,
            "b": Truths(mark),
        }

    def conversion(self, cell_type: str, style: str) -> Conversion:
        """The attributes t and s of a cell say it; they are empty where they are missing.

        Raises CallerError `damaged-workbook` for what is not in the format or not in the workbook.
        """
        if cell_type in ("", "n"):
            return self._numbers[self._kind(style)]
        if cell_type == "d":
            return self._iso[self._kind(style)]
        if cell_type not in self._others:
            raise damaged(f'a cell has the unknown type "{cell_type[:20]}"')
        return self._others[cell_type]

    def _kind(self, style: str) -> Kind:
        if not style or self._styles is None:
            return Kind.NUMBER
        if not (style.isascii() and style.isdigit() and len(style) < 8 and int(style) < len(self._styles)):
            raise damaged(f'a cell has the style "{style[:20]}", which is not in the workbook')
        return self._styles[int(style)]
