"""Analyses by the client and the command: the form that is sent, what is looked up, and the workbook."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobmill_client import AnalysisError, AnalysisStatus, AnalysisTimeout, ApiProblem, Client, Misuse

from .api_server import JOB_ID, ApiServer, Canned, a_job, as_json
from .conftest import RunCommand

START = "/api/v1/analysis/analyze-file"
ID = "job_1738268400000_a1b2c3d4e5f6g7h8"
LOOK = f"/api/v1/analysis/job/{ID}"
STARTED = {"success": True, "jobId": ID, "status": "processing", "message": "Analysis started."}
PROCESSING = {"success": True, "jobId": ID, "status": "processing", "progress": 40, "message": "Analysis in progress"}
COMPLETED = {
    "success": True,
    "jobId": ID,
    "status": "completed",
    "message": "Analysis completed successfully",
    "downloadUrl": f"/api/v1/analysis/download/a-{ID}.xlsx",
    "excelFile": f"a-{ID}.xlsx",
    "dataSource": "a.csv: 2 pages",
    "summary": {"pages": 2},
    "onpageResults": [{"url": "https://shop.example.com/"}],
    "keywordMapping": [],
    "truncated": True,
    "resultsUrl": f"/api/v1/analysis/download/a-{ID}.json",
}
FAILED = {"success": False, "jobId": ID, "status": "failed", "error": {"message": "No.", "details": "d"}}


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    path = tmp_path / "Städte.csv"
    path.write_bytes(b"url,status\r\nhttps://shop.example.com/,200\r\n")
    return path


def fields(form: Any) -> dict[str, bytes]:
    """The contents of a form's parts by their names."""
    boundary = form.headers["Content-Type"].partition("boundary=")[2].encode()
    parts = form.body.split(b"--" + boundary)[1:-1]
    names = [re.search(rb'name="([^"]*)"', part)[1].decode() for part in parts]  # type: ignore[index]
    return {name: part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for name, part in zip(names, parts, strict=True)}


@pytest.mark.requirement("A8")
def test_a_file_is_sent_as_a_form_and_looked_up_by_its_id(api: ApiServer, client: Client, crawl: Path) -> None:
    api.will_answer("POST", START, Canned(503), as_json(STARTED, 202))
    assert client.analyze_file(crawl, filter_option="recommended", project_id="demo") == ID
    first, form = api.seen("POST", START)
    assert fields(form) == {"filterOption": b"recommended", "projectId": b"demo", "file": crawl.read_bytes()}
    assert 'filename="Städte.csv"'.encode() in form.body
    assert first.body == form.body
    assert first.headers["Idempotency-Key"] == form.headers["Idempotency-Key"]
    assert len(form.headers["Idempotency-Key"]) == 36
    client.analyze_file(crawl, idempotency_key="k")
    assert fields(api.seen("POST", START)[-1]) == {"filterOption": b"all", "file": crawl.read_bytes()}
    assert api.seen("POST", START)[-1].headers["Idempotency-Key"] == "k"


