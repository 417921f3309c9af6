"""Which page a keyword belongs to, and what is said about it."""

from typing import Any

import pytest

from jobmill.analysis.keywords import Keyword
from jobmill.analysis.mapping import COMPETING_SCORE, MIN_SCORE, Mapping, find_page
from jobmill.analysis.page_index import PageIndex
from jobmill.analysis.words import Words
from tests.unit.analysis.builders import HOST, crawl, keyword_list, page


def shoes(path: str, name: str, **values: str) -> dict[str, str]:
    texts = {"title": f"{name} | Example", "h1": name, "description": f"All about {name.lower()} and more of it."}
    return page(path, **(texts | values))


SHOP = [
    shoes("/running-shoes", "Running shoes"),
    shoes("/walking-boots", "Walking boots"),
    shoes("/tennis-rackets", "Tennis rackets"),
    shoes("/contact", "Contact"),
    shoes("/returns", "Returns and refunds"),
]


def mapped(*rows: dict[str, str], pages: list[dict[str, str]] = SHOP, language: str | None = "english") -> Mapping:
    """Where the first keyword of a list goes."""
    found = [each for each in crawl(*pages) if each.is_searchable]
    index = PageIndex(found, Words(language))
    keyword = next(iter(keyword_list(*rows)))
    return find_page(keyword, index)


@pytest.mark.requirement("A18")
@pytest.mark.parametrize(
    ("keyword", "path"),
    [
        ("running shoes", "/running-shoes"),
        ("SHOES for RUNNING", "/running-shoes"),
        ("run shoe", "/running-shoes"),
        ("walking boot", "/walking-boots"),
        ("tennis racketts", "/tennis-rackets"),
        ("runningshoes", "/running-shoes"),
    ],
)
def test_a_keyword_goes_to_the_page_that_is_about_it(keyword: str, path: str) -> None:
    found = mapped({"keyword": keyword, "volume": "1,900"})
    assert (found.flag, found.url, found.keyword.volume) == ("mapped", HOST + path, 1_900)
    assert found.score is not None
    assert COMPETING_SCORE < found.score <= 100
    assert found.recommendation is None


@pytest.mark.parametrize(("name", "said"), [("/running-shoes", "link to the page"), ("/contact", "bring the keyword")])
def test_a_page_on_a_later_page_of_results_is_told_what_it_lacks(name: str, said: str) -> None:
    found = mapped(
        {"keyword": "running shoes" if "shoes" in name else "contact phone", "url": HOST + name, "position": "14"}
    )
    assert found.url == HOST + name
    assert str(found.recommendation).startswith("Position 14")
    assert said in str(found.recommendation)


def test_the_terms_are_told_as_the_keyword_writes_them() -> None:
    assert mapped({"keyword": "red running shoe"}).terms == ("running", "shoe")


@pytest.mark.requirement("A18")
def test_a_keyword_that_no_page_has_is_a_gap() -> None:
    found = mapped({"keyword": "swimming goggles"})
    assert (found.flag, found.url, found.score, found.terms) == ("gap", None, 0.0, ())
    assert "write one" in str(found.recommendation)


def test_a_keyword_that_a_page_has_in_small_part_is_a_gap_and_names_the_page() -> None:
    found = mapped({"keyword": "waterproof leather hiking boots"})
    assert found.flag == "gap"
    assert f"{HOST}/walking-boots" in str(found.recommendation)


@pytest.mark.requirement("A18")
def test_pages_about_as_good_are_cannibalisation() -> None:
    twins = [*SHOP, shoes("/shoes-for-running", "Running shoes"), shoes("/running_shoes", "Running Shoes")]
    found = mapped({"keyword": "running shoes"}, pages=twins)
    assert found.flag == "cannibalisation"
    assert {found.url, *found.others} == {
        HOST + path for path in ("/running-shoes", "/shoes-for-running", "/running_shoes")
    }
    assert "decide" in str(found.recommendation)


def test_a_page_a_little_worse_competes_too() -> None:
    found = mapped({"keyword": "running shoes"}, pages=[*SHOP, shoes("/running-shoes-b", "Running shoes", h1="Shoes")])
    assert found.flag == "mapped"
    near = shoes("/running-shoes-b", "Running shoes", h1="Running shoes | Example")
    found = mapped({"keyword": "running shoes"}, pages=[*SHOP, near])
    assert (found.flag, found.url, found.others) == (
        "cannibalisation",
        f"{HOST}/running-shoes",
        (f"{HOST}/running-shoes-b",),
    )


def test_pages_that_fit_alike_in_part_only_do_not_compete() -> None:
    bare = {"h1": "", "description": ""}
    lamps = [page(f"/{i}", **bare, title=f"Zebra lamp no{i}") for i in range(2)]
    found = mapped({"keyword": "zebra"}, pages=[*SHOP, *lamps])
    assert found.score is not None
    assert MIN_SCORE <= found.score < COMPETING_SCORE
    assert found.flag == "mapped"


