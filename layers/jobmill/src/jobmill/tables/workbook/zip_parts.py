"""The parts of a zip file that nobody vouches for, read without trusting what it says of itself.

Whatever only an attack would do is refused when the directory is read, before anything is unpacked: overlapping or
doubled entries, names that lead out of a folder, sizes beyond what packing can do. An entry gives at most the bytes
that the directory names; more or less of them, or other ones by the checksum, is an error.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from jobmill.tables.workbook.errors import damaged, encrypted, too_large, unsafe

MAX_ENTRIES: Final = 25_000
MAX_DIRECTORY_BYTES: Final = 4 << 20
MAX_UNPACKED_BYTES: Final = 8 << 30
# Workbooks for people pack to a fifth or a fiftieth; the format's utmost is 1,032.
MAX_RATIO: Final = 200
# Below this an entry may have any ratio: a sheet of empty cells does no harm.
FREE_BYTES: Final = 16 << 20
CHUNK_BYTES: Final = 1 << 18

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_MAX_COMMENT_BYTES: Final = 65_535
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF
_ENCRYPTED, _UTF8 = 0x2041, 0x0800
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as the directory has it."""

    name: str
    method: int
    checksum: int
    packed_bytes: int
    unpacked_bytes: int
    offset: int
    name_bytes: int


@dataclass(frozen=True, slots=True)
class ZipParts:
    """A zip file's entries by their names in lower case, as workbooks compare them. Folders are left out.

    `open` gives the file anew each time; `on_chunk` is called before each chunk that is read.
    """

    open: Callable[[], BinaryIO]
    entries: dict[str, Entry]
    on_chunk: Callable[[], None]

    def has(self, name: str) -> bool:
        """Whether there is such an entry."""
        return name.lower() in self.entries

    def unpacked_bytes(self, name: str) -> int:
        """An entry's size. Raises CallerError `damaged-workbook` if it is missing."""
        return self._entry(name).unpacked_bytes

    def read(self, name: str, limit: int) -> bytes:
        """A small entry as a whole. Raises as `chunks`, and `workbook-too-large` above `limit` bytes."""
        entry = self._entry(name)
        if entry.unpacked_bytes > limit:
            raise too_large(f'its part "{entry.name}" has more than {limit:,} bytes')
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """An entry's bytes, at most 256 KiB at a time.

        Raises CallerError `damaged-workbook` if the entry is missing or not what the directory says.
        """
        entry = self._entry(name)
        size = checksum = 0
        with self.open() as file:
            for chunk in _unpacked(file, entry):
                self.on_chunk()
                size += len(chunk)
                if size > entry.unpacked_bytes:
                    raise unsafe(f'its part "{entry.name}" holds more than it says')
                checksum = zlib.crc32(chunk, checksum)
                yield chunk
        if (size, checksum) != (entry.unpacked_bytes, entry.checksum):
            raise damaged(f'its part "{entry.name}" is not what it was when it was written')

    def _entry(self, name: str) -> Entry:
        entry = self.entries.get(name.lower())
        if entry is None:
            raise damaged(f'its part "{name}" is missing')
        return entry


def open_zip(path: Path, on_chunk: Callable[[], None] = lambda: None) -> ZipParts:
    """Read a zip file's directory; see `ZipParts`. Raises as `read_directory`."""
    return read_directory(lambda: path.open("rb"), path.stat().st_size, on_chunk)


def read_directory(opened: Callable[[], BinaryIO], size: int, on_chunk: Callable[[], None]) -> ZipParts:
    """Read the directory of a zip file of `size` bytes, wherever it lies: `opened` gives it at its beginning.

    Raises CallerError `damaged-workbook`, `unsafe-workbook`, `workbook-too-large` or `encrypted-workbook`.
    """
    with opened() as file:
        count, directory_bytes, offset = _end(file, size)
        if count > MAX_ENTRIES or directory_bytes > MAX_DIRECTORY_BYTES:
            raise too_large(f"it consists of {count:,} parts; {MAX_ENTRIES:,} are possible")
        file.seek(offset)
        entries = list(_directory(file.read(directory_bytes), count))
    _check_sizes(entries, offset)
    return ZipParts(opened, _by_name(entries), on_chunk)


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """The number of entries, the directory's bytes and where it begins."""
    tail_begin = max(0, size - _END.size - _MAX_COMMENT_BYTES)
    file.seek(tail_begin)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise damaged("its end is missing, as if it had not been copied whole")
    _, *disks, count, directory_bytes, offset, comment_bytes = _END.unpack_from(tail, at)
    if at + _END.size + comment_bytes != len(tail):
        raise damaged("something follows after its end")
    end = tail_begin + at
    if count == _MAX_16 or _MAX_32 in (directory_bytes, offset):
        count, directory_bytes, offset, end = _end_64(file, end)
    elif any(disks[:2]) or disks[2] != count:
        raise damaged("it is one of several volumes")
    if offset + directory_bytes > end:
        raise damaged("its list of parts is not where it says")
    return count, directory_bytes, offset


