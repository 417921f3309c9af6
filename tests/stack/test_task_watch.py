"""The look at all tasks: what EventBridge has of their schedules, and what CloudWatch is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from jobmill import aws
from jobmill.jobs.operations import create_job
from jobmill.scheduled.registry import ScheduledTask
from jobmill.settings import settings
from jobmill.tasks.names import TaskSpec
from jobmill.tasks.rows import TaskRow, change_document, get_document, task_key
from jobmill.tasks.watching import TaskWatch
from tests.stack.schedules import MINE, add_task

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("T14")]

GROUP = "jobmill-test"
BEGIN = datetime(2026, 6, 15, 11, 30, tzinfo=UTC)
NOTHING = {"not-fired": 0, "not-ended": 0, "too-old": 0}


class Watched:
    """Looks at tasks whenever the test says, by a clock of its own."""

    def __init__(self) -> None:
        self.now = BEGIN

    def look(self, *tasks: ScheduledTask, **passed: float) -> dict[str, int]:
        self.now += timedelta(**passed)
        watch = TaskWatch(aws.scheduler, aws.cloudwatch, settings(), lambda: self.now)
        return {str(what): number for what, number in watch.look(task.spec for task in tasks).items()}


@pytest.fixture
def watched(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Watched:
    monkeypatch.setenv("SCHEDULE_GROUP", GROUP)
    settings.cache_clear()
    boto3.client("scheduler").create_schedule_group(Name=GROUP)
    return Watched()


def schedule(change: str = "create", *, name: str = MINE, **changes: Any) -> None:
    target = {"Arn": "arn:aws:lambda:eu-central-1:123456789012:function:starter",
              "RoleArn": "arn:aws:iam::123456789012:role/schedules"}  # fmt: skip
    wanted = {"GroupName": GROUP, "Name": name, "State": "ENABLED", "FlexibleTimeWindow": {"Mode": "OFF"},
              "Target": target,
              "ScheduleExpression": "cron(0 * * * ? *)", "ScheduleExpressionTimezone": "Europe/Amsterdam"}  # fmt: skip
    getattr(boto3.client("scheduler"), f"{change}_schedule")(**(wanted | changes))


def figures(metric: str) -> list[float]:
    """What CloudWatch was told, under the stack's name."""
    found = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="Jobmill",
        MetricName=metric,
        Dimensions=[{"Name": "Stack", "Value": GROUP}],
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        EndTime=datetime.now(UTC) + timedelta(hours=1),
        Period=86_400,
        Statistics=["Maximum"],
    )
    return [point["Maximum"] for point in found["Datapoints"]]


