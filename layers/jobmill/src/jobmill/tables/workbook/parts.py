"""What a workbook consists of: its sheets, and where its texts and styles are."""

import posixpath
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from jobmill.errors import CallerError
from jobmill.tables.workbook.errors import damaged
from jobmill.tables.workbook.number_formats import Kind, kinds_of_styles
from jobmill.tables.workbook.xml_events import elements
from jobmill.tables.workbook.zip_parts import ZipParts

_MAX_PART_BYTES: Final = 16 << 20
_MAX_STYLES_BYTES: Final = 64 << 20
_MAX_NAMED: Final = 10
_STYLE_TABLES: Final = frozenset(
    ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles")
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of cells (`part` is its name in the zip), or one of another kind: a chart (`part` is None)."""

    name: str
    part: str | None
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook's parts; `strings` and `styles` are parts' names, None if there are none."""

    sheets: tuple[Sheet, ...]
    strings: str | None
    styles: str | None
    is_1904: bool


@dataclass(frozen=True, slots=True)
class _Relation:
    kind: str
    target: str


def read_workbook(parts: ZipParts) -> Workbook:
    """Raises CallerError `damaged-workbook` and those of `zip_parts` and `xml_events`."""
    main = next((found.target for found in _relations(parts, "").values() if found.kind == "officeDocument"), None)
    if main is None:
        raise damaged("nothing says where its sheets are")
    relations = _relations(parts, main)
    sheets: list[Sheet] = []
    is_1904 = False
    for name, attributes in elements(main, [parts.read(main, _MAX_PART_BYTES)]):
        if name == "workbookPr":
            is_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            found = relations.get(attributes.get("id", ""))
            part = found.target if found and found.kind == "worksheet" else None
            sheets.append(Sheet(attributes.get("name", ""), part, attributes.get("state", "visible") == "visible"))
    by_kind = {found.kind: found.target for found in relations.values()}
    return Workbook(tuple(sheets), by_kind.get("sharedStrings"), by_kind.get("styles"), is_1904)


def choose_sheet(workbook: Workbook, wanted: str | None) -> Sheet:
    """The sheet of that name, else in other letters; without a name the first visible one that has cells.

    Raises CallerError `unknown-sheet`, which names the sheets.
    """
    tables = [sheet for sheet in workbook.sheets if sheet.part is not None]
    if wanted is None:
        chosen = next((sheet for sheet in tables if sheet.is_visible), None)
        problem = "The workbook has no visible sheet with cells."
    else:
        folded = wanted.strip().casefold()
        alike = (sheet for sheet in tables if sheet.name.strip().casefold() == folded)
        chosen = next((sheet for sheet in tables if sheet.name == wanted), None) or next(alike, None)
        problem = f'The workbook has no sheet with cells named "{_shown(wanted)}".'
    if chosen is None:
        names = ", ".join(f'"{_shown(sheet.name)}"' for sheet in tables[:_MAX_NAMED]) or "none"
        more = f" and {len(tables) - _MAX_NAMED:,} more" if len(tables) > _MAX_NAMED else ""
        raise CallerError("unknown-sheet", f"{problem} Its sheets: {names}{more}.", field="params.sheet")
    return chosen


def read_styles(parts: ZipParts, workbook: Workbook) -> list[Kind] | None:
    """What each cell style makes of a number; None if the workbook has no styles."""
    if workbook.styles is None or not parts.has(workbook.styles):
        return None
    if parts.unpacked_bytes(workbook.styles) > _MAX_STYLES_BYTES:
        raise damaged("its table of styles has no end")
    codes: dict[int, str] = {}
    formats: list[int] = []
    table = ""
    for name, attributes in elements(workbook.styles, parts.chunks(workbook.styles)):
        if name in _STYLE_TABLES:
            table = name
        elif name == "numFmt" and table == "numFmts":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")[:1000]
        elif name == "xf" and table == "cellXfs":
            formats.append(_number(attributes.get("numFmtId", "0")))
    return kinds_of_styles(codes, formats)


def _number(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise damaged("a number format has no number")
    return int(text)


def _relations(parts: ZipParts, part: str) -> dict[str, _Relation]:
    """What `part` refers to (the workbook as a whole: ""), by id. What lies outside the file is not looked at."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    if not parts.has(source):
        return {}
    return {
        attributes.get("Id", ""): _Relation(
            attributes.get("Type", "").rpartition("/")[2], _resolved(parts, folder, attributes.get("Target", ""))
        )
        for element, attributes in elements(source, [parts.read(source, _MAX_PART_BYTES)])
        if element == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _resolved(parts: ZipParts, folder: str, target: str) -> str:
    """The part that `target` means, seen from `folder`: only names inside the zip, whatever it says."""
    target = target.replace("\\", "/")
    name = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    return name if parts.has(name) else unquote(name)


def _shown(name: str) -> str:
    """A sheet's name as a sentence can show it."""
    return "".join(character if character.isprintable() else " " for character in name[:40])
