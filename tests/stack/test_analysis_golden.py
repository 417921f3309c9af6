"""The examples of the analysis API's reference, in its order of use: same keys in the same order, same texts."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

import jobs_api.handler
from jobmill.errors import ErrorKind
from jobmill.jobs.job import JobError
from tests.stack.analyses import DOWNLOAD, STATS, STATUS, complete, fail, job_of, running, start
from tests.stack.http import Answer, LambdaContext, call
from tests.stack.stream import image, notify, record
from tests.stack.test_handlers import golden

pytestmark = pytest.mark.usefixtures("cloud")

# A text that ends in … stands for any; {} and [] for any object and list.
STARTED = """{
  "success": true,
  "jobId": "job_…",
  "status": "processing",
  "message": "Analysis started. Use the jobId to check progress."
}"""
PROCESSING = """{
  "success": true,
  "jobId": "job_…",
  "status": "processing",
  "progress": 0,
  "message": "Analysis in progress"
}"""
COMPLETED = """{
  "success": true,
  "jobId": "job_…",
  "status": "completed",
  "message": "Analysis completed successfully",
  "downloadUrl": "/api/v1/analysis/download/…",
  "excelFile": "…",
  "dataSource": "…",
  "summary": {},
  "onpageResults": [],
  "keywordMapping": []
}"""
FAILED = """{
  "success": false,
  "jobId": "job_…",
  "status": "failed",
  "error": {
    "message": "…",
    "details": "…"
  }
}"""


def assert_like(found: Any, example: Any) -> None:
    """The same fields in the same order, the same texts and numbers."""
    if isinstance(example, dict) and example:
        assert list(found) == list(example)
        for name in example:
            assert_like(found[name], example[name])
    elif isinstance(example, str) and example.endswith("…"):
        assert isinstance(found, str)
        assert found.startswith(example[:-1])
    elif example in ({}, []):
        assert type(found) is type(example)
    else:
        assert (type(found), found) == (type(example), example)


def status_of(job_id: str) -> Answer:
    answer = call("GET", STATUS + job_id)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    return answer


def started() -> Any:
    """The body of the answer to the golden event of a form, as curl sends it."""
    response = jobs_api.handler.handler(golden("http_api_form"), LambdaContext())
    assert response["statusCode"] == 202
    return json.loads(response["body"])


@pytest.mark.requirement("A1")
@pytest.mark.requirement("A2")
@pytest.mark.requirement("A3")
@pytest.mark.requirement("A4")
@pytest.mark.requirement("A6")
def test_a_file_is_started_polled_completed_and_downloaded() -> None:
    body = started()
    assert_like(body, json.loads(STARTED))
    job_id = body["jobId"]
    assert re.fullmatch(r"job_[0-9]{13}_[a-z0-9]{16}", job_id)

    assert_like(status_of(job_id).body, json.loads(PROCESSING))
    running(job_id)
    assert_like(status_of(job_id).body, json.loads(PROCESSING))

    complete(job_id)
    completed = status_of(job_id).body
    assert_like(completed, json.loads(COMPLETED))
    assert completed["jobId"] == job_id
    assert completed["downloadUrl"] == DOWNLOAD + completed["excelFile"]

    answer = call("GET", completed["downloadUrl"])
    assert answer.status == 302
    file = urlsplit(answer.headers["location"])
    assert file.path.endswith(f"/1-1/{completed['excelFile']}")
    assert f'filename="{completed["excelFile"]}"' in parse_qs(file.query)["response-content-disposition"][0]


@pytest.mark.requirement("A5")
def test_an_analysis_that_failed_is_200_with_message_and_details() -> None:
    job_id = started()["jobId"]
    fail(job_id, JobError("no-known-columns", "No column is known.", details="There are: a, b."))
    body = status_of(job_id).body
    assert_like(body, json.loads(FAILED))
    assert body["error"] == {"message": "No column is known.", "details": "There are: a, b."}


@pytest.mark.requirement("A10")
def test_an_analysis_that_took_too_long_says_so() -> None:
    job_id = started()["jobId"]
    assert job_of(job_id).run_limit == timedelta(minutes=10)
    fail(job_id, JobError("run-limit", "The job worked longer than 600 s.", kind=ErrorKind.TIMEOUT, retryable=True))
    body = status_of(job_id).body
    assert_like(body, json.loads(FAILED))
    assert body["error"] == {"message": "Analysis timeout", "details": "The analysis took too long"}


@pytest.mark.requirement("A12")
def test_the_counts_of_analyses() -> None:
    assert call("GET", STATS).body == {"total": 0, "processing": 0, "completed": 0, "failed": 0}
    ids = [start() for _ in range(4)]
    running(ids[1])
    complete(ids[2])
    fail(ids[3], JobError("broken", "It is broken."))
    notify(*(record(image(job_of(job_id).id)) for job_id in ids))
    counts = call("GET", STATS).body
    assert list(counts) == ["total", "processing", "completed", "failed"]
    assert counts == {"total": 4, "processing": 2, "completed": 1, "failed": 1}
