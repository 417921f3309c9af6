"""Images in workbooks: the parts of the package, as a program reads them that opens it."""

import os
from pathlib import Path
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from jobmill.errors import CallerError
from jobmill.reports.images import place_image
from jobmill.reports.sheets import put
from jobmill.reports.workbooks import save
from tests.unit.pictures import gif, jpeg, png, png_of_size

EMU_PER_PIXEL = 9_525
DRAWING = {
    "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
}
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/%s}"


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def made(folder: Path, *contents: bytes, name: str = "book.xlsx", sides: tuple[int, int] = (400, 300)) -> Path:
    """A workbook with these images, one below the other, saved in a folder of its own."""
    book = Workbook()
    put(book.worksheets[0], 1, 1, "Images")
    for number, content in enumerate(contents):
        path = folder / f"image{number}"
        path.write_bytes(content)
        place_image(book.worksheets[0], path, f"B{2 + 10 * number}", max_width=sides[0], max_height=sides[1])
    save(book, folder / name)
    return folder / name


def shown(package: dict[str, bytes]) -> list[tuple[str, str, int, int]]:
    """Column and row of each image, counted from 0, and its size in pixels."""
    anchors = fromstring(package["xl/drawings/drawing1.xml"]).findall("xdr:oneCellAnchor", DRAWING)
    found = []
    for anchor in anchors:
        size = anchor.find("xdr:ext", DRAWING)
        assert size is not None
        place = [anchor.findtext(f"xdr:from/xdr:{name}", namespaces=DRAWING) or "" for name in ("col", "row")]
        found.append((*place, *(int(size.attrib[name]) // EMU_PER_PIXEL for name in ("cx", "cy"))))
    return found  # type: ignore[return-value]


@pytest.mark.requirement("U9")
def test_images_are_in_the_workbook_as_they_came(tmp_path: Path) -> None:
    contents = [png(30, 20), jpeg(30, 20), gif(30, 20)]
    package = parts(made(tmp_path, *contents))

    media = ["xl/media/image1.png", "xl/media/image2.jpeg", "xl/media/image3.gif"]
    assert [package[name] for name in media] == contents
    relations = fromstring(package["xl/drawings/_rels/drawing1.xml.rels"])
    assert [each.attrib["Target"] for each in relations] == [f"/{name}" for name in media]
    types = fromstring(package["[Content_Types].xml"]).findall((PACKAGE % "content-types") + "Default")
    said = {each.attrib["Extension"]: each.attrib["ContentType"] for each in types}
    assert said | {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif"} == said
    sheet = fromstring(package["xl/worksheets/_rels/sheet1.xml.rels"])
    assert [each.attrib["Target"] for each in sheet] == ["/xl/drawings/drawing1.xml"]
    assert shown(package) == [("1", "1", 30, 20), ("1", "11", 30, 20), ("1", "21", 30, 20)]


def test_the_workbook_is_read_as_ever(tmp_path: Path) -> None:
    assert load_workbook(made(tmp_path, png()), read_only=True).worksheets[0]["A1"].value == "Images"


@pytest.mark.requirement("U9")
@pytest.mark.parametrize(
    ("size", "sides", "expected"),
    [
        ((800, 300), (400, 300), (400, 150)),
        ((400, 900), (400, 300), (133, 300)),
        ((100, 100), (400, 300), (100, 100)),
        ((400, 300), (400, 300), (400, 300)),
        ((10_000, 1), (100, 100), (100, 1)),
    ],
)
def test_an_image_fits_and_keeps_its_proportions(
    tmp_path: Path, size: tuple[int, int], sides: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert shown(parts(made(tmp_path, png_of_size(*size), sides=sides))) == [("1", "1", *expected)]


def test_the_same_image_gives_the_same_bytes_and_leaves_no_trace_in_the_next_workbook(tmp_path: Path) -> None:
    before = made(tmp_path, name="before.xlsx").read_bytes()
    first = made(tmp_path, png(), gif(), name="first.xlsx").read_bytes()
    os.utime(tmp_path / "image0", (0, 0))
    second = made(tmp_path, png(), gif(), name="second.xlsx").read_bytes()

    assert (first == second, first == before) == (True, False)
    assert made(tmp_path, name="after.xlsx").read_bytes() == before


@pytest.mark.requirement("U9")
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<html></html>" * 9, "not-an-image"), (png_of_size(100_000, 100_000), "image-too-large")],
    ids=["html", "bomb"],
)
def test_what_is_no_image_is_not_placed(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(CallerError) as raised:
        made(tmp_path, content)
    assert raised.value.code == code
