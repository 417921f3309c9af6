"""The store: every change is one conditional write, and a refused one writes nothing."""

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from jobmill.errors import NotFound
from jobmill.jobs.changing import ChangeRefused, JobExists
from jobmill.jobs.documents import INLINE_BYTES
from jobmill.jobs.job import Job, JobError, Outcome
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL, Status
from jobmill.json_values import Json
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.builders import LEASE
from tests.stack.conftest import BUCKETS

pytestmark = pytest.mark.usefixtures("cloud")


def claim(job: Job, owner: str = "worker", run: int = 1, pass_: int = 0) -> Job:
    return store().claim(job.id, run=run, pass_=pass_, owner=owner, lease=LEASE, now=now_utc())


@pytest.mark.requirement("M1")
@pytest.mark.requirement("M9")
@pytest.mark.requirement("J12")
def test_a_created_job_reads_back_with_its_times_and_nothing_else_set() -> None:
    before = now_utc()
    job = lifecycle().create_job(type="Import", project_id="demo", created_by="u", run_limit=timedelta(seconds=5))
    read = store().get(job.id)
    assert read == job
    assert before <= read.created_at == read.updated_at <= now_utc()
    assert read.created_at.utcoffset() == timedelta(0)
    nullable = ("progress", "error", "data", "internal_data", "result", "started_at", "completed_at")
    assert [getattr(read, name) for name in nullable] == [None] * len(nullable)


def test_an_id_is_given_once() -> None:
    job = builders.queued()
    with pytest.raises(JobExists):
        store().create(job)


@pytest.mark.requirement("M2")
@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 1.0, 0.1, 10**40, -0.0, 1e300, True, None, "ü\x00\ud800"]},
        "x" * (INLINE_BYTES - 2),
        {"large": "x" * INLINE_BYTES},
        ["ü" * INLINE_BYTES],
        "@not a pointer",
        [],
        0,
    ],
)
def test_any_json_survives_exactly_and_large_ones_go_to_s3(value: Json) -> None:
    job = lifecycle().create_job(
        type="Import", project_id="demo", created_by="u", run_limit=LEASE, data=value, internal_data=value
    )
    read = store().get(job.id)
    assert repr(read.data) == repr(value)
    assert repr(read.internal_data) == repr(value)
    row = JobRow.get(f"job#{job.id}", "job")
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKETS["DATASETS_BUCKET"]).get("Contents", [])
    assert len(row.data) <= INLINE_BYTES
    assert len(objects) == (2 if len(repr(value)) > INLINE_BYTES else 0)


@pytest.mark.requirement("J2")
def test_the_times_are_set_by_the_changes() -> None:
    job = builders.running()
    assert job.started_at == job.updated_at == job.claimed_at
    assert job.completed_at is None
    store().complete(job, result={}, reports=(), publication=None, now=now_utc())
    done = store().get(job.id)
    assert done.completed_at is not None
    assert done.completed_at >= job.updated_at
    assert done.expires_at is not None


@pytest.mark.parametrize(
    ("run", "pass_"),
    [(0, 0), (2, 0)],
)
def test_a_message_of_another_run_may_not_claim(run: int, pass_: int) -> None:
    job = builders.queued()
    with pytest.raises(ChangeRefused):
        claim(job, run=run, pass_=pass_)
    assert store().get(job.id) == job


def test_a_message_before_the_row_s_pass_may_not_claim() -> None:
    job = builders.queued()
    JobRow.get(f"job#{job.id}", "job").update([JobRow.pass_.set(2)])
    with pytest.raises(ChangeRefused):
        claim(job, pass_=1)
    assert claim(job, pass_=2).status is Status.RUNNING


def test_of_two_workers_one_claims_and_only_it_may_repeat_the_claim() -> None:
    job = builders.queued()
    first = claim(job, owner="first")
    with pytest.raises(ChangeRefused):
        claim(job, owner="second")
    assert claim(job, owner="first") == first
    assert store().get(job.id).attempt == 1


def test_the_deadline_is_the_claim_s_time_and_the_run_limit() -> None:
    job = builders.running()
    assert job.deadline is not None
    assert job.claimed_at is not None
    assert job.deadline - job.claimed_at == timedelta(seconds=600)


