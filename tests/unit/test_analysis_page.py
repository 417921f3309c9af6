"""docs/analysis.md is true: its checks, limits and figures are those of the code."""

import json
import re
from pathlib import Path

import pytest

from jobmill.analysis import limits, mapping, near_terms, page_index, words
from jobmill.analysis.check_list import CHECKS, DESCRIPTION_CHARACTERS, MIN_WORDS, TITLE_CHARACTERS, URL_CHARACTERS
from jobmill.analysis.pages import Pages
from jobmill.analysis.results import Analysis, keyword_json
from jobmill.analysis.words import Words
from jobmill.processors.analyses import AnalysisParams, reports, sheets
from jobmill.reports.analysis_workbook import MAX_FINDINGS
from tests.unit.analysis.builders import crawl, keyword_list, page

PAGE = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text()
WORDS = re.sub(r"\s+", " ", PAGE)
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
CHECK_ROWS = re.findall(r"^\| `([a-z0-9-]+)` \| (error|warning|notice) \| (.*?) \| (.*) \|$", PAGE, re.MULTILINE)


def section(title: str) -> str:
    found = re.search(rf"## {title}\n(.*?)(?:\n## |\Z)", PAGE, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.requirement("A18")
def test_the_page_names_each_check_with_its_severity_and_limit() -> None:
    assert [row[:3] for row in CHECK_ROWS] == [(c.code, c.severity, c.limit) for c in CHECKS.values()]


def test_each_limit_has_a_source_or_is_said_to_be_a_convention() -> None:
    notes = set(re.findall(r"^(\d)\. ", section("The checks"), re.MULTILINE))
    defined = set(re.findall(r"^\[(\w+)\]: https://", PAGE, re.MULTILINE))
    for code, _, _, source in CHECK_ROWS:
        named = re.findall(r"\]\[(\w+)\]", source)
        assert named or "https://" in source or re.search(r"convention \((\d)\)", source), code
        assert set(named) <= defined, code
        assert set(re.findall(r"convention \((\d)\)", source)) <= notes, code


def test_limits_that_are_figures_are_those_of_the_code() -> None:
    figures = [*TITLE_CHARACTERS, *DESCRIPTION_CHARACTERS, MIN_WORDS, URL_CHARACTERS]
    named = [int(number) for row in CHECK_ROWS for number in re.findall(r"at (?:most|least) (\d+)", row[2])]
    assert sorted(named) == sorted(figures)


@pytest.mark.parametrize(
    "said",
    [
        f"| pages | {limits.MAX_PAGES:,} | `{limits.too_many_pages().code}`",
        f"| keywords | {limits.MAX_KEYWORDS:,} | `{limits.too_many_keywords().code}`",
        f"| rows of all sheets | {limits.MAX_ROWS:,} | `{limits.too_many_rows().code}`",
        f"| characters of what is kept | {limits.MAX_CHARACTERS:,} | `{limits.texts_too_long().code}`",
        f"| sheets looked at | {sheets.MAX_SHEETS} |",
        f"one of its first {sheets.HEADER_ROWS} rows",
        f"The first {reports.MAX_INLINE_ROWS} of each stand in the result",
        f"at most {reports.MAX_INLINE_BYTES:,} bytes of each",
        f"(at most {MAX_FINDINGS:,}",
        "title {:g} + H1 {:g} + URL's path {:g} + description {:g}".format(*(w for _, w in page_index.FIELDS)),
        f"100 · ({page_index.COVERAGE:g} · coverage + {page_index.FOCUS:g} · focus)",
        f"The first {page_index.MAX_KEYWORD_TERMS} terms",
        f"a term of at most {page_index.RARE:,} pages proposes all of them, commoner ones together at most "
        f"{page_index.MOST_PROPOSED}, and the {page_index.MOST_SCORED} of these",
        f"{near_terms.MIN_SIMILARITY} of 100",
        f"the first {words.MAX_CHARACTERS:,} characters and {words.MAX_TERMS} terms count",
        f"the first {page_index.MAX_TERMS:,} different terms",
        "ahead by {1:g} points up to position {0} (or without a position), by {3:g} up to {2}, by {5:g} up to {4}, by "
        "{6:g} beyond".format(*(n for pair in mapping.RANKING_POINTS for n in pair), mapping.RANKING_LATER_POINTS),
        f"with {mapping.MIN_SCORE:g} points at least",
        f"no page has {mapping.MIN_SCORE:g} points",
        f"of a score of {mapping.COMPETING_SCORE:g} at least stand within {mapping.COMPETING_POINTS:g} points of it",
        f"two URLs of the list rank up to position {mapping.COMPETING_POSITION}",
    ],
)
def test_a_figure_of_the_page_is_the_code_s(said: str) -> None:
    assert said in WORDS


def test_the_example_of_a_score_is_one() -> None:
    rows = [("red shoe", "red shoe", "red shoe sale"), ("blue boot", "", ""), ("", "boot", "")]
    pages = crawl(*(page(f"/{i}", title=t, h1=h, description=d) for i, (t, h, d) in enumerate(rows)))
    [best, *_] = page_index.PageIndex(list(pages), Words(None)).best("red shoe", 1)
    assert f"the path `/0` score {best.score}:" in WORDS


def test_the_parameters_of_the_page_are_taken_and_the_result_has_the_keys_of_one() -> None:
    params, result = EXAMPLES
    assert AnalysisParams.model_validate(params)
    pages: Pages = crawl(page("/old", status="404"))
    analysis = Analysis(pages, keyword_list({"keyword": "shoes"}), "all", lambda *_: None)
    made = reports.result_of(analysis, "crawl.csv: 1 page.", "a.xlsx", "a.json")
    assert list(result) == list(made)
    assert list(result["summary"]) == list(analysis.summary())
    [of_page] = [each.to_json() for each in analysis.page_results()]
    [shown] = result["onpageResults"]
    assert list(shown) == list(of_page)
    assert list(shown["findings"][0]) == list(of_page["findings"][0])  # type: ignore[index, call-overload, arg-type]
    assert list(result["keywordMapping"][0]) == list(keyword_json(analysis.mappings[0]))
    assert set(result["summary"]["byCheck"]) <= set(CHECKS)
