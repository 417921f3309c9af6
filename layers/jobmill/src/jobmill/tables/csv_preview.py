"""The beginning of a CSV file as a preview: of its first bytes, whatever comes after them."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import Dialect, records
from jobmill.tables.preview import Enough, Gathered, Preview

HEAD_BYTES: Final = 1 << 20
"""What is read of a file: a hundred rows of ten thousand bytes each."""
_DELIMITERS: Final = ",;\t|"
_QUOTED: Final = re.compile('"[^"]*"?')
_MARKS: Final = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_OTHER_ENCODING: Final = "windows-1252"
"""Of a file that is not UTF-8: Excel's "CSV" in most of Europe and in America. Our own files are UTF-8."""


def preview_csv(head: bytes, *, is_whole: bool) -> Preview:
    """The first rows of a file that begins with `head`; `is_whole` if that is all of it. Cells are texts, or None.

    A row that the end of `head` cuts is left out. Raises CallerError of a broken file, as `csv_records`, and
    `empty-file`.
    """
    text = _decoded(head, is_whole)
    lines = io.StringIO(text, newline="")
    gathered = Gathered()
    try:
        for cells in _whole_rows(lines, Dialect(_delimiter(text)), is_whole):
            gathered.add(cells)
    except Enough:
        return gathered.preview(None, more=True)
    if not gathered.has_columns:
        raise CallerError("empty-file", "The file has no row, or its first row is too long.")
    return gathered.preview(None, more=not is_whole)


def _whole_rows(lines: io.StringIO, dialect: Dialect, is_whole: bool) -> Iterator[list[str]]:
    """The cells of each record; of a cut file without the last one, which may be cut."""
    waiting: list[str] | None = None
    try:
        for record in records(lines, dialect):
            if waiting is not None:
                yield waiting
            waiting = [record.text] if record.cells is None else record.cells
    except CallerError:
        if is_whole:
            raise
        return
    if is_whole and waiting is not None:
        yield waiting


def _delimiter(text: str) -> str:
    """What stands most often between the cells of the first line that is not empty; a comma, if nothing does."""
    first = _QUOTED.sub("", text.lstrip("\r\n")[:HEAD_BYTES].partition("\n")[0])
    return max(_DELIMITERS, key=first.count)


def _decoded(head: bytes, is_whole: bool) -> str:
    """The text, without a character that the end cuts."""
    encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head, final=is_whole)
    except UnicodeDecodeError:
        return head.decode(_OTHER_ENCODING, errors="replace")
