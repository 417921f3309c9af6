"""URLs as the analysis compares and reads them; none is ever fetched."""

import re
import string
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import idna

MAX_URL: Final = 32_767
"""Characters of a URL, as many as a cell of Excel takes; what has more is no URL, and compared as it is written."""
MAX_AUTHORITY: Final = 300
"""Characters of a host, its port and a user's name: a host has 253. What has more is no URL. `urlsplit` normalises
this part by NFKC, whose time goes with the square of a run of combining marks."""
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_HOSTS: Final = 1_000
"""Names of hosts that are remembered in ASCII: a crawl has a few."""
# What may stand in a path or a query as it is; the rest is compared in its percent-encoded form.
_SAFE: Final = "/%:@!$&'()*+,;=~?-._"
# `urlsplit` leaves them out wherever they are.
_LEFT_OUT: Final = str.maketrans("", "", "\t\r\n")
_LONG_AUTHORITY: Final = re.compile(f"[^/?#]{{{MAX_AUTHORITY + 1}}}")
_ENCODED: Final = re.compile(r"%([0-9a-fA-F]{2})?")
_UNRESERVED: Final = frozenset(string.ascii_letters + string.digits + "-._~")
_EXTENSION: Final = re.compile(r"\.(html?|php|aspx?|jsp)$", re.IGNORECASE)


def split(url: str) -> SplitResult | None:
    """The parts of an absolute http or https URL; none if it is no such URL."""
    if _is_too_long(url):
        return None
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname)
    except ValueError:  # brackets without an address
        return None
    return parts if has_host and parts.scheme.lower() in _DEFAULT_PORTS else None


def key(url: str) -> str:
    """The same text for URLs that mean the same page, by RFC 3986, section 6.2.2 and 6.2.3; no fragment.

    Scheme and host in lower case, the host in ASCII (IDNA), no default port, `/` for an empty path, no dot segments,
    percent-encoding in one form. Upper and lower case of a path, and a slash at its end, make different pages.
    """
    parts = split(url)
    if parts is None:
        return url
    scheme = parts.scheme.lower()
    path = _without_dots(_encoded(parts.path)) or "/"
    return f"{scheme}://{_authority(parts.netloc, scheme)}{path}" + (f"?{_encoded(parts.query)}" if parts.query else "")


def target(page: str, reference: str) -> str | None:
    """What `reference`, maybe a relative one, means on the page; none if it is no URL at all."""
    if _is_too_long(page) or _is_too_long(reference):
        return None
    try:
        joined = urljoin(page, reference)
    except ValueError:
        return None
    return joined if split(joined) and not any(letter.isspace() for letter in reference) else None


def words_of(url: str) -> str:
    """The readable part of a URL: its path, decoded, without its signs and the extension of its end."""
    parts = split(url)
    path = parts.path if parts else url[:MAX_URL].partition("?")[0]
    return _EXTENSION.sub("", unquote(path)).replace("_", " ")


def _is_too_long(url: str) -> bool:
    """Whether it has too many characters, or what follows its first `//`; of ASCII a long host does no harm."""
    if len(url) > MAX_URL or url.isascii():
        return len(url) > MAX_URL
    _, _, rest = url.translate(_LEFT_OUT).partition("//")
    return _LONG_AUTHORITY.match(rest) is not None


def _authority(netloc: str, scheme: str) -> str:
    user, at, place = netloc.rpartition("@")
    name, bracket, port = place.rpartition("]")
    if not bracket:
        name, colon, port = place.partition(":")
        name, port = _ascii_host(name.lower()), colon + port
    return user + at + name.lower() + bracket + ("" if port in (":", _DEFAULT_PORTS[scheme]) else port)


@lru_cache(_HOSTS)
def _ascii_host(name: str) -> str:
    """The name as DNS has it (`xn--…`); as it is, if it can be no such name."""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode()
    except UnicodeError:  # idna's own errors are of it
        return name


def _without_dots(path: str) -> str:
    """The path without `.` and `..` (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment not in (".", ".."):
            kept.append(segment)
        elif segment == ".." and kept:
            kept.pop()
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _encoded(text: str) -> str:
    """In one form of percent-encoding: what needs none has none, a `%` that encodes nothing is `%25`."""
    return _ENCODED.sub(_one_form, quote(text, safe=_SAFE)) if text else text


def _one_form(code: re.Match[str]) -> str:
    if code[1] is None:
        return "%25"
    letter = chr(int(code[1], 16))
    return letter if letter in _UNRESERVED else code[0].upper()
