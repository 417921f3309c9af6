"""The jobs routes, on moto: shapes, rights, and what each status allows."""

import json
from datetime import datetime, timedelta

import boto3
import pytest

from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.settings import settings
from tests.stack import builders
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")

UNKNOWN = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"


def import_request(**changes: object) -> dict[str, object]:
    upload = call(
        "POST",
        "/api/uploads",
        {"projectId": "demo", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3},
    )
    params = {"uploadId": upload.body["uploadId"], "dataset": "airports"}
    return {"type": "Import", "projectId": "demo", "params": params} | changes


def starts() -> list[dict[str, object]]:
    queue = settings().starts_queue_url
    answer = boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


@pytest.mark.requirement("J20")
@pytest.mark.requirement("J13")
@pytest.mark.requirement("C3")
def test_a_submit_answers_202_with_id_and_status_and_sends_the_start() -> None:
    answer = call("POST", "/api/jobs", import_request())
    assert answer.status == 202
    assert answer.body["status"] == "Queued"
    assert answer.body["progress"] == 0
    assert answer.headers["location"] == f"https://jobs.example.com/api/jobs/{answer.body['id']}"
    assert int(answer.headers["retry-after"]) > 0
    assert starts() == [{"job_id": answer.body["id"], "run": 1, "project_id": "demo", "type": "Import"}]


def test_a_job_shows_its_fields_and_leaves_out_what_has_no_value() -> None:
    job_id = call("POST", "/api/jobs", import_request()).body["id"]
    body = call("GET", f"/api/jobs/{job_id}").body
    assert set(body) == {
        "id", "type", "projectId", "projectName", "status", "progress", "createdAt", "updatedAt",
        "createdBy", "createdByName", "run", "attempt", "params", "reports",
    }  # fmt: skip
    assert body["params"]["dataset"] == "airports"
    assert body["createdByName"] == "Demo"
    assert body["createdAt"].endswith("Z")


@pytest.mark.requirement("J5")
def test_a_finished_job_adds_result_and_completed_at() -> None:
    body = call("GET", f"/api/jobs/{builders.completed().id}").body
    assert body["status"] == "Completed"
    assert body["progress"] == 100
    assert body["result"] == {"recordsProcessed": 1}
    assert body["startedAt"] <= body["completedAt"]


@pytest.mark.requirement("A11")
@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED, Status.CANCELLED])
def test_an_ended_job_tells_when_it_will_be_deleted(status: Status) -> None:
    body = call("GET", f"/api/jobs/{builders.in_status(status).id}").body
    ended_at, expires_at = (datetime.fromisoformat(body[name]) for name in ("completedAt", "expiresAt"))
    assert abs(ended_at + timedelta(days=30) - expires_at) <= timedelta(seconds=1)


def test_a_job_that_is_retried_tells_no_time_of_its_deletion() -> None:
    address = f"/api/jobs/{builders.failed().id}"
    assert "expiresAt" in call("GET", address).body
    call("POST", f"{address}/retry")
    assert "expiresAt" not in call("GET", address).body


@pytest.mark.requirement("J13")
def test_a_failed_job_tells_its_error() -> None:
    body = call("GET", f"/api/jobs/{builders.failed().id}").body
    assert (body["status"], body["error"], body["errorCode"]) == ("Failed", "It is broken.", "broken")
    assert body["errorKind"] == "internal"
    assert body["retryable"] is False


@pytest.mark.requirement("J5")
@pytest.mark.parametrize("address", ["", "/attempts", "/reports/x.xlsx"])
def test_unknown_foreign_and_malformed_ids_are_the_same_404(address: str) -> None:
    foreign = builders.queued(project_id="other").id
    answers = [call("GET", f"/api/jobs/{job_id}{address}") for job_id in (UNKNOWN, foreign, "x", UNKNOWN.upper())]
    assert {(answer.status, answer.text) for answer in answers} == {(404, answers[0].text)}
    assert answers[0].body["code"] == "job-not-found"


