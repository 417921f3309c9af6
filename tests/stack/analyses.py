"""Analyses as the tests need them: started by a form, ended by the store with a result of the real shape."""

import base64
from typing import Any

from jobmill.jobs.ids import analysis_id, from_analysis_id
from jobmill.jobs.job import Job, JobError, StoredReport
from jobmill.jobs.services import store
from jobmill.jobs.status import FAIL, Status
from jobmill.times import now_utc
from tests.forms import CONTENT_TYPE, Part, file_part, form, part
from tests.stack import builders
from tests.stack.http import Answer, call

START = "/api/v1/analysis/analyze-file"
STATUS = "/api/v1/analysis/job/"
DOWNLOAD = "/api/v1/analysis/download/"
STATS = "/api/v1/analysis/stats"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def post(body: bytes, *, content_type: str = CONTENT_TYPE, user: str | None = "demo", **headers: str) -> Answer:
    """POST the body of a form; `headers` with _ for -."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": content_type}
    text = base64.b64encode(body).decode()
    return call("POST", START, raw_body=text, base64_body=True, user=user, headers=sent)


def start(*parts: Part, user: str = "demo", **headers: str) -> str:
    """Start an analysis by a form of these parts; gives its id, in this surface's spelling."""
    answer = post(form(*(parts or (file_part(), part("filterOption", "all")))), user=user, **headers)
    assert answer.status == 202, answer.text
    job_id: str = answer.body["jobId"]
    return job_id


def job_of(spelled: str) -> Job:
    """The job behind a spelling."""
    job_id = from_analysis_id(spelled)
    assert job_id is not None
    return store().get(job_id)


def running(spelled: str) -> Job:
    """The job in the hands of a worker."""
    job = job_of(spelled)
    return job if job.status is Status.RUNNING else builders.running(job)


def result_of(job: Job, **changes: Any) -> dict[str, Any]:
    """What the processor of analyses gives."""
    stem = f"test-{analysis_id(job.id)}"
    return {
        "dataSource": "test.csv: 2 pages",
        "excelFile": f"{stem}.xlsx",
        "resultsFile": f"{stem}.json",
        "summary": {"pages": 2, "keywords": 1},
        "onpageResults": [{"url": "https://shop.example.com/", "issues": []}],
        "keywordMapping": [{"keyword": "shop", "page": "https://shop.example.com/"}],
        "truncated": False,
    } | changes


def complete(spelled: str, **changes: Any) -> Job:
    """Complete the job with such a result and its two files."""
    job = running(spelled)
    result = result_of(job, **changes)
    files = tuple(
        StoredReport(name, f"exports/analyses/{job.id}/1-1/{name}", content_type, 5, "0" * 64)
        for name, content_type in ((result["excelFile"], XLSX), (result["resultsFile"], "application/json"))
    )
    store().complete(job, result=result, reports=files, publication=None, now=now_utc())
    return store().get(job.id)


def fail(spelled: str, error: JobError) -> Job:
    """Fail the job."""
    return store().fail(FAIL, running(spelled), error, now_utc())


def problem(answer: Answer) -> tuple[int, str, str | None]:
    """Status, code and first field of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    errors = answer.body.get("errors")
    return answer.status, answer.body["code"], errors[0]["field"] if errors else None
