"""A sheet's rows by the parser: for every sheet that is XML, whatever it looks like."""

import re
from typing import Final, Protocol

from jobmill.errors import CallerError
from jobmill.tables.workbook.conversions import Conversions
from jobmill.tables.workbook.csv_rows import MAX_COLUMNS, column_index, too_many_columns
from jobmill.tables.workbook.errors import damaged, too_large
from jobmill.tables.workbook.values import MAX_TEXT_CHARACTERS
from jobmill.tables.workbook.xml_events import XmlParser

_ADDRESS: Final = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_ROW_NUMBER: Final = re.compile("[0-9]{1,7}")


class Rows(Protocol):
    """What takes the rows in their order, as CSV cells."""

    last_row: int
    """The number of the last one that was taken; 0 before the first."""

    def row(self, number: int, cells: list[str]) -> None:
        """One row up to its last cell that is not empty."""


class SheetRows:
    """In a `with` of `parser`, feed it with the sheet; the rows go to `rows`.

    `is_numbered` tells whether all rows have a number. A formula whose result is not in the file is refused, or, with
    `takes_unsaved`, an empty cell.
    """

    def __init__(self, part: str, conversions: Conversions, rows: Rows, *, takes_unsaved: bool = False) -> None:
        self.parser = XmlParser(part)
        self.is_numbered = True
        self._conversions = conversions
        self._rows = rows
        self._takes_unsaved = takes_unsaved
        self._columns: dict[str, int] = {}
        self._row = rows.last_row
        self._cells: list[str] = []
        self._column = -1
        self._cell: dict[str, str] = {}
        self._texts: list[str] = []
        self._length = 0
        self._is_text = self._is_pronunciation = self._has_formula = self._has_value = False
        self.parser.expat.StartElementHandler = self._root

    def _root(self, name: str, _: dict[str, str]) -> None:
        """The root's namespace is that of all elements that matter; those of others are passed over."""
        space = name.removesuffix("worksheet")
        expat = self.parser.expat
        begin = {"row": self._begin_row, "c": self._begin_cell, "v": self._begin_value, "t": self._begin_text}
        begin |= {"f": self._begin_formula, "rPh": self._begin_pronunciation}
        end = {"row": self._end_row, "c": self._end_cell, "v": self._end_text, "t": self._end_text}
        end |= {"rPh": self._end_pronunciation}
        beginnings = {space + element: handler for element, handler in begin.items()}
        endings = {space + element: handler for element, handler in end.items()}

        def start_element(name: str, attributes: dict[str, str]) -> None:
            if name in beginnings:
                beginnings[name](attributes)

        def end_element(name: str) -> None:
            if name in endings:
                endings[name]()
            elif name == space + "sheetData":
                expat.StartElementHandler = expat.EndElementHandler = expat.CharacterDataHandler = None

        def start_data(name: str, _: dict[str, str]) -> None:
            if name == space + "sheetData":
                expat.StartElementHandler = start_element
                expat.EndElementHandler = end_element
                expat.CharacterDataHandler = self._characters

        expat.StartElementHandler = start_data

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._cells = []
        self._column = -1
        number = attributes.get("r")
        if number is None:
            self._row += 1
            self.is_numbered = False
        elif _ROW_NUMBER.fullmatch(number):
            self._row = int(number)
        else:
            raise damaged(f'a row has the number "{number[:20]}"')

    def _end_row(self) -> None:
        self._rows.row(self._row, self._cells)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cell = attributes
        self._texts = []
        self._length = 0
        self._has_formula = self._has_value = False
        address = attributes.get("r")
        column = self._column + 1 if address is None else self._column_of(address)
        if column <= self._column:
            raise damaged(f"the cells of its row {self._row} are in no order")
        self._column = column

    def _column_of(self, address: str) -> int:
        found = _ADDRESS.fullmatch(address)
        if found is None or int(found[2]) != self._row:
            raise damaged(f'its row {self._row} has a cell "{address[:20]}"')
        column = self._columns.get(found[1])
        if column is None:
            column = self._columns[found[1]] = column_index(found[1])
        return column

    def _begin_value(self, _: dict[str, str]) -> None:
        self._has_value = True
        self._is_text = self._cell.get("t") != "inlineStr"

    def _begin_text(self, _: dict[str, str]) -> None:
        self._is_text = not self._is_pronunciation and self._cell.get("t") == "inlineStr"

    def _end_text(self) -> None:
        self._is_text = False

    def _begin_formula(self, _: dict[str, str]) -> None:
        self._has_formula = True

    def _begin_pronunciation(self, _: dict[str, str]) -> None:
        self._is_pronunciation = True

    def _end_pronunciation(self) -> None:
        self._is_pronunciation = False

    def _characters(self, text: str) -> None:
        if self._is_text:
            self._texts.append(text)
            self._length += len(text)
            if self._length > MAX_TEXT_CHARACTERS:
                raise too_large(f"the cell {self._place()} has more than {MAX_TEXT_CHARACTERS:,} characters")

    def _end_cell(self) -> None:
        if not self._texts:
            is_unsaved = self._has_formula and not (self._has_value and self._cell.get("t") == "str")
            if is_unsaved and not self._takes_unsaved:
                raise _formula_without_value(self._place())
            return
        try:
            conversion = self._conversions.conversion(self._cell.get("t", ""), self._cell.get("s", ""))
            cell = conversion.cell("".join(self._texts))
        except CallerError as error:
            error.details = f"cell {self._place()}"
            raise
        if not cell:
            return
        if self._column >= MAX_COLUMNS:
            raise too_many_columns(self._place())
        self._cells.extend([""] * (self._column - len(self._cells)))
        self._cells.append(cell)

    def _place(self) -> str:
        number, letters = self._column + 1, ""
        while number:
            number, letter = divmod(number - 1, 26)
            letters = chr(65 + letter) + letters
        return f"{letters}{self._row}"


def _formula_without_value(place: str) -> CallerError:
    return CallerError(
        "formula-without-value",
        f"The cell {place} has a formula whose result is not in the file. Open the workbook in Excel or LibreOffice, "
        "save it, and upload it again.",
    )
