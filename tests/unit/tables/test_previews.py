"""The beginnings of tables as previews: of our own writers' files, of others', of hostile ones; and what that reads."""

import contextlib
import io
import random
import time
import tracemalloc
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from jobmill.errors import CallerError, Unprocessable
from jobmill.jobs.job import StoredReport
from jobmill.media_types import media_type_of
from jobmill.reports.error_files import write_errors_csv, write_errors_workbook
from jobmill.reports.previews import preview_of
from jobmill.reports.ranged import BLOCK_BYTES, MAX_FETCHED_BYTES, FetchedTooMuch, RangedFile
from jobmill.tables.bad_rows import BadRow, CellError
from jobmill.tables.csv_preview import HEAD_BYTES, preview_csv
from jobmill.tables.csv_writer import write_csv
from jobmill.tables.preview import MAX_BYTES, MAX_CELL_CHARACTERS, MAX_ROWS, Preview
from jobmill.tables.workbook.preview import SHEET_BYTES, STRINGS_BYTES, preview_workbook
from tests.hostile.files import FILES
from tests.unit.reports import test_analysis_workbook, test_charging_workbook
from tests.unit.tables.builders import Bench
from tests.unit.tables.workbooks import sheet_xml, strings_xml, write

MOST_SECONDS = 10
"""Of the 29 that a request has."""
XLSX_OF_HOSTILE = [file for file in FILES if file.name.endswith((".xlsx", ".csv"))]


