"""Hostile workbooks: proper zip files whose XML means harm."""

from collections.abc import Callable, Iterator
from pathlib import Path

from tests.hostile.hostile_file import IMPORTED, HostileFile, of_bytes
from tests.hostile.zips import PLAIN, SHEET
from tests.unit.tables.workbooks import (
    DECLARATION,
    RELATIONS,
    WORKBOOK_TYPE,
    relations_xml,
    sheet_xml,
    strings_xml,
    styles_xml,
    workbook_xml,
    write,
    zipped,
)

_HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
_ROW = '<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="inlineStr"><is><t>x</t></is></c></row>'
_HELD = ("1", "x")
_BOOK = ("officeDocument", "xl/workbook.xml")
_ELSEWHERE = (
    f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="http://169.254.169.254/" TargetMode="External"/>'
)
_CONDITION = (
    '<conditionalFormatting sqref="A1:XFD1048576"><cfRule type="expression"><formula>RAND()</formula></cfRule>'
    "</conditionalFormatting>"
)


def _cell(content: str) -> str:
    """A row with this cell in column A."""
    return f'<row r="2"><c r="A2"{content}</c><c r="B2"><v>2</v></c></row>'


def _book(rows: str = _ROW, **keywords: object) -> Callable[[Path], object]:
    """A workbook of the header and these rows; the keywords are those of `workbooks.parts`."""
    return lambda path: write(path, sheet_xml(_HEADER + rows), **keywords)


def _made(sheet: Callable[[], str], **keywords: object) -> Callable[[Path], object]:
    """A workbook with a sheet that is made when it is written: large ones are not kept."""
    return lambda path: write(path, sheet(), **keywords)


def _part(name: str, content: str | bytes, **keywords: object) -> Callable[[Path], object]:
    return _book(more={name: content}, **keywords)


def _laughs(element: str) -> str:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE {element} [<!ENTITY l0 "ha">{entities}]>'


def _laughing_sheet() -> str:
    return sheet_xml(_HEADER + _cell(' t="str"><v>&l9;</v>')).replace(DECLARATION, _laughs("worksheet"))


def _doctype(declaration: str) -> str:
    return sheet_xml(_HEADER + _cell(' t="str"><v>&x;</v>')).replace(
        DECLARATION, f"<!DOCTYPE worksheet [{declaration}]>"
    )


def _blowup() -> str:
    return _doctype(f'<!ENTITY x "{"x" * 100_000}">').replace("&x;", "&x;" * 10_000)


def _rows(make: Callable[[int], str], count: int) -> Callable[[], str]:
    return lambda: sheet_xml(_HEADER + "".join(f'<row r="{i}">{make(i)}</row>' for i in range(2, count + 2)))


def _row_of_attributes(count: int) -> str:
    return f"<row {' '.join(f'a{i}=""' for i in range(count))}/>"


def _deep(levels: int) -> str:
    return sheet_xml(f"{_HEADER}{'<a>' * levels}{'</a>' * levels}{_ROW}")


def _many_names() -> Iterator[str]:
    yield from ("../../etc/passwd", "=cmd|'/C calc'!A0", "\u202egpj", "x" * 10_000, "a&#10;b", "&lt;script&gt;", "")


