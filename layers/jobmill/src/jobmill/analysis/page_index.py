"""An inverted index of pages: which pages have a term, in which of their fields.

For a keyword it proposes pages and scores them. Work for one keyword is bounded, however many pages there are: a term
of at most `RARE` pages proposes all of them; of commoner terms together those pages are proposed that have all of them,
in the fields that weigh most first, at most `MOST_PROPOSED`. Of those proposed the `MOST_SCORED` that cover the keyword
best get a score.
"""

import math
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import islice
from typing import Final

from jobmill.analysis.near_terms import NearTerms
from jobmill.analysis.pages import Page
from jobmill.analysis.urls import words_of
from jobmill.analysis.words import Words

FIELDS: Final = (("title", 0.4), ("h1", 0.25), ("url", 0.2), ("description", 0.15))
"""Where a keyword's terms are looked for, and what each place weighs."""
COVERAGE: Final = 0.75
FOCUS: Final = 0.25
"""A score is so much coverage (the keyword's terms are on the page), and so much focus (the page is about them)."""
MAX_TERMS: Final = 1_000_000
"""Different terms of all pages; those that come later are not looked for. 50,000 ordinary pages have a tenth of it."""
RARE: Final = 1_000
MOST_PROPOSED: Final = 200
MAX_KEYWORD_TERMS: Final = 12
MIN_PART: Final = 3
COMPOUND_LETTERS: Final = (8, 40)
"""Words of so many letters are taken apart if no page has them, into two parts of `MIN_PART` at least."""
MOST_SCORED: Final = 50
# Of 50,000 pages: 12 MB and 25 MB.
_BITSETS: Final = 2_000
_TABLES: Final = 500
# Of all that a keyword's terms weigh: focus, and five points more, in coverage.
_REACH: Final = (FOCUS + 0.05) / COVERAGE
_FOCUSED: Final = 2
"""Title and H1, the first two fields, can be about the keyword alone."""
_MASKS: Final = 1 << len(FIELDS)
_WEIGHTS: Final = tuple(sum(weight for i, (_, weight) in enumerate(FIELDS) if mask >> i & 1) for mask in range(_MASKS))


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a keyword as the index has it: `share` is 1 if it is the same, less if it is near, 0 if none is.

    `word` is what the keyword has it for.
    """

    text: str
    word: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Match:
    """A page for a keyword: its number in the index, a score from 0 to 100, and the terms that it has."""

    page: int
    score: float
    terms: tuple[str, ...]


class PageIndex:
    """The terms of pages. Memory goes with the texts: four bytes for each term of each page.

    Pages are numbered by the length of their title and H1, so that of pages that fit alike the shortest comes first.
    """

    def __init__(self, pages: Sequence[Page], words: Words, on_page: Callable[[], None] = lambda: None) -> None:
        """`on_page` is called for each page; what it raises stops the work."""
        self.pages = sorted(pages, key=lambda page: len(page.title or "") + len(page.h1 or ""))
        self.numbers = {page.key: number for number, page in enumerate(self.pages)}
        self._words = words
        self._places: dict[str, array[int]] = {}
        for number, page in enumerate(self.pages):
            on_page()
            for term, mask in self._masks(page).items():
                if term in self._places or len(self._places) < MAX_TERMS:
                    self._places.setdefault(term, array("I")).append(number * _MASKS + mask)
        self._sizes = array("d", (size for page in self.pages for size in self._field_sizes(page)))
        self._near = NearTerms(self._places)
        self._bits = lru_cache(_BITSETS)(self._make_bits)
        self._tables = lru_cache(_TABLES)(self._make_table)

    def terms(self, text: str) -> list[Term]:
        """The keyword's terms, with their weight (the rarer the more) and the share to which the index has them."""
        found: list[Term] = []
        for term, word in islice(self._words.spelled(text).items(), MAX_KEYWORD_TERMS):
            near, share = (term, 1.0) if term in self._places else self._near.find(term)
            if near is not None:
                found.append(Term(near, word, self._weight(near), share))
            else:
                found.extend(self._parts(word) or [Term(term, word, self._weight(term), 0.0)])
        return found

    def _parts(self, word: str) -> list[Term]:
        """The two known terms that the word is made of, as German compounds are and words whose blank was forgotten."""
        least, most = COMPOUND_LETTERS
        if not least <= len(word) <= most or any(letter.isdigit() for letter in word):
            return []
        for end in range(len(word) - MIN_PART, MIN_PART - 1, -1):
            parts = word[:end], word[end:]
            terms = [term for part in parts for term in self._words.terms(part)]
            if len(terms) == len(parts) and all(term in self._places for term in terms):
                return [Term(t, part, self._weight(t), 1.0) for t, part in zip(terms, parts, strict=True)]
        return []

    def best(self, text: str, most: int) -> list[Match]:
        """The pages that fit the keyword best, the best first, at most so many."""
        terms = self.terms(text)
        total = sum(term.weight for term in terms)
        if not total:
            return []
        scored = [self._match(number, terms, total) for number in self._likeliest(terms, total)]
        return sorted(scored, key=lambda match: (-match.score, match.page))[:most]

    def match(self, text: str, number: int) -> Match:
        """How well this page fits the keyword."""
        terms = self.terms(text)
        return self._match(number, terms, sum(term.weight for term in terms) or 1.0)

    def _match(self, number: int, terms: Sequence[Term], total: float) -> Match:
        coverage, inside, matched = 0.0, [0.0] * _FOCUSED, []
        for term in terms:
            mask = self._mask(term.text, number) if term.share else 0
            if mask:
                matched.append(term.word)
                coverage += term.weight * term.share * _WEIGHTS[mask]
                for i in range(_FOCUSED):
                    if mask >> i & 1:
                        inside[i] += term.weight * term.share
        sizes = self._sizes[number * _FOCUSED : (number + 1) * _FOCUSED]
        focus = max(2 * part / (total + size) for part, size in zip(inside, sizes, strict=True))
        score = 100 * (COVERAGE * coverage / total + FOCUS * min(focus, 1.0))
        return Match(number, round(score, 1), tuple(matched))

    def _masks(self, page: Page) -> dict[str, int]:
        masks: dict[str, int] = {}
        for bit, text in enumerate((page.title, page.h1, words_of(page.url), page.description)):
            for term in self._words.terms(text or ""):
                masks[term] = masks.get(term, 0) | 1 << bit
        return masks

    def _field_sizes(self, page: Page) -> Iterator[float]:
        for text in (page.title, page.h1):
            yield sum(self._weight(term) for term in self._words.terms(text or ""))

    def _weight(self, term: str) -> float:
        """How much a term tells: ln(1 + pages / pages that have it)."""
        return math.log1p(len(self.pages) / max(1, len(self._places.get(term, ()))))

    def _mask(self, term: str, number: int) -> int:
        places = self._places[term]
        at = bisect_left(places, number * _MASKS)
        if at < len(places) and places[at] // _MASKS == number:
            return places[at] % _MASKS
        return 0

    def _likeliest(self, terms: Sequence[Term], total: float) -> list[int]:
        """The pages to be scored: of those proposed the ones that cover the keyword best, with the shortest titles."""
        coverage = self._coverage([term for term in terms if term.share])
        # Focus cannot make up for less than this.
        least = max(coverage.values(), default=0.0) - _REACH * total
        near = [(-part, self._sizes[number * _FOCUSED], number) for number, part in coverage.items() if part >= least]
        return [number for _, _, number in nsmallest(MOST_SCORED, near)]

    def _coverage(self, terms: Sequence[Term]) -> dict[int, float]:
        """The weight of what each proposed page has of the terms."""
        common = [term for term in terms if len(self._places[term.text]) > RARE]
        coverage: dict[int, float] = {}
        for term in terms:
            if term not in common:
                gains = [term.weight * term.share * weight for weight in _WEIGHTS]
                for place in self._places[term.text]:
                    number = place // _MASKS
                    coverage[number] = coverage.get(number, 0.0) + gains[place % _MASKS]
        if common:
            coverage |= dict.fromkeys(set(self._of_common([term.text for term in common])) - coverage.keys(), 0.0)
        for term in common:
            gains = [term.weight * term.share * weight for weight in _WEIGHTS]
            masks = self._tables(term.text)
            for number in coverage:
                coverage[number] += gains[masks[number]]
        return coverage

    def _of_common(self, terms: Sequence[str]) -> Iterator[int]:
        """Pages with all of the terms, or with the rarest if no page has all; those first that have them in titles."""
        everywhere = self._with_all(terms, None) or self._bits(min(terms, key=lambda t: len(self._places[t])), None)
        tiers = [everywhere]
        for bit in range(len(FIELDS)):
            narrower = tiers[-1] & self._with_all(terms, bit)
            if narrower:
                tiers.append(narrower)
        taken, left = 0, MOST_PROPOSED
        for tier in reversed(tiers):
            fresh = tier & ~taken
            while fresh and left:
                lowest = fresh & -fresh
                yield lowest.bit_length() - 1
                fresh ^= lowest
                left -= 1
            taken |= tier

    def _with_all(self, terms: Sequence[str], bit: int | None) -> int:
        found = self._bits(terms[0], bit)
        for term in terms[1:]:
            found &= self._bits(term, bit)
        return found

    def _make_table(self, term: str) -> bytearray:
        """In which fields each page has the term."""
        masks = bytearray(len(self.pages))
        for place in self._places[term]:
            masks[place // _MASKS] = place % _MASKS
        return masks

    def _make_bits(self, term: str, bit: int | None) -> int:
        """The pages that have the term, in the field `bit` or in any, as the bits of a number."""
        marks = bytearray(len(self.pages) // 8 + 1)
        for place in self._places[term]:
            if bit is None or place >> bit & 1:
                number = place // _MASKS
                marks[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(marks, "little")
