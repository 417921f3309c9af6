"""Pages and keywords as the tests of the analysis want them: good ones, but for what a test names."""

from jobmill.analysis.checks import Finding, judge
from jobmill.analysis.keywords import Keywords
from jobmill.analysis.pages import Pages
from jobmill.analysis.site import Site

HOST = "https://shop.example"
TITLE = "Running shoes for women, tested on trails"
DESCRIPTION = "Running shoes for women that we wore on wet trails for a summer: grip, weight and price compared."
GOOD = {
    "url": f"{HOST}/running-shoes",
    "status": "200",
    "content_type": "text/html; charset=UTF-8",
    "title": TITLE,
    "description": DESCRIPTION,
    "h1": "Women's running shoes",
    "canonical": f"{HOST}/running-shoes",
    "words": "640",
    "indexability": "Indexable",
}


def crawl(*rows: dict[str, str]) -> Pages:
    """A crawl of these rows, which lie from row 2 on in the sheet `crawl`."""
    pages = Pages()
    for number, row in enumerate(rows, start=2):
        pages.add(row, number, "crawl")
    return pages


def page(path: str, **values: str) -> dict[str, str]:
    """A good page of that path, and no text that others have, but for the given values."""
    url = HOST + path
    own = {"title": f"{TITLE} {path}", "description": f"{DESCRIPTION} {path}", "h1": f"Shoes {path}"}
    return GOOD | own | {"url": url, "canonical": url} | values


def findings(*rows: dict[str, str]) -> list[Finding]:
    """What is wrong with the first of these pages."""
    pages = crawl(*rows)
    return judge(next(iter(pages)), Site(pages))


def codes(*rows: dict[str, str]) -> list[str]:
    return [finding.check for finding in findings(*rows)]


def keyword_list(*rows: dict[str, str]) -> Keywords:
    keywords = Keywords()
    for number, row in enumerate(rows, start=2):
        keywords.add(row, number, "keywords")
    return keywords