def _end_64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    """The same of a large file, and where its own end begins."""
    wrong = damaged("its end is not what it says")
    if end < _LOCATOR.size + _END_64.size:
        raise wrong
    file.seek(end - _LOCATOR.size)
    signature, _, at, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if signature != b"PK\x06\x07" or at > end - _LOCATOR.size - _END_64.size:
        raise wrong
    file.seek(at)
    signature, *_, count, directory_bytes, offset = _END_64.unpack(file.read(_END_64.size))
    if signature != b"PK\x06\x06":
        raise wrong
    return count, directory_bytes, offset, at


def _directory(content: bytes, count: int) -> Iterator[Entry]:
    at = 0
    for _ in range(count):
        if len(content) - at < _ENTRY.size or content[at : at + 4] != b"PK\x01\x02":
            raise damaged("its list of parts is cut")
        fields = _ENTRY.unpack_from(content, at)
        flags, method, checksum, packed, unpacked = fields[3], fields[4], *fields[7:10]
        name_bytes, extra_bytes, comment_bytes, offset = *fields[10:13], fields[16]
        at += _ENTRY.size
        name = content[at : at + name_bytes]
        extra = content[at + name_bytes : at + name_bytes + extra_bytes]
        at += name_bytes + extra_bytes + comment_bytes
        if flags & _ENCRYPTED:
            raise encrypted()
        if method not in (_STORED, _DEFLATED):
            raise damaged("it is packed in a way that workbooks are not")
        unpacked, packed, offset = _large_sizes(extra, unpacked, packed, offset)
        yield Entry(_safe_name(name, flags), method, checksum, packed, unpacked, offset, name_bytes)


def _large_sizes(extra: bytes, *sizes: int) -> tuple[int, ...]:
    """The sizes, of which those that do not fit into 32 bits stand in the extra field."""
    if _MAX_32 not in sizes:
        return sizes
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            large = iter(struct.unpack_from(f"<{length // 8}Q", extra.ljust(at + 4 + length, b"\0"), at + 4))
            return tuple(next(large, size) if size == _MAX_32 else size for size in sizes)
        at += 4 + length
    return sizes


def _safe_name(name: bytes, flags: int) -> str:
    """The entry's name, with slashes. Raises CallerError `unsafe-workbook` for one that leads out of its folder."""
    decoded = name.decode("utf-8" if flags & _UTF8 else "cp437", errors="replace").replace("\\", "/")
    segments = decoded.split("/")
    if ".." in segments or decoded.startswith("/") or ":" in segments[0] or not decoded.isprintable():
        raise unsafe("a part of it has a name that leads out of the workbook")
    return decoded


def _check_sizes(entries: list[Entry], directory_at: int) -> None:
    free_from = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < free_from:
            raise unsafe("its parts lie on top of each other")
        free_from = entry.offset + _LOCAL.size + entry.name_bytes + entry.packed_bytes
        is_too_good = entry.unpacked_bytes > FREE_BYTES + MAX_RATIO * entry.packed_bytes
        if is_too_good or (entry.method == _STORED and entry.packed_bytes != entry.unpacked_bytes):
            raise unsafe(f'its part "{entry.name}" would unpack to {entry.unpacked_bytes:,} bytes')
    if free_from > directory_at:
        raise damaged("its list of parts does not fit its parts")
    total = sum(entry.unpacked_bytes for entry in entries)
    if total > MAX_UNPACKED_BYTES:
        raise too_large(f"it unpacks to {total:,} bytes")


def _by_name(entries: list[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        if found.setdefault(entry.name.lower(), entry) is not entry:
            raise unsafe(f'it has two parts named "{entry.name}"')
    return {name: entry for name, entry in found.items() if not name.endswith("/")}


def _unpacked(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    file.seek(entry.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise damaged(f'its part "{entry.name}" is not where it says')
    name_bytes, extra_bytes = _LOCAL.unpack(header)[9:11]
    file.seek(name_bytes + extra_bytes, 1)
    if entry.method == _STORED:
        yield from _packed(file, entry)
        return
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _packed(file, entry):
            rest = packed
            while rest:
                yield unpacking.decompress(rest, CHUNK_BYTES)
                rest = unpacking.unconsumed_tail
            if unpacking.eof:
                break
        while chunk := unpacking.decompress(unpacking.unconsumed_tail, CHUNK_BYTES):
            yield chunk
    except zlib.error as error:
        raise damaged(f'its part "{entry.name}" cannot be unpacked') from error
    if not unpacking.eof:
        raise damaged(f'its part "{entry.name}" is cut')


def _packed(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    left = entry.packed_bytes
    while left and (chunk := file.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk
