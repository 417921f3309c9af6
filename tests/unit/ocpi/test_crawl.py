"""One window: how many requests it takes, what is said of odd peers, and what ends it."""

import json
from typing import Any

import pytest

from jobmill.errors import CallerError, DependencyError
from jobmill.ocpi import ledger
from jobmill.ocpi.crawl import MAX_IDLE_PAGES, MAX_PASSES, Crawl
from jobmill.ocpi.objects import Kind
from jobmill.ocpi.peers import Peer
from jobmill.ocpi.transport import Page
from tests.unit.ocpi.building import at, cdr, location
from tests.unit.ocpi.party import KIND, URL, Party, upsert, window

OVER = window(None, 1_000)
HEAD = "https://peer.example/cdrs?tenant=7&date_to=2026-01-01T00%3A16%3A40Z&limit=3"
DATES = "https://peer.example/cdrs?tenant=7&date_to=2026-01-01T00:16:40Z"


def party(count: int, **named: Any) -> Party:
    one = Party(**named)
    for _ in range(count):
        one.insert()
    one.clock = 2_000
    return one


def crawled(asker: Any) -> tuple[Crawl, dict[str, int]]:
    crawl, kept = Crawl(asker, KIND, OVER), {}
    for objects in crawl.steps():
        upsert(kept, objects)
    return crawl, kept


class Answers:
    """Gives these pages by their URLs, the last of several again and again."""

    def __init__(self, pages: dict[str, list[Page]]) -> None:
        self.peer = Peer("scripted", URL, URL, "token", page_limit=3)
        self.pages = pages
        self.asked: list[str] = []

    def ask(self, url: str) -> Page:
        self.asked.append(url)
        answers = self.pages[url]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def page(*ids: str, next_url: str | None = None, total: int | None = None, limit: int | None = 3) -> Page:
    return Page([cdr(id=id, last_updated=at(1)) for id in ids], next_url, total, limit)


# ---- What it asks


def test_an_honest_calm_party_is_asked_once_for_each_page_by_its_links() -> None:
    one = party(8)
    crawl, kept = crawled(one)

    assert one.asked == [HEAD, f"{DATES}&offset=3", f"{DATES}&offset=6"]
    assert (kept, crawl.passes, crawl.notes, crawl.total) == (one.objects, 1, [], 8)


def test_the_window_has_both_ends_in_the_query() -> None:
    one = party(1)
    list(Crawl(one, KIND, window(0, 60)).steps())

    assert one.asked == [
        f"{URL}&date_from=2026-01-01T00%3A00%3A00Z&date_to=2026-01-01T00%3A01%3A00Z&limit=3",
    ]


def test_without_links_offsets_are_counted_until_the_total_is_reached() -> None:
    one = party(8, links="none")
    _, kept = crawled(one)

    assert one.asked == [HEAD, f"{HEAD}&offset=3", f"{HEAD}&offset=6"]
    assert kept == one.objects


def test_where_the_total_drops_the_page_before_is_asked_once_more_and_what_moved_up_is_found() -> None:
    one = party(8)
    first = min(one.objects, key=one.objects.__getitem__)
    one.events = [[], [lambda it: it.objects.update({first: 1_500})]]
    crawl, kept = crawled(one)

    assert one.asked == [HEAD, f"{DATES}&offset=3", HEAD, f"{DATES}&offset=6"]
    assert set(kept) == set(one.objects)
    assert (crawl.passes, crawl.notes) == (1, [])


def test_a_total_that_rises_is_followed_by_another_pass() -> None:
    one = party(8)
    one.events = [[], [lambda it: it.objects.update({"late": 0})]]
    crawl, kept = crawled(one)

    assert kept == one.objects
    assert crawl.passes == 2


def test_a_total_that_rises_and_drops_again_hides_nothing() -> None:
    one = party(8)
    first = min(one.objects, key=one.objects.__getitem__)
    one.events = [[], [lambda it: it.objects.update({"late": 0})], [lambda it: it.objects.pop(first)]]
    crawl, kept = crawled(one)

    assert set(kept) == {first, *one.objects}
    assert (crawl.passes, crawl.notes) == (2, [])


