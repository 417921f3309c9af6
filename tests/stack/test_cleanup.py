"""The hourly cleanup, and one by age: which jobs go, and that nothing stops it."""

from datetime import timedelta

import boto3
import pytest

from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.operations import cleanup, complete_job, create_job, update_data
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import store
from jobmill.settings import settings
from tests.stack import builders
from tests.stack.conftest import BUCKETS
from tests.stack.stream import image, notify, record
from tests.stack.test_gone_jobs import age

pytestmark = pytest.mark.usefixtures("cloud")


def test_one_that_cannot_be_read_does_not_stop_the_rest() -> None:
    jobs = [builders.completed() for _ in range(6)]
    for job in jobs:
        age(job, timedelta(days=31))
    builders.row_of(jobs[2]).update([JobRow.result.set("{")])
    assert cleanup() == 5
    assert cleanup() == 0


def test_jobs_that_are_not_over_do_not_use_up_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.jobs.operations.CLEANUP_AT_ONCE", 2)
    old = [builders.completed() for _ in range(3)]
    for _ in range(6):
        builders.completed()
    for job in old:
        age(job, timedelta(hours=2))
    assert [cleanup(timedelta(hours=1)) for _ in range(3)] == [2, 1, 0]


@pytest.mark.requirement("A11")
def test_a_cleanup_by_age_finds_jobs_that_ended_under_a_longer_retention(monkeypatch: pytest.MonkeyPatch) -> None:
    job = builders.completed()
    age(job, timedelta(days=10))
    monkeypatch.setenv("JOB_RETENTION_DAYS", "1")
    settings.cache_clear()
    store.cache_clear()
    assert cleanup(timedelta(days=5)) == 1


def test_a_large_value_that_was_refused_goes_with_its_job() -> None:
    job = create_job(project_id="demo", created_by="x")
    complete_job(job.id, {})
    with pytest.raises(ChangeRefused):
        update_data(job.id, "x" * 100_000)
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKETS["DATASETS_BUCKET"])["KeyCount"]
    assert found == 1
    before = image(job.id)
    assert cleanup(timedelta(0)) == 1
    notify(record(None, old=before))
    assert boto3.client("s3").list_objects_v2(Bucket=BUCKETS["DATASETS_BUCKET"])["KeyCount"] == 0
