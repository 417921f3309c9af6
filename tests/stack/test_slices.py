"""Jobs longer than one worker: slices end at checkpoints, and the next attempt goes on from there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from jobmill.errors import DependencyError
from jobmill.jobs.documents import Documents
from jobmill.jobs.executions import RETRYABLE, Execution
from jobmill.jobs.job import Job, Outcome
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.recovery import LOST, RECOVERIES, Step, next_step
from jobmill.jobs.rows import JobRow, Looked, job_key, look_shard
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.attempts import AnyParams, Ear, delivery, wait_until_stopped, work_with

pytestmark = pytest.mark.usefixtures("cloud")
STEPS = 4

type Work = Callable[[Context[AnyParams]], Result]


@pytest.fixture
def hurried(kit: Tools) -> Tools:
    """Tools of attempts whose slice is over at their first checkpoint."""
    return replace(kit, settings=replace(kit.settings, slice=timedelta(0)))


def next_message(job: Job, work: Work, tools: Tools, *, seconds: float = 600) -> Job:
    """Deliver the job's next message."""
    message = Message(job.id, job.run, job.pass_, f"token {job.pass_}")
    run_attempt(message, work_with(work), delivery(f"worker {job.attempt}", seconds), tools)
    return store().get(job.id)


def count_up(context: Context[AnyParams]) -> Result:
    """Four steps, one number after the other, each with a checkpoint."""
    done = context.state if isinstance(context.state, list) else []
    while len(done) < STEPS:
        done = [*done, len(done)]
        context.progress(len(done), STEPS)
        context.checkpoint(list(done))
    return {"done": list(done)}


def test_a_job_of_many_slices_gives_what_one_attempt_gives(kit: Tools, hurried: Tools, ear: Ear) -> None:
    at_once = next_message(builders.queued(), count_up, kit)
    ear.told.clear()
    job, progress = builders.queued(), [0]
    for number in range(STEPS):
        job = next_message(job, count_up, hurried)
        assert (job.status, job.run, job.pass_, job.told) == (Status.QUEUED, 1, number + 1, True)
        assert job.checkpoint == list(range(number + 1))
        progress.append(job.progress or 0)
    job = next_message(job, count_up, hurried)
    assert (job.status, job.result, job.attempt) == (Status.COMPLETED, at_once.result, STEPS + 1)
    assert progress == sorted(progress)
    assert [each.outcome for each in job.attempts] == [Outcome.CONTINUED] * STEPS + [Outcome.COMPLETED]
    assert ear.told == [f"Job.Continue token {number}" for number in range(STEPS)] + [f"success token {STEPS}"]


@pytest.mark.parametrize("work", ["slice", "retry"])
def test_a_release_that_no_machine_heard_is_found_by_the_reconciler(hurried: Tools, ear: Ear, work: str) -> None:
    def busy(context: Context[AnyParams]) -> Result:
        raise DependencyError("busy", "It is busy.")

    ear.error = "TaskTimedOut"
    job = next_message(builders.queued(), count_up if work == "slice" else busy, hurried)
    assert (job.status, job.told) == (Status.QUEUED, False)
    assert next_step(job, now_utc(), lambda _: Execution.OPEN) is Step.RESTART


def test_a_slice_s_message_claims_nothing_twice(hurried: Tools, ear: Ear) -> None:
    first = builders.queued()
    job = next_message(first, count_up, hurried)
    ear.told.clear()
    assert next_message(first, count_up, hurried) == job
    assert ear.told == []


def test_a_job_cancelled_between_slices_stays_cancelled(hurried: Tools, ear: Ear) -> None:
    job = next_message(builders.queued(), count_up, hurried)
    lifecycle().cancel(job, by="Ann")
    ear.told.clear()
    after = next_message(job, count_up, hurried)
    assert (after.status, after.attempt) == (Status.CANCELLED, 1)
    assert ear.told == ["success token 1"]


def test_a_retried_job_begins_anew(hurried: Tools) -> None:
    job = next_message(builders.queued(), count_up, hurried)
    job = lifecycle().retry(lifecycle().cancel(job), job.params, by="Ann")
    assert (job.checkpoint, job.progress) == (None, None)


def test_an_error_that_may_pass_keeps_the_checkpoint(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        if context.state is None:
            context.checkpoint({"step": 1})
            raise DependencyError("busy", "It is busy.")
        return {"state": context.state}

    job = next_message(builders.queued(), work, kit)
    assert (job.status, job.checkpoint) == (Status.QUEUED, {"step": 1})
    assert next_message(job, work, kit).result == {"state": {"step": 1}}


def test_a_step_longer_than_the_worker_s_time_fails_a_job_that_has_not_got_on(kit: Tools) -> None:
    job = next_message(builders.queued(), wait_until_stopped, kit, seconds=0)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "step-too-long")


