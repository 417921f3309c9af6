"""Images from URLs that want to go where nobody may go, judged at the socket: whom a download tried to reach."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers import Peer, Wire, answer, peer
from tests.unit.fetching.downloading import refused
from tests.unit.fetching.hostile_urls import BAD, BARRED, NAMES, PLAIN, PUBLIC, URLS
from tests.unit.pictures import png

type Names = dict[str, list[list[str]]]
type Internet = dict[tuple[str, int], Peer]
type Authority = Callable[[str], ssl.SSLContext]

PNG = answer(200, png(), Content_Type="image/png")
# The value of a header has no lines, no half characters, and no blanks around it.
LOCATIONS = {
    url: "bad-redirect" if code == BAD or not url.isascii() else code
    for url, code in URLS.items()
    if url == url.strip() and not set(url) & set("\r\n\ud800") and url != "localhost"  # a path, there
} | {
    "//127.0.0.1/a.png": BARRED,
    "//inside.example/a.png": BARRED,
    "//example.com@127.0.0.1/": "bad-redirect",
    "/\\127.0.0.1/": "bad-redirect",
    "\\\\127.0.0.1/": "bad-redirect",
}


@pytest.fixture(autouse=True)
def known(names: Names) -> None:
    names |= {name: [addresses] for name, addresses in NAMES.items()} | {"example.com": [[PUBLIC]]}


def test_there_are_many() -> None:
    assert min(len(URLS), len(LOCATIONS)) >= 120


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("url", URLS)
def test_nobody_is_asked_for_a_hostile_url(tmp_path: Path, watched: Wire, url: str) -> None:
    assert refused(tmp_path, url) == URLS[url]
    assert watched.tried == []


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("url", [url for url, code in URLS.items() if code != PLAIN])
def test_nor_where_http_is_allowed(tmp_path: Path, watched: Wire, over_http: None, url: str) -> None:
    assert refused(tmp_path, url.replace("https:", "http:", 1)) == URLS[url]
    assert watched.tried == []


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("location", LOCATIONS)
def test_nobody_is_asked_by_a_redirect_to_a_hostile_url(
    tmp_path: Path, watched: Wire, internet: Internet, authority: Authority, location: str
) -> None:
    with peer(answer(302, Location=location), tls=authority("example.com")) as one:
        internet[PUBLIC, 443] = one
        code = refused(tmp_path / "images", "https://example.com/a.png")

    assert code == LOCATIONS[location]
    assert (watched.tried, len(one.heads)) == ([(PUBLIC, 443)], 1)


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("after", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_changes_its_address_after_the_check_is_asked_where_it_was_checked(
    tmp_path: Path, watched: Wire, names: Names, internet: Internet, authority: Authority, after: str
) -> None:
    names["example.com"] = [[PUBLIC], [after]]
    with peer(PNG, tls=authority("example.com")) as one:
        internet[PUBLIC, 443] = one
        code = refused(tmp_path / "images", "https://example.com:444/a.png")

    assert (code, watched.tried) == ("no-connection", [(PUBLIC, 444)])


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("after", ["127.0.0.1", "169.254.169.254", "::1"])
def test_a_name_that_changes_its_address_between_redirects_is_checked_again(
    tmp_path: Path, watched: Wire, names: Names, internet: Internet, authority: Authority, after: str
) -> None:
    names["example.com"] = [[PUBLIC], [after]]
    with peer(answer(302, Location="/b.png"), tls=authority("example.com")) as one:
        internet[PUBLIC, 443] = one
        code = refused(tmp_path / "images", "https://example.com/a.png")

    assert (code, watched.tried) == (BARRED, [(PUBLIC, 443)])
