"""How much goes into a sheet and into a workbook. Imports no data library."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """Rows of a sheet (without its header), data sheets of a workbook, and bytes of a workbook's sheets as XML.

    The writer lays the sheets down as XML on the disk before it packs them.
    """

    rows: int
    sheets: int
    xml_bytes: int


EXCEL: Final = SheetLimits(rows=1_048_575, sheets=5, xml_bytes=4_000_000_000)
"""Excel's 1,048,576 rows, less the header; five such sheets of ten columns.

The writer packs no sheet of 4 GiB; and with the workbook itself and the rows in their order, this is at most what
`DiskMegabytes` of the template gives an export.
"""
