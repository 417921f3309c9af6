"""Each way in which a file can be wrong has its code, and a sentence with the place."""

import io
import zipfile

import pytest

from jobmill.errors import CallerError
from jobmill.tables.csv_layout import MAX_COLUMNS
from jobmill.tables.csv_records import MAX_RECORD_BYTES

from .builders import Bench, csv_text


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")  # of 1980: tests have fixed names
    return content.getvalue()


MANY_ROWS = (b"1," + b"x" * 97 + b"\n") * 21_000
LONG_CELL = (b"y" * 99 + b"\n") * (MAX_RECORD_BYTES // 100)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty-file", "empty"),
        (b" \r\n\t\n ", "empty-file", "empty"),
        (b"\xef\xbb\xbf", "empty-file", "empty"),
        (b"a,b\n", "header-only", "no rows"),
        (b"a,b", "header-only", "no rows"),
        (b"\n\na,b\r\n\r\n\n", "header-only", "no rows"),
        (b"a\n\n\n", "header-only", "no rows"),
        (b"PK\x03\x04rest", "damaged-workbook", "its end is missing"),
        (zipped(), "not-a-workbook", "another zip file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old-workbook", "before 2007"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not-a-csv", "picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "not-a-csv", "PDF"),
        (b"\x1f\x8b\x08\0", "not-a-csv", "gzip"),
        (b"\n<!DOCTYPE html><html>", "not-a-csv", "web page"),
        (b"a,b\n1,2\n3,x\0y\n", "not-a-csv", "line 3 has a zero byte (byte 4"),
        (b"a,b\n1,2\n3,caf\xe9\x81\n", "bad-encoding", "utf-8 or windows-1252: line 3, byte 6"),
        (b"a,b\n1,2\x9d\n3,caf\xc3", "bad-encoding", "line 2, byte 4"),
        (b"a,b\n" + MANY_ROWS + b"\xff\x90\n", "bad-encoding", "line 21002, byte 1"),
        (b"a,b\n" + b"1,2\n" * ((1 << 18) - 2) + b"1,x\xc3a\x8f\n", "bad-encoding", "line 262144, byte 4"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "bad-encoding", "not encoded as utf-16: line 2"),
        (b"\xff\xfea\0,\0b\0\n\0" + b"\0\xdc1\0", "bad-encoding", "not encoded as utf-16: line 2"),
        (b"a,b,a\n1,2,3\n", "duplicate-column", '"a" stands in the header twice: as column 1 and as column 3'),
        (b"Name,b, name \n1,2,3\n", "duplicate-column", "upper and lower case"),
        ("É,é\n1,2\n".encode(), "duplicate-column", "upper and lower case"),
        (b"a,,c\n1,2,3\n", "empty-column-name", "Column 2 has no name in the header (line 1)"),
        (b"\na,b,  \n1,2,3\n", "empty-column-name", "Column 3 has no name in the header (line 2)"),
        (b"a,b\n1,2,3\n4\n", "no-valid-rows", "No row can be taken: 2 are bad"),
        (b"x" * 300 + b",b\n1,2\n", "column-name-too-long", "column 1 has 300 characters"),
        (csv_text([["c"] * (MAX_COLUMNS + 1)]).encode(), "too-many-columns", f"{MAX_COLUMNS:,} are possible"),
        (b'"a"x,b\n1,2\n', "broken-header", "line 1"),
        (b'"a,b\n1,2\n', "unclosed-quote", "line 1"),
        (b'a,b\n1,2\n3,"x', "unclosed-quote", "line 3"),
        (b'a,b\n1,2\n3,"x\n4,5\n6,7\n', "unclosed-quote", "line 3"),
        (b'a,b\n5" pipe,2\n3,"x\n4,5\n', "unclosed-quote", "line 3"),
        (b'a,b\r\n1,"x""\n3,4\n"",""\n', "unclosed-quote", "line 2"),
        (b'a,b\n1,"' + MANY_ROWS, "line-too-long", "line 2"),
        (MANY_ROWS.replace(b"1", b"a", 1) + b'1,"x\n' + b"3,4\n" * 50_000, "unclosed-quote", "line 21001"),
        (b"a,b\n" + b"1,2\n" * 30_000 + b'1,"x""\n3,4\n', "unclosed-quote", "line 30002"),
        (b'a,b\n1,2\n1,"' + LONG_CELL * 20 + b'x"\n', "line-too-long", "line 3"),
        (b"a,b\n1," + b"x" * (MAX_RECORD_BYTES + 1), "line-too-long", "line 2"),
        (b"a,b\n1," + b"x" * (MAX_RECORD_BYTES + 1) + b"\n3,4\n", "line-too-long", "line 2"),
        (b'a,b\n1,2\n1,"' + LONG_CELL + b'"\n', "line-too-long", "line 3"),
        (b'a,b\n1,"' + LONG_CELL + b'"\n3,4\n', "line-too-long", "line 2"),
    ],
    ids=lambda value: repr(value[:40]),
)  # fmt: skip
def test_a_wrong_file_is_told_in_a_sentence(bench: Bench, content: bytes, code: str, says: str) -> None:
    with pytest.raises(CallerError) as raised:
        bench.read(content)
    assert (raised.value.code, says in raised.value.message) == (code, True), raised.value.message
    assert not bench.parquet.exists()
    assert {path.name for path in bench.folder.iterdir() if path.is_file()} <= {
        "source.csv",
        "source.csv.utf8.csv",
        "source.csv.bad.jsonl",
    }


@pytest.mark.parametrize("tail", [b"", b"\n5,6\n"])
@pytest.mark.parametrize("cell", [b'"x"', b'""', b'"x\ny"', b'"\n"', b'"x"""', b'","', b' "x" ', b'x"'])
def test_a_file_that_ends_in_quotation_marks_keeps_its_last_row(bench: Bench, cell: bytes, tail: bytes) -> None:
    table = bench.read(b"a,b\n1,2\n" * 1 + b"3,4\n" * 17_000 + b"7," + cell + tail)
    assert (table.rows, table.bad_rows) == (17_002 + (tail == b"\n5,6\n"), 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xef\xbb\xbf\n", "empty-file"),
        (b",\n,", "empty-column-name"),
        (b'"', "unclosed-quote"),
        (b'""', "empty-column-name"),
        (b"a\r\r\n", "header-only"),
        (b"\x01,\x02\n\x03", "bad-column-name"),
        (b"sep=;\na;b\n", "header-only"),
    ],
)
def test_the_smallest_files_end_in_a_sentence_too(bench: Bench, content: bytes, code: str) -> None:
    with pytest.raises(CallerError) as raised:
        bench.read(content)
    assert raised.value.code == code
