"""Lists, counts and projects."""

from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from jobmill.jobs.operations import complete_job, create_job
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import Status
from jobmill.times import iso
from tests.stack import builders
from tests.stack.http import Answer, call

pytestmark = pytest.mark.usefixtures("cloud")


def ids(answer: Answer) -> list[str]:
    return [job["id"] for job in answer.body]


def pages(path: str, user: str = "demo") -> list[list[str]]:
    found = []
    while path:
        answer = call("GET", path, user=user)
        found.append(ids(answer))
        link = answer.headers.get("link", "")
        parts = urlsplit(link.partition("<")[2].partition(">")[0])
        path = f"{parts.path}?{parts.query}" if link else ""
    return found


@pytest.mark.requirement("J3")
def test_a_list_is_a_bare_array_newest_first_with_the_seed_s_fields() -> None:
    jobs = [builders.queued() for _ in range(3)]
    builders.running(jobs[2])
    answer = call("GET", "/api/jobs")
    assert ids(answer) == [job.id for job in reversed(jobs)]
    assert set(answer.body[1]) == {
        "id", "type", "projectId", "projectName", "status", "progress", "createdAt", "createdBy", "createdByName",
    }  # fmt: skip
    assert set(answer.body[0]) - set(answer.body[1]) == {"startedAt"}


@pytest.mark.requirement("J3")
def test_a_list_holds_only_the_caller_s_projects() -> None:
    mine, foreign = builders.queued(), builders.queued(project_id="other")
    assert ids(call("GET", "/api/jobs")) == [mine.id]
    assert ids(call("GET", "/api/jobs", user="both")) == [foreign.id, mine.id]
    assert ids(call("GET", "/api/jobs", user="nobody")) == []


@pytest.mark.requirement("J3")
@pytest.mark.parametrize("query", ["", "&status=Queued", "&type=Import"])
def test_pages_hold_every_job_once(query: str) -> None:
    jobs = [builders.queued(project_id=project) for project in ("demo", "other") * 5]
    found = pages(f"/api/jobs?limit=3{query}", user="both")
    assert sum(found, []) == [job.id for job in reversed(jobs)]
    assert [len(page) for page in found] == [3, 3, 3, 1]


@pytest.mark.requirement("J4")
def test_a_list_filters_by_status_type_and_time() -> None:
    by_status = {status: builders.in_status(status).id for status in Status}
    export = builders.queued(type="Export")
    for status, job_id in by_status.items():
        found = ids(call("GET", f"/api/jobs?status={status}&type=Import"))
        assert found == [job_id]
    assert ids(call("GET", "/api/jobs?type=Export")) == [export.id]
    assert ids(call("GET", "/api/jobs?status=Queued")) == [export.id, by_status[Status.QUEUED]]
    start, end = quote(iso(export.created_at)), quote(iso(export.created_at + timedelta(seconds=1)))
    assert ids(call("GET", f"/api/jobs?from={start}&until={end}"))[0] == export.id
    assert export.id not in ids(call("GET", f"/api/jobs?until={start}"))
    assert ids(call("GET", f"/api/jobs?from={end}")) == []


@pytest.mark.requirement("J4")
def test_an_admin_names_the_project() -> None:
    job = builders.queued()
    assert call("GET", "/api/jobs", user="admin").body["code"] == "project-required"
    assert ids(call("GET", "/api/jobs?projectId=demo", user="admin")) == [job.id]


@pytest.mark.requirement("J6")
def test_the_jobs_of_a_project_come_newest_first_in_pages() -> None:
    jobs = [builders.queued() for _ in range(5)]
    builders.queued(project_id="other")
    found = pages("/api/jobs/projects/demo?limit=2", user="viewer")
    assert sum(found, []) == [job.id for job in reversed(jobs)]


def test_jobs_past_their_expiry_are_in_no_list() -> None:
    job = builders.completed()
    row = JobRow.get(f"job#{job.id}", "job")
    row.update([JobRow.expires_at.set(job.created_at - timedelta(days=1))])
    assert ids(call("GET", "/api/jobs")) == []


def test_a_list_never_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    builders.queued()
    monkeypatch.setattr(JobRow, "scan", None)
    for query in ("", "?status=Queued", "?type=Import", "?status=Queued&type=Export"):
        assert call("GET", f"/api/jobs{query}").status == 200


def test_a_project_has_a_name_and_settings_that_only_an_admin_writes() -> None:
    unnamed = {"id": "demo", "name": "demo", "settings": {"datasetVersionsKept": 10}}
    assert call("GET", "/api/projects/demo", user="viewer").body == unnamed
    wanted = {"name": "Plant A", "settings": {"datasetVersionsKept": 3}}
    assert call("PUT", "/api/projects/demo", wanted).status == 403
    assert call("PUT", "/api/projects/demo", wanted, user="other").status == 404
    answer = call("PUT", "/api/projects/demo", wanted, user="admin")
    assert answer.body == {"id": "demo"} | wanted
    assert call("GET", "/api/projects/demo").body == answer.body
    builders.queued()
    assert call("GET", "/api/jobs").body[0]["projectName"] == "Plant A"


@pytest.mark.parametrize(
    "wanted",
    [{}, {"name": ""}, {"name": "x", "settings": {"datasetVersionsKept": 0}}, {"name": "x", "owner": "y"}],
)
def test_a_wrong_project_is_400(wanted: dict[str, object]) -> None:
    answer = call("PUT", "/api/projects/demo", wanted, user="admin")
    assert (answer.status, answer.body["code"]) == (400, "invalid-request")


@pytest.mark.parametrize("status", ["Running", "Completed"])
def test_custom_jobs_are_listed_by_status_like_all_others(status: str) -> None:
    running, done = (create_job(project_id="demo", created_by="x") for _ in range(2))
    complete_job(done.id, {})
    wanted = {"Running": running.id, "Completed": done.id}[status]
    assert [job["id"] for job in call("GET", f"/api/jobs?status={status}").body] == [wanted]
    assert [job["id"] for job in call("GET", f"/api/jobs?type=Custom&status={status}").body] == [wanted]
