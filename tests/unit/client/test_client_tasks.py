"""Scheduled tasks: the client's calls."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobmill_client import ApiProblem, Client, JobmillError, Misuse, NotAuthorized

from .api_server import JOB_ID, TOKEN, ApiServer, Canned, as_json

pytestmark = pytest.mark.requirement("T14")

TASKS = json.loads((Path(__file__).parent / "tasks.json").read_text())
"""What `GET /api/tasks` answers: a failed and late task, a good one, one that is not configured, one that never ran,
and one that was suspended while it runs."""
CDRS = "collect_charge_cdrs"
PATH = f"/api/tasks/{CDRS}"
STARTED = {"task": CDRS, "jobId": JOB_ID, "status": "Queued"}
PEAK_BYTES = 8 * 1024 * 1024
LARGE_BYTES = 64 * 1024 * 1024


def a_task(name: str = CDRS, **fields: Any) -> dict[str, Any]:
    """The task of the golden answer, with other fields."""
    (found,) = (task for task in TASKS if task["name"] == name)
    return {**found, **fields}


def a_run(**fields: Any) -> dict[str, Any]:
    return {
        "jobId": JOB_ID,
        "status": "Completed",
        "source": "schedule",
        "slot": "2026-07-31T02:00:00.000Z",
        "createdAt": "2026-07-31T02:00:01.000Z",
        "startedAt": "2026-07-31T02:00:01.000Z",
        "completedAt": "2026-07-31T02:05:04.000Z",
        "progress": 100,
        **fields,
    }


def a_problem(status: int, code: str, detail: str) -> Canned:
    return as_json({"code": code, "title": "No", "detail": detail}, status)


def has_data_in_store(api: ApiServer, content: bytes) -> None:
    api.has_report("data.json", content)
    link = Canned(302, headers={"Location": f"{api.root}/store/data.json?X-Amz-Signature=s"})
    api.will_answer("GET", f"{PATH}/data", link)


def test_tasks_come_with_all_that_the_api_says_of_them(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", "/api/tasks", as_json(TASKS))
    cdrs, locations, health, totals, sms = client.tasks()
    assert (cdrs.name, cdrs.status, cdrs.is_late, len(cdrs.late_reasons)) == (CDRS, "failed", True, 2)
    assert (cdrs.source, cdrs.duration_seconds, cdrs.run_limit_seconds) == ("schedule", 303.5, 3600)
    assert cdrs.started_at == datetime(2026, 7, 31, 2, 0, 1, 120000, UTC)
    assert cdrs.completed_at == cdrs.updated_at == datetime(2026, 7, 31, 2, 5, 4, 620000, UTC)
    assert cdrs.fired_at == datetime(2026, 7, 31, 2, tzinfo=UTC)
    assert cdrs.error is not None
    assert cdrs.error.startswith("peer.example: ")
    assert cdrs.schedule is not None
    assert (cdrs.schedule.expression, cdrs.schedule.time_zone) == ("cron(0 4 * * ? *)", "Europe/Amsterdam")
    assert cdrs.schedule.next_at == datetime(2026, 8, 1, 2, tzinfo=UTC)
    assert cdrs.data is not None
    assert (cdrs.data.version, cdrs.data.saved_in, cdrs.data.records) == (41, "storage", 18204)
    assert (cdrs.data.saved_at, cdrs.data.size_bytes) == (datetime(2026, 7, 29, 2, 4, tzinfo=UTC), 9120033)
    assert "secret-ticket" not in repr(cdrs)
    assert cdrs.skipped is not None
    assert (cdrs.skipped.count, cdrs.skipped.job_id[-2:], cdrs.fresh_for_seconds) == (2, "10", 86400)
    assert cdrs.skipped.last_at == datetime(2026, 7, 30, 2, tzinfo=UTC)
    assert (locations.error, locations.is_suspended, locations.is_late) == (None, False, False)
    assert (totals.status, totals.schedule, totals.data, totals.skipped) == (None, None, None, None)
    assert health.suspension is not None
    assert (health.suspension.since, health.suspension.by) == (None, None)
    assert sms.suspension is not None
    assert (sms.status, sms.is_suspended, sms.suspension.by) == ("running", True, "Kim")
    assert sms.suspension.since == datetime(2026, 7, 31, 7, 59, 30, tzinfo=UTC)


@pytest.mark.requirement("T2")
@pytest.mark.parametrize("spelling", ["suspended", "suspeneded"])
def test_both_spellings_of_suspended_are_one(api: ApiServer, client: Client, spelling: str) -> None:
    api.will_answer("GET", PATH, as_json(a_task(status=spelling)))
    task = client.task(CDRS)
    assert (task.status, task.is_suspended, task.raw["status"]) == ("suspended", True, spelling)


def test_a_task_that_is_not_one_is_no_answer_of_the_api(api: ApiServer, client: Client) -> None:
    for wrong in ({"name": "x"}, a_task(data={"version": 1}), a_task(started="yesterday")):
        api.will_answer("GET", PATH, as_json(wrong))
        with pytest.raises(ApiProblem) as caught:
            client.task(CDRS)
        assert caught.value.code == "unreadable-answer"


def test_the_last_runs_are_asked_for_by_number(api: ApiServer, client: Client) -> None:
    running = {"jobId": "2", "status": "Running", "source": "api:Dana", "createdAt": "2026-07-31T08:00:00Z"}
    api.will_answer("GET", f"{PATH}/runs", as_json([running | {"progress": 40}, a_run()]))
    now, before = client.task_runs(CDRS, limit=2)
    assert (now.job_id, now.status, now.progress, now.slot, now.completed_at) == ("2", "Running", 40, None, None)
    assert (before.source, before.slot) == ("schedule", datetime(2026, 7, 31, 2, tzinfo=UTC))
    assert (before.started_at, before.completed_at) == (
        datetime(2026, 7, 31, 2, 0, 1, tzinfo=UTC),
        datetime(2026, 7, 31, 2, 5, 4, tzinfo=UTC),
    )
    assert api.requests[0].query == {"limit": ["2"]}


def test_a_run_is_started_once_though_its_request_is_repeated(api: ApiServer, client: Client) -> None:
    busy = as_json({"message": "Service Unavailable"}, 503)
    api.will_answer("POST", f"{PATH}/run", busy, as_json(STARTED, 202))
    started = client.run_task(CDRS)
    assert (started.task, started.job_id, started.status) == (CDRS, JOB_ID, "Queued")
    client.run_task(CDRS, idempotency_key="mine")
    first, again, other = (one.headers["Idempotency-Key"] for one in api.seen("POST", f"{PATH}/run"))
    assert first == again != other == "mine"


def test_suspending_and_resuming_speak_the_contract(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", f"{PATH}/suspend", as_json(a_task(status="suspeneded")))
    api.will_answer("POST", f"{PATH}/resume", as_json(a_task()))
    assert client.suspend_task(CDRS, "The peer moves.").is_suspended
    client.suspend_task(CDRS)
    assert not client.resume_task(CDRS).is_suspended
    assert [one.json for one in api.seen("POST", f"{PATH}/suspend")] == [{"reason": "The peer moves."}, {}]


PROBLEMS = {
    404: a_problem(404, "task-not-found", "There is no task of that name."),
    409: a_problem(409, "task-running", "The task runs."),
    403: a_problem(403, "admin-only", "Only an admin may do that."),
}


@pytest.mark.parametrize("status", PROBLEMS)
def test_what_the_api_refuses_is_a_problem(api: ApiServer, client: Client, status: int) -> None:
    for asked in ("suspend", "resume", "run"):
        api.will_answer("POST", f"{PATH}/{asked}", PROBLEMS[status])
    for ask in (client.suspend_task, client.resume_task, client.run_task):
        with pytest.raises(ApiProblem) as caught:
            ask(CDRS)
        assert (caught.value.status, isinstance(caught.value, NotAuthorized)) == (status, status == 403)
    assert len(api.requests) == 3


@pytest.mark.parametrize("wrong", ["", "..", "."])
def test_a_name_cannot_lead_elsewhere(wrong: str, api: ApiServer, client: Client, tmp_path: Path) -> None:
    for ask in (client.task, client.task_runs, client.run_task, client.suspend_task, client.resume_task):
        with pytest.raises(Misuse):
            ask(wrong)
    with pytest.raises(Misuse):
        client.task_data(wrong)
    with pytest.raises(Misuse):
        client.download_task_data(wrong, tmp_path)
    assert api.requests == []


# data


@pytest.mark.parametrize("found", [[], [{"id": "d1", "health": "good"}], {"sent": True}])
def test_small_data_comes_from_the_api_itself(api: ApiServer, client: Client, tmp_path: Path, found: Any) -> None:
    api.will_answer("GET", f"{PATH}/data", as_json(found))
    assert client.task_data(CDRS) == found
    path = client.download_task_data(CDRS, tmp_path / "out.json")
    assert json.loads(path.read_bytes()) == found


def test_large_data_comes_from_the_store_without_the_token(
    api: ApiServer, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    content = json.dumps([{"id": number, "city": "Köln"} for number in range(20_000)]).encode()
    has_data_in_store(api, content)
    assert client.task_data(CDRS) == json.loads(content)
    path = client.download_task_data(CDRS, tmp_path)
    assert path == tmp_path / f"{CDRS}.json"
    assert path.read_bytes() == content
    fetched = api.seen("GET", "/store/data.json")
    assert len(fetched) == 2
    for request in fetched:
        assert "Authorization" not in request.headers
        assert request.query == {"X-Amz-Signature": ["s"]}
    assert api.seen("GET", f"{PATH}/data")[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("is_stored", [True, False], ids=["of the store", "of the API"])
def test_data_that_is_no_json_of_a_task_is_a_problem(api: ApiServer, client: Client, is_stored: bool) -> None:
    for wrong in (b'"no data to save"', b"<html>", b'[{"id": 1'):
        if is_stored:
            has_data_in_store(api, wrong)
        else:
            api.will_answer("GET", f"{PATH}/data", Canned(200, wrong, {"Content-Type": "application/json"}))
        with pytest.raises(ApiProblem) as caught:
            client.task_data(CDRS)
        assert caught.value.code == "unreadable-answer"


BROKEN = {
    "cut off": Canned(200, b"[" + b" " * 9000, sent_bytes=100),
    "gone": Canned(403),
    "elsewhere": Canned(302, headers={"Location": "/store/other"}),
}


@pytest.mark.parametrize("case", [*BROKEN, "a page of the API's", "refused"])
def test_a_download_that_fails_leaves_the_folder_as_it_was(
    api: ApiServer, client: Client, tmp_path: Path, case: str
) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(b"old")
    has_data_in_store(api, b"[]")
    if case in BROKEN:
        api.will_answer("GET", "/store/data.json", BROKEN[case])
    elif case == "refused":
        api.will_answer("GET", f"{PATH}/data", PROBLEMS[404])
    else:
        api.will_answer("GET", f"{PATH}/data", Canned(200, b"<html>", {"Content-Type": "text/html"}))
    with pytest.raises(JobmillError):
        client.download_task_data(CDRS, target)
    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"old"


def test_a_download_to_no_folder_is_refused_before_the_request(api: ApiServer, client: Client, tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        client.download_task_data(CDRS, tmp_path / "none" / "out.json")
    assert api.requests == []


DOWNLOAD_AND_MEASURE = """
import sys, tracemalloc
from jobmill_client import Client
name, target, url, token = sys.argv[1:]
with Client(url, token) as client:
    client.task_data("small")
    tracemalloc.start()
    client.download_task_data(name, target)
print(tracemalloc.get_traced_memory()[1])
"""


def test_large_data_needs_no_memory_of_its_size(api: ApiServer, tmp_path: Path) -> None:
    has_data_in_store(api, b"[" + b" " * LARGE_BYTES + b"]")
    api.will_answer("GET", "/api/tasks/small/data", as_json([]))
    arguments = [sys.executable, "-c", DOWNLOAD_AND_MEASURE, CDRS, str(tmp_path), api.url, TOKEN]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < PEAK_BYTES
    assert (tmp_path / f"{CDRS}.json").stat().st_size == LARGE_BYTES + 2
