"""The page docs/hostile-files.md, from the list of files: `python -m tests.hostile.page` writes it."""

from collections.abc import Sequence
from pathlib import Path

from tests.hostile.files import FILES
from tests.hostile.hostile_file import IMPORTED, HostileFile
from tests.hostile.sheets import CELLS, DOCUMENT_TYPES, FLOODS, PARTS, PLACES
from tests.hostile.sheets import MEANT as MEANT_SHEETS
from tests.hostile.texts import ENCODED, MEANT, SHAPED, SIGNED
from tests.hostile.zips import BOMBS, BROKEN, NAMES, OTHERS

PAGE = Path(__file__).parents[2] / "docs" / "hostile-files.md"

CODES = {
    "empty-file": ("nothing to read", "upload a file with a header and rows"),
    "header-only": ("a header without rows", "add rows, or upload another file"),
    "no-valid-rows": ("no row is as wide as the header", "look at the first line: is it the header?"),
    "not-a-csv": ("the file is known for something else, or has zero bytes", "upload CSV or an Excel workbook"),
    "bad-encoding": ("bytes that are no text in the file's encoding", 'save as "CSV UTF-8"'),
    "line-too-long": ("a row of more than 2,000,000 characters", "look for a quotation mark that is never closed"),
    "too-many-columns": ("more than 1,000 columns", "delete what is not part of the table"),
    "empty-column-name": ("a column without a name", "name it, or remove it"),
    "duplicate-column": ("two columns of one name", "rename one"),
    "column-name-too-long": ("a name of more than 255 characters", "look at the first line: is it the header?"),
    "not-a-workbook": ("a zip or Office file, but no workbook (.xlsx, .xlsm)", "save as one, or unpack the file"),
    "old-workbook": ("a workbook of before 2007 (.xls)", "save it as .xlsx"),
    "encrypted-workbook": ("it has a password", "save it without one"),
    "damaged-workbook": ("it breaks the rules of its format; the sentence says where", "open it, and save it again"),
    "unsafe-workbook": ("it is made as an attack would be, and no program makes it", "open it, and save it again"),
    "workbook-too-large": ("its parts, texts or cells are more than is read", 'save the sheet as "CSV UTF-8"'),
    "workbook-too-complex": ("it needs more memory or time than there is for it", 'save the sheet as "CSV UTF-8"'),
    "unknown-sheet": ("no sheet of that name, or none that is visible and has cells", "name one of those listed"),
    "empty-sheet": ("the sheet has no cells", "name another one"),
    "formula-without-value": ("a formula whose result was never saved", "open it in Excel or LibreOffice, and save it"),
}
"""What each code means, and what its reader can do."""

GROUPS = {
    "Something else than a table": SIGNED,
    "Encodings": ENCODED,
    "Shapes of CSV": SHAPED,
    "Texts that mean something elsewhere, and names": MEANT,
    "Bombs": BOMBS,
    "Names in zip files": NAMES,
    "Broken zip files": BROKEN,
    "Zip files that are no workbook, and files under another name": OTHERS,
    "Document types and entities": DOCUMENT_TYPES,
    "Rows and columns": PLACES,
    "Cells": CELLS,
    "Too much of something": FLOODS,
    "Parts of a workbook": PARTS,
    "Workbooks that do something elsewhere": MEANT_SHEETS,
}

_INTRODUCTION = f"""\
# Hostile files

What becomes of each of {len(FILES)} files made to break an import. Written from `tests/hostile/`, whose tests make
every one of them, read it as an import does, and hold it to this page, to 30 seconds and to 400 MB, in a process that
has to outlive them all. `imported` means that the file is a table, whatever else it is: its cells are read as texts,
numbers and dates, and nothing in it is run or followed.

A workbook is read by a process of its own, with 256 MB of memory and no credentials. What the zip file says of itself
is checked before anything is unpacked, and again while it is.

## Codes

| code | means | what to do |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    codes = "".join(f"| `{code}` | {meaning} | {advice} |\n" for code, (meaning, advice) in CODES.items())
    return _INTRODUCTION + codes + "".join(_group(title, files) for title, files in GROUPS.items())


def _group(title: str, files: Sequence[HostileFile]) -> str:
    rows = "".join(f"| `{_shown(file.name)}` | {_cell(file.what)} | {_outcome(file)} |\n" for file in files)
    return f"\n## {title}\n\n| name | what it is | ends as |\n|---|---|---|\n{rows}"


def _outcome(file: HostileFile) -> str:
    return IMPORTED if file.outcome == IMPORTED else f"`{file.outcome}`"


def _shown(name: str) -> str:
    return ascii(name)[1:-1].replace("\\\\", "\\")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(page())
