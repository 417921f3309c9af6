"""What a CSV file means: its cells, its types, its bad rows."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import airportsdata
import pytest

from jobmill.errors import CallerError
from jobmill.tables.bad_rows import fingerprint
from jobmill.tables.csv_encoding import to_utf8
from jobmill.tables.csv_layout import Given, read_layout
from jobmill.tables.csv_records import Dialect
from jobmill.tables.filters import Filter

from .builders import Bench, csv_text


def typed_columns(bench: Bench, cases: list[list[str]]) -> list[tuple[str, list[Any]]]:
    """The type and the values of a column for each case; a shorter case is filled up with empty cells."""
    longest = max(len(cells) for cells in cases)
    rows = zip(*[[*cells, *[""] * (longest - len(cells))] for cells in cases], strict=True)
    table = bench.read(csv_text([[f"c{i}" for i in range(len(cases))], *rows]))
    values = zip(*bench.rows(), strict=True)
    return [
        (column.type, list(found)[: len(cells)])
        for column, found, cells in zip(table.columns, values, cases, strict=True)
    ]


def typed_column(bench: Bench, *cells: str) -> tuple[str, list[Any]]:
    return typed_columns(bench, [list(cells), ["x"] * len(cells)])[0]


FITTING: list[tuple[list[str], str, list[Any]]] = [
    (["1", "-2", "0"], "integer", [1, -2, 0]),
    (["999999999999999", "-999999999999999"], "integer", [10**15 - 1, 1 - 10**15]),
    (["1", ""], "integer", [1, None]),
    (["1", "2.5"], "number", [1.0, 2.5]),
    (["1.50", "-0.25", "100"], "number", [1.5, -0.25, 100.0]),
    (["0.30000000000000004"], "number", [0.30000000000000004]),
    (["12.34567890123450000"], "number", [12.3456789012345]),
    (["-0", "3"], "number", [-0.0, 3.0]),
    (["1.5e-07", "2.00E+05", "0"], "number", [1.5e-07, 200000.0, 0.0]),
    (["true", "false"], "boolean", [True, False]),
    (["TRUE", "False", ""], "boolean", [True, False, None]),
    (["2024-02-29", "0001-01-01", "9999-12-31"], "date", [date(2024, 2, 29), date.min, date.max]),
    (["2024-01-02 03:04:05"], "timestamp", [datetime(2024, 1, 2, 3, 4, 5)]),
    (
        ["2024-01-02T03:04", "2024-01-02 10:00:00.000"],
        "timestamp",
        [datetime(2024, 1, 2, 3, 4), datetime(2024, 1, 2, 10)],
    ),
    (["2024-01-02T03:04:05.120"], "timestamp", [datetime(2024, 1, 2, 3, 4, 5, 120000)]),
    (["1899-12-31 23:59:59.000001"], "timestamp", [datetime(1899, 12, 31, 23, 59, 59, 1)]),
]


def test_a_column_gets_the_type_that_all_its_values_fit(bench: Bench) -> None:
    found = typed_columns(bench, [cells for cells, _, _ in FITTING])
    for (cells, type_, values), column in zip(FITTING, found, strict=True):
        assert column == (type_, values), cells


MISFITS = [
        ["007", "1"], ["+1", "2"], ["1234567890123456"], ["1", "9" * 30], ["1_000"], ["0x1F"], ["1,000"],
        ["01.5"], [".5"], ["5."], ["0.1000000000000000055511151231257827"], ["1234567890123456.5"],
        ["1E5"], ["1e5", "2.5"], ["1e+999"], ["inf"], ["NaN", "1.5"], ["Infinity"], ["-inf"],
        ["t", "f"], ["yes", "no"], ["true", "1"], ["tRUE"],
        ["2023-02-29"], ["2024-1-2"], ["02.01.2024"], ["2024-01-02", "2024-01-02 03:04:05"], ["infinity"], ["epoch"],
        ["12024-01-02"], ["0000-01-01"], ["2024-01-02T03:04:05Z"], ["2024-01-02T03:04:05+02:00"],
        ["2024-01-02 03:04:05.1234567"], ["2024-01-02 24:00:00"], ["2024-01-02 03"], ["10:00:00"],
        ["12024-01-02 10:00:00"], ["0000-01-01 10:00:00"],
        [" 1"], ["1 "], [" true"], ["2024-01-02 "], ["NULL"], ["NA", "1"], ["null"], ["é"], ["1", "x"],]  # fmt: skip


def test_what_a_type_would_change_stays_text(bench: Bench) -> None:
    for cells, column in zip(MISFITS, typed_columns(bench, MISFITS), strict=True):
        assert column == ("text", cells)


def test_a_column_of_empty_cells_is_text(bench: Bench) -> None:
    assert typed_column(bench, "", "", "") == ("text", [None, None, None])


@pytest.mark.parametrize(
    ("early", "late", "type_", "value"),
    [
        ("1", "x", "text", "x"),
        ("1", "2.5", "number", 2.5),
        ("1", "007", "text", "007"),
        ("true", "maybe", "text", "maybe"),
        ("2024-01-01", "2024-13-01", "text", "2024-13-01"),
        ("", "7", "integer", 7),
        ("", "2024-01-01", "date", date(2024, 1, 1)),
        ("1.5", "1E5", "text", "1E5"),
    ],
)
def test_a_value_far_beyond_the_sample_still_decides_the_type(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, early: str, late: str, type_: str, value: Any
) -> None:
    monkeypatch.setattr("jobmill.tables.csv_chunk_reader.SAMPLE_CELLS", 200)
    found, values = typed_column(bench, *[early] * 5_000, late)
    assert (found, values[-1], len(values)) == (type_, value, 5_001)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiter_line_ends_and_bom_are_found_out(bench: Bench, delimiter: str, line_end: str) -> None:
    bom = "\ufeff" if delimiter in ",;" else ""
    rows = [["id", "name, first", "note"], ["1", "a;b|c\td,", 'say "hi"'], ["2", "line\nbreak", ""], ["3", "é☃😀", "z"]]
    table = bench.read(bom + csv_text(rows, delimiter, line_end))
    assert [(column.name, column.type) for column in table.columns] == [
        ("id", "integer"), ("name, first", "text"), ("note", "text"),
    ]  # fmt: skip
    assert bench.rows() == [(1, "a;b|c\td,", 'say "hi"'), (2, "line\nbreak", None), (3, "é☃😀", "z")]


def test_decimal_commas_are_found_out_and_do_not_hide_the_semicolon(bench: Bench) -> None:
    bench.read("price;name\n1,5;a\n-20,25;b\n3;c\n")
    assert bench.rows() == [(1.5, "a"), (-20.25, "b"), (3.0, "c")]


@pytest.mark.parametrize("cells", [["1,5", "1.5"], ["1,5", "1.234,5"], ["1,5", "x"], ["1,50,0", "1,5"], [",5", "1,5"]])
def test_what_a_decimal_comma_would_change_stays_text(bench: Bench, cells: list[str]) -> None:
    bench.read("price;name\n" + "".join(f"{cell};a\n" for cell in cells))
    assert [price for price, _ in bench.rows()] == cells


def test_a_comma_between_columns_is_none_in_a_number(bench: Bench) -> None:
    bench.read('a,b\n"1,5",2\n"2,5",3\n')
    assert bench.rows() == [("1,5", 2), ("2,5", 3)]


def test_apostrophes_around_cells_are_quotation_marks_where_nothing_else_is(bench: Bench) -> None:
    bench.read("id,name\n1,'a, b'\n2,'it''s'\n3,'c\nd'\n4,''\n5,'e'\n6,'f'\n")
    assert bench.rows() == [(1, "a, b"), (2, "it's"), (3, "c\nd"), (4, None), (5, "e"), (6, "f")]


def test_apostrophes_in_some_cells_are_text(bench: Bench) -> None:
    bench.read("id,name\n1,'a'\n2,b\n3,'c\n")
    assert bench.rows() == [(1, "'a'"), (2, "b"), (3, "'c")]


TEXT = 'name;price\nMüller € – 😀;1,5\n"a\nb";2\n'


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", TEXT), ("utf-8-sig", TEXT), ("utf-16", TEXT), ("utf-16-le", TEXT), ("utf-16-be", TEXT),
        ("windows-1252", TEXT.replace("😀", "ß")),
    ],
)  # fmt: skip
def test_the_encoding_is_found_out(bench: Bench, encoding: str, text: str) -> None:
    bench.read(text.encode(encoding))
    assert bench.rows() == [(text.splitlines()[1].split(";")[0], 1.5), ("a\nb", 2.0)]


def test_a_character_of_windows_after_a_megabyte_of_ascii_is_read(bench: Bench) -> None:
    bench.read(b"a,b\n" + b"1,x\n" * 300_000 + "2,é\n".encode("windows-1252"))
    assert bench.rows(["b"], [Filter("a", "=", 2)]) == [("é",)]


def test_what_is_given_is_not_looked_for(bench: Bench) -> None:
    source = bench.folder / "given.csv"
    source.write_bytes("a|b\n1;5|~x|y~\n".encode("koi8-r"))
    text, encoding = to_utf8(source, "koi8-r")
    layout = read_layout(text, Given(delimiter="|", quote="~", decimal=";"))
    assert (encoding, layout.dialect, layout.decimal) == ("koi8-r", Dialect("|", "~"), ";")


def test_each_bad_row_has_its_number_in_excel_its_cells_and_what_is_wrong(bench: Bench) -> None:
    content = '\nsep=;\n\na;b;c\n1;"x\ny";2\n\n3;4\n"p"q;5;6\n;"u";;\n7;8;9;10\n\n\n11;12\n'
    table = bench.read(content)
    assert (table.rows, table.bad_rows) == (2, 4)
    assert bench.rows() == [(1, "x\ny", 2), (None, "u", None)]
    found = [(row.row, row.origin[:-9], row.cells, [error.code for error in row.errors]) for row in bench.bad_rows]
    assert [row.origin[-8:] for row in bench.bad_rows] == [fingerprint(row.cells) for row in bench.bad_rows]
    assert found == [
        (6, "job:6", ("3", "4"), ["row-too-short"]),
        (7, "job:7", ('"p"q;5;6',), ["broken-quotes"]),
        (9, "job:9", ("7", "8", "9", "10"), ["row-too-long"]),
        (12, "job:12", ("11", "12"), ["row-too-short"]),
    ]


@pytest.mark.parametrize("chunk_bytes", [1, 30, 1_000])
def test_the_numbers_of_rows_are_those_of_the_whole_file(bench: Bench, chunk_bytes: int) -> None:
    """Excel shows a blank line as a row, and a record of many lines as one."""
    content, expected, row = "a,b\n", [], 1
    for i in range(200):
        piece, rows = [("1,2\n", 1), ('"x\n\ny",2\n', 1), ("\n", 1), ("\n\n1,2\n", 3), ("bad\n", 1)][i * 7919 % 5]
        content, row = content + piece, row + rows
        if piece == "bad\n":
            expected.append(row)
    bench.read(content, chunk_bytes)
    assert [bad.row for bad in bench.bad_rows] == expected


def test_the_first_line_of_excel_may_name_the_delimiter(bench: Bench) -> None:
    table = bench.read("sep=;\r\na,b;c\r\n1,x;3\r\n")
    assert [column.name for column in table.columns] == ["a,b", "c"]
    assert bench.rows() == [("1,x", 3)]


def test_names_lose_the_blanks_around_them_and_keep_everything_else(bench: Bench) -> None:
    table = bench.read(' id ,"Größe ""L""",select,a;b,"two\nlines", "quoted"\n1,2,3,4,5,6\n')
    assert [column.name for column in table.columns] == ["id", 'Größe "L"', "select", "a;b", "two\nlines", "quoted"]
    assert bench.rows() == [(1, 2, 3, 4, 5, 6)]


