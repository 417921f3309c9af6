"""Small images of each kind, made here; those of PNG are whole, of the others the beginning is enough."""

import struct
import zlib


def png(width: int = 3, height: int = 2) -> bytes:
    """A red picture."""
    rows = zlib.compress((b"\x00" + b"\xff\x00\x00" * width) * height)
    return png_of_size(width, height) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def png_of_size(width: int, height: int) -> bytes:
    """It says that it is of this size, and has no content."""
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def jpeg(width: int = 3, height: int = 2, *, frame: int = 0xC0, before: bytes = b"") -> bytes:
    """A JPEG up to its first scan; `before` stands before its size."""
    size = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    app = segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
    return b"\xff\xd8" + app + before + segment(frame, size) + b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def gif(width: int = 3, height: int = 2) -> bytes:
    """A GIF of nothing."""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00" + b";" + bytes(10)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
