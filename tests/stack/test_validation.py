"""Validation as its processor does it: a stored dataset, rules, the result and the workbook."""

import io
from typing import Any

import boto3
import pytest
from openpyxl import Workbook, load_workbook

from jobmill.jobs.job import Job
from jobmill.jobs.status import Status
from tests.stack.conftest import BUCKETS
from tests.stack.http import call
from tests.stack.test_processors import run, run_import, upload

pytestmark = pytest.mark.usefixtures("cloud")

STAFF = (
    b"id,name,start,end,hours\n"
    b"1,Ann,2024-01-01,2024-12-31,10\n"
    b"2,=1+1,2024-03-01,2024-02-01,-5\n"
    b'2,"a\x0bb",2024-01-01,,90\n'
)
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "name", "constraints": {"required": True, "pattern": "[A-Z][a-z]+"}},
        {"name": "hours", "type": "integer", "constraints": {"minimum": 0, "maximum": 80}},
    ]
}
CHECKS = [
    {"left": {"column": "start"}, "op": "<=", "right": {"column": "end"}},
    {"name": "enough people", "rowCount": {"min": 4}},
]


def validate(**params: Any) -> Job:
    return run("Validation", {"dataset": "places"} | params)


def workbook(job: Job) -> Workbook:
    (report,) = job.reports
    stored = boto3.client("s3").get_object(Bucket=BUCKETS["S3_REPORTS_BUCKET"], Key=report.key)
    return load_workbook(io.BytesIO(stored["Body"].read()))


@pytest.mark.requirement("J11")
def test_a_dataset_that_breaks_rules_is_a_completed_job_that_counts_each_rule_s_errors() -> None:
    run_import(STAFF)
    job = validate(schema=SCHEMA, checks=CHECKS)
    assert job.status is Status.COMPLETED, job.error
    assert job.result == {
        "dataset": "places",
        "version": 1,
        "rowsChecked": 3,
        "valid": False,
        "errors": 7,
        "rules": [
            {"field": "id", "rule": "type-error", "errors": 0},
            {"field": "name", "rule": "required", "errors": 0},
            {"field": "name", "rule": "pattern", "errors": 2},
            {"field": "hours", "rule": "type-error", "errors": 0},
            {"field": "hours", "rule": "minimum", "errors": 1},
            {"field": "hours", "rule": "maximum", "errors": 1},
            {"field": "id", "rule": "unique", "errors": 1},
            {"field": None, "rule": "row-check", "errors": 1, "name": "start <= end"},
            {"field": None, "rule": "row-count", "errors": 1, "name": "enough people"},
        ],
        "files": ["places-v1-validation.xlsx"],
    }


@pytest.mark.requirement("J11")
def test_the_workbook_explains_each_error_and_charts_the_rules() -> None:
    run_import(STAFF)
    book = workbook(validate(schema=SCHEMA, checks=CHECKS))
    assert book.sheetnames == ["Summary", "Errors"]
    summary, errors = book["Summary"], book["Errors"]
    (chart,) = summary._charts  # type: ignore[attr-defined]
    assert chart.tagname == "barChart"
    written = {row[0]: row[1] for row in summary.iter_rows(values_only=True) if row[0]}
    assert (written["Verdict"], written["Errors"], written["Rows"]) == ("not valid", 7, 3)
    assert list(errors.iter_rows(values_only=True)) == [
        ("Row", "Field", "Value", "Rule", "Message"),
        (None, None, None, "row-count", "The dataset has 3 rows, fewer than 4."),
        (3, "name", "=1+1", "pattern", '"=1+1" does not match the pattern "[A-Z][a-z]+".'),
        (3, "hours", "-5", "minimum", "-5 is less than 0, the least allowed."),
        (
            3,
            "start, end",
            "2024-03-01 / 2024-02-01",
            "row-check",
            '2024-03-01 / 2024-02-01: "start <= end" does not hold.',
        ),
        (4, "id", "2", "unique", '"2" occurs more than once, and "id" must tell the rows apart.'),
        (4, "name", "ab", "pattern", '"ab" does not match the pattern "[A-Z][a-z]+".'),
        (4, "hours", "90", "maximum", "90 is more than 80, the most allowed."),
    ]
    assert {cell.data_type for row in errors.iter_rows(min_row=2, min_col=2) for cell in row if cell.value} == {"s"}


def test_a_dataset_that_keeps_its_rules_is_valid() -> None:
    run_import(STAFF)
    job = validate(checks=[{"sum": {"column": "hours", "equals": 95}}])
    assert isinstance(job.result, dict)
    assert (job.result["valid"], job.result["errors"]) == (True, 0)
    assert list(workbook(job)["Errors"].iter_rows(min_row=2, values_only=True)) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"schema": {"fields": [{"name": "nome"}]}}, "unknown-column"),
        ({"schema": {"fields": [{"name": "name", "constraints": {"pattern": "(?!a)"}}]}}, "bad-pattern"),
        ({"checks": [{"left": {"column": "hours"}, "op": "<", "right": "x"}]}, "bad-check"),
    ],
)
def test_rules_that_do_not_fit_the_dataset_fail_the_job(params: dict[str, Any], code: str) -> None:
    run_import(STAFF)
    job = validate(**params)
    assert job.error is not None
    assert (job.status, job.error.code, job.error.kind) == (Status.FAILED, code, "input")


@pytest.mark.parametrize(
    ("params", "status", "said"),
    [
        ({"dataset": "nowhere", "schema": SCHEMA}, 422, "There is no dataset nowhere"),
        ({"dataset": "places", "schema": {"fields": [{"name": "a", "type": "array"}]}}, 400, "has no place in a table"),
        ({"dataset": "places", "checks": [{"op": "="}]}, 400, "A check of rows has left, op and right"),
    ],
)
def test_rules_that_cannot_be_are_refused_at_submit(params: dict[str, Any], status: int, said: str) -> None:
    run_import(STAFF)
    answer = call("POST", "/api/jobs", {"type": "Validation", "projectId": "demo", "params": params})
    assert answer.status == status, answer.text
    assert said in answer.text


def test_without_rules_the_dataset_s_own_schema_counts() -> None:
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "name"}], "primaryKey": "id"}
    job = run("Import", {"uploadId": upload(b"id,name\n1,a\n"), "dataset": "ruled", "schema": schema})
    assert job.status is Status.COMPLETED, job.error
    validation = run("Validation", {"dataset": "ruled"})
    assert isinstance(validation.result, dict)
    rules = validation.result["rules"]
    assert isinstance(rules, list)
    assert ("id", "primary-key") in [(rule["field"], rule["rule"]) for rule in rules if isinstance(rule, dict)]
    run("Import", {"uploadId": upload(b"id,name\n1,a\n"), "dataset": "free"})
    free = run("Validation", {"dataset": "free"})
    assert (free.status, free.error and free.error.code) == (Status.FAILED, "no-rules")
