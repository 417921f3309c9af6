"""The index finds what looking at every page finds, and does little for each keyword."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmill.analysis import page_index
from jobmill.analysis.near_terms import MIN_LETTERS, NearTerms
from jobmill.analysis.page_index import FIELDS, MAX_KEYWORD_TERMS, PageIndex
from jobmill.analysis.words import MAX_CHARACTERS, MAX_TERMS, Words, language_of
from tests.unit.analysis.builders import HOST, crawl, page

WORDS = ["red", "blue", "shoe", "boot", "trail", "light", "sale", "kids"]
TEXT = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)


def index_of(rows: list[tuple[str, str, str]]) -> PageIndex:
    pages = crawl(*(page(f"/{number}", title=t, h1=h, description=d) for number, (t, h, d) in enumerate(rows)))
    return PageIndex(list(pages), Words(None))


@settings(max_examples=200)
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=12), TEXT, st.sampled_from([1, 1_000]))
def test_the_best_page_is_the_best_of_all(rows: list[tuple[str, str, str]], keyword: str, rare: int) -> None:
    """With rare terms every page with one is looked at; of common ones those with all terms."""
    index = index_of(rows)
    everywhere = [index.match(keyword, number) for number in range(len(rows))]
    best = max((match.score for match in everywhere), default=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_index, "RARE", rare)
        found = index.best(keyword, 5)
    assert all(0 <= match.score <= 100 for match in everywhere)
    if best > 0 and rare == 1_000:
        assert found[0].score == best
    elif found:
        assert found[0] == index.match(keyword, found[0].page)
        with_all = [match.score for match in everywhere if len(match.terms) == len(index.terms(keyword))]
        assert found[0].score >= max(with_all, default=0.0)


def test_a_term_on_every_page_of_a_large_site_proposes_few() -> None:
    rows = [(f"shop w{number}", "shop", "shop") for number in range(3_000)] + [("shop", "shop", "shop")]
    index = index_of(rows)
    matches = index.best("shop", 1_000)
    assert index.pages[matches[0].page].title == "shop"
    assert len(matches) == page_index.MOST_SCORED


def test_common_terms_propose_no_more_pages_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_index, "RARE", 2)
    monkeypatch.setattr(page_index, "MOST_PROPOSED", 4)
    index = index_of([("shop shoe", "", "")] * 5 + [("shop", "shoe", "")] * 5)
    assert len(index.best("shop shoe", 10)) == 4
    monkeypatch.setattr(page_index, "RARE", 10)
    assert len(index.best("shop shoe", 10)) == 10


def test_of_common_terms_pages_with_all_of_them_in_the_title_are_proposed_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_index, "RARE", 2)
    monkeypatch.setattr(page_index, "MOST_PROPOSED", 3)
    index = index_of([("shop", "shoe", "")] * 5 + [("a shop with a shoe and more words", "", "")] * 3)
    urls = {index.pages[match.page].url for match in index.best("shop shoe", 10)}
    assert urls == {f"{HOST}/{number}" for number in (5, 6, 7)}


def test_with_a_common_term_the_rare_one_decides() -> None:
    rows = [(f"shop w{number}", "shop", "shop") for number in range(3_000)]
    index = index_of(rows)
    [best, *others] = index.best("shop w1234", 3)
    assert (index.pages[best.page].url, best.terms) == (f"{HOST}/1234", ("shop", "w1234"))
    assert best.score > others[0].score + 10


def test_a_score_is_that_of_the_page_of_the_documentation() -> None:
    index = index_of([("red shoe", "red shoe", "red shoe sale"), ("blue boot", "", ""), ("", "boot", "")])
    in_all_but_the_url = sum(weight for name, weight in FIELDS if name != "url")
    first, second = (index.numbers[f"{HOST}/{path}"] for path in (0, 1))
    assert index.match("red shoe", first).score == round(75 * in_all_but_the_url + 25, 1)
    assert index.match("red shoe", second).score == 0


def test_a_keyword_of_many_terms_counts_by_its_first() -> None:
    index = index_of([("red", "", "")])
    assert len(index.terms(" ".join(f"t{i}" for i in range(100)))) == MAX_KEYWORD_TERMS
    assert len(Words(None).terms(" ".join(f"t{i}" for i in range(1_000)))) == MAX_TERMS
    assert Words(None).terms(" " * MAX_CHARACTERS + "late") == []


def test_more_terms_than_memory_has_room_for_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_index, "MAX_TERMS", 1)
    index = index_of([("red", "red", ""), ("blue red", "", "")])
    assert [term.share for term in index.terms("red blue")] == [1.0, 0.0]


def test_words_that_say_nothing_count_where_there_are_no_others() -> None:
    assert Words("english").terms("the shoes for you") == ["shoe"]
    assert Words("english").terms("for you") == ["for", "you"]


def test_near_terms_begin_alike_and_have_no_digits() -> None:
    near = NearTerms(["racket", "running", "abc", "model2024"])
    assert near.find("raquet")[0] is None
    assert near.find("rackett") == ("racket", pytest.approx(12 / 13))
    assert near.find("runing")[0] == "running"
    assert near.find("zrunning")[0] is None
    assert near.find("abd"[: MIN_LETTERS - 1])[0] is None
    assert near.find("model2025")[0] is None


@pytest.mark.parametrize(
    ("texts", "language"),
    [
        (["The best shoes for the trail", "How to run in the rain"], "english"),
        (["Die besten Schuhe für den Wald", "Laufen im Regen und bei Wind"], "german"),
        (["Les chaussures de course pour la pluie"], "french"),
        (["Кроссовки для бега"], "russian"),
        (["أحذية الجري للنساء"], "arabic"),
        (["東京ランニング"], None),
        (["xyzzy plugh"], None),
        ([], None),
    ],
)
def test_the_language_is_told_by_its_commonest_words(texts: list[str], language: str | None) -> None:
    assert language_of(texts) == language


@given(st.text(max_size=80), st.sampled_from([None, "english", "german", "arabic"]))
def test_no_text_breaks_the_making_of_terms(text: str, language: str | None) -> None:
    terms = Words(language).terms(text)
    assert len(set(terms)) == len(terms)