def test_blank_lines_are_no_rows_and_empty_cells_are_null(bench: Bench) -> None:
    table = bench.read('\n\na,b\n\n1,x\n,\n\n"", y \nNA,NULL\n\n')
    assert (table.rows, table.bad_rows) == (4, 0)
    assert bench.rows() == [("1", "x"), (None, None), (None, " y "), ("NA", "NULL")]


def test_in_a_file_of_one_column_an_empty_cell_is_written_in_quotes(bench: Bench) -> None:
    table = bench.read('name\n\na\n""\n b \n\n\nc\n\n')
    assert (table.rows, table.bad_rows) == (4, 0)
    assert bench.rows() == [("a",), (None,), (" b ",), ("c",)]


def test_blanks_around_a_quoted_cell_are_not_part_of_it(bench: Bench) -> None:
    bench.read('a,b,c\n "x, y",  "z" , w \n1,   "",3\n')
    assert bench.rows() == [("x, y", "z", " w "), ("1", None, "3")]


def test_a_quotation_mark_inside_an_unquoted_cell_is_itself(bench: Bench) -> None:
    bench.read('size,n\n5" pipe,1\nx"y"z,2\n')
    assert bench.rows() == [('5" pipe', 1), ('x"y"z', 2)]


@pytest.mark.parametrize(
    ("content", "good", "bad"),
    [
        ("a,b\n1,2,3\n4,5\n", [(4, 5)], 1),
        ("a,b,c\n1\n1,2\n1,2,3\n1,2,3,4,5,6,7\n", [(1, 2, 3)], 3),
        ('a,b\n"x\ny",1,2\n"x\ny"\n"p\nq",2\n', [("p\nq", 2)], 2),
        ('a,b\n"x"y,2\n1,2\n"p"q"r,s\n', [(1, 2)], 2),
        ("a\n1,2\n1\n3,4,5\n", [(1,)], 2),
        ("a,b\n   \n1,2\n", [(1, 2)], 1),
        ("a,b\n1,2,\n1,2,,\n3,4\n", [(1, 2), (1, 2), (3, 4)], 0),
        ("a,b\r\n1,2\n3\r\n3,4\r\n5,6\n", [(1, 2), (3, 4), (5, 6)], 1),
        ('a,b\r\n1,"x\r\ny"\n3,4\r\n', [(1, "x\r\ny"), (3, "4")], 0),
    ],
)  # fmt: skip
def test_ragged_rows_are_left_out_and_counted(
    bench: Bench, content: str, good: list[tuple[Any, ...]], bad: int
) -> None:
    table = bench.read(content)
    assert ([tuple(map(str, row)) for row in bench.rows()], table.rows, table.bad_rows) == (
        [tuple(map(str, row)) for row in good], len(good), bad,
    )  # fmt: skip


