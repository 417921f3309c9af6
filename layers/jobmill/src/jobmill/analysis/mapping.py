"""Which page each keyword belongs to: the best one, several that compete, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from jobmill.analysis.keywords import Keyword, Ranked
from jobmill.analysis.page_index import Match, PageIndex
from jobmill.analysis.urls import key

type Flag = Literal["mapped", "cannibalisation", "gap"]

MIN_SCORE: Final = 40.0
"""A page of less than that, with what it is ahead by, is not about the keyword."""
COMPETING_SCORE: Final = 60.0
"""A page of a lower score competes with no other."""
FITTING_SCORE: Final = 80.0
"""A page of a higher score has the keyword where it should be."""
COMPETING_POINTS: Final = 5.0
"""Pages within so many points of the best are about as good."""
RANKING_POINTS: Final = ((10, 20.0), (20, 12.0), (50, 6.0))
"""What a page that ranks is ahead by, up to which position; one without a position counts as on the first page."""
RANKING_LATER_POINTS: Final = 3.0
COMPETING_POSITION: Final = 20
"""Two pages that rank for a keyword up to here compete, whatever their texts say."""
MOST_NAMED: Final = 5
_CONSIDERED: Final = 25


@dataclass(frozen=True, slots=True)
class Mapping:
    """A keyword's page. `score` (0 to 100) says how well its texts fit, none where only the list's own URL speaks.

    `terms` are the keyword's words that it has; `others` compete with `url`.
    """

    keyword: Keyword
    flag: Flag
    url: str | None
    score: float | None
    terms: tuple[str, ...]
    position: float | None
    others: tuple[str, ...]
    recommendation: str | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A page for a keyword: its score, and its standing, which is more if it ranks already."""

    url: str
    score: float
    standing: float
    terms: tuple[str, ...]
    position: float | None


def find_page(keyword: Keyword, index: PageIndex) -> Mapping:
    """The keyword's page among those of the index.

    Without any (the file has no crawl, or none that can be found) the pages that the list itself names count.
    """
    if not index.pages:
        return _without_crawl(keyword)
    candidates = _candidates(keyword, index)
    best = candidates[0] if candidates else None
    outside = [ranked for ranked in keyword.ranked if ranked.key not in index.numbers]
    if best is None or best.standing < MIN_SCORE:
        return _gap(keyword, best, outside)
    others = _competing(candidates, keyword)
    if others:
        advice = (
            f"{_listed(others)} and {best.url} compete for this keyword: decide which one is to be found, merge the "
            "others into it or redirect them, or tell apart what each is about."
        )
        return _mapping(keyword, "cannibalisation", best, tuple(others), advice)
    return _mapping(keyword, "mapped", best, (), _improvement(best, candidates, outside))


def ranking_points(ranked: Ranked | None) -> float:
    """What a page is ahead by because it ranks for the keyword already."""
    if ranked is None:
        return 0.0
    position = ranked.position or 1
    return next((points for limit, points in RANKING_POINTS if position <= limit), RANKING_LATER_POINTS)


def _candidates(keyword: Keyword, index: PageIndex) -> list[_Candidate]:
    """The pages that fit or rank, best first."""
    matches = {match.page: match for match in index.best(keyword.text, _CONSIDERED)}
    ranked = {index.numbers[each.key]: each for each in keyword.ranked if each.key in index.numbers}
    for number in ranked:
        if number not in matches:
            matches[number] = index.match(keyword.text, number)
    found = [_candidate(match, index, ranked.get(match.page)) for match in matches.values()]
    return sorted(found, key=lambda each: (-each.standing, each.position or 1_000))


def _candidate(match: Match, index: PageIndex, ranked: Ranked | None) -> _Candidate:
    standing = round(match.score + ranking_points(ranked), 1)
    position = ranked.position if ranked else None
    return _Candidate(index.pages[match.page].url, match.score, standing, match.terms, position)


def _competing(candidates: Sequence[_Candidate], keyword: Keyword) -> list[str]:
    """The URLs of the pages that are about as good as the best, and of those that rank beside it."""
    best = candidates[0]
    near = [
        each.url
        for each in candidates[1:]
        if best.standing - each.standing <= COMPETING_POINTS and each.score >= COMPETING_SCORE
    ]
    first = [each.url for each in keyword.ranked if each.position is not None and each.position <= COMPETING_POSITION]
    beside = first if len(first) > 1 else []
    return list(dict.fromkeys(url for url in (*near, *beside) if key(url) != key(best.url)))


def _improvement(best: _Candidate, candidates: Sequence[_Candidate], outside: Sequence[Ranked]) -> str | None:
    fitting = max(candidates, key=lambda each: each.score)
    if best.position is not None and fitting.score - best.score > COMPETING_POINTS:
        return f"It ranks with {best.url}, but {fitting.url} fits it better: link from one to the other, or say which."
    if outside:
        return f"It ranks with {outside[0].url}, which is not among the crawl's pages that can be found: redirect it."
    if best.position is not None and best.position > 10 and best.score >= FITTING_SCORE:
        return f"Position {best.position:g}, though title and texts fit: link to the page, and extend its content."
    if best.position is not None and best.position > 10:
        return f"Position {best.position:g}: bring the keyword into the title and H1, and link to the page."
    if best.score < COMPETING_SCORE:
        return "The page has the keyword in part only: bring it into the title and H1, or write a page of its own."
    return None


def _gap(keyword: Keyword, best: _Candidate | None, outside: Sequence[Ranked]) -> Mapping:
    if outside:
        advice = f"It ranks with {outside[0].url}, which is not among the crawl's pages that can be found: look at it."
    elif best is not None:
        advice = f"Write a page about it, or extend the nearest one, {best.url}, which has it in small part only."
    else:
        advice = "No page has it: write one, if the keyword matters."
    score, terms = (best.score, best.terms) if best else (0.0, ())
    return Mapping(keyword, "gap", None, score, terms, None, (), advice)


def _without_crawl(keyword: Keyword) -> Mapping:
    """By the list alone."""
    if not keyword.ranked:
        advice = (
            "The list names no page for it, and the file has no crawled page that can be found: add a crawl as a sheet."
        )
        return Mapping(keyword, "gap", None, None, (), None, (), advice)
    best, *rest = keyword.ranked
    others = [each.url for each in rest if (each.position or COMPETING_POSITION) <= COMPETING_POSITION]
    if others and (best.position or 1) <= COMPETING_POSITION:
        advice = f"{_listed(others)} and {best.url} rank for it side by side: decide which one is to be found."
        return Mapping(
            keyword, "cannibalisation", best.url, None, (), best.position, tuple(others[:MOST_NAMED]), advice
        )
    return Mapping(keyword, "mapped", best.url, None, (), best.position, (), None)


def _mapping(keyword: Keyword, flag: Flag, best: _Candidate, others: tuple[str, ...], advice: str | None) -> Mapping:
    return Mapping(keyword, flag, best.url, best.score, best.terms, best.position, others[:MOST_NAMED], advice)


def _listed(urls: Sequence[str]) -> str:
    named = ", ".join(urls[:2])
    return f"{named} and {len(urls) - 2:,} more" if len(urls) > 2 else named
