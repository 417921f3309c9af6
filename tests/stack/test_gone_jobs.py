"""Deleted jobs: who may delete what, what goes with a job, and what is said of it afterwards."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cleanup.handler import handler
from jobmill import aws
from jobmill.errors import Conflict, Gone
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.job import Job
from jobmill.jobs.operations import cleanup, complete_job, create_job, destroy_job, get_job, update_data
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, recovery, store
from jobmill.jobs.status import Status
from jobmill.projects.services import gone_jobs
from jobmill.reports.services import report_files
from jobmill.reports.uploads import upload_to_s3
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.conftest import BUCKETS, TABLE
from tests.stack.http import LambdaContext, call
from tests.stack.stream import Image, image, notify, record
from tests.stack.test_api_jobs import import_request

pytestmark = pytest.mark.usefixtures("cloud")

UNKNOWN = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"
LARGE = "x" * 100_000


def full_job() -> Job:
    """A Completed job with everything that a job can have beside its row."""
    job = create_job(project_id="demo", created_by="id-of-demo", data=LARGE, internal_data=LARGE)
    update_data(job.id, LARGE + "y")
    upload_to_s3(job.id, "u", "one.csv", "exports", b"1")
    upload_to_s3(job.id, "u", "two.csv", "exports", b"2")
    complete_job(job.id, {"large": LARGE})
    return get_job(job.id)


def keys(bucket: str) -> list[str]:
    return [entry["Key"] for entry in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


def partition(job_id: str) -> list[str]:
    """The sort keys of all rows that belong to a job."""
    found = boto3.client("dynamodb").query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"job#{job_id}"}},
    )
    return [row["sk"]["S"].split("#")[0] for row in found["Items"]]


def deleted(job: Job) -> Image:
    """Delete the job; gives its row as the stream tells it."""
    before = image(job.id)
    assert destroy_job(job.id)
    return before


def age(job: Job, by: timedelta) -> None:
    """Let the job have ended so much earlier."""
    found = store().get(job.id)
    assert found.completed_at is not None
    assert found.expires_at is not None
    ends = found.completed_at - by, found.expires_at - by
    actions = [JobRow.completed_at.set(ends[0]), JobRow.expires_at.set(ends[1]), JobRow.look_at.set(ends[1])]
    builders.row_of(job).update(actions)


@pytest.fixture
def short_lives(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Exports are kept for a day, all others for thirty."""
    monkeypatch.setenv("RETENTION_HOURS_Export", "24")
    settings.cache_clear()
    store.cache_clear()
    report_files.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.requirement("M8")
def test_all_that_belongs_to_a_deleted_job_goes_with_it() -> None:
    other, job = full_job(), full_job()
    assert sorted(partition(job.id)) == ["job", "link", "link"]
    assert len(keys(BUCKETS["DATASETS_BUCKET"])) == 8
    gone = record(None, old=deleted(job))
    for _ in range(2):
        notify(gone)
        assert partition(job.id) == ["counted", "gone"]
        assert all(other.id in key for key in keys(BUCKETS["DATASETS_BUCKET"]) + keys(BUCKETS["S3_REPORTS_BUCKET"]))
    assert len(keys(BUCKETS["DATASETS_BUCKET"])) == 4
    assert len(keys(BUCKETS["S3_REPORTS_BUCKET"])) == 2
    assert get_job(other.id).data == LARGE + "y"


def test_older_events_go_too() -> None:
    job = builders.queued()
    for _ in range(35):
        job = lifecycle().retry(lifecycle().cancel(job), job.params)
    assert "events" in partition(job.id)
    notify(record(None, old=deleted(lifecycle().cancel(job))))
    assert partition(job.id) == ["counted", "gone"]


def test_files_that_s3_does_not_delete_now_are_deleted_when_the_record_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = record(None, old=deleted(full_job()))
    real = aws.s3()

    class Away:
        def __getattr__(self, name: str) -> Any:
            if name == "delete_objects":
                raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "DeleteObjects")
            return getattr(real, name)

    with monkeypatch.context() as away:
        away.setattr(gone_jobs(), "_s3", Away)
        with pytest.raises(ClientError):
            notify(gone)
    notify(gone)
    assert keys(BUCKETS["S3_REPORTS_BUCKET"]) == keys(BUCKETS["DATASETS_BUCKET"]) == []


@pytest.mark.requirement("M8")
@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_a_job_under_way_is_not_deleted(status: Status) -> None:
    job = builders.in_status(status)
    with pytest.raises(Conflict) as refused:
        destroy_job(job.id)
    assert refused.value.code == "not-ended"
    answer = call("DELETE", f"/api/jobs/{job.id}")
    assert (answer.status, answer.body["code"]) == (409, "not-ended")
    assert store().get(job.id) == job
    assert (destroy_job(UNKNOWN), destroy_job("x")) == (False, False)


