"""Bad files through the whole system: each job fails with its code, and the queue goes on."""

from pathlib import Path

import pytest
import requests

from jobmill_client import ApiProblem, Client, Job
from jobmill_local.stack import Stack

FILES = {
    "empty-file": b"",
    "header-only": b"a,b\n",
    "damaged-workbook": b"PK\x03\x04" + bytes(1000),
    "not-a-csv": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    # No byte of Windows-1252.
    "bad-encoding": b"a,b\nM\x81nchen,1\n",
    "duplicate-column": b"a,b,a\n1,2,3\n",
    "no-valid-rows": b"a,b\n1\n2\n",
}


@pytest.fixture(scope="module")
def client(stack: Stack) -> Client:
    return stack.client("demo")


def submit(client: Client, folder: Path, content: bytes, dataset: str) -> Job:
    path = folder / f"{dataset}.csv"
    path.write_bytes(content)
    params = {"uploadId": client.upload(path, project_id="demo"), "dataset": dataset}
    return client.submit("Import", params, project_id="demo")


@pytest.mark.requirement("J13")
def test_each_bad_file_fails_with_its_code_and_the_queue_goes_on(client: Client, tmp_path: Path) -> None:
    jobs = {code: submit(client, tmp_path, content, code) for code, content in FILES.items()}
    good = submit(client, tmp_path, b"code,n\n007,1\n008\n009,2,3\n010,2\n", "ragged")
    for code, job in jobs.items():
        ended = client.wait(job.id, timeout=60)
        assert (ended.status, ended.error_code, ended.error_kind) == ("Failed", code, "input")
        assert ended.error
        assert ended.result is None
        with pytest.raises(ApiProblem) as refused:
            client.submit("Export", {"dataset": code}, project_id="demo")
        assert refused.value.code == "dataset-not-found"
    result = client.wait(good.id, timeout=60).result
    assert (result["recordsProcessed"], result["recordsCreated"], result["errors"]) == (4, 2, 2)
    assert [column["type"] for column in result["columns"]] == ["text", "integer"]


def test_an_upload_that_never_came_fails_the_job_and_a_retry_after_the_upload_completes_it(
    client: Client, stack: Stack
) -> None:
    announced = {"projectId": "demo", "filename": "late.csv", "contentType": "text/csv", "sizeBytes": 100}
    headers = {"Authorization": f"Bearer {stack.token('demo')}"}
    form = requests.post(f"{stack.api_url}/api/uploads", json=announced, headers=headers, timeout=30).json()
    params = {"uploadId": form["uploadId"], "dataset": "e2e-late"}
    job = client.wait(client.submit("Import", params, project_id="demo").id, timeout=60)
    assert (job.status, job.error_code) == ("Failed", "upload-missing")
    requests.post(form["url"], data=form["fields"], files={"file": b"a\n1\n"}, timeout=30)
    client.retry(job.id)
    assert client.wait(job.id, timeout=60).status == "Completed"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"columns": ["c0de"]}, "unknown-column"),
        ({"where": [{"column": "n", "op": "=", "value": "many"}]}, "bad-filter"),
    ],
)
def test_an_export_that_cannot_be_fails_and_names_the_place(
    params: dict[str, object], code: str, client: Client, tmp_path: Path
) -> None:
    client.wait(submit(client, tmp_path, b"code,n\n007,1\n", "e2e-places").id, timeout=60)
    job = client.wait(client.submit("Export", {"dataset": "e2e-places"} | params, project_id="demo").id, timeout=60)
    assert (job.status, job.error_code) == ("Failed", code)
    assert job.reports == ()