def test_pages_in_no_fixed_order_are_looked_at_until_two_looks_bring_nothing_new() -> None:
    class Unordered(Answers):
        def ask(self, url: str) -> Page:
            """Four objects, two at a time; the second page has what it should but now and then."""
            self.asked.append(url)
            if "offset" not in url:
                return page("a", "b", next_url=f"{URL}&offset=2", total=4)
            return page(*("cd" if self.asked.count(url) == 3 else "bc"), total=4)

    asker = Unordered({})
    crawl, kept = crawled(asker)

    assert set(kept) == {"a", "b", "c", "d"}
    assert crawl.passes == 3


def test_of_a_party_without_totals_each_page_but_the_last_is_asked_twice() -> None:
    one = party(8, totals="missing")
    crawl, kept = crawled(one)

    assert one.asked == [HEAD, f"{DATES}&offset=3", HEAD, f"{DATES}&offset=6", f"{DATES}&offset=3"]
    assert (kept, crawl.passes, crawl.notes) == (one.objects, 1, ["no-totals"])


@pytest.mark.parametrize("totals", ["of the page", "too many", "none", "random"])
def test_wrong_totals_are_said_and_lose_nothing(totals: Any) -> None:
    one = party(8, totals=totals)
    crawl, kept = crawled(one)

    assert (kept, crawl.notes) == (one.objects, ["totals-wrong"])


def test_objects_outside_the_window_are_given_and_said() -> None:
    one = party(4, ignores_date_to=True)
    one.objects["new"] = 1_700
    crawl, kept = crawled(one)

    assert (kept, crawl.notes) == (one.objects, ["outside-window"])


def test_a_full_page_without_a_link_is_not_the_last_whatever_the_total_says() -> None:
    asker = Answers({HEAD: [page("a", "b", "c", total=3)], f"{HEAD}&offset=3": [page("d", total=4)]})
    _, kept = crawled(asker)

    assert set(kept) == {"a", "b", "c", "d"}


def test_a_party_that_knows_no_offsets_ends() -> None:
    everything = page("a", "b", "c", "d", limit=None)
    _, kept = crawled(Answers({HEAD: [everything], f"{HEAD}&offset=4": [everything]}))

    assert set(kept) == {"a", "b", "c", "d"}


def test_an_empty_window_takes_one_request() -> None:
    crawl, kept = crawled(party(0))

    assert (kept, crawl.pages, crawl.notes) == ({}, 1, [])


# ---- What it gives


def test_the_newer_version_counts_and_the_same_one_is_given_once() -> None:
    old, new = cdr(id="a", last_updated=at(5)), cdr(id="a", last_updated=at(6))
    asker = Answers({
        HEAD: [Page([new, old], "https://peer.example/cdrs?offset=2", 3, 3)],
        "https://peer.example/cdrs?offset=2": [Page([{**new, "country_code": "nl"}], None, 3, 3)],
    })  # fmt: skip
    crawl = Crawl(asker, KIND, OVER)

    assert [each["last_updated"] for objects in crawl.steps() for each in objects] == [at(6)]


@pytest.mark.requirement("T15")
def test_invalid_objects_are_kept_out_with_reasons_and_the_rest_comes() -> None:
    broken = [
        cdr(id="b", currency="euro", last_updated=at(1)),
        {"id": "no key"},
        None,
        cdr(id="c", last_updated="yesterday"),
    ]
    answers = {
        HEAD: [Page([cdr(id="a", last_updated=at(1)), *broken], None, 5, 3)],
        f"{HEAD}&offset=5": [page(total=5)],
    }
    crawl = Crawl(Answers(answers), KIND, OVER)
    given = [each["id"] for objects in crawl.steps() for each in objects]
    crawl = Crawl(Answers({}), KIND, OVER, json.loads(json.dumps(crawl.state())))

    assert (given, crawl.passes, crawl.notes, crawl.quarantined_count) == (["a"], 1, [], 4)
    assert [each.raw for each in crawl.quarantined] == broken
    assert crawl.quarantined[0].reasons == ["currency: must be three capital letters (ISO 4217)."]
    assert crawl.quarantined[2].reasons == ["cdr: must be a JSON object."]


