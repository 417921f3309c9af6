"""A sheet becomes the CSV that a person sees in it, whichever program wrote the workbook."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from jobmill.errors import CallerError
from jobmill.tables.file_kind import kind_of
from jobmill.tables.xlsx_reader import ReadingStopped, SheetInfo, read_sheet
from jobmill.tables.xlsx_reading import convert

from .builders import Bench, csv_text
from .workbooks import MAIN, parts, relations_xml, sheet_xml, strings_xml, styles_xml, workbook_xml, write, zipped

type Read = Callable[..., str]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a workbook made of the sheets and keywords of `workbooks.write`, or one that is there.

    In this process: starting one for each would take most of the time.
    """

    def read(*sheets: str | Path, sheet: str | None = None, marks_native: bool = False, **others: Any) -> str:
        source = sheets[0] if isinstance(sheets[0], Path) else write(tmp_path / "book.xlsx", *sheets, **others)
        assert kind_of(source) == "xlsx"
        target = tmp_path / "sheet.csv"
        convert(source, target, sheet, marks_native=marks_native)
        return target.read_bytes().decode()

    return read


def cells(row: int, *contents: str) -> str:
    """A row of cells from column A on: what stands inside `<c r="A1" `…`</c>`; "" for none."""
    made = [f'<c r="{chr(65 + i)}{row}"{content}</c>' for i, content in enumerate(contents) if content]
    return f'<row r="{row}">{"".join(made)}</row>'


def text(content: str) -> str:
    return f' t="inlineStr"><is><t>{content}</t></is>'


def number(content: object, style: int | None = None) -> str:
    return f"{'' if style is None else f' s={chr(34)}{style}{chr(34)}'}><v>{content}</v>"


HEADER = cells(1, text("a"), text("b"))


@pytest.mark.parametrize("marks_native", [False, True])
def test_each_kind_of_cell_that_openpyxl_writes(read: Read, tmp_path: Path, marks_native: bool) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["text", "whole", "part", "yes", "day", "seen", "at", "for"])
    row: Sequence[Any] = (
        "x, \"y\"\nz", 7, 0.25, True, date(2024, 2, 29), datetime(2024, 2, 29, 23, 59), time(1, 2, 3),
        timedelta(hours=25.5),
    )  # fmt: skip
    for _ in range(3):
        sheet.append(row)
    book.save(tmp_path / "by-openpyxl.xlsx")
    m = "\x1f" if marks_native else ""
    expected = (
        f'"x, ""y""\nz",{m}7,{m}0.25,{m}true,{m}2024-02-29,{m}2024-02-29 23:59:00,{m}01:02:03,25:30:00\n'
    )  # fmt: skip
    assert read(tmp_path / "by-openpyxl.xlsx", marks_native=marks_native) == (
        "text,whole,part,yes,day,seen,at,for\n" + 3 * expected
    )


def test_our_own_export_comes_back_as_it_was(read: Read, bench: Bench) -> None:
    content = "id,name,part,yes,day,seen\n" + "".join(
        f'{i},"n{i}, ""<&>"" é😀 _x0041_",{i / 8:g},{"true" if i % 2 else "false"},2024-02-29,'
        f"2024-02-29 23:59:{i % 60:02}\n"
        for i in range(1, 500)
    )
    bench.read(content)
    (workbook,) = bench.workbooks(bench.ask())
    assert read(workbook) == content


def test_a_record_s_number_is_its_row_s(read: Read) -> None:
    rows = '<row r="1"/>' + cells(3, text("a"), text("b")) + cells(4, "", number(1)) + cells(7, number(2)) + cells(8)
    assert read(sheet_xml(rows)) == "\n\na,b\n,1\n\n\n2,\n"


def test_rows_are_as_wide_as_the_header_or_as_their_own_cells(read: Read) -> None:
    rows = cells(1, text("a"), text("b"), ">") + cells(2, number(1)) + cells(3, "", "", "", number(2), ">", text(""))
    rows += "".join(cells(i, number(i), number(i), number(i), ">") for i in range(4, 60))
    assert read(sheet_xml(rows)).split("\n") == ["a,b", "1,", ",,,2", *(f"{i},{i},{i}" for i in range(4, 60)), ""]


