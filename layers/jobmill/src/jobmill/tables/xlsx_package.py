"""A workbook is a zip file that carries the time it was made; without it the same data is the same bytes."""

import re
from pathlib import Path
from typing import Final
from zipfile import ZipFile, ZipInfo

_CORE: Final = "docProps/core.xml"
_TIMES: Final = re.compile(rb"<dcterms:(created|modified)\b[^>]*>[^<]*</dcterms:\1>")
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)


def drop_times(workbook: Path) -> None:
    """Take the times of creation and change out of the document's properties, in place.

    The writer puts the properties after the sheets, so only the file's last few kilobytes are written anew.
    """
    with ZipFile(workbook, "a") as package:
        names = package.namelist()
        later = package.infolist()[names.index(_CORE) :]
        contents = [(info.filename, package.read(info)) for info in later]
        del package.filelist[names.index(_CORE) :]
        package.start_dir = later[0].header_offset
        for info in later:
            del package.NameToInfo[info.filename]
        for name, content in contents:
            kept = _TIMES.sub(b"", content) if name == _CORE else content
            package.writestr(ZipInfo(name, _EARLIEST), kept)
