"""The beginning of a workbook's first sheet as a preview, read from wherever the file lies, as little as that takes.

In this process, which reads other people's requests too: so little is unpacked that nothing in a file can use up its
memory or time.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, Final, override

from jobmill.errors import CallerError
from jobmill.tables.preview import MAX_CELL_CHARACTERS, Cell, Enough, Gathered, Preview, native, shown
from jobmill.tables.workbook.conversions import NATIVE_MARK, Conversions
from jobmill.tables.workbook.csv_rows import MAX_COLUMNS
from jobmill.tables.workbook.errors import damaged, too_large
from jobmill.tables.workbook.parts import choose_sheet, read_styles, read_workbook
from jobmill.tables.workbook.sheet_rows import SheetRows
from jobmill.tables.workbook.strings import StringsAsNeeded
from jobmill.tables.workbook.xml_events import XmlParser, local
from jobmill.tables.workbook.zip_parts import CHUNK_BYTES, ZipParts, read_directory

PACKAGE_BYTES: Final = 4 << 20
"""Unpacked, of what says which sheets and styles there are."""
SHEET_BYTES: Final = 8 << 20
"""Unpacked, of the sheet, once for its columns and once for its rows."""
STRINGS_BYTES: Final = 8 << 20
"""Unpacked, of the texts that cells share. Most programs write them in the order of their first use; a cell whose
text lies beyond shows `…`."""
_UNREAD: Final = "…"


class OverBudget(Exception):
    """More would have to be unpacked than may be."""


class _Budget:
    """Counts the chunks that are read. Raises OverBudget at the first that is too many."""

    def __init__(self, unpacked_bytes: int) -> None:
        self._left = unpacked_bytes

    def __call__(self) -> None:
        self._left -= CHUNK_BYTES
        if self._left < 0:
            raise OverBudget


class _Strings(StringsAsNeeded):
    """Kept as short as a preview shows them: any number of cells may name a long one."""

    _is_over = False

    @override
    def add(self, text: str) -> None:
        super().add(text[: MAX_CELL_CHARACTERS + 1])

    @override
    def cell(self, text: str) -> str:
        try:
            return super().cell(text)
        except OverBudget:
            self._is_over = True
        except CallerError:
            if not self._is_over:
                raise
        return _UNREAD


class _Rows:
    """Takes the sheet's rows, without its hidden columns; empty rows between others stay."""

    def __init__(self, gathered: Gathered, hidden: frozenset[int]) -> None:
        self.last_row = 0
        self._gathered = gathered
        self._hidden = hidden

    def row(self, number: int, cells: list[str]) -> None:
        """One row. Raises Enough after the last one that is shown."""
        if not cells:
            return
        if number <= self.last_row:
            raise damaged(f"its row {number} comes after row {self.last_row}")
        if self._gathered.has_columns:
            for _ in range(number - self.last_row - 1):
                self._gathered.add([])
        self.last_row = number
        self._gathered.add([_value(cell) for i, cell in enumerate(cells) if i not in self._hidden])


def preview_workbook(opened: Callable[[], BinaryIO], size: int) -> Preview:
    """The first rows of the first visible sheet of a workbook of `size` bytes, which `opened` gives at its beginning.

    Numbers and truth values are such, dates and times ISO texts as in a CSV file. A formula gives its saved result,
    nothing if there is none. Raises CallerError, as `read_sheet`.
    """
    parts = read_directory(opened, size, _Budget(PACKAGE_BYTES))
    try:
        workbook = read_workbook(parts)
        styles = read_styles(parts, workbook)
    except OverBudget as error:
        raise too_large(f"its list of parts and styles has more than {PACKAGE_BYTES:,} bytes") from error
    sheet = choose_sheet(workbook, None)
    assert sheet.part is not None
    strings = _Strings(replace(parts, on_chunk=_Budget(STRINGS_BYTES)), workbook.strings)
    conversions = Conversions(styles, strings, is_1904=workbook.is_1904, marks_native=True)
    gathered = Gathered()
    try:
        with strings.parser:
            _gather(parts, sheet.part, conversions, gathered)
    except (Enough, OverBudget) as error:
        if not gathered.has_columns:
            raise too_large("its first row is too far from its beginning") from error
        return gathered.preview(sheet.name, more=True)
    return gathered.preview(sheet.name, more=False)


def _gather(parts: ZipParts, part: str, conversions: Conversions, gathered: Gathered) -> None:
    """Gather the sheet's rows. Raises Enough or OverBudget where they go on after those."""
    rows = _Rows(gathered, _hidden_columns(_with_budget(parts), part))
    reader = SheetRows(part, conversions, rows, takes_unsaved=True)
    with reader.parser:
        for chunk in _with_budget(parts).chunks(part):
            reader.parser.feed(chunk)
        reader.parser.close()


def _with_budget(parts: ZipParts) -> ZipParts:
    return replace(parts, on_chunk=_Budget(SHEET_BYTES))


def _hidden_columns(parts: ZipParts, part: str) -> frozenset[int]:
    """The columns, from 0, that the sheet does not show: they are told of before its rows.

    No more than MAX_COLUMNS descriptions are looked at: each is of other columns than those before it.
    """
    hidden, left = set[int](), MAX_COLUMNS

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal left
        if local(name) == "col":
            left -= 1
            if attributes.get("hidden") in ("1", "true"):
                first, last = _column(attributes.get("min", "")), _column(attributes.get("max", ""))
                hidden.update(range(first - 1, last))
        if local(name) == "sheetData" or len(hidden) == MAX_COLUMNS:
            left = 0
        if left == 0:
            parser.expat.StartElementHandler = None

    with XmlParser(part) as parser:
        parser.expat.StartElementHandler = start
        for chunk in parts.chunks(part):
            parser.feed(chunk)
            if left == 0:
                break
    return frozenset(hidden)


def _column(number: str) -> int:
    if not (number.isascii() and number.isdigit() and len(number) <= 5 and int(number) > 0):
        raise damaged(f'its columns have the number "{number[:10]}"')
    return min(int(number), MAX_COLUMNS)


def _value(cell: str) -> Cell:
    """What a cell of CSV stands for."""
    if cell.startswith(NATIVE_MARK):
        return native(cell.removeprefix(NATIVE_MARK))
    return shown(cell[1:-1].replace('""', '"') if cell.startswith('"') else cell)
