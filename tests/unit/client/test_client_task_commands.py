"""`jobmill tasks`: what it prints where, and its exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from jobmill_client import Task
from jobmill_client.cli.task_tables import span, tasks_table

from .api_server import JOB_ID, ApiServer, Canned, a_job, as_json
from .conftest import RunCommand
from .test_client_tasks import CDRS, PATH, PROBLEMS, STARTED, TASKS, a_problem, a_run, a_task, has_data_in_store

pytestmark = pytest.mark.requirement("T14")

AGE = timedelta(hours=3, minutes=5, seconds=20)


def ago(age: timedelta) -> str:
    return (datetime.now(UTC) - age).isoformat()


def with_data_of(age: timedelta, task: dict[str, Any]) -> dict[str, Any]:
    return task | {"data": task["data"] | {"at": ago(age)}} if "data" in task else task


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


@pytest.mark.usefixtures("tokyo")
def test_list_is_a_table_in_local_time_and_tells_why_tasks_are_late_suspended_or_failed(
    api: ApiServer, jobmill: RunCommand
) -> None:
    aged = [with_data_of(AGE, task) for task in TASKS]
    aged[-1]["started"] = ago(timedelta(hours=2, minutes=3, seconds=20))
    api.will_answer("GET", "/api/tasks", as_json(aged))
    result = jobmill("tasks", "list")
    assert result.exit_code == 0, result.stderr
    header, cdrs, locations, health, totals, sms, empty, *reasons = words(result.stdout)
    assert header == ["NAME", "STATUS", "ENDED", "TOOK", "NEXT", "DATA", "AGE", "SCHEDULE"]
    ended, next_slot = ["2026-07-31", "11:05:04"], ["2026-08-01", "11:00:00"]
    age = ["3h", "5min"]
    assert cdrs == [CDRS, "failed", "LATE", *ended, "5min", "4s", *next_slot, "v41", *age, "At", "04:00"]
    assert locations[:2] + locations[4:5] == ["collect_charge_locations", "completed", "42s"]
    assert health == ["collect_devices_health", "suspended", "off", "Every", "5", "minutes"]
    assert totals == ["nightly_totals", "not", "run", "yet", "none", "seen"]
    assert sms[1:8] == ["running", "suspended", "2h", "3min", "so", "far", "off"]
    assert empty == []
    assert [" ".join(reason) for reason in reasons] == [
        f"{CDRS} LATE Its data is older than a day.",
        f"{CDRS} LATE The slot of 2026-07-30 02:00 UTC did not fire.",
        f"{CDRS} failed peer.example: The peer refused the token; ask for a new one.",
        "collect_devices_health suspended It has no configuration: set DevicesSecret and deploy.",
        "send_reset_sms suspended The provider is down.",
    ]


def test_a_list_in_which_all_is_well_is_the_table_alone(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", "/api/tasks", as_json([a_task("collect_charge_locations")]))
    assert len(words(jobmill("tasks", "list").stdout)) == 2


def test_a_list_fits_a_terminal_of_80_columns() -> None:
    screen = Console(width=80, file=StringIO())
    tasks = [Task.from_json(task) for task in TASKS]
    screen.print(tasks_table(tasks, datetime(2026, 7, 31, 8, tzinfo=UTC), screen.width))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert max(map(len, shown.splitlines())) <= 80
    for word in ("collect_charge_locations", "completed", "suspended", "2026-07-31", "2026-08-01", "v41", "2d 5h"):
        assert word in shown


def test_reasons_are_shown_as_text_and_whole(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", "/api/tasks", as_json([a_task(lateReasons=["[b]Late[/b]\x1b[2J " + "so " * 100])]))
    said = jobmill("tasks", "list").stdout
    assert said.count("so ") + said.count("so\n") >= 100
    assert "[b]Late[/b]\ufffd[2J" in said


@pytest.mark.usefixtures("tokyo")
def test_show_tells_all_of_a_task_and_its_last_runs(api: ApiServer, jobmill: RunCommand) -> None:
    running = a_run(jobId="2", status="Running", source="api:Dana", slot=None, completedAt=None, progress=40)
    running["createdAt"] = "2026-07-31T02:00:09.000Z"
    api.will_answer("GET", PATH, as_json(with_data_of(AGE, a_task())))
    api.will_answer("GET", f"{PATH}/runs", as_json([running, a_run()]))
    result = jobmill("tasks", "show", CDRS)
    assert result.exit_code == 0, result.stderr
    facts, _, runs = result.stdout.partition("RUN'S JOB")
    said = [" ".join(line) for line in words(facts)]
    for fact in (
        f"Task {CDRS}",
        "Status failed LATE",
        "Late Its data is older than a day.",
        "Late The slot of 2026-07-30 02:00 UTC did not fire.",
        "Error peer.example: The peer refused the token; ask for a new one.",
        "Schedule At 04:00 (cron(0 4 * * ? *) in Europe/Amsterdam)",
        "Next run 2026-08-01 11:00:00",
        "Last slot 2026-07-31 11:00:00",
        "Started 2026-07-31 11:00:01",
        "Ended 2026-07-31 11:05:04",
        "Took 5min 4s",
        "Source schedule",
        "Job 0198c0de-0000-7000-8000-000000000011",
        "Data version 41, 3h 5min old, 18,204 records, 9,120,033 bytes, in the file store",
        "Fresh for 1d",
        "Run limit 1h",
        "Skipped 2 starts while it ran, the last 2026-07-30 11:00:00 (job 0198c0de-0000-7000-8000-000000000010)",
    ):
        assert fact in said
    _, now, before = words(runs)
    assert now == ["2", "Running", "40", "%", "api:Dana", "2026-07-31", "11:00:09"]
    assert before == [JOB_ID, "Completed", "schedule", "2026-07-31", "11:00:00", "5min", "3s"]


@pytest.mark.usefixtures("tokyo")
def test_show_tells_who_suspended_a_task_and_since_when(api: ApiServer, jobmill: RunCommand) -> None:
    path = "/api/tasks/send_reset_sms"
    api.will_answer("GET", path, as_json(a_task("send_reset_sms")))
    api.will_answer("GET", f"{path}/runs", as_json([]))
    said = jobmill("tasks", "show", "send_reset_sms").stdout
    assert "since 2026-07-31 16:59:30 by Kim: The provider is down." in said
    assert "RUN'S JOB" not in said


def test_run_gives_the_job_that_was_started(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", f"{PATH}/run", as_json(STARTED, 202))
    assert words(jobmill("tasks", "run", CDRS).stdout) == [["task", CDRS], ["job", JOB_ID], ["status", "Queued"]]
    assert api.seen("GET", f"/api/jobs/{JOB_ID}") == []


def test_run_and_wait_follows_the_job_to_its_end(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", f"{PATH}/run", as_json(STARTED, 202))
    running = a_job("Running", type="Task", progressMessage="page 2 of 3")
    done = a_job(type="Task", projectId="system", result={"records": 12})
    api.will_go(running, done)
    result = jobmill("tasks", "run", CDRS, "--wait")
    assert result.exit_code == 0, result.stderr
    assert "Task Running · page 2 of 3 40 %" in result.stderr
    assert words(result.stdout) == [["job", JOB_ID], ["status", "Completed"], ["records", "12"]]


def test_run_and_wait_ends_as_other_commands_do(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", f"{PATH}/run", as_json(STARTED, 202))
    api.will_go(a_job("Failed", type="Task", error="The peer is away.", errorCode="peer-unavailable"))
    result = jobmill("tasks", "run", CDRS, "--wait")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: The peer is away. [peer-unavailable]" in result.stderr
    api.will_go(a_job("Running", type="Task"))
    assert jobmill("tasks", "run", CDRS, "--wait", "--timeout", "0").exit_code == 3


def test_suspend_and_resume_say_how_the_task_stands(api: ApiServer, jobmill: RunCommand) -> None:
    suspension = {"since": "2026-07-31T08:00:00Z", "by": "Kim", "reason": "The peer moves."}
    suspended = a_task(status="suspeneded", suspension=suspension, late=False)
    api.will_answer("POST", f"{PATH}/suspend", as_json(suspended))
    api.will_answer("POST", f"{PATH}/resume", as_json(a_task(status="completed", late=False)))
    said = words(jobmill("tasks", "suspend", CDRS, "--reason", "The peer moves.").stdout)
    assert said[:2] == [["task", CDRS], ["status", "suspended"]]
    assert said[2][-5:] == ["by", "Kim:", "The", "peer", "moves."]
    assert api.seen("POST", f"{PATH}/suspend")[0].json == {"reason": "The peer moves."}
    said = words(jobmill("tasks", "resume", CDRS).stdout)
    assert [row[:2] for row in said] == [["task", CDRS], ["status", "completed"], ["next", "run"]]


REFUSALS = {
    "no such task": (["show"], "GET", "", PROBLEMS[404], 1),
    "it runs": (["run"], "POST", "/run", PROBLEMS[409], 1),
    "it is suspended": (["run"], "POST", "/run", a_problem(409, "task-suspended", "Resume it first."), 1),
    "not configured": (["resume"], "POST", "/resume", a_problem(409, "task-not-configured", "Set DevicesSecret."), 1),
    "not an admin": (["suspend"], "POST", "/suspend", PROBLEMS[403], 4),
    "no data of no task": (["data"], "GET", "/data", PROBLEMS[404], 1),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_the_api_refuses_is_its_sentence_and_an_exit_code(api: ApiServer, jobmill: RunCommand, case: str) -> None:
    command, method, end, answer, exit_code = REFUSALS[case]
    api.will_answer(method, f"{PATH}{end}", answer)
    told = json.loads(answer.body)
    result = jobmill("tasks", *command, CDRS)
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr == f"Error: {told['detail']} [{told['code']}]\n"


# data


def test_data_prints_the_json_as_it_was_written(api: ApiServer, jobmill: RunCommand) -> None:
    has_data_in_store(api, '[{"cost": 0.12345678901234567890, "city": "Köln"}]'.encode())
    result = jobmill("tasks", "data", CDRS)
    assert result.stdout == '[{"cost": 0.12345678901234567890, "city": "Köln"}]\n'
    assert "Authorization" not in api.seen("GET", "/store/data.json")[0].headers


def test_data_does_not_write_to_the_terminals_controls(api: ApiServer, jobmill: RunCommand) -> None:
    found = ["\x9b2J\x7f", "a\tb\r"]
    has_data_in_store(api, json.dumps(found, ensure_ascii=False).encode() + b"\r\n\x1b")
    said = jobmill("tasks", "data", CDRS).stdout
    assert not {"\x9b", "\x7f", "\r", "\x1b"} & set(said)
    assert json.loads(said.replace("\ufffd", "")) == found


def test_data_that_breaks_off_prints_nothing_of_it(api: ApiServer, jobmill: RunCommand) -> None:
    has_data_in_store(api, b"[]")
    api.will_answer("GET", "/store/data.json", Canned(200, b"[" + b" " * 9000, sent_bytes=1000))
    result = jobmill("tasks", "data", CDRS)
    assert (result.exit_code, result.stdout) == (3, "")


def test_data_is_saved_to_a_file_or_into_a_folder(api: ApiServer, jobmill: RunCommand, local_stack: Path) -> None:
    has_data_in_store(api, b'[{"a": 1}]')
    assert jobmill("tasks", "data", CDRS, "-o", "out.json").stdout == "out.json\n"
    assert (local_stack / "out.json").read_bytes() == b'[{"a": 1}]'
    told = json.loads(jobmill("tasks", "data", CDRS, "--output", ".", "--json").stdout)
    assert told == {"task": CDRS, "file": f"{CDRS}.json", "sizeBytes": 10}


JSON_COMMANDS = {
    "list": TASKS,
    "show": a_task() | {"runs": [a_run()]},
    "run": STARTED,
    "run --wait": a_job(type="Task"),
    "suspend": a_task(status="suspeneded"),
    "resume": a_task(),
    "data": [{"a": 1}],
}


@pytest.mark.parametrize("command", JSON_COMMANDS)
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_json_is_what_the_api_said(api: ApiServer, jobmill: RunCommand, command: str, is_first: bool) -> None:
    api.will_answer("GET", "/api/tasks", as_json(TASKS))
    api.will_answer("GET", PATH, as_json(a_task()))
    api.will_answer("GET", f"{PATH}/runs", as_json([a_run()]))
    api.will_answer("GET", f"{PATH}/data", as_json([{"a": 1}]))
    api.will_answer("POST", f"{PATH}/run", as_json(STARTED, 202))
    api.will_answer("POST", f"{PATH}/suspend", as_json(a_task(status="suspeneded")))
    api.will_answer("POST", f"{PATH}/resume", as_json(a_task()))
    api.will_go(a_job(type="Task"))
    name = () if command == "list" else (CDRS,)
    arguments = ("tasks", *command.split(), *name)
    result = jobmill(*(("--json", *arguments) if is_first else (*arguments, "--json")))
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == JSON_COMMANDS[command]


SPANS = {
    -5: "0.0s",
    0.04: "0.0s",
    9.94: "9.9s",
    9.96: "10s",
    59.4: "59s",
    59.6: "1min",
    303.5: "5min 4s",
    3599.7: "1h",
    3605: "1h",
    11_100: "3h 5min",
    86_400: "1d",
    187_200: "2d 4h",
}


@pytest.mark.parametrize("seconds", SPANS)
def test_a_span_is_told_in_its_two_largest_units(seconds: float) -> None:
    assert span(seconds) == SPANS[seconds]
