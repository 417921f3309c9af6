"""The on-page checks as data: what each is called, how grave it is, its limit, and what to do.

docs/analysis.md says where each limit comes from, and which of them are conventions: Google sets no length for titles
and descriptions, and no number of words.
"""

from dataclasses import dataclass
from typing import Final, Literal

type Severity = Literal["error", "warning", "notice"]

SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "notice")
TITLE_CHARACTERS: Final = (30, 60)
DESCRIPTION_CHARACTERS: Final = (70, 155)
URL_CHARACTERS: Final = 115
MIN_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Check:
    """`limit` is what holds for a good page, `advice` what to do; a place in braces is filled by the finding."""

    code: str
    label: str
    severity: Severity
    limit: str
    advice: str


_CHECKS: Final = (
    Check(
        "server-error",
        "Server error",
        "error",
        "status 200",
        "Find out in the server's log why the page fails; search engines drop pages that keep failing.",
    ),
    Check(
        "client-error",
        "Page not found or not allowed",
        "error",
        "status 200",
        "Bring the page back, or redirect it (301) to the page that replaces it, and correct the links to it.",
    ),
    Check(
        "no-answer",
        "No answer",
        "error",
        "status 200",
        "The crawler got no answer: see whether the host is reachable, and whether robots.txt blocks the page.",
    ),
    Check(
        "status-unreadable",
        "Status not readable",
        "warning",
        "status 200",
        "Find out what the page answers and write its number, as 200; if the column holds something else, rename it.",
    ),
    Check("redirect", "Redirect", "warning", "status 200", "Let links and sitemaps name the page it leads to instead."),
    Check(
        "title-missing",
        "Title missing",
        "error",
        "a title",
        "Write a title that says in a few words what is on this page and on no other.",
    ),
    Check(
        "title-duplicate",
        "Title on several pages",
        "warning",
        "1 page",
        "Give each page a title of its own; {other} has the same one.",
    ),
    Check(
        "title-long",
        "Title long",
        "warning",
        f"at most {TITLE_CHARACTERS[1]} characters",
        "Shorten the title, or put what matters at its beginning: search results may cut its end off.",
    ),
    Check(
        "title-short",
        "Title short",
        "notice",
        f"at least {TITLE_CHARACTERS[0]} characters",
        "Use the room: say more exactly what the page offers, in the words that people search for.",
    ),
    Check(
        "description-missing",
        "Description missing",
        "warning",
        "a meta description",
        "Write one or two sentences on why to open this page; without them the search engine picks some of its text.",
    ),
    Check(
        "description-duplicate",
        "Description on several pages",
        "warning",
        "1 page",
        "Describe each page by itself; {other} has the same description.",
    ),
    Check(
        "description-long",
        "Description long",
        "notice",
        f"at most {DESCRIPTION_CHARACTERS[1]} characters",
        "Shorten the description, or put what matters at its beginning: search results may cut its end off.",
    ),
    Check(
        "description-short",
        "Description short",
        "notice",
        f"at least {DESCRIPTION_CHARACTERS[0]} characters",
        "Say more: what is on the page, for whom, and what to do there.",
    ),
    Check(
        "h1-missing",
        "H1 missing",
        "warning",
        "an H1",
        "Give the page one visible main heading (H1) that names its subject.",
    ),
    Check(
        "h1-duplicate",
        "H1 on several pages",
        "notice",
        "1 page",
        "Name in the heading what tells this page from {other}, which has the same one.",
    ),
    Check(
        "h1-multiple",
        "Several H1",
        "notice",
        "1 H1",
        "Keep one H1 as the page's main heading, and make the others H2, so that readers see what it is about.",
    ),
    Check(
        "h1-same-as-title",
        "H1 same as title",
        "notice",
        "two wordings",
        "Word the heading for somebody who is on the page; the title is for somebody who is still choosing.",
    ),
    Check(
        "canonical-broken",
        "Canonical leads nowhere",
        "error",
        "a URL of status 200",
        "Let the canonical name a page that is there: this one, or the one that is to be found instead.",
    ),
    Check(
        "canonical-noindex",
        "Canonical not indexable",
        "error",
        "an indexable page",
        "Let the canonical name an indexable page, or take the noindex off {other}: now neither of them is found.",
    ),
    Check(
        "canonical-chain",
        "Chain of canonicals",
        "warning",
        "1 step",
        "Let the canonical name the last page of the chain directly: {other}.",
    ),
    Check(
        "canonical-loop",
        "Canonicals in a circle",
        "warning",
        "1 step",
        "Decide which of these pages is the one to be found, and let the canonicals of all of them name it.",
    ),
    Check(
        "canonical-relative",
        "Canonical not absolute",
        "warning",
        "an absolute URL",
        "Write the canonical with https:// and host: a relative one goes wrong on copies of the site.",
    ),
    Check(
        "canonical-elsewhere",
        "Canonical is another page",
        "notice",
        "this page",
        "If this page is to be found by itself, let its canonical name itself; if not, all is well.",
    ),
    Check(
        "canonical-missing",
        "Canonical missing",
        "notice",
        "a canonical",
        "Let the page name itself as canonical, so that copies with other parameters count for it.",
    ),
    Check(
        "noindex",
        "Not to be indexed",
        "warning",
        "indexable",
        "If the page is to be found, remove what keeps it out of the index ({reason}); if not, all is well.",
    ),
    Check(
        "thin-content",
        "Little text",
        "warning",
        f"at least {MIN_WORDS} words",
        "Look whether the page answers what its visitors want to know; add what is missing, or merge it with another.",
    ),
    Check(
        "url-invalid",
        "No absolute URL",
        "warning",
        "https://…",
        "Export the crawl with full URLs (https://host/path): this one cannot be compared with others.",
    ),
    Check(
        "url-http",
        "Not HTTPS",
        "warning",
        "https",
        "Serve the page by HTTPS, and redirect (301) the http URL to it.",
    ),
    Check(
        "url-long",
        "URL long",
        "notice",
        f"at most {URL_CHARACTERS} characters",
        "Shorten the path to the words that say what the page is.",
    ),
    Check(
        "url-parameters",
        "URL with parameters",
        "notice",
        "no parameters",
        "Leave out parameters that do not change the content, or give the page a path of its own.",
    ),
    Check(
        "url-underscore",
        "URL with underscores",
        "notice",
        "hyphens",
        "Use hyphens between words in new URLs; leave URLs that are found already as they are, or redirect them.",
    ),
    Check(
        "url-uppercase",
        "URL with capitals",
        "notice",
        "small letters",
        "Use small letters in new URLs: /Page and /page are two pages to a search engine.",
    ),
)
CHECKS: Final = {check.code: check for check in _CHECKS}
"""Each check by its code."""
