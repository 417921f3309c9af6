"""Files up and down: streamed, without the token, whole or not at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from jobmill_client import (
    ApiProblem,
    Client,
    DownloadMismatch,
    FileChanged,
    JobFailed,
    JobmillError,
    ReportUnknown,
)

from .api_server import JOB_ID, TOKEN, ApiServer, Canned, a_job

PEAK_GROWTH_BYTES = 32 * 1024 * 1024
SPARSE_BYTES = 200 * 1024 * 1024


def test_an_upload_is_a_form_with_the_file_last_and_no_token(api: ApiServer, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "Kunden Köln.csv"
    file.write_bytes(b"name\nAda\n")
    told: list[int] = []
    assert client.upload(file, project_id="demo", on_bytes=told.append) == "up1"
    asked = {"projectId": "demo", "filename": "Kunden Köln.csv", "contentType": "text/csv", "sizeBytes": 9}
    assert api.seen("POST", "/api/uploads")[0].json == asked
    (form,) = api.seen("POST", "/store")
    assert "Authorization" not in form.headers
    assert "Transfer-Encoding" not in form.headers
    boundary = form.headers["Content-Type"].partition("boundary=")[2].encode()
    *parts, end = form.body.split(b"--" + boundary)[1:]
    assert end == b"--\r\n"
    names = [re.search(rb'name="([^"]*)"', part)[1] for part in parts]  # type: ignore[index]
    assert names == [b"key", b"Content-Type", b"policy", b"file"]
    assert b"\r\nContent-Type: text/csv\r\n" in parts[-1]
    assert parts[-1].endswith(b"\r\n\r\nname\nAda\n\r\n")
    assert told == [9]


def test_an_upload_that_meets_503_is_sent_again_whole(api: ApiServer, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(bytes(range(256)) * 2000)
    api.will_answer("POST", "/store", Canned(503), Canned(204))
    client.upload(file, project_id="demo")
    first, second = api.seen("POST", "/store")
    assert first.body == second.body
    assert file.read_bytes() in second.body


def test_the_stores_own_words_are_a_problem(api: ApiServer, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.touch()
    said = b"<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>Too &lt;big&gt;</Message></Error>"
    api.will_answer("POST", "/store", Canned(400, said, {"Content-Type": "application/xml"}))
    with pytest.raises(ApiProblem, match="The file store refused: Too <big>") as caught:
        client.upload(file, project_id="demo")
    assert caught.value.code == "EntityTooLarge"


def test_a_file_that_shrinks_while_it_is_sent_is_refused(api: ApiServer, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"x" * 3_000_000)
    with pytest.raises(FileChanged):
        client.upload(file, project_id="demo", on_bytes=lambda done: os.truncate(file, 0))


UPLOAD_AND_MEASURE = """
import resource, sys
from jobmill_client import Client
path, small, url, token = sys.argv[1:]
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
with Client(url, token) as client:
    client.upload(small, project_id="demo")
    before = peak()
    client.upload(path, project_id="demo")
