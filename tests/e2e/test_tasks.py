"""Scheduled tasks on the whole stack: schedules that really fire, a peer over real HTTP, the command, the alarms."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from jobmill.charging.collecting import SETTLED
from jobmill.ocpi.objects import key_of
from jobmill_client import ApiProblem, Client
from jobmill_local.peer import Fault, Faults, Kind, Peer
from jobmill_local.stack import Stack

HEALTH, RESETS = "collect_devices_health", "send_reset_sms"
LOCATIONS, CDRS = "collect_charge_locations", "collect_charge_cdrs"
PATIENCE_SECONDS = 200
pytestmark = pytest.mark.requirement("T14")


def soon[T](look: Callable[[], T], seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, once it finds something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(1)
    raise AssertionError(f"nothing came within {seconds} s")


@contextmanager
def in_trouble(peer: Peer, faults: Faults) -> Iterator[None]:
    peer.faults = faults
    try:
        yield
    finally:
        peer.faults = Faults()


def run(jobmill: Any, name: str) -> dict[str, Any]:
    """A run of the task, to its end; gives its job."""
    found: dict[str, Any] = json.loads(jobmill("tasks", "run", name, "--wait", "--json", user="admin"))
    return found


def watch(stack: Stack) -> None:
    called = stack.aws("lambda").invoke(FunctionName=stack.outputs["TaskWatchFunctionName"], Payload=b"{}")
    assert called.get("FunctionError") is None, called["Payload"].read()


def truth(peer: Peer, kind: Kind, until: datetime) -> dict[Any, Any]:
    """The peer's valid objects that have not changed since, with JSON's own numbers."""
    invalid = peer.world.invalid(kind)
    entries = peer.world.entries(kind, None, until)
    return {entry.key: json.loads(entry.text) for entry in entries if entry.key not in invalid}


@pytest.mark.requirement("T16")
def test_a_schedule_fires_by_itself_each_slot_once(
    client_for: Callable[[str], Client], peer: Peer, jobmill: Any
) -> None:
    client = client_for("viewer")
    slots = soon(lambda: len(found := [each.slot for each in client.task_runs(HEALTH)]) >= 2 and found)
    assert len(set(slots)) == len(slots), "each slot has a run of its own"
    first, second = sorted(slots)[:2]
    assert timedelta(seconds=50) < second - first < timedelta(seconds=130)
    task = soon(lambda: (found := client.task(HEALTH)).status == "completed" and found)
    assert (task.source, task.error, task.is_late) == ("schedule", None, False)
    assert {device["id"]: device for device in client.task_data(HEALTH)} == peer.world.devices()
    assert json.loads(jobmill("tasks", "data", HEALTH, user="viewer")) == client.task_data(HEALTH)
    assert HEALTH in jobmill("tasks", "list", user="viewer")


@pytest.mark.requirement("T15")
def test_collected_charging_is_the_peers_truth_and_a_dataset_like_any_other(
    client_for: Callable[[str], Client], peer: Peer, jobmill: Any, tmp_path: Path
) -> None:
    client = client_for("admin")
    moving = {Fault.MOVING: 1.0, Fault.TOO_MANY_REQUESTS: 0.1, Fault.SERVER_ERROR: 0.1, Fault.SLOW: 0.2}
    with in_trouble(peer, Faults(moving, slow_seconds=0.1, retry_after_seconds=1)):
        for name, kind in ((LOCATIONS, Kind.LOCATIONS), (CDRS, Kind.CDRS)):
            until = datetime.now(UTC) - SETTLED
            job = run(jobmill, name)
            assert (job["status"], job["result"]["partial"]) == ("Completed", True), job
            have = {key_of(raw): raw for raw in client.task_data(name)}
            unchanged = truth(peer, kind, until)
            assert {key: have.get(key) for key in unchanged} == unchanged
            assert job["result"]["quarantined"] > 0
    assert {each["name"] for each in job["reports"]} >= {"quarantined.json"}
    newest = max(each["name"] for each in job["reports"] if each["name"].startswith("charging-"))
    jobmill("download", job["id"], newest, user="admin")
    workbook = load_workbook(tmp_path / newest, read_only=True)
    assert workbook.sheetnames == ["Summary", "CDRs", "Credits", "Quality issues"]
    assert workbook["CDRs"].max_row > 1
    asked = client.submit("Export", {"dataset": "charge_cdrs", "format": "csv"}, project_id="charging")
    exported = client.wait(asked.id, timeout=120).raise_unless_completed()
    assert exported.result["recordsProcessed"] == len(have)
    checked = client.submit("Export", {"dataset": "charge_locations", "format": "xlsx"}, project_id="charging")
    client.wait(checked.id, timeout=120).raise_unless_completed()


@pytest.mark.requirement("T17")
def test_unhealthy_devices_are_sent_one_reset_a_day(
    client_for: Callable[[str], Client], peer: Peer, jobmill: Any
) -> None:
    client = client_for("admin")
    soon(lambda: client.task(HEALTH).data)
    run(jobmill, RESETS)
    first = client.task_data(RESETS)
    assert first["sent"] is True
    assert first["messages"] > 0
    run(jobmill, RESETS)
    second = client.task_data(RESETS)
    assert (second["messages"], second["alreadySent"]) == (0, first["messages"])


def test_a_suspended_task_does_not_run_until_it_is_resumed(client_for: Callable[[str], Client], jobmill: Any) -> None:
    client = client_for("admin")
    jobmill("tasks", "suspend", RESETS, "--reason", "maintenance", user="admin")
    task = client.task(RESETS)
    assert task.is_suspended
    assert task.suspension is not None
    assert "maintenance" in task.suspension.reason
    with pytest.raises(ApiProblem) as refused:
        client.run_task(RESETS)
    assert refused.value.code == "task-suspended"
    jobmill("tasks", "resume", RESETS, user="admin")
    assert not client.task(RESETS).is_suspended
    with pytest.raises(ApiProblem) as forbidden:
        client_for("demo").run_task(RESETS)
    assert forbidden.value.code == "admin-only"


def test_a_schedule_that_is_gone_is_late_and_alarms(stack: Stack, client_for: Callable[[str], Client]) -> None:
    client = client_for("viewer")
    watch(stack)
    task = client.task(LOCATIONS)
    assert task.schedule is not None
    assert (task.schedule.expression, task.schedule.is_enabled) == ("cron(40 3 * * ? *)", True)
    stack.aws("scheduler").delete_schedule(GroupName="jobmill", Name=LOCATIONS)
    watch(stack)
    late = client.task(LOCATIONS)
    assert (late.is_late, [*late.late_reasons]) == (True, ["Its schedule is gone or switched off in EventBridge."])
    alarms = stack.aws("cloudwatch").describe_alarms()["MetricAlarms"]
    states = {alarm["MetricName"]: alarm["StateValue"] for alarm in alarms if alarm["Namespace"] == "Jobmill"}
    assert states["SchedulesNotFired"] == "ALARM"
    assert states["RunsNotEnded"] == "OK"
