"""URLs and lists of hosts: what is plain is taken apart, everything else refused."""

import pytest

from jobmill.errors import CallerError, Unprocessable
from jobmill.hosts import AllowedHosts, parse_url


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://example.com", "example.com", 443, "/"),
        ("http://example.com", "example.com", 80, "/"),
        ("HTTPS://EXAMPLE.com.:8443/a/b?c=d#e", "example.com", 8443, "/a/b?c=d"),
        ("https://example.com?q=1", "example.com", 443, "/?q=1"),
        ("https://münchen.example/ü", "xn--mnchen-3ya.example", 443, "/ü"),
        ("https://ＥＸＡＭＰＬＥ。com/", "example.com", 443, "/"),
        ("http://my_peer.internal/", "my_peer.internal", 80, "/"),
        ("http://10.0.0.5/", "10.0.0.5", 80, "/"),
        ("http://１０.0.0.5/", "10.0.0.5", 80, "/"),
        ("http://[FD00:0::5]:8080/", "fd00::5", 8080, "/"),
        ("http://example.com//other.example/", "example.com", 80, "//other.example/"),
        ("http://example.com/@other.example", "example.com", 80, "/@other.example"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, path: str) -> None:
    target = parse_url(url)

    assert (target.host, target.port, target.path) == (host, port, path)
    assert parse_url(target.url) == target


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://127.0.0.1:70/_x",
        "http:example.com", "http:/example.com", "http://", "http:///path", "https://?q", "javascript:alert(1)",
        "http://user@example.com/", "http://user:word@example.com/", "http://example.com@127.0.0.1/",
        "http://127.0.0.1\\@example.com/", "http://example.com\\.127.0.0.1/", "http:\\\\127.0.0.1/",
        "http://exam ple.com/", "http://example.com/a b", "http://example.com/\r\nHost: x", "http://example.com/\t",
        "http://example.com\x00.example.org/", "http://example.com/\u2028",
        "http://example.com/\u202egnp.a", "http://example.com/\u2066", "http://example.com/\u200f", " http://example.com/",
        "http://example.com:/", "http://example.com:0/", "http://example.com:65536/", "http://example.com:080808/",
        "http://example.com:8a/", "http://example.com:-1/", "http://example.com:80:80/", "http://::1/",
        "http://[::1/", "http://::1]/", "http://[127.0.0.1]/", "http://[::1%25eth0]/", "http://[fe80::1%1]/",
        "http://[v1.x]/", "http://[]/", "http://[::1]x/", "http://[::ffff:127.1]/",
        "http://2130706433/", "http://0x7f000001/", "http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://127.1/",
        "http://127.0.1/", "http://127.0.0.01/", "http://0/", "http://127.0.0.1.1/", "http://256.0.0.1/",
        "http://①②⑦.0.1/", "http://example.0x/", "http://1.2.3.4.5./", "http://017700000001/",
        "http://.example.com/", "http://example..com/", "http://example.com../", "http://./", "http://-a.example/",
        "http://a-.example/", "http://exa%6dple.com/", "http://127.0.0.1%2f@example.com/", "http://a*b.example/",
        "http://example.com;127.0.0.1/", "http://example.com,127.0.0.1/", "http://\ud800.example/",
        "http://example.com/\ud800", "http://xn--\u00fc.example/", "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/", "http://example.com/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_a_url_that_is_not_plain_is_refused(url: str) -> None:
    with pytest.raises(CallerError) as raised:
        parse_url(url)

    assert (raised.value.code, raised.value.field) == ("bad-url", "url")


def test_credentials_in_a_url_are_named_as_such() -> None:
    with pytest.raises(CallerError, match="user name and password"):
        parse_url("http://user:word@example.com/")


def test_a_query_is_not_shown_to_people() -> None:
    assert parse_url("https://example.com:8443/a?key=s3cret").place == "https://example.com:8443/a?…"
    assert parse_url("https://example.com/a").place == "https://example.com/a"


LISTED = AllowedHosts.parse(
    "HttpTestHosts",
    {"example.com", "api.example.com:8443", "Bücher.example", "10.0.0.5:8080", "[fd00::5]", "peer.internal=10.0.0.6"},
)


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://example.com/", [None]),
        ("http://EXAMPLE.com./", [None]),
        ("https://example.com:443/", [None]),
        ("https://api.example.com:8443/", [None]),
        ("https://xn--bcher-kva.example/", [None]),
        ("http://10.0.0.5:8080/", ["10.0.0.5"]),
        ("https://[fd00:0:0::5]/", ["fd00::5"]),
        ("http://peer.internal/", ["10.0.0.6"]),
    ],
)
def test_a_listed_host_is_found(url: str, addresses: list[str | None]) -> None:
    found = [entry.address and str(entry.address) for entry in LISTED.find(parse_url(url))]

    assert found == addresses


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com:8443/", "https://sub.example.com/", "https://example.com.evil.example/",
        "https://evilexample.com/", "https://api.example.com/", "http://api.example.com/", "http://10.0.0.5/",
        "http://10.0.0.6/", "http://[::ffff:10.0.0.5]:8080/", "http://[fd00::6]/", "http://peer.internal:8080/",
        "http://peer/", "https://exаmple.com/",
    ],
)  # fmt: skip
def test_any_other_host_is_not_and_the_parameter_is_named(url: str) -> None:
    with pytest.raises(Unprocessable) as raised:
        LISTED.find(parse_url(url))

    assert raised.value.code == "host-not-allowed"
    assert "HttpTestHosts" in raised.value.message


def test_an_empty_list_allows_none() -> None:
    with pytest.raises(Unprocessable):
        AllowedHosts.parse("HttpTestHosts", ()).find(parse_url("https://example.com/"))


@pytest.mark.parametrize(
    "entry",
    ["*", "*.example.com", "http://example.com", "example.com/", "example.com:0", "10.0.0.0/8", "a=b", "a=",
     "=10.0.0.1", "a=10.0.0.0/8", "a b", "fd00::5", "127.1", "a@b"],
)  # fmt: skip
def test_a_list_with_what_is_no_host_is_no_list(entry: str) -> None:
    with pytest.raises(ValueError, match="HttpTestHosts"):
        AllowedHosts.parse("HttpTestHosts", [entry])