@pytest.mark.parametrize("more_rejects_than_kept", [False, True])
def test_the_count_of_ten_thousand_ragged_rows_is_exact(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, more_rejects_than_kept: bool
) -> None:
    if more_rejects_than_kept:
        monkeypatch.setattr("jobmill.tables.csv_chunk_reader.MAX_REJECTS", 500)
    rows = [["a", "b", "c"]]
    for i in range(10_000):
        rows += [[str(i), "x\ny", "z"], [str(i), "x\ny"] if i % 2 else [str(i), "1", "2", "3", "w"]]
    table = bench.read(csv_text(rows))
    assert (table.rows, table.bad_rows) == (10_000, 10_000)
    assert [row[0] for row in bench.rows(["a"])] == list(range(10_000))


def test_cells_of_many_lines_that_look_like_rows_stay_cells(bench: Bench) -> None:
    """Found with DuckDB 2.0: reading in parallel, it makes thousands of rows of these 300."""
    cell = "1,2,3\n" * 5_000 + "end"
    table = bench.read(csv_text([["a", "b", "c"], *([str(i), cell, "z"] for i in range(300))]))
    assert (table.rows, table.bad_rows) == (300, 0)
    assert bench.rows(["a", "b"], [Filter("a", "in", [0, 299])]) == [(0, cell), (299, cell)]
    assert [row[0] for row in bench.rows(["a"])] == list(range(300))