@pytest.mark.parametrize(
    ("code", "serial", "says"),
    [
        (14, 45351, "2024-02-29"), (14, 45351.5, "2024-02-29 12:00:00"), (22, 45351, "2024-02-29 00:00:00"),
        (14, 1, "1900-01-01"), (14, 59, "1900-02-28"), (14, 60, "1900-02-29"), (14, 61, "1900-03-01"),
        (14, 0, "0"), (14, -3, "-3"), (14, 2958465, "9999-12-31"), (14, 2958466, "2958466"), (14, "1E300", "1e+300"),
        (22, 0.25, "06:00:00"), (18, 0.75, "18:00:00"), (20, 0, "00:00:00"), (20, 45351, "2024-02-29 00:00:00"),
        (22, "45351.999305555553", "2024-02-29 23:59:00"), (22, 45351.00000148, "2024-02-29 00:00:00.128000"),
        (22, 45351.99999999999, "2024-03-01 00:00:00"), (46, 1.0625, "25:30:00"), (46, -0.5, "-12:00:00"),
        ("[h]:mm", 2, "48:00:00"), ("[mm]:ss", 0.5, "12:00:00"), ("h:mm", 0.5, "12:00:00"), (45, 0.5, "12:00:00"),
        ("mmm yy", 45351, "2024-02-29"), ("mm", 45351, "2024-02-29"),
        ("dd/mm/yyyy hh:mm", 45351.5, "2024-02-29 12:00:00"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 45351, "2024-02-29"), ("[Red]d.m.yy", 45351, "2024-02-29"),
        ("yyyy\\-mm\\-dd;@", 45351, "2024-02-29"), ("ggge", 45351, "2024-02-29"), (31, 45351, "2024-02-29"),
        (33, 0.5, "12:00:00"), (57, 45351, "2024-02-29"), ("h:mm AM/PM", 0.75, "18:00:00"),
        ('0 "days"', 12, "12"), ("0.00E+00", 12, "12"), ("General", 12, "12"), ("#,##0 [$EUR]", 12, "12"),
        ("@", 12, "12"),
        ("0_d", 12, "12"), ("0*y", 12, "12"), ("0\\s", 12, "12"), ('0;"y"', 12, "12"), (2, 12.5, "12.5"),
        (9, 0.5, "0.5"),
        ("[>100]0;0", 12, "12"), ('"day "', 12, "12"), ("_-* #,##0.00\\ _€_-", 12, "12"), (0, "0012.50", "12.5"),
    ],
)  # fmt: skip
def test_a_number_s_format_says_what_it_is(read: Read, code: str | int, serial: object, says: str) -> None:
    rows = HEADER + cells(2, number(serial, 1), number(1))
    assert read(sheet_xml(rows), styles=styles_xml("yyyy", code)) == f"a,b\n{says},1\n"


