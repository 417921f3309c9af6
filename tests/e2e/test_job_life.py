"""Submit, cancel, retry, and who may: by the public API, with real tokens."""

from pathlib import Path

import pytest
import requests

from jobmill_client import ApiProblem, Client, NotAuthorized
from jobmill_local.stack import Stack
from tests.e2e.jobs import LARGE_ROWS, import_params, wait_for_progress


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


def small_file(folder: Path) -> Path:
    path = folder / "small.csv"
    path.write_text("code,name\n007,Oslo\n008,Bergen\n")
    return path


@pytest.mark.requirement("J13")
@pytest.mark.requirement("J8")
@pytest.mark.requirement("J9")
def test_a_running_job_is_cancelled_for_good_and_a_retry_completes_it(client: Client, large_file: Path) -> None:
    params = import_params(client, large_file, "e2e-large")
    job = client.submit("Import", params, project_id="demo")
    assert job.status == "Queued"
    assert wait_for_progress(client, job.id).status == "Running"
    assert client.cancel(job.id).status == "Cancelled"
    assert client.cancel(job.id).status == "Cancelled"
    with pytest.raises(ApiProblem) as refused:
        client.submit("Export", {"dataset": "e2e-large"}, project_id="demo")
    assert refused.value.code == "dataset-not-found"
    assert client.retry(job.id).status == "Queued"
    ended = client.wait(job.id, timeout=180)
    assert (ended.status, ended.run) == ("Completed", 2)
    assert ended.result["recordsCreated"] == LARGE_ROWS
    with pytest.raises(ApiProblem) as refused:
        client.cancel(job.id)
    assert (refused.value.status, refused.value.code) == (409, "not-cancellable")


@pytest.mark.requirement("J20")
def test_a_repeated_submit_is_one_job(client: Client, tmp_path: Path) -> None:
    params = import_params(client, small_file(tmp_path), "e2e-once")
    jobs = [client.submit("Import", params, project_id="demo", idempotency_key=str(tmp_path)) for _ in range(3)]
    assert len({job.id for job in jobs}) == 1
    assert client.wait(jobs[0].id, timeout=60).result["version"] == 1


@pytest.mark.requirement("J5")
def test_a_foreign_job_is_as_unknown_as_an_invented_one(client: Client, stack: Stack, tmp_path: Path) -> None:
    job = client.submit("Import", import_params(client, small_file(tmp_path), "e2e-mine"), project_id="demo")
    client.wait(job.id, timeout=60)
    other = stack.client("other")
    answers = []
    for job_id in (job.id, "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971", "nonsense"):
        with pytest.raises(ApiProblem) as unknown:
            other.job(job_id)
        answers.append((unknown.value.status, unknown.value.code, unknown.value.detail))
    assert set(answers) == {(404, "job-not-found", answers[0][2])}
    assert job.id not in [each.id for each in other.jobs()]


def test_a_reader_reads_and_an_admin_does_everything(client: Client, stack: Stack, tmp_path: Path) -> None:
    params = import_params(client, small_file(tmp_path), "e2e-roles")
    viewer, admin = stack.client("viewer"), stack.client("admin")
    with pytest.raises(NotAuthorized):
        viewer.submit("Import", params, project_id="demo")
    job = admin.submit("Import", params, project_id="demo")
    assert viewer.wait(job.id, timeout=60).status == "Completed"
    named = admin.put_project("demo", "Demo plant")
    assert viewer.project("demo").name == viewer.job(job.id).project_name == named.name


@pytest.mark.parametrize("token", [None, "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
def test_without_a_valid_token_the_gateway_answers_401(token: str | None, stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.get(f"{stack.api_url}/api/jobs", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert requests.get(f"{stack.api_url}/api/health", timeout=30).json() == {"status": "ok"}


def test_the_api_describes_itself(stack: Stack) -> None:
    document = requests.get(f"{stack.api_url}/api/openapi.json", timeout=30).json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": stack.api_url}]
    assert "/api/jobs/{job_id}/cancel" in document["paths"]


@pytest.mark.requirement("J30")
def test_s3_refuses_more_than_was_announced_and_another_type(stack: Stack) -> None:
    announced = {"projectId": "demo", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 10}
    headers = {"Authorization": f"Bearer {stack.token('demo')}"}

    def send(content: bytes, **fields: str) -> int:
        form = requests.post(f"{stack.api_url}/api/uploads", json=announced, headers=headers, timeout=30).json()
        sent = requests.post(form["url"], data=form["fields"] | fields, files={"file": content}, timeout=30)
        return sent.status_code

    assert send(b"a\n1\n") == 204
    assert send(b"x" * 11) in (400, 403)
    assert send(b"a\n1\n", **{"Content-Type": "text/html"}) in (400, 403)
    assert send(b"a\n1\n", key="uploads/other/x") in (400, 403)
