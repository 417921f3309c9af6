"""Whatever a party does between the requests: what was collected over the windows is what it has in the end."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobmill.errors import DependencyError
from jobmill.ocpi.crawl import Crawl
from jobmill.ocpi.window import Window
from tests.unit.ocpi.party import KIND, Party, upsert, window

NUMBERS = st.integers(0, 40)
EVENTS = st.one_of(
    st.just(Party.insert),
    NUMBERS.map(lambda number: lambda party: party.update(number)),
    NUMBERS.map(lambda number: lambda party: party.remove(number)),
)
SCHEDULES = st.lists(st.lists(EVENTS, max_size=3), max_size=30)


@st.composite
def parties(draw: st.DrawFn) -> Party:
    paging = draw(st.sampled_from(["offset", "keyset", "opaque"]))
    party = Party(
        page_size=draw(st.integers(1, 5)),
        paging=paging,
        totals=draw(
            st.sampled_from(["right", "missing", "of the page", "of everything", "too many", "none", "random"])
        ),
        links=draw(st.sampled_from(["all", "some", "none"])) if paging == "offset" else "all",
        is_ordered_by_id=draw(st.booleans()),
        ignores_date_to=draw(st.booleans()),
    )
    for _ in range(draw(st.integers(0, 16))):
        party.insert()
    party.events = draw(SCHEDULES)
    return party


def collect(party: Party, over: Window, kept: dict[str, int]) -> Crawl:
    """One window; each page by another process, that has only JSON of the one before."""
    state: dict[str, Any] | None = None
    while True:
        crawl = Crawl(party, KIND, over, state)
        if crawl.is_done:
            return crawl
        upsert(kept, next(crawl.steps()))
        state = json.loads(json.dumps(crawl.state()))


@pytest.mark.requirement("T15")
@settings(max_examples=100, deadline=None)
@given(parties())
def test_what_is_collected_is_what_the_party_has(party: Party) -> None:
    kept: dict[str, int] = {}
    begin: int | None = None
    while True:
        is_last, end = not party.events, party.clock + 1
        # `peer-keeps-moving`: the same window is collected again, as the next try of the job does. Events run out.
        with suppress(DependencyError):
            collect(party, window(begin, end), kept)
            if is_last:
                break
            begin = end
            # What comes next is dated after this window.
            party.clock += 1

    assert {id: kept.get(id) for id in party.objects} == party.objects