@pytest.mark.parametrize(
    ("serial", "says"),
    [
        (0, "1904-01-01"),
        (0.5, "1904-01-01 12:00:00"),
        (43889, "2024-02-29"),
        (2957003, "9999-12-31"),
        (2957004, "2957004"),
    ],
)
def test_some_workbooks_count_from_1904(read: Read, serial: float, says: str) -> None:
    sheet = sheet_xml(HEADER + cells(2, number(serial, 0)))
    assert read(sheet, styles=styles_xml(14), properties='<workbookPr date1904="1"/>') == f"a,b\n{says},\n"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("1.0", "1"), ("0.10000000000000001", "0.1"), ("1E-3", "0.001"), ("1e5", "100000"), (" 5 ", "5"), ("-0", "0"),
        ("12345678901234567890", "1.2345678901234567e+19"), ("1234567890123456789", "1234567890123456789"),
        ("1.2345E+17", "123450000000000000"), ("1E+300", "1e+300"), (".5", "0.5"), ("", ""), ("5.", "5"),
        ("0.00001", "1e-05"), ("3.14159265358979", "3.14159265358979"), ("999999999999999", "999999999999999"),
    ],
)  # fmt: skip
def test_numbers_have_their_shortest_form(read: Read, written: str, says: str) -> None:
    assert read(sheet_xml(HEADER + cells(2, number(written), text("x")))) == f"a,b\n{says},x\n"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (' t="b"><v>1</v>', "\x1ftrue"), (' t="b"><v>0</v>', "\x1ffalse"), (' t="e"><v>#N/A</v>', "#N/A"),
        (' t="str"><f>A1&amp;"x"</f><v>ax</v>', "ax"), ("><f>1+1</f><v>2</v>", "\x1f2"), (' t="n"><v>3</v>', "\x1f3"),
        (' t="str"><f>""</f><v></v>', ""), ('><f t="shared" si="0"/><v>4</v>', "\x1f4"),
        (' t="d"><v>2024-02-29</v>', "\x1f2024-02-29"), (' t="d"><v>2024-02-29T23:59Z</v>', "\x1f2024-02-29 23:59:00"),
        (' t="d"><v>2024-02-29T23:59:00.5</v>', "\x1f2024-02-29 23:59:00.500000"),
        (' t="d"><v>23:59:01</v>', "\x1f23:59:01"),
        (' t="d" s="0"><v>2024-02-29T00:00:00</v>', "\x1f2024-02-29"), (' t="d"><v>soon</v>', "soon"),
        (text(" x "), " x "), (text("a_x000D__x000A_b_x0009_"), '"a\nb\t"'), (text("_x005F_x0041_"), "_x0041_"),
        (text("_xD83D__xDE00_ _xD83D_"), "😀 \ufffd"), (text("&#10;&lt;&amp;&gt;&quot;&#x41;"), '"\n<&>""A"'),
        (text("_x0000_a_x001F_b\x7f"), "ab\x7f"), (text("sep=;"), '"sep=;"'), (text("a\r\nb\rc"), '"a\nb\nc"'),
        (text("a_x000D_b"), '"a\rb"'),
        (' t="inlineStr"><is><r><rPr><b/></rPr><t>bo</t></r><r><t>ld</t></r></is>', "bold"),
        (' t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is>', "東京"),
        (' t="inlineStr"><is><t><![CDATA[<c>&amp;]]></t></is>', "<c>&amp;"), (' t="inlineStr"><is/>', ""), (">", ""),
        (' t="s"><v>0</v>', '"shared, one"'), (' t="s"><v>1</v>', "rich text"),
        (' t="s"><v>2</v>', ""), (' t="s"><v>3</v>', "é"), (' t="s"><v>4</v>', "東京"),
        (' t="inlineStr"><is><t xml:space="preserve"> two </t></is><!-- a comment -->', " two "),
    ],
)  # fmt: skip
def test_each_kind_of_cell_there_is(read: Read, cell: str, says: str) -> None:
    strings = strings_xml("shared, one", "<si><r><t>rich</t></r><r><t> text</t></r></si>", "<si/>", "&#233;",
                          "<si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>")  # fmt: skip
    got = read(sheet_xml(HEADER + cells(2, cell, text("x"))), strings=strings, styles=styles_xml(14), marks_native=True)
    assert got == f"a,b\n{says},x\n"


def test_texts_beyond_those_kept_ready_are_the_same(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f'te"xt {i} é' for i in range(300_000)]
    rows = HEADER + "".join(
        cells(i, f' t="s"><v>{n}</v>') for i, n in enumerate([0, 199_999, 200_000, 200_001, 299_999], start=2)
    )
    got = read(sheet_xml(rows), strings=strings_xml(*texts))
    assert [row[0] for row in csv.reader(io.StringIO(got))][1:] == [
        texts[i] for i in (0, 199_999, 200_000, 200_001, 299_999)
    ]