@pytest.mark.requirement("A8")
def test_each_status_is_read(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", LOOK, *map(as_json, (PROCESSING, COMPLETED, FAILED)))
    assert client.check_job_status(ID) == AnalysisStatus(
        job_id=ID, status="processing", progress=40, message="Analysis in progress"
    )
    completed = client.check_job_status(ID)
    assert (completed.status, completed.has_ended, completed.progress) == ("completed", True, 100)
    assert completed.summary == {"pages": 2}
    assert completed.onpage_results == ({"url": "https://shop.example.com/"},)
    assert (completed.keyword_mapping, completed.data_source) == ((), "a.csv: 2 pages")
    assert (completed.excel_file, completed.download_url) == (COMPLETED["excelFile"], COMPLETED["downloadUrl"])
    assert (completed.is_truncated, completed.results_url) == (True, COMPLETED["resultsUrl"])
    assert completed.raw == COMPLETED
    failed = client.check_job_status(ID)
    assert (failed.has_ended, failed.error) == (True, AnalysisError(message="No.", details="d"))


@pytest.mark.requirement("A8")
def test_waiting_looks_as_often_as_the_api_says_and_tells_each_change(
    api: ApiServer, client: Client, pauses: list[float]
) -> None:
    looks = [as_json(PROCESSING, Retry_After="3"), as_json(PROCESSING, Retry_After="3"), as_json(COMPLETED)]
    api.will_answer("GET", LOOK, *looks)
    told: list[str] = []
    assert client.wait_for_analysis(ID, lambda status: told.append(status.status)).status == "completed"
    assert (told, pauses) == (["processing", "completed"], [3, 3])
    api.will_answer("GET", LOOK, as_json(PROCESSING, Retry_After="3"))
    with pytest.raises(AnalysisTimeout, match="after 10 seconds"):
        client.wait_for_analysis(ID, timeout=10)


def test_a_large_file_is_told_the_other_way_before_any_request(api: ApiServer, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"x" * 4_000_001)
    with pytest.raises(Misuse, match="upload"):
        client.analyze_file(path)
    assert api.requests == []


def test_an_unknown_analysis_and_a_strange_answer_are_problems(api: ApiServer, client: Client) -> None:
    with pytest.raises(ApiProblem, match="There is no such job"):
        client.check_job_status("job_1_x")
    api.will_answer("GET", LOOK, as_json({"success": True}))
    with pytest.raises(ApiProblem, match="not what Jobmill's API gives"):
        client.check_job_status(ID)


def analysed(api: ApiServer) -> None:
    """Have the job of the server be a completed analysis."""
    result = {
        "dataSource": "a.csv: 2 pages",
        "summary": {"pages": 2},
        "onpageResults": [{"url": "a row"}] * 500,
        "keywordMapping": [{"keyword": "a row"}],
        "truncated": False,
    }
    reports = [api.has_report("a.json", b"{}"), api.has_report("a.xlsx", b"PK")]
    api.will_go(a_job("Running", type="Analysis"), a_job(type="Analysis", result=result, reports=reports))


def test_the_command_saves_the_workbook_and_shows_the_summary(
    api: ApiServer, jobmill: RunCommand, local_stack: Path, crawl: Path
) -> None:
    analysed(api)
    result = jobmill("analyze", str(crawl), "--filter", "recommended")
    assert result.exit_code == 0, result.stderr
    assert "a.csv: 2 pages" in result.stdout
    assert "a row" not in result.stdout
    assert "Analysis Running" in result.stderr
    assert [path.name for path in local_stack.iterdir()] == ["a.xlsx"]
    params = {"uploadId": "up1", "filterOption": "recommended"}
    assert api.seen("POST", "/api/jobs")[0].json == {"type": "Analysis", "projectId": "demo", "params": params}


def test_the_command_writes_where_it_is_told_and_json(
    api: ApiServer, jobmill: RunCommand, local_stack: Path, crawl: Path
) -> None:
    analysed(api)
    result = jobmill("analyze", str(crawl), "-o", "out.xlsx", "--json")
    document = json.loads(result.stdout)
    assert (document["job"]["id"], document["files"]) == (JOB_ID, ["out.xlsx"])
    assert (local_stack / "out.xlsx").read_bytes() == b"PK"
    assert api.seen("POST", "/api/jobs")[0].json["params"]["filterOption"] == "all"


def test_the_command_refuses_a_folder_that_is_not_there_and_another_filter(
    api: ApiServer, jobmill: RunCommand, crawl: Path
) -> None:
    assert jobmill("analyze", str(crawl), "-o", "nowhere/out.xlsx").exit_code == 1
    assert jobmill("analyze", str(crawl), "--filter", "some").exit_code == 2
    assert api.requests == []


def test_a_failed_analysis_is_exit_code_1(api: ApiServer, jobmill: RunCommand, crawl: Path) -> None:
    api.will_go(a_job("Failed", type="Analysis", error="No column is known.", errorCode="no-known-columns"))
    result = jobmill("analyze", str(crawl))
    assert (result.exit_code, "No column is known." in result.stderr) == (1, True)
