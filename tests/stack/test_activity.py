"""A project's last day: ends by the hour, counted from the stream, and since when a job waits."""

from datetime import timedelta
from itertools import batched
from typing import Any

import pytest

from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle
from jobmill.projects.activity import HOUR, HOURS, KEPT, MAX_HOURS_AT_ONCE, HourRow, hour_of
from jobmill.projects.counters import JOBS_PER_TRANSACTION
from jobmill.projects.project import project_key
from jobmill.times import iso, milliseconds, now_utc
from tests.stack import builders
from tests.stack.http import call
from tests.stack.stream import Image, image, notify, record

pytestmark = pytest.mark.usefixtures("cloud")


def activity(project: str = "demo", user: str = "admin") -> Any:
    answer = call("GET", f"/api/jobs/projects/{project}/activity", user=user)
    assert answer.status == 200
    return answer.body


def sums(project: str = "demo") -> tuple[int, ...]:
    hours = activity(project)["hours"]
    return tuple(sum(hour[name] for hour in hours) for name in ("completed", "failed", "cancelled"))


def rows() -> list[HourRow]:
    return list(HourRow.query(project_key("demo"), HourRow.sk.startswith(HOURS)))


def ended(job: Job, before: timedelta) -> Image:
    """The image of a job, as if it had ended so long ago."""
    return image(job.id) | {"completed_at": {"N": str(milliseconds(now_utc() - before))}}


def failed_twice() -> list[Image]:
    """The images of a job that fails, is retried and fails again."""
    job = builders.queued()
    images = [image(job.id)]
    job = builders.failed(job)
    images.append(image(job.id))
    job = lifecycle().retry(job, job.params)
    images.append(image(job.id))
    return [*images, image(builders.failed(job).id)]


@pytest.mark.requirement("J13")
def test_a_project_without_ends_shows_a_day_of_zeros_and_nothing_that_waits() -> None:
    found = activity()
    assert set(found) == {"hours"}
    running = hour_of(now_utc())
    assert [hour["startsAt"] for hour in found["hours"]] in (
        [iso(running - HOUR * before) for before in range(24, -1, -1)],
        [iso(running - HOUR * before) for before in range(25, 0, -1)],
    )
    assert {tuple(hour.values())[1:] for hour in found["hours"]} == {(0, 0, 0)}


@pytest.mark.requirement("J13")
def test_ends_stand_in_their_hours() -> None:
    old, older = ended(builders.completed(), HOUR * 3), ended(builders.failed(), HOUR * 24)
    notify(record(old), record(older), record(image(builders.cancelled().id)), record(image(builders.running().id)))
    shown = [tuple(hour.values())[1:] for hour in activity()["hours"]]
    assert (shown[-4], shown[0], shown[-1]) == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert sums() == (1, 1, 1)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_each_end_counts_once_however_the_records_come_together_and_again(size: int) -> None:
    records = [record(each) for each in failed_twice()]
    for _ in range(2):
        for part in batched(records, size, strict=False):
            notify(*part)
    assert sums() == (0, 2, 0)
    notify(record(None, old=failed_twice()[-1]))
    assert sums() == (0, 2, 0)


def test_records_that_come_again_with_newer_ones_count_only_what_is_new() -> None:
    records = [record(each) for each in failed_twice()]
    for number in range(1, len(records) + 1):
        notify(*records[:number])
    assert sums() == (0, 2, 0)


def test_an_end_that_a_report_was_attached_to_counts_once() -> None:
    done = image(builders.completed().id)
    notify(record(done), record(done | {"updated_at": {"N": "1"}}))
    assert sums() == (1, 0, 0)


def test_an_end_counts_though_its_job_was_deleted_in_the_same_batch() -> None:
    done = image(builders.completed().id)
    notify(record(done), record(None, old=done))
    assert sums() == (1, 0, 0)


def test_projects_are_apart_and_types_are_together() -> None:
    jobs = [builders.completed(type="Export"), builders.completed(), builders.completed(project_id="other")]
    notify(*(record(image(job.id)) for job in jobs))
    assert (sums("demo"), sums("other")) == ((2, 0, 0), (1, 0, 0))


def test_ends_of_more_hours_than_are_shown_fit_into_the_transactions_and_expire() -> None:
    base = image(builders.completed().id)
    times = [milliseconds(now_utc() - HOUR * number) for number in range(-1, 200)]
    images = (
        base | {"pk": {"S": f"job#{n}"}, "completed_at": {"N": str(times[n % len(times)])}}
        for n in range(2 * JOBS_PER_TRANSACTION + 60)
    )
    notify(*map(record, images))
    found = rows()
    assert 25 <= len(found) <= MAX_HOURS_AT_ONCE
    for row in found:
        assert row.expires_at.strftime("%Y-%m-%dT%H") > row.sk.removeprefix(HOURS)
        assert row.expires_at - now_utc() < KEPT + 2 * HOUR
    assert call("GET", "/api/jobs/projects/demo/stats").body["completed"] == 2 * JOBS_PER_TRANSACTION + 60


def test_the_oldest_job_that_waits_is_found_among_all_types() -> None:
    oldest, export, imported = builders.queued(), builders.queued(type="Export"), builders.queued()
    for job in (oldest, export, imported):
        notify(record(image(job.id)))
    assert activity()["oldestQueuedAt"] == iso(oldest.created_at)
    builders.running(oldest)
    assert activity()["oldestQueuedAt"] == iso(export.created_at)
    for job in (export, imported):
        builders.cancelled(job)
    assert "oldestQueuedAt" not in activity()


def test_a_job_waits_since_it_was_queued_last() -> None:
    old, other = builders.failed(builders.queued()), builders.queued()
    notify(record(image(other.id)))
    retried = lifecycle().retry(old, old.params)
    assert retried.created_at < other.created_at < retried.updated_at
    assert activity()["oldestQueuedAt"] == iso(retried.updated_at)
    waiting = builders.queued(type="Export")
    notify(record(image(waiting.id)))
    assert activity()["oldestQueuedAt"] == iso(retried.updated_at)
    builders.cancelled(retried)
    assert activity()["oldestQueuedAt"] == iso(other.created_at)
    builders.cancelled(other)
    assert activity()["oldestQueuedAt"] == iso(waiting.created_at)


def test_a_reader_sees_it_and_a_stranger_sees_no_project() -> None:
    assert activity(user="viewer") == activity(user="demo")
    path = "/api/jobs/projects/demo/activity"
    assert [call("GET", path, user=user).status for user in ("other", "nobody", None)] == [404, 404, 401]
