"""Zip files byte by byte, which may lie about everything."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RawEntry:
    """An entry as its headers have it. `offset` is where the directory says that it is, if not where it is."""

    name: bytes
    packed: bytes
    unpacked_bytes: int
    checksum: int
    method: int = 8
    flags: int = 0x0800
    offset: int | None = None
    packed_bytes: int | None = None


def entry(name: str | bytes, content: str | bytes) -> RawEntry:
    """An honest entry."""
    content = content.encode() if isinstance(content, str) else content
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    return RawEntry(name.encode() if isinstance(name, str) else name, packed, len(content), zlib.crc32(content))


def entries(contents: Mapping[str, str | bytes]) -> list[RawEntry]:
    """Honest entries."""
    return [entry(name, content) for name, content in contents.items()]


def changed(contents: Mapping[str, str | bytes], part: str, **lies: object) -> bytes:
    """A zip file in which one part's headers say something else."""
    return zip_of([
        replace(each, **lies) if each.name == part.encode() else each  # type: ignore[arg-type]
        for each in entries(contents)
    ])  # fmt: skip


def bomb(name: str, head: bytes, block: bytes, times: int, tail: bytes) -> RawEntry:
    """An entry of `head`, `times` blocks and `tail`, packed in the time that one block takes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed_head = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    packed_block = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    packed_tail = packer.compress(tail) + packer.flush()
    size = len(head) + times * len(block) + len(tail)
    return RawEntry(name.encode(), packed_head + packed_block * times + packed_tail, size, 0)


def zip_of(
    parts: Sequence[RawEntry], *, count: int | None = None, directory_at: int | None = None, after: bytes = b""
) -> bytes:
    """The zip file; its end may name another number of entries, or another place of the directory."""
    body = bytearray()
    directory = bytearray()
    for part in parts:
        offset = len(body) if part.offset is None else part.offset
        packed_bytes = len(part.packed) if part.packed_bytes is None else part.packed_bytes
        sizes = (part.checksum, packed_bytes, min(part.unpacked_bytes, 0xFFFFFFFF), len(part.name), 0)
        body += struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, part.flags, part.method, 0, 33, *sizes)
        body += part.name + part.packed
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, part.flags, part.method, 0, 33, *sizes, 0, 0, 0, 0, offset
        )
        directory += part.name
    number = len(parts) if count is None else count
    at = len(body) if directory_at is None else directory_at
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(directory), at, 0)
    return bytes(body + directory + end + after)
