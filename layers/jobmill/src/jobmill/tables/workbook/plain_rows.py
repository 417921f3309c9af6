"""A sheet's rows at full speed: one regular expression for a whole row, learned from the rows met so far.

Rows of a table look alike: the same columns, with the same types and styles. A row that does not look like those
before goes to the parser, and is learned from. So the columns of many rows are converted at once.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby, takewhile
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.workbook.conversions import Conversions
from jobmill.tables.workbook.csv_rows import MAX_COLUMNS, CsvRows, column_index
from jobmill.tables.workbook.plain_xml import NotPlain, PlainXml
from jobmill.tables.workbook.sheet_rows import SheetRows
from jobmill.tables.workbook.values import Conversion
from jobmill.tables.workbook.zip_parts import ZipParts

# A row that looks like none of so many is for the parser.
MAX_LOOKS_PER_COLUMN: Final = 8
# So many rows are learned from one by one.
MAX_LESSONS: Final = 30
# In all patterns together: each look takes half a millisecond to compile.
MAX_COMPILED_LOOKS: Final = 5_000
# Where more than one row in five is odd, the parser is quicker with all of them.
MAX_ODD_SHARE: Final = 5

_EMPTY_ROWS: Final = r"\s*+(?:<row\b[^<>]*/>\s*+)*+"
_ROW: Final = _EMPTY_ROWS + r'<row r="([1-9]\d{0,6})"[^<>]*>'
_CELL: Final = re.compile(r'<c r="([A-Z]{1,3})\d+"((?: s="\d{1,6}")?)((?: t="[a-zA-Z]{1,9}")?)>(?!</c>)')
_NOTHING: Final = r'(?: s="\d+")?+(?: t="\w+")?+(?:/>|></c>)'
_VALUES: Final = {
    "s": r"<v>([0-9]{1,8})</v>",
    "inlineStr": r'<is><t(?: xml:space="preserve")?+>([^<]*)</t></is>',
}
_VALUE: Final = r'(?:<f[^<>]*(?:/>|>[^<]*</f>)(?!<v></v>))?+<v(?: xml:space="preserve")?+>([^<]*)</v>'

type Match = Callable[[str], re.Match[str] | None]


def read_plain_rows(parts: ZipParts, part: str, conversions: Conversions, rows: CsvRows) -> None:
    """Read the sheet's rows into `rows`. Raises NotPlain if all of it has to be read by the parser instead."""
    try:
        _PlainRows(parts, part, conversions, rows).read()
    except CallerError as error:  # the parser tells the place
        raise NotPlain from error


class _PlainRows:
    def __init__(self, parts: ZipParts, part: str, conversions: Conversions, rows: CsvRows) -> None:
        self._plain = PlainXml(parts.chunks(part), "worksheet", "sheetData", "row", ignorable=_EMPTY_ROWS)
        self._part = part
        self._conversions = conversions
        self._rows = rows
        # By column, and there by the attributes s and t as they stand in the file.
        self._looks: dict[int, dict[str, Conversion]] = {}
        self._letters: dict[int, str] = {}
        self._bodies: dict[str, str] = {}
        self._match: Match = re.compile("(?!)").fullmatch
        self._lessons = self._compiled_looks = 0

    def read(self) -> None:
        for pieces in self._plain:
            rest = pieces
            while rest and (self._rows.width is None or self._lessons < MAX_LESSONS):
                rest = self._learn_from_first(rest)
            if rest:
                self._take(rest)

    def _learn_from_first(self, pieces: list[str]) -> list[str]:
        """Take the rows up to the first one that looks new, and that one as a lesson; gives those after it."""
        if self._rows.width is None:  # the header looks like no other row
            self._parse(pieces[:1], learns=False)
            return pieces[1:]
        found = [row.groups("") for row in takewhile(bool, map(self._match, pieces)) if row]
        if found:
            self._convert(found)
        if len(found) < len(pieces):
            self._lessons += 1
            self._parse(pieces[len(found) : len(found) + 1])
        return pieces[len(found) + 1 :]

    def _take(self, pieces: list[str]) -> None:
        found = [self._match(piece) for piece in pieces]
        odd = found.count(None)
        if odd == 0:
            self._convert([row.groups("") for row in found if row])
        elif odd * MAX_ODD_SHARE > len(found):
            self._parse(pieces)
        else:
            for is_odd, run in groupby(zip(found, pieces, strict=True), lambda pair: pair[0] is None):
                if is_odd:  # no lesson: the rows that follow were matched by the looks known so far
                    self._parse([piece for _, piece in run], learns=False)
                else:
                    self._convert([row.groups("") for row, _ in run if row])

    def _convert(self, found: list[tuple[str, ...]]) -> None:
        numbers, *groups = zip(*found, strict=True)
        texts = iter(groups)
        columns = {}
        for column in sorted(self._looks):
            cells: Sequence[str] | None = None
            for conversion in self._looks[column].values():
                converted = conversion.column(next(texts))
                # At most one of them is not empty.
                cells = converted if cells is None else [a + b for a, b in zip(cells, converted, strict=True)]
            assert cells is not None
            columns[column] = cells
        self._rows.block(list(map(int, numbers)), columns)

    def _parse(self, pieces: list[str], *, learns: bool = True) -> None:
        """The parser's turn; and what these rows look like is learned."""
        sheet = SheetRows(self._part, self._conversions, self._rows)
        with sheet.parser:
            sheet.parser.feed(self._plain.document(pieces))
            sheet.parser.close()
        if not sheet.is_numbered:
            raise NotPlain
        if learns and self._compiled_looks < MAX_COMPILED_LOOKS:
            is_new = [self._learn(*cell) for cell in set(_CELL.findall("".join(pieces)))]
            if any(is_new):
                self._compiled_looks += sum(map(len, self._looks.values()))
                patterns = "".join(self._pattern(column) for column in sorted(self._looks))
                self._match = re.compile(_ROW + patterns, re.ASCII).fullmatch

    def _learn(self, letters: str, style: str, cell_type: str) -> bool:
        """Whether such a cell is new."""
        column = column_index(letters)
        looks = self._looks.get(column, {})
        look = style + cell_type
        if look in looks or column >= MAX_COLUMNS or len(looks) >= MAX_LOOKS_PER_COLUMN:
            return False
        kind = cell_type[4:-1]
        self._looks.setdefault(column, {})[look] = self._conversions.conversion(kind, style[4:-1])
        self._letters[column] = letters
        self._bodies[look] = _VALUES.get(kind, _VALUE)
        return True

    def _pattern(self, column: int) -> str:
        looks = "|".join(f"{look}>{self._bodies[look]}</c>" for look in self._looks[column])
        return rf'(?:<c r="{self._letters[column]}\1"(?:{looks}|{_NOTHING}))?+'
