"""One cheap pass over a whole CSV file: it must be text, best in UTF-8, with lines of a bearable length."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import MAX_RECORD_BYTES, line_too_long

# Small enough for the processor's cache: decoding takes half as long as with a megabyte.
_CHUNK_BYTES: Final = 1 << 14
_SAVE_AS = 'In Excel, choose "Save as" and the type "CSV UTF-8".'


def scan(source: Path) -> int | None:
    """Read the file once; gives the offset of the first byte that is not UTF-8, if there is one.

    Raises CallerError `empty-file`, `not-a-csv` or `line-too-long`.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    size = line_bytes = 0
    has_text = False
    for chunk in _chunks(source):
        if b"\0" in chunk:
            raise _binary(source, size + chunk.index(b"\0"))
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return size - pending + error.start
        line_bytes = _line_bytes(source, chunk, line_bytes, size)
        has_text = has_text or bool(chunk.removeprefix(codecs.BOM_UTF8).strip())
        size += len(chunk)
    if not has_text:
        raise CallerError("empty-file", "The file is empty. Upload a file with a header and rows.")
    cut_character = decoder.getstate()[0]
    return size - len(cut_character) if cut_character else None


def _chunks(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _binary(source: Path, offset: int) -> CallerError:
    line, byte = _place(source, offset)
    return CallerError(
        "not-a-csv",
        f"This is not a CSV file: line {line} has a zero byte (byte {byte} of the line), which no text has.",
    )


def bad_encoding(source: Path, offset: int, encoding: str) -> CallerError:
    """The error for the first byte that does not fit the encoding."""
    line, byte = _place(source, offset)
    return CallerError(
        "bad-encoding",
        f"The file is not encoded as {encoding}: line {line}, byte {byte} of the line, does not fit. {_SAVE_AS}",
        details=f"line {line}, byte {byte}",
    )


def _line_bytes(source: Path, chunk: bytes, before: int, offset: int) -> int:
    """The length of the line that is open at the chunk's end. `before` was its length at the beginning."""
    ends = [end for end in (chunk.find(b"\n"), chunk.find(b"\r")) if end >= 0]
    if before + (min(ends) if ends else len(chunk)) > MAX_RECORD_BYTES:
        raise line_too_long(_place(source, offset - before)[0], maybe_quote=False)
    if not ends:
        return before + len(chunk)
    return len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r")) - 1


def _place(source: Path, offset: int) -> tuple[int, int]:
    """The line and the byte in it, both from 1, of the byte at `offset`."""
    lines = line_start = at = 0
    for chunk in _chunks(source):
        part = chunk[: offset - at]
        lines += part.count(b"\n")
        if b"\n" in part:
            line_start = at + part.rindex(b"\n") + 1
        at += len(part)
        if at >= offset:
            break
    return lines + 1, offset - line_start + 1