def rewritten(sheet: str) -> dict[str, str]:
    """One sheet, as other programs and other rules write it."""
    prefixed = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    return {
        "as it is": sheet,
        "with a prefix, as ClosedXML does": prefixed,
        "with other namespaces, as Strict Open XML does": sheet.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        "in single quotes": sheet.replace('"', "'"),
        "with blanks between, as pretty printers do": sheet.replace("><", ">\n  <"),
        "with attributes in another order": sheet.replace(' r="A3" t="inlineStr"', ' t="inlineStr" r="A3"'),
        "without addresses": sheet.replace(' r="A3"', "").replace('<row r="3"', "<row"),
        "with a comment": sheet.replace("<row", "<!-- <row></row> --><row", 1),
        "with a comment that looks like rows": sheet.replace(
            "<sheetData>", '<!-- <sheetData><row r="1"><c r="A1"><v>9</v></c></row></sheetData> --><sheetData>'
        ),
        "with an instruction": sheet.replace("<sheetData>", "<?x <sheetData>?><sheetData>"),
        "in UTF-16": sheet.replace("UTF-8", "UTF-16"),
        "with more namespaces, as Excel does": sheet.replace(
            f'xmlns="{MAIN}"', f'xmlns="{MAIN}" xmlns:x14ac="http://x/ac" xml:space="preserve"'
        ).replace('<row r="2"', '<row r="2" spans="1:2" x14ac:dyDescent="0.25"'),
        "with what follows the cells": sheet.replace(
            "</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells><extLst><row r="9"/></extLst>'
        ),
    }  # fmt: skip


ANY_SHEET = sheet_xml(
    HEADER
    + cells(2, number("1.50"), text("x &amp; y"))
    + cells(3, text("é"), ' t="b"><v>1</v>')
    + "".join(cells(i, number(i), text(f"t{i}")) for i in range(4, 40))
)


@pytest.mark.parametrize("way", rewritten(ANY_SHEET))
def test_the_same_sheet_written_differently_is_the_same(read: Read, way: str) -> None:
    sheet: str | bytes = rewritten(ANY_SHEET)[way]
    if way == "in UTF-16":
        sheet = str(sheet).encode("utf-16")
    expected = "a,b\n1.5,x & y\né,true\n" + "".join(f"{i},t{i}\n" for i in range(4, 40))
    assert read(ANY_SHEET, more={"xl/worksheets/sheet1.xml": sheet}) == expected


@pytest.mark.parametrize(
    ("more", "moved"),
    [
        ({"_rels/.rels": relations_xml(("officeDocument", "/xl/workbook.xml"))}, {}),
        ({"xl/_rels/workbook.xml.rels": relations_xml(("worksheet", "/xl/worksheets/sheet1.xml"))}, {}),
        ({"xl/_rels/workbook.xml.rels": relations_xml(("worksheet", "../xl/./Worksheets/SHEET1.xml"))}, {}),
        ({"xl/_rels/workbook.xml.rels": relations_xml(("worksheet", "my%20sheet.xml"))},
         {"xl/worksheets/sheet1.xml": "xl/my sheet.xml"}),
        ({}, {"xl/worksheets/sheet1.xml": "xl\\worksheets\\sheet1.xml"}),
        ({"_rels/.rels": relations_xml(("officeDocument", "book.xml")), "book.xml": workbook_xml("One"),
          "_rels/book.xml.rels": relations_xml(("worksheet", "xl/worksheets/sheet1.xml"))}, {}),
    ],
    ids=["absolute workbook", "absolute sheet", "dots and capitals", "escaped", "backslashes", "at the top"],
)  # fmt: skip
def test_parts_are_found_wherever_they_are(
    read: Read, tmp_path: Path, more: dict[str, str], moved: dict[str, str]
) -> None:
    contents = {moved.get(name, name): content for name, content in parts(sheet_xml(HEADER), more=more).items()}
    (tmp_path / "moved.xlsx").write_bytes(zipped(contents))
    assert read(tmp_path / "moved.xlsx") == "a,b\n"


def a_book_of_sheets(path: Path) -> Path:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["hidden"])
    first.title, first.sheet_state = "Secret", "hidden"
    chart = book.create_chartsheet("Chart")
    for name in ("Orders", "Prices"):
        book.create_sheet(name).append([name])
    book.active = chart
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheet", "says"),
    [(None, "Orders"), ("Prices", "Prices"), (" prices", "Prices"), ("Secret", "hidden")],
)
def test_the_sheet_is_the_first_that_is_seen_or_the_one_named(
    read: Read, tmp_path: Path, sheet: str | None, says: str
) -> None:
    assert read(a_book_of_sheets(tmp_path / "sheets.xlsx"), sheet=sheet) == f"{says}\n"


