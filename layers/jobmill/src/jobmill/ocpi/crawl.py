"""All objects of one window, exactly, from pages that move under the reader.

An object that is updated meanwhile leaves the window, and those behind it move up: the page at the next offset begins
too late, and skips some. (github.com/ocpi/ocpi issues 161, 373 and 538.) The remedy is to ask the page before once
more, by its own URL: what moved up past the begin of the page stands there now, provided that one object of the old
answer stands there still, and then nothing is lost. That is what the specification's "offset - 1" is for, and it holds
for links of any form.

A **plain pass** does so where the total has dropped from one page to the next. It is whole if it has met no fewer
objects than the last total says and no more than the first one. A **careful pass** does so after each page, whatever
the totals say. It is whole if it agrees with the totals, or brings nothing new, which means that the totals are wrong.

The first pass is plain if there are totals; if it is not whole, careful ones follow. So the outcome is all of the
window, or an error. What neither can show is an object that comes into the window, dated back, while another one leaves
it, both between two neighbouring answers: hence the distance that `Window.date_to` keeps. And a wrong total may be the
number that was met, by chance.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from pydantic import JsonValue

from jobmill.errors import CallerError, DependencyError
from jobmill.ocpi.crawl_state import CrawlState, Made, Note, Place
from jobmill.ocpi.ledger import Found, Ledger, LedgerState
from jobmill.ocpi.objects import Kind, Quarantined
from jobmill.ocpi.peers import Peer
from jobmill.ocpi.transport import Page
from jobmill.ocpi.window import Window, offset_of, with_offset, with_query

_REFUSALS: Final = frozenset(("peer-answer-broken", "peer-refused"))
MAX_PASSES: Final = 8
MAX_IDLE_PAGES: Final = 20
"""Pages one after the other in which a pass meets only what it has met: links without end."""


class Asks(Protocol):
    """Who asks for pages: `transport.Asker`."""

    @property
    def peer(self) -> Peer:
        """Whom it asks."""

    def ask(self, url: str) -> Page:
        """The page at this URL."""


class Crawl:
    """One window of a peer's objects of one kind, read step by step; any process can go on from its state."""

    def __init__(self, asker: Asks, kind: Kind, window: Window, state: Mapping[str, JsonValue] | None = None) -> None:
        """Begin, or go on from the `state` that a crawl of the same peer, kind and window gave.

        Raises ValueError if the peer has no URL for the kind.
        """
        url = asker.peer.locations_url if kind is Kind.LOCATION else asker.peer.cdrs_url
        if url is None:
            raise ValueError(f"The peer {asker.peer.name} has no URL for {kind}s.")
        self._asker = asker
        self._first_url = with_query(url, {**window.query, "limit": str(asker.peer.page_limit)})
        self._state = CrawlState(url=self._first_url) if state is None else CrawlState.model_validate(state)
        self._ledger = Ledger(kind, window, self._state.ledger)
        self._state.ledger = LedgerState()

    def steps(self) -> Iterator[list[dict[str, Any]]]:
        """Ask page after page to the end; gives of each answer the valid objects that are new, or newer than before.

        What is given last holds: the same object may come again in a newer version. Objects outside the window, which
        some peers send, are given too. After each step `state` holds all that was given. An error of `Asker.ask`
        leaves it as it was, and the crawl can go on; the other errors end it.

        Raises what `Asker.ask` raises; DependencyError `peer-keeps-moving` after 8 passes without a whole one;
        CallerError `peer-link-loop`, `peer-window-too-large`.
        """
        while self._state.url is not None:
            page = self._ask(self._state.url)
            found = self._ledger.take(page.objects)
            self._note(page, found)
            if self._state.step == "page":
                self._read(page, found)
            else:
                self._check(found)
            yield found.fresh

    def state(self) -> dict[str, JsonValue]:
        """All that another process needs to go on: JSON, some 60 bytes for each object of the window."""
        whole = self._state.model_copy(update={"ledger": self._ledger.state()})
        return whole.model_dump(mode="json", exclude_defaults=True) | {"url": whole.url}

    @property
    def is_done(self) -> bool:
        """Whether all of the window was given."""
        return self._state.url is None

    @property
    def passes(self) -> int:
        """How many times the window was read, the one under way included."""
        return self._state.number

    @property
    def pages(self) -> int:
        """How many answers were read."""
        return self._state.pages

    @property
    def total(self) -> int | None:
        """What the peer said last of how many objects there are."""
        return self._state.last_total

    @property
    def notes(self) -> list[Note]:
        """What is odd of the peer; complete when the crawl is done."""
        return list(self._state.notes)

    @property
    def quarantined(self) -> list[Quarantined]:
        """Invalid objects as they came, the first 200."""
        return self._ledger.quarantined

    @property
    def quarantined_count(self) -> int:
        """All invalid objects."""
        return self._ledger.quarantined_count

    def _ask(self, url: str) -> Page:
        """The page at this URL; an empty one where the peer refuses an offset of ours and there need be no more."""
        state = self._state
        try:
            return self._asker.ask(url)
        except CallerError as error:
            if error.code not in _REFUSALS or state.made == "linked" or not state.may_end:
                raise
            return Page([], None, state.last_total, None)

    def _note(self, page: Page, found: Found) -> None:
        """What every answer tells, for whichever reason it was asked."""
        state = self._state
        state.pages += 1
        state.news += found.news
        state.strays |= found.strays > 0
        state.lacks_total |= page.total is None

    def _read(self, page: Page, found: Found) -> None:
        """The next page, reached by a link or by an offset of ours."""
        state = self._state
        url = str(state.url)
        state.idle = 0 if found.new_in_pass else state.idle + 1
        if state.idle > MAX_IDLE_PAGES:
            raise self._loop()
        state.repeats |= found.new_in_pass < len(page.objects)
        risen_by = 0 if page.total is None or state.last_total is None else page.total - state.last_total
        state.rose |= risen_by > 0
        if state.before is None:
            state.first_total = page.total
            # Known from the first answer, so that a peer without totals is not read in vain.
            state.is_careful |= page.total is None
        state.last_total = state.last_total if page.total is None else page.total
        if state.made == "guessed" and found.new_in_pass:
            state.is_sound, state.has_guessed = False, True
        place, (next_url, made) = Place(url=url, marks=found.marks), self._after(url, page, found)
        # Nothing new where more was looked for: the end, or a whole page of objects that came in before.
        is_odd = risen_by < 0 or (state.made == "counted" and not found.new_in_pass)
        if state.before is not None and (state.is_careful or is_odd):
            state.held, state.held_next, state.held_made = place, next_url, made
            state.url, state.step = state.before.url, "check"
        else:
            self._go_on(place, next_url, made)

    def _check(self, found: Found) -> None:
        """The page before once more: in it stands what has moved up since, if some of the old answer does."""
        state = self._state
        if state.before is not None and state.before.marks and not set(state.before.marks) & set(found.marks):
            state.is_sound = False
        held, state.held = state.held, None
        if held is None:
            raise ValueError("The state is none of a crawl.")
        self._go_on(held, state.held_next, state.held_made)

    def _after(self, url: str, page: Page, found: Found) -> tuple[str | None, Made]:
        """The URL of the next page, none after the last one; and how it was made."""
        state, size, offset = self._state, len(page.objects), offset_of(url)
        state.position = size + (state.position if offset is None else offset)
        # A peer that knows no offsets gives some page again, and there is nothing to be learnt from its link.
        if state.made == "guessed" and not found.new_in_pass:
            return None, "linked"
        if page.next_url is not None:
            state.has_links = True
            return page.next_url, "linked"
        if not size or (state.made == "counted" and not found.new_in_pass):
            return None, "linked"
        has_more = page.total is not None and state.position < page.total
        most = min(page.limit or self._asker.peer.page_limit, self._asker.peer.page_limit)
        # Who gives links has none on the last page; and a page that is not full may well be the last one.
        state.may_end = state.has_links or size < most
        if offset is None and url != self._first_url:
            return (with_offset(self._first_url, state.position), "guessed") if has_more else (None, "linked")
        says_nothing = page.total is None and page.limit is None
        if has_more or says_nothing or size >= most:
            return with_offset(url, state.position), "counted"
        return None, "linked"

    def _go_on(self, place: Place, next_url: str | None, made: Made) -> None:
        state = self._state
        followed = hashlib.sha256(str(next_url).encode()).hexdigest()[:16]
        # After a guess, links may well lead to where the pass has been.
        if next_url is None or (state.has_guessed and followed in state.links):
            self._end_pass()
            return
        if followed in state.links:
            raise self._loop()
        state.links.append(followed)
        state.before, state.url, state.step, state.made = place, next_url, "page", made

    def _end_pass(self) -> None:
        state = self._state
        if self._is_whole():
            state.url = None
            return
        if state.number == MAX_PASSES:
            raise DependencyError(
                "peer-keeps-moving",
                f"{self._asker.peer.name} changed so much during each of {MAX_PASSES} readings that none was whole. Ask"
                " for larger pages (pageLimit), or at a calmer time.",
            )
        self._ledger.begin_pass()
        self._state = CrawlState(
            url=self._first_url,
            number=state.number + 1,
            is_careful=True,
            quiet=0 if state.news else state.quiet + 1,
            pages=state.pages,
        )

    def _is_whole(self) -> bool:
        """Whether the pass that has ended met all of the window; notes what is odd, if it did."""
        state = self._state
        met = self._ledger.met_in_pass
        first, last = state.first_total, state.last_total
        if state.lacks_total or first is None or last is None:
            odd: Note | None = "no-totals"
        else:
            odd = None if not state.rose and last <= met <= first else "totals-wrong"
        if not state.is_careful:
            return state.is_sound and odd is None and not state.strays
        may_lack = odd == "totals-wrong" and (state.rose or met < (last or 0))
        # Pages in no fixed order repeat some objects and skip others; a second look is not the first one again.
        is_settled = not state.news and (state.quiet or not state.repeats)
        if not state.is_sound or (may_lack and not is_settled):
            return False
        if state.strays:
            odd = "no-totals" if odd == "no-totals" else None
            state.notes.append("outside-window")
        if odd is not None:
            state.notes.append(odd)
        return True

    def _loop(self) -> CallerError:
        return CallerError(
            "peer-link-loop", f"{self._asker.peer.name} links its pages in a circle, or without end. Tell its operator."
        )
