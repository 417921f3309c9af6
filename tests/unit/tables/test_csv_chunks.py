"""A file is read chunk by chunk: as if it were read at once, and in any process with the same bytes."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobmill.errors import CallerError
from jobmill.tables.csv_chunks import next_chunk
from jobmill.tables.csv_layout import read_layout
from jobmill.tables.csv_plan import Plan
from jobmill.tables.csv_position import Position
from jobmill.tables.csv_reader import CsvReading
from jobmill.tables.csv_records import Dialect, records
from jobmill.tables.engine import connect

from .builders import Bench, csv_text, in_chunks

PIECES = [
    "a", "b7", "1", "2.5", "2024-02-29", "\u00e9", "\ufeff", " ", ",", ",", ",", "\n", "\n", "\n", "\r\n", "\r",
    '"', '""', '"""', '"a"', '"a"\n', '"a,\n"', '"x""\ny"', 'a"b',
    'a"', 'a",', '5" pipe', ' "', '  "', '" ', '"a"b', '"\n',
]  # fmt: skip
SLOW_FIXTURE = [HealthCheck.function_scoped_fixture]

type Outcome = tuple[str, str] | tuple[int, list[str], list[tuple[Any, ...]]]


def outcome(bench: Bench, content: bytes, chunk_bytes: int) -> Outcome:
    """The error, or the bad rows, the types and the rows."""
    try:
        table = bench.read(content, chunk_bytes)
    except CallerError as error:
        return error.code, error.message
    return table.bad_rows, [str(column.type) for column in table.columns], bench.rows()


@example(pieces=['1,2\n"a,b","c\nd,\n"",\n', 'e"\n3,4\n'], chunk_bytes=19, block_bytes=60)
@example(pieces=['1,2\n"c\nd"",\n"",\n', 'e"\n3,4\n'], chunk_bytes=16, block_bytes=60)
@settings(max_examples=600, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=150),
    chunk_bytes=st.integers(1, 200),
    block_bytes=st.integers(1, 60),
)
def test_every_cut_is_the_end_of_a_record(
    tmp_path: Path, pieces: list[str], chunk_bytes: int, block_bytes: int
) -> None:
    content = "".join(pieces).encode()
    source = tmp_path / "source.csv"
    source.write_bytes(content)
    ends, is_closed = record_ends(content)
    begin = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobmill.tables.csv_chunks.BLOCK_BYTES", block_bytes)
        while begin < len(content):
            chunk = next_chunk(source, begin, chunk_bytes, Dialect())
            target = min(begin + chunk_bytes, len(content))
            last = max((end for end in ends if end <= chunk.end), default=0)
            assert target <= chunk.end <= min((end for end in ends if end >= target), default=len(content))
            if content[last : chunk.end].strip(b"\r\n") == b"":
                assert content[chunk.end - 1 : chunk.end + 1] != b"\r\n"
            else:
                assert (chunk.end, chunk.ends_well, is_closed) == (len(content), False, False)
            begin = chunk.end


def record_ends(content: bytes) -> tuple[list[int], bool]:
    """The offsets after each record, parsed from the beginning, and whether no cell is open at the end."""
    ends, offset = [], 0

    def counted() -> Iterator[str]:
        nonlocal offset
        for line in io.StringIO(content.decode("latin-1"), newline=""):
            offset += len(line)
            yield line

    try:
        for _ in records(counted(), Dialect()):
            ends.append(offset)
    except CallerError:
        return ends, False
    return ends, True


@settings(max_examples=50, deadline=None, suppress_health_check=SLOW_FIXTURE)
@given(
    pieces=st.lists(st.sampled_from(PIECES), min_size=5, max_size=60),
    columns=st.integers(1, 3),
    chunk_bytes=st.integers(1, 40),
)
def test_in_chunks_of_any_size_the_same_table_is_read(
    bench: Bench, pieces: list[str], columns: int, chunk_bytes: int
) -> None:
    content = (",".join(["h1", "h2", "h3"][:columns]) + "\n" + "".join(pieces)).encode()
    assert outcome(bench, content, chunk_bytes) == outcome(bench, content, 1 << 20)


def rows_from(begin: int, end: int) -> list[list[str]]:
    return [[str(i), f"x{i % 7}", "2024-02-29" if i % 3 else ""] for i in range(begin, end)]


