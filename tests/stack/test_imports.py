"""Imports by rules: types and constraints, columns found by name, bad rows explained, whole or not at all."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import boto3
import pytest
from openpyxl import Workbook

from jobmill.jobs.job import Job
from jobmill.jobs.status import FINAL, Status
from jobmill.projects.datasets import newest_version
from tests.stack.conftest import BUCKETS
from tests.stack.http import call
from tests.stack.test_processors import csv_rows, deliver, kit_with, run, submit, upload

pytestmark = pytest.mark.usefixtures("cloud")

SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "minimum": 1}},
        {"name": "name", "constraints": {"required": True, "maxLength": 10}},
        {"name": "price", "type": "number", "decimalChar": ","},
        {"name": "since", "type": "date", "format": "%d.%m.%Y"},
    ],
    "primaryKey": "id",
}
MESSY = """\
id;name;price;since;remark
1;Oslo;1,5;29.02.2024;fine
x;Bergen;2;;

2;;abc;30.02.2024;three things
3;Stavanger in Norway;;;
4;Bodø;-3,25;01.01.1999;
4;Twice;1;;
5;Short
"""


def imported(content: bytes | str, slice: timedelta = timedelta(hours=1), **params: Any) -> Job:
    content = content.encode() if isinstance(content, str) else content
    return run("Import", {"uploadId": upload(content), "dataset": "places"} | params, slice)


def result(job: Job) -> dict[str, Any]:
    assert job.status is Status.COMPLETED, job.error
    assert isinstance(job.result, dict)
    return job.result


def report(job: Job, name: str) -> bytes:
    stored = job.report(name)
    assert stored is not None, job.reports
    return bytes(boto3.client("s3").get_object(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=stored.key)["Body"].read())


def counts(job: Job) -> tuple[int, int, int]:
    found = result(job)
    return found["recordsProcessed"], found["recordsCreated"], found["errors"]


@pytest.mark.requirement("J1")
@pytest.mark.requirement("J10")
def test_good_rows_go_in_and_each_bad_one_is_explained() -> None:
    job = imported(MESSY, schema=SCHEMA)
    assert counts(job) == (7, 2, 5)
    assert csv_rows() == [
        ["id", "name", "price", "since"],
        ["1", "Oslo", "1.5", "2024-02-29"],
        ["4", "Bodø", "-3.25", "1999-01-01"],
    ]
    found = [(each["row"], each["field"], each["code"]) for each in result(job)["firstErrors"]]
    assert found == [
        (3, "id", "type-error"),
        (5, "name", "required"),
        (5, "price", "type-error"),
        (5, "since", "type-error"),
        (6, "name", "maxLength"),
        (8, "id", "primary-key"),
        (9, "", "row-too-short"),
    ]
    assert result(job)["ignoredColumns"] == ["remark"]
    assert [each.name for each in job.reports] == ["errors.xlsx", "errors.csv"]


def test_a_clean_file_has_no_reports_of_errors() -> None:
    job = imported("id;name;price;since\n1;a;2,5;01.02.2024\n", schema=SCHEMA)
    assert (counts(job), job.reports) == ((1, 1, 0), ())


@pytest.mark.parametrize("slice", [timedelta(0), timedelta(hours=1)], ids=["in slices", "at once"])
def test_a_key_that_stands_far_above_is_found(monkeypatch: pytest.MonkeyPatch, slice: timedelta) -> None:
    monkeypatch.setattr("jobmill.tables.csv_reader.CHUNK_BYTES", 200)
    rows = "".join(f"{i % 90 + 1};n{i}\n" for i in range(100))
    job = imported("id;name\n" + rows, slice, schema=SCHEMA)
    assert counts(job) == (100, 90, 10)
    assert [each["row"] for each in result(job)["firstErrors"]] == list(range(92, 102))
    assert csv_rows(columns=["name"])[1:] == [[f"n{i}"] for i in range(90)]


def test_all_or_nothing_takes_no_row_and_says_which_are_bad() -> None:
    imported("id,name\n9,before\n")
    job = imported(MESSY, schema=SCHEMA, onError="all-or-nothing")
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "rows-rejected")
    assert job.error is not None
    assert "5 rows" in job.error.message
    assert [each.name for each in job.reports] == ["errors.xlsx", "errors.csv"]
    assert csv_rows()[1:] == [["9", "before"]]


def test_more_errors_than_allowed_stop_the_import() -> None:
    job = imported(MESSY, schema=SCHEMA, maxErrors=4)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "too-many-errors")
    assert len(report(job, "errors.csv").splitlines()) == 1 + 6
    assert newest_version("demo", "places") is None
    assert counts(imported(MESSY, schema=SCHEMA, maxErrors=5)) == (7, 2, 5)


def test_a_file_without_a_good_row_leaves_the_dataset_as_it_was() -> None:
    imported("id,name\n1,a\n")
    job = imported("id;name\nx;y\n", schema=SCHEMA)
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "no-valid-rows")
    assert [each.name for each in job.reports] == ["errors.xlsx", "errors.csv"]
    assert csv_rows()[1:] == [["1", "a"]]


def test_columns_are_found_by_the_mapping_then_by_name_then_in_any_case() -> None:
    job = imported("Nr;NAME;Preis;since\n7;Oslo;1,5;\n", schema=SCHEMA, mapping={"Nr": "id", "Preis": "price"})
    assert counts(job) == (1, 1, 0)
    assert csv_rows()[1:] == [["7", "Oslo", "1.5", ""]]


@pytest.mark.parametrize(
    ("header", "mapping", "says"),
    [
        ("Id_;name", {}, 'no column "id". It is required. Did you mean "Id_"?'),
        ("city;country;x", {}, 'no column "id". It is required. Its columns begin with "city", "country", "x".'),
        ("id;name", {"Preise": "price"}, 'no column "Preise". The mapping takes the field "price" from it.'),
    ],
)
def test_a_missing_column_is_named_with_the_nearest_ones(header: str, mapping: dict[str, str], says: str) -> None:
    job = imported(f"{header}\n1;2;3\n", schema=SCHEMA, mapping=mapping)
    assert job.error
    assert (job.error.code, says in job.error.message) == ("missing-column", True), job.error.message


def test_a_mapping_renames_columns_where_there_is_no_schema() -> None:
    imported("Nr,b\n7,x\n", mapping={"Nr": "id"})
    assert csv_rows() == [["id", "b"], ["7", "x"]]
    job = imported("Nr,b\n7,x\n", mapping={"Nr": "B"})
    assert job.error
    assert job.error.code == "duplicate-column"


def test_rows_are_appended_by_the_rules_of_the_dataset() -> None:
    imported("id,name,day\n1,a,2024-01-01\n2,b,\n")
    job = imported("day,NAME,id\n2024-02-02,c,3\nx,d,4\n,e,5.5\n", mode="append")
    assert counts(job) == (3, 1, 2)
    assert [(each["row"], each["field"]) for each in result(job)["firstErrors"]] == [(3, "day"), (4, "id")]
    assert csv_rows()[1:] == [["1", "a", "2024-01-01"], ["2", "b", ""], ["3", "c", "2024-02-02"]]
    assert result(job)["version"] == 2
    assert csv_rows(version=1)[1:] == [["1", "a", "2024-01-01"], ["2", "b", ""]]


def test_the_first_rows_may_be_appended_to_nothing() -> None:
    assert counts(imported("id,name\n1,a\n", mode="append")) == (1, 1, 0)
    assert counts(imported("id,name\n2,b\n", mode="append")) == (1, 1, 0)
    assert csv_rows()[1:] == [["1", "a"], ["2", "b"]]


def test_a_key_that_the_dataset_has_is_not_appended() -> None:
    imported("id;name\n1;a\n2;b\n", schema=SCHEMA)
    job = imported("id;name\n3;c\n2;again\n", mode="append")
    assert counts(job) == (2, 1, 1)
    assert "in the dataset" in result(job)["firstErrors"][0]["message"]
    assert [row[:2] for row in csv_rows()[1:]] == [["1", "a"], ["2", "b"], ["3", "c"]]


def test_rows_take_the_place_of_those_with_their_key() -> None:
    imported("id;name\n1;a\n2;b\n3;c\n", schema=SCHEMA)
    job = imported("id;name\n4;d\n2;B\n2;twice\n", mode="upsert")
    assert counts(job) == (3, 2, 1)
    assert [row[:2] for row in csv_rows()[1:]] == [["1", "a"], ["3", "c"], ["4", "d"], ["2", "B"]]
    assert [row[:2] for row in csv_rows(version=1)[1:]] == [["1", "a"], ["2", "b"], ["3", "c"]]


def test_to_replace_rows_by_their_key_there_must_be_one() -> None:
    imported("id,name\n1,a\n")
    job = imported("id,name\n1,b\n", mode="upsert")
    assert (job.status, job.error and job.error.code) == (Status.FAILED, "no-primary-key")


def test_another_table_cannot_be_appended() -> None:
    imported("id,name\n1,a\n")
    job = imported("id;name\n2;b\n", mode="append", schema=SCHEMA)
    assert job.error
    assert (job.error.code, '"price"' in job.error.message) == ("columns-differ", True)


def workbook(rows: list[list[Any]]) -> bytes:
    """A workbook whose first sheet is hidden, and whose second one has the rows."""
    book, content = Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["id", "name"])
    book.active.sheet_state = "hidden"
    data = book.create_sheet("Data")
    for row in rows:
        data.append(row)
    book.save(content)
    return content.getvalue()


@pytest.mark.requirement("J1")
def test_a_workbook_s_own_numbers_and_dates_need_no_form() -> None:
    rows = [
        ["id", "name", "price", "since"],
        [1, "typed", 1.5, datetime(2024, 2, 29)],
        ["2", "texts", "-3,25", "01.01.1999"],
        [],
        [3.5, 4, "1.5", datetime(2024, 2, 29, 12)],
        [5, True, 7, None],
    ]
    job = imported(workbook(rows), schema=SCHEMA)
    assert csv_rows()[1:] == [
        ["1", "typed", "1.5", "2024-02-29"],
        ["2", "texts", "-3.25", "1999-01-01"],
        ["5", "true", "7.0", ""],
    ]
    found = [(each["row"], each["field"]) for each in result(job)["firstErrors"]]
    assert found == [(5, "id"), (5, "price"), (5, "since")]
    assert result(job)["sheet"] == "Data"
    assert b"\x1f" not in report(job, "errors.csv")


def test_without_a_schema_a_workbook_gets_the_types_that_its_cells_show() -> None:
    imported(workbook([["id", "day", "code"], [1, date(2024, 2, 29), "007"], [2, None, "x"]]))
    assert csv_rows()[1:] == [["1", "2024-02-29", "007"], ["2", "", "x"]]
    assert counts(imported(workbook([["n"], [1]]), sheet="Data")) == (1, 1, 0)
    job = imported(workbook([["n"], [1]]), sheet="Dato")
    assert job.error is not None
    assert (job.error.code, '"Data"' in job.error.message) == ("unknown-sheet", True)


def test_a_workbook_is_read_once_however_many_slices_its_rows_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.tables.csv_reader.CHUNK_BYTES", 300)
    content = workbook([["id", "name"], *([i % 60, f"n{i}"] for i in range(1, 80))])
    at_once = imported(content, schema=SCHEMA)
    rows = csv_rows()
    in_slices = imported(content, timedelta(0), schema=SCHEMA)
    assert in_slices.attempt == 2
    assert (counts(in_slices), csv_rows()) == (counts(at_once), rows)
    assert counts(at_once) == (79, 59, 20)
    assert result(in_slices)["firstErrors"] == result(at_once)["firstErrors"]


def begun(content: str, **params: Any) -> Job:
    """An import that has read its file, and not published it."""
    job = submit("Import", {"uploadId": upload(content.encode()), "dataset": "places"} | params)
    job = deliver(job, kit_with(timedelta(0)))
    assert job.status is Status.QUEUED, job.error
    return job


def finished(job: Job) -> Job:
    while job.status not in FINAL:
        job = deliver(job, kit_with(timedelta(hours=1)))
    return job


def test_rows_appended_meanwhile_stay() -> None:
    imported("id,name\n1,a\n")
    job = begun("id,name\n2,b\n", mode="append")
    imported("id,name\n3,c\n", mode="append")
    assert counts(finished(job)) == (1, 1, 0)
    assert csv_rows()[1:] == [["1", "a"], ["3", "c"], ["2", "b"]]


def test_a_key_appended_meanwhile_is_not_appended_twice() -> None:
    imported("id;name\n1;a\n", schema=SCHEMA)
    job = begun("id;name\n2;b\n3;c\n", mode="append")
    imported("id;name\n2;first\n", mode="append")
    assert counts(finished(job)) == (2, 1, 1)
    assert [row[:2] for row in csv_rows()[1:]] == [["1", "a"], ["2", "first"], ["3", "c"]]


def test_rows_replaced_meanwhile_are_replaced_again() -> None:
    imported("id;name\n1;a\n2;b\n", schema=SCHEMA)
    job = begun("id;name\n2;late\n", mode="upsert")
    imported("id;name\n2;early\n4;d\n", mode="upsert")
    assert counts(finished(job)) == (1, 1, 0)
    assert [row[:2] for row in csv_rows()[1:]] == [["1", "a"], ["4", "d"], ["2", "late"]]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"schema": {"fields": [{"name": "a", "type": "object"}]}}, 400),
        ({"mode": "upsert", "schema": {"fields": [{"name": "a"}]}}, 400),
        ({"mapping": {"x": "a", "y": "a"}}, 400),
        ({"mapping": {"x": ""}}, 400),
        ({"mapping": {"x": " a"}}, 400),
        ({"mapping": {"x": "a\x00"}}, 400),
        ({"schema": SCHEMA, "mapping": {"x": "ids"}}, 400),
        ({"maxErrors": -1}, 400),
        ({"csv": {"encoding": "rot13"}}, 400),
        ({"dataset": None}, 400),
        ({"continues": "01900000-0000-7000-8000-000000000000"}, 400),
        ({"continues": "01900000-0000-7000-8000-000000000000", "dataset": None}, 422),
    ],
)
def test_parameters_that_cannot_be_are_refused_at_once(params: dict[str, Any], code: int) -> None:
    wanted = {"uploadId": upload(b"a\n1\n"), "dataset": "places"} | params
    wanted = {name: value for name, value in wanted.items() if value is not None}
    answer = call("POST", "/api/jobs", {"type": "Import", "projectId": "demo", "params": wanted})
    assert answer.status == code, answer.text


@pytest.mark.parametrize("name", ["row", "n", "c_row", "v0", 'a"b', "{t}"])
def test_a_key_may_have_any_name(name: str) -> None:
    fields = [{"name": name, "type": "integer", "constraints": {"unique": True}}, {"name": "note"}]
    header = name.replace('"', '""')
    job = imported(f'"{header}",note\n5,v\n1,w\n5,x\n7,y\n1,z\n', schema={"fields": fields})
    assert counts(job) == (5, 3, 2)
    assert csv_rows()[1:] == [["5", "v"], ["1", "w"], ["7", "y"]]
    assert "row 2" in result(job)["firstErrors"][0]["message"]


def test_rows_read_for_a_table_that_was_replaced_meanwhile_are_read_again() -> None:
    imported("a,b\n1,x\n")
    job = begun("a,b\n2,y\n", mode="append")
    imported("b,z\nx,1\n")
    job = finished(job)
    assert counts(job) == (1, 1, 0)
    assert csv_rows() == [["b", "z"], ["x", "1"], ["y", ""]]


def test_an_append_does_not_loosen_the_dataset_s_rules() -> None:
    imported("id;name\n1;a\n", schema=SCHEMA)
    loose = SCHEMA | {"primaryKey": None}
    job = imported("id;name\n1;again\n", mode="append", schema={k: v for k, v in loose.items() if v})
    assert job.error is not None
    assert (job.error.code, '"id"' in job.error.message) == ("key-differs", True)


@pytest.mark.parametrize("mapping", [{"a": "A"}, {"a": "zzz"}])
def test_a_mapping_to_no_column_of_the_dataset_is_refused(mapping: dict[str, str]) -> None:
    imported("a,b\n1,x\n")
    job = imported("a,b\n2,y\n", mode="append", mapping=mapping)
    assert (job.error and job.error.code) == "unknown-field"
    assert csv_rows()[1:] == [["1", "x"]]


@pytest.mark.parametrize(
    ("content", "params", "code"),
    [
        ("a,b\n1,2\n", {"mapping": {"a": "b"}}, "duplicate-column"),
        ("a\x01,b\n1,2\n", {}, "bad-column-name"),
        ("jobmill-row,b\n1,2\n", {}, "reserved-column"),
    ],
)
def test_names_that_cannot_be_are_told(content: str, params: dict[str, Any], code: str) -> None:
    job = imported(content, **params)
    assert (job.error and job.error.code) == code
