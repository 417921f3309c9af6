"""Hostile zip files: bombs, lies, and what is no workbook at all."""

import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.hostile.hostile_file import IMPORTED, HostileFile, of_bytes
from tests.hostile.raw_zip import RawEntry, bomb, changed, entries, entry, zip_of
from tests.unit.tables.workbooks import WORKBOOK_TYPE, parts, sheet_xml, zipped

_ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
PLAIN = parts(sheet_xml(_ROWS))
SHEET = "xl/worksheets/sheet1.xml"
_ONE = ("1",)


def _with(more: Mapping[str, str | bytes]) -> bytes:
    return zipped({**PLAIN, **more})


def _bombed(part: str, head: str, block: bytes, times: int, tail: str, **lies: object) -> Callable[[Path], object]:
    """A workbook of which one part is a bomb."""

    def make(path: Path) -> None:
        bombed = replace(bomb(part, head.encode(), block, times, tail.encode()), **lies)  # type: ignore[arg-type]
        others = [each for each in entries(PLAIN) if each.name != part.encode()]
        path.write_bytes(zip_of([*others, bombed]))

    return make


def _nested(depth: int) -> bytes:
    """Zip files in zip files, ten in each, with a bomb at the bottom."""
    content = zip_of([bomb("bottom.txt", b"", bytes(1 << 20), 100, b"")])
    for level in range(depth):
        content = zipped({f"level-{level}-{i}.zip": content for i in range(10)})
    return content


def _overlapping() -> bytes:
    """Many entries in the directory for the same bytes, as in the bomb of D. Fifield."""
    kernel = bomb("kernel", b"", bytes(1 << 20), 10, b"")
    return zip_of(
        [*entries(PLAIN), kernel, *(replace(entry(f"media/{i}.png", b""), offset=0, packed_bytes=9) for i in range(99))]
    )


def _holding_itself() -> bytes:
    """An entry that is the file itself."""
    honest = zip_of(entries(PLAIN))
    return zip_of([*entries(PLAIN), RawEntry(b"xl/embeddings/self.xlsx", b"", len(honest), 0, method=0, offset=0)])


def _types(content_type: str) -> bytes:
    types = f'<Types><Override PartName="/x" ContentType="{content_type}"/></Types>'
    return zipped({"[Content_Types].xml": types, "x": "x"})


def _zip64(offset: int) -> bytes:
    """A large file's end, which says where the directory would be."""
    honest = zip_of(entries(PLAIN))
    body, end = honest[:-22], honest[-22:]
    end_64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 60, 1 << 60, 1 << 60, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(body), 1)
    return body + end_64 + locator + end[:8] + b"\xff" * 12 + b"\0\0"


def _corrupted(part: str) -> bytes:
    """A part with one bit turned, under the checksum of before."""
    content = PLAIN[part]
    honest = entry(part, content)
    turned = str(content).replace("<v>1</v>", "<v>9</v>").encode()
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = packer.compress(turned) + packer.flush()
    return changed(PLAIN, part, packed=packed, checksum=honest.checksum)


_SPACES = b" " * (1 << 20)
_SHEET_HEAD, _SHEET_TAIL = sheet_xml(_ROWS + "<!---->").split("<!---->")

BOMBS = [
    HostileFile("bomb.xlsx", "a sheet that unpacks to four gigabytes", "unsafe-workbook",
                _bombed(SHEET, _SHEET_HEAD, _SPACES, 1 << 12, _SHEET_TAIL)),
    HostileFile("lying-bomb.xlsx", "the same, which says that it is small", "unsafe-workbook",
                _bombed(SHEET, _SHEET_HEAD, _SPACES, 1 << 12, _SHEET_TAIL, unpacked_bytes=1000)),
    HostileFile("empty-bomb.xlsx", "the same, which says that it is empty", "unsafe-workbook",
                _bombed(SHEET, _SHEET_HEAD, _SPACES, 1 << 12, _SHEET_TAIL, unpacked_bytes=0)),
    HostileFile("strings-bomb.xlsx", "shared texts that unpack to four gigabytes", "unsafe-workbook",
                _bombed("xl/sharedStrings.xml", "<sst>", b"<si/>" * 200_000, 1 << 12, "</sst>")),
    HostileFile("picture-bomb.xlsx", "a picture that unpacks to four gigabytes", "unsafe-workbook",
                _bombed("xl/media/image1.png", "", bytes(1 << 20), 1 << 12, "")),
    HostileFile("types-bomb.xlsx", "a list of contents that unpacks to a gigabyte", "unsafe-workbook",
                _bombed("[Content_Types].xml", "<Types>", _SPACES, 1 << 10, "</Types>")),
    HostileFile("zip64-bomb.xlsx", "a sheet of which the size does not fit into 32 bits", "unsafe-workbook",
                _bombed(SHEET, _SHEET_HEAD, _SPACES, 1 << 12, _SHEET_TAIL, unpacked_bytes=1 << 40)),
    HostileFile("42.zip", "zip files in zip files, with bombs at the bottom", "not-a-workbook",
                lambda path: path.write_bytes(_nested(3))),
    HostileFile("overlap.xlsx", "a hundred parts of the same bytes", "unsafe-workbook",
                lambda path: path.write_bytes(_overlapping())),
    HostileFile("self.xlsx", "a part that is the file itself", "unsafe-workbook",
                lambda path: path.write_bytes(_holding_itself())),
    HostileFile("embedded.xlsx", "a workbook with a zip file in it, which nobody opens", IMPORTED,
                of_bytes(_with({"xl/embeddings/inner.zip": _nested(1)})), _ONE),
]  # fmt: skip

