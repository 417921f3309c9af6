"""The uploaded file, whatever it is, as pages and keywords: each sheet is known by its header."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from jobmill.analysis.columns import SheetPlan, no_known_columns, recognise
from jobmill.analysis.keywords import Keywords
from jobmill.analysis.limits import MAX_ROWS, too_many_rows
from jobmill.analysis.pages import Pages
from jobmill.analysis.results import Tick
from jobmill.errors import CallerError
from jobmill.tables.csv_encoding import to_utf8
from jobmill.tables.csv_layout import DELIMITERS, QUOTE, Given, Head, read_head
from jobmill.tables.csv_records import Dialect, Record, records
from jobmill.tables.file_kind import kind_of
from jobmill.tables.xlsx_reader import list_sheets, read_sheet

type OnStop = Callable[[Callable[[], None]], None]

MAX_SHEETS: Final = 50
"""Sheets of a workbook that are looked at, the first ones."""
HEADER_ROWS: Final = 10
"""The header is one of so many first rows: exports may begin with a title and a date."""
_MOST_NAMED: Final = 10
_OF_ONE_SHEET: Final = ("empty-sheet", "too-many-columns", "unknown-sheet")
"""What may be wrong with a sheet that is no table, and does no harm to the others."""
_SHEET_LAYOUT: Final = Given(",", QUOTE, ".")
_TOLD_ROWS: Final = 256
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Found:
    """What the file holds; `source` is a sentence on where it was found."""

    pages: Pages
    keywords: Keywords
    source: str


@dataclass
class _Reader:
    """Takes sheet after sheet."""

    tick: Tick
    pages: Pages = field(default_factory=Pages)
    keywords: Keywords = field(default_factory=Keywords)
    rows: int = 0
    read: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    headers: list[list[str]] = field(default_factory=list)
    refusal: CallerError | None = None

    def take(self, text: Path, sheet: str, given: Given) -> None:
        """Add the rows of a sheet's text in UTF-8, if it is known; else remember its header."""
        head = read_head(text, given)
        known = _find_header(head, given)
        if known is None:
            self.headers.append(_first_cells(head))
            self.unread.append(f"{_quoted(sheet)} (no known columns)")
            return
        dialect, plan, header_row = known
        found: set[str | None] = set()
        broken, total = 0, _lines_of(text)
        for record in _records(text, head, dialect):
            if record.row <= header_row:
                continue
            if record.row % _TOLD_ROWS == 0:
                self.tick("Reading", record.row, total)
            if record.cells is None:
                broken += 1
            elif any(record.cells):
                found.add(self._add(plan, record.cells, record.row, sheet))
        left_out = f" ({_counted(broken, 'rows')} with broken quotation marks left out)" if broken else ""
        self.read.append(f"{_named(sheet)}{_counted(len(found - {None}), plan.kind)}{left_out}")

    def skip(self, sheet: str, error: CallerError) -> None:
        """Remember why a sheet was not read."""
        self.unread.append(f"{_quoted(sheet)} ({error.code.replace('-', ' ')})")
        self.refusal = self.refusal or error

    def _add(self, plan: SheetPlan, cells: list[str], row: int, sheet: str) -> str | None:
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise too_many_rows()
        return (self.pages if plan.kind == "pages" else self.keywords).add(plan.values(cells), row, sheet)


def read_file(upload: Path, name: str, tick: Tick, on_stop: OnStop) -> Found:
    """Read the upload, called `name` by its sender, and remove it; of a workbook all visible sheets that are known.

    Raises CallerError `no-known-columns`, `header-only`, those of `limits`, and as `kind_of`, `list_sheets`,
    `read_sheet`, `to_utf8` and `csv_records` do.
    """
    reader = _Reader(tick)
    if kind_of(upload) == "xlsx":
        _read_workbook(reader, upload, on_stop)
    else:
        text, _ = to_utf8(upload)
        reader.take(text, "", Given())
        text.unlink()
    upload.unlink(missing_ok=True)
    if not reader.read:
        raise reader.refusal if reader.refusal and not reader.headers else no_known_columns(reader.headers)
    if not len(reader.pages) and not len(reader.keywords):
        raise CallerError("header-only", "The file has a header, but no pages or keywords beneath it.")
    return Found(reader.pages, reader.keywords, _source(reader, name))


def _read_workbook(reader: _Reader, upload: Path, on_stop: OnStop) -> None:
    names = list(dict.fromkeys(list_sheets(upload, on_start=on_stop)))
    text = upload.with_name("sheet.csv")
    for name in names[:MAX_SHEETS]:
        reader.tick("Reading", 0, 1)
        try:
            read_sheet(upload, text, name, marks_native=False, on_start=on_stop)
        except CallerError as error:
            if error.code not in _OF_ONE_SHEET:
                raise
            reader.skip(name, error)
        else:
            reader.take(text, name, _SHEET_LAYOUT)
        text.unlink(missing_ok=True)
    reader.unread.extend(f"{_quoted(name)} (too many sheets)" for name in names[MAX_SHEETS:])


def _find_header(head: Head, given: Given) -> tuple[Dialect, SheetPlan, int] | None:
    """The grammar with which one of the first rows is a known header, what it is the header of, and its row."""
    own = head.dialect
    others = () if given.delimiter else (Dialect(each, own.quote) for each in DELIMITERS if each != own.delimiter)
    for dialect in (own, *others):
        with suppress(CallerError):
            for record in islice(records(head.lines, dialect, head.first_line, head.first_row), HEADER_ROWS):
                plan = recognise(record.cells or ())
                if plan is not None:
                    return dialect, plan, record.row
    return None


def _first_cells(head: Head) -> list[str]:
    """The first row, to be named in a sentence. Raises CallerError `unclosed-quote`."""
    first = next(records(head.lines, head.dialect, head.first_line), None)
    return first.cells or [] if first else []


def _records(text: Path, head: Head, dialect: Dialect) -> Iterator[Record]:
    with text.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(head.first_line - 1):
            next(file)
        yield from records(file, dialect, head.first_line, head.first_row)


def _lines_of(text: Path) -> int:
    with text.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b""))


def _source(reader: _Reader, name: str) -> str:
    """One sentence on what was read."""
    unread = f"; not read: {_listed(reader.unread)}" if reader.unread else ""
    return f"{_shown(name)}: {_listed(reader.read)}{unread}."


def _counted(number: int, things: str) -> str:
    return f"{number:,} {things.removesuffix('s') if number == 1 else things}"


def _named(sheet: str) -> str:
    return f"sheet {_quoted(sheet)} with " if sheet else ""


def _quoted(sheet: str) -> str:
    return f'"{_shown(sheet)}"'


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in name[:100])
