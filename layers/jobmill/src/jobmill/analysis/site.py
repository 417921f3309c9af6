"""What only a look across all pages tells: texts that several pages share, and where canonicals lead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from jobmill.analysis import urls
from jobmill.analysis.pages import Page, Pages

_MAX_STEPS: Final = 5
"""How far a chain of canonicals is followed."""


@dataclass(slots=True)
class Shared:
    """A text that pages share: how many have it, and the URLs of the first two."""

    pages: int = 0
    first: list[str] = field(default_factory=list)

    def other_than(self, url: str) -> str:
        """The URL of another page that has it."""
        return next((each for each in self.first if each != url), url)


class Site:
    """All pages of a crawl. Only pages that a search engine may show count as having a text."""

    def __init__(self, pages: Pages, on_page: Callable[[], None] = lambda: None) -> None:
        """`on_page` is called for each page; what it raises stops the work."""
        self.pages = pages
        self._shared: dict[str, dict[bytes, Shared]] = {"title": {}, "description": {}, "h1": {}}
        for page in pages:
            on_page()
            if page.is_searchable:
                for name, by_text in self._shared.items():
                    _count(by_text, getattr(page, name), page.url)

    def shared(self, name: str, page: Page) -> Shared | None:
        """The others that have the page's `title`, `description` or `h1`, in any case; none if it is its alone."""
        found = self._shared[name].get(_alike(getattr(page, name) or ""))
        return found if found is not None and found.pages > 1 else None

    def duplicates(self, name: str) -> int:
        """How many pages share their `title`, `description` or `h1` with another one."""
        return sum(shared.pages for shared in self._shared[name].values() if shared.pages > 1)

    def canonical(self, page: Page) -> Page | None:
        """The page that this one's canonical names, if the crawl has it."""
        meant = urls.target(page.url, page.canonical or "")
        return None if meant is None else self.pages.get(urls.key(meant))

    def chain(self, page: Page) -> list[str]:
        """The URLs that one comes by from canonical to canonical, the page's own first; at most six."""
        way, seen = [page.url], {page.key}
        step: Page | None = page
        while step is not None and step.points_elsewhere and len(way) <= _MAX_STEPS:
            step = self.canonical(step)
            if step is not None:
                way.append(step.url)
                if step.key in seen:
                    break
                seen.add(step.key)
        return way


def _count(by_text: dict[bytes, Shared], text: str | None, url: str) -> None:
    if not text:
        return
    shared = by_text.setdefault(_alike(text), Shared())
    shared.pages += 1
    if len(shared.first) < 2:
        shared.first.append(url)


def _alike(text: str) -> bytes:
    """The same for texts that a reader takes for the same: a digest, as a site may have millions of long ones."""
    return blake2b(" ".join(text.casefold().split()).encode("utf-8", "replace"), digest_size=16).digest()
