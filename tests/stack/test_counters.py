"""Counts by the stream: real rows, and the stream's records made of them, in any order and number."""

import random

import pytest

from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.projects.counters import read_counts
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.http import call
from tests.stack.stream import Image, image, notify, record

pytestmark = pytest.mark.usefixtures("cloud")


def stats(project: str = "demo") -> dict[str, int]:
    return call("GET", f"/api/jobs/projects/{project}/stats", user="admin").body


def history(status: Status) -> list[Image]:
    """The images of a job on its way to this status, oldest first."""
    job = builders.queued()
    images = [image(job.id)]
    if status in (Status.RUNNING, Status.COMPLETED, Status.FAILED):
        job = builders.running(job)
        images.append(image(job.id))
    if status is Status.COMPLETED:
        store().complete(job, result={}, reports=(), publication=None, now=now_utc())
        images.append(image(job.id))
    return images


@pytest.mark.requirement("J7")
def test_a_project_without_jobs_counts_zero() -> None:
    assert stats() == {"total": 0, "queued": 0, "running": 0, "completed": 0, "failed": 0, "cancelled": 0}


@pytest.mark.requirement("J7")
@pytest.mark.parametrize("seed", range(5))
def test_repeats_and_any_order_count_each_job_once(seed: int) -> None:
    histories = [history(status) for status in (Status.QUEUED, Status.RUNNING, Status.COMPLETED, Status.COMPLETED)]
    records = [record(new) for images in histories for new in images] * 2
    random.Random(seed).shuffle(records)
    for start in range(0, len(records), 3):
        notify(*records[start : start + 3])
    assert stats() == {"total": 4, "queued": 1, "running": 1, "completed": 2, "failed": 0, "cancelled": 0}


@pytest.mark.requirement("J7")
def test_deleted_jobs_are_counted_down_once() -> None:
    images = history(Status.COMPLETED)
    notify(*map(record, images))
    assert stats()["completed"] == 1
    gone = record(None, old=images[-1])
    notify(gone)
    notify(gone)
    assert stats()["total"] == 0


def test_late_records_of_a_deleted_job_count_nothing() -> None:
    images = history(Status.CANCELLED)
    notify(record(images[0]))
    notify(record(None, old=images[-1]))
    notify(*map(record, images))
    never_counted = history(Status.CANCELLED)
    notify(record(None, old=never_counted[-1]))
    notify(record(never_counted[0]))
    assert stats()["total"] == 0


def test_projects_are_counted_apart_and_other_rows_not_at_all() -> None:
    mine, other = builders.queued(), builders.queued(project_id="other")
    mark = record({"pk": {"S": f"job#{mine.id}"}, "sk": {"S": "counted"}})
    notify(record(image(mine.id)), record(image(other.id)), mark)
    assert (stats("demo")["queued"], stats("other")["queued"]) == (1, 1)


@pytest.mark.requirement("A12")
def test_job_types_are_counted_apart_and_together() -> None:
    imports, analysis = builders.queued(), builders.queued(type="Analysis")
    notify(record(image(imports.id)), record(image(analysis.id)))
    of_type = {name: read_counts("demo", name).total for name in ("Import", "Analysis", "Export", "Analys")}
    assert of_type == {"Import": 1, "Analysis": 1, "Export": 0, "Analys": 0}
    assert stats()["queued"] == 2


def test_an_unreadable_record_does_not_stop_the_rest() -> None:
    job = builders.queued()
    broken = record({"pk": {"S": "job#x"}, "sk": {"S": "job"}, "status": {"S": "Nonsense"}})
    notify(broken, record(image(job.id)))
    assert stats()["queued"] == 1


def test_more_jobs_than_a_transaction_holds_are_all_counted() -> None:
    base = image(builders.queued().id)
    records = [record(base | {"pk": {"S": f"job#{number}"}}) for number in range(250)]
    notify(*records)
    assert stats()["queued"] == 250
