"""What the store's changes write, and what they refuse."""

from dataclasses import replace

import pytest

from jobmill.errors import NotFound
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.documents import INLINE_BYTES
from jobmill.jobs.executions import CONTINUE
from jobmill.jobs.job import JobError
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.rows import JobRow, Looked, look_shard
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import CANCEL, CLAIM, FAIL, SETTLE, Fence, Status
from jobmill.jobs.store import JobStore
from jobmill.jobs.writes import condition_of
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.builders import LEASE, claim, row_of
from tests.stack.http import call
from tests.stack.test_processors import PLAIN, run, run_import

pytestmark = pytest.mark.usefixtures("cloud")


def test_a_message_of_a_later_pass_may_claim() -> None:
    assert claim(builders.queued(), pass_=3).status is Status.RUNNING


def test_an_attempt_from_the_future_is_refused_too() -> None:
    job = builders.running()
    with pytest.raises(ChangeRefused):
        store().renew(replace(job, attempt=job.attempt + 1), progress=5, message=None, lease=LEASE, now=now_utc())


def test_a_write_with_missing_or_surplus_fences_is_our_bug() -> None:
    for change, fences in ((CLAIM, {Fence.RUN: 1}), (CANCEL, {Fence.RUN: 1, Fence.ATTEMPT: 1, Fence.PASS: 0})):
        with pytest.raises(ValueError, match="fences"):
            condition_of(change, fences)


def test_the_version_counts_the_changes_of_status_and_nothing_else() -> None:
    job = builders.queued()
    job = claim(job)
    job = store().renew(job, progress=5, message=None, lease=LEASE, now=now_utc())
    assert job.version == 2
    store().complete(job, result={}, reports=(), publication=None, now=now_utc())
    assert store().get(job.id).version == 3


def test_a_cancel_or_settle_of_a_job_that_was_claimed_since_is_refused() -> None:
    job = builders.queued()
    running = builders.running(job)
    with pytest.raises(ChangeRefused):
        store().cancel(job, now_utc())
    with pytest.raises(ChangeRefused):
        store().fail(SETTLE, job, JobError("x", "x"), now_utc())
    assert store().get(job.id) == running


def test_what_was_read_in_an_earlier_run_ends_no_later_one() -> None:
    first = builders.queued()
    second = lifecycle().retry(builders.cancelled(first), first.params)
    assert (second.run, second.attempt) == (2, first.attempt)
    with pytest.raises(ChangeRefused):
        store().cancel(first, now_utc())
    with pytest.raises(ChangeRefused):
        store().fail(SETTLE, first, JobError("x", "x"), now_utc())


def test_a_retry_as_read_in_an_earlier_run_is_refused() -> None:
    first = builders.failed()
    second = builders.cancelled(lifecycle().retry(first, first.params))
    assert second.attempt == first.attempt
    with pytest.raises(ChangeRefused):
        store().retry(first, first.params, now_utc())


def test_a_new_row_and_a_claim_are_looked_at_in_time() -> None:
    job = builders.queued()
    row = row_of(job)
    assert row.look_at == job.created_at + settings().start_grace
    assert row.look_shard == look_shard(Looked.WAITING, job.id)
    claimed = claim(job)
    assert claimed.lease_until == claimed.claimed_at + LEASE
    assert row_of(job).look_at == claimed.lease_until
    assert row_of(job).look_shard == look_shard(Looked.CLAIMED, job.id)


def test_settling_a_job_that_is_deleted_meanwhile_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job, fail = builders.queued(), JobStore.fail

    def deleted_meanwhile(*arguments: object, **named: object) -> object:
        row_of(job).delete()
        return fail(*arguments, **named)

    monkeypatch.setattr(JobStore, "fail", deleted_meanwhile)
    lifecycle().settle(job.id, 1, Failure("States.TaskFailed", ""))
    with pytest.raises(NotFound):
        store().get(job.id)


