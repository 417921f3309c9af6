"""Reports that programs and attempts hand over: their keys, their links, the progress while they go up."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from openpyxl import Workbook, load_workbook

from jobmill.errors import AttemptLost, CallerError, Conflict, NotFound
from jobmill.jobs.job import Job
from jobmill.jobs.operations import (
    JobManaged,
    complete_job,
    create_job,
    get_job,
    set_job_error,
    update_progress,
    update_upload_job_status,
)
from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Tools
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from jobmill.reports.uploads import MAX_REPORTS, upload_to_s3
from jobmill.settings import settings
from tests.stack import builders
from tests.stack.attempts import AnyParams, attempt
from tests.stack.conftest import BUCKETS
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")

UNKNOWN = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"
BUCKET = BUCKETS["S3_REPORTS_BUCKET"]


def custom() -> Job:
    return create_job(project_id="demo", created_by="id-of-demo")


def behind(link: str) -> tuple[bytes, dict[str, Any]]:
    """What lies where a link leads, by its key, and what the link says of it."""
    answer = call("GET", link.removeprefix("https://jobs.example.com"), user=None)
    assert answer.status == 302, answer.text
    location = answer.headers["location"]
    key = location.split("?")[0].split(".com/", 1)[1]
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read(), {"url": location, "key": key}


def workbook() -> Workbook:
    made = Workbook()
    made.worksheets[0]["A1"] = "Report"
    return made


@pytest.mark.requirement("U6")
@pytest.mark.requirement("U7")
def test_a_program_uploads_a_report_and_gets_a_link_to_it() -> None:
    job = custom()
    link = upload_to_s3(job.id, "user/../456", "Übersicht Mai.xlsx", "exports", b"abc")
    content, where = behind(link)
    assert content == b"abc"
    assert where["key"] == f"exports/exports/user-..-456/{job.id}/1-1/Ubersicht-Mai.xlsx"
    assert "filename%2A%3DUTF-8%27%27%25C3%259Cbersicht%2520Mai.xlsx" in where["url"]
    found = get_job(job.id)
    assert (found.status, found.progress, [report.name for report in found.reports]) == (
        Status.RUNNING,
        100,
        ["Übersicht Mai.xlsx"],
    )
    complete_job(job.id, {})
    (shown,) = call("GET", f"/api/jobs/{job.id}").body["reports"]
    assert (shown["name"], shown["sizeBytes"]) == ("Übersicht Mai.xlsx", 3)
    assert behind(link)[0] == b"abc"


@pytest.mark.requirement("U6")
@pytest.mark.requirement("U9")
@pytest.mark.parametrize("kind", ["bytes", "file", "path", "workbook"])
def test_bytes_files_paths_and_workbooks_can_be_handed_over(kind: str, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    workbook().save(buffer)
    path = tmp_path / "x"
    path.write_bytes(buffer.getvalue())
    data = {"bytes": buffer.getvalue(), "file": io.BytesIO(buffer.getvalue()), "path": path, "workbook": workbook()}
    job = custom()
    content, _ = behind(upload_to_s3(job.id, "user-456", "report.xlsx", "exports", data[kind]))
    assert load_workbook(io.BytesIO(content)).worksheets[0]["A1"].value == "Report"
    assert get_job(job.id).reports[0].content_type.endswith("spreadsheetml.sheet")
    assert path.exists()


@pytest.mark.requirement("U6")
def test_the_progress_rises_while_the_file_goes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.reports.uploads.SECONDS_BETWEEN_WRITES", 0.0)
    told: list[float] = []

    def note(job_id: str, percent: float) -> None:
        told.append(percent)
        update_upload_job_status(job_id, percent)

    monkeypatch.setattr("jobmill.reports.uploads.update_upload_job_status", note)
    job = custom()
    upload_to_s3(job.id, "u", "large.bin", "exports", bytes(20 << 20))
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 100
    assert get_job(job.id).progress == 100


@pytest.mark.requirement("U10")
def test_a_failed_job_takes_a_report_too_and_stays_as_it_is() -> None:
    job = custom()
    update_progress(job.id, 50)
    set_job_error(job.id, "Upload failed", ValueError("Network error"))
    link = upload_to_s3(job.id, "user-123", "report.xlsx", "exports", b"abc")
    assert behind(link)[0] == b"abc"
    found = get_job(job.id)
    assert (found.status, found.progress, found.failed_at_progress) == (Status.FAILED, 0, 50)


@pytest.mark.requirement("U6")
def test_an_attempts_report_has_a_link_at_once_and_is_listed_when_the_job_completes(kit: Tools) -> None:
    links: list[str] = []

    def work(context: Context[AnyParams]) -> Result:
        links.append(upload_to_s3(context.job.id, "user-456", "report.csv", "exports", b"abc"))
        assert behind(links[0])[0] == b"abc"
        with pytest.raises(Conflict, match="already"):
            upload_to_s3(context.job.id, "user-456", "report.csv", "exports", b"abc")
        return {}

    done = attempt(builders.queued(), work, kit)
    assert [report.name for report in done.reports] == ["report.csv"]
    assert behind(links[0])[0] == b"abc"


def test_what_cannot_take_a_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    job = custom()
    upload_to_s3(job.id, "u", "Bericht ä.csv", "exports", b"1")
    with pytest.raises(Conflict) as same:
        upload_to_s3(job.id, "u", "Bericht a.csv", "exports", b"2")
    assert same.value.code == "report-exists"
    with pytest.raises(NotFound):
        upload_to_s3(UNKNOWN, "u", "x.csv", "exports", b"")
    with pytest.raises(JobManaged):
        upload_to_s3(builders.running().id, "u", "x.csv", "exports", b"")
    with pytest.raises(FileNotFoundError):
        upload_to_s3(job.id, "u", "y.csv", "exports", Path("/no/such/file"))
    monkeypatch.setattr("jobmill.reports.uploads.MAX_REPORTS", 1)
    with pytest.raises(Conflict) as full:
        upload_to_s3(job.id, "u", "z.csv", "exports", b"")
    assert full.value.code == "too-many-reports"
    assert MAX_REPORTS == 100
    assert [report.name for report in get_job(job.id).reports] == ["Bericht ä.csv"]


def test_reports_attached_at_the_same_time_are_all_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    job = custom()
    before = store().get(job.id)
    upload_to_s3(job.id, "u", "one.csv", "exports", b"1")
    monkeypatch.setattr("jobmill.reports.uploads.get_job", lambda *_, **__: before)
    upload_to_s3(job.id, "u", "two.csv", "exports", b"2")
    with pytest.raises(Conflict, match="already"):
        upload_to_s3(job.id, "u", "one.csv", "exports", b"1")
    assert [report.name for report in get_job(job.id).reports] == ["one.csv", "two.csv"]


@pytest.mark.requirement("U8")
def test_links_go_by_the_accelerated_endpoint_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_ACCELERATED_ENDPOINT", "https://s3-accelerate.amazonaws.com")
    settings.cache_clear()
    job = custom()
    link = upload_to_s3(job.id, "u", "x.csv", "exports", b"abc")
    assert behind(link)[1]["url"].startswith(f"https://{BUCKET}.s3-accelerate.amazonaws.com/exports/")


@pytest.mark.requirement("U6")
def test_s3_s_threads_tell_the_progress_of_an_attempt(kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.reports.uploads.SECONDS_BETWEEN_WRITES", 0.0)

    def work(context: Context[AnyParams]) -> Result:
        upload_to_s3(context.job.id, "u", "large.bin", "exports", bytes(20 << 20))
        return {}

    done = attempt(builders.queued(), work, kit)
    assert (done.status, [report.name for report in done.reports]) == (Status.COMPLETED, ["large.bin"])


def test_an_attempt_that_has_failed_its_job_uploads_nothing_more(kit: Tools) -> None:
    raised: list[AttemptLost] = []

    def work(context: Context[AnyParams]) -> Result:
        set_job_error(context.job.id, "Bad")
        try:
            upload_to_s3(context.job.id, "u", "why.txt", "exports", b"1")
        except AttemptLost as error:
            raised.append(error)
        return {}

    job = attempt(builders.queued(), work, kit)
    assert (len(raised), job.status, job.reports) == (1, Status.FAILED, ())


def test_a_name_too_long_for_a_link_leaves_no_report() -> None:
    job = custom()
    with pytest.raises(CallerError) as refused:
        upload_to_s3(job.id, "u", "x" * 1300 + ".txt", "exports", b"1")
    assert (refused.value.code, get_job(job.id).reports) == ("link-name-too-long", ())


def test_a_run_limit_has_a_bound() -> None:
    with pytest.raises(ValueError, match="over 1 day"):
        create_job(project_id="demo", created_by="x", run_limit=timedelta(days=1, seconds=1))
