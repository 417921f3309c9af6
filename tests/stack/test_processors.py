"""Import and Export as their processors do them: real files and engine; S3 and the table in memory."""

import csv
import hashlib
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from openpyxl import load_workbook

from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FINAL, Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processing.machine import Machine
from jobmill.processing.services import tools
from jobmill.processors import job_types
from jobmill.projects.datasets import newest_version
from tests.stack.attempts import Ear, delivery
from tests.stack.builders import LEASE
from tests.stack.conftest import BUCKETS
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")

PLAIN = b"code,name,opened,height\n007,Oslo,2024-02-29,1.5\n008,Bergen,,2\n"


def upload(content: bytes | None) -> str:
    announced = {"projectId": "demo", "filename": "f.csv", "contentType": "text/csv", "sizeBytes": 10**9}
    form = call("POST", "/api/uploads", announced).body
    if content is not None:
        boto3.client("s3").put_object(Bucket=BUCKETS["UPLOADS_BUCKET"], Key=form["fields"]["key"], Body=content)
    return str(form["uploadId"])


def submit(type: str, params: dict[str, Any], user: str = "demo") -> Job:
    answer = call("POST", "/api/jobs", {"type": type, "projectId": "demo", "params": params}, user=user)
    assert answer.status == 202, answer.text
    return store().get(answer.body["id"])


def kit_with(slice: timedelta) -> Tools:
    return replace(tools(), machine=Machine(Ear), settings=replace(tools().settings, slice=slice))


def run(type: str, params: dict[str, Any], slice: timedelta = timedelta(hours=1), user: str = "demo") -> Job:
    """Do the job. Without time in a `slice`, each ends at its first checkpoint, and the next one goes on."""
    job = submit(type, params, user)
    while job.status not in FINAL:
        job = deliver(job, kit_with(slice))
    return job


def deliver(job: Job, kit: Tools) -> Job:
    """Deliver the job's next message."""
    run_attempt(Message(job.id, job.run, job.pass_, "token"), job_types()[job.type], delivery("owner"), kit)
    return store().get(job.id)


def run_import(content: bytes | None, slice: timedelta = timedelta(hours=1)) -> Job:
    return run("Import", {"uploadId": upload(content), "dataset": "places"}, slice)


def exported(**params: Any) -> bytes:
    job = run("Export", {"dataset": "places"} | params)
    assert job.status is Status.COMPLETED, job.error
    (file,) = files_of(job)
    return file


def files_of(job: Job) -> list[bytes]:
    """The contents of the job's reports."""
    s3, bucket = boto3.client("s3"), BUCKETS["S3_REPORTS_BUCKET"]
    return [s3.get_object(Bucket=bucket, Key=report.key)["Body"].read() for report in job.reports]


def csv_rows(**params: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(exported(format="csv", **params).decode())))


def airports() -> Path:
    return Path(str(files("airportsdata") / "airports.csv"))


@pytest.mark.requirement("J1")
@pytest.mark.requirement("J10")
def test_an_import_gives_its_counts_and_makes_the_dataset_s_first_version() -> None:
    job = run_import(PLAIN)
    assert job.status is Status.COMPLETED, job.error
    assert job.result == {
        "recordsProcessed": 2,
        "recordsCreated": 2,
        "errors": 0,
        "dataset": "places",
        "version": 1,
        "columns": [
            {"name": "code", "type": "text"},
            {"name": "name", "type": "text"},
            {"name": "opened", "type": "date"},
            {"name": "height", "type": "number"},
        ],
        "ignoredColumns": [],
        "firstErrors": [],
        "csv": {"encoding": "utf-8", "delimiter": ",", "quoteChar": '"', "decimalChar": "."},
    }
    newest = newest_version("demo", "places")
    assert newest is not None
    assert (newest.version, newest.rows, newest.job_id) == (1, 2, job.id)


@pytest.mark.requirement("J10")
def test_ragged_rows_are_left_out_and_counted() -> None:
    job = run_import(PLAIN + b"009,Bodo\n010,A,2024-01-01,1,more\n")
    assert isinstance(job.result, dict)
    assert (job.result["recordsProcessed"], job.result["recordsCreated"], job.result["errors"]) == (4, 2, 2)


@pytest.mark.requirement("J1")
def test_real_airports_come_out_of_the_workbook_as_they_went_in() -> None:
    assert run_import(airports().read_bytes()).status is Status.COMPLETED
    sheet = load_workbook(io.BytesIO(exported(format="xlsx")), read_only=True).active
    assert sheet is not None
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    with airports().open(newline="", encoding="utf-8") as file:
        expected = list(csv.reader(file))
    assert cells[0] == expected[0]
    assert len(cells) == len(expected) > 28_000
    for cell_row, text_row in zip(cells[1:], expected[1:], strict=True):
        assert [_same(cell, text) for cell, text in zip(cell_row, text_row, strict=True)] == [True] * len(text_row)