def test_a_run_of_too_many_slices_says_so() -> None:
    job = builders.queued()
    lifecycle().settle(job.id, 1, Failure(CONTINUE, "slice"))
    error = store().get(job.id).error
    assert error
    assert error.code == "too-many-slices"


def test_a_run_starts_once_and_its_owner_s_repeat_is_of_that_run_only() -> None:
    job = claim(builders.queued())
    with pytest.raises(ChangeRefused):
        claim(job, run=2)
    row_of(job).update([JobRow.status.set("Queued")])
    again = claim(job, now=now_utc() + LEASE)
    assert (again.attempt, again.started_at) == (2, job.started_at)


def test_an_end_clears_what_belonged_to_the_attempt_and_a_retry_what_belonged_to_the_run() -> None:
    job = builders.running()
    row_of(job).update(
        [
            *(JobRow.checkpoint.set("{}"), JobRow.result.set("{}"), JobRow.recoveries.set(2), JobRow.told.set(False)),
            *(JobRow.pass_.set(3), JobRow.time_left_ms.set(5), JobRow.progress.set(7)),
            JobRow.progress_message.set("x"),
        ]
    )
    failed = store().fail(FAIL, job, JobError("x", "x"), now_utc())
    row = row_of(job)
    names = ("owner", "lease_until", "deadline", "claimed_at")
    assert [getattr(row, name) for name in names] == [None] * len(names)
    assert (row.look_at, row.look_shard) == (failed.look_at, look_shard(Looked.ENDED, job.id))
    now = now_utc()
    store().retry(failed, failed.params, now)
    row = row_of(job)
    names = (
        "result",
        "error",
        "progress",
        "progress_message",
        "checkpoint",
        "started_at",
        "completed_at",
        "expires_at",
    )
    assert [getattr(row, name) for name in names] == [None] * len(names)
    assert (row.run, row.pass_, row.told, row.recoveries, row.time_left_ms) == (2, 0, True, 0, 600_000)
    assert (row.look_at, row.look_shard) == (now + settings().start_grace, look_shard(Looked.WAITING, job.id))


def test_a_retry_after_a_report_lists_none() -> None:
    run_import(PLAIN)
    job = run("Export", {"dataset": "places", "format": "csv"})
    row_of(job).update([JobRow.status.set("Failed")])
    lifecycle().retry(store().get(job.id), job.params)
    assert store().get(job.id).reports == ()


def test_an_end_is_repeated_only_by_its_own_attempt() -> None:
    done = builders.running()
    store().complete(done, result={}, reports=(), publication=None, now=now_utc())
    with pytest.raises(ChangeRefused):
        store().complete(replace(done, attempt=9), result={}, reports=(), publication=None, now=now_utc())
    broken = builders.running()
    failed = store().fail(FAIL, broken, JobError("x", "x"), now_utc())
    assert store().fail(FAIL, broken, JobError("x", "x"), now_utc()) == failed
    with pytest.raises(ChangeRefused):
        store().fail(FAIL, replace(broken, attempt=9), JobError("x", "x"), now_utc())


def test_the_attempt_of_before_is_no_owner() -> None:
    job = builders.running()
    assert store().is_owned(job)
    assert not store().is_owned(replace(job, attempt=job.attempt - 1))


def test_one_byte_over_the_bound_goes_to_s3() -> None:
    job = lifecycle().create_job(
        type="Import", project_id="demo", created_by="u", run_limit=LEASE, data="x" * (INLINE_BYTES - 1)
    )
    assert row_of(job).data.startswith("@")


def test_params_are_former_only_if_they_were_edited() -> None:
    job = builders.failed()
    assert lifecycle().retry(job, job.params).former_params == ()


def test_former_params_stand_with_every_attempt_up_to_their_run() -> None:
    job = builders.failed(builders.queued(dataset="a"))
    job = builders.failed(lifecycle().retry(job, job.params))
    lifecycle().retry(job, {"dataset": "b"})
    attempts = call("GET", f"/api/jobs/{job.id}/attempts").body
    assert [each["params"] for each in attempts] == [{"dataset": "a"}, {"dataset": "a"}]
