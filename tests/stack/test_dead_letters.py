"""Messages that no worker took: their jobs end, no other is disturbed, and people find and retry them."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

import dead_letters.handler
from jobmill.jobs.job import Job, JobError
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.processing.machine import Machine
from jobmill.projects.dead_letters import DeadLetterRow, forget, remember
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.http import LambdaContext, call
from tests.stack.test_api_bad_input import assert_problem
from tests.stack.test_api_jobs import UNKNOWN, starts
from tests.stack.test_handlers import JOB, golden, queue_job

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("J11")]

LIST = "/api/jobs/projects/demo/dead-letters"
REDRIVE = f"{LIST}/redrive"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that the machine was told success with."""
    tokens: list[str] = []
    monkeypatch.setattr(Machine, "succeed", lambda self, token: tokens.append(token))
    return tokens


def letter(job: Job, *, run: int | None = None, pass_: int = 0) -> str:
    return json.dumps({"job_id": job.id, "run": run or job.run, "pass": pass_, "token": f"token of {job.id}"})


def deliver(*bodies: str) -> list[str]:
    """Hand letters to the function; gives the numbers of those that stay in the queue."""
    (record,) = golden("sqs_dead_letter")["Records"]
    records = [record | {"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    answer = dead_letters.handler.handler({"Records": records}, LambdaContext())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def poisoned(project_id: str = "demo") -> Job:
    job = builders.queued(project_id=project_id)
    failed = lifecycle().poison(job.id, job.run, 0)
    assert failed is not None
    remember(failed)
    return failed


def listed(user: str = "demo") -> list[str]:
    return [job["id"] for job in call("GET", LIST, user=user).body]


def outcomes(answer: Any) -> list[tuple[str, str, str | None]]:
    assert answer.status == 200, answer.text
    return [(each["id"], each["outcome"], each.get("errorCode")) for each in answer.body["outcomes"]]


# ending jobs


def test_the_golden_letter_ends_its_job_as_poison_and_tells_the_machine(told: list[str]) -> None:
    queue_job()
    answer = dead_letters.handler.handler(golden("sqs_dead_letter"), LambdaContext())
    assert answer == {"batchItemFailures": []}
    body = call("GET", f"/api/jobs/{JOB}").body
    assert (body["status"], body["errorCode"], body["errorKind"], body["retryable"]) == (
        *("Failed", "poison", "internal"),
        True,
    )
    assert body["error"].endswith(".")
    assert told == ["AQCEAAAAKgAAAAMAAAAAAAAAAexample"]
    assert listed() == [JOB]


def test_a_letter_ends_its_own_job_and_no_other(told: list[str]) -> None:
    job, others = builders.queued(), [builders.queued(), builders.running(), builders.queued(project_id="other")]
    assert deliver(letter(job)) == []
    assert store().get(job.id).status is Status.FAILED
    assert [store().get(other.id).status for other in others] == [other.status for other in others]


def test_a_later_message_of_the_run_may_end_the_job_as_it_might_have_claimed_it(told: list[str]) -> None:
    job = builders.queued()
    deliver(letter(job, pass_=3))
    assert store().get(job.id).status is Status.FAILED


def released(pass_: int = 1) -> Job:
    error = JobError("away", "A service was away.")
    return store().release(builders.running(), pass_=pass_, error=error, now=now_utc())


@pytest.mark.parametrize(
    ("make", "run", "is_told"),
    [
        (released, 1, False),
        (builders.running, 1, False),
        (builders.completed, 1, True),
        (builders.cancelled, 1, True),
        (builders.failed, 1, True),
        (lambda: lifecycle().retry(builders.failed(), {}), 1, True),
    ],
    ids=["an earlier pass", "running", "completed", "cancelled", "failed otherwise", "an earlier run"],
)
def test_a_letter_of_a_job_that_went_on_or_ended_is_dropped(
    make: Callable[[], Job], run: int, is_told: bool, told: list[str]
) -> None:
    job = make()
    assert deliver(letter(job, run=run)) == []
    assert store().get(job.id) == job
    assert told == ([f"token of {job.id}"] if is_told else [])
    assert listed() == []


def test_a_letter_of_a_job_that_is_gone_ends_its_execution(told: list[str]) -> None:
    job = builders.queued()
    JobRow.get(f"job#{job.id}", "job").delete()
    assert deliver(letter(job)) == []
    assert told == [f"token of {job.id}"]


def test_a_job_that_is_claimed_while_its_letter_is_read_goes_on(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job, fail = builders.queued(), store().fail

    def overtaken(*arguments: Any) -> Job:
        monkeypatch.undo()
        builders.running(job)
        return fail(*arguments)

    monkeypatch.setattr(store(), "fail", overtaken)
    assert deliver(letter(job)) == []
    assert store().get(job.id).status is Status.RUNNING


def test_what_cannot_be_read_stays_and_is_logged_and_disturbs_no_other(
    told: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    job = builders.queued()
    unreadable = ["nonsense", "[]", '{"job_id": "x"}', '{"job_id": "x", "run": null, "pass": 0, "token": "t"}']
    assert deliver(*unreadable, letter(job)) == ["0", "1", "2", "3"]
    assert store().get(job.id).status is Status.FAILED
    logged = [record for record in caplog.records if record.message == "unreadable dead letter"]
    assert [(record.levelname, record.message_id) for record in logged] == [("ERROR", str(n)) for n in range(4)]


def test_a_letter_that_the_store_cannot_take_stays(told: list[str]) -> None:
    job = builders.queued()
    boto3.client("dynamodb").delete_table(TableName=settings().table)
    assert deliver(letter(job)) == ["0"]
    assert told == []


def test_after_a_crash_between_its_writes_a_letter_finds_the_rest_to_do(told: list[str]) -> None:
    job = builders.queued()
    lifecycle().poison(job.id, job.run, 0)
    for _ in range(2):
        assert deliver(letter(job)) == []
        assert listed() == [job.id]
    assert told == [f"token of {job.id}"] * 2


def test_a_late_repeat_does_not_list_a_retried_job_again(told: list[str]) -> None:
    job = poisoned()
    call("POST", REDRIVE)
    builders.failed(store().get(job.id))
    deliver(letter(job))
    assert listed() == []


def test_forgetting_an_earlier_run_leaves_a_later_one_listed() -> None:
    first = poisoned()
    lifecycle().retry(first, first.params)
    again = lifecycle().poison(first.id, 2, 0)
    assert again is not None
    remember(again)
    forget(first)
    assert listed() == [first.id]
    forget(again)
    assert listed() == []


# people


def test_the_list_is_newest_first_and_of_the_project_s_jobs_that_are_still_poisoned() -> None:
    jobs = [poisoned() for _ in range(3)]
    poisoned(project_id="other")
    builders.failed()
    call("POST", f"/api/jobs/{jobs[1].id}/retry")
    answer = call("GET", LIST, user="viewer")
    assert [job["id"] for job in answer.body] == [jobs[2].id, jobs[0].id]
    assert set(answer.body[0]) == {
        "id", "type", "projectId", "projectName", "status", "progress", "createdAt", "createdBy", "createdByName",
        "run", "deadAt",
    }  # fmt: skip
    assert answer.body[0]["deadAt"] >= answer.body[0]["createdAt"]


def test_a_row_that_outlived_its_job_s_failure_is_not_listed() -> None:
    job = poisoned()
    lifecycle().retry(job, job.params)
    assert listed() == []
    gone = poisoned()
    JobRow.get(f"job#{gone.id}", "job").delete()
    expired = poisoned()
    builders.row_of(expired).update([JobRow.expires_at.set(expired.created_at)])
    assert listed() == []


def test_redrive_retries_all_dead_letters_and_forgets_them(told: list[str]) -> None:
    jobs = [poisoned() for _ in range(2)]
    starts()
    assert outcomes(call("POST", REDRIVE, {})) == [(job.id, "queued", None) for job in reversed(jobs)]
    assert {(start["job_id"], start["run"]) for start in starts()} == {(job.id, 2) for job in jobs}
    assert outcomes(call("POST", REDRIVE, {})) == []
    assert list(DeadLetterRow.query("dead-letters#demo")) == []
    deliver(letter(jobs[0], run=2))
    assert listed() == [jobs[0].id]


def test_redrive_takes_the_named_ones_of_its_project_only() -> None:
    wanted, left, foreign, other = poisoned(), poisoned(), poisoned(project_id="other"), builders.failed()
    answer = call("POST", REDRIVE, {"ids": [other.id, foreign.id, wanted.id, UNKNOWN]}, user="admin")
    assert outcomes(answer) == [
        (other.id, "refused", "not-poisoned"),
        (foreign.id, "refused", "job-not-found"),
        (wanted.id, "queued", None),
        (UNKNOWN, "refused", "job-not-found"),
    ]
    assert listed() == [left.id]
    assert store().get(foreign.id).status is store().get(other.id).status is Status.FAILED


def test_one_that_is_refused_stays_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    job = poisoned()
    monkeypatch.setenv("MAX_WAITING_JOBS", "0")
    settings.cache_clear()
    assert outcomes(call("POST", REDRIVE, {})) == [(job.id, "refused", "too-many-waiting")]
    assert listed() == [job.id]


def test_dead_letters_are_shown_to_readers_and_redriven_by_writers() -> None:
    poisoned()
    assert_problem(call("POST", REDRIVE, {}, user="viewer"), 403, "read-only")
    for method, path in (("GET", LIST), ("POST", REDRIVE)):
        assert_problem(call(method, path, user="other"), 404, "project-not-found")
        assert_problem(call(method, path, user=None), 401, "not-signed-in")
    assert_problem(call("POST", REDRIVE, {"ids": []}), 400, "invalid-request")
    assert_problem(call("POST", REDRIVE, {"all": True}), 400, "invalid-request")
