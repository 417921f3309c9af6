"""Slots of schedules as EventBridge delivers them: each begins one run, or none, and then the task says why."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

import cleanup.handler
import reconciler.handler
import task_watch.handler
from jobmill.errors import Conflict
from jobmill.jobs import lifecycle as lifecycle_module
from jobmill.jobs.operations import get_job
from jobmill.jobs.services import lifecycle
from jobmill.jobs.status import Status
from jobmill.projects.counters import read_counts
from jobmill.settings import settings
from jobmill.tasks.names import TaskName
from jobmill.tasks.rows import get_document, get_runs
from jobmill.tasks.starting import Asker, TaskRunning, resume, start_now, suspend
from jobmill.times import now_utc
from tests.stack.builders import starts_sent
from tests.stack.collecting import SECRET, configure
from tests.stack.conftest import resources
from tests.stack.http import LambdaContext
from tests.stack.schedules import MINE, add_task, deliver, runs, send
from tests.stack.test_handlers import golden

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T14")]

HEALTH = TaskName.COLLECT_DEVICES_HEALTH
SLOT = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
DEVICES = {"project": "charging", "devices": {"url": "https://devices.example/health"}}
ADMIN = Asker("id-of-admin", "Admin")


def cancel(job_id: str) -> None:
    lifecycle().cancel(get_job(job_id))


@pytest.mark.requirement("C6")
def test_the_scheduler_s_event_begins_the_run_of_its_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, DEVICES)
    job_id = send(golden("scheduler_task"))
    (job,) = runs()
    assert (job.id, job.type, job.status, job.created_by_name) == (job_id, "Task", Status.QUEUED, "schedule")
    assert get_job(job.id).params == {"task": HEALTH, "slot": "2026-01-15T10:30:00.000Z"}
    assert starts_sent() == [job.id]
    document = get_document(HEALTH)
    assert (document.fired_at, document.next_job_id, document.status) == (SLOT, job.id, None)
    assert [(run.job_id, run.source, run.slot) for run in get_runs(HEALTH, 5)] == [(job.id, "schedule", SLOT)]


@pytest.mark.requirement("C6")
def test_each_task_has_a_schedule_in_the_template_that_sends_such_an_event() -> None:
    schedules = [each["Properties"] for each in resources().values() if each["Type"] == "AWS::Scheduler::Schedule"]
    events = [json.loads(schedule["Target"]["Input"]) for schedule in schedules]
    assert sorted(schedule["Name"] for schedule in schedules) == sorted(TaskName)
    for schedule, event in zip(schedules, events, strict=True):
        assert event == golden("scheduler_task") | {
            "task": schedule["Name"], "slot": "<aws.scheduler.scheduled-time>",
        }  # fmt: skip


@pytest.mark.requirement("C6")
def test_the_rules_events_are_taken_by_what_looks_after_jobs_and_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHEDULE_GROUP", "jobmill-test")
    settings.cache_clear()
    assert cleanup.handler.handler(golden("scheduled_rule"), LambdaContext()) == 0
    assert reconciler.handler.handler(golden("scheduled_rule"), LambdaContext()) == {}
    found = task_watch.handler.handler(golden("scheduled_rule"), LambdaContext())
    assert found == {"not-fired": 0, "not-ended": 0, "too-old": 0}


def test_a_slot_delivered_again_is_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch)
    first = deliver(SLOT)
    asked_at = get_document(MINE).asked_at
    assert deliver(SLOT) == first
    assert deliver("2026-01-15T11:30:00+01:00") == first, "the same moment, in another zone's words"
    assert deliver("2026-01-15T10:30:00") == first
    assert len(runs()) == len([*get_runs(MINE, 5)]) == 1
    document = get_document(MINE)
    assert (document.skipped, document.asked_at) == (0, asked_at)


def test_of_deliveries_at_once_one_run_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch)
    barrier, found = threading.Barrier(4), []

    def begin() -> None:
        barrier.wait()
        found.append(deliver(SLOT))

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (job,) = runs()
    assert found == [job.id] * 4


def test_a_delivery_overtaken_by_another_of_its_slot_is_the_same_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one comes after this one looked for a repeat, and before it looks for a run under way."""
    add_task(monkeypatch)
    found: list[str | None] = []
    reserve_key = lifecycle_module.reserve

    def reserve_late(*args: Any, **kwargs: Any) -> str:
        monkeypatch.setattr(lifecycle_module, "reserve", reserve_key)
        reserved = reserve_key(*args, **kwargs)
        found.append(deliver(SLOT))
        return reserved

    monkeypatch.setattr(lifecycle_module, "reserve", reserve_late)
    found.append(deliver(SLOT))
    (job,) = runs()
    assert found == [job.id] * 2
    assert get_document(MINE).skipped == 0


def test_a_slot_delivered_late_again_does_not_hide_the_run_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)
    first = deliver(SLOT)
    cancel(str(first))
    second = deliver(SLOT + HOUR)
    assert deliver(SLOT) == first
    document = get_document(MINE)
    assert (document.next_job_id, document.fired_at) == (second, SLOT + HOUR)
    with pytest.raises(TaskRunning):
        start_now(task.spec, ADMIN)


