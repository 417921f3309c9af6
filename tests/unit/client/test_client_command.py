"""The `jobmill` command: what it prints where, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .api_server import IMPORTED, JOB_ID, ApiServer, Canned, a_job, as_json
from .conftest import RunCommand

# import, export, download


def test_import_uploads_submits_follows_and_shows_the_result(
    api: ApiServer, jobmill: RunCommand, local_stack: Path
) -> None:
    (local_stack / "Kunden Köln (2).csv").write_text("name\nAda\n")
    running = a_job("Running", progress=55, progressMessage="rows 2 of 3")
    api.will_go(a_job("Queued", progress=0), running, a_job("Completed", result=IMPORTED))
    result = jobmill("import", "Kunden Köln (2).csv")
    assert result.exit_code == 0
    assert "recordsProcessed" in result.stdout
    assert "name (text)" in result.stdout
    assert "Import Running · rows 2 of 3 55 %" in result.stderr
    assert "\x1b" not in result.output
    assert "\r" not in result.output
    (submitted,) = api.seen("POST", "/api/jobs")
    assert submitted.json["projectId"] == "demo"
    assert submitted.json["params"] == {"uploadId": "up1", "dataset": "kunden_koln_2", "mode": "replace"}


def test_import_without_waiting_gives_the_queued_job(api: ApiServer, jobmill: RunCommand, local_stack: Path) -> None:
    (local_stack / "a.csv").write_text("name\n")
    result = jobmill("import", "a.csv", "--no-wait", "--dataset", "b", "--project", "p", "--json")
    assert json.loads(result.stdout)["status"] == "Queued"
    assert api.seen("POST", "/api/jobs")[0].json["projectId"] == "p"
    assert api.seen("GET", f"/api/jobs/{JOB_ID}") == []


def test_import_of_a_missing_file_is_wrong_usage(api: ApiServer, jobmill: RunCommand) -> None:
    assert jobmill("import", "none.csv").exit_code == 2
    assert api.requests == []


@pytest.mark.parametrize("status", ["Failed", "Cancelled"])
def test_a_job_that_fails_is_a_sentence_with_its_code_and_exit_1(
    api: ApiServer, jobmill: RunCommand, status: str
) -> None:
    api.will_go(a_job(status, error="No row was [bold]good\x1b[2J.", errorCode="no-valid-rows"))
    result = jobmill("watch", JOB_ID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: No row was [bold]good\ufffd[2J. [no-valid-rows]" in result.stderr
    shown = jobmill("watch", JOB_ID, "--json")
    assert (shown.exit_code, json.loads(shown.stdout)["status"]) == (1, status)


def test_export_sends_the_parsed_conditions_and_saves_the_file(
    api: ApiServer, jobmill: RunCommand, local_stack: Path
) -> None:
    report = api.has_report("customers.csv", b"name\nAda\n")
    api.will_go(a_job("Completed", type="Export", result={"recordsProcessed": 1}, reports=[report]))
    result = jobmill(
        *("export", "customers", "--format", "csv", "--columns", "name,city", "-o", "out.csv", "--json"),
        *("--where", "country = DE", "--where", "age >= 18", "--order-by", "name:desc,city"),
    )
    assert result.exit_code == 0
    assert json.loads(result.stdout)["files"] == ["out.csv"]
    assert (local_stack / "out.csv").read_bytes() == b"name\nAda\n"
    assert api.seen("POST", "/api/jobs")[0].json["params"] == {
        "dataset": "customers",
        "format": "csv",
        "columns": ["name", "city"],
        "where": [
            {"column": "country", "op": "=", "value": "DE"},
            {"column": "age", "op": ">=", "value": 18},
        ],
        "orderBy": [{"column": "name", "descending": True}, {"column": "city"}],
    }


def test_export_asks_for_a_version_as_parquet_or_for_text_as_it_is(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job("Completed", type="Export", reports=[api.has_report("c.parquet", b"x")]))
    assert jobmill("export", "c", "--format", "parquet", "--version", "3").exit_code == 0
    assert jobmill("export", "c", "--format", "csv", "--no-formula-safe").exit_code == 0
    assert jobmill("export", "c", "--version", "0").exit_code == 2
    assert [request.json["params"] for request in api.seen("POST", "/api/jobs")] == [
        {"dataset": "c", "format": "parquet", "version": 3},
        {"dataset": "c", "format": "csv", "formulaSafe": False},
    ]


def test_export_with_a_wrong_condition_submits_nothing(api: ApiServer, jobmill: RunCommand) -> None:
    result = jobmill("export", "customers", "--where", "country LIKE DE")
    assert result.exit_code == 2
    assert api.requests == []


def test_download_prints_where_the_file_is(api: ApiServer, jobmill: RunCommand, local_stack: Path) -> None:
    api.will_go(a_job(reports=[api.has_report("out.csv", b"x")]))
    result = jobmill("download", JOB_ID)
    assert (result.exit_code, result.stdout) == (0, "out.csv\n")
    assert (local_stack / "out.csv").read_bytes() == b"x"


def test_a_folder_that_is_not_there_is_a_sentence(jobmill: RunCommand) -> None:
    result = jobmill("export", "customers", "-o", "none/out.xlsx")
    assert result.exit_code == 1
    assert result.stderr == "Error: none: There is no such folder [file-error]\n"


# jobs


@pytest.mark.usefixtures("tokyo")
def test_list_is_a_table_in_local_time(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", "/api/jobs", as_json([a_job("Running"), a_job("Queued", progress=0)]))
    result = jobmill("list", "--status", "Running", "--from", "2026-07-01", "--limit", "9")
    header, first, _ = result.stdout.splitlines()
    assert header.split() == ["ID", "STATUS", "TYPE", "PROJECT", "PROGRESS", "CREATED", "BY"]
    assert first.split() == [JOB_ID, "Running", "Import", "Demo", "40", "%", "2026-07-31", "17:00:00", "Dana"]
    query = api.seen("GET", "/api/jobs")[0].query
    assert query == {"status": ["Running"], "from": ["2026-06-30T15:00:00Z"], "limit": ["9"]}


EVENTS = [
    {"type": "created", "at": "2026-07-31T08:00:00Z", "run": 1, "by": "Dana"},
    {"type": "started", "at": "2026-07-31T08:00:01Z", "run": 1, "attempt": 1},
    {
        "type": "backed-off",
        "at": "2026-07-31T08:00:02Z",
        "run": 1,
        "attempt": 1,
        "error": "S3 was \x1b[2Jaway.",
        "errorCode": "dependency-unavailable",
    },
]


@pytest.mark.usefixtures("tokyo")
def test_show_events_tells_the_story_in_local_time(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}/events", as_json(EVENTS))
    result = jobmill("show", JOB_ID, "--events")
    assert result.exit_code == 0
    assert [line.split() for line in result.stdout.splitlines()] == [
        ["TIME", "WHAT", "RUN", "ATTEMPT", "BY", "ERROR"],
        ["2026-07-31", "17:00:00", "created", "1", "Dana"],
        ["2026-07-31", "17:00:01", "started", "1", "1"],
        [
            *("2026-07-31", "17:00:02", "backed-off", "1", "1"),
            *("S3", "was", "\ufffd[2Jaway.", "[dependency-unavailable]"),
        ],
    ]
    assert api.seen("GET", f"/api/jobs/{JOB_ID}") == []


VERSION = {"version": 2, "rows": 1234, "createdAt": "2026-07-31T15:00:00Z", "createdByName": "Ann", "jobId": JOB_ID}
PLACES = {"name": "places", **VERSION, "versions": [VERSION, VERSION | {"version": 1, "rows": 7}]}


def test_datasets_are_listed_and_their_versions_shown(api: ApiServer, jobmill: RunCommand) -> None:
    path = "/api/projects/demo/datasets"
    api.will_answer("GET", path, as_json([PLACES]))
    api.will_answer("GET", f"{path}/places", as_json(PLACES))
    listed = [line.split() for line in jobmill("datasets", "list").stdout.splitlines()]
    assert listed[0] == ["NAME", "VERSION", "ROWS", "CREATED", "JOB", "BY"]
    assert listed[1][:3] + listed[1][-2:] == ["places", "2", "1,234", JOB_ID, "Ann"]
    shown = [line.split()[:2] for line in jobmill("datasets", "show", "places").stdout.splitlines()]
    assert shown == [["VERSION", "ROWS"], ["2", "1,234"], ["1", "7"]]


JSON_COMMANDS = [
    ["show", JOB_ID],
    ["show", JOB_ID, "--events"],
    ["dead-letters", "list"],
    ["dead-letters", "redrive"],
    ["watch", JOB_ID],
    ["list"],
    ["cancel", JOB_ID],
    ["retry", JOB_ID, "--params", '{"dataset": "b"}'],
    ["stats"],
    ["datasets", "list"],
    ["datasets", "show", "places"],
    ["submit", "Export", "--params", '{"dataset": "b"}'],
    ["submit", "Export", "--wait"],
    ["download", JOB_ID],
    ["token"],
    ["whoami"],
]


@pytest.mark.parametrize("arguments", JSON_COMMANDS, ids=" ".join)
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_json_gives_exactly_one_document_on_stdout(
    api: ApiServer, jobmill: RunCommand, arguments: list[str], is_first: bool
) -> None:
    change = {"id": JOB_ID, "status": "Cancelled"}
    counts = dict.fromkeys(("total", "queued", "running", "completed", "failed", "cancelled"), 0)
    api.will_go(a_job("Running"), a_job(reports=[api.has_report("o.csv", b"x")]))
    if arguments[0] in ("show", "download"):
        api.answers[("GET", f"/api/jobs/{JOB_ID}")].pop(0)
    api.will_answer("GET", "/api/jobs", as_json([a_job()]))
    api.will_answer("POST", f"/api/jobs/{JOB_ID}/cancel", as_json(change))
    api.will_answer("POST", f"/api/jobs/{JOB_ID}/retry", as_json(change, 202))
    api.will_answer("GET", "/api/jobs/projects/demo/stats", as_json(counts))
    api.will_answer("GET", f"/api/jobs/{JOB_ID}/events", as_json(EVENTS))
    api.will_answer("GET", "/api/projects/demo/datasets", as_json([PLACES]))
    api.will_answer("GET", "/api/projects/demo/datasets/places", as_json(PLACES))
    letters = "/api/jobs/projects/demo/dead-letters"
    api.will_answer("GET", letters, as_json([a_job("Failed", run=1, deadAt="2026-07-31T09:00:00Z")]))
    queued = {"id": JOB_ID, "outcome": "queued", "status": "Queued"}
    api.will_answer("POST", f"{letters}/redrive", as_json({"outcomes": [queued]}))
    api.will_answer("GET", "/api/me", as_json({"id": "u1", "name": "Dana", "isAdmin": False, "projects": []}))
    result = jobmill(*(["--json", *arguments] if is_first else [*arguments, "--json"]))
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)


def test_show_tells_the_error_and_its_details(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job("Failed", error="Bad.", errorCode="bad", errorDetails={"line": 7}, params={"dataset": "a"}))
    result = jobmill("show", JOB_ID)
    assert result.exit_code == 0
    for said in (JOB_ID, "Failed", "Bad. [bad]", "{'line': 7}", "Parameter dataset", "Dana"):
        assert said in result.stdout


def test_a_result_of_any_json_is_shown(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job(params=[1, 2], result=["a", {"b": 3}]))
    assert "a, {'b': 3}" in jobmill("watch", JOB_ID).stdout
    assert "1, 2" in jobmill("show", JOB_ID).stdout


def test_a_problem_is_a_sentence_and_with_json_a_document(api: ApiServer, jobmill: RunCommand) -> None:
    result = jobmill("cancel", JOB_ID)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: There is no such job. [not-found]\n"
    error = json.loads(jobmill("cancel", JOB_ID, "--json").stdout)["error"]
    assert error == {"code": "not-found", "message": "There is no such job.", "status": 404, "errors": []}


def test_a_sentence_that_a_field_has_too_is_said_once(api: ApiServer, jobmill: RunCommand) -> None:
    said = "It is Failed."
    fields = [{"field": "params.a", "message": said}, {"field": "params.b", "message": "Too long."}]
    problem = {"code": "c", "title": "Conflict", "detail": said, "errors": fields}
    api.will_answer("POST", f"/api/jobs/{JOB_ID}/cancel", as_json(problem, 409))
    assert jobmill("cancel", JOB_ID).stderr == "Error: It is Failed. (params.b: Too long.) [c]\n"


EXIT_CODES = {
    "unreachable": (["list", "--url", "http://127.0.0.1:1", "--token", "t"], 3),
    "too long": (["watch", JOB_ID, "--timeout", "0"], 3),
    "an old token": (["list", "--token", "old"], 4),
    "no such command": (["frobnicate"], 2),
    "params that are no JSON": (["submit", "Import", "--params", "{"], 2),
    "params that are no object": (["submit", "Import", "--params", "[1]"], 2),
    "a date that is none": (["list", "--from", "yesterday"], 2),
    "a token that is none": (["list", "--token", "a\nb"], 2),
    "a page of a proxy": (["show", "proxied"], 1),
}


@pytest.mark.parametrize("case", EXIT_CODES)
def test_exit_codes_tell_the_kind_of_error(api: ApiServer, jobmill: RunCommand, case: str) -> None:
    arguments, exit_code = EXIT_CODES[case]
    api.will_go(a_job("Running"))
    api.will_answer("GET", "/api/jobs/proxied", Canned(404, b"<html>", {"Content-Type": "text/html"}))
    result = jobmill(*arguments)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert "Traceback" not in result.stderr