def test_every_airport_of_the_world_comes_through(bench: Bench) -> None:
    source = Path(airportsdata.__file__).with_name("airports.csv")
    with source.open(encoding="utf-8", newline="") as file:
        header, *expected = csv.reader(file)
    table = bench.read(source.read_bytes())
    assert (table.rows, table.bad_rows) == (len(expected), 0)
    types = {column.name: column.type for column in table.columns}
    assert list(types) == header
    assert (types["name"], types["country"], types["lat"]) == ("text", "text", "number")
    for read, written in zip(bench.rows(), expected, strict=True):
        for value, cell in zip(read, written, strict=True):
            assert (value is None and cell == "") or value == cell or float(value) == float(cell)
    namibian = sum(row[header.index("country")] == "NA" for row in expected)
    assert namibian == bench.rows(["country"]).count(("NA",)) > 50


def test_a_wide_table_is_typed_in_every_column(bench: Bench) -> None:
    table = bench.read(csv_text([[f"c{i}" for i in range(150)], *([str(i), "007", "1.5"] * 50 for i in range(100))]))
    assert [str(column.type) for column in table.columns] == ["integer", "text", "number"] * 50
    assert table.rows == 100


def test_long_texts_far_down_the_file_pass_through_bounded_memory(make_bench: Callable[[str], Bench]) -> None:
    bench = make_bench("200MB")
    source = bench.folder / "source.csv"
    with source.open("w") as file:
        file.write("id,text\n")
        file.writelines(f"{i},x\n" for i in range(20_000))
        file.writelines(f"{20_000 + i},{i}{'lorem ipsum ' * 4_000}\n" for i in range(4_500))
    assert source.stat().st_size > 200_000_000
    assert bench.read_file(source).rows == 24_500


