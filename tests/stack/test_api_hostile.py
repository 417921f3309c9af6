"""Hostile requests: each a problem of the caller's, small, and never a 500."""

import base64
import json
from typing import Any

import pytest

from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.builders import LEASE
from tests.stack.http import Answer, call
from tests.stack.test_api_jobs import import_request
from tests.stack.test_processors import PLAIN, run, run_import

pytestmark = pytest.mark.usefixtures("cloud")


def assert_refused(answer: Answer) -> None:
    assert 400 <= answer.status < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 20_000


def submit_with(params: str) -> Answer:
    return call("POST", "/api/jobs", raw_body='{"type":"Import","projectId":"demo","params":' + params + "}")


@pytest.mark.parametrize(
    "params",
    [
        '{"dataset": NaN}',
        '{"dataset": -Infinity}',
        '{"dataset": 1e999}',
        '{"dataset": ' + "9" * 5000 + "}",
        '{"dataset": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"dataset": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"dataset": "\\ud800"}',
        "{" + ",".join(f'"k{number}": 1' for number in range(5_000)) + "}",
        '{"' + "k" * 60_000 + '": 1}',
    ],
    ids=["nan", "infinity", "overflow", "digits", "deep", "deeper", "half a character", "many keys", "a long key"],
)
def test_parameters_that_are_no_json_or_too_much_of_it_are_refused(params: str) -> None:
    assert_refused(submit_with(params))


@pytest.mark.parametrize("body", [b"\xff\xfe{\x00}\x00", b"{", b"\x00"])
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    assert_refused(call("POST", "/api/jobs", raw_body=base64.b64encode(body).decode(), base64_body=True))
    assert_refused(call("POST", "/api/jobs", raw_body="x", base64_body=True))


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", 'multipart/form-data; boundary=""', "application/x-www-form-urlencoded", "text/csv"],
)
def test_other_content_types_are_415(content_type: str) -> None:
    answer = call("POST", "/api/jobs", raw_body="type=Import", headers={"Content-Type": content_type})
    assert (answer.status, answer.body["code"]) == (415, "unsupported-content-type")


@pytest.mark.parametrize(
    "query",
    [
        "until=1970-01-01T00:00:00Z",
        "until=1900-01-01T00:00:00Z",
        "cursor=MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAw",
    ],
)
def test_odd_times_and_cursors_are_no_500(query: str) -> None:
    answer = call("GET", f"/api/jobs?{query}")
    assert answer.status in (200, 400)


def test_an_edited_retry_of_a_job_without_parameters_works() -> None:
    job = lifecycle().create_job(type="Import", project_id="demo", created_by="u", run_limit=LEASE)
    lifecycle().cancel(job)
    params = import_request()["params"]
    assert call("POST", f"/api/jobs/{job.id}/retry", {"params": params}).status == 202


def test_large_edits_stay_readable_and_do_not_fill_the_row() -> None:
    job = builders.cancelled(builders.queued(text="first"))
    for number in range(8):
        job = lifecycle().retry(job, {"text": str(number) * 60_000})
        job = lifecycle().cancel(job)
    former = [each.params for each in store().get(job.id).former_params]
    assert former == [{"text": "first"}, *({"text": str(number) * 60_000} for number in range(7))]
    assert len(json.dumps(JobRow.get(f"job#{job.id}", "job").to_dynamodb_dict())) < 100_000


def test_an_edit_that_only_looks_equal_is_one() -> None:
    job = builders.cancelled(builders.queued(count=1))
    assert lifecycle().retry(job, {"count": True}).params == {"count": True}


def test_an_error_as_long_as_its_input_is_cut_and_the_job_ends() -> None:
    run_import(PLAIN)
    columns: list[Any] = ["x" * 1000 for _ in range(30)]
    error = run("Export", {"dataset": "places", "columns": columns}).error
    assert error is not None
    assert error.code == "unknown-column"
    assert len(error.message) <= 1000


def test_a_repeat_is_the_same_job_even_when_what_it_names_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    request, key = import_request(), {"Idempotency-Key": "k"}
    first = call("POST", "/api/jobs", request, headers=key).body["id"]
    monkeypatch.setattr("jobmill.projects.uploads.UploadRow.get", None)
    assert call("POST", "/api/jobs", request, headers=key).body["id"] == first


def test_a_repeat_shows_a_large_result_whole() -> None:
    request, key = import_request(), {"Idempotency-Key": "large"}
    job_id = call("POST", "/api/jobs", request, headers=key).body["id"]
    result = {"text": "x" * 70_000}
    store().complete(builders.claim(store().get(job_id)), result=result, reports=(), publication=None, now=now_utc())
    assert call("POST", "/api/jobs", request, headers=key).body["result"] == result
