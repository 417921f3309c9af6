"""Redirects of a download: each judged as a new request, three at most, and what https adds to them."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobmill import downloads
from jobmill.downloads import download_image
from jobmill.errors import CallerError
from tests.peers import Peer, Serve, Wire, answer, peer
from tests.unit.fetching.downloading import downloaded, refused
from tests.unit.fetching.hostile_urls import PUBLIC
from tests.unit.pictures import png

type Internet = dict[tuple[str, int], Peer]
type Authority = Callable[[str], ssl.SSLContext]

URL = "http://example.com/a/b.png?c=d"
SAFE_URL = "https://example.com/a/b.png"
OTHER = "93.184.216.99"
IMAGE = answer(200, png(), Content_Type="image/png")


def to(location: str, status: int = 302) -> Serve:
    return answer(status, b"elsewhere", Location=location, Set_Cookie="a=b", Content_Type="image/png")


def in_turn(*serves: Serve) -> Serve:
    """One after the other; the last one stays."""
    left = list(serves)

    def serve(connection: socket.socket) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(connection)

    return serve


@pytest.fixture(autouse=True)
def known(names: dict[str, list[list[str]]]) -> None:
    names |= {"example.com": [[PUBLIC]], "other.example": [[OTHER]]}


def paths(one: Peer) -> list[str]:
    return [head.split()[1] for head in one.heads]


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed(tmp_path: Path, over_http: None, internet: Internet, status: int) -> None:
    with peer(in_turn(to("/1", status), to("/2", status), to("/3", status), IMAGE)) as one:
        internet[PUBLIC, 80] = one
        assert downloaded(tmp_path, URL) == png()

    assert paths(one) == ["/a/b.png?c=d", "/1", "/2", "/3"]
    assert not one.headers().keys() & {"cookie", "referer", "authorization"}


@pytest.mark.requirement("U5")
def test_a_fourth_is_not(tmp_path: Path, over_http: None, internet: Internet) -> None:
    with peer(in_turn(to("/1"), to("/2"), to("/3"), to("/4"), IMAGE)) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "too-many-redirects"

    assert paths(one) == ["/a/b.png?c=d", "/1", "/2", "/3"]


@pytest.mark.parametrize("locations", [("#x",), (URL,), ("/1", "/1#x"), ("/1", "//EXAMPLE.com.:80/1")])
def test_a_circle_is_left_at_once(
    tmp_path: Path, over_http: None, internet: Internet, locations: tuple[str, ...]
) -> None:
    with peer(in_turn(*map(to, locations))) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "redirect-loop"

    assert one.connections == len(locations)


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("c.png", "/a/c.png"),
        ("./c.png", "/a/c.png"),
        ("../c.png", "/c.png"),
        ("../../../c.png", "/c.png"),
        ("/c.png?e=f#g", "/c.png?e=f"),
        ("?e=f", "/a/b.png?e=f"),
        ("//example.com/c.png", "/c.png"),
        ("/..//other.example/c.png", "/other.example/c.png"),
        (".//other.example/c.png", "/a/other.example/c.png"),
        ("/@other.example/c.png", "/@other.example/c.png"),
        ("./http://other.example/", "/a/http:/other.example/"),
        ("/%2F%2Fother.example/%0D%0AHost:x", "/%2F%2Fother.example/%0D%0AHost:x"),
        ("/http:other.example", "/http:other.example"),
        ("localhost", "/a/localhost"),
        ("127.0.0.1", "/a/127.0.0.1"),
    ],
)
def test_a_relative_location_stays_with_its_host(
    tmp_path: Path, over_http: None, watched: Wire, internet: Internet, location: str, path: str
) -> None:
    with peer(in_turn(to(location), IMAGE)) as one:
        internet[PUBLIC, 80] = one
        assert downloaded(tmp_path, URL) == png()

    assert (paths(one)[1], set(watched.tried)) == (path, {(PUBLIC, 80)})


@pytest.mark.parametrize(
    "location",
    ["", "http:c.png", "https:c.png", "http:/c.png", "c d.png", "c\td.png", "/\u00e9.png", "mailto:a@b.example"],
)
def test_a_location_that_is_none_is_refused(tmp_path: Path, over_http: None, internet: Internet, location: str) -> None:
    with peer(in_turn(to(location), IMAGE)) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "bad-redirect"

    assert one.connections == 1


def test_a_redirect_without_a_location_is_refused(tmp_path: Path, over_http: None, internet: Internet) -> None:
    with peer(answer(302)) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "bad-redirect"


@pytest.mark.requirement("U5")
def test_all_redirects_share_one_time(
    tmp_path: Path, over_http: None, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "DOWNLOAD_SECONDS", 0.9)

    def later(serve: Serve) -> Serve:
        return lambda connection: (threading.Event().wait(0.4), serve(connection))[1]

    with peer(in_turn(later(to("/1")), later(to("/2")), later(to("/3")), later(IMAGE))) as one:
        internet[PUBLIC, 80] = one
        assert refused(tmp_path, URL) == "timed-out"


# ---- What https adds


@pytest.fixture
def both(internet: Internet, authority: Authority) -> Iterator[tuple[Peer, Peer]]:
    """One host over https, and it and another one over http."""
    with peer(IMAGE, tls=authority("example.com")) as safe, peer(IMAGE) as plain:
        internet |= {(PUBLIC, 443): safe, (PUBLIC, 80): plain, (OTHER, 80): plain, (OTHER, 443): safe}
        yield safe, plain


@pytest.mark.requirement("U5")
def test_an_image_comes_over_https(tmp_path: Path, watched: Wire, both: tuple[Peer, Peer]) -> None:
    assert downloaded(tmp_path / "images", SAFE_URL) == png()
    assert watched.tried == [(PUBLIC, 443)]


@pytest.mark.requirement("U5")
@pytest.mark.parametrize("location", ["http://example.com/a/b.png", "http://example.com:443/", "http://other.example/"])
def test_https_does_not_lead_to_http(tmp_path: Path, watched: Wire, both: tuple[Peer, Peer], location: str) -> None:
    both[0].serve = to(location)

    assert refused(tmp_path / "images", SAFE_URL) == "https-only"
    assert watched.tried == [(PUBLIC, 443)]


def test_but_where_http_is_allowed(tmp_path: Path, watched: Wire, over_http: None, both: tuple[Peer, Peer]) -> None:
    both[0].serve = to("http://other.example/c.png")

    assert downloaded(tmp_path / "images", SAFE_URL) == png()
    assert watched.tried == [(PUBLIC, 443), (OTHER, 80)]


def test_http_leads_to_https(tmp_path: Path, over_http: None, both: tuple[Peer, Peer]) -> None:
    both[1].serve = to(SAFE_URL)

    assert downloaded(tmp_path / "images", URL) == png()


@pytest.mark.requirement("U5")
def test_the_certificate_must_be_that_of_whoever_is_asked(tmp_path: Path, both: tuple[Peer, Peer]) -> None:
    assert refused(tmp_path / "images", "https://other.example/") == "tls-failed"
    assert refused(tmp_path / "images", f"https://{PUBLIC}/") == "tls-failed"
    both[0].serve = to("https://other.example/")
    assert refused(tmp_path / "images", SAFE_URL) == "tls-failed"
    assert len(both[0].heads) == 1, "something was sent before the certificate was looked at"


def test_no_proxy_and_no_netrc_of_the_environment_is_used(
    tmp_path: Path, watched: Wire, both: tuple[Peer, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine example.com login me password s3cret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, both[1].url)

    assert downloaded(tmp_path / "images", SAFE_URL) == png()
    assert watched.tried == [(PUBLIC, 443)]
    assert "authorization" not in both[0].headers()


@pytest.mark.parametrize(
    "serve",
    [
        answer(404),
        answer(200, png(), Content_Type="text/html"),
        answer(200, b"x" * 30, Content_Type="image/png"),
        to("ftp://example.com/?key=s3cret"),
        to("http://example.com/?key=s3cret"),
        to("/b.png?key=s3cret"),
        in_turn(*(to(f"/{number}?key=s3cret") for number in range(9))),
        lambda connection: None,
    ],
    ids=["status", "type", "bytes", "redirect", "http", "loop", "redirects", "broken"],
)
def test_a_refusal_names_the_place_without_its_query(tmp_path: Path, both: tuple[Peer, Peer], serve: Serve) -> None:
    both[0].serve = serve
    with pytest.raises(CallerError) as raised:
        download_image("https://example.com/b.png?key=s3cret", tmp_path / "b.png")

    assert ("example.com" in raised.value.message, "s3cret" in raised.value.message) == (True, False)
