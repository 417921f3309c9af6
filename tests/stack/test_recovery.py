"""Lost workers, lost starts, lost reports: each job goes on, and ends."""

import json
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

import reconciler.handler
from jobmill.errors import DependencyError, ErrorKind
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.executions import Execution
from jobmill.jobs.job import Job, JobError, Outcome
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.recovery import RECOVERIES, Step, next_look, next_step
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import executions, lifecycle, recovery, store
from jobmill.jobs.starts import Start
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.attempts import AnyParams, Ear, attempt, delivery, work_with
from tests.stack.http import LambdaContext
from tests.stack.test_api_jobs import starts

pytestmark = pytest.mark.usefixtures("cloud")

BUSY = JobError("dependency-unavailable", "Try again.", kind=ErrorKind.DEPENDENCY, retryable=True)


@pytest.fixture
def machine(cloud: None) -> str:
    """The Import machine, whose executions wait for ever."""
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}})
    made = boto3.client("stepfunctions").create_state_machine(
        name="jobmill-test-Import", definition=definition, roleArn="arn:aws:iam::123456789012:role/machine"
    )
    return str(made["stateMachineArn"])


def due(job: Job, **fields: object) -> Job:
    """The job, with its times in the past, so that it is due for a look."""
    past = now_utc() - timedelta(seconds=1)
    actions = [JobRow.look_at.set(past)] + [getattr(JobRow, name).set(value) for name, value in fields.items()]
    JobRow.get(f"job#{job.id}", "job").update(actions)
    return store().get(job.id)


def silent(job: Job) -> Job:
    """The job, whose worker's lease has passed."""
    return due(job, lease_until=now_utc() - timedelta(seconds=1))


def reconcile() -> dict[str, int]:
    return reconciler.handler.handler({}, LambdaContext())


def test_a_lost_worker_s_job_is_the_next_run_with_its_progress(machine: str) -> None:
    job = builders.running()
    store().renew(job, progress=40, message=None, lease=timedelta(0), now=now_utc())
    starts()
    silent(job)
    assert reconcile() == {"recover": 1}
    after = store().get(job.id)
    assert (after.status, after.run, after.pass_, after.recoveries, after.progress) == (Status.QUEUED, 2, 0, 1, 40)
    assert [each.outcome for each in after.attempts] == [Outcome.LOST]
    assert [start["run"] for start in starts()] == [2]
    with pytest.raises(ChangeRefused):
        store().complete(job, result={}, reports=(), publication=None, now=now_utc())


def test_a_job_that_loses_worker_after_worker_fails_as_crashed(machine: str) -> None:
    job = builders.running()
    for run in range(2, RECOVERIES + 2):
        silent(job)
        assert reconcile() == {"recover": 1}
        job = store().claim(job.id, run=run, pass_=0, owner=f"w{run}", lease=timedelta(seconds=9), now=now_utc())
    silent(job)
    assert reconcile() == {"crash": 1}
    ended = store().get(job.id)
    assert ended.error is not None
    assert (ended.status, ended.error.code) == (Status.FAILED, "crashed")
    assert len(ended.attempts) == RECOVERIES + 1


def test_a_worker_that_renews_its_lease_is_left_alone(machine: str) -> None:
    job = due(builders.running())
    assert reconcile() == {"wait": 1}
    after = store().get(job.id)
    assert (after.status, after.attempt) == (Status.RUNNING, job.attempt)
    assert after.look_at == job.lease_until
    assert reconcile() == {}


def test_a_lease_that_is_renewed_between_look_and_write_wins() -> None:
    job = silent(builders.running())
    store().renew(job, progress=None, message=None, lease=timedelta(seconds=60), now=now_utc())
    with pytest.raises(ChangeRefused):
        store().recover(job, BUSY, now_utc())


def test_a_silent_worker_past_the_run_limit_is_a_timeout(machine: str) -> None:
    job = silent(builders.running())
    due(job, deadline=now_utc() - timedelta(seconds=1))
    assert reconcile() == {"time-out": 1}
    error = store().get(job.id).error
    assert error is not None
    assert (error.code, error.message, error.kind) == ("run-limit", "Import timeout", "timeout")


def test_a_lost_start_is_sent_again_for_the_same_run(machine: str) -> None:
    job = due(builders.queued())
    starts()
    assert reconcile() == {"send": 1}
    assert [start["run"] for start in starts()] == [1]
    assert store().get(job.id).run == 1


