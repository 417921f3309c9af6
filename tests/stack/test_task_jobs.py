"""Jobs of the type Task: what becomes of a task's run is what becomes of its job, slices, retries and crashes too."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from jobmill.errors import CallerError, DependencyError, ErrorKind
from jobmill.jobs.executions import RETRYABLE
from jobmill.jobs.job import Job, Outcome
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.operations import get_job
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, recovery, store
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processors.tasks import run_task
from jobmill.scheduled import scheduled_tasks
from jobmill.scheduled.registry import Collected, TaskContext
from jobmill.tasks.data import get_task_data
from jobmill.tasks.document import TaskDocument
from jobmill.tasks.names import SaveIn, TaskStatus
from jobmill.tasks.rows import change_document, get_document
from jobmill.tasks.running import execute_task
from jobmill.tasks.services import task_cache
from jobmill.tasks.starting import Asker, start_now
from jobmill.times import now_utc
from tests.stack.attempts import delivery
from tests.stack.builders import row_of
from tests.stack.http import call
from tests.stack.schedules import MINE, add_task

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T3")]

ADMIN = Asker("id-of-admin", "Admin")
DEVICES: list[Any] = [{"id": "1", "health": "good"}]


def started() -> Job:
    return start_now(scheduled_tasks()[MINE].spec, ADMIN)


def work_on(job: Job, kit: Tools, *, seconds: float = 600) -> Job:
    """Deliver the job's next message."""
    job = get_job(job.id)
    message = Message(job.id, job.run, job.pass_, f"token {job.pass_}")
    run_attempt(message, run_task, delivery(f"worker {job.attempt}", seconds), kit)
    return get_job(job.id)


def raising(error: Exception) -> Callable[[TaskContext], Any]:
    def work(context: TaskContext) -> Any:
        raise error

    return work


def shown() -> Any:
    return call("GET", f"/api/tasks/{MINE}").body


