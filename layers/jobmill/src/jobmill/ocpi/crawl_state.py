"""Where a crawl is, between two requests."""

from typing import Literal

from pydantic import BaseModel

from jobmill.ocpi.ledger import LedgerState

type Note = Literal["no-totals", "totals-wrong", "outside-window"]
"""What is odd of the peer: its pages have no totals; totals that do not agree with what it gives; objects outside the
window, which are given to the caller all the same."""


class Place(BaseModel):
    """A page that was read."""

    url: str
    marks: list[str]


type Made = Literal["linked", "counted", "guessed"]
"""How a page's URL came about: by the peer; for want of a link, by an offset from that of the page before; or by the
number of objects read, behind a link that shows no offset."""


class CrawlState(BaseModel):
    """Where the crawl is, as JSON. All but the last six begin anew with each pass."""

    url: str | None
    """What is asked next; none at the end."""
    step: Literal["page", "check"] = "page"
    """Why: to go on, or to see whether the page before has changed."""
    made: Made = "linked"
    has_links: bool = False
    """Whether the peer gave a link in this pass."""
    may_end: bool = False
    """Whether the page before the one that is asked may have been the last."""
    has_guessed: bool = False
    is_sound: bool = True
    """Whether nothing can have been skipped."""
    rose: bool = False
    strays: bool = False
    repeats: bool = False
    lacks_total: bool = False
    first_total: int | None = None
    last_total: int | None = None
    before: Place | None = None
    held: Place | None = None
    held_next: str | None = None
    """The page after `before`, and where it leads, while `before` is checked."""
    held_made: Made = "linked"
    position: int = 0
    """How many objects lie before the end of the last page, as offsets count."""
    idle: int = 0
    news: int = 0
    links: list[str] = []
    """Hashes of the URLs that were followed."""
    number: int = 1
    is_careful: bool = False
    quiet: int = 0
    """How many passes before this one, one after the other, brought nothing new."""
    pages: int = 0
    notes: list[Note] = []
    ledger: LedgerState = LedgerState()