def test_a_worker_at_the_end_of_its_time_hands_over_its_last_checkpoint(kit: Tools, ear: Ear) -> None:
    def work(context: Context[AnyParams]) -> Result:
        if context.state is not None:
            return {"state": context.state}
        context.checkpoint("half")
        return wait_until_stopped(context)

    job = next_message(builders.queued(), work, kit, seconds=0.2)
    assert (job.status, job.checkpoint) == (Status.QUEUED, "half")
    assert next_message(job, work, kit).result == {"state": "half"}
    assert ear.told == ["Job.Continue token 0", "success token 1"]


def test_a_hiccup_of_s3_does_not_end_the_watch(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def away(*arguments: object) -> str:
        tries.append(1)
        raise EndpointConnectionError(endpoint_url="s3")

    def work(context: Context[AnyParams]) -> Result:
        with monkeypatch.context() as patch:
            patch.setattr(Documents, "write", away)
            context.checkpoint("first")
            until = now_utc() + timedelta(seconds=20)
            while len(tries) < 2 and now_utc() < until:
                context.check_cancelled()
        lifecycle().cancel(store().get(context.job.id))
        return wait_until_stopped(context)

    assert next_message(builders.queued(), work, kit).status is Status.CANCELLED
    assert len(tries) >= 2


def test_a_checkpoint_that_is_no_json_fails_the_job_at_once(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        context.checkpoint(float("nan"))
        return {}

    job = next_message(builders.queued(), work, kit)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "internal-error")


def test_a_told_job_waits_among_those_that_wait_and_an_untold_one_among_the_claimed() -> None:
    job = store().release(builders.running(), pass_=1, error=None, now=now_utc())
    assert builders.row_of(job).look_shard == look_shard(Looked.CLAIMED, job.id)
    store().tell(job, now_utc())
    assert builders.row_of(job).look_shard == look_shard(Looked.WAITING, job.id)


def test_a_run_is_settled_with_an_error_of_its_own() -> None:
    job = builders.failed()
    job = lifecycle().retry(job, job.params)
    lifecycle().settle(job.id, job.run, Failure(RETRYABLE, ""))
    error = store().get(job.id).error
    assert error is not None
    assert error.code == "not-delivered"


def test_a_checkpoint_is_safe_while_the_work_goes_on(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        context.checkpoint("safe")
        until = now_utc() + timedelta(seconds=20)
        while (saved := store().get(context.job.id).checkpoint) is None and now_utc() < until:
            context.check_cancelled()
        return {"saved": saved}

    assert next_message(builders.queued(), work, kit).result == {"saved": "safe"}


def test_a_large_checkpoint_is_given_to_the_next_attempt_whole(hurried: Tools) -> None:
    large = ["x" * 1000] * 100

    def work(context: Context[AnyParams]) -> Result:
        if context.state is None:
            context.checkpoint(large)
        return {"same": context.state == large}

    job = next_message(builders.queued(), work, hurried)
    assert next_message(job, work, hurried).result == {"same": True}


def lost(job: Job) -> Job:
    """The job's next run, after its worker fell silent."""
    recovered = store().recover(job, LOST, now_utc())
    return builders.claim(recovered)


def test_a_new_checkpoint_makes_a_job_worth_three_more_workers() -> None:
    job = lost(lost(lost(builders.running())))
    assert job.recoveries == RECOVERIES
    store().renew(job, progress=10, message=None, checkpoint="further", lease=builders.LEASE, now=now_utc())
    assert store().get(job.id).recoveries == 0
    assert store().get(job.id).checkpoint == "further"


def test_saving_the_checkpoint_again_that_it_began_with_does_not(hurried: Tools) -> None:
    def stand_still(context: Context[AnyParams]) -> Result:
        context.checkpoint("here")
        return {}

    job = next_message(builders.queued(), stand_still, hurried)
    job = lost(store().claim(job.id, run=1, pass_=1, owner="w", lease=builders.LEASE, now=now_utc()))
    store().renew(job, progress=1, message=None, checkpoint="here", lease=builders.LEASE, now=now_utc())
    JobRow.get(job_key(job.id), "job").update([JobRow.status.set("Queued")])
    after = next_message(replace(job, pass_=0), stand_still, hurried)
    assert (after.status, after.recoveries) == (Status.QUEUED, 1)


def test_a_large_checkpoint_saved_again_does_not_either(hurried: Tools, kit: Tools) -> None:
    large = ["x" * 1000] * 100

    def stand_still(context: Context[AnyParams]) -> Result:
        context.checkpoint(list(large))
        return {}

    job = next_message(builders.queued(), stand_still, hurried)
    running = store().claim(job.id, run=1, pass_=1, owner="w", lease=builders.LEASE, now=now_utc())
    job = store().recover(running, LOST, now_utc())
    assert next_message(job, stand_still, hurried).recoveries == 1


def test_the_working_time_of_all_slices_counts(kit: Tools, hurried: Tools) -> None:
    job = next_message(builders.queued(), count_up, hurried)
    clock = now_utc() + timedelta(seconds=1)
    running = builders.claim(job, pass_=job.pass_, now=clock)
    assert running.deadline is not None
    assert running.deadline - clock < running.run_limit