@pytest.mark.requirement("T12")
def test_slots_while_a_run_is_under_way_are_skipped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch)
    first = deliver(SLOT)
    assert [deliver(SLOT + number * HOUR) for number in (1, 2)] == [None, None]
    document = get_document(MINE)
    assert (document.skipped, document.skipped_at, document.skipped_for) == (2, SLOT + 2 * HOUR, first)
    assert document.fired_at == SLOT + 2 * HOUR, "it did fire"
    assert len(runs()) == 1
    cancel(str(first))
    assert deliver(SLOT + 3 * HOUR) is not None
    assert get_document(MINE).skipped == 2


@pytest.mark.requirement("T12")
def test_a_skipped_slot_delivered_again_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch)
    deliver(SLOT)
    assert [deliver(SLOT + HOUR) for _ in range(3)] == [None] * 3
    assert get_document(MINE).skipped == 1


def test_a_suspended_task_fires_and_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)
    suspend(MINE, by="Kim", why="The peer moves.")
    assert deliver(SLOT) is None
    document = get_document(MINE)
    assert (runs(), document.fired_at, document.skipped) == ([], SLOT, 0)
    assert document.why_suspended == "Suspended by Kim: The peer moves."
    with pytest.raises(Conflict) as refused:
        start_now(task.spec, ADMIN)
    assert refused.value.code == "task-suspended"
    resume(task.spec)
    assert deliver(SLOT + HOUR) is not None


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (None, "No peers are configured"),
        ({"project": "charging"}, "The secret of PeersSecret has no devices."),
        ("no json", "The secret of PeersSecret holds no JSON."),
        ("", "The secret of PeersSecret holds no JSON."),
        ("[]", "The configuration of the peers is wrong"),
        ("null", "The configuration of the peers is wrong"),
        ({"project": "charging", "devices": {"url": "ftp://x"}}, "configuration of the peers is wrong at devices.url"),
        ({"project": "charging", "devices": {"url": "https://x.example", "token": "hush hush"}}, "devices.token"),
    ],
)  # fmt: skip
def test_a_task_that_is_not_configured_says_so_and_does_not_run(
    config: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if config is not None:
        configure(monkeypatch, config or "x")
        if config == "":
            boto3.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretBinary=b"binary")
    assert [deliver(SLOT + number * HOUR, HEALTH) for number in range(2)] == [None, None]
    document = get_document(HEALTH)
    assert runs() == []
    assert reason in document.why_suspended
    assert "hush" not in document.why_suspended
    assert (document.status, document.fired_at, document.suspended_at) == (None, SLOT + HOUR, None)


def test_a_secret_that_is_not_there_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEERS_SECRET", "nothing-of-this-name")
    settings.cache_clear()
    assert deliver(SLOT, HEALTH) is None
    assert get_document(HEALTH).why_suspended == "There is no secret of the name that PeersSecret gives."


def test_a_task_configured_later_runs_with_the_next_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, {"project": "charging"})
    assert deliver(SLOT, HEALTH) is None
    boto3.client("secretsmanager").put_secret_value(
        SecretId=SECRET, SecretString='{"project": "p", "devices": {"url": "https://a.example"}}'
    )
    assert deliver(SLOT + HOUR, HEALTH) is not None
    assert get_document(HEALTH).not_ready is None


def test_a_schedule_of_no_task_does_nothing() -> None:
    assert deliver(SLOT, "collect_nothing") is None
    assert runs() == []
    assert get_document("collect_nothing").fired_at is None


@pytest.mark.parametrize("slot", ["<aws.scheduler.scheduled-time>", "", "soon", "9999"])
def test_an_event_that_names_no_time_is_of_the_minute_that_it_comes_in(
    slot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_task(monkeypatch)
    clock = datetime(2026, 3, 1, 8, 15, 42, tzinfo=UTC)
    monkeypatch.setattr("task_starter.handler.now_utc", lambda: clock)
    assert deliver(slot) == deliver(slot) == runs()[0].id
    assert get_document(MINE).fired_at == datetime(2026, 3, 1, 8, 15, tzinfo=UTC)


def test_an_old_slot_does_not_turn_back_when_a_task_fired(monkeypatch: pytest.MonkeyPatch) -> None:
    add_task(monkeypatch)
    deliver(SLOT)
    deliver(SLOT - HOUR)
    assert get_document(MINE).fired_at == SLOT


def test_a_run_whose_starter_died_half_way_is_known_with_the_slot_s_next_delivery(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add_task(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr("jobmill.tasks.starting.put_run", lambda *rest: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deliver(SLOT)
    (job,) = runs()
    assert deliver(SLOT) == job.id
    assert get_document(MINE).next_job_id == job.id
    assert [run.job_id for run in get_runs(MINE, 5)] == [job.id]


def test_a_run_that_a_person_wants_is_not_the_schedule_s(monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)
    job = start_now(task.spec, ADMIN)
    assert deliver(SLOT) is None
    (run,) = get_runs(MINE, 5)
    assert (run.job_id, run.source, run.slot) == (job.id, "Admin", None)
    assert (get_document(MINE).asked_at or now_utc()) >= job.created_at
    assert read_counts("system").by_status[Status.QUEUED] <= 1
