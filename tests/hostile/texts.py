"""Hostile files that are, or pretend to be, text."""

import gzip
import random
import struct
from pathlib import Path

from tests.hostile.hostile_file import IMPORTED, HostileFile, of_bytes, repeated

_MEGABYTE = b"x" * (1 << 20)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _ole(*streams: str) -> bytes:
    """The first sectors of an OLE file with streams of these names."""
    header = _OLE + bytes(16) + struct.pack("<HHHHH6xLLL", 62, 3, 0xFFFE, 9, 6, 0, 1, 1) + bytes(512)
    directory = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *streams))
    return header[:512].ljust(512, b"\0") + bytes(512) + directory.ljust(4096, b"\0")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"a,b\n1,")
        file.truncate(1 << 30)


def _noise() -> bytes:
    return bytes(random.Random(7).randbytes(1 << 20))


_SIGNED = [
    ("report.csv.pdf.csv", "a PDF document", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
    ("table.csv.png", "a picture", b"\x89PNG\r\n\x1a\n" + bytes(1000)),
    ("export.xls", "a web page, as many programs call their exports", b"\r\n<!DOCTYPE html><html><table><tr><td>1"),
    ("data.csv.gz", "gzip, a thousandth of what it unpacks to", gzip.compress(bytes(1 << 24), 9, mtime=0)),
    ("laughs.csv", "XML with a billion laughs", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">]>'),
    ("rows.parquet.csv", "a Parquet file", b"PAR1" + bytes(100) + b"PAR1"),
    ("base.csv", "an SQLite database", b"SQLite format 3\0" + bytes(100)),
    ("note.csv", "a Rich Text document", b"{\\rtf1\\ansi hello}"),
    ("invoice.csv", "a program (ELF)", b"\x7fELF\x02\x01\x01" + bytes(1000)),
    ("invoice.xlsx.exe", "a program (Windows)", b"MZ\x90\x00\x03" + bytes(1000)),
    ("data.7z", "a 7-Zip file", b"7z\xbc\xaf\x27\x1c" + bytes(100)),
]  # fmt: skip

SIGNED = [HostileFile(name, what, "not-a-csv", of_bytes(content)) for name, what, content in _SIGNED]

ENCODED = [
    HostileFile("nul.csv", "a zero byte in a cell", "not-a-csv", of_bytes(b"a,b\n1,x\0y\n")),
    HostileFile("zeros.csv", "a gigabyte of zero bytes (sparse)", "not-a-csv", _sparse),
    HostileFile("noise.csv", "a megabyte of random bytes", "not-a-csv", of_bytes(_noise())),
    HostileFile("tar.csv", "a tar file", "not-a-csv", of_bytes(b"etc/passwd".ljust(512, b"\0") + b"root\n" * 99)),
    HostileFile("utf-16.csv", "UTF-16 without a mark", IMPORTED,
                of_bytes("a,b\n1,é\n".encode("utf-16-le")), ("1", "é")),
    HostileFile("utf-16-cut.csv", "UTF-16 that ends within a character", "bad-encoding",
                of_bytes("a,b\n1,é\n".encode("utf-16")[:-1])),
    HostileFile("utf-16-half.csv", "UTF-16 with half a pair", "bad-encoding",
                of_bytes("a,b\n1,".encode("utf-16") + b"\x00\xd8\x41\x00\x0a\x00")),
    HostileFile("utf-16-nul.csv", "UTF-16 with zero characters", "not-a-csv", of_bytes("a,b\n1,\0\n".encode("utf-16"))),
    HostileFile("utf-32.csv", "UTF-32", "not-a-csv", of_bytes("a,b\n1,2\n".encode("utf-32"))),
    HostileFile("utf-7.csv", "UTF-7, which hides a script", IMPORTED,
                of_bytes(b"a,b\n+ADw-script+AD4-,2\n"), ("+ADw-script+AD4-", "2")),
    HostileFile("overlong.csv", "overlong UTF-8, which hides a slash: read as Windows-1252", IMPORTED,
                of_bytes(b"a,b\n..\xc0\xaf,2\n"), ("..À¯", "2")),
    HostileFile("neither.csv", "bytes that are neither UTF-8 nor Windows-1252", "bad-encoding",
                of_bytes(b"a,b\n1,\x81\n")),
    HostileFile("late.csv", "a byte that is no UTF-8 after two megabytes: read as Windows-1252", IMPORTED,
                of_bytes(b"a,b\n" + b"1,2\n" * 500_000 + b"3,\xe9\n"), ("1", "2")),
    HostileFile("mark.csv", "a byte order mark alone", "empty-file", of_bytes(b"\xef\xbb\xbf")),
]  # fmt: skip

SHAPED = [
    HostileFile("empty.csv", "nothing", "empty-file", of_bytes(b"")),
    HostileFile("blank.csv", "ten megabytes of line ends", "empty-file", repeated(b"", b"\r\n" * (1 << 19), 10)),
    HostileFile("delimiters.csv", "delimiters alone", "empty-column-name", of_bytes(b",,,\n" * 1000)),
    HostileFile("header.csv", "a header alone", "header-only", of_bytes(b"a,b\n")),
    HostileFile("line.csv", "a line of a gigabyte", "line-too-long", repeated(b"a,b\n1,", _MEGABYTE, 1 << 10)),
    HostileFile("first-line.csv", "a first line of 100 megabytes", "line-too-long", repeated(b"", _MEGABYTE, 100)),
    HostileFile("open.csv", "a quotation mark that is never closed, and 50 megabytes after it", "line-too-long",
                repeated(b'a,b\n1,"', b"x,y\n" * (1 << 18), 50)),
    HostileFile("quotes.csv", "four megabytes of quotation marks", "line-too-long",
                of_bytes(b'a,b\n1,' + b'"' * (1 << 22))),
    HostileFile("odd-quotes.csv", "a broken quotation mark in every row", "no-valid-rows",
                of_bytes(b'a,b\n' + b'"x"y,2\n' * 5_000)),
    HostileFile("columns.csv", "100,000 columns", "too-many-columns",
                of_bytes(",".join(f"c{i}" for i in range(100_000)).encode() + b"\n" + b"," * 99_999)),
    HostileFile("name.csv", "a column's name of a megabyte", "column-name-too-long",
                of_bytes(b"a," + _MEGABYTE + b"\n1,2\n")),
    HostileFile("twice.csv", "the same column twice", "duplicate-column", of_bytes(b"id,ID\n1,2\n")),
    HostileFile("ragged.csv", "rows of every width but the header's", "no-valid-rows",
                of_bytes(b"a,b\n" + b"".join(b"1" + b",2" * i + b"\n" for i in range(200) if i != 1))),
    HostileFile("cr.csv", "CR as the only line end", IMPORTED, of_bytes(b"a,b\r1,2\r3,4\r"), ("1", "2")),
    HostileFile("ends.csv", "every kind of line end", IMPORTED, of_bytes(b"a,b\r1,2\n3,4\r\n5,6\n\r7,8"), ("1", "2")),
    HostileFile("late-header.csv", "a million blank lines first", IMPORTED,
                of_bytes(b"\n" * (1 << 20) + b"a,b\n1,2\n"), ("1", "2")),
]  # fmt: skip

MEANT = [
    HostileFile("numbers.csv", "numbers that no number can hold", IMPORTED,
                of_bytes(b"a,b\n1e999999," + b"9" * 5000 + b"\n"), ("1e999999", "9" * 5000)),
    HostileFile("formulas.csv", "formulas and DDE commands: texts here, made harmless in every export", IMPORTED,
                of_bytes(b"a,b\n=cmd|'/C calc'!A0,@SUM(1)\n"), ("=cmd|'/C calc'!A0", "@SUM(1)")),
    HostileFile("escapes.csv", "terminal escapes, bidirectional overrides and control characters in cells", IMPORTED,
                of_bytes("a,b\n\x1b[2J\x07,\u202egpj\n".encode()), ("\x1b[2J\x07", "\u202egpj")),
    HostileFile("sql.csv", "SQL in a header and a cell", IMPORTED,
                of_bytes(b'a,"b"") UNION SELECT 1--"\n\') OR 1=1 --,2\n'), ("') OR 1=1 --", "2")),
    HostileFile("macros.csv", "names of functions and variables of the engine", IMPORTED,
                of_bytes(b"c0,current_date\nread_csv('/etc/passwd'),${HOME}\n"),
                ("read_csv('/etc/passwd')", "${HOME}")),
    HostileFile("../../etc/passwd", "a name that leads out of its folder", IMPORTED,
                of_bytes(b"a,b\n1,2\n"), ("1", "2")),
    HostileFile("a\0b\r\n\x1b[2J\u202ev.csv", "control characters in a name", IMPORTED,
                of_bytes(b"a,b\n1,2\n"), ("1", "2")),
    HostileFile("C:\\con.csv", "a name that means a device elsewhere", IMPORTED, of_bytes(b"a,b\n1,2\n"), ("1", "2")),
    HostileFile("old.xls", "an Excel workbook of before 2007", "old-workbook", of_bytes(_ole("Workbook"))),
    HostileFile("locked.xlsx", "a workbook with a password", "encrypted-workbook",
                of_bytes(_ole("EncryptionInfo", "EncryptedPackage"))),
    HostileFile("letter.xls", "an old Word document", "not-a-workbook", of_bytes(_ole("WordDocument"))),
    HostileFile("loop.xls", "an OLE file whose directory is nowhere", "old-workbook", of_bytes(_OLE + b"\xff" * 600)),
]  # fmt: skip

FILES = [*SIGNED, *ENCODED, *SHAPED, *MEANT]