def _same(cell: object, text: str) -> bool:
    if cell is None:
        return text == ""
    return float(text) == cell if isinstance(cell, int | float) else cell == text


@pytest.mark.requirement("J1")
def test_an_export_chooses_columns_rows_and_order() -> None:
    run_import(PLAIN)
    assert csv_rows() == [
        ["code", "name", "opened", "height"],
        ["007", "Oslo", "2024-02-29", "1.5"],
        ["008", "Bergen", "", "2.0"],
    ]
    chosen = csv_rows(
        columns=["name", "code"],
        where=[{"column": "height", "op": ">=", "value": 1}],
        orderBy=[{"column": "name"}],
    )
    assert chosen == [["name", "code"], ["Bergen", "008"], ["Oslo", "007"]]
    assert csv_rows(where=[{"column": "opened", "op": "isNull"}], columns=["code"]) == [["code"], ["008"]]


@pytest.mark.requirement("J1")
def test_an_export_to_parquet_keeps_names_and_types(tmp_path: Path) -> None:
    run_import(PLAIN)
    job = run("Export", {"dataset": "places", "format": "parquet", "columns": ["height", "opened", "code"]})
    assert job.result == {
        "recordsProcessed": 2,
        "dataset": "places",
        "version": 1,
        "format": "parquet",
        "files": ["places-v1.parquet"],
    }
    assert [report.content_type for report in job.reports] == ["application/vnd.apache.parquet"]
    (tmp_path / "out.parquet").write_bytes(files_of(job)[0])
    read = duckdb.execute("FROM read_parquet(?)", [str(tmp_path / "out.parquet")])
    assert [(name, str(type_)) for name, type_, *_ in read.description or ()] == [
        ("height", "DOUBLE"),
        ("opened", "DATE"),
        ("code", "VARCHAR"),
    ]
    assert read.fetchall() == [(1.5, date(2024, 2, 29), "007"), (2.0, None, "008")]


@pytest.mark.parametrize("format", ["xlsx", "csv", "parquet"])
def test_the_same_request_gives_the_same_bytes_whoever_asks_and_whenever(format: str) -> None:
    run_import(PLAIN)
    params = {"dataset": "places", "format": format, "orderBy": [{"column": "name"}]}
    first = run("Export", params, user="demo")
    call("PUT", "/api/projects/demo", {"name": "Renamed meanwhile"}, user="admin")
    run_import(PLAIN + b"009,Bodo,2024-01-01,1\n")
    second = run("Export", params | {"version": 1}, user="both")
    third = run("Export", params | {"version": 1}, user="admin")
    assert len({job.created_by for job in (first, second, third)}) == 3
    assert files_of(first) == files_of(second) == files_of(third)


def test_the_about_sheet_names_the_sha_256_that_the_same_export_as_csv_has() -> None:
    run_import(b"code,text\n1,=1+1\n2,b\n3,c\n")
    asked = {"where": [{"column": "code", "op": "<", "value": 3}], "orderBy": [{"column": "code", "descending": True}]}
    sheets = load_workbook(io.BytesIO(exported(format="xlsx", **asked))).worksheets
    assert [sheet.title for sheet in sheets] == ["places", "About"]
    facts = {fact.value: value.value for fact, value in sheets[-1].iter_rows()}
    content = exported(format="csv", formulaSafe=False, **asked)
    assert facts["SHA-256 of the data"] == hashlib.sha256(content).hexdigest()
    assert (facts["Project"], facts["Dataset"], facts["Version"], facts["Rows"]) == ("demo", "places", 1, 2)
    assert (facts["Filter"], facts["Order"]) == ("code is less than 3", "code, descending")


def test_the_about_sheet_has_the_time_of_the_version_and_not_of_the_export() -> None:
    published_at = datetime(2026, 1, 15, 10, 30, 59, tzinfo=UTC)
    kit = replace(kit_with(timedelta(hours=1)), clock=lambda: published_at)
    assert deliver(submit("Import", {"uploadId": upload(PLAIN), "dataset": "places"}), kit).status is Status.COMPLETED
    about = load_workbook(io.BytesIO(exported(format="xlsx")))["About"]
    assert "2026-01-15 10:30:59 UTC" in [value.value for _, value in about.iter_rows()]


