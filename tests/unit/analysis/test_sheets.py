"""Files as people and their enemies make them, read as the processor reads them, to the end or to a sentence."""

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from jobmill.analysis.results import Analysis
from jobmill.errors import CallerError
from jobmill.processors.analyses import sheets
from jobmill.processors.analyses.reports import result_of, write_json, write_workbook
from jobmill.processors.analyses.sheets import Found, read_file

URL = "https://shop.example/a"
ROW = f"{URL},200,A title"


def silent(*_: Any) -> None:
    """Nobody listens."""


def read(folder: Path, content: bytes | str, name: str = "crawl.csv") -> Found:
    upload = folder / "upload"
    upload.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(upload, name, silent, silent)


def whole(folder: Path, content: bytes | str) -> dict[str, Any]:
    """The result, after the workbook and the JSON file were written too."""
    found = read(folder, content)
    analysis = Analysis(found.pages, found.keywords, "all", silent)
    result: dict[str, Any] = result_of(analysis, found.source, "a.xlsx", "a.json")
    write_workbook(folder / "a.xlsx", analysis, found.source, silent)
    write_json(folder / "a.json", analysis, result, silent)
    return result


def book(**sheets: list[list[Any]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (f"URL,Status Code,Title\n{ROW}\n", [2]),
        (f"\n\nURL,Status Code,Title\n\n{ROW}\n{URL}2,200,B\n", [5, 6]),
        (f"sep=;\nURL;Status Code;Title\n{ROW.replace(',', ';')}\n", [2]),
        (f"Crawl of Monday\n22 November\n\nURL\tStatus Code\tTitle\n{ROW.replace(',', chr(9))}\n", [5]),
        (f'"URL","Status Code","Title"\r\n"{URL}","200","A\r\ntitle"\r\n"{URL}2","200","B"\r\n', [2, 3]),
        (f"URL,Title,title,\n{URL},A,B,\n", [2]),
        (f"\ufeffURL,Title\n{URL},A,too,many\n{URL}2\n,,\n", [2, 3]),
        (f"URL,Title\n{URL},A\n".encode("utf-16"), [2]),
        (f"URL,Title\n{URL},Über uns\n".encode("windows-1252"), [2]),
        (f"URL,Title,{','.join(f'c{i}' for i in range(16_382))}\n{URL},A{',1' * 16_382}\n", [2]),
    ],
)
def test_rows_are_found_and_numbered_as_excel_shows_them(tmp_path: Path, content: bytes | str, rows: list[int]) -> None:
    assert [each.row for each in read(tmp_path, content).pages] == rows


def test_a_keyword_list_with_a_title_above_is_read(tmp_path: Path) -> None:
    title = "Keyword Stats 2026-11-03 at 09_11_12\n1 November 2025 - 31 October 2026\n"
    planner = f"{title}Keyword\tAvg. monthly searches\nshoes\t9,900\n"
    found = read(tmp_path, planner.encode("utf-16"), "planner.csv")
    assert [(each.text, each.volume, each.row) for each in found.keywords] == [("shoes", 9_900, 4)]
    assert found.source == "planner.csv: 1 keyword."


def test_rows_of_empty_cells_are_no_rows(tmp_path: Path) -> None:
    assert read(tmp_path, f"URL,Title\n,\n{URL},A\n,,\n").source == "crawl.csv: 1 page."


def test_pages_and_keywords_are_counted_not_their_rows(tmp_path: Path) -> None:
    pages = [["URL", "Title"], [URL, "A"], [f"{URL}#top", "B"], ["", "no URL"], [f"{URL}2", "C"]]
    words = [["Keyword", "URL"], ["Shoes", URL], ["shoes", f"{URL}2"]]
    found = read(tmp_path, book(Crawl=pages, Words=words), "a.xlsx")
    assert found.source == 'a.xlsx: sheet "Crawl" with 2 pages, sheet "Words" with 1 keyword.'


