"""Images in workbooks: as they came, shown in a size that fits."""

from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl.drawing.image import Image

from jobmill.image_headers import ImageHeader, read_image_header

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def place_image(sheet: "Worksheet", path: Path, cell: str, *, max_width: int, max_height: int) -> None:
    """Show the PNG, JPEG or GIF file over the cells from `cell` (such as "B2") on.

    It gets as large as fits into `max_width` by `max_height` pixels (96 an inch, at least 1 each) with its proportions
    kept, and never larger than it is. Cells keep their sizes. Nothing is decoded: the file goes into the workbook as
    it is when that is saved, and must be there until then.

    Raises CallerError `not-an-image` and `image-too-large`.
    """
    header = read_image_header(path)
    scale = min(1.0, max_width / header.width, max_height / header.height)
    sheet.add_image(_FileImage(path, header, scale), cell)


class _FileImage(Image):
    """openpyxl's image without its constructor, which has Pillow decode the file only to find its size."""

    def __init__(self, path: Path, header: ImageHeader, scale: float) -> None:
        self.path_of_file = path
        self.format = str(header.kind)
        self.width = max(1, round(header.width * scale))
        self.height = max(1, round(header.height * scale))

    def _data(self) -> bytes:
        return self.path_of_file.read_bytes()
