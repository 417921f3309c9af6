"""The pages of a crawl, gathered from any number of sheets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from jobmill.analysis import urls
from jobmill.analysis.figures import count, truth
from jobmill.analysis.limits import MAX_CHARACTERS, MAX_PAGES, texts_too_long, too_many_pages
from jobmill.analysis.statuses import Status, read_status

_HTML: Final = ("text/html", "application/xhtml")
_MIME_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]+(;|$)", re.IGNORECASE)
_COLON: Final = re.compile(r"(?<!\s)\s*:\s*")
_BETWEEN: Final = re.compile(r"[,;|\s]+")
_OF_OTHER_VALUES: Final = frozenset(("max-image-preview", "max-snippet", "max-video-preview", "unavailable_after"))
"""Directives whose own value may be `none`, which forbids nothing."""
_OWN_FIELDS: Final = frozenset(("url", "key", "row", "sheet"))


@dataclass(slots=True)
class Page:
    """One URL of a crawl. None is what no sheet has a column for; an empty text is an empty cell.

    `key` is the URL as URLs are compared, `row` the number of its row in the sheet, as Excel shows it.
    """

    url: str
    key: str
    row: int
    sheet: str
    answer: Status | None = None
    content_type: str | None = None
    title: str | None = None
    description: str | None = None
    h1: str | None = None
    h1_count: int | None = None
    canonical: str | None = None
    words: int | None = None
    indexable: bool | None = None
    reason: str | None = None

    @property
    def status(self) -> int | None:
        """The status, if the crawl tells it exactly."""
        return self.answer.code if self.answer else None

    @property
    def is_html(self) -> bool:
        """Whether it is a page at all: a crawl may list pictures and scripts too."""
        of_type = self.content_type or ""
        return _MIME_TYPE.match(of_type) is None or of_type.lower().startswith(_HTML)

    @property
    def is_found(self) -> bool:
        """Whether it answered 200, or nobody says what; not if nobody can read what is said."""
        return self.answer is None or self.answer.is_ok

    @property
    def asks_not_to_be_indexed(self) -> bool:
        """Whether the crawler says so, for another reason than a canonical to elsewhere."""
        return self.indexable is False and not (self.reason or "").casefold().startswith("canonical")

    @property
    def points_elsewhere(self) -> bool:
        """Whether its canonical is another URL."""
        if not self.canonical or self.canonical == self.url:
            return False
        meant = urls.target(self.url, self.canonical)
        return meant is None or urls.key(meant) != self.key

    @property
    def is_searchable(self) -> bool:
        """Whether a search engine may show this URL: found, a page, indexable, and its own canonical."""
        return self.is_found and self.is_html and self.indexable is not False and not self.points_elsewhere


class Pages:
    """Gathers pages; one that several sheets have is one page, with what each of them says first."""

    def __init__(self) -> None:
        self._by_key: dict[str, Page] = {}
        self._characters = 0

    def add(self, values: Mapping[str, str], row: int, sheet: str) -> str | None:
        """Take a row's known fields; gives the page's key. A row without a URL is left out: none.

        Raises CallerError `too-many-pages`, `texts-too-long`.
        """
        if not values["url"]:
            return None
        page = _page(values, row, sheet)
        self._characters += sum(map(len, values.values()))
        if self._characters > MAX_CHARACTERS:
            raise texts_too_long()
        known = self._by_key.setdefault(page.key, page)
        if known is not page:
            _complete(known, page)
        elif len(self._by_key) > MAX_PAGES:
            raise too_many_pages()
        return page.key

    def __iter__(self) -> Iterator[Page]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def get(self, key: str) -> Page | None:
        """The page of this key, if the crawl has it."""
        return self._by_key.get(key)


def _page(values: Mapping[str, str], row: int, sheet: str) -> Page:
    page = Page(values["url"], urls.key(values["url"]), row, sheet)
    page.answer = read_status(values.get("status", ""))
    page.content_type = values.get("content_type")
    page.title, page.description, page.h1 = values.get("title"), values.get("description"), values.get("h1")
    page.h1_count = _headings(values)
    page.canonical = values.get("canonical")
    page.words = count(values["words"]) if "words" in values else None
    page.indexable, page.reason = _indexable(values)
    return page


def _headings(values: Mapping[str, str]) -> int | None:
    """How many H1 there are, as far as the columns tell: two at least if there is a second one."""
    counted = count(values.get("h1_count", ""))
    if counted is None and values.get("h1") and "second_h1" in values:
        return 2 if values["second_h1"] else 1
    return counted


def _indexable(values: Mapping[str, str]) -> tuple[bool | None, str | None]:
    if _forbids_index(values.get("robots", "")):
        return False, "noindex"
    return truth(values.get("indexability", "")), values.get("indexability_reason")


def _forbids_index(robots: str) -> bool:
    """Whether one of the directives is `noindex` or `none`, for all crawlers or one (`googlebot: noindex`)."""
    for directive in _BETWEEN.split(_COLON.sub(":", robots.casefold())):
        name, _, value = directive.rpartition(":")
        if value in ("noindex", "none") and name not in _OF_OTHER_VALUES:
            return True
    return False


def _complete(page: Page, other: Page) -> None:
    """Give the page what only the other row of it says."""
    if page.answer is not None and not page.answer.is_readable:
        page.answer = other.answer or page.answer
    for field in fields(Page):
        said = getattr(other, field.name)
        if field.name not in _OWN_FIELDS and said is not None and getattr(page, field.name) in (None, ""):
            setattr(page, field.name, said)
