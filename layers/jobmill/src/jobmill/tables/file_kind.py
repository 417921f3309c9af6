"""What an uploaded file is, by its content: its name and its content type are whatever the sender wrote."""

import codecs
from pathlib import Path
from typing import Final, Literal

from jobmill.errors import CallerError
from jobmill.tables.workbook.errors import encrypted
from jobmill.tables.workbook.zip_parts import ZipParts, open_zip

type FileKind = Literal["csv", "xlsx"]

_HEAD_BYTES: Final = 4096
_MAX_TYPES_BYTES: Final = 8 << 20
_SAVE_AS: Final = 'In Excel, choose "Save as" and the type "Excel workbook (.xlsx)" or "CSV UTF-8".'
_TABLE_INSTEAD: Final = "Upload the table as CSV or as an Excel workbook instead."
_SIGNATURES: Final = (
    (b"PK\x03\x04", f"an Excel workbook or another zip file. {_SAVE_AS}"),
    (b"\xd0\xcf\x11\xe0", f"an old Excel workbook (.xls). {_SAVE_AS}"),
    (b"%PDF", f"a PDF document. {_TABLE_INSTEAD}"),
    (b"\x89PNG", f"a picture (PNG). {_TABLE_INSTEAD}"),
    (b"\xff\xd8\xff", f"a picture (JPEG). {_TABLE_INSTEAD}"),
    (b"GIF8", f"a picture (GIF). {_TABLE_INSTEAD}"),
    (b"\x1f\x8b", "a gzip file. Unpack it first."),
    (b"BZh", "a bzip2 file. Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file. Unpack it first."),
    (b"Rar!\x1a\x07", "a RAR file. Unpack it first."),
    (b"\xfd7zXZ\0", "an xz file. Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file. Unpack it first."),
    (b"PAR1", f"a Parquet file. {_TABLE_INSTEAD}"),
    (b"ARROW1", f"an Arrow file. {_TABLE_INSTEAD}"),
    (b"SQLite format 3", f"an SQLite database. {_TABLE_INSTEAD}"),
    (b"{\\rtf", f"a Rich Text document. {_TABLE_INSTEAD}"),
    (b"\x7fELF", f"a program. {_TABLE_INSTEAD}"),
    (b"MZ\x90\x00", f"a program. {_TABLE_INSTEAD}"),
    (b"<!doctype html", f"a web page. {_TABLE_INSTEAD}"),
    (b"<html", f"a web page. {_TABLE_INSTEAD}"),
    (b"<?xml", f"an XML document. {_TABLE_INSTEAD}"),
)
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Content types of a workbook's main part, and of those of its relatives.
_WORKBOOK_MAIN: Final = tuple(
    f'"application/vnd.{name}.main+xml"'
    for name in (
        "openxmlformats-officedocument.spreadsheetml.sheet",
        "openxmlformats-officedocument.spreadsheetml.template",
        "ms-excel.sheet.macroenabled",
        "ms-excel.template.macroenabled",
        "ms-excel.addin.macroenabled",
    )
)
_RELATIVES: Final = (
    ("vnd.ms-excel.sheet.binary", f"a binary Excel workbook (.xlsb). {_SAVE_AS}"),
    ("wordprocessingml", f"a Word document. {_TABLE_INSTEAD}"),
    ("presentationml", f"a PowerPoint presentation. {_TABLE_INSTEAD}"),
)


def kind_of(path: Path) -> FileKind:
    """Whether to read the file as CSV (anything that is not known for something else), or as a workbook.

    Reads a few kilobytes. Raises CallerError `not-a-csv`, `not-a-workbook`, `old-workbook`, `encrypted-workbook`,
    `damaged-workbook`, `unsafe-workbook` or `workbook-too-large`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_ZIP):
        _check_zip(open_zip(path))
        return "xlsx"
    if head.startswith(_OLE[:4]):
        raise _old_office(path, head)
    check_text(head)
    return "csv"


def check_text(head: bytes) -> None:
    """Raise CallerError `not-a-csv` if a file that begins with `head` is known for something else than CSV."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:16].lower()
    for signature, looks_like in _SIGNATURES:
        if start.startswith(signature.lower()):
            raise CallerError("not-a-csv", f"This is not a CSV file: it looks like {looks_like}")


def _check_zip(parts: ZipParts) -> None:
    """Raise CallerError if the zip file holds something else than a workbook."""
    if parts.has("[Content_Types].xml"):
        content = parts.read("[Content_Types].xml", _MAX_TYPES_BYTES).replace(b"\0", b"").replace(b"'", b'"')
        types = content.decode("utf-8", errors="replace").lower()
        if any(name in types for name in _WORKBOOK_MAIN):
            return
        for name, looks_like in _RELATIVES:
            if name in types:
                raise _not_a_workbook(looks_like)
    if parts.has("mimetype"):
        mimetype = parts.read("mimetype", _HEAD_BYTES)
        if b"opendocument.spreadsheet" in mimetype:
            raise _not_a_workbook(f"an OpenDocument spreadsheet (.ods). {_SAVE_AS}")
        if b"opendocument" in mimetype:
            raise _not_a_workbook(f"an OpenDocument text or presentation. {_TABLE_INSTEAD}")
    inside = next(
        (entry.name for entry in parts.entries.values() if entry.name.lower().endswith((".xlsx", ".csv"))), ""
    )
    hint = f' It holds "{inside[-60:]}".' if inside else ""
    raise _not_a_workbook(f"another zip file. Unpack it, and upload the file with the table.{hint}")


def _not_a_workbook(looks_like: str) -> CallerError:
    return CallerError("not-a-workbook", f"This is not an Excel workbook: it looks like {looks_like}")


def _old_office(path: Path, head: bytes) -> CallerError:
    """An OLE file: a workbook with a password, one of before 2007, or another document of that time."""
    sector_bytes = 1 << min(int.from_bytes(head[30:32], "little"), 12)
    with path.open("rb") as file:
        file.seek((int.from_bytes(head[48:52], "little") + 1) * sector_bytes % path.stat().st_size)
        directory = file.read(_HEAD_BYTES)
    names = directory.decode("utf-16-le", errors="replace")
    if "EncryptedPackage" in names:
        return encrypted()
    if "WordDocument" in names or "PowerPoint" in names:
        return _not_a_workbook(f"an old Office document. {_TABLE_INSTEAD}")
    return CallerError("old-workbook", f"This is an Excel workbook of before 2007 (.xls), or a damaged one. {_SAVE_AS}")