@pytest.mark.parametrize("sheet", ["Price", "Chart", ""])
def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path, sheet: str) -> None:
    source = a_book_of_sheets(tmp_path / "sheets.xlsx")
    with pytest.raises(CallerError, match='Its sheets: "Secret", "Orders", "Prices"') as raised:
        read_sheet(source, tmp_path / "sheet.csv", sheet, marks_native=False)
    assert (raised.value.code, raised.value.field) == ("unknown-sheet", "params.sheet")


def test_what_was_read_is_told(tmp_path: Path) -> None:
    source = write(
        tmp_path / "book.xlsx", sheet_xml(HEADER + cells(9, number(1))), sheet_xml(""), names=("A&amp;B", "C|hidden")
    )
    info = read_sheet(source, tmp_path / "sheet.csv", None, marks_native=False)
    assert info == SheetInfo(name="A&B", rows=9, columns=2, sheets=("A&B", "C"))


def test_merged_cells_have_their_value_in_the_first(read: Read, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b"], ["x", None], [None, 1]):
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    sheet.add_table(Table(displayName="t", ref="A1:B3"))
    book.save(tmp_path / "merged.xlsx")
    assert read(tmp_path / "merged.xlsx") == "a,b\nx,\n,1\n"


def test_a_formula_without_its_result_is_refused(read: Read, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b"], [1, 2], [3, "=A2+1"]):
        sheet.append(row)
    book.save(tmp_path / "formula.xlsx")
    with pytest.raises(CallerError, match=r"The cell B3 has a formula whose result is not in the file") as raised:
        read(tmp_path / "formula.xlsx")
    assert raised.value.code == "formula-without-value"


def test_reading_ends_when_it_is_told_to(tmp_path: Path) -> None:
    source = write(tmp_path / "book.xlsx", sheet_xml(HEADER))
    stops: list[Callable[[], None]] = []

    def stop_at_once(stop: Callable[[], None]) -> None:
        stops.append(stop)
        stop()

    with pytest.raises(ReadingStopped):
        read_sheet(source, tmp_path / "sheet.csv", None, marks_native=False, on_start=stop_at_once)
    stops[0]()  # once more does no harm


def test_a_csv_reader_reads_every_text_back(read: Read) -> None:
    texts = ["a,b", '"', '""', "a\nb", " x", "x ", "'", ";", "\ufeffx", "=1+1", "|", "\t", "x\x85y\u2028z", "NULL"]
    rows = HEADER + "".join(cells(i, text(t), number(1)) for i, t in enumerate(texts, start=2))
    got = read(sheet_xml(rows))
    assert list(csv.reader(io.StringIO(got, newline="")))[1:] == [[text, "1"] for text in texts]
    assert got == csv_text([["a", "b"], *([text, "1"] for text in texts)]).replace("\ufeffx", '"\ufeffx"')


def test_a_processor_s_secrets_do_not_reach_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that could see them would not even begin: Python itself obeys this variable."""
    monkeypatch.setenv("PYTHONMALLOC", "no-such-thing")
    info = read_sheet(
        write(tmp_path / "book.xlsx", sheet_xml(HEADER)), tmp_path / "sheet.csv", None, marks_native=False
    )
    assert info.rows == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, "old-workbook"),
        (b"PK\x05\x06" + bytes(18), "not-a-workbook"),
        (b"PK\x03\x04", "damaged-workbook"),
        (b"%PDF-1.7", "not-a-csv"),
    ],
)
def test_what_is_no_table_is_told_by_its_content(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(CallerError) as raised:
        kind_of(tmp_path / "table.csv")
    assert raised.value.code == code


def test_rows_without_numbers_are_counted(read: Read) -> None:
    rows = '<row><c t="str"><v>a</v></c></row><row></row><row/><row><c><v>1</v></c></row><row><c><v>2</v></c></row>'
    assert read(sheet_xml(rows)) == "a\n\n\n1\n2\n"


def test_a_few_texts_make_no_file_without_end(read: Read) -> None:
    rows = HEADER + "".join(cells(i, ' t="s"><v>0</v>') for i in range(2, 3000))
    with pytest.raises(CallerError, match="its cells make more than 70,") as raised:
        read(sheet_xml(rows), strings=strings_xml("x" * 30_000))
    assert raised.value.code == "workbook-too-large"