class Stored:
    """A report's file, and how much of it was read."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, path.stat().st_size
        self.report = StoredReport(path.name, "key", media_type_of(path.name), self.size, "0" * 64)
        self.reads = self.bytes = 0

    def fetch(self, first: int, last: int) -> bytes:
        assert 0 <= first <= last < self.size
        self.reads, self.bytes = self.reads + 1, self.bytes + last - first + 1
        with self.path.open("rb") as file:
            file.seek(first)
            return file.read(last - first + 1)

    def preview(self) -> Preview:
        return preview_of(self.report, self.fetch)


def preview(path: Path) -> Preview:
    return Stored(path).preview()


def book(path: Path, rows: str, **others: object) -> Preview:
    return preview(write(path / "book.xlsx", sheet_xml(rows), **others))


TABLE = (
    "text,whole,part,yes,day,seen\n"
    "007,12,0.5,true,2024-02-29,2024-02-29 23:59:59\n"
    ",,,,,\n"
    "=1+1,-1,1e-07,false,1900-03-01,2024-02-29 00:00:00\n"
)


def test_an_export_to_a_workbook_shows_values_of_their_kinds(bench: Bench) -> None:
    bench.read(TABLE)
    [path] = bench.workbooks(bench.ask())
    assert preview(path) == Preview(
        "Data",
        ("text", "whole", "part", "yes", "day", "seen"),
        (
            ("007", 12, 0.5, True, "2024-02-29", "2024-02-29 23:59:59"),
            (None,) * 6,
            ("=1+1", -1, 1e-07, False, "1900-03-01", "2024-02-29 00:00:00"),
        ),
        more=False,
    )


def test_an_export_to_a_csv_file_shows_what_stands_there(bench: Bench) -> None:
    bench.read(TABLE)
    path = bench.folder / "table.csv"
    write_csv(bench.ask(), path)
    found = preview(path)
    assert (found.sheet, found.more, found.columns) == (None, False, ("text", "whole", "part", "yes", "day", "seen"))
    assert found.rows == (
        ("007", "12", "0.5", "true", "2024-02-29", "2024-02-29 23:59:59"),
        (None,) * 6,
        ("'=1+1", "-1", "1e-07", "false", "1900-03-01", "2024-02-29 00:00:00"),
    )


@pytest.mark.parametrize(("rows", "more"), [(MAX_ROWS, False), (MAX_ROWS + 1, True)])
def test_a_hundred_rows_are_shown_and_whether_there_are_more(bench: Bench, rows: int, more: bool) -> None:
    bench.make(f"SELECT i AS number, 'text ' || i AS text FROM range({rows}) AS numbers(i)")
    [workbook] = bench.workbooks(bench.ask())
    path = bench.folder / "table.csv"
    write_csv(bench.ask(), path)
    for found in (preview(workbook), preview(path)):
        assert (len(found.rows), found.more) == (MAX_ROWS, more)
        assert found.rows[-1][1] == f"text {MAX_ROWS - 1}"


def test_of_a_million_rows_little_is_read_and_kept(bench: Bench) -> None:
    bench.make("SELECT i AS number, 'text ' || i AS text, i / 7 AS share FROM range(1_000_000) AS numbers(i)")
    [workbook] = bench.workbooks(bench.ask())
    path = bench.folder / "table.csv"
    write_csv(bench.ask(), path)
    for stored, most_bytes, most_reads in (
        (Stored(workbook), 12 * BLOCK_BYTES, 12),
        (Stored(path), HEAD_BYTES, 1),
    ):
        assert stored.size > 10_000_000
        tracemalloc.start()
        found = stored.preview()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (len(found.rows), found.more, found.rows[99][1]) == (MAX_ROWS, True, "text 99")
        assert stored.bytes <= most_bytes
        assert stored.reads <= most_reads
        assert peak < 32 << 20


def test_the_workbook_of_an_import_s_errors_is_shown_without_its_hidden_column(tmp_path: Path) -> None:
    row = BadRow(4, "job:4", ("007", None, "tall"), (CellError(2, "height", "type-error", '"tall" is not a number.'),))
    write_errors_workbook(
        tmp_path / "errors.xlsx", ("code", "name", "height"), lambda: [row], job_id="job", note="One row."
    )
    found = preview(tmp_path / "errors.xlsx")
    assert found.sheet == "Rows to correct"
    assert found.columns[1:] == ("Problems (Jobmill)", "code", "name", "height")
    assert len(found.columns) == 5
    assert found.rows[0][2:] == ("007", None, "tall")
    write_errors_csv(tmp_path / "errors.csv", [row])
    assert preview(tmp_path / "errors.csv").rows[0][0] == "4"


def test_the_workbooks_for_people_show_their_summaries(tmp_path: Path) -> None:
    test_charging_workbook.written(tmp_path, test_charging_workbook.month_of(test_charging_workbook.cdr()))
    charging = preview(tmp_path / "month.xlsx")
    assert (charging.sheet, charging.columns[0]) == ("Summary", "Charging, 2026-01")
    assert "BE" in [row[0] for row in charging.rows]
    finding = test_analysis_workbook.finding("error", "a")
    test_analysis_workbook.written(tmp_path, test_analysis_workbook.report([finding]))
    analysis = preview(tmp_path / "a.xlsx")
    assert analysis.sheet == "Summary"
    assert ("Pages", 2) in [row[:2] for row in analysis.rows]


def test_all_rows_are_as_wide_as_the_widest(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="A2" t="inlineStr"><is><t>title</t></is></c></row><row r="4"><c r="C4"><v>1</v></c></row>'
    assert book(tmp_path, rows) == Preview("Sheet1", ("title", "", ""), ((None,) * 3, (None, None, 1)), more=False)


def test_a_formula_without_a_saved_result_is_an_empty_cell(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(["sum", "text"])
    workbook.active.append(["=1+1", "x"])
    workbook.save(tmp_path / "made.xlsx")
    assert preview(tmp_path / "made.xlsx").rows == ((None, "x"),)


def test_a_number_that_javascript_has_not_is_a_text(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>9007199254740993</v></c></row>'
    assert book(tmp_path, rows).rows == (("9007199254740993",),)


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    long = "x" * (MAX_CELL_CHARACTERS + 1)
    cells = [
        f'<c r="A{row}" t="s"><v>0</v></c><c r="B{row}" t="inlineStr"><is><t>{long}</t></is></c>' for row in (1, 2)
    ]
    found = book(
        tmp_path, "".join(f'<row r="{i}">{each}</row>' for i, each in enumerate(cells, 1)), strings=strings_xml(long)
    )
    cut = "x" * (MAX_CELL_CHARACTERS - 1) + "…"
    assert (found.columns, found.rows) == ((cut, cut), ((cut, cut),))
    assert preview_csv(f"a\n{long}\n".encode(), is_whole=True).rows == ((cut,),)


def test_much_text_makes_fewer_rows(tmp_path: Path) -> None:
    width, row = 200, ",".join(["x" * MAX_CELL_CHARACTERS] * 200)
    found = preview_csv("\n".join([",".join("c" * width), *[row] * 50]).encode(), is_whole=True)
    assert (len(found.rows), found.more) == (MAX_BYTES // ((MAX_CELL_CHARACTERS + 5) * width), True)


def test_texts_that_cells_share_are_read_as_far_as_they_are_needed(tmp_path: Path) -> None:
    texts = strings_xml(*(f"text {i:05} {'x' * 80}" for i in range(STRINGS_BYTES // 90)))
    assert len(texts) > STRINGS_BYTES
    cells = "".join(
        f'<row r="{i}"><c r="A{i}" t="s"><v>{text}</v></c></row>' for i, text in ((1, 0), (2, 5), (3, 90_000))
    )
    path = write(tmp_path / "book.xlsx", sheet_xml(cells), strings=texts)
    found = preview(path)
    assert found.columns[0].startswith("text 00000 ")
    assert str(found.rows[0][0]).startswith("text 00005 ")
    assert found.rows[1] == ("…",)


def test_a_sheet_whose_rows_are_too_far_apart_is_shown_as_far_as_it_is_read(tmp_path: Path) -> None:
    empty = '<row r="2" ht="20"/>' * (SHEET_BYTES // 16)
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    found = book(tmp_path, first + empty + '<row r="3"><c r="A3"><v>3</v></c></row>')
    assert (found.columns, found.rows, found.more) == (("1",), (), True)


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        (b"\xef\xbb\xbfa;b\r\n1;\xc3\xa9\r\n", ("a", "b"), (("1", "é"),)),
        ("a\tb\n1\té\n".encode("utf-16"), ("a", "b"), (("1", "é"),)),
        (b"a,b\n1,\xe9\n", ("a", "b"), (("1", "é"),)),
        (b'a,b\n"x,\ny",""\n', ("a", "b"), (("x,\ny", None),)),
        (b'"a, b; c";d\n1;2\n', ("a, b; c", "d"), (("1", "2"),)),
        (b'a,b\n"x"y,z\n', ("a", "b"), (('"x"y,z', None),)),
        (b"only\n", ("only",), ()),
    ],
)
def test_csv_files_of_other_programs(content: bytes, columns: tuple[str, ...], rows: object) -> None:
    found = preview_csv(content, is_whole=True)
    assert (found.columns, found.rows, found.more) == (columns, rows, False)


@pytest.mark.parametrize("end", [b"3,\xc3", b'3,"x', b"3,x", b"3", b""])
def test_a_row_that_is_cut_is_left_out(end: bytes) -> None:
    found = preview_csv(b"a,b\n1,2\n2,3\n" + end, is_whole=False)
    assert found.rows in ((("1", "2"),), (("1", "2"), ("2", "3")))
    assert found.more
    assert ("3", "x") not in found.rows


@pytest.mark.parametrize("content", [b"", b"\n\n", b'a,b\n"never closed', ",".join("c" * 1_001).encode()])
def test_a_csv_file_that_is_no_table_has_no_preview(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(Unprocessable) as raised:
        preview(tmp_path / "x.csv")
    assert raised.value.code == "unreadable-report"


@pytest.mark.parametrize("name", ["a.parquet", "a.json", "a.png", "a.xlsm", "a"])
def test_other_kinds_have_no_preview(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CallerError) as raised:
        preview(tmp_path / name)
    assert raised.value.code == "no-preview"


@pytest.mark.parametrize("file", XLSX_OF_HOSTILE, ids=lambda file: file.what)
def test_a_hostile_file_is_shown_or_refused_in_little_time(file, tmp_path: Path) -> None:
    path = tmp_path / f"file.{file.name.rpartition('.')[2]}"
    file.make(path)
    stored = Stored(path)
    began = time.process_time()
    with contextlib.suppress(Unprocessable):
        stored.preview()
    assert time.process_time() - began < MOST_SECONDS
    assert stored.bytes <= MAX_FETCHED_BYTES


def test_damaged_files_are_refused_or_shown_and_never_break_it(bench: Bench) -> None:
    bench.read(TABLE)
    [path] = bench.workbooks(bench.ask())
    whole, chance = path.read_bytes(), random.Random(7)
    for _ in range(500):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.2:
            del content[chance.randrange(len(content)) :]
        with contextlib.suppress(CallerError):
            preview_workbook(partial(io.BytesIO, bytes(content)), len(content))


def test_a_ranged_file_reads_as_the_file_does_and_fetches_each_block_once(tmp_path: Path) -> None:
    content = random.Random(1).randbytes(3 * BLOCK_BYTES + 17)
    (tmp_path / "x.csv").write_bytes(content)
    stored = Stored(tmp_path / "x.csv")
    ranged, plain = RangedFile(stored.fetch, len(content)), io.BytesIO(content)
    file, chance = ranged.open(), random.Random(2)
    for _ in range(200):
        place, length = chance.randrange(len(content) + 10), chance.randrange(2 * BLOCK_BYTES)
        assert (file.seek(place), file.read(length)) == (plain.seek(place), plain.read(length))
    assert stored.reads == 4
    assert ranged.fetched_bytes == len(content)


def test_a_ranged_file_fetches_no_more_than_it_may() -> None:
    ranged = RangedFile(lambda first, last: bytes(last - first + 1), 10 * MAX_FETCHED_BYTES)
    with pytest.raises(FetchedTooMuch):
        ranged.open().read()
    assert ranged.fetched_bytes <= MAX_FETCHED_BYTES + BLOCK_BYTES
