"""The uploaded file, whatever it is, as a CSV file in UTF-8 whose layout is known."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jobmill.json_values import Json
from jobmill.processing.context import Context
from jobmill.processors.imports.params import CsvForm, ImportParams
from jobmill.tables.csv_encoding import recoded, to_utf8
from jobmill.tables.csv_layout import QUOTE, Given, Layout, read_layout
from jobmill.tables.file_kind import kind_of
from jobmill.tables.xlsx_reader import read_sheet

_SHEET_PIECE = "sheet.csv"


@dataclass(frozen=True)
class Source:
    """The text, its layout, and what was found out about the file.

    `encoding` is a CSV file's; `sheet` names a workbook's, whose cells were kept as the text under the key `piece`,
    once a slice had ended.
    """

    text: Path
    layout: Layout
    encoding: str | None = None
    sheet: str | None = None
    piece: str | None = None

    def to_json(self) -> dict[str, Json]:
        """What another attempt needs to find the same text."""
        return {"encoding": self.encoding, "sheet": self.sheet, "piece": self.piece}

    def found(self) -> dict[str, Json]:
        """What an import's result tells of the file's form."""
        if self.sheet is not None:
            return {"sheet": self.sheet}
        dialect = self.layout.dialect
        return {
            "csv": {
                "encoding": self.encoding,
                "delimiter": dialect.delimiter,
                "quoteChar": dialect.quote,
                "decimalChar": self.layout.decimal,
            }
        }


def open_source(context: Context[ImportParams], csv: CsvForm, saved: Any, *, marks_native: bool) -> Source:
    """Fetch the upload and read its layout; `saved` is what an earlier attempt's source gave, if there was one.

    With `marks_native` a workbook's numbers, dates and booleans are told from texts, see `read_sheet`.
    Raises the errors of `kind_of`, `read_sheet`, `to_utf8` and `read_layout`.
    """
    if saved and saved["piece"]:
        text = context.fetch_piece(saved["piece"], _SHEET_PIECE)
        return Source(text, read_layout(text, _of_sheet(csv)), **saved)
    upload = context.input_file(context.params.upload_id)
    if kind_of(upload) == "xlsx":
        text = upload.with_name(_SHEET_PIECE)
        sheet = read_sheet(upload, text, context.params.sheet, marks_native=marks_native, on_start=context.on_stop)
        upload.unlink()
        return Source(text, read_layout(text, _of_sheet(csv)), sheet=sheet.name)
    if saved:
        text, encoding = recoded(upload, saved["encoding"]), saved["encoding"]
    else:
        text, encoding = to_utf8(upload, csv.encoding)
    if text != upload:
        upload.unlink()
    given = Given(csv.delimiter, csv.quote_char, csv.decimal_char)
    return Source(text, read_layout(text, given), encoding=encoding)


def _of_sheet(csv: CsvForm) -> Given:
    """The layout of a sheet's text; in its texts a number may have a decimal comma."""
    return Given(",", QUOTE, csv.decimal_char or ".")


def kept(source: Source, context: Context[ImportParams]) -> Source:
    """The source with a workbook's text kept for attempts after this one: to read it again would take longer."""
    if source.sheet is None or source.piece is not None:
        return source
    return replace(source, piece=context.keep_piece(source.text, _SHEET_PIECE))
