"""What a sheet is, by the names of its columns: a crawl's pages, a list of keywords, or neither."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from jobmill.errors import CallerError

type Kind = Literal["pages", "keywords"]

# The names, as `plain` has them, that crawlers, rank trackers and people give to columns: Screaming Frog (English and
# German), Sitebulb, Ahrefs, Semrush, Sistrix, Google Search Console and Keyword Planner. Of two columns of a sheet
# that fit one field the one whose name stands first here is taken.
_PAGE_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "url": (
        "address",
        "url",
        "page url",
        "adresse",
        "page",
        "pages",
        "seite",
        "top pages",
        "seiten url",
        "loc",
        "link",
    ),
    "status": ("status code", "http status code", "http status", "http code", "status", "statuscode", "response code"),
    "content_type": ("content type", "content", "mime type", "inhaltstyp", "inhalt"),
    "title": ("title", "page title", "title tag", "seo title", "titel", "seitentitel"),
    "description": ("meta description", "description", "metadescription", "meta beschreibung", "beschreibung"),
    "h1": ("h1", "h1 tag", "h1 heading", "heading", "überschrift", "h1 überschrift"),
    "second_h1": ("h1 2", "second h1"),
    "h1_count": ("h1 count", "number of h1", "no of h1", "h1 tags", "anzahl h1"),
    "canonical": ("canonical link element", "canonical", "canonical url", "canonical link", "rel canonical"),
    "words": ("word count", "words", "wordcount", "no of content words", "content words", "wortanzahl", "wörter"),
    "indexability": (
        "indexability",
        "indexable",
        "is indexable",
        "is indexable page",
        "indexable status",
        "indexierbarkeit",
        "indexierbar",
    ),
    "indexability_reason": ("indexability status", "indexierbarkeitsstatus", "noindex reason"),
    "robots": ("meta robots", "robots", "robots meta", "x robots tag"),
}
_KEYWORD_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "keyword": (
        "keyword",
        "keywords",
        "query",
        "queries",
        "top queries",
        "search term",
        "search query",
        "suchbegriff",
        "suchanfrage",
        "häufigste suchanfragen",
        "mot clé",
        "palabra clave",
        "parola chiave",
    ),
    "volume": (
        "volume",
        "search volume",
        "avg monthly searches",
        "monthly searches",
        "msv",
        "suchvolumen",
        "impressions",
        "impressionen",
        "durchschnittl suchanfragen pro monat",
    ),
    "url": ("url", "ranking url", "current url", "landing page", "page", "address", "adresse", "zielseite", "seite"),
    "position": ("position", "current position", "rank", "ranking", "average position", "avg position", "pos", "platz"),
}
MAX_NAME_CHARACTERS: Final = 255
"""Of a column's name, as an Excel table has them; a longer one is unknown. NFKC takes time with the square of
a run of combining marks: seconds for 40,000."""
MOST_NAMED: Final = 20
"""How many of a file's columns the sentence about unknown ones names."""
_LOOKED_FOR: Final = (
    "A crawl needs a column Address or URL, and one of Status Code, Title, Meta Description, H1, Canonical, Word Count "
    "or Indexability; a keyword list needs a column Keyword."
)
_NOT_WORDS: Final = re.compile(r"[\W_]+")
_FIRST: Final = re.compile(" 1$")


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What a sheet's rows are, and in which column (from 0) each known field stands."""

    kind: Kind
    columns: Mapping[str, int]

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """The known fields of a row, without the blanks around them; a row that is too short has empty ones."""
        return {name: cells[i].strip() if i < len(cells) else "" for name, i in self.columns.items()}


def plain(name: str) -> str:
    """A column's name as names are compared: `Title 1`, ` title_1 ` and `TITLE` are all `title`; `H1-1` is `h1`.

    One of more than `MAX_NAME_CHARACTERS` is nobody's: empty.
    """
    if len(name) > MAX_NAME_CHARACTERS:
        return ""
    return _FIRST.sub("", _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip())


def recognise(header: Sequence[str]) -> SheetPlan | None:
    """What a sheet with these columns is; none if nobody can tell.

    A sheet with a column of keywords is a keyword list, whatever else it has: rank exports have the URL and title of
    the page that ranks.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(plain(name), place)
    keywords = _found(_KEYWORD_NAMES, places)
    if "keyword" in keywords:
        return SheetPlan("keywords", keywords)
    pages = _found(_PAGE_NAMES, places)
    if "url" in pages and len(pages) > 1:
        return SheetPlan("pages", pages)
    return None


def no_known_columns(headers: Sequence[Sequence[str]]) -> CallerError:
    """The error of a file of which no sheet is known; `headers` are its sheets' first rows."""
    names = [name.strip() for header in headers for name in header if name.strip()]
    named = ", ".join(f'"{_short(name)}"' for name in names[:MOST_NAMED]) or "none"
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return CallerError(
        "no-known-columns",
        f"The file is neither a crawl nor a keyword list: its columns are {named}{more}. {_LOOKED_FOR}",
        details=_LOOKED_FOR,
    )


def _found(names: Mapping[str, Sequence[str]], places: Mapping[str, int]) -> dict[str, int]:
    wanted = {field: next((name for name in known if name in places), None) for field, known in names.items()}
    return {field: places[name] for field, name in wanted.items() if name is not None}


def _short(name: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in name[:40])
    return shown + "…" if len(name) > 40 else shown
