"""What a preview costs the process that makes it: memory, time and the size of its answer."""

import contextlib
import gc
import io
import tracemalloc
from collections.abc import Iterator
from functools import partial

import pytest

from jobmill.errors import CallerError
from jobmill.tables.workbook.preview import preview_workbook
from tests.unit.tables.workbooks import parts, sheet_xml, strings_xml, styles_xml, zipped

ROW = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="0"><v>1</v></c></row>'


def look(sheet: str) -> None:
    content = zipped(parts(sheet, strings=strings_xml("name"), styles=styles_xml(14)))
    with contextlib.suppress(CallerError):
        preview_workbook(partial(io.BytesIO, content), len(content))


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
    look(sheet)
    tracemalloc.start()
    look(sheet)
    look(sheet)
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 1 << 20
