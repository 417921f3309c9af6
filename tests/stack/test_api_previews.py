"""The route of previews: who may look, what is answered, and that no report's name is lost to it."""

from pathlib import Path
from urllib.parse import quote

import boto3
import pytest

from jobmill.jobs.job import Job, StoredReport
from jobmill.jobs.services import store
from jobmill.media_types import media_type_of
from jobmill.times import now_utc
from tests.stack.builders import running
from tests.stack.conftest import BUCKETS
from tests.stack.http import Answer, call
from tests.unit.tables.workbooks import sheet_xml, write

pytestmark = pytest.mark.usefixtures("cloud")
CSV = b"code,name\n007,Oslo\n008,\n"


def job_with(*reports: tuple[str, bytes]) -> Job:
    job = running()
    stored = []
    for number, (name, content) in enumerate(reports):
        key = f"exports/x/id-of-demo/{job.id}/{number}"
        boto3.client("s3").put_object(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=key, Body=content)
        stored.append(StoredReport(name, key, media_type_of(name), len(content), "0" * 64))
    store().complete(job, result={}, reports=tuple(stored), publication=None, now=now_utc())
    return store().get(job.id)


def look(job: Job, name: str, user: str | None = "viewer") -> Answer:
    return call("GET", f"/api/jobs/{job.id}/reports/{quote(name, safe='')}/preview", user=user)


def test_a_csv_report_is_shown_to_readers() -> None:
    answer = look(job_with(("orders.csv", CSV)), "orders.csv")
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert answer.body == {"columns": ["code", "name"], "rows": [["007", "Oslo"], ["008", None]], "more": False}


def test_a_workbook_is_shown_with_its_sheet_and_values_of_their_kinds(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2" t="b"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>1.5</v></c></row><row r="4"><c r="A4"><v>12</v></c></row>'
    )
    content = write(tmp_path / "b.xlsx", sheet_xml(rows)).read_bytes()
    body = look(job_with(("b.xlsx", content)), "b.xlsx").body
    assert body == {"sheet": "Sheet1", "columns": ["1"], "rows": [[True], [1.5], [12]], "more": False}
    assert [type(row[0]) for row in body["rows"]] == [bool, float, int]


@pytest.mark.parametrize(("user", "status"), [(None, 401), ("other", 404), ("viewer", 200), ("admin", 200)])
def test_a_preview_is_for_those_who_may_download(user: str | None, status: int) -> None:
    assert look(job_with(("orders.csv", CSV)), "orders.csv", user).status == status


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("none.csv", 404, "report-not-found"),
        ("data.parquet", 415, "no-preview"),
        ("broken.xlsx", 422, "unreadable-report"),
        ("empty.csv", 422, "unreadable-report"),
    ],
)
def test_what_cannot_be_shown_is_a_problem(name: str, status: int, code: str) -> None:
    job = job_with(("data.parquet", b"PAR1"), ("broken.xlsx", b"PK no workbook"), ("empty.csv", b""))
    answer = look(job, name)
    assert (answer.status, answer.body["code"]) == (status, code)


def test_every_name_can_be_downloaded_still() -> None:
    job = job_with(("preview", b"x"), ("a/preview", b"y"), ("a", b"z"), ("b/c.csv", CSV))
    for name in ("preview", "a/preview", "a"):
        answer = call("GET", f"/api/jobs/{job.id}/reports/{quote(name, safe='')}")
        assert answer.status == 302, name
    assert look(job, "b/c.csv").status == 200
    assert look(job, "preview").body["code"] == "no-preview"
