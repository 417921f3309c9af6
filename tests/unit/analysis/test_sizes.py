"""Cells of two megabytes, of what costs most: combining marks, whose normalising takes the square of their number."""

import unicodedata

import pytest

from jobmill.analysis import urls
from jobmill.analysis.columns import MAX_NAME_CHARACTERS, plain, recognise
from jobmill.analysis.results import Analysis
from jobmill.analysis.words import MAX_CHARACTERS, Words
from tests.unit.analysis.builders import HOST, crawl, keyword_list, page

MARKS = "a" + "\u0301\u0323" * 1_000_000
VOICED = "\u30ab" + "\uff9e\u0301" * 1_000_000
CELLS = [MARKS, VOICED, f"https://{MARKS}/", f"https:/\n/{MARKS}", f"//{MARKS}", f"{HOST}/{MARKS}"]
MEDIUM = f"https://{MARKS[:30_000]}/"


@pytest.fixture(autouse=True)
def longest(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of what was normalised; what is too long is not, or the tests would never end."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def measured(form: str, text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text) if len(text) <= MAX_CHARACTERS else text  # type: ignore[arg-type]

    monkeypatch.setattr(unicodedata, "normalize", measured)
    return lengths


@pytest.mark.parametrize("cell", [*CELLS, MEDIUM], ids=range(len(CELLS) + 1))
def test_a_column_whose_name_is_long_is_unknown(cell: str, longest: list[int]) -> None:
    assert recognise([cell, "Keyword"]) is not None
    assert recognise([cell, "URL"]) is None
    assert max(longest) <= MAX_NAME_CHARACTERS
    assert plain("b" * MAX_NAME_CHARACTERS) == "b" * MAX_NAME_CHARACTERS
    assert plain("b" * (MAX_NAME_CHARACTERS + 1)) == ""


@pytest.mark.parametrize("cell", [*CELLS, MEDIUM], ids=range(len(CELLS) + 1))
def test_no_long_cell_is_normalised(cell: str, longest: list[int]) -> None:
    fields = ("url", "status", "title", "description", "h1", "canonical", "words", "indexability", "robots")
    pages = crawl(*(page(f"/{name}", **{name: cell}) for name in fields))
    keywords = keyword_list({"keyword": cell, "url": cell, "position": cell, "volume": cell})
    found = Analysis(pages, keywords, "all", lambda *_: None)
    assert (len(list(found.page_results())), len(list(found.keyword_results()))) == (len(fields), 1)
    assert max(longest) <= MAX_CHARACTERS


@pytest.mark.parametrize("text", [MARKS, VOICED], ids=["marks", "voiced"])
def test_of_a_letter_with_many_marks_thirty_are_normalised(text: str, longest: list[int]) -> None:
    assert Words(None).terms(f"one {text[:1_000]} two")[0] == "one"
    assert max(longest) <= 50


@pytest.mark.parametrize(
    "url",
    [MEDIUM, f"https:/\n/{MARKS[:30_000]}", "https://ü" + "a" * urls.MAX_AUTHORITY, f"{HOST}/{'a' * urls.MAX_URL}"],
    ids=["marks", "line break", "letters", "path"],
)
def test_a_url_of_a_long_host_is_none(url: str) -> None:
    assert urls.split(url) is None
    assert urls.target(HOST, url) is None
    assert urls.target(url, "/a") is None
    assert urls.key(url) == url


def test_a_long_path_is_no_long_host() -> None:
    assert urls.split(f"{HOST}/ü{'a' * 1_000}") is not None
    assert urls.target(HOST, f"/ü{'a' * 1_000}") is not None
