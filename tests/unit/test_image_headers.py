"""Kind and size of an image, read from its first bytes alone."""

from pathlib import Path

import pytest

from jobmill.errors import CallerError
from jobmill.image_headers import MAX_PIXELS, ImageHeader, ImageKind, read_image_header
from tests.unit.pictures import gif, jpeg, png, png_of_size, segment

THUMBNAIL = segment(0xE1, b"Exif\x00\x00" + jpeg(160, 120))


def header(folder: Path, content: bytes) -> ImageHeader:
    (folder / "image").write_bytes(content)
    return read_image_header(folder / "image")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(300, 200), ImageKind.PNG),
        (gif(300, 200), ImageKind.GIF),
        (gif(300, 200).replace(b"89a", b"87a"), ImageKind.GIF),
        (jpeg(300, 200), ImageKind.JPEG),
        (jpeg(300, 200, frame=0xC2), ImageKind.JPEG),
        (jpeg(300, 200, before=THUMBNAIL), ImageKind.JPEG),
        (jpeg(300, 200, before=segment(0xC4, bytes(20)) + segment(0xCC, b"ab")), ImageKind.JPEG),
        (jpeg(300, 200, before=b"\xff\x01\xff\xd0\xff\xff\xff"), ImageKind.JPEG),
        (jpeg(300, 200, before=segment(0xE2, bytes(65_533)) * 300), ImageKind.JPEG),
    ],
    ids=["png", "gif89", "gif87", "jpeg", "progressive", "thumbnail", "tables", "fill", "profile"],
)
def test_kind_and_size_are_found(tmp_path: Path, content: bytes, kind: ImageKind) -> None:
    assert header(tmp_path, content) == ImageHeader(kind, 300, 200)


JPEG = jpeg()
SIZE = JPEG.index(b"\xff\xc0")


@pytest.mark.parametrize(
    "content",
    [
        b"", png()[:23], png(0, 1), png(1, 0), png().replace(b"IHDR", b"IDAT"), b"\x89PNG\r\n\x1a\n" + bytes(20),
        gif()[:9], gif(0, 1), gif(1, 0), b"GIF88a" + bytes(20), jpeg(0, 1), jpeg(1, 0),
        JPEG[: SIZE + 8], jpeg(770)[: SIZE + 8], JPEG[:SIZE] + b"\xff\xd9\x00\x02" + JPEG[SIZE:],
        JPEG[:SIZE] + b"\xff\xda\x00\x02" + JPEG[SIZE:],
        JPEG[:SIZE] + b"\x00" + JPEG[SIZE:], JPEG[:SIZE] + b"\xff\xe1\x00\x01" + JPEG[SIZE:],
        JPEG[:SIZE] + b"\xff\xc0\x00\x07" + JPEG[SIZE + 4 :], JPEG[:SIZE] + b"\xff\xe1\xff\xff" + JPEG[SIZE:],
        JPEG[:SIZE] + b"\xff" * 5_000 + JPEG[SIZE:], jpeg(before=segment(0xE1, b"") * 2_000),
        b"\xff\xd8\xff" + bytes(40), b"BM" + bytes(60), b"II*\x00" + bytes(60), b"%PDF-1.7" + bytes(60),
    ],
)  # fmt: skip
def test_what_has_none_is_no_image(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CallerError) as raised:
        header(tmp_path, content)
    assert raised.value.code == "not-an-image"


def test_an_image_may_have_so_many_pixels_and_no_more(tmp_path: Path) -> None:
    assert header(tmp_path, png_of_size(MAX_PIXELS, 1)).width == MAX_PIXELS
    for content in (
        png_of_size(MAX_PIXELS + 1, 1),
        png_of_size(2**32 - 1, 2**32 - 1),
        jpeg(65_535, 65_535),
        gif(50_000, 2_001),
    ):
        with pytest.raises(CallerError) as raised:
            header(tmp_path, content)
        assert raised.value.code == "image-too-large"
