"""The analysis routes on moto: what polls and downloads give, what is hidden from whom, and counts."""

from datetime import timedelta

import pytest

from jobmill.errors import ErrorKind
from jobmill.jobs.ids import analysis_id
from jobmill.jobs.job import JobError
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.projects.counters import CountsRow
from jobmill.projects.project import project_key
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.analyses import DOWNLOAD, STATS, STATUS, complete, fail, job_of, problem, running, start
from tests.stack.http import Answer, call
from tests.stack.test_api_jobs import UNKNOWN, import_request

pytestmark = pytest.mark.usefixtures("cloud")


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
    fail(late, JobError("machine-timeout", "The job waited too long.", kind=ErrorKind.TIMEOUT))
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
    name = complete(job_id).reports[0].name
    assert call("GET", DOWNLOAD + name).status == 302
    assert call("GET", DOWNLOAD + name, user="viewer").status == 302
    assert call("GET", DOWNLOAD + name, user=None).status == 401
    names = [f"test-{spelled}.xlsx" for spelled in hidden_from_demo()]
    names += [name + "x", name + ".xlsx", f"{job_id}.xlsx", "result.xlsx", "%2e%2e%2f" + name]
    answers = [call("GET", DOWNLOAD + each) for each in names] + [call("GET", DOWNLOAD + name, user="other")]
    assert {answer.status for answer in answers} == {404}
    assert {answer.body["code"] for answer in answers} <= {"job-not-found", "report-not-found", "route-not-found"}
    assert problem(call("GET", DOWNLOAD + name, user="other"))[1] == "job-not-found"


@pytest.mark.requirement("A11")
def test_an_analysis_whose_time_is_over_is_gone_for_those_who_had_it() -> None:
    job_id = start()
    job = complete(job_id)
    builders.row_of(job).update(actions=[JobRow.expires_at.set(now_utc() - timedelta(seconds=1))])
    for path in (STATUS + job_id, DOWNLOAD + job.reports[0].name):
        assert problem(call("GET", path)) == (410, "job-gone", None)
        assert problem(call("GET", path, user="other")) == (404, "job-not-found", None)


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
