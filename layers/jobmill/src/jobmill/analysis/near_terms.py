"""Terms that differ by a letter or two: typing errors, other spellings, and forms that no stemmer brings together."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

MIN_LETTERS: Final = 5
"""Of shorter terms a letter more makes another word."""
MIN_SIMILARITY: Final = 85
"""Of 100: so much of two terms is the same (rapidfuzz's ratio, an indel distance)."""
_REACH: Final = 2
_REMEMBERED: Final = 50_000


class NearTerms:
    """Finds the known term nearest to an unknown one, among those of the same first letter and about its length."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._groups: dict[tuple[str, int], list[str]] = {}
        for term in terms:
            if len(term) >= MIN_LETTERS:
                self._groups.setdefault((term[0], len(term)), []).append(term)
        self.find = lru_cache(_REMEMBERED)(self._find)

    def _find(self, term: str) -> tuple[str | None, float]:
        """The nearest term and how near it is, of 1; none and 0 if none is near. Numbers are near to none."""
        if len(term) < MIN_LETTERS or any(letter.isdigit() for letter in term):
            return None, 0.0
        best: tuple[str | None, float] = (None, 0.0)
        for length in range(len(term) - _REACH, len(term) + _REACH + 1):
            group = self._groups.get((term[0], length), ())
            found = process.extractOne(term, group, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
            if found is not None and found[1] / 100 > best[1]:
                best = (found[0], found[1] / 100)
        return best
