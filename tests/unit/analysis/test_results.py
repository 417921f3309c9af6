"""All that an analysis tells, in its order, and how much it takes."""

import itertools
import json

import pytest

from jobmill.analysis import keywords as keyword_lists
from jobmill.analysis import pages as crawled
from jobmill.analysis.keywords import Keywords
from jobmill.analysis.limits import MAX_CHARACTERS, MAX_KEYWORDS, MAX_PAGES
from jobmill.analysis.pages import Pages
from jobmill.analysis.results import Analysis, FilterOption, keyword_json
from jobmill.errors import CallerError
from tests.unit.analysis.builders import HOST, crawl, keyword_list, page

SITE = [
    page("/shoes", title="Shoes for everybody, in all sizes", h1="Our shoes"),
    page("/boots", title="", description=""),
    page("/old", status="404"),
    page("/logo.png", content_type="image/png", title="", h1=""),
    page("/about", h1="Our shoes"),
]
KEYWORDS = [
    {"keyword": "shoes", "volume": "500"},
    {"keyword": "umbrellas", "volume": "10"},
    {"keyword": "raincoats", "volume": "90"},
]


def analysis(wanted: FilterOption = "all", pages: Pages | None = None, keywords: Keywords | None = None) -> Analysis:
    pages = crawl(*SITE) if pages is None else pages
    return Analysis(pages, keyword_list(*KEYWORDS) if keywords is None else keywords, wanted, lambda *_: None)


@pytest.mark.requirement("A18")
def test_the_summary_counts_pages_findings_and_keywords() -> None:
    assert analysis().summary() == {
        "filterOption": "all",
        "pages": 4,
        "otherResources": 1,
        "indexablePages": 3,
        "pagesWithFindings": 4,
        "findings": 5,
        "bySeverity": {"error": 2, "warning": 1, "notice": 2},
        "byCheck": {"client-error": 1, "title-missing": 1, "description-missing": 1, "h1-duplicate": 2},
        "duplicates": {"title": 0, "description": 0, "h1": 2},
        "notChecked": [],
        "keywords": 3,
        "mapped": 1,
        "cannibalised": 0,
        "gaps": 2,
        "averageScore": analysis().mappings[-1].score,
        "language": "english",
    }


def test_the_worst_pages_come_first_and_good_ones_last() -> None:
    found = [each.page.url.removeprefix(HOST) for each in analysis().page_results()]
    assert found == ["/boots", "/old", "/shoes", "/about", "/logo.png"]


def test_gaps_come_first_those_of_most_volume_before() -> None:
    assert [each.keyword.text for each in analysis().keyword_results()] == ["raincoats", "umbrellas", "shoes"]


@pytest.mark.requirement("A18")
def test_recommended_keeps_only_rows_with_a_recommendation_and_counts_all() -> None:
    every, some = analysis("all"), analysis("recommended")
    pages = [each.to_json() for each in some.page_results()]
    assert [each["url"] for each in pages] == [f"{HOST}{path}" for path in ("/boots", "/old", "/shoes", "/about")]
    assert all(each["recommendation"] for each in pages)
    mappings = [keyword_json(each) for each in some.keyword_results()]
    assert [each["keyword"] for each in mappings] == ["raincoats", "umbrellas"]
    assert all(each["recommendation"] for each in mappings)
    assert some.summary() == every.summary() | {"filterOption": "recommended"}


def test_what_it_tells_is_json() -> None:
    found = analysis()
    told = [*(each.to_json() for each in found.page_results()), *map(keyword_json, found.keyword_results())]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_what_the_file_has_no_column_for_is_told() -> None:
    pages = crawl({"url": f"{HOST}/a", "title": "A"}, {"url": f"{HOST}/b", "title": "B"})
    assert list(analysis(pages=pages).not_checked()) == ["status", "description", "h1", "canonical", "words"]


def test_a_status_that_nobody_can_read_is_told_apart_from_none() -> None:
    found = analysis(pages=crawl(page("/a", status="-"), page("/b", status="4xx")))
    assert "status" not in found.not_checked()
    assert found.by_check == {"status-unreadable": 1, "client-error": 1}
    assert found.summary()["indexablePages"] == 0
    assert [each.to_json()["status"] for each in found.page_results()] == [None, None]


def test_without_pages_or_keywords_there_is_nothing_to_tell() -> None:
    empty = analysis(pages=Pages(), keywords=Keywords())
    assert (list(empty.page_results()), list(empty.keyword_results()), empty.summary()["averageScore"]) == (
        [],
        [],
        None,
    )


def test_it_can_be_stopped_at_every_step() -> None:
    steps: list[str] = []
    Analysis(crawl(*SITE), keyword_list(*KEYWORDS), "all", lambda step, *_: steps.append(step))
    assert list(dict.fromkeys(steps)) == ["Comparing pages", "Checking pages", "Indexing pages", "Mapping keywords"]
    assert len(steps) == 2 * len(SITE) + 3 + len(KEYWORDS)


def test_more_pages_than_the_limit_are_refused_with_both_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawled, "MAX_PAGES", 2)
    assert len(crawl(page("/1"), page("/2"), page("/1#again"))) == 2
    with pytest.raises(CallerError, match=f"more than {MAX_PAGES:,} pages") as refused:
        crawl(page("/1"), page("/2"), page("/3"))
    assert refused.value.code == "too-many-pages"


def test_more_keywords_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword_lists, "MAX_KEYWORDS", 1)
    assert len(keyword_list({"keyword": "a"}, {"keyword": "A"})) == 1
    with pytest.raises(CallerError, match=f"more than {MAX_KEYWORDS:,} keywords") as refused:
        keyword_list({"keyword": "a"}, {"keyword": "b"})
    assert refused.value.code == "too-many-keywords"


def test_more_text_than_fits_into_memory_is_refused() -> None:
    texts = itertools.repeat("x" * 10_000_000, MAX_CHARACTERS // 10_000_000)
    with pytest.raises(CallerError) as refused:
        crawl(*({"url": f"{HOST}/{i}", "title": text} for i, text in enumerate(texts)))
    assert refused.value.code == "texts-too-long"
