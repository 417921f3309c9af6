"""A finished workbook becomes a file; without the times of its making, the same content is the same bytes."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.writer.excel import ExcelWriter

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


def save(workbook: Workbook, target: Path, rows: Mapping[str, Iterable[str]] | None = None) -> None:
    """Write the workbook to `target`; the sheets named in `rows` get these, as XML, in place of their own ones.

    openpyxl takes 60 microseconds to write a cell, which is too much for sheets of many rows.
    """
    workbook.properties.creator = "Jobmill"
    workbook.properties.created = workbook.properties.modified = datetime(*_EARLIEST)
    numbers = {title: number for number, title in enumerate(workbook.sheetnames, start=1)}
    by_path = {f"xl/worksheets/sheet{numbers[title]}.xml": given for title, given in (rows or {}).items()}
    with _Package(target, by_path) as package:
        ExcelWriter(workbook, package).save()
        if not by_path.keys() <= set(package.namelist()):
            raise ValueError("openpyxl gave the sheets other names")


class _Package(ZipFile):
    """A zip file whose entries have no time, and whose sheets may get other rows."""

    def __init__(self, target: Path, rows: Mapping[str, Iterable[str]]) -> None:
        super().__init__(target, "w", ZIP_DEFLATED)
        self._rows = rows

    def writestr(self, zinfo_or_arcname: str | ZipInfo, data: Any, *_: Any, **__: Any) -> None:
        name = zinfo_or_arcname if isinstance(zinfo_or_arcname, str) else zinfo_or_arcname.filename
        super().writestr(_entry(name), data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(_entry(arcname), "w", force_zip64=True) as entry:
            if arcname not in self._rows:
                shutil.copyfileobj(source, entry)
                return
            before, start, own = source.read().partition(b"<sheetData>")
            after = own.partition(b"</sheetData>")[2]
            if not after:
                raise ValueError(f"{arcname} has no rows to be replaced")
            entry.write(before + start)
            for row in self._rows[arcname]:
                entry.write(row.encode())
            entry.write(b"</sheetData>" + after)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EARLIEST)
    entry.compress_type = ZIP_DEFLATED
    return entry