@pytest.mark.requirement("T4")
@pytest.mark.requirement("T5")
@pytest.mark.requirement("T8")
def test_a_run_is_its_job_s_attempt(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[TaskDocument] = []

    def work(context: TaskContext) -> Any:
        seen.append(get_document(MINE))
        return DEVICES

    add_task(monkeypatch, work)
    job = work_on(started(), kit)
    assert (job.status, job.result) == (
        Status.COMPLETED, {"task": MINE, "version": 1, "records": 1, "savedIn": "db"},
    )  # fmt: skip
    assert (seen[0].status, seen[0].source, seen[0].job_id, seen[0].attempt) == (TaskStatus.RUNNING, "Admin", job.id, 1)
    after = get_document(MINE)
    assert (after.status, after.job_id, json.loads(after.data or "")) == (TaskStatus.COMPLETED, job.id, DEVICES)
    assert after.duration_ms is not None
    task_cache().clear()
    assert get_task_data(MINE) == DEVICES


@pytest.mark.requirement("T6")
@pytest.mark.parametrize("save_in", SaveIn)
def test_data_goes_where_the_task_says(save_in: SaveIn, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, lambda context: DEVICES, save_in=save_in)
    job = work_on(started(), kit)
    assert job.result == {"task": MINE, "version": 1, "records": 1, "savedIn": save_in}
    task_cache().clear()
    assert get_task_data(MINE) == ([] if save_in is SaveIn.NONE else DEVICES)


def test_a_task_may_tell_more_in_its_job_s_result(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, lambda context: Collected(DEVICES, {"found": 7, "partial": True}))
    job = work_on(started(), kit)
    assert job.result == {"task": MINE, "version": 1, "records": 1, "savedIn": "db", "found": 7, "partial": True}
    assert get_task_data(MINE) == DEVICES


@pytest.mark.requirement("T7")
@pytest.mark.parametrize(
    ("error", "code", "of_job", "of_task"),
    [
        (CallerError("peer-refused", "It refused."), "peer-refused", "It refused.", "It refused."),
        (ValueError("a secret"), "internal-error", None, "a secret"),
    ],
)
def test_a_failing_task_fails_its_job(
    error: Exception, code: str, of_job: str | None, of_task: str, kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_task(monkeypatch, raising(error))
    execute_task("before", MINE, lambda: DEVICES)
    job = work_on(started(), kit)
    assert job.status is Status.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.message) == (code, of_job or job.error.message)
    assert "secret" not in job.error.message
    document = get_document(MINE)
    assert (document.status, document.error, document.version) == (TaskStatus.FAILED, of_task, 1)
    task_cache().clear()
    assert get_task_data(MINE) == DEVICES
    assert start_now(scheduled_tasks()[MINE].spec, ADMIN).id != job.id


@pytest.mark.parametrize("data", ["text", None, (1, 2), [float("inf")], [object()]])
def test_a_task_that_gives_no_data_fails_and_says_so(data: Any, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, lambda context: data)
    job = work_on(started(), kit)
    assert (job.status, get_document(MINE).status) == (Status.FAILED, TaskStatus.FAILED)
    assert job.error is not None
    assert job.error.code == "task-data-refused"
    assert job.error.message == get_document(MINE).error


def test_a_dependency_s_error_is_tried_again_and_the_task_is_running_meanwhile(
    kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[Exception] = [DependencyError("peer-unavailable", "It is away.")] * 2

    def work(context: TaskContext) -> Any:
        if errors:
            raise errors.pop()
        return DEVICES

    add_task(monkeypatch, work)
    job = started()
    for _ in range(2):
        job = work_on(job, kit)
        assert job.status is Status.QUEUED
        assert (shown()["status"], shown()["error"]) == ("running", "It is away.")
    started_at = get_document(MINE).started
    job = work_on(job, kit)
    assert (job.status, job.attempt) == (Status.COMPLETED, 3)
    assert (shown()["status"], shown()["error"]) == ("completed", "")
    assert get_document(MINE).started == started_at, "one run, however often it is tried"


@pytest.mark.requirement("T7")
def test_a_dependency_that_stays_away_fails_the_run(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, raising(DependencyError("peer-unavailable", "It is away.")))
    job = work_on(started(), kit)
    lifecycle().settle(job.id, 1, Failure(RETRYABLE, ""))
    assert (get_job(job.id).status, shown()["status"], shown()["error"]) == (Status.FAILED, "failed", "It is away.")


@pytest.mark.requirement("T13")
def test_a_task_longer_than_a_worker_goes_on_from_its_checkpoint(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def work(context: TaskContext) -> Any:
        done: Any = context.state or []
        while len(done) < 3:
            steps.append(len(done))
            done = [*done, len(done)]
            context.checkpoint(done)
        return done

    hurried = replace(kit, settings=replace(kit.settings, slice=timedelta(0)))
    add_task(monkeypatch, work)
    job, begun = started(), None
    for number in range(3):
        job = work_on(job, hurried)
        document = get_document(MINE)
        begun = begun or document.started
        assert (job.status, document.status, document.attempt) == (Status.QUEUED, TaskStatus.RUNNING, number + 1)
        assert (document.started, document.error, shown()["status"]) == (begun, "", "running")
        assert "completed" not in shown()
    job = work_on(job, hurried)
    assert (job.status, get_task_data(MINE), steps) == (Status.COMPLETED, [0, 1, 2], [0, 1, 2])
    assert [each.outcome for each in job.attempts] == [Outcome.CONTINUED] * 3 + [Outcome.COMPLETED]
    assert get_document(MINE).started == begun


def stopped(context: TaskContext) -> Any:
    """Work whose connection is cut when it must stop, as a fetch's is."""
    cut = threading.Event()
    context.on_stop(cut.set)
    assert cut.wait(20)
    raise DependencyError("peer-unavailable", "The connection was cut.")


@pytest.mark.requirement("T13")
def test_a_worker_s_end_in_the_middle_of_a_request_is_no_failure_of_the_task(
    kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(context: TaskContext) -> Any:
        if context.state:
            return DEVICES
        context.checkpoint([1])
        return stopped(context)

    add_task(monkeypatch, work)
    job = work_on(started(), kit, seconds=0.3)
    document = get_document(MINE)
    assert (job.status, document.status, document.error) == (Status.QUEUED, TaskStatus.RUNNING, "")
    job = work_on(job, kit)
    assert (job.status, get_document(MINE).status) == (Status.COMPLETED, TaskStatus.COMPLETED)


def test_a_cancelled_run_says_that_and_not_what_came_of_it(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(context: TaskContext) -> Any:
        lifecycle().cancel(get_job(context.job.id))
        return stopped(context)

    add_task(monkeypatch, work)
    job = work_on(started(), kit)
    assert job.status is Status.CANCELLED
    assert (shown()["status"], shown()["error"]) == ("failed", "The run was cancelled.")


def test_a_run_out_of_time_says_that(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, stopped, run_limit=timedelta(milliseconds=300))
    job = work_on(started(), kit)
    assert job.status is Status.FAILED
    assert job.error is not None
    assert (job.error.kind, shown()["error"]) == (ErrorKind.TIMEOUT, job.error.message)


@pytest.mark.requirement("T12")
def test_a_lost_worker_s_run_is_done_by_another_and_the_first_writes_nothing(
    kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Job] = []

    def work(context: TaskContext) -> Any:
        if context.job.attempt > 1:
            return DEVICES
        past = now_utc() - timedelta(seconds=1)
        row_of(context.job).update([JobRow.look_at.set(past), JobRow.lease_until.set(past)])
        recovery().look(context.job.id)
        others.append(work_on(context.job, kit))
        return [{"id": "of a zombie", "health": "bad"}]

    add_task(monkeypatch, work)
    job = work_on(started(), kit)
    assert others[0].status is Status.COMPLETED
    assert (job.status, job.result) == (Status.COMPLETED, others[0].result)
    document = get_document(MINE)
    assert (document.status, document.version, document.attempt) == (TaskStatus.COMPLETED, 1, job.attempt)
    task_cache().clear()
    assert get_task_data(MINE) == DEVICES


@pytest.mark.requirement("T12")
def test_a_run_that_finds_another_gives_way_and_says_to_which(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def work(context: TaskContext) -> Any:
        ran.append(context.job.id)
        if len(ran) == 1:
            others.append(work_on(second, kit))
        return DEVICES

    others: list[Job] = []
    task = add_task(monkeypatch, work)
    first = start_now(task.spec, ADMIN)
    change_document(MINE, {"next_job_id": None})
    second = start_now(task.spec, ADMIN)
    job = work_on(first, kit)
    assert ran == [first.id]
    assert (others[0].status, others[0].result) == (
        Status.COMPLETED, {"task": MINE, "skipped": True, "underWay": first.id},
    )  # fmt: skip
    assert (job.status, get_document(MINE).skipped) == (Status.COMPLETED, 1)


@pytest.mark.requirement("T1")
def test_a_task_that_is_gone_fails_its_job(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        add_task(patch)
        job = started()
    job = work_on(job, kit)
    assert job.status is Status.FAILED
    assert job.error is not None
    assert (job.error.code, job.error.message) == ("task-not-found", "There is no task mine (any more).")
    assert get_document(MINE).status is None


def test_storage_away_has_the_run_tried_again(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, lambda context: DEVICES, save_in=SaveIn.STORAGE)
    job = started()
    with monkeypatch.context() as patch:

        def away(*rest: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://s3.example")

        patch.setattr("jobmill.tasks.storage.TaskStorage.put", away)
        job = work_on(job, kit)
    assert (job.status, get_document(MINE).status) == (Status.QUEUED, TaskStatus.RUNNING)
    assert work_on(job, kit).status is Status.COMPLETED
    assert store().get(job.id).attempt == 2
