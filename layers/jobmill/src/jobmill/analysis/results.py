"""All that an analysis found: pages and keywords, the worst first, and the counts of both."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from jobmill.analysis.check_list import CHECKS, SEVERITIES
from jobmill.analysis.checks import Finding, judge
from jobmill.analysis.keywords import Keywords
from jobmill.analysis.mapping import Flag, Mapping, find_page
from jobmill.analysis.page_index import PageIndex
from jobmill.analysis.pages import Page, Pages
from jobmill.analysis.site import Site
from jobmill.analysis.words import Words, language_of
from jobmill.json_values import Json

type FilterOption = Literal["all", "recommended"]
type Tick = Callable[[str, int, int], None]
"""Called for each step: what is done, how many are done, and of how many; what it raises stops the work."""

FLAGS: Final[tuple[Flag, ...]] = ("gap", "cannibalisation", "mapped")
_CHECKED: Final = {"status": "answer"} | {name: name for name in ("title", "description", "h1", "canonical", "words")}
"""What is told as not checked, by the page's field for it."""
_DIGIT: Final = 32
"""More findings of one severity has no page."""


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page and what is wrong with it, the gravest first."""

    page: Page
    findings: Sequence[Finding]

    def to_json(self) -> dict[str, Json]:
        """As the API shows it."""
        first = self.findings[0] if self.findings else None
        return {
            "url": self.page.url,
            "row": self.page.row,
            "sheet": self.page.sheet or None,
            "status": self.page.status,
            "title": self.page.title,
            "indexable": self.page.is_searchable,
            "severity": first.severity if first else None,
            "recommendation": first.recommendation if first else None,
            "findings": [
                {
                    "check": finding.check,
                    "severity": finding.severity,
                    "measured": finding.measured,
                    "limit": finding.limit,
                    "recommendation": finding.recommendation,
                }
                for finding in self.findings
            ],
        }


def keyword_json(mapping: Mapping) -> dict[str, Json]:
    """A keyword's page as the API shows it."""
    return {
        "keyword": mapping.keyword.text,
        "row": mapping.keyword.row,
        "sheet": mapping.keyword.sheet or None,
        "volume": mapping.keyword.volume,
        "flag": mapping.flag,
        "url": mapping.url,
        "score": mapping.score,
        "position": mapping.position,
        "matchedTerms": list(mapping.terms),
        "competingUrls": list(mapping.others),
        "recommendation": mapping.recommendation,
    }


class Analysis:
    """Judges all pages and finds each keyword's page.

    Findings are not kept, but made anew each time they are asked for: that is quick, and there may be a million.
    """

    def __init__(self, pages: Pages, keywords: Keywords, wanted: FilterOption, tick: Tick) -> None:
        self.pages = pages
        self.wanted = wanted
        self._tick = tick
        self._list = list(pages)
        self._site = Site(pages, lambda: tick("Comparing pages", 0, 1))
        self.by_check: Counter[str] = Counter()
        self.by_severity: Counter[str] = Counter()
        self._order = self._judge_all()
        self.language = language_of(_texts(self._list, keywords))
        self.mappings = self._map(keywords)

    def page_results(self) -> Iterator[PageResult]:
        """The wanted pages with their findings, those with most errors first, then warnings, then notices."""
        for number in self._order:
            page = self._list[number]
            findings = judge(page, self._site)
            if findings or self.wanted == "all":
                yield PageResult(page, findings)

    def keyword_results(self) -> Iterator[Mapping]:
        """The wanted keywords: gaps first, then those with several pages, then the others; by their volume."""
        return (each for each in self.mappings if each.recommendation is not None or self.wanted == "all")

    def summary(self) -> dict[str, Json]:
        """The counts, of all pages and keywords, whatever is wanted."""
        flags = Counter(each.flag for each in self.mappings)
        scores = [each.score for each in self.mappings if each.score is not None and each.flag != "gap"]
        return {
            "filterOption": self.wanted,
            "pages": sum(page.is_html for page in self._list),
            "otherResources": sum(not page.is_html for page in self._list),
            "indexablePages": sum(page.is_searchable for page in self._list),
            "pagesWithFindings": self.with_findings,
            "findings": self.by_severity.total(),
            "bySeverity": {severity: self.by_severity[severity] for severity in SEVERITIES},
            "byCheck": {code: self.by_check[code] for code in CHECKS if self.by_check[code]},
            "duplicates": {name: self._site.duplicates(name) for name in ("title", "description", "h1")},
            "notChecked": list(self.not_checked()),
            "keywords": len(self.mappings),
            "mapped": flags["mapped"],
            "cannibalised": flags["cannibalisation"],
            "gaps": flags["gap"],
            "averageScore": round(sum(scores) / len(scores), 1) if scores else None,
            "language": self.language,
        }

    def not_checked(self) -> Iterator[str]:
        """What the file has no column for, so that nothing is said about it."""
        if self._list:
            for name, field in _CHECKED.items():
                if all(getattr(page, field) is None for page in self._list):
                    yield name

    def _judge_all(self) -> list[int]:
        """Count all findings; gives the numbers of the pages, the worst first."""
        weights = array("I")
        for number, page in enumerate(self._list):
            self._tick("Checking pages", number, len(self._list))
            findings = judge(page, self._site)
            self.by_check.update(finding.check for finding in findings)
            self.by_severity.update(finding.severity for finding in findings)
            of_page = Counter(finding.severity for finding in findings)
            weights.append(sum(of_page[name] * _DIGIT**i for i, name in enumerate(reversed(SEVERITIES))))
        self.with_findings = sum(weight > 0 for weight in weights)
        return sorted(range(len(weights)), key=lambda number: -weights[number])

    def _map(self, keywords: Keywords) -> list[Mapping]:
        if not len(keywords):
            return []
        found = [page for page in self._list if page.is_searchable]
        index = PageIndex(found, Words(self.language), lambda: self._tick("Indexing pages", 0, 1))
        mappings = []
        for number, keyword in enumerate(keywords):
            self._tick("Mapping keywords", number, len(keywords))
            mappings.append(find_page(keyword, index))
        return sorted(mappings, key=_urgency)


def _urgency(mapping: Mapping) -> tuple[int, bool, int, float]:
    return (
        FLAGS.index(mapping.flag),
        mapping.recommendation is None,
        -(mapping.keyword.volume or 0),
        mapping.score or 0.0,
    )


def _texts(pages: Sequence[Page], keywords: Keywords) -> Iterator[str]:
    """A few thousand texts that tell the language."""
    step = len(pages) // 1_000 + 1
    for page in pages[::step]:
        yield from (text[:1_000] for text in (page.title, page.description, page.h1) if text)
    for number, keyword in enumerate(keywords):
        if number < 1_000:
            yield keyword.text[:1_000]
