"""The on-page checks: what is wrong with one page, seen among all pages of its site."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jobmill.analysis import urls
from jobmill.analysis.check_list import (
    CHECKS,
    DESCRIPTION_CHARACTERS,
    MIN_WORDS,
    SEVERITIES,
    TITLE_CHARACTERS,
    URL_CHARACTERS,
    Severity,
)
from jobmill.analysis.pages import Page
from jobmill.analysis.site import Site

_SHOWN: Final = 300
"""Characters of a text of the file that a finding repeats."""
_ENCODED: Final = re.compile("%[0-9a-fA-F]{2}")
_RELATIVE: Final = re.compile(r"(?![a-zA-Z][a-zA-Z0-9+.-]*:)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found on a page: what was measured, what the limit is, what to do."""

    check: str
    severity: Severity
    measured: str
    limit: str
    recommendation: str


def judge(page: Page, site: Site) -> list[Finding]:
    """What is wrong with the page, the gravest first; nothing is said about what the file has no column for.

    Titles, headings, texts and the form of the URL matter where a search engine may show the page; of others it is
    told why it may not.
    """
    found = list(_of_status(page))
    if page.is_html and page.is_found:
        found.extend(_of_index(page))
        found.extend(_of_canonical(page, site))
    if page.is_searchable:
        found.extend(_of_title(page, site))
        found.extend(_of_description(page, site))
        found.extend(_of_heading(page, site))
        found.extend(_of_content(page))
        found.extend(_of_url(page))
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def characters(text: str) -> int:
    """How long a text is where it is shown: letters of double width (UAX #11), as Chinese ones, count twice."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _found(code: str, measured: str, **places: str) -> Finding:
    check = CHECKS[code]
    shown = {name: _short(text) for name, text in places.items()}
    advice = check.advice
    for name, text in shown.items():
        advice = advice.replace("{" + name + "}", text)
    return Finding(code, check.severity, _short(measured), check.limit, advice)


def _of_status(page: Page) -> Iterator[Finding]:
    if page.answer is None or page.is_found:
        return
    measured, first_digit = f"status {page.answer.text}", page.answer.first_digit
    if first_digit is None:
        yield _found("status-unreadable", page.answer.text)
    elif first_digit >= 5:
        yield _found("server-error", measured)
    elif first_digit == 4:
        yield _found("client-error", measured)
    elif first_digit == 3:
        yield _found("redirect", measured)
    elif page.answer.code == 0:
        yield _found("no-answer", measured)


def _of_index(page: Page) -> Iterator[Finding]:
    if page.asks_not_to_be_indexed:
        reason = page.reason or "the crawler names no reason"
        yield _found("noindex", reason, reason=reason)


def _of_canonical(page: Page, site: Site) -> Iterator[Finding]:
    if page.canonical in (None, page.url) or (page.indexable is False and not page.canonical):
        return
    if not page.canonical:
        yield _found("canonical-missing", "none")
        return
    if urls.target(page.url, page.canonical) is None:
        yield _found("canonical-broken", page.canonical)
        return
    if _RELATIVE.match(page.canonical):
        yield _found("canonical-relative", page.canonical)
    if page.points_elsewhere:
        yield _of_target(page, site)


def _of_target(page: Page, site: Site) -> Finding:
    named = site.canonical(page)
    if named is not None and named.answer is not None and named.answer.is_readable and not named.is_found:
        return _found("canonical-broken", f"{_short(page.canonical or '')} answers with status {named.answer.text}")
    if named is not None and named.asks_not_to_be_indexed:
        return _found("canonical-noindex", page.canonical or "", other=named.url)
    if named is not None and named.points_elsewhere:
        way = site.chain(page)
        if urls.key(way[-1]) in map(urls.key, way[:-1]):
            return _found("canonical-loop", " → ".join(way))
        return _found("canonical-chain", " → ".join(way[1:]), other=way[-1])
    return _found("canonical-elsewhere", page.canonical or "")


def _of_title(page: Page, site: Site) -> Iterator[Finding]:
    return _of_text("title", page.title, TITLE_CHARACTERS, page, site)


def _of_description(page: Page, site: Site) -> Iterator[Finding]:
    return _of_text("description", page.description, DESCRIPTION_CHARACTERS, page, site)


def _of_text(name: str, text: str | None, limits: tuple[int, int], page: Page, site: Site) -> Iterator[Finding]:
    """A text of a search result: that it is there, neither too short nor too long, and of this page alone."""
    if text is None:
        return
    length = characters(text)
    least, most = limits
    if not text:
        yield _found(f"{name}-missing", "none")
    elif length > most:
        yield _found(f"{name}-long", _counted(length, "character"))
    elif length < least:
        yield _found(f"{name}-short", _counted(length, "character"))
    yield from _of_shared(name, page, site)


def _of_heading(page: Page, site: Site) -> Iterator[Finding]:
    if (page.h1_count or 0) > 1:
        yield _found("h1-multiple", f"{page.h1_count:,} H1")
    if page.h1 is None:
        return
    if not page.h1:
        if not page.h1_count:
            yield _found("h1-missing", "none")
    elif page.title and page.h1.casefold() == page.title.casefold():
        yield _found("h1-same-as-title", page.h1)
    yield from _of_shared("h1", page, site)


def _of_shared(name: str, page: Page, site: Site) -> Iterator[Finding]:
    shared = site.shared(name, page)
    if shared is not None:
        yield _found(f"{name}-duplicate", f"{shared.pages:,} pages", other=shared.other_than(page.url))


def _of_content(page: Page) -> Iterator[Finding]:
    if page.words is not None and page.words < MIN_WORDS:
        yield _found("thin-content", _counted(page.words, "word"))


def _of_url(page: Page) -> Iterator[Finding]:
    parts = urls.split(page.url)
    if parts is None:
        yield _found("url-invalid", page.url)
        return
    if parts.scheme.lower() == "http":
        yield _found("url-http", "http")
    if len(page.url) > URL_CHARACTERS:
        yield _found("url-long", _counted(len(page.url), "character"))
    if parts.query:
        yield _found("url-parameters", _counted(parts.query.count("&") + 1, "parameter"))
    path = _ENCODED.sub("", parts.path)
    if "_" in path:
        yield _found("url-underscore", _counted(path.count("_"), "underscore"))
    capitals = sum(letter.isupper() for letter in path) if path != path.lower() else 0
    if capitals:
        yield _found("url-uppercase", _counted(capitals, "capital"))


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