def test_a_job_that_is_retried_at_the_moment_is_not_deleted() -> None:
    failed = builders.failed()
    lifecycle().retry(failed, failed.params)
    with pytest.raises(ChangeRefused):
        store().destroy(failed, now_utc())
    assert store().get(failed.id).status is Status.QUEUED


@pytest.mark.requirement("A11")
def test_a_deleted_job_is_gone_for_its_project_and_unknown_to_others() -> None:
    job = builders.completed()
    path = f"/api/jobs/{job.id}"
    assert [call("DELETE", path, user=user).status for user in ("other", "viewer", "demo")] == [404, 403, 204]
    told = [(each.status, each.body["code"]) for each in (call("GET", path, user=user) for user in ("demo", "other"))]
    assert told == [(410, "job-gone"), (404, "job-not-found")]
    assert call("DELETE", path).status == 410
    assert call("GET", "/api/jobs").body == []


def test_the_repeat_of_a_deleted_job_does_not_bring_it_back() -> None:
    body, key = import_request(), {"Idempotency-Key": "once"}
    job = store().get(call("POST", "/api/jobs", body, headers=key).body["id"])
    gone = record(None, old=deleted(lifecycle().cancel(job)))
    for _ in range(2):
        again = call("POST", "/api/jobs", body, headers=key)
        assert (again.status, again.body["code"]) == (410, "job-gone")
        with pytest.raises(Gone):
            create_job(project_id="demo", created_by="x", id=job.id)
        notify(gone)


def test_the_reports_of_a_custom_job_that_times_out_stay() -> None:
    job = create_job(project_id="demo", created_by="x", run_limit=timedelta(0))
    upload_to_s3(job.id, "u", "one.csv", "exports", b"1")
    row = builders.row_of(job)
    row.update([JobRow.look_at.set(job.created_at), JobRow.deadline.set(job.created_at)])
    row.update([JobRow.lease_until.set(job.created_at)])
    assert recovery().look(job.id) == "time-out"
    assert [report.name for report in get_job(job.id).reports] == ["one.csv"]


@pytest.mark.requirement("A11")
def test_each_type_is_kept_for_its_own_time_after_its_end(short_lives: None) -> None:
    jobs = {name: builders.completed(type=name) for name in ("Export", "Import")}
    for job in jobs.values():
        age(job, timedelta(hours=25))
    assert handler({}, LambdaContext()) == 1
    assert destroy_job(jobs["Export"].id) is False
    assert call("GET", f"/api/jobs/{jobs['Import'].id}").status == 200
    age(jobs["Import"], timedelta(days=30))
    assert call("GET", f"/api/jobs/{jobs['Import'].id}").status == 410
    assert cleanup() == 1


@pytest.mark.requirement("A9")
@pytest.mark.requirement("A11")
def test_a_cleanup_by_age_takes_all_jobs_that_ended_longer_ago_and_no_others(short_lives: None) -> None:
    old = [builders.completed(type="Export"), builders.failed(), builders.cancelled()]
    young, short, running = builders.completed(), builders.completed(type="Export"), builders.running()
    for job in old:
        age(job, timedelta(hours=2))
    assert cleanup(timedelta(hours=1)) == 3
    assert [call("GET", f"/api/jobs/{job.id}").status for job in (young, short, running)] == [200] * 3
    assert cleanup(timedelta(hours=1)) == 0
    assert cleanup() == 0


def test_a_retried_job_is_no_longer_due_to_be_deleted() -> None:
    failed = builders.failed()
    lifecycle().retry(failed, failed.params)
    assert cleanup(timedelta(0)) == 0
    assert store().get(failed.id).look_at != failed.look_at


@pytest.mark.requirement("A11")
@pytest.mark.parametrize(("type", "expected"), [("Export", "day"), ("Import", "job")])
def test_reports_carry_the_class_of_their_jobs_retention(
    type: str, expected: str, short_lives: None, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x")
    report = report_files().store(
        builders.queued(type=type), path, name="x", export_type="e", transferred=lambda _: None
    )
    tags = boto3.client("s3").get_object_tagging(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=report.key)["TagSet"]
    assert tags == [{"Key": "retention", "Value": expected}]


def test_a_job_that_time_to_live_deleted_is_gone_as_well() -> None:
    job = builders.completed()
    before = image(job.id)
    builders.row_of(job).delete()
    notify(record(None, old=before))
    answer = call("GET", f"/api/jobs/{job.id}")
    assert (answer.status, answer.body["code"]) == (410, "job-gone")