FILES = {
    "plain": csv_text([["a", "b", "c"], *rows_from(0, 3_000)]),
    "types widen in the last chunk": csv_text([["a", "b", "c"], *rows_from(0, 3_000), ["1.5", "y", "2024-02-30"]]),
    "a value after many empty cells": csv_text([["a", "b"], *([str(i), ""] for i in range(3_000)), ["1", "7"]]),
    "odd in the middle": csv_text([["a", "b", "c"], *rows_from(0, 1_500)])
    + '"x"y,1,2\n1,  "p",\r\n'
    + csv_text(rows_from(1_500, 3_000)),
    "odd from the beginning": 'a,b\n"x"y,1\n' + csv_text([str(i), f'"{i}'] for i in range(3_000)),
    "ragged rows": csv_text([["a", "b", "c"], *([*row[: 1 + int(row[0]) % 5], "x"] for row in rows_from(0, 3_000))]),
    "one column": "a\n" + "1\n\n2\n" * 3_000,
    "one chunk": csv_text([["a", "b"], ["1", "x"], ["2", ""]]),
}


def read_on(folder: Path, content: str, state: str | None, steps: int | None = None) -> tuple[list[Any], str]:
    """Go on from `state` for so many steps, in a connection and folder of its own: what they gave, the state after."""
    folder.mkdir()
    source = folder / "source.csv"
    source.write_text(content, newline="")
    connection = connect(folder)
    since = Position.from_json(json.loads(state)) if state else None
    layout = read_layout(source)
    reading = CsvReading(connection, source, layout, Plan.of_all_columns(layout, "job"), since)
    given: list[Any] = []
    for step in in_chunks(reading, 10_000):
        given.append([path and path.read_bytes() for path in (step.part, step.bad_part)])
        if len(given) == steps:
            break
    if steps is None or len(given) < steps:
        assert reading.table().rows > 0
    connection.close()
    return given, json.dumps(reading.position.to_json())


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_stopped_after_every_chunk_the_parts_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr("jobmill.tables.csv_chunk_reader.SAMPLE_CELLS", 200)
    whole, last_state = read_on(tmp_path / "whole", content, None)
    found: list[Any] = []
    state = None
    while True:
        given, after = read_on(tmp_path / str(len(found)), content, state, steps=1)
        if not given:
            break
        found += given
        state = after
        assert len(state) < 300
    assert found == whole
    assert state == last_state


def test_types_found_far_down_are_those_of_every_part(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.tables.csv_chunk_reader.SAMPLE_CELLS", 200)
    table = bench.read(FILES["types widen in the last chunk"], 10_000)
    assert [str(column.type) for column in table.columns] == ["number", "text", "text"]
    assert len(bench.parts) > 4
    for part in bench.parts:
        described = bench.connection.execute(f"DESCRIBE FROM '{part}'").fetchall()
        assert [kind for _, kind, *_ in described] == ["DOUBLE", "VARCHAR", "VARCHAR"]


def test_a_column_without_values_in_a_later_chunk_keeps_its_type(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.tables.csv_chunk_reader.SAMPLE_CELLS", 200)
    rows = [["1", "1"]] * 3_000 + [["x", "2"]] + [["y", ""]] * 3_000
    table = bench.read(csv_text([["a", "b"], *rows]), 2_000)
    assert [str(column.type) for column in table.columns] == ["text", "integer"]


@pytest.mark.parametrize("tail", ['3,"x', '3,"x\n' + "4,5\n" * 50, '3,"x"""\n4,"x'])
def test_an_unclosed_quote_is_told_with_its_line_in_the_whole_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tail: str
) -> None:
    content = "a,b\r\n" + '"p\r\nq",1\r\n2,"x"\n' * 500 + tail
    line = 1 + 3 * 500 + 1 + tail.count('"""')
    monkeypatch.setattr("jobmill.tables.csv_chunks.BLOCK_BYTES", 7)
    with pytest.raises(CallerError) as raised:
        bench.read(content, 500)
    assert raised.value.code == "unclosed-quote"
    assert f"line {line} " in raised.value.message


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "row",
    ["1,2", '1,"x"', '"a\nb,c",2', '"""",""', 'a",b', '"x"y,"p', '"",""', "é,\u2028"],
)  # fmt: skip
def test_chunks_are_cut_at_their_size_after_a_whole_row(tmp_path: Path, row: str, line_end: str) -> None:
    source = tmp_path / "source.csv"
    line = (row + line_end).encode()
    source.write_bytes(b"h1,h2" + line_end.encode() + line * 200_000)
    begin = len(b"h1,h2" + line_end.encode())
    chunk = next_chunk(source, begin, 600_001, Dialect())
    assert chunk.end == begin + -(-600_001 // len(line)) * len(line)


def test_a_cell_of_many_chunks_is_never_cut(bench: Bench) -> None:
    cell = "1,2,3\n" * 5_000 + 'end"x\n' + "4,5,6\n" * 5_000
    table = bench.read(csv_text([["a", "b", "c"], *([str(i), cell, "z"] for i in range(20))]), 1_000)
    assert (table.rows, table.bad_rows, len(bench.parts)) == (20, 0, 20)
    assert bench.rows(["b"]) == [(cell,)] * 20