def test_a_waiting_job_whose_execution_goes_on_is_left_alone_for_longer_and_longer(machine: str) -> None:
    job = builders.queued()
    executions().start(Start.of(job))
    due(job)
    assert reconcile() == {"wait": 1}
    assert store().get(job.id).run == 1
    grace, minute = timedelta(minutes=1), timedelta(minutes=1)
    waits = [next_look(job, job.updated_at + minute * n, grace) - (job.updated_at + minute * n) for n in (0, 1, 8, 99)]
    assert waits == [minute, 2 * minute, 16 * minute, timedelta(hours=1)]


def test_a_job_whose_execution_was_stopped_from_outside_is_the_next_run(machine: str) -> None:
    job = builders.queued()
    executions().start(Start.of(job))
    executions().stop(job)
    due(job)
    starts()
    assert reconcile() == {"restart": 1}
    assert (store().get(job.id).run, [start["run"] for start in starts()]) == (2, [2])


def test_one_job_that_cannot_be_looked_at_does_not_stop_the_rest() -> None:
    unreadable, running = builders.queued(), silent(builders.running())
    due(unreadable)
    JobRow.get(f"job#{unreadable.id}", "job").update([JobRow.status.set("Nonsense")])
    assert reconcile() == {"recover": 1}
    assert store().get(running.id).run == 2


@pytest.mark.parametrize(
    ("told", "execution", "step"),
    [
        (True, Execution.MISSING, Step.SEND),
        (True, Execution.OPEN, Step.WAIT),
        (True, Execution.CLOSED, Step.RESTART),
        (False, Execution.OPEN, Step.RESTART),
    ],
)
def test_what_a_look_at_a_queued_job_leads_to(told: bool, execution: Execution, step: Step) -> None:
    job = replace(builders.queued(), told=told)
    assert next_step(job, now_utc(), lambda _: execution) is step


def broken(context: Context[AnyParams]) -> Result:
    raise DependencyError("busy", "It is busy.")


def test_a_retryable_error_gives_the_job_back_to_the_machine(kit: Tools, ear: Ear) -> None:
    job = attempt(builders.queued(), broken, kit)
    assert (job.status, job.run, job.pass_, job.told) == (Status.QUEUED, 1, 1, True)
    (ended,) = job.attempts
    assert (ended.outcome, ended.error and ended.error.code) == (Outcome.RETRIED, "busy")
    assert ear.told == ["Job.Retryable token"]
    run_attempt(Message(job.id, 1, 0, "copy"), work_with(broken), delivery("late copy"), kit)
    assert store().get(job.id).attempts == job.attempts
    run_attempt(Message(job.id, 1, 1, "next"), work_with(lambda context: {}), delivery("owner"), kit)
    assert store().get(job.id).status is Status.COMPLETED


def test_a_release_that_the_machine_never_heard_of_is_the_next_run(kit: Tools, ear: Ear) -> None:
    ear.error = "AccessDeniedException"
    job = builders.queued()
    with pytest.raises(Exception, match="AccessDenied"):
        attempt(job, broken, kit)
    assert store().get(job.id).told is False
    due(job)
    assert reconcile() == {"restart": 1}
    assert (store().get(job.id).run, store().get(job.id).told) == (2, True)


def test_when_the_machine_s_retries_are_used_up_the_last_error_is_the_job_s(kit: Tools) -> None:
    job = attempt(builders.queued(), broken, kit)
    lifecycle().settle(job.id, 1, Failure("Job.Retryable", "released"))
    ended = store().get(job.id)
    assert ended.error is not None
    assert (ended.status, ended.error.code, ended.error.message) == (Status.FAILED, "busy", "It is busy.")


def test_working_time_of_attempts_of_a_run_adds_up(kit: Tools) -> None:
    job = builders.running()
    later = now_utc() + timedelta(seconds=100)
    store().release(job, pass_=1, error=BUSY, now=later)
    again = store().claim(job.id, run=1, pass_=1, owner="w", lease=timedelta(seconds=9), now=later)
    assert again.deadline is not None
    assert timedelta(seconds=499) < again.deadline - later <= timedelta(seconds=501)


def test_a_cancel_stops_the_execution(machine: str) -> None:
    job = builders.queued()
    executions().start(Start.of(job))
    lifecycle().cancel(job)
    assert executions().find(job) is Execution.CLOSED


def test_recovery_s_looks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(9):
        due(builders.queued())
    assert len(list(recovery().due(1, 1))) <= 4


def test_a_lost_worker_is_seen_first_however_many_jobs_wait() -> None:
    for _ in range(5):
        due(builders.queued())
    lost = silent(builders.running())
    assert next(recovery().due(1, 1)) == lost.id
    assert lost.id not in [*recovery().due(0, 5)]


def test_a_job_that_is_not_due_any_more_is_left_alone(machine: str) -> None:
    job = builders.queued()
    assert recovery().look(job.id) is None
    assert store().get(job.id) == job
