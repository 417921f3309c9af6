"""What a sheet is, told by the names of its columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.analysis.columns import MOST_NAMED, no_known_columns, recognise

SCREAMING_FROG = [
    *("Address", "Content Type", "Status Code", "Status", "Indexability", "Indexability Status"),
    *("Title 1", "Title 1 Length", "Meta Description 1", "Meta Description 1 Length", "H1-1", "H1-1 Length", "H1-2"),
    *("Meta Robots 1", "Canonical Link Element 1", "Word Count"),
]
SITEBULB = ["URL", "HTTP Status Code", "Title", "Meta Description", "H1", "Canonical URL", "Indexable Status"]
AHREFS_AUDIT = ["URL", "HTTP status code", "Title", "Meta description", "No. of content words", "Is indexable page"]
SEMRUSH = ["Keyword", "Position", "Previous position", "Search Volume", "Keyword Difficulty", "URL", "Title"]
GERMAN = ["Adresse", "Statuscode", "Seitentitel", "Meta-Beschreibung", "Wortanzahl"]
SEARCH_CONSOLE = ["Häufigste Suchanfragen", "Klicks", "Impressionen", "CTR", "Position"]


@pytest.mark.requirement("A18")
def test_a_screaming_frog_crawl_is_known_by_its_own_names() -> None:
    plan = recognise(SCREAMING_FROG)
    assert plan is not None
    assert plan.kind == "pages"
    assert {name: SCREAMING_FROG[i] for name, i in plan.columns.items()} == {
        "url": "Address",
        "status": "Status Code",
        "content_type": "Content Type",
        "title": "Title 1",
        "description": "Meta Description 1",
        "h1": "H1-1",
        "second_h1": "H1-2",
        "canonical": "Canonical Link Element 1",
        "words": "Word Count",
        "indexability": "Indexability",
        "indexability_reason": "Indexability Status",
        "robots": "Meta Robots 1",
    }


@pytest.mark.parametrize(
    ("header", "kind", "fields"),
    [
        (SITEBULB, "pages", {"url", "status", "title", "description", "h1", "canonical", "indexability"}),
        (AHREFS_AUDIT, "pages", {"url", "status", "title", "description", "words", "indexability"}),
        (GERMAN, "pages", {"url", "status", "title", "description", "words"}),
        (SEMRUSH, "keywords", {"keyword", "position", "volume", "url"}),
        (SEARCH_CONSOLE, "keywords", {"keyword", "volume", "position"}),
        (["keyword"], "keywords", {"keyword"}),
    ],
)
def test_other_exports_are_known_too(header: list[str], kind: str, fields: set[str]) -> None:
    plan = recognise(header)
    assert plan is not None
    assert (plan.kind, set(plan.columns)) == (kind, fields)


@given(st.data())
def test_case_blanks_and_underscores_do_not_matter(data: st.DataObject) -> None:
    changes = st.sampled_from([str.upper, str.lower, str.title, lambda name: f"  {name}\t", _underscored, _narrow])
    changed = [data.draw(changes)(name) for name in SCREAMING_FROG]
    assert recognise(changed) == recognise(SCREAMING_FROG)


def _underscored(name: str) -> str:
    return name.replace(" ", "_")


def _narrow(name: str) -> str:
    return name.replace(" ", "\u202f")


@pytest.mark.parametrize("header", [[], [""], ["URL"], ["Title", "H1"], ["id", "name"], ["Keyword Difficulty", "CPC"]])
def test_a_sheet_without_the_needed_columns_is_not_known(header: list[str]) -> None:
    assert recognise(header) is None


def test_of_two_columns_of_one_name_the_first_counts() -> None:
    plan = recognise(["URL", "Title", "title"])
    assert plan is not None
    assert plan.values(["u", "one", "two"])["title"] == "one"


def test_a_row_that_is_too_short_has_empty_cells() -> None:
    plan = recognise(["URL", "Title"])
    assert plan is not None
    assert plan.values([" u "]) == {"url": "u", "title": ""}


@pytest.mark.requirement("A18")
def test_the_error_names_the_columns_found_and_what_is_looked_for() -> None:
    error = no_known_columns([["id", "a\x00\u202eb", "x" * 100], [f"c{i}" for i in range(MOST_NAMED)]])
    assert error.code == "no-known-columns"
    assert '"id", "a  b", "' + "x" * 40 + '…", "c0"' in error.message
    assert "and 3 more" in error.message
    assert "Address or URL" in error.message
    assert "Keyword" in str(error.details)
    assert len(error.message) < 1_500
