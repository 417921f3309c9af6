"""Numbers and URLs as exports write them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobmill.analysis import urls
from jobmill.analysis.figures import MAX_FIGURE, count, figure, truth


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("200", 200),
        ("200.0", 200),
        ("1,900", 1900),
        ("1.900", 1900),
        ("1 900", 1900),
        ("1\u00a0900", 1900),
        ("1.234.567", 1_234_567),
        ("1.234,0", 1234),
        ("1,234.0", 1234),
        ("1 234,0", 1234),
        ("1\u2009234", 1234),
        ("12'345.6", 12_346),
        ("1.9K", 1900),
        ("2 M", 2_000_000),
        ("0", 0),
        *[(text, None) for text in ("", "NaN", "nan", "inf", "-1", "=1+1", "1e999", "10 – 100", "9" * 400, "²", "n/a")],
    ],
)
def test_a_count_is_read_as_people_write_it(text: str, number: int | None) -> None:
    assert count(text) == number


@pytest.mark.parametrize(("text", "number"), [("3", 3.0), ("3.7", 3.7), ("3,7", 3.7), ("", None), ("nan", None)])
def test_a_position_may_have_a_point_or_a_comma(text: str, number: float | None) -> None:
    assert figure(text) == number


@given(st.text())
def test_no_text_breaks_the_reading_of_a_number(text: str) -> None:
    found = count(text)
    assert found is None or 0 <= found <= MAX_FIGURE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *[(text, True) for text in ("Indexable", "yes", "Indexierbar")],
        *[
            (text, False)
            for text in ("Non-Indexable", "Non Indexable", "Not-indexable", "not indexable", "NonIndexable")
        ],
        *[(text, False) for text in ("Not_Indexable", "Nicht indexierbar", "Nein", " noindex ")],
        *[(text, None) for text in ("", "maybe", "not", "not sure whether indexable")],
    ],
)
def test_crawlers_say_in_many_words_whether_a_page_is_indexable(text: str, said: bool | None) -> None:
    assert truth(text) is said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTPS://Shop.Example:443", "https://shop.example/"),
        ("https://shop.example/a#top", "https://shop.example/a"),
        ("https://shop.example/m%c3%bcller", "https://shop.example/müller"),
        ("https://shop.example/?q=a b", "https://shop.example/?q=a%20b"),
        ("https://shop.example/~a", "https://shop.example/%7Ea"),
        ("https://shop.example/x/../y", "https://shop.example/y"),
        ("https://shop.example/x/%2E%2e/./y/.", "https://shop.example/y/"),
        ("https://shop.example/../a//..", "https://shop.example/a/"),
        ("https://shop.example/100%", "https://shop.example/100%25"),
        ("https://Müller.example/", "https://xn--mller-kva.example/"),
        ("https://MÜLLER.example:443/", "https://müller.example"),
        ("https://shop.example:/", "https://shop.example/"),
        ("http://[::FF]:80/", "http://[::ff]/"),
        ("https://🥾.example/", "https://🥾.Example"),
    ],
)
def test_urls_that_mean_the_same_have_one_key(one: str, other: str) -> None:
    assert urls.key(one) == urls.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://shop.example/A", "https://shop.example/a"),
        ("https://shop.example/a", "https://shop.example/a/"),
        ("http://shop.example/", "https://shop.example/"),
        ("https://shop.example/?a", "https://shop.example/"),
        ("https://shop.example/a%2Fb", "https://shop.example/a/b"),
        ("https://shop.example/%2541", "https://shop.example/A"),
        ("https://shop.example:8443/", "https://shop.example/"),
        ("https://straße.example/", "https://strasse.example/"),
    ],
)
def test_urls_of_different_pages_have_different_keys(one: str, other: str) -> None:
    assert urls.key(one) != urls.key(other)


@example("https://a/%%341")
@example("http://[::1]:80:80/")
@given(
    st.one_of(
        st.text(),
        st.text(alphabet="/.%2eE41?#:").map("http://a".__add__),
        st.text().map("https://shop.example/".__add__),
        st.text().map("//[".__add__),
    )
)
def test_no_text_breaks_a_url_and_a_key_is_its_own_key(text: str) -> None:
    assert urls.key(urls.key(text)) == urls.key(text)
    urls.target("https://shop.example/", text)
    urls.words_of(text)


def test_the_words_of_a_url_are_its_path_without_the_extension() -> None:
    assert urls.words_of("https://shop.example/laufschuhe/f%C3%BCr_damen.html?x=1#y") == "/laufschuhe/für damen"