def test_a_page_that_cannot_be_found_competes_with_none() -> None:
    twins = [*SHOP, shoes("/b", "Running shoes", status="404"), shoes("/c", "Running shoes", robots="noindex")]
    assert mapped({"keyword": "running shoes"}, pages=twins).flag == "mapped"


@pytest.mark.requirement("A18")
def test_the_page_that_ranks_is_ahead_of_one_about_as_good() -> None:
    twins = [*SHOP, shoes("/shoes-for-running", "Running shoes")]
    found = mapped({"keyword": "running shoes", "url": f"{HOST}/shoes-for-running", "position": "3"}, pages=twins)
    assert (found.flag, found.url, found.position) == ("mapped", f"{HOST}/shoes-for-running", 3.0)


def test_a_page_that_ranks_though_another_fits_better_is_told() -> None:
    pages = [*SHOP, shoes("/running-shoes-sale", "Running shoes sale")]
    found = mapped({"keyword": "running shoes", "url": f"{HOST}/running-shoes-sale", "position": "4"}, pages=pages)
    assert (found.flag, found.url) == ("mapped", f"{HOST}/running-shoes-sale")
    assert "fits it better" in str(found.recommendation)


def test_a_page_that_ranks_but_cannot_be_found_is_told() -> None:
    found = mapped({"keyword": "running shoes", "url": f"{HOST}/old", "position": "8"})
    assert (found.flag, found.url) == ("mapped", f"{HOST}/running-shoes")
    assert f"{HOST}/old" in str(found.recommendation)


def test_two_urls_that_rank_side_by_side_compete() -> None:
    rows: list[dict[str, str]] = [
        {"keyword": "Running shoes", "url": f"{HOST}/running-shoes", "position": "4"},
        {"keyword": "running  shoes", "url": f"{HOST}/walking-boots", "position": "9"},
    ]
    found = mapped(*rows)
    assert (found.flag, found.url, found.others) == (
        "cannibalisation",
        f"{HOST}/running-shoes",
        (f"{HOST}/walking-boots",),
    )
    rows[1]["position"] = "21"
    assert mapped(*rows).flag == "mapped"


@pytest.mark.parametrize(
    ("rows", "flag", "url"),
    [
        ([{"keyword": "a", "url": f"{HOST}/x", "position": "2"}], "mapped", f"{HOST}/x"),
        ([{"keyword": "a", "url": f"{HOST}/x"}], "mapped", f"{HOST}/x"),
        ([{"keyword": "a"}], "gap", None),
        (
            [
                {"keyword": "a", "url": f"{HOST}/x", "position": "9"},
                {"keyword": "A", "url": f"{HOST}/y", "position": "2"},
            ],
            "cannibalisation",
            f"{HOST}/y",
        ),
    ],
)
def test_without_a_crawl_the_list_alone_speaks(rows: list[dict[str, str]], flag: str, url: str | None) -> None:
    found = mapped(*rows, pages=[])
    assert (found.flag, found.url, found.score) == (flag, url, None)
    assert (found.recommendation is None) == (flag == "mapped")


@pytest.mark.parametrize("text", ["???", "the", "東京 靴", "حذاء الجري", "a" * 10_000, "\u202eabc", "=HYPERLINK(1)"])
def test_no_keyword_breaks_the_mapping(text: str) -> None:
    found = mapped({"keyword": text})
    assert found.flag in ("gap", "mapped")


@pytest.mark.parametrize(
    ("title", "keyword"),
    [
        ("東京ランニングシューズ", "ランニングシューズ"),
        ("أحذية الجري للنساء", "أحذية الجري"),
        ("Laufschuhe für Damen", "laufschuh damen"),
    ],
)
def test_other_scripts_and_languages_are_mapped(title: str, keyword: str) -> None:
    language = "german" if title.isascii() or "ü" in title else None
    pages = [*SHOP, page("/x", title=title, h1=title, description=title)]
    assert mapped({"keyword": keyword}, pages=pages, language=language).url == f"{HOST}/x"


def test_every_mapping_but_a_gap_is_of_the_least_score() -> None:
    for text in ("running", "shoes", "walking", "contact us", "refund", "boots or rackets", "example"):
        found: Any = mapped({"keyword": text})
        assert (found.flag == "gap") == (found.score < MIN_SCORE), found


def test_a_keyword_is_kept_as_it_is_written_first() -> None:
    [keyword] = keyword_list(
        {"keyword": " Running  Shoes "},
        {"keyword": "running shoes", "volume": "70"},
        {"keyword": "RUNNING SHOES", "volume": "50"},
    )
    assert isinstance(keyword, Keyword)
    assert (keyword.text, keyword.volume, keyword.row) == ("Running Shoes", 70, 2)
