"""Links: how long they hold, what ends them, and that each use counts once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from jobmill.errors import CallerError, Gone, NotFound
from jobmill.jobs.job import Job
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.links import rows
from jobmill.links.links import Links
from jobmill.links.rows import LinkRow, job_links
from jobmill.links.services import links as links_of_process
from jobmill.links.tickets import Key, Ticket, sign
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.stack.builders import cancelled, completed, failed, queued, row_of, running
from tests.stack.linked import WEEK, Clock, completed_with_report, failed_with_report, link_to, links_by, report_of

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("U6")]


@pytest.fixture
def clock(cloud: None) -> Clock:
    return Clock()


@pytest.fixture
def links(clock: Clock) -> Links:
    return links_by(clock)


def refusal(links: Links, ticket: str) -> str:
    with pytest.raises(CallerError) as refused:
        links.open(ticket, count=True)
    return refused.value.code


def row(job: Job, link_id: str) -> LinkRow:
    return LinkRow.get(f"job#{job.id}", f"link#{link_id}", consistent_read=True)


def test_a_link_leads_to_its_file_for_seven_days_and_not_a_moment_longer(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    assert link.expires_at - clock.now == WEEK - timedelta(microseconds=clock.now.microsecond)
    assert links.open(ticket, count=True).key == job.reports[0].key
    clock.now = link.expires_at - timedelta(milliseconds=1)
    assert links.open(ticket, count=True).name == "orders.xlsx"
    clock.now = link.expires_at
    assert refusal(links, ticket) == "link-expired"


def test_the_links_of_the_process_live_as_long_as_the_parameter_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().link_lifetime == WEEK
    monkeypatch.setenv("LINK_DAYS", "30")
    settings.cache_clear()
    before = now_utc()
    link, ticket = link_to(completed_with_report(), links_of_process())
    assert timedelta(days=30) - timedelta(seconds=1) <= link.expires_at - before < timedelta(days=30, minutes=1)
    assert links_of_process().open(ticket, count=False).id == link.id


def test_an_expired_link_says_so_when_its_row_is_gone_too(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    row(job, link.id).delete()
    assert refusal(links, ticket) == "link-deleted"
    clock.now = link.expires_at
    assert refusal(links, ticket) == "link-expired"


def test_a_row_may_end_a_link_before_its_ticket_does(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    row(job, link.id).update([LinkRow.expires_at.set(clock.now + timedelta(days=1))])
    clock.pass_by(timedelta(days=1))
    assert refusal(links, ticket) == "link-expired"
    assert row(job, link.id).downloads == 0


def test_each_use_is_counted_and_a_look_is_not(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    for _ in range(3):
        clock.pass_by(timedelta(hours=1))
        links.open(ticket, count=True)
    used_at = clock.now
    clock.pass_by(timedelta(hours=1))
    links.open(ticket, count=False)
    (listed,) = job_links(job.id, clock.now)
    assert (listed.id, listed.downloads, listed.last_download_at) == (link.id, 3, used_at)


def test_uses_at_the_same_time_are_each_counted_once(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    _, ticket = link_to(job, links)
    links.open(ticket, count=False)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: links.open(ticket, count=True), range(40)))
    (listed,) = job_links(job.id, clock.now)
    assert listed.downloads == 40


def test_what_is_answered_before_a_revocation_is_counted_and_nothing_after(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)

    def use(number: int) -> bool:
        if number == 10:
            links.revoke_link(link, by_name="Demo")
        try:
            links.open(ticket, count=True)
        except Gone:
            return False
        return True

    links.open(ticket, count=False)
    with ThreadPoolExecutor(8) as pool:
        used = sum(pool.map(use, range(30)))
    (listed,) = job_links(job.id, clock.now)
    assert listed.downloads == used < 30
    assert listed.revoked_at is not None


def test_a_count_that_meets_a_revocation_or_an_end_or_no_row_is_refused_by_the_table(clock: Clock) -> None:
    job = completed_with_report()
    link, _ = link_to(job, links_by(clock))
    assert not rows.count_download(link, link.expires_at)
    assert rows.count_download(link, clock.now)
    rows.revoke(link, clock.now, "Demo")
    assert not rows.count_download(link, clock.now)
    assert row(job, link.id).downloads == 1
    row(job, link.id).delete()
    assert not rows.count_download(link, clock.now)
    assert list(job_links(job.id, clock.now)) == []


@pytest.mark.parametrize("end", ["revoked", "deleted"])
def test_a_link_that_ends_between_its_reading_and_its_counting_is_refused(end: str, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links_by(clock))

    class LateStore:
        """The store, while whose answer somebody ends the link."""

        def get(self, job_id: str, *, whole: bool) -> Job:
            row(job, link.id).delete() if end == "deleted" else rows.revoke(link, clock.now, "Demo")
            return store().get(job_id, whole=whole)

    assert refusal(links_by(clock, LateStore()), ticket) == f"link-{end}"


def test_a_revoked_link_says_so_and_the_first_revocation_stays(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    other, other_ticket = link_to(job, links)
    first = links.revoke_link(link, by_name="Demo")
    assert (first.revoked_at, first.revoked_by_name) == (clock.now, "Demo")
    clock.pass_by(timedelta(hours=1))
    assert links.revoke_link(link, by_name="Other") == first
    assert refusal(links, ticket) == "link-revoked"
    assert links.open(other_ticket, count=True).id == other.id
    with pytest.raises(NotFound):
        links.revoke_link(replace(link, id=job.id), by_name="Demo")


def test_a_link_to_a_file_of_a_job_under_way_holds_while_it_is_and_after_if_it_is_listed(links: Links) -> None:
    for lists_it in (True, False):
        job = running()
        report = report_of(job)
        _, ticket = link_to(job, links, report)
        assert links.open(ticket, count=True).key == report.key
        store().complete(job, result={}, reports=(report,) if lists_it else (), publication=None, now=now_utc())
        if lists_it:
            assert links.open(ticket, count=True).key == report.key
        else:
            assert refusal(links, ticket) == "link-deleted"


def test_a_link_to_the_workbook_of_a_failed_job_holds(links: Links) -> None:
    _, ticket = link_to(failed_with_report(), links)
    assert links.open(ticket, count=True).name == "errors.xlsx"


def test_a_link_ends_with_its_job_s_run(links: Links) -> None:
    job = failed_with_report()
    _, ticket = link_to(job, links)
    lifecycle().retry(job, job.params)
    assert refusal(links, ticket) == "link-deleted"
    again = completed_with_report("errors.xlsx", store().get(job.id))
    assert refusal(links, ticket) == "link-deleted"
    assert links.open(link_to(again, links)[1], count=True).name == "errors.xlsx"


def test_a_file_of_a_job_that_was_cancelled_or_failed_without_it_is_gone(links: Links) -> None:
    job = running()
    _, ticket = link_to(job, links, report_of(job))
    lifecycle().cancel(job)
    assert refusal(links, ticket) == "link-deleted"


def test_a_link_ends_with_its_job(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    _, ticket = link_to(job, links)
    row_of(job).update([JobRow.expires_at.set(clock.now)])
    clock.pass_by(timedelta(seconds=1))
    assert refusal(links, ticket) == "link-deleted"
    row_of(job).delete()
    assert refusal(links, ticket) == "link-deleted"


def test_a_signed_ticket_whose_row_leads_elsewhere_is_refused(links: Links) -> None:
    job = completed_with_report()
    link, _ = link_to(job, links)
    key = Key(b"a key of links, for tests " * 2)
    for subject in (replace(link.subject, name="other.xlsx"), replace(link.subject, attempt=7)):
        assert refusal(links, sign(Ticket(link.id, link.expires_at, str(subject)), key)) == "link-deleted"
    unknown = sign(Ticket(link.id, link.expires_at, "dataset:places:1"), key)
    assert refusal(links, unknown) == "link-unsupported"


def test_a_job_s_links_are_listed_the_newest_first_without_the_expired(links: Links, clock: Clock) -> None:
    job = completed_with_report()
    link_to(job, links)
    clock.pass_by(timedelta(days=1))
    made = []
    for _ in range(3):
        clock.pass_by(timedelta(seconds=1))
        made.append(link_to(job, links)[0].id)
    clock.pass_by(timedelta(days=6))
    newest = made[::-1]
    assert [link.id for link in job_links(job.id, clock.now)] == newest
    assert [link.id for link in job_links(job.id, clock.now, after=newest[0])] == newest[1:]
    assert list(job_links(completed().id, clock.now)) == []


def test_a_link_s_address_is_kept_nowhere(links: Links) -> None:
    job = completed_with_report()
    link, ticket = link_to(job, links)
    stored = LinkRow.get(f"job#{job.id}", f"link#{link.id}").to_dynamodb_dict()
    assert ticket not in str(stored)
    assert ticket not in repr(link)


def test_links_do_not_disturb_the_job_s_own_rows(links: Links) -> None:
    job = failed()
    link_to(job, links, report_of(job))
    assert store().get(job.id) == job
    for other in (queued(), cancelled()):
        assert rows.get_link(other.id, other.id) is None
    assert rows.get_link("no-job", "no-link") is None