DOCUMENT_TYPES = [
    HostileFile("laughs.xlsx", "a billion laughs in the sheet", "unsafe-workbook",
                _part(SHEET, _laughing_sheet())),
    HostileFile("laughs-texts.xlsx", "a billion laughs in the shared texts", "unsafe-workbook",
                _book(strings=strings_xml("&l9;").replace(DECLARATION, _laughs("sst")))),
    HostileFile("laughs-book.xlsx", "a billion laughs in the list of sheets", "unsafe-workbook",
                _part("xl/workbook.xml", _laughs("workbook") + workbook_xml("&l9;"))),
    HostileFile("laughs-styles.xlsx", "a billion laughs in the styles", "unsafe-workbook",
                _book(styles=styles_xml(14).replace(DECLARATION, _laughs("styleSheet")))),
    HostileFile("laughs-relations.xlsx", "a billion laughs in the relations", "unsafe-workbook",
                _part("_rels/.rels", relations_xml(_BOOK).replace(DECLARATION, _laughs("Relationships")))),
    HostileFile("blowup.xlsx", "one entity of 100,000 characters, ten thousand times", "unsafe-workbook",
                lambda path: write(path, _blowup())),
    HostileFile("passwd.xlsx", "an entity that is /etc/passwd", "unsafe-workbook",
                _part(SHEET, _doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'))),
    HostileFile("fetch.xlsx", "a document type from elsewhere", "unsafe-workbook",
                _part(SHEET, sheet_xml(_HEADER).replace(DECLARATION, '<!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd">'))),
    HostileFile("parameter.xlsx", "a parameter entity", "unsafe-workbook",
                _part(SHEET, _doctype('<!ENTITY % x "y">%x;'))),
]  # fmt: skip

PLACES = [
    HostileFile("corner.xlsx", "one cell, in XFD1048576", "too-many-columns",
                lambda path: write(path, sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))),
    HostileFile("bottom.xlsx", "one cell, in A1048576", "header-only",
                lambda path: write(path, sheet_xml('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))),
    HostileFile("edge.xlsx", "a value in column XFD of each of 20,000 rows", "too-many-columns",
                _made(_rows(lambda i: f'<c r="A{i}"><v>1</v></c><c r="XFD{i}"><v>{i}</v></c>', 20_000))),
    HostileFile("empty-edge.xlsx", "an empty cell in column XFD of each of 20,000 rows", IMPORTED,
                _made(_rows(lambda i: f'<c r="A{i}"><v>1</v></c><c r="XFD{i}" s="0"/>', 20_000)), ("1", "")),
    HostileFile("wide.xlsx", "16,384 columns", "too-many-columns",
                _made(lambda: sheet_xml("<row>" + "<c><v>1</v></c>" * 16_384 + "</row>"))),
    HostileFile("wider.xlsx", "100,000 columns", "too-many-columns",
                _made(lambda: sheet_xml("<row>" + "<c><v>1</v></c>" * 100_000 + "</row>"))),
    HostileFile("dimension.xlsx", "a sheet that says it goes to XFD1048576", IMPORTED,
                lambda path: write(path, sheet_xml(_HEADER + _ROW, before='<dimension ref="A1:XFD1048576"/>')), _HELD),
    HostileFile("beyond.xlsx", "a row beyond the last one", "damaged-workbook",
                _book('<row r="1048577"><c><v>1</v></c></row>')),
    HostileFile("row-number.xlsx", "a row of which the number is none", "damaged-workbook",
                _book('<row r="-1"><c><v>1</v></c></row>')),
    HostileFile("column.xlsx", "a cell in column ZZZ", "damaged-workbook",
                _book('<row r="2"><c r="ZZZ2"><v>1</v></c></row>')),
    HostileFile("address.xlsx", "a cell that lies in another row", "damaged-workbook",
                _book('<row r="2"><c r="A3"><v>1</v></c></row>')),
    HostileFile("row-order.xlsx", "rows in no order", "damaged-workbook", _book(_ROW.replace("2", "3") + _ROW)),
    HostileFile("same-row.xlsx", "the same row twice", "damaged-workbook", _book(_ROW + _ROW)),
    HostileFile("cell-order.xlsx", "cells in no order", "damaged-workbook",
                _book('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>')),
    HostileFile("same-cell.xlsx", "the same cell twice", "damaged-workbook",
                _book('<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>')),
]  # fmt: skip

CELLS = [
    HostileFile("text-number.xlsx", "a shared text that is not there", "damaged-workbook",
                _book(_cell(' t="s"><v>5</v>'), strings=strings_xml("x"))),
    HostileFile("text-negative.xlsx", "the shared text number -1", "damaged-workbook",
                _book(_cell(' t="s"><v>-1</v>'), strings=strings_xml("x"))),
    HostileFile("text-huge.xlsx", "the shared text number 10^30", "damaged-workbook",
                _book(_cell(f' t="s"><v>1{"0" * 30}</v>'), strings=strings_xml("x"))),
    HostileFile("texts-missing.xlsx", "shared texts in a workbook that has none", "damaged-workbook",
                _book(_cell(' t="s"><v>0</v>'))),
    HostileFile("style-huge.xlsx", "a style that is not there", "damaged-workbook",
                _book(_cell(' s="99999999"><v>1</v>'), styles=styles_xml(0))),
    HostileFile("style-negative.xlsx", "the style number -1", "damaged-workbook",
                _book(_cell(' s="-1"><v>1</v>'), styles=styles_xml(0))),
    HostileFile("type.xlsx", "a cell of an unknown type", "damaged-workbook", _book(_cell(' t="script"><v>1</v>'))),
    HostileFile("infinite.xlsx", "the number 1E999", "damaged-workbook", _book(_cell("><v>1E999</v>"))),
    HostileFile("no-number.xlsx", "a number that is a text", "damaged-workbook",
                _book(_cell("><v>1; DROP TABLE x</v>"))),
    HostileFile("long-number.xlsx", "a number of a million digits", "damaged-workbook",
                _book(_cell(f"><v>{'9' * 1_000_000}</v>"))),
    HostileFile("serial.xlsx", "a date in the year 10^290: a number", IMPORTED,
                _book(_cell(' s="0"><v>1E290</v>'), styles=styles_xml(14)), ("1e+290", "2")),
    HostileFile("character.xlsx", "a character that XML does not have", "damaged-workbook",
                _book(_cell(' t="str"><v>&#0;</v>'))),
    HostileFile("escaped.xlsx", "zero and control characters in Excel's escapes: left out", IMPORTED,
                _book(_cell(' t="str"><v>_x0000__x001B_[2J_x000A_</v>')), ("[2J\n", "2")),
    HostileFile("long-text.xlsx", "a text of two million characters", "workbook-too-large",
                _book(_cell(f' t="str"><v>{"x" * 2_000_000}</v>'))),
    HostileFile("copies.xlsx", "one text of 30,000 characters in 100,000 cells", "workbook-too-large",
                _made(_rows(lambda i: f'<c r="A{i}" t="s"><v>0</v></c>', 100_000), strings=strings_xml("x" * 30_000))),
    HostileFile("long-row.xlsx", "one text of 30,000 characters in 900 cells of a row", "workbook-too-large",
                _book('<row r="2">' + '<c t="s"><v>0</v></c>' * 900 + "</row>", strings=strings_xml("x" * 30_000))),
    HostileFile("references.xlsx", "a million references to one shared text", IMPORTED,
                _made(_rows(lambda i: f'<c r="A{i}" t="s"><v>0</v></c><c r="B{i}" t="s"><v>0</v></c>',
                500_000), strings=strings_xml("x")), ("x", "x")),
    HostileFile("no-result.xlsx", "a formula without its result", "formula-without-value", _book(_cell("><f>1+1</f>"))),
]  # fmt: skip

FLOODS = [
    HostileFile("deep.xlsx", "elements in elements, two million deep", "workbook-too-complex",
                _made(lambda: _deep(2_200_000))),
    HostileFile("attribute.xlsx", "an attribute of 15 megabytes", "unsafe-workbook",
                _made(lambda: sheet_xml(_HEADER + f'<row x="{"y" * 15_000_000}"/>' + _ROW).replace('"', "'"))),
    HostileFile("attributes.xlsx", "an element with 100,000 attributes", IMPORTED,
                _made(lambda: sheet_xml(_HEADER + _row_of_attributes(100_000) + _ROW)), _HELD),
    HostileFile("comment.xlsx", "a comment of 15 megabytes", "unsafe-workbook",
                _made(lambda: sheet_xml(f"<!--{'x' * 15_000_000}-->{_HEADER}{_ROW}"))),
    HostileFile("sheets.xlsx", "10,000 sheets", IMPORTED,
                lambda path: write(path, *[sheet_xml(_HEADER + _ROW)] * 10_000), _HELD),
    HostileFile("merged.xlsx", "200,000 merged ranges, one on top of the other", IMPORTED,
                _made(lambda: sheet_xml(_HEADER + _ROW,
                after=f"<mergeCells>{'<mergeCell ref="A1:XFD1048576"/>' * 200_000}</mergeCells>")), _HELD),
    HostileFile("conditions.xlsx", "100,000 conditional formats", IMPORTED,
                _made(lambda: sheet_xml(_HEADER + _ROW,
                after=_CONDITION * 100_000)), _HELD),
    HostileFile("comments.xlsx", "100,000 comments on one cell", IMPORTED,
                _part("xl/comments1.xml", f"<comments>{'<comment ref="A1"/>' * 100_000}</comments>"), _HELD),
    HostileFile("styles.xlsx", "200,000 styles", IMPORTED,
                _book(_cell(' s="199999"><v>45351</v>'), styles=styles_xml(*[14] * 200_000)),
                ("2024-02-29", "2")),
    HostileFile("code.xlsx", "number formats made to keep a pattern busy", IMPORTED,
                _book(_cell(' s="0"><v>1</v>'),
                styles=styles_xml('"' * 100_001, "[" * 100_000, "\\" * 100_001, "[h" * 20_000)), ("1", "2")),
    HostileFile("pieces.xlsx", "a text of 300,000 pieces", IMPORTED,
                _book(_cell(' t="s"><v>0</v>'), strings=strings_xml(f"<si>{'<r><t>x</t></r>' * 300_000}</si>")),
                ("x" * 300_000, "2")),
    HostileFile("odd-rows.xlsx", "60,000 rows of which most are written in another way", IMPORTED,
                _made(_rows(lambda i: f'<c r="A{i}"{f' cm="{i}"' if i % 3 else ""}><v>1</v></c>', 60_000)), ("1", "")),
]  # fmt: skip

PARTS = [
    HostileFile("no-sheet.xlsx", "a sheet that is not in the file", "damaged-workbook",
                of_bytes(zipped({name: content for name, content in PLAIN.items() if name != SHEET}))),
    HostileFile("no-sheets.xlsx", "a workbook without sheets", "unknown-sheet",
                _part("xl/workbook.xml", workbook_xml())),
    HostileFile("hidden.xlsx", "hidden sheets alone", "unknown-sheet", _book(names=("Secret|veryHidden",))),
    HostileFile("chart.xlsx", "a chart alone", "unknown-sheet",
                _part("xl/_rels/workbook.xml.rels", relations_xml(("chartsheet", "chartsheets/sheet1.xml")))),
    HostileFile("empty.xlsx", "an empty sheet", "empty-sheet", lambda path: write(path, sheet_xml(""))),
    HostileFile("loop.xlsx", "a sheet that is the workbook itself", "empty-sheet",
                _part("xl/_rels/workbook.xml.rels", relations_xml(("worksheet", "workbook.xml")))),
    HostileFile("no-book.xlsx", "nothing that says where the sheets are", "damaged-workbook",
                _part("_rels/.rels", relations_xml())),
    HostileFile("elsewhere.xlsx", "a sheet that lies on another server", "unknown-sheet",
                _part("xl/_rels/workbook.xml.rels", relations_xml(_ELSEWHERE))),
    HostileFile("up.xlsx", "a sheet at ../../../../etc/passwd", "damaged-workbook",
                _part("xl/_rels/workbook.xml.rels", relations_xml(("worksheet", "../../../../etc/passwd")))),
    HostileFile("names.xlsx", "sheets with hostile names", IMPORTED,
                lambda path: write(path, *[sheet_xml(_HEADER + _ROW)] * 7, names=tuple(_many_names())), _HELD),
    *(HostileFile(f"{encoding}.xlsx", f"XML that says it is in {encoding}", "damaged-workbook",
                  _part(SHEET, sheet_xml(_HEADER + _ROW).replace("UTF-8", encoding)))
      for encoding in ("UTF-7", "UTF-32", "UTF-16", "idna", "no-such")),
    HostileFile("not-utf-8.xlsx", "a sheet with bytes that are no UTF-8", "damaged-workbook",
                _part(SHEET, sheet_xml(_HEADER + _cell(' t="str"><v>@</v>')).encode().replace(b"@", b"\xc0\xaf"))),
    HostileFile("cut-sheet.xlsx", "a sheet that ends within a row", "damaged-workbook",
                _part(SHEET, sheet_xml(_HEADER + _ROW)[:-60])),
    HostileFile("no-xml.xlsx", "a sheet that is no XML", "damaged-workbook", _part(SHEET, "a,b\n1,2\n")),
]  # fmt: skip

MEANT = [
    HostileFile("macros.xlsm", "a workbook with macros, which are not looked at", IMPORTED,
                _part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0Auto_Open"), _HELD),
    HostileFile("dde.xlsx", "a DDE command as a formula: its last result is read", IMPORTED,
                _book(_cell(' t="str"><f>cmd|\'/C calc\'!A0</f><v>#REF!</v>')), ("#REF!", "2")),
    HostileFile("command.xlsx", "a command as a text: it stays one", IMPORTED,
                _book(_cell(' t="str"><v>=cmd|\'/C calc\'!A0</v>')), ("=cmd|'/C calc'!A0", "2")),
    HostileFile("web.xlsx", "a formula that calls a server", IMPORTED,
                _book(_cell('><f>WEBSERVICE("http://169.254.169.254/")</f><v>7</v>')), ("7", "2")),
    HostileFile("links.xlsx", "links to other workbooks, which are not followed", IMPORTED,
                _part("xl/externalLinks/externalLink1.xml", "<externalLink/>", properties=""), _HELD),
    HostileFile("types.xlsm", "the content type of a workbook with macros", IMPORTED,
                _book(more={"[Content_Types].xml": '<Types><Override PartName="/xl/workbook.xml" '
                            "ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/></Types>"}), _HELD),
    HostileFile("liar.xlsx", "parts whose content types are exchanged", IMPORTED,
                _part("[Content_Types].xml", f'<Types><Override PartName="/x" ContentType="{WORKBOOK_TYPE}"/></Types>'),
                _HELD),
]  # fmt: skip

FILES = [*DOCUMENT_TYPES, *PLACES, *CELLS, *FLOODS, *PARTS, *MEANT]
