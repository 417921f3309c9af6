"""What each check finds on a page that is good but for one thing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.analysis.check_list import (
    CHECKS,
    DESCRIPTION_CHARACTERS,
    MIN_WORDS,
    SEVERITIES,
    TITLE_CHARACTERS,
    URL_CHARACTERS,
)
from jobmill.analysis.checks import characters, judge
from jobmill.analysis.pages import Pages
from jobmill.analysis.site import Site
from tests.unit.analysis.builders import GOOD, HOST, codes, crawl, findings, page

SHORT, LONG = TITLE_CHARACTERS
LONG_URL = f"{HOST}/{'a' * (URL_CHARACTERS - len(HOST))}"


def own(url: str) -> dict[str, str]:
    return GOOD | {"url": url, "canonical": url}


@pytest.mark.requirement("A18")
def test_nothing_is_wrong_with_a_good_page() -> None:
    assert codes(GOOD) == []


@pytest.mark.requirement("A18")
@pytest.mark.parametrize(
    ("values", "code", "measured"),
    [
        ({"status": "500"}, "server-error", "status 500"),
        ({"status": "404"}, "client-error", "status 404"),
        ({"status": "0"}, "no-answer", "status 0"),
        ({"status": "301"}, "redirect", "status 301"),
        ({"status": "301.0"}, "redirect", "status 301"),
        ({"status": "404 Not Found"}, "client-error", "status 404"),
        ({"status": "not found"}, "client-error", "status 404"),
        ({"status": "HTTP 500"}, "server-error", "status 500"),
        ({"status": "HTTP/1.1 503 Service Unavailable"}, "server-error", "status 503"),
        ({"status": "0.0"}, "no-answer", "status 0"),
        ({"status": "3xx"}, "redirect", "status 3xx"),
        ({"status": "4XX"}, "client-error", "status 4xx"),
        ({"status": "5xx"}, "server-error", "status 5xx"),
        ({"status": "-"}, "status-unreadable", "-"),
        ({"status": "1900"}, "status-unreadable", "1900"),
        ({"status": "Connection timeout"}, "status-unreadable", "Connection timeout"),
        ({"title": ""}, "title-missing", "none"),
        ({"title": "a" * (SHORT - 1)}, "title-short", f"{SHORT - 1} characters"),
        ({"title": "a"}, "title-short", "1 character"),
        ({"description": "a"}, "description-short", "1 character"),
        ({"words": "1"}, "thin-content", "1 word"),
        ({"words": "0"}, "thin-content", "0 words"),
        ({"title": "a" * (LONG + 1)}, "title-long", f"{LONG + 1} characters"),
        ({"title": "靴" * (LONG // 2 + 1)}, "title-long", f"{LONG + 2} characters"),
        ({"description": ""}, "description-missing", "none"),
        ({"description": "a" * (DESCRIPTION_CHARACTERS[0] - 1)}, "description-short", "69 characters"),
        ({"description": "a" * (DESCRIPTION_CHARACTERS[1] + 1)}, "description-long", "156 characters"),
        ({"h1": ""}, "h1-missing", "none"),
        ({"second_h1": "More shoes"}, "h1-multiple", "2 H1"),
        ({"h1_count": "7"}, "h1-multiple", "7 H1"),
        ({"h1": GOOD["title"].upper()}, "h1-same-as-title", GOOD["title"].upper()),
        ({"canonical": ""}, "canonical-missing", "none"),
        ({"canonical": "/running-shoes"}, "canonical-relative", "/running-shoes"),
        ({"canonical": "//shop.example/running-shoes"}, "canonical-relative", "//shop.example/running-shoes"),
        ({"canonical": "https://["}, "canonical-broken", "https://["),
        ({"canonical": "see below"}, "canonical-broken", "see below"),
        ({"canonical": f"{HOST}/other"}, "canonical-elsewhere", f"{HOST}/other"),
        ({"words": str(MIN_WORDS - 1)}, "thin-content", f"{MIN_WORDS - 1} words"),
        ({"indexability": "Non-Indexable", "indexability_reason": "noindex"}, "noindex", "noindex"),
        *[
            ({"robots": robots}, "noindex", "noindex")
            for robots in (
                *("NOINDEX, follow", "noindex,follow", "none, noarchive", "noarchive,none", "follow noindex"),
                *("nofollow; noindex", "googlebot: noindex", "googlebot:none", "max-image-preview:none, noindex"),
            )
        ],
        (own("http://shop.example/a"), "url-http", "http"),
        (own("/running-shoes"), "url-invalid", "/running-shoes"),
        (own(LONG_URL), "url-long", f"{URL_CHARACTERS + 1} characters"),
        (own(f"{HOST}/a?b=1&c=2"), "url-parameters", "2 parameters"),
        (own(f"{HOST}/red_shoes"), "url-underscore", "1 underscore"),
        (own(f"{HOST}/Red-%C3%BC-Shoes"), "url-uppercase", "2 capitals"),
    ],
)
def test_one_thing_is_wrong(values: dict[str, str], code: str, measured: str) -> None:
    [finding] = [each for each in findings(GOOD | values) if each.check != "title-long" or code == "title-long"]
    assert (finding.check, finding.measured) == (code, measured)
    assert (finding.severity, finding.limit) == (CHECKS[code].severity, CHECKS[code].limit)
    assert finding.recommendation.endswith(".")
    assert "{" not in finding.recommendation


@pytest.mark.parametrize(
    "values",
    [
        {"title": "a" * SHORT},
        {"title": "a" * LONG},
        {"description": "a" * DESCRIPTION_CHARACTERS[0]},
        {"description": "a" * DESCRIPTION_CHARACTERS[1]},
        {"words": str(MIN_WORDS)},
        {"words": "NaN"},
        {"second_h1": ""},
        {"h1_count": "1"},
        {"canonical": GOOD["canonical"] + "#top"},
        {"content_type": "", "robots": "index, follow"},
        {"robots": "max-image-preview:none"},
        {"robots": "index, max-image-preview : none"},
        {"robots": "noindexing, nonexistent"},
        {"status": "OK"},
        {"status": "200 OK"},
        {"status": "2xx"},
        {"status": ""},
        own(LONG_URL[:-1]),
        own(f"{HOST}/%C3%BC"),
    ],
)
def test_a_limit_itself_is_kept(values: dict[str, str]) -> None:
    assert codes(GOOD | values) == []


def test_nothing_is_said_about_what_the_file_has_no_column_for() -> None:
    assert codes({"url": f"{HOST}/a", "title": GOOD["title"]}) == []
    assert codes({"url": f"{HOST}/a", "title": ""}) == ["title-missing"]


@pytest.mark.requirement("A18")
@pytest.mark.parametrize("name", ["title", "description", "h1"])
def test_texts_of_several_pages_are_found_in_any_case(name: str) -> None:
    one, other = (
        page("/a", **{name: f"Shoes for  {'everyone ' * 5}"}),
        page("/b", **{name: f"SHOES FOR {'EVERYONE ' * 5}"}),
    )
    [finding] = [each for each in findings(one, other, page("/c")) if each.check.endswith("-duplicate")]
    assert (finding.check, finding.measured) == (f"{name}-duplicate", "2 pages")
    assert f"{HOST}/b" in finding.recommendation


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": "301"},
        {"indexability": "Non-Indexable"},
        {"canonical": f"{HOST}/a"},
        {"content_type": "application/pdf"},
    ],
)
def test_a_page_that_cannot_be_found_is_no_duplicate(hidden: dict[str, str]) -> None:
    same = {"title": GOOD["title"], "description": GOOD["description"], "h1": GOOD["h1"]}
    assert codes(page("/a", **same), page("/b", **same, **hidden)) == []


def test_of_pages_that_cannot_be_found_it_is_only_said_why() -> None:
    bare = {"title": "", "description": "", "h1": "", "words": "3"}
    assert codes(GOOD | bare | {"status": "404"}) == ["client-error"]
    assert codes(GOOD | bare | {"robots": "none"}) == ["noindex"]
    assert codes(GOOD | bare | {"canonical": f"{HOST}/b"}) == ["canonical-elsewhere"]
    assert codes(GOOD | bare | {"content_type": "image/png"}) == []


@pytest.mark.requirement("A18")
@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ({"status": "404"}, "canonical-broken", "404"),
        ({"status": "301"}, "canonical-broken", "301"),
        ({"robots": "noindex"}, "canonical-noindex", f"{HOST}/b"),
        ({"canonical": f"{HOST}/c"}, "canonical-chain", f"{HOST}/c"),
        ({"canonical": f"{HOST}/a"}, "canonical-loop", f"{HOST}/a → {HOST}/b → {HOST}/a"),
        ({"canonical": f"{HOST}/%61"}, "canonical-loop", f"{HOST}/a → {HOST}/b → {HOST}/a"),
    ],
)
def test_a_canonical_is_followed(target: dict[str, str], code: str, said: str) -> None:
    [finding] = findings(page("/a", canonical=f"{HOST}/b"), page("/b", **target), page("/c"))
    assert finding.check == code
    assert said in finding.measured + finding.recommendation


def test_a_chain_that_ends_in_a_circle_is_told_as_one() -> None:
    way = [page("/a", canonical=f"{HOST}/b"), page("/b", canonical=f"{HOST}/c"), page("/c", canonical=f"{HOST}/b")]
    [finding] = findings(*way)
    assert (finding.check, finding.measured) == ("canonical-loop", f"{HOST}/a → {HOST}/b → {HOST}/c → {HOST}/b")


def test_texts_that_only_begin_alike_are_not_the_same() -> None:
    long = "Shoes for women and men " * 90
    one, other = page("/a", h1=long + "a"), page("/b", h1=long + "b")
    assert "h1-duplicate" not in codes(one, other)


def test_a_long_chain_of_canonicals_is_told_by_its_beginning() -> None:
    pages = [page(f"/{i}", canonical=f"{HOST}/{i + 1}") for i in range(50)]
    [finding] = findings(*pages)
    assert finding.measured == " → ".join(f"{HOST}/{i}" for i in range(1, 6))


def test_the_gravest_comes_first() -> None:
    found = [each.severity for each in findings(GOOD | {"title": "", "h1": "", "canonical": "", "words": "1"})]
    assert found == sorted(found, key=SEVERITIES.index)
    assert set(found) == set(SEVERITIES)


def test_a_url_of_two_sheets_is_one_page_with_what_both_say() -> None:
    pages = Pages()
    pages.add({"url": f"{HOST}/a", "title": "One"}, 2, "titles")
    pages.add({"url": f"{HOST}/a#x", "title": "Two", "h1": "", "words": "7"}, 9, "texts")
    [both] = pages
    assert (both.title, both.h1, both.words, both.row, both.sheet) == ("One", "", 7, 2, "titles")


def test_a_status_that_can_be_read_counts_before_one_that_cannot() -> None:
    assert codes(GOOD | {"status": "-"}, GOOD | {"status": "404"}) == ["client-error"]
    assert codes(GOOD | {"status": "4xx"}, GOOD | {"status": "200"}) == ["client-error"]


def test_a_canonical_to_a_page_of_an_unknown_status_is_not_called_broken() -> None:
    assert codes(page("/a", canonical=f"{HOST}/b"), page("/b", status="-")) == ["canonical-elsewhere"]


def test_letters_of_double_width_count_twice() -> None:
    assert (characters("abc"), characters("äöü"), characters("靴屋"), characters("مرحبا")) == (3, 3, 4, 5)


@given(st.dictionaries(st.sampled_from([*GOOD, "second_h1", "h1_count", "robots"]), st.text(max_size=30)))
def test_no_cell_breaks_a_check(values: dict[str, str]) -> None:
    pages = crawl(page("/a"), GOOD | values, page("/b", **{**values, "url": f"{HOST}/b"}))
    site = Site(pages)
    for each in pages:
        found = judge(each, site)
        assert len({finding.check for finding in found}) == len(found)
        assert all(len(finding.measured) <= 400 for finding in found)