def test_a_row_with_broken_quotation_marks_is_left_out_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, f'URL,Title\n{URL},"A" title\n{URL}2,B\n')
    assert [each.url for each in found.pages] == [f"{URL}2"]
    assert found.source == "crawl.csv: 1 page (1 row with broken quotation marks left out)."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty-file"),
        ("\n\n", "empty-file"),
        ("URL,Title\n", "header-only"),
        ("URL,Title\n,no url\n", "header-only"),
        ("id,name\n1,a\n", "no-known-columns"),
        ("just text\n", "no-known-columns"),
        (f'URL,Title\n{URL},"never closed\n', "unclosed-quote"),
        ("URL,Title\na,b\x00c\n", "not-a-csv"),
        ("%PDF-1.7", "not-a-csv"),
        (b"PK\x03\x04", "damaged-workbook"),
        (book(Sheet=[]), "empty-sheet"),
        (book(One=[], Two=[["a"], [1]]), "no-known-columns"),
        (book(One=[["URL", "Title"], [URL, "=1+1"]]), "formula-without-value"),
        (book(One=[["URL", "Title", *range(998), "too many"]]), "too-many-columns"),
    ],
)
def test_what_cannot_be_analysed_ends_in_a_code_and_a_sentence(tmp_path: Path, content: bytes | str, code: str) -> None:
    with pytest.raises(CallerError) as refused:
        read(tmp_path, content)
    assert refused.value.code == code
    assert refused.value.message.endswith((".", ")."))


def test_sheets_that_are_no_tables_do_no_harm_to_the_others(tmp_path: Path) -> None:
    wide = [[*range(1_001)]]
    found = read(tmp_path, book(Empty=[], Wide=wide, Pages=[["URL", "Title"], [URL, "A"]]), "b\x07\u202e.xlsx")
    assert found.source == (
        'b  .xlsx: sheet "Pages" with 1 page; not read: "Empty" (empty sheet), "Wide" (too many columns).'
    )


def test_no_more_sheets_are_looked_at_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_SHEETS", 1)
    found = read(tmp_path, book(One=[["URL", "Title"], [URL, "A"]], Two=[["Keyword"], ["a"]]))
    assert len(found.keywords) == 0
    assert '"Two" (too many sheets)' in found.source


def test_more_rows_than_the_limit_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_ROWS", 2)
    assert len(read(tmp_path, f"URL,Title\n{URL},A\n{URL},A\n").pages) == 1
    with pytest.raises(CallerError) as refused:
        read(tmp_path, f"URL,Title\n{URL},A\n{URL},A\n{URL},A\n")
    assert refused.value.code == "too-many-rows"


@pytest.mark.requirement("A18")
def test_hostile_cells_come_through_to_all_that_is_told(tmp_path: Path) -> None:
    rows = [
        ["Address", "Status Code", "Title 1", "Meta Description 1", "H1-1", "Canonical Link Element 1", "Word Count"],
        [
            f"https://shop.example/{'x' * 10_000}",
            "NaN",
            "مرحبا بالعالم",
            "\u202edesrever",
            "🥾" * 500,
            "https://[",
            "NaN",
        ],
        ["javascript:alert(1)", "-1", "<script>", "'; DROP TABLE pages; --", "a\tb", "%00", "1e999"],
        ["https://shop.example/é?a=1&b=%", "9" * 300, "=cmd|' /C calc'!A0"[1:], "@x", "+1", "//", "-5"],
        ["http://[::1]/", "200", "x" * 30_000, "y", "z", "#", "inf"],
    ]
    result = whole(tmp_path, book(Crawl=rows, Words=[["Keyword", "Volume"], ["🥾", "NaN"], ["%s{0}", "1e400"]]))
    assert (result["summary"]["pages"], result["summary"]["keywords"]) == (4, 2)
    assert {each["severity"] for each in result["onpageResults"]} >= {"warning"}
    assert (tmp_path / "a.xlsx").stat().st_size > 0
