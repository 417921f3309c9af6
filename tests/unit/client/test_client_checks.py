"""The commands `validate` and `test`: what they send, show and save, and the exit code of what is not as expected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobmill_client import Client

from .api_server import JOB_ID, ApiServer, a_job
from .conftest import RunCommand

SCHEMA = {"fields": [{"name": "id", "type": "integer"}]}
CHECKS = [{"rowCount": {"min": 1}}]
RULES = [
    {"field": "id", "rule": "type-error", "errors": 0},
    {"field": "id", "rule": "unique", "errors": 1204},
    {"field": None, "rule": "row-check", "errors": 1, "name": "adults"},
]
STEPS = [
    {"name": "count of a", "type": "dataset", "status": "passed", "expected": ">= 5", "actual": "7", "message": ""},
    {"name": "GET x", "type": "http", "status": "failed", "expected": "status = 200", "message": "The status is 503."},
    {"name": "later", "type": "dataset", "status": "skipped", "expected": "", "message": ""},
]
SCENARIO = {"name": "Nightly", "steps": [{"type": "dataset"}]}


def judged(api: ApiServer, rules: list[dict[str, Any]]) -> None:
    errors = sum(rule["errors"] for rule in rules)
    found = {"dataset": "a", "version": 3, "rowsChecked": 5000, "valid": errors == 0, "errors": errors, "rules": rules}
    reports = [api.has_report("a-v3-validation.xlsx", b"PK")]
    api.will_go(a_job(type="Validation", result=found, reports=reports))


def stepped(api: ApiServer, steps: list[dict[str, Any]]) -> None:
    counts = {name: sum(step["status"] == name for step in steps) for name in ("passed", "failed", "skipped")}
    result = {"total": len(steps), **counts, "steps": steps}
    api.will_go(a_job(type="TestRun", result=result, reports=[api.has_report("test-run.xlsx", b"PK")]))


def lines(text: str, header: str) -> list[list[str]]:
    """The words of the lines from the header on."""
    return [line.split() for line in text[text.index(header) :].splitlines()]


def test_a_dataset_that_is_not_valid_is_exit_code_5_its_broken_rules_and_a_workbook(
    api: ApiServer, jobmill: RunCommand, local_stack: Path
) -> None:
    judged(api, RULES)
    result = jobmill("validate", "a")
    assert result.exit_code == 5
    assert "not valid" in result.stdout
    assert lines(result.stdout, "FIELD") == [
        ["FIELD", "RULE", "ERRORS"],
        ["id", "unique", "1,204"],
        ["row-check:", "adults", "1"],
        ["1", "rule", "holds"],
    ]
    assert (local_stack / "a-v3-validation.xlsx").read_bytes() == b"PK"
    assert api.seen("POST", "/api/jobs")[0].json == {
        "type": "Validation",
        "projectId": "demo",
        "params": {"dataset": "a"},
    }


def test_a_valid_dataset_is_exit_code_0(api: ApiServer, jobmill: RunCommand, local_stack: Path) -> None:
    judged(api, RULES[:1])
    (local_stack / "s.json").write_text(json.dumps(SCHEMA))
    (local_stack / "c.json").write_text(json.dumps({"checks": CHECKS}))
    options = ("--version", "3", "--schema", "s.json", "--checks", "c.json", "-o", "out.xlsx")
    result = jobmill("validate", "a", *options)
    assert (result.exit_code, "1 rule holds" in result.stdout) == (0, True)
    assert "not valid" not in result.stdout
    params = {"dataset": "a", "version": 3, "schema": SCHEMA, "checks": CHECKS}
    assert api.seen("POST", "/api/jobs")[0].json["params"] == params
    assert [path.name for path in local_stack.glob("*.xlsx")] == ["out.xlsx"]


def test_a_step_that_failed_is_exit_code_5_and_a_line(api: ApiServer, jobmill: RunCommand, local_stack: Path) -> None:
    stepped(api, STEPS)
    (local_stack / "t.json").write_text(json.dumps({"scenario": SCENARIO}))
    result = jobmill("test", "t.json")
    assert result.exit_code == 5
    assert lines(result.stdout, "STEP") == [
        ["STEP", "STATUS", "EXPECTED", "ACTUAL", "MESSAGE"],
        ["count", "of", "a", "passed", ">=", "5", "7"],
        ["GET", "x", "failed", "status", "=", "200", "The", "status", "is", "503."],
        ["later", "skipped"],
    ]
    assert list(local_stack.glob("*.xlsx")) == []
    assert api.seen("POST", "/api/jobs")[0].json["params"] == {"scenario": SCENARIO}


def test_steps_that_passed_are_exit_code_0_and_the_workbook_is_saved_if_wanted(
    api: ApiServer, jobmill: RunCommand, local_stack: Path
) -> None:
    stepped(api, STEPS[:1])
    (local_stack / "t.json").write_text(json.dumps(SCENARIO))
    assert jobmill("test", "t.json", "-o", "out.xlsx").exit_code == 0
    assert (local_stack / "out.xlsx").read_bytes() == b"PK"


@pytest.mark.parametrize("arguments", [["validate", "a"], ["test", "t.json"]], ids=["validate", "test"])
def test_json_is_one_document_with_the_same_exit_code(
    api: ApiServer, jobmill: RunCommand, local_stack: Path, arguments: list[str]
) -> None:
    (local_stack / "t.json").write_text(json.dumps(SCENARIO))
    if arguments[0] == "test":
        stepped(api, STEPS)
    else:
        judged(api, RULES)
    result = jobmill(*arguments, "--json")
    assert result.exit_code == 5
    assert json.loads(result.stdout)["job"]["id"] == JOB_ID


def test_a_job_that_fails_is_exit_code_1(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job("Failed", type="Validation", error="There is no column x.", errorCode="unknown-column"))
    result = jobmill("validate", "a")
    assert (result.exit_code, result.stdout) == (1, "")


FILES = {
    "a schema without fields": (["validate", "a", "--schema"], "{}", 'a list "fields"'),
    "checks that are none": (["validate", "a", "--checks"], "{}", "checks are a list of objects"),
    "checks of texts": (["validate", "a", "--checks"], '["a"]', "checks are a list of objects"),
    "a scenario without steps": (["test"], '{"name": "a"}', 'a list "steps"'),
    "a list of steps": (["test"], "[]", 'a list "steps"'),
    "no JSON": (["test"], "{", "is not JSON"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_none_is_a_sentence_before_any_request(
    api: ApiServer, jobmill: RunCommand, local_stack: Path, case: str
) -> None:
    arguments, content, says = FILES[case]
    (local_stack / "f.json").write_text(content)
    result = jobmill(*arguments, "f.json")
    assert (result.exit_code, says in result.stderr) == (2, True), result.stderr
    assert api.requests == []


@pytest.mark.parametrize("command", [["watch"], ["show"]], ids=["watch", "show"])
def test_a_job_of_another_type_keeps_what_it_calls_steps(
    api: ApiServer, jobmill: RunCommand, command: list[str]
) -> None:
    api.will_go(a_job(type="Count", result={"steps": ["up", "down"]}))
    assert "up, down" in jobmill(*command, JOB_ID).stdout
    stepped(api, STEPS)
    assert "The status is 503." in jobmill(*command, JOB_ID).stdout


def test_the_client_validates_and_runs_scenarios(api: ApiServer, client: Client, tmp_path: Path) -> None:
    judged(api, RULES)
    job = client.validate("a", project_id="demo", version=2, checks=CHECKS)
    assert job.result["valid"] is False
    assert client.download(job, None, tmp_path).name == "a-v3-validation.xlsx"
    stepped(api, STEPS)
    assert client.run_scenario(SCENARIO, project_id="demo").result["failed"] == 1
    assert [request.json["params"] for request in api.seen("POST", "/api/jobs")] == [
        {"dataset": "a", "version": 2, "checks": CHECKS},
        {"scenario": SCENARIO},
    ]