def test_the_schedule_is_noted_as_eventbridge_has_it(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule()
    assert watched.look(add_task(monkeypatch)) == NOTHING
    document = get_document(MINE)
    assert (document.schedule, document.time_zone) == ("cron(0 * * * ? *)", "Europe/Amsterdam")
    assert (document.is_enabled, document.watched_since) == (True, BEGIN)
    watched.look(add_task(monkeypatch), minutes=5)
    assert get_document(MINE).watched_since == BEGIN, "it has not changed"


def test_a_slot_that_does_not_fire_is_told_until_one_does(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule()
    task = add_task(monkeypatch)
    assert watched.look(task) == NOTHING
    assert watched.look(task, minutes=40) == NOTHING | {"not-fired": 1}, "12:00 is ten minutes ago"
    assert watched.look(task, hours=1) == NOTHING | {"not-fired": 1}
    change_document(MINE, {"fired_at": datetime(2026, 6, 15, 13, tzinfo=UTC)})
    assert watched.look(task) == NOTHING


def test_what_is_late_is_told_to_cloudwatch_as_figures(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {"asked_at": BEGIN - timedelta(days=1), "data_at": BEGIN - timedelta(days=1)}
    tasks = [add_task(monkeypatch, name=name, fresh_for=timedelta(hours=3)) for name in ("one", "two", "three")]
    for name in ("one", "two", "three"):
        schedule(name=name)
    watched.look(*tasks)
    assert [figures(name) for name in ("SchedulesNotFired", "RunsNotEnded", "DataTooOld")] == [[0]] * 3
    change_document("one", old | {"next_job_id": create_job(project_id="system", created_by="x").id})
    change_document("two", old)
    change_document("three", {"data_at": BEGIN + timedelta(hours=2)})
    expected = {"not-fired": 3, "not-ended": 1, "too-old": 2}
    assert watched.look(*tasks, hours=4) == expected
    assert [figures(name) for name in ("SchedulesNotFired", "RunsNotEnded", "DataTooOld")] == [[3], [1], [2]]


def test_a_schedule_deleted_or_switched_off_is_told(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)
    schedule()
    watched.look(task)
    schedule("update", State="DISABLED")
    assert watched.look(task) == NOTHING | {"not-fired": 1}
    schedule("update", State="ENABLED")
    assert watched.look(task) == NOTHING
    boto3.client("scheduler").delete_schedule(GroupName=GROUP, Name=MINE)
    assert watched.look(task) == NOTHING | {"not-fired": 1}
    assert (get_document(MINE).schedule, get_document(MINE).is_enabled) == ("cron(0 * * * ? *)", False)


def test_a_schedule_that_is_on_again_is_not_late_for_the_slots_before_that(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = add_task(monkeypatch)
    schedule(State="DISABLED")
    watched.look(task)
    schedule("update", State="ENABLED")
    assert watched.look(task, days=3) == NOTHING
    assert watched.look(task, minutes=40) == NOTHING | {"not-fired": 1}


def test_a_changed_schedule_is_watched_from_its_change_on(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)
    schedule(ScheduleExpression="cron(0 0 1 1 ? *)")
    watched.look(task)
    schedule("update")
    assert watched.look(task, days=3) == NOTHING
    assert get_document(MINE).watched_since == watched.now
    schedule("update", ScheduleExpressionTimezone="Asia/Kathmandu")
    assert watched.look(task, minutes=1) == NOTHING
    assert get_document(MINE).watched_since == watched.now


def test_a_task_without_a_schedule_is_not_late(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched.look(add_task(monkeypatch)) == NOTHING
    assert get_document(MINE).schedule is None


def test_one_that_cannot_be_looked_at_counts_and_stops_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = add_task(monkeypatch, name="broken", not_ready=lambda: str(1 / 0))
    unreadable = add_task(monkeypatch, name="unreadable")
    change_document("unreadable", {"status": "running"})
    TaskRow(task_key("unreadable")).update([TaskRow.status.set("resting")])
    schedule(name="fine")
    fine = add_task(monkeypatch, name="fine")
    assert watched.look(broken, unreadable, fine) == NOTHING | {"not-fired": 2}
    assert get_document("fine").schedule
    assert figures("SchedulesNotFired") == [2]


def test_a_task_that_lacks_configuration_is_noted_so_and_never_late(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = ["Nobody told where the devices are."]
    task = add_task(monkeypatch, not_ready=lambda: lacking[0] if lacking else None)
    schedule()
    for _ in range(3):
        assert watched.look(task, hours=5) == NOTHING
    assert get_document(MINE).not_ready == lacking[0]
    lacking.clear()
    watched.look(task)
    assert get_document(MINE).not_ready is None


def test_scheduler_away_is_an_alarm_and_no_crash(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    task = add_task(monkeypatch)

    def away() -> Any:
        raise ConnectionError("no scheduler")

    watch = TaskWatch(away, aws.cloudwatch, settings(), lambda: BEGIN)
    specs: list[TaskSpec] = [task.spec, task.spec]
    assert list(watch.look(specs).values()) == [2, 0, 0]


def test_a_schedule_that_nobody_here_understands_is_logged_once(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    schedule(ScheduleExpression="cron(0 3 15W * ? *)")
    task = add_task(monkeypatch)
    with caplog.at_level("WARNING", "jobmill"):
        assert watched.look(task) == NOTHING
        assert watched.look(task, hours=100) == NOTHING
    assert [record.message for record in caplog.records] == ["schedule not understood: a missed slot will not be told"]
