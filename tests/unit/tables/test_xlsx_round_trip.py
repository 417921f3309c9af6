"""Whatever table openpyxl writes comes back; and the quick way of reading is the parser's, row by row."""

import csv
import io
import tempfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobmill.errors import CallerError
from jobmill.tables.xlsx_reading import convert

from .workbooks import sheet_xml, strings_xml, styles_xml, write

texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn"]), max_size=12) | st.sampled_from(
    ["a,b", '"', 'x"y', "a\nb", " x ", "007", "=1+1", "<&>", "sep=,", "\ufeff"]
)
# openpyxl does not escape what Excel would read as an escape.
texts = texts.filter(lambda text: "_x" not in text)
moments = st.datetimes(datetime(1900, 3, 1), datetime(9999, 12, 31, 23, 59, 59)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
values = st.one_of(
    st.none(),
    texts,
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.15g}")),
    st.dates(date(1900, 3, 1)),
    moments,
    st.times().map(lambda clock: clock.replace(microsecond=0)),
)
tables = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(values, min_size=width, max_size=width), min_size=1, max_size=30)
)


def as_csv(value: Any) -> str:
    """A value as the reader writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return str(value)
        case float():
            return str(int(Decimal(repr(value)))) if value.is_integer() and abs(value) < 1e18 else repr(value)
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables)
def test_a_table_that_openpyxl_writes_comes_back(table: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([f"c{i}" for i in range(len(table[0]))])
    for row in table:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    rows = [[as_csv(value) for value in row] for row in table]
    while rows and not any(rows[-1]):
        rows.pop()
    assert rows_beneath_the_header(book) == [row if any(row) else [] for row in rows]


def rows_beneath_the_header(book: openpyxl.Workbook) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "book.xlsx"), Path(folder, "sheet.csv")
        book.save(source)
        convert(source, target, None, marks_native=False)
        return list(csv.reader(io.StringIO(target.read_bytes().decode(), newline="")))[1:]


GOOD = [
    "><v>1</v></c>", "><v>12.0</v></c>", "><v>0.5</v></c>", "><v>007</v></c>", "><v>-0.0</v></c>", "><v>1e5</v></c>",
    "><v>0.00001</v></c>", "><v> 5 </v></c>", "/>", "></c>", "><v></v></c>", ' s="0"><v>45351.5</v></c>', ' s="0"/>',
    ' s="0"><v></v></c>', ' s="1"><v>0.25</v></c>', ' s="2"><v>3</v></c>', ' t="s"><v>0</v></c>', ' t="s"><v>1</v></c>',
    ' t="s"><v>2</v></c>', ' t="b"><v>1</v></c>', ' t="e"><v>#REF!</v></c>', ' t="d"><v>2024-02-29</v></c>',
    ' t="str"><f>A1</f><v>x, y</v></c>', ' t="str"><f>A1</f><v></v></c>', "><f>A1</f><v>4</v></c>",
    '><f ref="A1"/><v>4</v></c>', ' t="inlineStr"><is><t>a "b", &amp; c</t></is></c>',
    ' t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>', ' t="inlineStr"><is><t>&#x1F600;</t></is></c>',
    ' t="inlineStr"><is><t>_x000A_ é,</t></is></c>', ' t="inlineStr"><is><t>x</t></is></c>',
]  # fmt: skip
ODD = [
    "><v>1,2</v></c>", "><v>1.5.0</v></c>", "><v>\u0663</v></c>", "><v>nan</v></c>", "><v>1_0</v></c>", "><v/></c>",
    "><v>&#49;</v></c>", ' s="0"><v>1_0</v></c>', ' s="0"><v>x</v></c>', ' s="9"><v>3</v></c>', ' t="s"><v>3</v></c>',
    ' t="s"><v>-1</v></c>', ' t="s"><v>99999999999</v></c>', ' t="s"><v>\u0663</v></c>', ' t="b"><v>2</v></c>',
    ' t="x"><v>2</v></c>', "><f>A1</f></c>", "><f>A1</f><v></v></c>", ' t="inlineStr"><is><t>&nbsp;</t></is></c>',
    ' t="inlineStr"><is><t>&#0;</t></is></c>', ' t="inlineStr"><is><t>&amp</t></is></c>', ' cm="1"><v>5</v></c>',
    ' t="inlineStr"><is><r><t>r</t></r></is></c>', "><v>1<!-- --></v></c>", "><v><![CDATA[7]]></v></c>",
    "><v>8</v><v>9</v></c>", "><v>8</c>",
]  # fmt: skip


@st.composite
def made_rows(draw: st.DrawFn) -> str:
    """Rows that look alike, as those of a table do, and perhaps an odd cell, a gap, or a row of the same number."""
    looks = draw(st.lists(st.lists(st.sampled_from(GOOD), min_size=1, max_size=3), min_size=1, max_size=5))
    chance = draw(st.randoms(use_true_random=False))
    count = draw(st.integers(5, 40))
    odd = draw(st.none() | st.tuples(st.integers(2, 40), st.integers(0, 4), st.sampled_from(ODD)))
    steps = draw(st.sampled_from([[1], [1] * 9 + [3], [1] * 60 + [0]]))
    number, made = 1, ['<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>']
    for i in range(2, count):
        number += chance.choice(steps)
        cells = {column: chance.choice(look) for column, look in enumerate(looks) if chance.random() < 0.95}
        cells |= {odd[1]: odd[2]} if odd and odd[0] == i else {}
        content = "".join(f'<c r="{chr(65 + column)}{number}"{cells[column]}' for column in sorted(cells))
        made.append(f'<row r="{number}">{content}</row>' if content else f'<row r="{number}"/>')
    return "".join(made)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made_rows(), st.integers(20, 2000), st.integers(0, 20), st.integers(0, 100))
def test_the_quick_way_reads_what_the_parser_reads(made: str, chunk_bytes: int, lessons: int, compiled: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobmill.tables.workbook.zip_parts.CHUNK_BYTES", chunk_bytes)
        patch.setattr("jobmill.tables.workbook.plain_rows.MAX_LESSONS", lessons)
        patch.setattr("jobmill.tables.workbook.plain_rows.MAX_COMPILED_LOOKS", compiled)
        quick = outcome(sheet_xml(made))
    parsed = outcome(sheet_xml(made, before="<!-- not plain -->"))
    assert quick == parsed


def test_a_new_look_among_rows_that_were_matched_already_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.tables.workbook.zip_parts.CHUNK_BYTES", 2000)
    monkeypatch.setattr("jobmill.tables.workbook.plain_rows.MAX_LESSONS", 0)
    header = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
    cells = {i: f'<c r="A{i}"><v>1</v></c>' + (f'<c r="B{i}"><v>2</v></c>' if i == 150 else "") for i in range(2, 300)}
    made = header + "".join(f'<row r="{i}">{content}</row>' for i, content in cells.items())
    assert outcome(sheet_xml(made)) == outcome(sheet_xml(made, before="<!-- not plain -->"))


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_cell_among_many_of_its_kind_is_read_as_the_parser_reads_it(odd: str) -> None:
    good = next((body for body in GOOD if body.partition(">")[0] == odd.partition(">")[0]), "><v>1</v></c>")
    made = "".join(f'<row r="{i}"><c r="A{i}"{odd if i == 30 else good}</row>' for i in range(2, 60))
    header = '<row r="1"><c r="A1" t="str"><v>a</v></c></row>'
    assert outcome(sheet_xml(header + made)) == outcome(sheet_xml(header + made, before="<!-- not plain -->"))


def outcome(sheet: str) -> str:
    """The CSV, or the error's code and sentence."""
    with tempfile.TemporaryDirectory() as folder:
        source = write(
            Path(folder, "book.xlsx"),
            sheet,
            strings=strings_xml("one", "t, wo", "<si><r><t>three</t></r></si>"),
            styles=styles_xml(14, 20, "0.0"),
        )
        try:
            convert(source, Path(folder, "sheet.csv"), None, marks_native=True)
        except CallerError as error:
            return f"{error.code} {error.message} {error.details}"
        return Path(folder, "sheet.csv").read_bytes().decode()