@pytest.mark.parametrize("ended", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_nothing_that_a_lost_attempt_writes_is_taken(ended: Status) -> None:
    job = builders.running()
    old = replace(job, attempt=job.attempt - 1)
    with pytest.raises(ChangeRefused):
        store().renew(old, progress=5, message=None, lease=LEASE, now=now_utc())
    with pytest.raises(ChangeRefused):
        store().complete(old, result={}, reports=(), publication=None, now=now_utc())
    with pytest.raises(ChangeRefused):
        store().fail(FAIL, old, JobError("x", "x"), now_utc())
    assert store().get(job.id) == job


def test_a_completion_may_be_repeated_and_a_cancelled_job_stays_cancelled() -> None:
    job = builders.running()
    for _ in range(2):
        store().complete(job, result={"n": 1}, reports=(), publication=None, now=now_utc())
    assert store().get(job.id).result == {"n": 1}
    other = builders.running()
    lifecycle().cancel(other)
    with pytest.raises(ChangeRefused):
        store().complete(other, result={}, reports=(), publication=None, now=now_utc())
    assert store().get(other.id).status is Status.CANCELLED


def test_each_end_of_an_attempt_is_on_record() -> None:
    job = builders.failed()
    job = lifecycle().retry(job, job.params)
    job = builders.cancelled(builders.running(job))
    outcomes = [(attempt.number, attempt.run, attempt.outcome) for attempt in job.attempts]
    assert outcomes == [(1, 1, Outcome.FAILED), (2, 2, Outcome.CANCELLED)]


@pytest.mark.requirement("C5")
def test_the_machine_s_failure_ends_the_run_that_it_is_of_and_no_other() -> None:
    job = builders.queued()
    lifecycle().settle(job.id, 2, Failure("SQS.QueueDoesNotExist", ""))
    assert store().get(job.id) == job
    lifecycle().settle(job.id, 1, Failure("SQS.QueueDoesNotExist", "secret"))
    ended = store().get(job.id)
    assert ended.error is not None
    assert (ended.status, ended.error.code) == (Status.FAILED, "not-delivered")
    assert "secret" not in repr(ended.error)
    lifecycle().settle(job.id, 1, Failure("States.Timeout", ""))
    assert store().get(job.id) == ended
    lifecycle().settle("01a200c4-8c3f-7a9d-a777-0d6d8d7bc971", 1, Failure("States.Timeout", ""))


@pytest.mark.requirement("C5")
def test_the_machine_s_timeout_leaves_a_job_alone_while_a_worker_has_it_in_time() -> None:
    waiting, working = builders.queued(), builders.running()
    late = builders.running()
    JobRow.get(f"job#{late.id}", "job").update([JobRow.deadline.set(now_utc() - LEASE)])
    for job in (waiting, working, late):
        lifecycle().settle(job.id, 1, Failure("States.Timeout", ""))
    statuses = [store().get(job.id).status for job in (waiting, working, late)]
    assert statuses == [Status.FAILED, Status.RUNNING, Status.FAILED]
    error = store().get(late.id).error
    assert error is not None
    assert (error.code, error.kind, error.retryable) == ("machine-timeout", "timeout", True)


def test_an_unknown_job_is_not_found() -> None:
    for job_id in ("x", "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"):
        with pytest.raises(NotFound):
            store().get(job_id)


@pytest.mark.requirement("A13")
def test_the_beginning_and_the_end_of_each_job_are_logged_once_with_its_keys(caplog: pytest.LogCaptureFixture) -> None:
    done, failed = builders.completed(), builders.failed()
    builders.cancelled()
    told = [record for record in caplog.records if record.getMessage().startswith("[JOB]")]
    by_message = {record.getMessage(): vars(record) for record in told}
    assert len(by_message) == len(told) == 5
    assert by_message[f"[JOB] Created: {done.id}"]["type"] == "Import"
    assert by_message[f"[JOB] Completed: {done.id}"]["job_id"] == done.id
    assert by_message[f"[JOB] Failed: {failed.id}"]["code"] == "broken"