def test_of_many_invalid_objects_the_first_are_kept_and_all_are_counted() -> None:
    many: list[object] = [{"id": str(number)} for number in range(300)]
    crawl = Crawl(Answers({HEAD: [Page(many, None, 300, 3)], f"{HEAD}&offset=300": [page(total=300)]}), KIND, OVER)
    list(crawl.steps())

    assert (len(crawl.quarantined), crawl.quarantined_count) == (200, 300)


def test_locations_are_asked_at_their_own_url() -> None:
    peer = Peer("two", "https://peer.example/locations", None, "token", page_limit=3)
    url = "https://peer.example/locations?date_to=2026-01-01T00%3A16%3A40Z&limit=3"
    asker = Answers({url: [Page([location()], None, 1, 3)]})
    asker.peer = peer

    assert [len(objects) for objects in Crawl(asker, Kind.LOCATION, OVER).steps()] == [1, 0]
    with pytest.raises(ValueError, match="no URL for cdrs"):
        Crawl(asker, Kind.CDR, OVER)


# ---- What ends it


def test_links_in_a_circle_end_it() -> None:
    there = "https://peer.example/there"
    asker = Answers({HEAD: [page("a", next_url=there)], there: [page("b", next_url=there)]})

    with pytest.raises(CallerError) as raised:
        crawled(asker)
    assert raised.value.code == "peer-link-loop"


def test_links_without_end_that_bring_nothing_new_end_it() -> None:
    class Endless(Answers):
        def ask(self, url: str) -> Page:
            self.asked.append(url)
            return page("a", next_url=f"https://peer.example/{len(self.asked)}", total=1)

    asker = Endless({})
    with pytest.raises(CallerError) as raised:
        crawled(asker)
    assert raised.value.code == "peer-link-loop"
    assert len(asker.asked) == MAX_IDLE_PAGES + 2


def test_a_party_of_which_a_page_and_more_leaves_at_each_request_is_given_up() -> None:
    class Restless(Answers):
        def ask(self, url: str) -> Page:
            self.asked.append(url)
            number = len(self.asked)
            return page(str(number), next_url=f"https://peer.example/{number}" if number % 3 else None)

    with pytest.raises(DependencyError) as raised:
        crawled(asker := Restless({}))
    assert raised.value.code == "peer-keeps-moving"
    assert sum(url == HEAD for url in asker.asked) >= MAX_PASSES


def test_a_window_of_too_many_objects_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_OBJECTS", 8)
    crawled(party(8))
    with pytest.raises(CallerError) as raised:
        crawled(party(9))
    assert raised.value.code == "peer-window-too-large"


def test_an_error_of_the_peer_leaves_the_state_as_it_was() -> None:
    one, kept = party(8), {}
    crawl, ask = Crawl(one, KIND, OVER), one.ask
    upsert(kept, next(crawl.steps()))

    def fail(url: str) -> Page:
        raise DependencyError("peer-unavailable", "No.")

    one.ask = fail  # type: ignore[method-assign]
    with pytest.raises(DependencyError):
        next(crawl.steps())
    one.ask = ask  # type: ignore[method-assign]
    for objects in crawl.steps():
        upsert(kept, objects)

    assert kept == one.objects


class Refusing(Answers):
    """Knows no offsets: asked for one, it refuses."""

    def ask(self, url: str) -> Page:
        if "offset=" in url:
            self.asked.append(url)
            raise CallerError("peer-answer-broken", "status 400")
        return super().ask(url)


def test_a_refused_offset_is_the_end_where_the_peer_gives_links_or_the_page_was_not_full() -> None:
    url = f"{HEAD}&after=c"
    first, last = page("a", "b", "c", next_url=url, total=9), page("d", "e", "f", total=9)
    one = Refusing({HEAD: [first], url: [last]})
    assert set(crawled(one)[1]) == set("abcdef")
    alone = Refusing({HEAD: [page("a", "b", total=9)]})
    crawl, kept = crawled(alone)
    assert (set(kept), crawl.notes) == ({"a", "b"}, ["totals-wrong"])


def test_a_refused_offset_after_a_full_page_without_a_link_is_an_error() -> None:
    with pytest.raises(CallerError, match="status 400"):
        crawled(Refusing({HEAD: [page("a", "b", "c", total=9)]}))
