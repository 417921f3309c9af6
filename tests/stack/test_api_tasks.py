"""The API of scheduled tasks: who may what, what is answered, and that nobody begins runs by another way."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jobmill.jobs.job import Job, JobError
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.operations import get_job
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL
from jobmill.processing.attempt import Tools
from jobmill.scheduled.registry import ScheduledTask
from jobmill.tasks.names import SaveIn, TaskName, TaskStatus
from jobmill.tasks.rows import change_document, get_document
from jobmill.tasks.running import execute_task
from jobmill.times import iso, now_utc
from tests.stack import builders
from tests.stack.collecting import attempt_to_end
from tests.stack.http import Answer, call
from tests.stack.schedules import MINE, add_task, deliver, runs

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T14")]

GOLDEN = json.loads((Path(__file__).parents[1] / "unit" / "client" / "tasks.json").read_text())
"""What the client is tested against."""
FIELDS = {
    "": {name for task in GOLDEN for name in task},
    "schedule": {"expression", "words", "timeZone", "enabled", "next"},
    "suspension": {"since", "by", "reason"},
    "data": {"version", "at", "savedIn", "records", "sizeBytes", "url"},
    "skipped": {"count", "at", "jobId"},
}
SLOT = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
DEVICES = [{"id": "1", "health": "good"}, {"id": "2", "health": "bad"}]
READS = ("/api/tasks", f"/api/tasks/{MINE}", f"/api/tasks/{MINE}/data", f"/api/tasks/{MINE}/runs")
WRITES = tuple(f"/api/tasks/{MINE}/{change}" for change in ("run", "suspend", "resume"))


@pytest.fixture(autouse=True)
def task(cloud: None, monkeypatch: pytest.MonkeyPatch) -> ScheduledTask:
    return add_task(monkeypatch, fresh_for=timedelta(hours=2))


def run(user: str = "admin", key: str | None = None, name: str = MINE) -> Answer:
    headers = {} if key is None else {"Idempotency-Key": key}
    return call("POST", f"/api/tasks/{name}/run", user=user, headers=headers)


def show(name: str = MINE) -> Any:
    answer = call("GET", f"/api/tasks/{name}")
    assert answer.status == 200
    return answer.body


def begun() -> Job:
    """A run that a worker has."""
    job = builders.running(get_job(run().body["jobId"]))
    change_document(MINE, {"status": TaskStatus.RUNNING, "job_id": job.id, "attempt": 1, "started": now_utc(),
                           "timestamp": now_utc(), "error": "", "source": "Admin"})  # fmt: skip
    return job


def test_everything_that_a_task_shows_has_the_names_that_the_client_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    for schedule in ({"suspended_at": SLOT, "suspended_by": "Kim", "suspended_why": "why"}, {}):
        name = "full" if schedule else "fuller"
        add_task(monkeypatch, name=name, fresh_for=timedelta(hours=2))
        execute_task("script", name, lambda: DEVICES)
        change_document(name, schedule | {
            "schedule": "rate(1 hour)", "time_zone": "UTC", "is_enabled": True, "watched_since": SLOT, "fired_at": SLOT,
            "skipped": 2, "skipped_at": SLOT, "skipped_for": "job",
        })  # fmt: skip
    shown = [show("full"), show("fuller")]
    for part, known in FIELDS.items():
        names = {name for task in shown for name in (task.get(part, {}) if part else task)}
        assert names == known, part


def test_a_task_that_never_ran_shows_what_is_promised_of_it() -> None:
    assert show() == {
        "name": MINE, "late": False, "lateReasons": [], "freshForSeconds": 7200, "runLimitSeconds": 900,
    }  # fmt: skip


def test_tasks_are_listed_by_name() -> None:
    found = call("GET", "/api/tasks").body
    assert [task["name"] for task in found if task["name"] != MINE] == sorted(TaskName)
    assert all({"name", "late", "lateReasons", "runLimitSeconds"} <= set(task) for task in found)


@pytest.mark.parametrize("path", READS)
def test_everyone_signed_in_reads_and_nobody_else(path: str) -> None:
    answer = call("GET", path, user=None)
    assert (answer.status, answer.body["code"]) == (401, "not-signed-in")
    for user in ("nobody", "viewer", "admin"):
        assert call("GET", path, user=user).status == 200


@pytest.mark.parametrize("path", WRITES)
def test_only_admins_change(path: str) -> None:
    assert call("POST", path, user=None).status == 401
    for user in ("nobody", "viewer", "demo", "system-writer"):
        answer = call("POST", path, user=user)
        assert (answer.status, answer.body["code"]) == (403, "admin-only")
    assert (runs(), get_document(MINE).is_suspended) == ([], False)


@pytest.mark.parametrize("path", [*READS[1:], *WRITES])
def test_an_unknown_task_is_told_with_the_name_that_may_be_meant(path: str) -> None:
    method = "GET" if path in READS else "POST"
    answer = call(method, path.replace(MINE, "colect_device_health"), user="admin")
    assert (answer.status, answer.body["code"]) == (404, "task-not-found")
    assert answer.body["detail"] == "There is no task of this name. Is it collect_devices_health?"


@pytest.mark.parametrize(
    "name", ["x" * 3000, "..", "%2e%2e", "task%23mine", "mine%00", "Mine", "mine ", "%F0%9F%92%A3", "'"]
)
def test_a_hostile_name_is_no_task(name: str) -> None:
    for rest in ("", "/data", "/runs"):
        assert call("GET", f"/api/tasks/{name}{rest}").status == 404
    assert call("POST", f"/api/tasks/{name}/run", user="admin").status == 404


def test_a_run_is_accepted_as_a_job() -> None:
    answer = run()
    (job,) = runs()
    assert (answer.status, answer.body) == (202, {"task": MINE, "jobId": job.id, "status": "Queued"})
    assert answer.headers["location"].endswith(f"/api/jobs/{job.id}")
    assert "retry-after" in answer.headers
    assert (job.type, job.project_id, job.created_by) == ("Task", "system", "id-of-admin")


@pytest.mark.requirement("T12")
def test_while_a_run_is_under_way_another_is_refused() -> None:
    first = run().body["jobId"]
    for _ in range(2):
        answer = run()
        assert (answer.status, answer.body["code"]) == (409, "task-running")
        assert first in answer.body["detail"]
    lifecycle().cancel(get_job(first))
    assert run().status == 202


def test_a_repeat_with_its_key_is_the_same_run_even_while_it_is_under_way() -> None:
    first = run(key="k")
    builders.running(get_job(first.body["jobId"]))
    again = run(key="k")
    assert (again.status, again.body) == (202, first.body | {"status": "Running"})
    assert run(key="other").status == 409
    call("POST", f"/api/tasks/{MINE}/suspend", user="admin")
    assert run(key="k").body["jobId"] == first.body["jobId"]
    assert len(runs()) == 1


def test_one_key_for_two_tasks_is_two_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, name="another")
    assert run(key="k").body["jobId"] != run(key="k", name="another").body["jobId"]


def test_a_key_that_is_none_is_refused() -> None:
    assert run(key="").status == 400
    assert run(key="x" * 256).status == 400
    assert runs() == []


@pytest.mark.requirement("T2")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, None),
        ({}, None),
        ({"reason": " It moves. "}, "It moves."),
    ],
)
def test_a_suspended_task_says_why_and_does_not_run(body: object, reason: str | None) -> None:
    answer = call("POST", f"/api/tasks/{MINE}/suspend", body, user="admin")
    assert (answer.status, answer.body["status"], answer.body["late"]) == (200, "suspeneded", False)
    suspension = answer.body["suspension"]
    assert (suspension["by"], suspension.get("reason")) == ("Admin", reason)
    assert suspension["since"].endswith("Z")
    assert show() == answer.body
    refused = run()
    assert (refused.status, refused.body["code"]) == (409, "task-suspended")
    assert f"Suspended by Admin{(reason and f': {reason}') or '.'}" in refused.body["detail"]
    assert (deliver(SLOT), runs()) == (None, [])
    resumed = call("POST", f"/api/tasks/{MINE}/resume", user="admin")
    assert resumed.status == 200
    assert not {"suspension", "status"} & set(resumed.body)
    assert call("POST", f"/api/tasks/{MINE}/resume", user="admin").status == 200, "safe to repeat"
    assert run().status == 202


@pytest.mark.parametrize("body", [{"reason": ""}, {"reason": "x" * 201}, {"why": "x"}, {"reason": 3}, [], "x"])
def test_a_reason_that_is_none_is_refused(body: object) -> None:
    assert call("POST", f"/api/tasks/{MINE}/suspend", body, user="admin").status == 400
    assert not get_document(MINE).is_suspended


def test_a_newer_suspension_stays_and_a_run_under_way_goes_on() -> None:
    begun()
    for reason in ("one", "two"):
        answer = call("POST", f"/api/tasks/{MINE}/suspend", {"reason": reason}, user="admin")
    assert (answer.body["status"], answer.body["suspension"]["reason"]) == ("running", "two")


def test_a_task_that_only_lacks_configuration_cannot_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, name="unready", not_ready=lambda: "Nobody told where.")
    deliver(SLOT, "unready")
    answer = call("POST", "/api/tasks/unready/resume", user="admin")
    assert (answer.status, answer.body["code"], answer.body["detail"]) == (
        409, "task-not-configured", "Nobody told where.",
    )  # fmt: skip
    shown = show("unready")
    assert (shown["status"], shown["suspension"]) == ("suspeneded", {"reason": "Nobody told where."})
    assert run(name="unready").body["code"] == "task-suspended"
    call("POST", "/api/tasks/unready/suspend", user="admin")
    assert call("POST", "/api/tasks/unready/resume", user="admin").status == 200
    assert show("unready")["suspension"] == {"reason": "Nobody told where."}


def test_a_task_that_nobody_looked_at_yet_shows_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch, name="unready", not_ready=lambda: "Nobody told where.")
    add_task(monkeypatch, name="unknown", not_ready=lambda: str(1 / 0))
    assert show("unready")["suspension"] == {"reason": "Nobody told where."}
    assert "suspension" not in show("unknown")


@pytest.mark.requirement("T9")
def test_data_is_given_as_it_is_saved() -> None:
    path = f"/api/tasks/{MINE}/data"
    assert (call("GET", path).text, call("GET", path).headers["content-type"]) == ("[]", "application/json")
    execute_task("script", MINE, lambda: DEVICES)
    assert call("GET", path).body == DEVICES
    size_bytes = len(json.dumps(DEVICES, separators=(",", ":")))
    assert show()["data"] | {"at": ""} == {
        "version": 1, "at": "", "savedIn": "db", "records": 2, "sizeBytes": size_bytes,
        "url": f"https://jobs.example.com{path}",
    }  # fmt: skip
    execute_task("script", MINE, lambda: {"a": "ü"}, save_in=SaveIn.STORAGE)
    moved = call("GET", path)
    assert (moved.status, moved.text, moved.headers["cache-control"]) == (302, "", "no-store")
    assert "tasks_data/mine.json" in moved.headers["location"]
    assert show()["data"]["version"] == 2
    execute_task("script", MINE, lambda: {"sent": True}, save_in=SaveIn.NONE)
    assert (call("GET", path).status, call("GET", path).text, show()["data"]["savedIn"]) == (200, "[]", "none")


@pytest.mark.requirement("T7")
def test_data_of_before_is_given_while_a_run_is_under_way_and_after_one_that_failed() -> None:
    execute_task("script", MINE, lambda: DEVICES)
    job = begun()
    assert call("GET", f"/api/tasks/{MINE}/data").body == DEVICES
    lifecycle().cancel(job)
    assert call("GET", f"/api/tasks/{MINE}/data").body == DEVICES
    assert show()["data"]["version"] == 1


def test_runs_are_listed_newest_first() -> None:
    first = deliver(SLOT)
    lifecycle().cancel(get_job(str(first)))
    second = run().body["jobId"]
    found = call("GET", f"/api/tasks/{MINE}/runs").body
    assert [(each["jobId"], each["status"], each["source"]) for each in found] == [
        (second, "Queued", "Admin"), (first, "Cancelled", "schedule"),
    ]  # fmt: skip
    assert (found[1]["slot"], "slot" in found[0]) == (iso(SLOT), False)
    assert set(found[1]) == {"jobId", "status", "source", "slot", "createdAt", "completedAt", "progress"}
    assert [each["jobId"] for each in call("GET", f"/api/tasks/{MINE}/runs?limit=1").body] == [second]
    for limit in ("0", "201", "x", "-1"):
        assert call("GET", f"/api/tasks/{MINE}/runs?limit={limit}").status == 400


def test_a_run_under_way_is_running() -> None:
    job = begun()
    shown = show()
    assert (shown["status"], shown["jobId"], shown["error"]) == ("running", job.id, "")
    assert "completed" not in shown


@pytest.mark.requirement("T7")
def test_a_run_whose_job_was_cancelled_has_failed() -> None:
    lifecycle().cancel(begun())
    shown = show()
    assert (shown["status"], shown["error"]) == ("failed", "The run was cancelled.")
    assert shown["completed"] == shown["timestamp"]
    assert run().status == 202


@pytest.mark.requirement("T7")
def test_a_run_that_crashed_has_failed_and_says_why() -> None:
    job = begun()
    store().fail(FAIL, job, JobError("worker-lost", "Its worker was lost."), now_utc())
    assert (show()["status"], show()["error"]) == ("failed", "Its worker was lost.")


@pytest.mark.requirement("T7")
def test_a_run_that_the_machine_gave_up_has_failed_and_says_why() -> None:
    job = get_job(run().body["jobId"])
    change_document(MINE, {"status": TaskStatus.RUNNING, "job_id": job.id, "attempt": 1, "started": now_utc()})
    lifecycle().settle(job.id, 1, Failure("States.Timeout", ""))
    assert (show()["status"], show()["error"]) == ("failed", "The job waited too long and was given up. Retry it.")


@pytest.mark.requirement("T7")
def test_a_run_whose_job_is_gone_has_failed() -> None:
    change_document(MINE, {"status": TaskStatus.RUNNING, "job_id": "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"})
    assert (show()["status"], show()["error"]) == ("failed", "The run ended without a word: its job is gone.")


def test_a_run_that_is_tried_again_is_running_without_an_end() -> None:
    begun()
    change_document(MINE, {"status": TaskStatus.FAILED, "error": "The peer is away.", "completed": now_utc(),
                           "duration_ms": 5})  # fmt: skip
    shown = show()
    assert (shown["status"], shown["error"]) == ("running", "The peer is away.")
    assert not {"completed", "durationSeconds"} & set(shown)


def test_what_is_late_is_told_with_reasons() -> None:
    old = now_utc() - timedelta(days=2)
    change_document(MINE, {"schedule": "rate(1 hour)", "time_zone": "UTC", "is_enabled": True, "watched_since": old,
                           "data_at": old, "saved_in": SaveIn.DB, "data": "[]"})  # fmt: skip
    shown = show()
    assert shown["late"] is True
    assert [reason.split(" ")[0:2] for reason in shown["lateReasons"]] == [["It", "was"], ["Its", "data"]]
    assert shown["schedule"]["next"] > iso(now_utc())


def test_a_schedule_that_is_not_understood_is_shown_all_the_same() -> None:
    for expression in ("rate(0 minutes)", "cron(0 0 15W * ? *)", "at(2026-99-99T00:00:00)", "x"):
        change_document(MINE, {"schedule": expression, "is_enabled": True, "watched_since": SLOT})
        assert show()["schedule"] == {"expression": expression, "timeZone": "UTC", "enabled": True}


@pytest.mark.parametrize("user", ["demo", "admin", "system-writer"])
def test_nobody_submits_runs_of_tasks_by_another_way(user: str) -> None:
    params = {"task": MINE}
    own = {"type": "Task", "projectId": "demo" if user != "system-writer" else "system", "params": params}
    answer = call("POST", "/api/jobs", own, user=user)
    assert answer.status in (400, 403)
    assert answer.body["code"] in ("unknown-type", "read-only")
    assert "Task" not in answer.body["detail"].partition("There are")[2]
    validation = {"type": "Validation", "projectId": "system", "params": {"dataset": "d"}}
    assert call("POST", "/api/jobs", validation, user=user).body["code"] in (
        "project-not-found",
        "system-project",
        "read-only",
    )
    assert runs() == []


def test_runs_are_retried_only_by_admins_and_only_when_one_may_begin() -> None:
    job_id = run().body["jobId"]
    path = f"/api/jobs/{job_id}"
    assert call("POST", f"{path}/cancel", user="system-writer").status == 403
    lifecycle().cancel(get_job(job_id))
    assert call("POST", f"{path}/retry", user="demo").status == 404
    assert call("POST", f"{path}/retry", user="system-writer").status == 403
    assert call("DELETE", path, user="system-writer").status == 403
    call("POST", f"/api/tasks/{MINE}/suspend", user="admin")
    assert call("POST", f"{path}/retry", user="admin").body["code"] == "task-suspended"
    call("POST", f"/api/tasks/{MINE}/resume", user="admin")
    other = run().body["jobId"]
    assert call("POST", f"{path}/retry", user="admin").body["code"] == "task-running"
    lifecycle().cancel(get_job(other))
    assert call("POST", f"{path}/retry", {"params": {"task": "send_reset_sms"}}, user="admin").status == 400
    assert call("POST", f"{path}/retry", user="admin").status == 202
    assert run().body["code"] == "task-running"
    assert get_document(MINE).next_job_id == job_id


def test_a_run_retried_much_later_is_not_late_at_once(kit: Tools) -> None:
    job = get_job(run().body["jobId"])
    attempt_to_end(job, kit)
    old = now_utc() - timedelta(days=1)
    change_document(MINE, {"asked_at": old, "started": old})
    failed = builders.failed(get_job(run().body["jobId"]))
    change_document(MINE, {"asked_at": old, "started": old, "job_id": failed.id, "attempt": 1, "data_at": now_utc()})
    assert call("POST", f"/api/jobs/{failed.id}/retry", user="admin").status == 202
    assert show()["late"] is False
    attempt_to_end(get_job(failed.id), kit)
    assert (get_document(MINE).started or old) > now_utc() - timedelta(minutes=5)


def test_members_of_the_system_project_see_runs_and_others_do_not() -> None:
    job_id = run().body["jobId"]
    assert call("GET", f"/api/jobs/{job_id}", user="demo").status == 404
    assert call("GET", f"/api/jobs/{job_id}", user="viewer").status == 404
    assert call("GET", "/api/jobs", user="demo").body == []
    assert call("GET", f"/api/jobs/{job_id}", user="system-reader").body["type"] == "Task"
    assert call("GET", f"/api/jobs/{job_id}", user="admin").status == 200


def test_nothing_is_uploaded_into_the_system_project() -> None:
    wanted = {"projectId": "system", "filename": "a.csv", "contentType": "text/csv", "sizeBytes": 3}
    assert call("POST", "/api/uploads", wanted, user="system-writer").status == 403