@pytest.mark.requirement("A11")
@pytest.mark.parametrize("address", ["", "/attempts", "/reports/x.xlsx"])
def test_a_job_whose_time_is_over_is_gone_for_its_project_and_unknown_to_others(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOB_RETENTION_DAYS", "0")
    settings.cache_clear()
    store.cache_clear()
    expired = f"/api/jobs/{builders.completed().id}{address}"
    answers = [call("GET", expired, user=user) for user in ("demo", "other")]
    assert [(each.status, each.body["code"]) for each in answers] == [(410, "job-gone"), (404, "job-not-found")]


@pytest.mark.requirement("J8")
@pytest.mark.requirement("J13")
@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING])
def test_cancel_ends_a_job_that_is_under_way_and_repeats_the_same_answer(status: Status) -> None:
    job = builders.in_status(status)
    first, second = (call("POST", f"/api/jobs/{job.id}/cancel") for _ in range(2))
    assert first.status == 200
    assert first.body == {"id": job.id, "status": "Cancelled", "completedAt": first.body["completedAt"]}
    assert second.body == first.body


@pytest.mark.requirement("J8")
@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_cancel_of_an_ended_job_is_409_and_names_its_status(status: Status) -> None:
    answer = call("POST", f"/api/jobs/{builders.in_status(status).id}/cancel")
    assert (answer.status, answer.body["code"]) == (409, "not-cancellable")
    assert status in answer.body["detail"]


@pytest.mark.requirement("J9")
@pytest.mark.requirement("J13")
@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED])
def test_retry_queues_the_next_run_and_shows_the_nulls(status: Status) -> None:
    job = builders.in_status(status)
    starts()
    answer = call("POST", f"/api/jobs/{job.id}/retry")
    assert answer.status == 202
    assert answer.body == {
        "id": job.id, "status": "Queued", "progress": 0, "error": None, "startedAt": None, "completedAt": None,
    }  # fmt: skip
    assert [start["run"] for start in starts()] == [2]


@pytest.mark.requirement("J9")
@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.COMPLETED])
def test_retry_in_any_other_status_is_409(status: Status) -> None:
    answer = call("POST", f"/api/jobs/{builders.in_status(status).id}/retry")
    assert (answer.status, answer.body["code"]) == (409, "not-retryable")


@pytest.mark.requirement("J9")
def test_old_attempts_stay_readable_after_a_retry_with_edited_params() -> None:
    request = import_request()
    job_id = call("POST", "/api/jobs", request).body["id"]
    builders.failed(store().get(job_id))
    edited = request["params"] | {"dataset": "elsewhere"}
    assert call("POST", f"/api/jobs/{job_id}/retry", {"params": edited}).status == 202
    assert call("GET", f"/api/jobs/{job_id}").body["params"]["dataset"] == "elsewhere"
    (attempt,) = call("GET", f"/api/jobs/{job_id}/attempts").body
    assert (attempt["run"], attempt["outcome"], attempt["errorCode"]) == (1, "failed", "broken")
    assert attempt["params"]["dataset"] == "airports"


def test_edited_params_are_checked_like_new_ones() -> None:
    job_id = call("POST", "/api/jobs", import_request()).body["id"]
    call("POST", f"/api/jobs/{job_id}/cancel")
    answer = call("POST", f"/api/jobs/{job_id}/retry", {"params": {"dataset": "x"}})
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "params.uploadId")
    assert call("GET", f"/api/jobs/{job_id}").body["status"] == "Cancelled"


@pytest.mark.parametrize("action", ["cancel", "retry"])
def test_a_reader_may_look_and_not_touch(action: str) -> None:
    job = builders.queued()
    assert call("GET", f"/api/jobs/{job.id}", user="viewer").status == 200
    answer = call("POST", f"/api/jobs/{job.id}/{action}", user="viewer")
    assert (answer.status, answer.body["code"]) == (403, "read-only")
    assert call("POST", f"/api/jobs/{job.id}/{action}", user="other").status == 404


@pytest.mark.requirement("J20")
def test_a_repeat_with_the_same_key_is_one_job_and_another_body_is_422() -> None:
    request, key = import_request(), {"Idempotency-Key": "k1"}
    first, second = (call("POST", "/api/jobs", request, headers=key) for _ in range(2))
    assert first.body["id"] == second.body["id"]
    assert {start["job_id"] for start in starts()} == {first.body["id"]}
    other = call("POST", "/api/jobs", request | {"options": {"runLimitSeconds": 5}}, headers=key)
    assert (other.status, other.body["code"]) == (422, "idempotency-key-reused")
    assert call("POST", "/api/jobs", request).body["id"] != first.body["id"]


def test_a_submit_is_accepted_while_sqs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    request = import_request()
    monkeypatch.setenv("STARTS_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/123456789012/gone")
    settings.cache_clear()
    answer = call("POST", "/api/jobs", request)
    assert answer.status == 202
    assert call("GET", f"/api/jobs/{answer.body['id']}").body["status"] == "Queued"
