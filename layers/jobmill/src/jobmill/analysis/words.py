"""Texts become terms: words in small letters, cut to their stems (Snowball), without words that say nothing."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import snowballstemmer

MAX_TERMS: Final = 64
"""Terms of one text that count: no title has as many, and a page's text pasted into one is no title."""
MAX_CHARACTERS: Final = 2_000
"""Of one text that are looked at for them."""
_STEMS: Final = 200_000
# Scripts without blanks between words: each pair of letters is a term.
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f]+")
_WORD: Final = re.compile(r"[^\W_]+")
# More signs than that in a row make no letter (UAX #15, stream-safe text): NFKC takes time with the square of
# a run of combining marks. The two voiced marks of half width become such marks by it.
_SIGNS: Final = re.compile("((?:[^\\w\\s]|[\uff9e\uff9f]){30})(?:[^\\w\\s]|[\uff9e\uff9f])+")
# The commonest words of a language: they tell it, and they say nothing about a page.
_STOP_WORDS: Final = {
    "english": "a an and are as at be by for from how in is it of on or our that the this to was what with you your",
    "german": "als am an auf aus bei das dem den der des die ein eine einem einen einer für im in ist mit nach oder "
    "sich sie sind und vom von wie wir zu zum zur",
    "french": "au aux avec ce ces comment dans de des du en est et la le les leur nos notre ou par pas pour que qui sa "
    "ses sur un une vos votre",
    "spanish": "al como con de del el en es la las lo los más mi o para por que se sin su sus tu un una y",
    "italian": "ai al alla che come con da dal dei del della di e gli i il in la le lo nel nella o per più sono su tra "
    "un una",
    "portuguese": "a ao as com como da das de do dos e em na no nos o os ou para pela pelo por que sem seu sua um uma",
    "dutch": "aan bij dat de die een en het hoe in is je met naar niet of om onze op te tot uit van voor wat zijn",
    "swedish": "att av den det du en ett för från hur i med och om på som till vi är",
}
_SCRIPTS: Final = (
    ("russian", re.compile("[\u0400-\u04ff]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
)
_STOP_SETS: Final = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
_MIN_SHARE: Final = 0.02
"""A language whose stop words are fewer of all words is not taken for the texts' own."""


class Words:
    """Makes terms of texts in one language; with none, words are compared as they are written."""

    def __init__(self, language: str | None) -> None:
        self.language = language
        self._stop = _STOP_SETS.get(language or "", frozenset())
        stemmer = snowballstemmer.stemmer(language) if language else None
        self._stem = lru_cache(_STEMS)(stemmer.stemWord) if stemmer else lambda word: word

    def terms(self, text: str) -> list[str]:
        """The terms in their order, each once; words that say nothing only if there are no others."""
        return list(self.spelled(text))[:MAX_TERMS]

    def spelled(self, text: str) -> dict[str, str]:
        """The terms as `terms` gives them, each with the word that it was made of."""
        words = _words(text[:MAX_CHARACTERS])
        telling = [word for word in words if word not in self._stop] or words
        spelled: dict[str, str] = {}
        for word in telling:
            spelled.setdefault(self._stem(word), word)
        return spelled


def language_of(texts: Iterable[str]) -> str | None:
    """The language whose stop words the texts have most of, or whose script they are in; none if nobody can tell."""
    votes: Counter[str] = Counter()
    total = 0
    for text in texts:
        words = _words(text[:MAX_CHARACTERS])
        total += len(words)
        for language, stop in _STOP_SETS.items():
            votes[language] += sum(word in stop for word in words)
        for language, script in _SCRIPTS:
            votes[language] += sum(script.match(word) is not None for word in words)
    [(language, hits)] = votes.most_common(1) or [("", 0)]
    return language if hits and hits >= _MIN_SHARE * total else None


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _SIGNS.sub(r"\1 ", text))
    words = _WORD.findall(text.casefold())
    if text.isascii():
        return words
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    """A word itself, or the pairs of letters of a script that has no blanks."""
    if _UNSPACED.search(word) is None:
        return [word]
    parts: list[str] = []
    for run in re.split(f"({_UNSPACED.pattern})", word):
        if run and _UNSPACED.fullmatch(run) and len(run) > 1:
            parts.extend(run[i : i + 2] for i in range(len(run) - 1))
        elif run:
            parts.append(run)
    return parts
