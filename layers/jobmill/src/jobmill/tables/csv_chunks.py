"""Where a CSV file can be cut: into chunks that end where a record ends, found from the bytes near the cut."""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from jobmill.errors import CallerError
from jobmill.tables.csv_records import Dialect, records

BLOCK_BYTES: Final = 1 << 18
# Where quotation marks are many, a sure point is near.
_FIRST_BLOCK_BYTES: Final = 1 << 12
_REST_OF_LINE: Final = re.compile(rb"[^\r\n]*(\r\n|\n|\r)")


@dataclass(frozen=True, slots=True)
class Chunk:
    """The bytes from `begin` up to `end`: whole records by the grammar of `csv_records`.

    `ends_well`: the last record has its quotation marks in order. A chunk of which no end could be found goes
    to the file's end, and ends badly: a quoted cell in it is never closed, or too long.
    """

    begin: int
    end: int
    ends_well: bool


def rows_begin(source: Path, first_line: int, dialect: Dialect) -> tuple[int, int]:
    """The byte offset and the line (from 1) after the header, which begins in line `first_line`."""
    with source.open("rb") as file:
        has_mark = file.read(len(BOM_UTF8)) == BOM_UTF8
    with _lines(source, len(BOM_UTF8) if has_mark else 0) as lines:
        for _ in range(first_line - 1):
            next(lines)
        next(records(lines, dialect))
        return lines.offset, lines.count + 1


def next_chunk(source: Path, begin: int, chunk_bytes: int, dialect: Dialect) -> Chunk:
    """The chunk from `begin`, where a record begins, to the first end of a record at least `chunk_bytes` further.

    Exact for every file, and cheap for nearly all. Up to the last quotation mark before the target it needs a
    point that is surely outside of quoted cells (`_sure_start`) and parses from there; after the last mark every
    line end is the end of a record. DuckDB 2.0 drops a last record with an open quotation mark without a word;
    looking at the end itself is also the check for that.
    """
    with source.open("rb") as file:
        size = file.seek(0, 2)
        target = min(begin + chunk_bytes, size)
        try:
            end, in_order = begin, True
            quote = _last(file, dialect.quote.encode(), begin, target)
            if quote is not None:
                start = _sure_start(file, begin, quote, dialect)
                end, in_order = _parse(source, start, quote + 1, dialect)
            if end < target:
                end = _line_begin(file, end, target)
            if end < target:
                end, last_in_order = _parse(source, end, target, dialect)
                in_order = in_order and last_in_order
        except CallerError:
            return Chunk(begin, size, ends_well=False)
    return Chunk(begin, end, in_order)


def copy_chunk(source: Path, chunk: Chunk, header: str, dialect: Dialect, target: Path) -> tuple[int, bool]:
    """Write `header` and the chunk's bytes to `target`; gives how many lines these have, and if DuckDB reads them.

    The header ends as the line before the chunk: by its first line end DuckDB knows the others. DuckDB 2.0 takes
    a quotation mark after two blanks at the beginning of a cell for text.
    """
    lines = 0
    is_plain, end = chunk.ends_well, b""
    padded_quote = b"  " + dialect.quote.encode()
    with source.open("rb") as file, target.open("wb") as copy:
        file.seek(chunk.begin - 2)
        before = file.read(2)
        copy.write(header.encode() + (before if before == b"\r\n" else before[1:]))
        for block in _blocks(file, chunk.end - chunk.begin):
            is_plain = is_plain and padded_quote not in block and padded_quote not in end + block[:2]
            lines += _line_ends(block) - (end.endswith(b"\r") and block.startswith(b"\n"))
            end = (end + block[-2:])[-2:]
            copy.write(block)
    return lines, is_plain


def _blocks(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(size, BLOCK_BYTES))):
        size -= len(block)
        yield block


def _line_ends(block: bytes) -> int:
    if b"\r" not in block:
        return block.count(b"\n")
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")


class _Lines:
    """Physical lines with a character for each byte: what the grammar asks for is ASCII.

    `offset` moves to the end of the last line given, of which there were `count`.
    """

    def __init__(self, lines: Iterator[str], offset: int) -> None:
        self._lines = lines
        self.offset = offset
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.offset += len(line)
        self.count += 1
        return line


@contextmanager
def _lines(source: Path, offset: int) -> Iterator[_Lines]:
    with source.open("rb") as file:
        file.seek(offset)
        yield _Lines(TextIOWrapper(file, encoding="latin-1", newline=""), offset)


def _parse(source: Path, start: int, goal: int, dialect: Dialect) -> tuple[int, bool]:
    """Parse from the record at `start` to the first end of one at `goal` or behind it; or to the file's end.

    Gives that offset, and whether all the quotation marks were in order.
    """
    in_order = True
    with _lines(source, start) as lines:
        for record in records(lines, dialect):
            in_order = in_order and record.cells is not None
            if lines.offset >= goal:
                break
        return lines.offset, in_order


def _sure_start(file: BinaryIO, begin: int, quote: int, dialect: Dialect) -> int:
    """The beginning of a record in an earlier line than the mark at `quote`; `begin`, if no nearer one is sure.

    Sure is an odd run of quotation marks that has an ordinary character before it and a delimiter or line end
    after it: inside a quoted cell such a run closes it, outside of one it is ordinary text, so either way what
    follows is outside. Its record may have been broken before, and then ends with this line; so the point counts
    only if the record ends with this line in any case.
    """
    stop, mark = re.escape(dialect.delimiter.encode()), re.escape(dialect.quote.encode())
    sure = re.compile(rb"[^%b\s%b](?:%b%b)*%b(?=[\r\n%b])" % (mark, stop, mark, mark, mark, stop))
    limit = _line_begin(file, begin, quote)
    block_bytes = _FIRST_BLOCK_BYTES
    while limit > begin:
        block_begin = max(begin, limit - min(block_bytes, BLOCK_BYTES))
        block_bytes *= 2
        file.seek(block_begin)
        block = file.read(limit - block_begin)
        for match in reversed(list(sure.finditer(block))):
            line = _REST_OF_LINE.match(block, match.end())
            if line and _ends_in_line(line[0], dialect):
                return block_begin + line.end()
        limit = block_begin
    return begin


def _ends_in_line(rest: bytes, dialect: Dialect) -> bool:
    try:
        next(records(["x" + rest.decode("latin-1")], dialect))
    except CallerError:
        return False
    return True


def _line_begin(file: BinaryIO, begin: int, end: int) -> int:
    """Where the line begins that the byte at `end` stands in, or `begin`, where one begins, too."""
    found = [at for at in (_last(file, b"\n", begin, end), _last(file, b"\r", begin, end)) if at is not None]
    if not found:
        return begin
    file.seek(max(found))
    return max(found) + (2 if file.read(2) == b"\r\n" else 1)


def _last(file: BinaryIO, wanted: bytes, begin: int, end: int) -> int | None:
    """The offset of the last byte `wanted` from `begin` up to `end`."""
    while end > begin:
        block_begin = max(begin, end - BLOCK_BYTES)
        file.seek(block_begin)
        found = file.read(end - block_begin).rfind(wanted)
        if found >= 0:
            return block_begin + found
        end = block_begin
    return None
