"""Many jobs in one request: each has an outcome of its own."""

import boto3
import pytest

from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.settings import settings
from jobmill.times import iso
from tests.stack import builders
from tests.stack.http import call
from tests.stack.test_api_bad_input import assert_problem
from tests.stack.test_api_jobs import UNKNOWN, starts

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("J22")]


def outcomes(answer: object) -> list[tuple[str, str, str | None]]:
    assert answer.status == 200, answer.text
    return [(each["id"], each["outcome"], each.get("errorCode")) for each in answer.body["outcomes"]]


def test_each_cancel_has_its_outcome_in_the_order_asked_for_and_disturbs_no_other() -> None:
    by_status = {status: builders.in_status(status).id for status in Status}
    foreign = builders.queued(project_id="elsewhere").id
    ids = [UNKNOWN, by_status[Status.COMPLETED], by_status[Status.QUEUED], foreign, "x", by_status[Status.FAILED]]
    ids += [by_status[Status.RUNNING], by_status[Status.CANCELLED]]
    answer = call("POST", "/api/jobs/cancel", {"ids": ids})
    assert outcomes(answer) == [
        (UNKNOWN, "refused", "job-not-found"),
        (by_status[Status.COMPLETED], "refused", "not-cancellable"),
        (by_status[Status.QUEUED], "cancelled", None),
        (foreign, "refused", "job-not-found"),
        ("x", "refused", "job-not-found"),
        (by_status[Status.FAILED], "refused", "not-cancellable"),
        (by_status[Status.RUNNING], "cancelled", None),
        (by_status[Status.CANCELLED], "cancelled", None),
    ]
    assert answer.body["outcomes"][2] == {"id": ids[2], "outcome": "cancelled", "status": "Cancelled"}
    assert answer.body["outcomes"][0]["error"] == "There is no such job."
    assert "next" not in answer.body
    assert store().get(foreign).status is Status.QUEUED


@pytest.mark.requirement("J8")
def test_a_cancel_of_many_is_final_for_each() -> None:
    jobs = [builders.running() for _ in range(3)]
    call("POST", "/api/jobs/cancel", {"ids": [job.id for job in jobs]})
    for job in jobs:
        with pytest.raises(Exception, match="Cancelled"):
            store().complete(job, result={}, reports=(), publication=None, now=job.created_at)


def test_each_retry_has_its_outcome_and_is_started() -> None:
    failed, cancelled, running = builders.failed().id, builders.cancelled().id, builders.running().id
    starts()
    answer = call("POST", "/api/jobs/retry", {"ids": [failed, running, cancelled]})
    assert outcomes(answer) == [
        (failed, "queued", None),
        (running, "refused", "not-retryable"),
        (cancelled, "queued", None),
    ]
    assert {(start["job_id"], start["run"]) for start in starts()} == {(failed, 2), (cancelled, 2)}
    assert call("GET", f"/api/jobs/{failed}/events").body[-1]["by"] == "Demo"
    assert answer.body["outcomes"][0]["status"] == "Queued"


def test_a_reader_of_one_project_is_refused_its_jobs_only() -> None:
    mine, foreign = builders.queued().id, builders.queued(project_id="other").id
    answer = call("POST", "/api/jobs/cancel", {"ids": [foreign, mine]}, user="both")
    assert outcomes(answer) == [(foreign, "refused", "read-only"), (mine, "cancelled", None)]


def test_a_job_that_the_store_does_not_answer_for_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [builders.queued() for _ in range(2)]
    client = boto3.client("dynamodb")
    client.put_item(TableName=settings().table, Item={"pk": {"S": f"job#{jobs[0].id}"}, "sk": {"S": "job"}})
    answer = call("POST", "/api/jobs/cancel", {"ids": [job.id for job in jobs]})
    assert outcomes(answer) == [(jobs[0].id, "refused", "internal-error"), (jobs[1].id, "cancelled", None)]


def test_a_filter_takes_what_can_be_changed_newest_first_and_page_after_page() -> None:
    waiting = [builders.queued(type=type) for type in ("Import", "Export", "Import")]
    active = [*waiting, builders.running()]
    others = [builders.completed(), builders.failed(), builders.queued(project_id="other")]
    found, body = [], {"filter": {"projectId": "demo"}, "limit": 3}
    for left in (1, 0):
        answer = call("POST", "/api/jobs/cancel", body)
        found += outcomes(answer)
        assert ("next" in answer.body) == bool(left)
        body["cursor"] = answer.body.get("next")
    assert found == [(job.id, "cancelled", None) for job in reversed(active)]
    assert [store().get(job.id).status for job in others] == [job.status for job in others]