NAMES = [
    HostileFile(name, what, "unsafe-workbook", of_bytes(zip_of([*entries(PLAIN), entry(part, b"x")])))
    for name, what, part in (
        ("slip.xlsx", "a part named ../../etc/cron.d/x", b"../../etc/cron.d/x"),
        ("absolute.xlsx", "a part named /etc/passwd", b"/etc/passwd"),
        ("backslash.xlsx", "a part named ..\\..\\x", b"..\\..\\x"),
        ("drive.xlsx", "a part named C:\\x", b"C:\\x"),
        ("nul-name.xlsx", "a part with a zero byte in its name", b"xl/a\0.xml"),
        ("control-name.xlsx", "a part with control characters in its name", b"xl/\x1b[2J\r\n.xml"),
        ("two-sheets.xlsx", "two parts of one name", SHEET.encode()),
        ("two-cases.xlsx", "two parts whose names differ in case", SHEET.upper().encode()),
    )
]

BROKEN = [
    HostileFile("cut.xlsx", "a workbook cut in the middle", "damaged-workbook", of_bytes(zipped(PLAIN)[:1200])),
    HostileFile("signature.xlsx", "four bytes of a zip file", "damaged-workbook", of_bytes(b"PK\x03\x04")),
    HostileFile("end.xlsx", "an empty zip file", "not-a-workbook", of_bytes(zip_of([]))),
    HostileFile("behind.xlsx", "something behind the end", "damaged-workbook",
                of_bytes(zip_of(entries(PLAIN), after=b"x" * 99))),
    HostileFile("before.xlsx", "a script before the beginning", "not-a-csv",
                of_bytes(b"#!/bin/sh\nrm -rf /\n" + zip_of(entries(PLAIN)))),
    HostileFile("count.xlsx", "a directory with fewer parts than it says", "damaged-workbook",
                of_bytes(zip_of(entries(PLAIN), count=60))),
    HostileFile("nowhere.xlsx", "a directory that is nowhere", "damaged-workbook",
                of_bytes(zip_of(entries(PLAIN), directory_at=0xFFFFFFF0))),
    HostileFile("zip64.xlsx", "a large file's end with numbers of no file", "damaged-workbook", of_bytes(_zip64(0))),
    HostileFile("zip64-nowhere.xlsx", "a large file's end without its beginning", "damaged-workbook",
                of_bytes(zip_of(entries(PLAIN), count=0xFFFF))),
    HostileFile("outside.xlsx", "a part that lies outside of the file", "damaged-workbook",
                of_bytes(changed(PLAIN, SHEET, offset=0x7FFFFFFF))),
    HostileFile("checksum.xlsx", "a sheet in which a digit was changed", "damaged-workbook",
                of_bytes(_corrupted(SHEET))),
    HostileFile("garbage.xlsx", "a sheet that cannot be unpacked", "damaged-workbook",
                of_bytes(changed(PLAIN, SHEET, packed=b"\xff" * 400))),
    HostileFile("method.xlsx", "a sheet packed in an unknown way", "damaged-workbook",
                of_bytes(changed(PLAIN, SHEET, method=99))),
    HostileFile("password.xlsx", "a zip file with a password", "encrypted-workbook",
                of_bytes(changed(PLAIN, SHEET, flags=1))),
    HostileFile("parts.xlsx", "a workbook of 30,000 parts", "workbook-too-large",
                lambda path: path.write_bytes(_with({f"xl/media/{i}.png": b"" for i in range(30_000)}))),
]  # fmt: skip

OTHERS = [
    HostileFile("letter.docx", "a Word document", "not-a-workbook",
                of_bytes(_types("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"))),
    HostileFile("slides.xlsx", "a presentation", "not-a-workbook",
                of_bytes(_types("application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"))),
    HostileFile("binary.xlsx", "a binary workbook (.xlsb)", "not-a-workbook",
                of_bytes(_types("application/vnd.ms-excel.sheet.binary.macroEnabled.main"))),
    HostileFile("table.ods", "an OpenDocument spreadsheet", "not-a-workbook",
                of_bytes(zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "x"}))),
    HostileFile("app.jar", "a Java program", "not-a-workbook",
                of_bytes(zipped({"META-INF/MANIFEST.MF": "x", "A.class": "x"}))),
    HostileFile("packed.zip", "a CSV file in a zip file", "not-a-workbook",
                of_bytes(zipped({"table.csv": "a,b\n1,2\n"}))),
    HostileFile("table.csv", "a workbook that says it is CSV", IMPORTED, of_bytes(zipped(PLAIN)), _ONE),
    HostileFile("table.xlsx", "CSV that says it is a workbook", IMPORTED, of_bytes(b"a,b\n1,2\n"), ("1", "2")),
    HostileFile("promise.xlsx", "a list of contents that promises a workbook, and nothing else", "damaged-workbook",
                of_bytes(_types(WORKBOOK_TYPE))),
]  # fmt: skip

FILES = [*BOMBS, *NAMES, *BROKEN, *OTHERS]
