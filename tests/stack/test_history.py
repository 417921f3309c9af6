"""The story of a job: everything that happened to it, in order, however much that is."""

import pytest

from jobmill.jobs.history import EVENTS_KEPT, all_events
from jobmill.jobs.job import Job, attempts_of
from jobmill.jobs.recovery import LOST
from jobmill.jobs.rows import HistoryRow, job_key
from jobmill.jobs.services import lifecycle, store
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")


def told(job: Job) -> list[tuple[object, ...]]:
    """What the API tells of the job's life: type, run, attempt, by."""
    events = call("GET", f"/api/jobs/{job.id}/events").body
    assert [each["at"] for each in events] == sorted(each["at"] for each in events)
    return [(each["type"], each["run"], each.get("attempt"), each.get("by")) for each in events]


@pytest.mark.requirement("J21")
def test_the_whole_story_is_told_in_order() -> None:
    job = builders.running()
    job = builders.claim(store().recover(job, LOST, now_utc()))
    job = store().release(job, pass_=1, error=None, checkpoint={"at": 1}, now=now_utc())
    call("POST", f"/api/jobs/{job.id}/cancel")
    call("POST", f"/api/jobs/{job.id}/retry")
    job = builders.failed(store().get(job.id))
    job = lifecycle().retry(job, job.params, by="Ann")
    job = store().restart(job, now_utc())
    builders.running(job)
    name = job.created_by_name
    assert told(job) == [
        ("created", 1, None, name),
        ("started", 1, 1, None),
        ("recovered", 1, 1, None),
        ("started", 2, 2, None),
        ("continued", 2, 2, None),
        ("cancelled", 2, None, name),
        ("retried", 2, None, name),
        ("started", 3, 3, None),
        ("failed", 3, 3, None),
        ("retried", 3, None, "Ann"),
        ("restarted", 4, None, None),
        ("started", 5, 4, None),
    ]


def test_an_event_tells_its_error() -> None:
    job = builders.failed()
    last = call("GET", f"/api/jobs/{job.id}/events").body[-1]
    assert (last["type"], last["error"], last["errorCode"], last["retryable"]) == (
        "failed", "It is broken.", "broken", False,
    )  # fmt: skip


def sliced(job: Job, slices: int) -> Job:
    """The job after so many slices."""
    for number in range(slices):
        running = builders.claim(job, pass_=number)
        job = store().release(running, pass_=number + 1, error=None, now=now_utc())
    return job


def test_events_that_the_row_has_no_room_for_are_told_all_the_same() -> None:
    slices = 2 * EVENTS_KEPT
    job = sliced(builders.queued(), slices)
    assert len(job.events) <= EVENTS_KEPT < slices
    assert [each.number for each in attempts_of(all_events(job))] == list(range(1, slices + 1))
    shown = call("GET", f"/api/jobs/{job.id}/attempts").body
    assert [each["number"] for each in shown] == list(range(1, slices + 1))


def test_making_room_twice_tells_nothing_twice() -> None:
    job = sliced(builders.queued(), EVENTS_KEPT)
    running = builders.claim(job, pass_=EVENTS_KEPT)
    store().release(running, pass_=EVENTS_KEPT + 1, error=None, now=now_utc())
    job = store().release(running, pass_=EVENTS_KEPT + 1, error=None, now=now_utc())
    assert [each.number for each in attempts_of(all_events(job))] == list(range(1, EVENTS_KEPT + 2))
    assert len(list(HistoryRow.query(job_key(job.id), HistoryRow.sk.startswith("events#")))) == 1


@pytest.mark.parametrize("user", ["other", None])
def test_nobody_else_hears_the_story(user: str | None) -> None:
    job = builders.queued()
    assert call("GET", f"/api/jobs/{job.id}/events", user=user).status in (401, 404)
