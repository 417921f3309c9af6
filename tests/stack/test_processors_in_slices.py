"""Import and Export in slices: the bytes are those of one attempt, wherever the slices ended."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from jobmill.jobs.status import Status
from jobmill.projects.datasets import newest_version
from tests.stack.conftest import BUCKETS
from tests.stack.test_processors import PLAIN, deliver, kit_with, run, run_import, submit, upload

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
    of_one_part = run("Export", params, NO_TIME)
    assert [job.attempt for job in (at_once, in_slices, of_one_part)] == [1, slices, 1]
    assert at_once.reports[0].sha256 == in_slices.reports[0].sha256 == of_one_part.reports[0].sha256
    assert isinstance(at_once.result, dict)
    assert in_slices.result == at_once.result


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
