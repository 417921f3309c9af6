"""The last sheet of a workbook tells what its data is, and nothing in a workbook is live."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from jobmill.tables.about import in_words
from jobmill.tables.csv_writer import write_csv
from jobmill.tables.engine import identifier, literal
from jobmill.tables.filters import Filter, Order
from jobmill.tables.xlsx_limits import SheetLimits

from .builders import ABOUT, Bench

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "http://example.com", "=cmd|' /C calc'!A0", "{=1}"]


def facts(workbook: Any) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for row in workbook["About"].iter_rows(min_row=2)]


def test_the_last_sheet_tells_what_the_data_is(bench: Bench) -> None:
    bench.make("SELECT i AS id, 'x' AS name FROM range(1200) t(i)")
    query = bench.ask()
    assert write_csv(query, bench.folder / "data.csv", formula_safe=False) == 1_200
    sha256 = hashlib.sha256((bench.folder / "data.csv").read_bytes()).hexdigest()
    found = facts(bench.workbook(query, name="places"))
    assert found[:-1] == [
        ("Project", "demo"),
        ("Dataset", "places"),
        ("Version", 3),
        ("Version made at", "2026-01-15 10:30:00 UTC"),
        ("Version made by", "Ann"),
        ("Columns", "all"),
        ("Filter", "none: all rows"),
        ("Order", "as in the dataset"),
        ("Rows", 1_200),
        ("SHA-256 of the data", sha256),
    ]
    assert "csv" in found[-1][1]


def test_it_tells_what_was_chosen_in_words(bench: Bench) -> None:
    bench.make("SELECT 1 AS id, 'x' AS name")
    about = replace(
        ABOUT,
        author=None,
        columns=["name", "=id"],
        where=[Filter("name", "in", ["x", "=y"]), Filter("id", "notNull")],
        order_by=[Order("id", descending=True), Order("name")],
    )
    found = facts(bench.workbook(about=about))
    assert found[4:9] == [
        ("Columns", "name, =id"),
        ("Filter", 'name is one of "x", "=y"'),
        ("and", "id is not empty"),
        ("Order", "id, descending"),
        ("then", "name, ascending"),
    ]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Filter("a", "=", 5), "a is 5"),
        (Filter("a", "!=", True), "a is not true"),
        (Filter("a", "<", 1.5), "a is less than 1.5"),
        (Filter("a", "<=", 0), "a is at most 0"),
        (Filter("a", ">", "2024-01-01"), 'a is more than "2024-01-01"'),
        (Filter("a", ">=", "x"), 'a is at least "x"'),
        (Filter("a", "in", [1, False]), "a is one of 1, false"),
        (Filter("a", "contains", "x"), 'a contains "x"'),
        (Filter("a", "startsWith", "x"), 'a starts with "x"'),
        (Filter("a", "isNull"), "a is empty"),
    ],
)
def test_a_condition_in_words(condition: Filter, words: str) -> None:
    assert in_words(condition) == words


def test_a_fact_that_is_too_long_for_a_cell_is_cut(bench: Bench) -> None:
    bench.make("SELECT 1 AS id")
    about = replace(ABOUT, where=[Filter("id", "in", ["😀" * 100] * 1_000)])
    (told,) = [value for fact, value in facts(bench.workbook(about=about)) if fact == "Filter"]
    assert told.startswith('id is one of "😀')
    assert told.endswith("…")


def test_each_of_several_workbooks_tells_which_it_is_and_the_same_digest(bench: Bench) -> None:
    bench.make("SELECT i AS id FROM range(2500) t(i)")
    files = bench.workbooks(bench.ask(), limits=SheetLimits(rows=500, sheets=2, xml_bytes=10**9))
    found = [dict(facts(openpyxl.load_workbook(file))) for file in files]
    places = ["1 of 3: rows 1 to 1,000", "2 of 3: rows 1,001 to 2,000", "3 of 3: rows 2,001 to 2,500"]
    assert [each["File"] for each in found] == places
    assert {each["Rows"] for each in found} == {2_500}
    assert len({each["SHA-256 of the data"] for each in found}) == 1


def live(file: Path) -> list[str]:
    """What could compute or lead somewhere: formulas, links, connections, macros."""
    with ZipFile(file) as package:
        texts = [package.read(name).decode() for name in package.namelist()]
        parts = [name for name in package.namelist() if re.search(r"externalLink|connection|vba|embedding", name)]
    marks = r"<f[ >/]|<hyperlink|<ddeLink|<definedName|TargetMode=\"External\""
    return parts + [match for text in texts for match in re.findall(marks, text) if "_FilterDatabase" not in text]


@pytest.mark.requirement("J1")
@pytest.mark.parametrize("formula", FORMULAS)
def test_nothing_in_a_workbook_is_live(bench: Bench, formula: str) -> None:
    bench.make(f"SELECT {literal(formula)} AS {identifier(formula)}, 'x' AS row")
    about = replace(ABOUT, project=formula, author=formula, columns=[formula], where=[Filter(formula, "=", formula)])
    schema = {"fields": [{"name": "row", "title": formula + "!"}]}
    [file] = bench.workbooks(bench.ask(), name=formula, about=about, schema=schema)
    assert live(file) == []
    workbook = openpyxl.load_workbook(file)
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [unescape(cell.value) for cell in workbook.worksheets[0]["A"]] == [formula, formula]
    assert unescape(dict(facts(workbook))["Version made by"]) == formula