def test_a_filter_is_a_value_and_never_sql() -> None:
    run_import(PLAIN)
    attack = "' OR 1=1; COPY x TO '/tmp/x' --"
    assert csv_rows(where=[{"column": "name", "op": "=", "value": attack}]) == [["code", "name", "opened", "height"]]
    job = run("Export", {"dataset": "places", "columns": ['name" FROM x --']})
    assert job.error is not None
    assert job.error.code == "unknown-column"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"columns": ["nmae"]}, "unknown-column"),
        ({"where": [{"column": "nowhere", "op": "=", "value": 1}]}, "unknown-column"),
        ({"orderBy": [{"column": "nowhere"}]}, "unknown-column"),
        ({"where": [{"column": "height", "op": "=", "value": "abc"}]}, "bad-filter"),
        ({"where": [{"column": "height", "op": "in", "value": 3}]}, "bad-filter"),
    ],
)
def test_an_export_that_cannot_be_fails_with_the_place(params: dict[str, Any], code: str) -> None:
    run_import(PLAIN)
    job = run("Export", {"dataset": "places"} | params)
    assert job.error is not None
    assert (job.status, job.error.code, job.error.kind) == (Status.FAILED, code, "input")
    assert job.reports == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "upload-missing"),
        (b"", "empty-file"),
        (b"a,b\n", "header-only"),
        (b"PK\x03\x04" + bytes(100), "damaged-workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not-a-csv"),
        (b"name\nM\xfcnchen\x81\n", "bad-encoding"),
        (b"a,a\n1,2\n", "duplicate-column"),
        (b"a,b\n1\n1,2,3\n", "no-valid-rows"),
    ],
)
def test_a_bad_file_fails_the_job_with_its_code_and_publishes_nothing(content: bytes | None, code: str) -> None:
    job = run_import(content)
    assert job.error is not None
    assert (job.status, job.error.code, job.error.kind) == (Status.FAILED, code, "input")
    assert job.error.message.endswith((".", "?"))
    assert job.result is None
    assert newest_version("demo", "places") is None


def test_a_failed_import_leaves_the_version_before_it() -> None:
    run_import(PLAIN)
    run_import(b"a,b\n")
    assert len(csv_rows()) == 3


def test_versions_are_numbered_and_older_ones_exportable_until_they_are_too_many() -> None:
    call("PUT", "/api/projects/demo", {"name": "x", "settings": {"datasetVersionsKept": 2}}, user="admin")
    for count in (1, 2, 3):
        job = run_import(b"n\n" + b"1\n" * count)
        assert isinstance(job.result, dict)
        assert job.result["version"] == count
    assert [len(csv_rows(version=version)) - 1 for version in (2, 3)] == [2, 3]
    gone = call(
        "POST",
        "/api/jobs",
        {"type": "Export", "projectId": "demo", "params": {"dataset": "places", "version": 1}},
    )
    assert (gone.status, gone.body["code"]) == (422, "version-not-found")
    objects = boto3.client("s3").list_objects_v2(Bucket=BUCKETS["DATASETS_BUCKET"])["Contents"]
    assert len(objects) == 2 * 2


@pytest.mark.requirement("J31")
def test_a_report_is_listed_with_all_its_facts_and_its_route_redirects_to_it() -> None:
    run_import(PLAIN)
    job = run("Export", {"dataset": "places", "format": "csv"})
    (report,) = call("GET", f"/api/jobs/{job.id}", user="viewer").body["reports"]
    assert report["name"] == "places-v1.csv"
    assert report["sizeBytes"] > 0
    assert len(report["sha256"]) == 64
    assert report["expiresAt"] > "2026"
    answer = call("GET", f"/api/jobs/{job.id}/reports/{report['name']}")
    assert answer.status == 302
    assert "X-Amz-Signature" in answer.headers["location"]
    assert "attachment" in answer.headers["location"]
    assert answer.headers["cache-control"] == "no-store"
    told = call("GET", f"/api/jobs/{job.id}/reports/{report['name']}?as=url")
    assert (told.status, told.headers["cache-control"]) == (200, "no-store")
    without_time = re.compile(r"X-Amz-(Date|Signature)=[^&]*")
    assert without_time.sub("", told.body["url"]) == without_time.sub("", answer.headers["location"])
    assert call("GET", f"/api/jobs/{job.id}/reports/{report['name']}?as=file").status == 400
    assert call("GET", f"/api/jobs/{job.id}/reports/other.csv").body["code"] == "report-not-found"
    assert call("GET", f"/api/jobs/{job.id}/reports/{report['name']}", user="other").status == 404


@pytest.mark.requirement("M3")
def test_internal_data_is_in_no_response() -> None:
    job = lifecycle().create_job(
        type="Import", project_id="demo", created_by="u", run_limit=LEASE, internal_data={"secret": "s3cret"},
        data={"free": 1},
    )  # fmt: skip
    answers = [
        call("GET", f"/api/jobs/{job.id}"),
        call("GET", "/api/jobs"),
        call("GET", f"/api/jobs/{job.id}/attempts"),
        call("POST", f"/api/jobs/{job.id}/cancel"),
        call("POST", f"/api/jobs/{job.id}/retry"),
    ]
    assert all("s3cret" not in answer.text and "internal" not in answer.text for answer in answers)
    assert call("GET", f"/api/jobs/{job.id}").body["data"] == {"free": 1}
