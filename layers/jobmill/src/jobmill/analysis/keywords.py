"""A keyword list: each keyword once, with its volume and the pages that it ranks with, if the list says so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from jobmill.analysis import urls
from jobmill.analysis.figures import count, figure
from jobmill.analysis.limits import MAX_CHARACTERS, MAX_KEYWORDS, texts_too_long, too_many_keywords

MAX_RANKED: Final = 10
"""Ranking pages of one keyword that are kept, the first ones."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A page that ranks for a keyword, by the list; `position` from 1, none if the list names none."""

    url: str
    key: str
    position: float | None


@dataclass(slots=True)
class Keyword:
    """`text` as the list writes it first; `row` of the sheet, as Excel shows it."""

    text: str
    row: int
    sheet: str
    volume: int | None = None
    ranked: list[Ranked] = field(default_factory=list)


class Keywords:
    """Gathers keywords; several rows of one keyword, in any case, are one: a rank export has one for each URL."""

    def __init__(self) -> None:
        self._by_text: dict[str, Keyword] = {}
        self._characters = 0

    def add(self, values: Mapping[str, str], row: int, sheet: str) -> str | None:
        """Take a row's known fields; gives the keyword in small letters. A row without a keyword is left out: none.

        Raises CallerError `too-many-keywords`, `texts-too-long`.
        """
        text = " ".join(values["keyword"].split())
        if not text:
            return None
        self._characters += len(text) + len(values.get("url", ""))
        if self._characters > MAX_CHARACTERS:
            raise texts_too_long()
        keyword = self._by_text.setdefault(text.casefold(), Keyword(text, row, sheet))
        if len(self._by_text) > MAX_KEYWORDS:
            raise too_many_keywords()
        volume = count(values.get("volume", ""))
        if volume is not None:
            keyword.volume = max(volume, keyword.volume or 0)
        _add_ranked(keyword, values.get("url", ""), values.get("position", ""))
        return text.casefold()

    def __iter__(self) -> Iterator[Keyword]:
        return iter(self._by_text.values())

    def __len__(self) -> int:
        return len(self._by_text)


def _add_ranked(keyword: Keyword, url: str, position: str) -> None:
    if not url:
        return
    key, place = urls.key(url), figure(position) or None
    others = [each for each in keyword.ranked if each.key != key]
    known = next((each for each in keyword.ranked if each.key == key), None)
    if known is not None and (place is None or (known.position is not None and known.position <= place)):
        return
    ranked = sorted([*others, Ranked(url, key, place)], key=lambda each: (each.position is None, each.position or 0))
    keyword.ranked = ranked[:MAX_RANKED]
