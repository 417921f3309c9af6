"""Starting an analysis by a form, on moto: the upload and the job, whose project it is, and repeats."""

from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jobmill import aws
from jobmill.errors import Unprocessable
from jobmill.jobs.status import Status
from jobmill.processors import job_types
from jobmill.projects.counters import CountsRow
from jobmill.projects.project import project_key
from jobmill.projects.uploads import UploadRow, get_upload
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.forms import CSV, file_part, form, part
from tests.stack.analyses import STATUS, complete, job_of, post, problem, start
from tests.stack.http import GROUPS, call
from tests.stack.test_api_jobs import starts

pytestmark = pytest.mark.usefixtures("cloud")


def uploads() -> list[str]:
    """The keys of all uploaded files."""
    listed = boto3.client("s3").list_objects_v2(Bucket=settings().uploads_bucket)
    return [each["Key"] for each in listed.get("Contents", [])]


@pytest.mark.requirement("A1")
@pytest.mark.requirement("A2")
@pytest.mark.requirement("A15")
def test_the_file_becomes_an_upload_and_the_job_is_started() -> None:
    content = bytes(range(256))
    answer = post(form(file_part(content, "Städte.xlsx"), part("filterOption", "recommended")))
    assert answer.status == 202
    assert answer.headers["location"] == "https://jobs.example.com" + STATUS + answer.body["jobId"]
    assert int(answer.headers["retry-after"]) > 0
    job = job_of(answer.body["jobId"])
    assert (job.type, job.project_id, job.status, job.created_by) == ("Analysis", "demo", Status.QUEUED, "id-of-demo")
    params: Any = job.params
    assert params["filterOption"] == "recommended"
    upload = get_upload(params["uploadId"], "demo", now_utc())
    assert (upload.filename, upload.size_bytes, upload.content_type) == ("Städte.xlsx", 256, "text/csv")
    kept = boto3.client("s3").get_object(Bucket=settings().uploads_bucket, Key=upload.key)
    assert (kept["Body"].read(), kept["ContentType"]) == (content, "text/csv")
    assert starts() == [{"job_id": job.id, "run": 1, "project_id": "demo", "type": "Analysis"}]


@pytest.mark.parametrize("content_type", ["nonsense", "a/" + "x" * 100, "text/ csv"])
def test_an_odd_content_type_of_a_file_is_not_kept(content_type: str) -> None:
    params: Any = job_of(start(file_part(CSV, "a.csv", f"Content-Type: {content_type}"))).params
    assert get_upload(params["uploadId"], "demo", now_utc()).content_type == "application/octet-stream"


@pytest.mark.requirement("A1")
def test_without_a_filter_option_everything_is_wanted_and_others_are_refused() -> None:
    params: Any = job_of(start(file_part())).params
    assert params["filterOption"] == "all"
    for value in ("some", "", "All"):
        assert problem(post(form(file_part(), part("filterOption", value)))) == (400, "invalid-request", "filterOption")


def test_a_job_of_this_surface_is_one_of_the_other() -> None:
    job = job_of(start())
    assert call("GET", f"/api/jobs/{job.id}").body["type"] == "Analysis"
    assert [each["id"] for each in call("GET", "/api/jobs?type=Analysis").body] == [job.id]


def test_the_upload_lives_as_long_as_any() -> None:
    params: Any = job_of(start()).params
    row = UploadRow.get(f"upload#{params['uploadId']}", "upload")
    assert row.expires_at - now_utc() > settings().upload_retention * 0.99


# ---- whose project


def test_the_project_is_the_only_one_that_the_caller_may_change() -> None:
    assert job_of(start(user="both")).project_id == "demo"


def test_a_caller_of_several_projects_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROUPS, "several", "[b:writer a:writer c:reader]")
    answer = post(form(file_part()), user="several")
    assert problem(answer) == (400, "project-required", "projectId")
    assert "one of: a, b." in answer.body["detail"]
    assert job_of(start(file_part(), part("projectId", "b"), user="several")).project_id == "b"


def test_who_may_change_no_project_is_refused_and_keeps_no_file() -> None:
    assert problem(post(form(file_part()), user="viewer")) == (403, "read-only", None)
    assert problem(post(form(file_part()), user="nobody")) == (403, "read-only", None)
    assert problem(post(form(file_part(), part("projectId", "demo")), user="viewer")) == (403, "read-only", None)
    assert problem(post(form(file_part(), part("projectId", "other")))) == (404, "project-not-found", "projectId")
    assert problem(post(form(file_part()), user="admin")) == (400, "project-required", "projectId")
    assert problem(post(form(file_part()), user=None)) == (401, "not-signed-in", None)
    assert uploads() == []


def test_a_project_with_too_many_waiting_jobs_takes_no_file() -> None:
    CountsRow(project_key("demo"), "counts#Import", queued=10_000).save()
    assert problem(post(form(file_part()))) == (429, "too-many-waiting", None)
    assert uploads() == []


# ---- repeats


def test_a_repeat_with_the_same_key_is_the_same_job_whatever_the_boundary() -> None:
    first = start(file_part(), Idempotency_Key="k")
    again = post(
        form(part("filterOption", "all"), file_part(), boundary="other"),
        content_type="multipart/form-data; boundary=other",
        Idempotency_Key="k",
    )
    assert (again.status, again.body["jobId"]) == (202, first)
    assert len(uploads()) == 1
    complete(first)
    answer = post(form(file_part()), Idempotency_Key="k")
    assert (answer.status, answer.body["jobId"], answer.body["status"]) == (202, first, "processing")


@pytest.mark.parametrize(
    "parts",
    [
        (file_part(CSV + b"x"),),
        (file_part(CSV, "other.csv"),),
        (file_part(), part("filterOption", "recommended")),
        (file_part(), part("projectId", "other")),
    ],
    ids=["content", "name", "option", "project"],
)
def test_a_key_of_another_form_is_refused(parts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROUPS, "demo", "[demo:writer]")
    start(file_part(), Idempotency_Key="k")
    monkeypatch.setitem(GROUPS, "demo", "[demo:writer other:writer]")
    if parts[-1].content != b"other":
        parts = (*parts, part("projectId", "demo"))
    answer = post(form(*parts), Idempotency_Key="k")
    assert problem(answer) == (422, "idempotency-key-reused", "Idempotency-Key")


def test_without_a_key_and_for_another_caller_it_is_another_job() -> None:
    ids = {start(), start(), start(Idempotency_Key="k"), start(user="other", Idempotency_Key="k")}
    assert len(ids) == 4


def test_a_submit_that_broke_off_is_finished_by_its_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    with monkeypatch.context() as broken:
        broken.setattr(aws.s3(), "put_object", away)
        assert problem(post(form(file_part()), Idempotency_Key="k")) == (503, "unavailable", None)
    params: Any = job_of(start(file_part(), Idempotency_Key="k")).params
    (key,) = uploads()
    assert params["uploadId"] in key


def test_the_job_type_s_own_check_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise Unprocessable("not-today", "Not today.")

    monkeypatch.setitem(job_types(), "Analysis", replace(job_types()["Analysis"], check=refuse))
    assert problem(post(form(file_part()))) == (422, "not-today", None)
