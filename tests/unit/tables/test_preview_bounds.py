"""What a preview costs the process that makes it: memory, time and the size of its answer."""

import contextlib
import gc
import io
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest

from jobmill.errors import CallerError
from jobmill.tables.preview import Preview
from jobmill.tables.workbook.csv_rows import MAX_COLUMNS
from jobmill.tables.workbook.preview import preview_workbook
from tests.unit.tables.workbooks import parts, sheet_xml, strings_xml, styles_xml, zipped

ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="0"><v>1</v></c></row>'


def look(sheet: str) -> Preview:
    content = zipped(parts(sheet, strings=strings_xml("name"), styles=styles_xml(14)))
    return preview_workbook(partial(io.BytesIO, content), len(content))


def glance(sheet: str) -> None:
    with contextlib.suppress(CallerError):
        look(sheet)


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize(
    "sheet",
    [
        sheet_xml(ROW),
        sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>' * 2),
        "<!DOCTYPE worksheet>" + sheet_xml(ROW).partition("?>")[2],
        sheet_xml(ROW).replace("sheetData", "other"),
        sheet_xml("".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, 200))),
        sheet_xml(ROW)[:-30],
    ],
    ids=["whole", "rows in no order", "document type", "no rows", "more rows", "cut"],
)
def test_a_preview_leaves_no_memory_to_the_collector(sheet: str) -> None:
    glance(sheet)
    tracemalloc.start()
    glance(sheet)
    glance(sheet)
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1 << 20


@pytest.mark.parametrize("last", [MAX_COLUMNS - 1, MAX_COLUMNS])
def test_any_number_of_hidden_columns_costs_little_time(last: int) -> None:
    columns = f'<col min="1" max="{last}" hidden="1"/>' * 200_000
    began = time.process_time()
    look(sheet_xml(ROW, before=f"<cols>{columns}</cols>"))
    assert time.process_time() - began < 3


def test_the_last_of_many_columns_can_be_hidden() -> None:
    columns = "".join(f'<col min="{i}" max="{i}" hidden="{int(i == 3)}"/>' for i in range(1, MAX_COLUMNS + 1))
    columns = columns.replace(f'max="{MAX_COLUMNS}" hidden="0"', f'max="{MAX_COLUMNS}" hidden="1"')
    cells = "".join(f'<c r="{letters}1"><v>1</v></c>' for letters in ("A", "C", "ALL"))
    found = look(sheet_xml(f'<row r="1">{cells}</row>', before=f"<cols>{columns}</cols>"))
    assert found.columns == ("1", *[""] * (MAX_COLUMNS - 3))
