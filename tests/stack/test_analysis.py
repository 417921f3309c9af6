"""The analysis routes on moto: whose project, repeats, what is hidden from whom, and what polls and downloads give."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jobmill import aws
from jobmill.jobs.ids import analysis_id
from jobmill.jobs.job import JobError
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.projects.counters import CountsRow
from jobmill.projects.project import project_key
from jobmill.projects.uploads import UploadRow, get_upload
from jobmill.settings import settings
from jobmill.times import now_utc
from tests.forms import CSV, file_part, form, part
from tests.stack import builders
from tests.stack.analyses import DOWNLOAD, STATS, STATUS, complete, fail, job_of, post, problem, running, start
from tests.stack.http import GROUPS, Answer, call
from tests.stack.test_api_jobs import UNKNOWN, import_request, starts

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


# ---- polls


@pytest.mark.requirement("A3")
def test_a_poll_is_told_when_to_come_again_until_the_end() -> None:
    job_id = start()
    answer = call("GET", STATUS + job_id)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert int(answer.headers["retry-after"]) > 0
    complete(job_id)
    assert "retry-after" not in call("GET", STATUS + job_id).headers


@pytest.mark.requirement("A3")
@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"a", {}', '"a",W/{} , "b"', "*"])
def test_a_poll_that_knows_the_answer_gets_304(spelling: str) -> None:
    job_id = start()
    tag = call("GET", STATUS + job_id).headers["etag"]
    known = {"If-None-Match": spelling.format(tag)}
    answer = call("GET", STATUS + job_id, headers=known)
    assert (answer.status, answer.text, answer.headers["etag"]) == (304, "", tag)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "retry-after" in answer.headers


@pytest.mark.requirement("A3")
def test_what_is_new_has_a_new_tag() -> None:
    job_id = start()
    job, tags = running(job_id), [call("GET", STATUS + job_id).headers["etag"]]

    def look() -> Answer:
        answer = call("GET", STATUS + job_id, headers={"If-None-Match": tags[-1]})
        tags.append(answer.headers["etag"])
        return answer

    assert look().status == 304
    store().renew(job, lease=builders.LEASE, progress=40, message="reading", checkpoint=None, now=now_utc())
    assert look().body["progress"] == 40
    complete(job_id)
    assert look().body["status"] == "completed"
    assert call("GET", STATUS + job_id, headers={"If-None-Match": f'"x{tags[-1][1:]}'}).status == 200
    assert call("GET", STATUS + start(), headers={"If-None-Match": tags[0]}).status == 200


@pytest.mark.requirement("A4")
def test_a_result_that_was_cut_says_where_all_of_it_is() -> None:
    job_id = start()
    job = complete(job_id, truncated=True, onpageResults=[{"url": "x" * 1000}] * 500)
    body = call("GET", STATUS + job_id).body
    assert list(body)[-2:] == ["truncated", "resultsUrl"]
    assert body["truncated"] is True
    assert body["resultsUrl"] == f"{DOWNLOAD}test-{job_id}.json"
    assert len(body["onpageResults"]) == 500
    answer = call("GET", body["resultsUrl"])
    assert answer.status == 302
    assert job.reports[1].key in answer.headers["location"]


@pytest.mark.requirement("A5")
def test_an_error_has_details_always_and_a_cancelled_analysis_is_failed() -> None:
    failed, cancelled, late = start(), start(), start()
    fail(failed, JobError("broken", "It is broken."))
    assert call("GET", STATUS + failed).body["error"] == {"message": "It is broken.", "details": "broken"}
    lifecycle().cancel(job_of(cancelled))
    body = call("GET", STATUS + cancelled).body
    assert (body["success"], body["status"]) == (False, "failed")
    assert body["error"] == {
        "message": "Analysis cancelled",
        "details": "The analysis was cancelled before it was done",
    }
    fail(late, JobError("machine-timeout", "The job waited too long."))
    assert call("GET", STATUS + late).body["error"]["message"] == "The job waited too long."


# ---- what is hidden


def hidden_from_demo() -> list[str]:
    """Spellings for which there is nothing to see."""
    foreign = start(user="other")
    job_id = start()
    other_type = analysis_id(call("POST", "/api/jobs", import_request()).body["id"])
    unspelled = job_of(job_id).id
    return [foreign, analysis_id(UNKNOWN), other_type, unspelled, job_id.upper(), job_id + "0", "job_1_a", "job_", "x"]


@pytest.mark.requirement("A3")
def test_what_is_unknown_foreign_malformed_or_of_another_type_is_404_alike() -> None:
    answers = [call("GET", STATUS + spelled) for spelled in hidden_from_demo()]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].body["code"] == "job-not-found"


@pytest.mark.requirement("A6")
def test_a_download_checks_whose_it_is_and_what_it_is_called() -> None:
    job_id = start()
    name = call("GET", STATUS + job_id).body and complete(job_id).reports[0].name
    assert call("GET", DOWNLOAD + name).status == 302
    assert call("GET", DOWNLOAD + name, user="viewer").status == 302
    assert call("GET", DOWNLOAD + name, user=None).status == 401
    names = [f"test-{spelled}.xlsx" for spelled in hidden_from_demo()]
    names += [name + "x", name + ".xlsx", f"{job_id}.xlsx", "result.xlsx", "%2e%2e%2f" + name]
    answers = [call("GET", DOWNLOAD + each) for each in names] + [call("GET", DOWNLOAD + name, user="other")]
    assert {answer.status for answer in answers} == {404}
    assert {answer.body["code"] for answer in answers} <= {"job-not-found", "report-not-found"}
    assert problem(call("GET", DOWNLOAD + name, user="other"))[1] == "job-not-found"


@pytest.mark.requirement("A6")
def test_two_analyses_of_one_file_have_files_of_their_own() -> None:
    ids = [start(), start()]
    names = [complete(job_id).reports[0].name for job_id in ids]
    places = [call("GET", DOWNLOAD + name).headers["location"] for name in names]
    for job_id, place in zip(ids, places, strict=True):
        assert job_of(job_id).id in place


# ---- counts


@pytest.mark.requirement("A12")
def test_counts_are_of_all_the_caller_s_projects_or_of_one() -> None:
    CountsRow(project_key("demo"), "counts#Analysis", queued=1, running=2, completed=3, failed=4, cancelled=5).save()
    CountsRow(project_key("other"), "counts#Analysis", completed=10).save()
    CountsRow(project_key("demo"), "counts#Import", completed=100).save()
    of_demo = {"total": 15, "processing": 3, "completed": 3, "failed": 9}
    assert call("GET", STATS).body == of_demo
    assert call("GET", STATS, user="both").body == {"total": 25, "processing": 3, "completed": 13, "failed": 9}
    assert call("GET", STATS + "?projectId=demo", user="both").body == of_demo
    assert call("GET", STATS + "?projectId=demo", user="admin").body == of_demo
    assert call("GET", STATS, user="nobody").body["total"] == 0
    assert problem(call("GET", STATS + "?projectId=other")) == (404, "project-not-found", "projectId")
    assert problem(call("GET", STATS, user="admin")) == (400, "project-required", "projectId")