print(peak() - before)
"""


def test_a_large_upload_needs_no_memory_of_its_size(api: ApiServer, tmp_path: Path) -> None:
    large, small = tmp_path / "large.csv", tmp_path / "small.csv"
    small.write_bytes(b"x")
    with large.open("wb") as file:
        file.truncate(SPARSE_BYTES)
    arguments = [sys.executable, "-c", UPLOAD_AND_MEASURE, str(large), str(small), api.url, TOKEN]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < PEAK_GROWTH_BYTES
    assert api.seen("POST", "/store")[1].size_bytes > SPARSE_BYTES


def test_a_download_follows_the_link_without_the_token(api: ApiServer, client: Client, tmp_path: Path) -> None:
    content = b"name\n" * 100_000
    api.will_go(a_job(reports=[api.has_report("out.csv", content)]))
    path = client.download(JOB_ID, "out.csv", tmp_path)
    assert path == tmp_path / "out.csv"
    assert path.read_bytes() == content
    (asked,) = api.seen("GET", f"/api/jobs/{JOB_ID}/reports/out.csv")
    (fetched,) = api.seen("GET", "/store/out.csv")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert "Authorization" not in fetched.headers
    assert fetched.query == {"X-Amz-Signature": ["s"]}


BROKEN: dict[str, tuple[bytes, dict[str, Any], Canned | None]] = {
    "another hash": (b"new", {"sha256": "0" * 64}, None),
    "too long": (b"longer", {"sizeBytes": 3}, None),
    "cut off": (b"x" * 9000, {}, Canned(200, b"x" * 9000, sent_bytes=100)),
    "gone": (b"x", {}, Canned(403)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_download_that_fails_leaves_the_folder_as_it_was(
    api: ApiServer, client: Client, tmp_path: Path, case: str
) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    content, listed, stored = BROKEN[case]
    api.will_go(a_job(reports=[api.has_report("out.csv", content, **listed)]))
    if stored:
        api.will_answer("GET", "/store/out.csv", stored)
    with pytest.raises(JobmillError) as caught:
        client.download(JOB_ID, None, target)
    if case in ("another hash", "too long"):
        assert isinstance(caught.value, DownloadMismatch)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"old"


def test_a_reports_name_does_not_choose_the_folder(api: ApiServer, client: Client, tmp_path: Path) -> None:
    report = api.has_report("out.csv", b"x") | {"name": "../..\\out.csv"}
    api.will_go(a_job(reports=[report]))
    quoted = "..%2F..%5Cout.csv"
    link = Canned(302, headers={"Location": "/store/out.csv?s=1"})
    api.will_answer("GET", f"/api/jobs/{JOB_ID}/reports/{quoted}", link)
    assert client.download(JOB_ID, None, tmp_path) == tmp_path / "out.csv"


def test_several_reports_are_saved_under_their_own_names(api: ApiServer, client: Client, tmp_path: Path) -> None:
    reports = [api.has_report("a.csv", b"a"), api.has_report("b.csv", b"b")]
    api.will_go(a_job(reports=reports))
    with pytest.raises(ReportUnknown, match=r"a\.csv, b\.csv"):
        client.download(JOB_ID, None, tmp_path / "out.csv")
    saved = client.download_all(client.job(JOB_ID), tmp_path / "out.csv")
    assert [path.name for path in saved] == ["a.csv", "b.csv"]


def test_an_export_asks_waits_and_saves(api: ApiServer, client: Client, tmp_path: Path) -> None:
    done = a_job("Completed", type="Export", reports=[api.has_report("c.csv", b"x")])
    api.will_go(a_job("Queued"), a_job("Running"), done)
    where = [{"column": "country", "op": "=", "value": "DE"}]
    chosen = {"format": "csv", "version": 2, "columns": ["a"], "where": where}
    found = client.export("c", tmp_path / "o.csv", project_id="demo", formula_safe=False, **chosen)
    assert found.files == (tmp_path / "o.csv",)
    params = {"dataset": "c", "formulaSafe": False} | chosen
    assert api.seen("POST", "/api/jobs")[0].json == {"type": "Export", "projectId": "demo", "params": params}


def test_an_export_to_no_folder_is_refused_before_the_job(api: ApiServer, client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        client.export("c", tmp_path / "none" / "o.csv", project_id="demo")
    assert api.requests == []


def test_an_import_that_fails_raises_with_the_job(api: ApiServer, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"a\n")
    api.will_go(a_job("Failed", error="No row was good.", errorCode="no-valid-rows"))
    with pytest.raises(JobFailed, match=r"No row was good\.") as caught:
        client.import_file(file, dataset="a", project_id="demo")
    assert caught.value.code == "no-valid-rows"
    params = {"uploadId": "up1", "dataset": "a", "mode": "replace"}
    assert api.seen("POST", "/api/jobs")[0].json["params"] == params


def test_requests_alone_would_send_the_token_to_the_store(api: ApiServer) -> None:
    """Why the client follows the link by hand: same host and port, only the path differs."""
    api.has_report("out.csv", b"x")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    response = requests.get(f"{api.url}/api/jobs/{JOB_ID}/reports/out.csv", headers=headers, timeout=10)
    assert response.status_code == 400
    assert b"Only one auth mechanism" in response.content