def test_a_filter_goes_by_status_type_and_time() -> None:
    failed, cancelled, export = builders.failed(), builders.cancelled(), builders.cancelled(type="Export")
    for changes, expected in (
        ({"status": "Failed"}, [failed]),
        ({"type": "Export"}, [export]),
        ({"until": iso(cancelled.created_at), "from": iso(cancelled.created_at)}, []),
        ({"status": "Cancelled", "until": iso(export.created_at)}, [cancelled]),
    ):
        answer = call("POST", "/api/jobs/retry", {"filter": {"projectId": "demo"} | changes})
        assert outcomes(answer) == [(job.id, "queued", None) for job in expected]


def test_two_hundred_jobs_are_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs_api.routes.changes.BULK_SECONDS", 600)  # however slow the machine is
    ids = [builders.queued().id for _ in range(200)]
    assert {outcome for _, outcome, _ in outcomes(call("POST", "/api/jobs/cancel", {"ids": ids}))} == {"cancelled"}


MANY = [f"id-{number}" for number in range(201)]
WRONG = {
    "nothing": ({}, "invalid-request", "body"),
    "both": ({"ids": [UNKNOWN], "filter": {"projectId": "demo"}}, "invalid-request", "body"),
    "no id": ({"ids": []}, "invalid-request", "ids"),
    "201 ids": ({"ids": MANY}, "invalid-request", "ids"),
    "an id twice": ({"ids": [UNKNOWN, UNKNOWN]}, "invalid-request", "ids"),
    "an id that is none": ({"ids": [5]}, "invalid-request", "ids.0"),
    "an unknown field": ({"ids": [UNKNOWN], "force": True}, "invalid-request", "force"),
    "a limit of ids": ({"ids": [UNKNOWN], "limit": 5}, "invalid-request", "limit"),
    "no project": ({"filter": {}}, "invalid-request", "filter.projectId"),
    "a limit of 0": ({"filter": {"projectId": "demo"}, "limit": 0}, "invalid-request", "limit"),
    "a limit of 201": ({"filter": {"projectId": "demo"}, "limit": 201}, "invalid-request", "limit"),
    "a status that is none": ({"filter": {"projectId": "demo", "status": "x"}}, "invalid-request", "filter.status"),
    "a naive time": (
        {"filter": {"projectId": "demo", "from": "2026-01-01T00:00:00"}},
        "invalid-request",
        "filter.from",
    ),
    "an unknown type": ({"filter": {"projectId": "demo", "type": "x"}}, "unknown-type", "filter.type"),
    "a foreign cursor": ({"filter": {"projectId": "demo"}, "cursor": "x"}, "bad-cursor", "cursor"),
}


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_a_wrong_request_is_400_and_names_the_field(action: str, case: str) -> None:
    body, code, field = WRONG[case]
    answer = call("POST", f"/api/jobs/{action}", body)
    assert_problem(answer, 400, code)
    assert field in [error["field"] for error in answer.body["errors"]]


@pytest.mark.parametrize(
    ("action", "status"),
    [("cancel", "Completed"), ("cancel", "Failed"), ("retry", "Queued"), ("retry", "Completed")],
)
def test_a_status_that_the_operation_cannot_change_is_400(action: str, status: str) -> None:
    answer = call("POST", f"/api/jobs/{action}", {"filter": {"projectId": "demo", "status": status}})
    assert_problem(answer, 400, "invalid-request")
    assert answer.body["errors"][0]["field"] == "filter.status"


def test_a_filter_is_of_a_project_that_the_caller_may_change() -> None:
    body = {"filter": {"projectId": "demo"}}
    assert_problem(call("POST", "/api/jobs/cancel", body, user="viewer"), 403, "read-only")
    assert_problem(call("POST", "/api/jobs/cancel", body, user="other"), 404, "project-not-found")
    assert_problem(call("POST", "/api/jobs/cancel", body, user=None), 401, "not-signed-in")


def test_jobs_whose_turn_does_not_come_in_time_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs_api.routes.changes.BULK_SECONDS", -1)
    job = builders.queued()
    (outcome,) = call("POST", "/api/jobs/cancel", {"ids": [job.id]}).body["outcomes"]
    assert (outcome["outcome"], outcome["errorCode"]) == ("refused", "not-tried")
    assert store().get(job.id).status is Status.QUEUED
