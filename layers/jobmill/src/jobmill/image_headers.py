"""What the first bytes of an image file say: its kind, and its size in pixels.

Nothing is decoded, so that an image of many pixels in few bytes costs no more than any other.
Sources: PNG (Third Edition) 5.2 and 11.2.1; GIF89a, 17 and 18; JPEG, ITU-T T.81, annex B.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from jobmill.errors import CallerError

MAX_PIXELS: Final = 100_000_000
"""Whoever opens a report decodes its images: these are 400 MB in memory. Cameras make half of it."""
_MAX_SEGMENTS: Final = 1_000
"""Of a JPEG before its size: colour profiles and descriptions are cut into pieces of 64 KB, a few hundred at most."""
_PNG: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_GIF: Final = (b"GIF87a", b"GIF89a")
_JPEG: Final = b"\xff\xd8\xff"
# Start of frame, of every kind of coding; the four that are missing are tables and reserved.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# A scan, or the end: no size may come after it.
_ENDS: Final = frozenset((0xD9, 0xDA))
# Alone, without a length: restarts, and a mark for no use.
_ALONE: Final = frozenset(range(0xD0, 0xD8)) | {0x01}


class ImageKind(StrEnum):
    """The kinds that every program shows that opens workbooks; the value is the name's ending."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Kind, and size in pixels, both at least 1."""

    kind: ImageKind
    width: int
    height: int


def read_image_header(path: Path) -> ImageHeader:
    """The header of the image file.

    Raises CallerError `not-an-image` for a file that is none of the kinds, or that ends before its size; and
    `image-too-large` for more than MAX_PIXELS.
    """
    with path.open("rb") as file:
        found = _read(file)
    if found is None or not found.width or not found.height:
        raise CallerError("not-an-image", "This is no PNG, JPEG or GIF image.")
    if found.width * found.height > MAX_PIXELS:
        raise CallerError("image-too-large", f"The image has more than {MAX_PIXELS:,} pixels.")
    return found


def _read(file: BinaryIO) -> ImageHeader | None:
    first = file.read(24)
    if len(first) < 24:
        return None
    if first.startswith(_PNG):
        return ImageHeader(ImageKind.PNG, int.from_bytes(first[16:20]), int.from_bytes(first[20:24]))
    if first.startswith(_GIF):
        width, height = first[6:8], first[8:10]
        return ImageHeader(ImageKind.GIF, int.from_bytes(width, "little"), int.from_bytes(height, "little"))
    if first.startswith(_JPEG):
        file.seek(2)
        return _read_jpeg(file)
    return None


def _read_jpeg(file: BinaryIO) -> ImageHeader | None:
    for _ in range(_MAX_SEGMENTS):
        mark = _marker(file)
        if mark is None or mark in _ENDS:
            return None
        if mark in _ALONE:
            continue
        length = int.from_bytes(file.read(2))
        if mark in _FRAMES:
            frame = file.read(5)
            if length < 8 or len(frame) < 5:
                return None
            return ImageHeader(ImageKind.JPEG, int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3]))
        if length < 2:
            return None
        file.seek(length - 2, 1)
    return None


def _marker(file: BinaryIO) -> int | None:
    """The next marker: one byte after one or more of 255; none where something else stands."""
    if file.read(1) != b"\xff":
        return None
    for _ in range(_MAX_SEGMENTS):
        mark = file.read(1)
        if mark != b"\xff":
            return mark[0] if mark else None
    return None