def test_rows_that_no_memory_could_hold_are_told_in_a_sentence(make_bench: Callable[[str], Bench]) -> None:
    bench = make_bench("40MB")
    source = bench.folder / "source.csv"
    with source.open("w") as file:
        file.write("id,text\n")
        file.writelines(f"{i},{'lorem ipsum ' * 100_000}\n" for i in range(100))
    with pytest.raises(CallerError) as raised:
        bench.read_file(source)
    assert raised.value.code == "rows-too-long"
    assert not bench.parquet.exists()


def test_progress_is_told_up_to_the_whole_file(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    source = bench.folder / "source.csv"
    source.write_text(csv_text([["a", "b"], *([str(i), "x" * 50] for i in range(30_000))]))
    bench.read_file(source, on_progress=lambda done, total: told.append((done, total)))
    size = source.stat().st_size
    assert told[-1] == (size, size)
    assert told == sorted(told)


def test_what_the_progress_raises_stops_the_reading(bench: Bench) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    source = bench.folder / "source.csv"
    source.write_text("a\n1\n")
    with pytest.raises(StopError):
        bench.read_file(source, on_progress=stop)
    assert bench.read("a\n1\n").rows == 1


def test_rows_of_every_type_keep_the_files_order(bench: Bench) -> None:
    row = ["true", "2024-02-29", "2024-02-29 10:00:00", "1.5", "x"]
    bench.read(csv_text([["id", "b", "d", "t", "n", "s"], *([str(i), *row] for i in range(60_000))]))
    stored = bench.connection.execute(f"SELECT id FROM '{bench.parquet}' ORDER BY file_row_number").fetchall()
    assert stored == [(i,) for i in range(60_000)]


def test_the_same_file_gives_the_same_bytes(bench: Bench) -> None:
    content = csv_text([["a", "b"], *([str(i), f"x{i % 7}"] for i in range(20_000))])
    bench.read(content)
    first = bench.parquet.read_bytes()
    bench.read(content)
    assert bench.parquet.read_bytes() == first
