"""Import and Export in slices: the bytes are those of one attempt, wherever the slices ended."""

import io
import json
from datetime import timedelta
from tempfile import NamedTemporaryFile
from typing import Any
from zipfile import ZipFile

import boto3
import duckdb
import pytest
from openpyxl import load_workbook

from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from jobmill.projects.datasets import newest_version
from jobmill.tables.xlsx_limits import SheetLimits
from tests.stack.conftest import BUCKETS
from tests.stack.test_processors import PLAIN, deliver, files_of, kit_with, run, run_import, submit, upload

pytestmark = pytest.mark.usefixtures("cloud")

NO_TIME = timedelta(0)
ROWS = b"id,name,height\n" + b"".join(b'%d,"x, %d",%d.5\n' % (i, i * 7919 % 1000, i % 50) for i in range(1_500))
WIDER_AT_LAST = ROWS + b"x1,y,\n"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.tables.csv_reader.CHUNK_BYTES", 10_000)
    monkeypatch.setattr("jobmill.tables.csv_chunk_reader.SAMPLE_CELLS", 200)


def stored_parts() -> list[bytes]:
    newest = newest_version("demo", "places")
    assert newest is not None
    s3, bucket = boto3.client("s3"), BUCKETS["DATASETS_BUCKET"]
    manifest = json.loads(s3.get_object(Bucket=bucket, Key=newest.manifest_key)["Body"].read())
    return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in manifest["parts"]]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(("content", "slices"), [(ROWS, 3), (WIDER_AT_LAST, 6), (PLAIN, 1)])
def test_an_import_in_slices_publishes_the_same_bytes(content: bytes, slices: int) -> None:
    at_once = run_import(content)
    parts = stored_parts()
    in_slices = run_import(content, NO_TIME)
    assert (at_once.status, at_once.attempt) == (Status.COMPLETED, 1)
    assert (in_slices.status, in_slices.attempt) == (Status.COMPLETED, slices)
    assert stored_parts() == parts
    assert isinstance(at_once.result, dict)
    assert in_slices.result == at_once.result | {"version": 2}


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    ("params", "slices"),
    [
        ({"format": "csv"}, 3),
        ({"format": "csv", "where": [{"column": "height", "op": "<", "value": 10}], "columns": ["name", "id"]}, 3),
        ({"format": "csv", "where": [{"column": "id", "op": ">", "value": 1_490}]}, 3),
        ({"format": "csv", "columns": ["name"]}, 3),
        ({"format": "csv", "orderBy": [{"column": "name"}]}, 1),
        ({"format": "parquet"}, 1),
        ({"format": "parquet", "orderBy": [{"column": "name"}]}, 1),
        ({"format": "xlsx"}, 1),
        ({"format": "xlsx", "orderBy": [{"column": "name", "descending": True}], "columns": ["name", "height"]}, 2),
    ],
)
def test_an_export_in_slices_gives_the_same_bytes_as_one_part_does(
    monkeypatch: pytest.MonkeyPatch, params: dict[str, Any], slices: int
) -> None:
    run_import(ROWS)
    params = {"dataset": "places"} | params
    at_once, in_slices = run("Export", params), run("Export", params, NO_TIME)
    monkeypatch.setattr("jobmill.tables.csv_reader.CHUNK_BYTES", 1 << 20)
    run_import(ROWS)
    of_one_part = run("Export", params)
    assert [job.attempt for job in (at_once, in_slices, of_one_part)] == [1, slices, 1]
    assert at_once.reports[0].sha256 == in_slices.reports[0].sha256
    assert data_of(at_once) == data_of(of_one_part)
    assert isinstance(at_once.result, dict)
    assert in_slices.result == at_once.result


def data_of(job: Job) -> list[Any]:
    """What the job's files hold, without what tells the version: of a workbook its data sheets, of Parquet the rows."""
    files = files_of(job)
    if job.reports[0].name.endswith(".parquet"):
        return [parquet_rows(file) for file in files]
    if job.reports[0].name.endswith(".csv"):
        return files
    packages = [ZipFile(io.BytesIO(file)) for file in files]
    sheets = [(package, name) for package in packages for name in package.namelist() if "/sheet" in name]
    return [package.read(name) for package, name in sheets if b"Version made at" not in package.read(name)]


def parquet_rows(content: bytes) -> list[Any]:
    with NamedTemporaryFile(suffix=".parquet") as file:
        file.write(content)
        file.flush()
        return duckdb.execute("FROM read_parquet(?)", [file.name]).fetchall()


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("order_by", [[], [{"column": "height", "descending": True}]])
def test_several_workbooks_are_made_one_by_one_and_are_the_same_bytes_in_slices(
    monkeypatch: pytest.MonkeyPatch, order_by: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr("jobmill.processors.exports.LIMITS", SheetLimits(rows=250, sheets=2, xml_bytes=10**9))
    run_import(ROWS)
    params = {"dataset": "places", "format": "xlsx", "orderBy": order_by}
    at_once, in_slices = run("Export", params), run("Export", params, NO_TIME)
    assert [job.attempt for job in (at_once, in_slices)] == [1, 4]
    names = ["places-v1-1.xlsx", "places-v1-2.xlsx", "places-v1-3.xlsx"]
    assert [report.name for report in at_once.reports] == names
    assert at_once.result == in_slices.result
    assert isinstance(at_once.result, dict)
    assert (at_once.result["recordsProcessed"], at_once.result["files"]) == (1_500, names)
    assert files_of(at_once) == files_of(in_slices)
    workbooks = [load_workbook(io.BytesIO(file)) for file in files_of(at_once)]
    assert [workbook.sheetnames for workbook in workbooks] == [
        ["places", "places (2)", "About"],
        ["places (3)", "places (4)", "About"],
        ["places (5)", "places (6)", "About"],
    ]
    sheets = [sheet for workbook in workbooks for sheet in workbook.worksheets[:-1]]
    rows = [row for sheet in sheets for row in sheet.iter_rows(min_row=2, values_only=True)]
    expected = [(i, f"x, {i * 7919 % 1000}", i % 50 + 0.5) for i in range(1_500)]
    assert rows == (sorted(expected, key=lambda row: -row[2]) if order_by else expected)


@pytest.mark.usefixtures("small_chunks")
def test_an_export_goes_on_with_the_version_it_began_with() -> None:
    run_import(ROWS)
    job = deliver(submit("Export", {"dataset": "places", "format": "csv"}), kit_with(NO_TIME))
    assert job.status is Status.QUEUED
    run_import(PLAIN)
    job = deliver(job, kit_with(timedelta(hours=1)))
    assert isinstance(job.result, dict)
    assert (job.result["version"], job.result["recordsProcessed"]) == (1, 1_500)


@pytest.mark.usefixtures("small_chunks")
def test_a_file_that_is_sent_again_between_two_slices_is_not_mixed_with_the_first_one() -> None:
    upload_id = upload(ROWS)
    job = deliver(submit("Import", {"uploadId": upload_id, "dataset": "places"}), kit_with(NO_TIME))
    assert job.status is Status.QUEUED
    (sent,) = boto3.client("s3").list_objects_v2(Bucket=BUCKETS["UPLOADS_BUCKET"])["Contents"]
    boto3.client("s3").put_object(Bucket=BUCKETS["UPLOADS_BUCKET"], Key=sent["Key"], Body=ROWS.replace(b"x", b"y"))
    job = deliver(job, kit_with(NO_TIME))
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "upload-changed")
    assert newest_version("demo", "places") is None
