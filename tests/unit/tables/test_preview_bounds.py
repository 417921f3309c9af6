"""What a preview costs the process that makes it: memory, time and the size of its answer."""

import contextlib
import gc
import io
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import pytest

from jobmill.errors import CallerError
from jobmill.json_values import dump_json
from jobmill.tables.csv_preview import preview_csv
from jobmill.tables.preview import MAX_CELL_CHARACTERS, MAX_ROWS, Cell, Enough, Gathered, Preview
from jobmill.tables.workbook.csv_rows import MAX_COLUMNS
from jobmill.tables.workbook.preview import preview_workbook
from tests.unit.tables.workbooks import parts, sheet_xml, strings_xml, styles_xml, zipped

MAX_ANSWER_BYTES = 6_000_000
"""Lambda's quotas."""
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


def answer_bytes(rows: Iterable[Sequence[Cell]]) -> int:
    """Of a preview of these rows, as many as it takes."""
    gathered = Gathered()
    with contextlib.suppress(Enough):
        for row in rows:
            gathered.add(row)
    preview = gathered.preview(None, more=True)
    body = dump_json([list(preview.columns), [list(row) for row in preview.rows]])
    return len(dump_json({"statusCode": 200, "body": body}))


@pytest.mark.parametrize("text", ["\x01", '"', "\\", "é", "😀"])
def test_an_answer_is_below_the_size_that_lambda_takes(text: str) -> None:
    row = [text * (MAX_CELL_CHARACTERS // 5)] * (MAX_COLUMNS // 5)
    assert 3_500_000 < answer_bytes([row] * MAX_ROWS) < MAX_ANSWER_BYTES


def test_an_answer_of_rows_that_are_filled_up_is_below_the_size_that_lambda_takes() -> None:
    names, long = ["name" * 25] * MAX_COLUMNS, ["\x01" * MAX_CELL_CHARACTERS] * MAX_COLUMNS
    assert 4_000_000 < answer_bytes([names, long, *[["x"]] * MAX_ROWS]) < MAX_ANSWER_BYTES


def test_a_table_whose_columns_have_too_long_names_has_no_preview() -> None:
    content = ",".join(["😀" * MAX_CELL_CHARACTERS] * MAX_COLUMNS)
    with pytest.raises(CallerError) as raised:
        preview_csv(content.encode(), is_whole=True)
    assert raised.value.code == "too-long-columns"
