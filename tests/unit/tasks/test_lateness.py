"""When a task is late: by slots, by ends, by age; never while it is suspended, and never before it could have run."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobmill.tasks.document import TaskDocument
from jobmill.tasks.lateness import Lateness, late, next_slot
from jobmill.tasks.names import SaveIn, TaskSpec

pytestmark = pytest.mark.requirement("T14")

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
GRACE = timedelta(minutes=10)
RUN_LIMIT = timedelta(minutes=30)
MOMENT = timedelta(milliseconds=1)
LONG_AGO = NOW - timedelta(days=30)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def spec(fresh_for: timedelta | None = None) -> TaskSpec:
    return TaskSpec("task", SaveIn.DB, RUN_LIMIT, fresh_for, lambda: None)


def document(**fields: Any) -> TaskDocument:
    """Of a task whose schedule is each hour, known for long."""
    known = {"schedule": "cron(0 * * * ? *)", "time_zone": "UTC", "is_enabled": True, "watched_since": LONG_AGO}
    return TaskDocument(name="task", **(known | fields))


def found(task: TaskDocument, fresh_for: timedelta | None = None, *, busy: bool = False, now: datetime = NOW) -> Any:
    return [each.what for each in late(task, spec(fresh_for), now, GRACE, is_under_way=busy)]


def test_a_slot_that_fired_is_not_late() -> None:
    assert found(document(fired_at=NOW)) == []
    assert found(document(fired_at=ago(hours=1)), now=NOW + GRACE - MOMENT) == []


def test_a_slot_of_a_cron_is_late_once_its_grace_is_over() -> None:
    before = document(fired_at=ago(hours=1))
    assert found(before, now=NOW + GRACE - MOMENT) == []
    assert found(before, now=NOW + GRACE) == [Lateness.NOT_FIRED]
    (told,) = late(before, spec(), NOW + GRACE, GRACE, is_under_way=False)
    assert told.why == "It was due at 2026-06-15 12:00 UTC and did not begin."


def test_a_slot_of_a_rate_is_late_once_its_grace_is_over() -> None:
    task = document(schedule="rate(1 hour)", fired_at=ago(hours=1))
    assert found(task, now=NOW + GRACE) == []
    assert found(task, now=NOW + GRACE + MOMENT) == [Lateness.NOT_FIRED]


def test_a_slot_is_of_its_zone() -> None:
    task = document(schedule="cron(0 13 * * ? *)", time_zone="Europe/Amsterdam", fired_at=ago(hours=25))
    assert found(task, now=NOW - timedelta(hours=1) + GRACE) == [Lateness.NOT_FIRED]
    task = document(schedule="cron(0 13 * * ? *)", time_zone="UTC", fired_at=ago(hours=23))
    assert found(task) == []


@pytest.mark.parametrize("schedule", ["cron(0 12 * * ? *)", "rate(1 day)", "at(2026-06-15T12:00:00)"])
def test_a_task_just_deployed_is_not_late_for_slots_before_that(schedule: str) -> None:
    deployed = document(schedule=schedule, watched_since=NOW + timedelta(seconds=1))
    assert found(deployed, now=NOW + timedelta(hours=5)) == []


def test_a_task_whose_schedule_was_changed_is_not_late_by_the_new_one_before_that() -> None:
    changed = document(fired_at=ago(days=3), watched_since=ago(minutes=30))
    assert found(changed) == []
    assert found(changed, now=NOW + GRACE) == [Lateness.NOT_FIRED]


@pytest.mark.parametrize("schedule", ["cron(0 12 ? * 8 *)", "every day", "cron(0 0 15W * ? *)"])
def test_a_schedule_that_is_not_understood_is_never_late(schedule: str) -> None:
    assert found(document(schedule=schedule)) == []
    assert next_slot(document(schedule=schedule), NOW) is None


def test_a_schedule_that_is_off_or_gone_is_late_at_once() -> None:
    task = document(is_enabled=False, fired_at=NOW)
    assert found(task) == [Lateness.NOT_FIRED]
    assert late(task, spec(), NOW, GRACE, is_under_way=False)[0].why.startswith("Its schedule is gone or switched off")


def test_a_task_without_a_schedule_is_not_late_for_slots() -> None:
    assert found(TaskDocument(name="task")) == []
    assert found(TaskDocument(name="task"), timedelta(hours=1)) == [], "it was never watched"


def test_a_run_is_late_once_its_limit_and_grace_are_over() -> None:
    begun = document(fired_at=NOW, started=NOW, asked_at=NOW - timedelta(minutes=5))
    end = NOW + RUN_LIMIT + GRACE
    assert found(begun, busy=True, now=end) == []
    assert found(begun, busy=True, now=end + MOMENT) == [Lateness.NOT_ENDED]
    assert found(begun, busy=False, now=end + MOMENT) == []


def test_a_run_that_never_begins_is_late_too() -> None:
    asked = document(fired_at=NOW, started=ago(days=1), asked_at=NOW)
    end = NOW + RUN_LIMIT + GRACE
    assert found(asked, busy=True, now=end) == []
    assert found(asked, busy=True, now=end + MOMENT) == [Lateness.NOT_ENDED]


def test_data_is_late_once_it_is_older_than_its_promise() -> None:
    promise = timedelta(hours=2)
    task = document(fired_at=NOW, data_at=ago(hours=2))
    assert found(task, promise) == []
    assert found(task, promise, now=NOW + MOMENT) == [Lateness.TOO_OLD]
    assert found(task, None, now=NOW + MOMENT) == []
    (told,) = late(task, spec(promise), NOW + MOMENT, GRACE, is_under_way=False)
    assert told.why == "Its data is of 2026-06-15 10:00 UTC, which is over 2 hours ago."


def test_data_that_never_came_is_late_by_when_the_task_was_first_watched() -> None:
    promise = timedelta(minutes=90)
    task = document(fired_at=NOW, watched_since=ago(minutes=90))
    assert found(task, promise) == []
    (told,) = late(task, spec(promise), NOW + MOMENT, GRACE, is_under_way=False)
    assert (told.what, told.why) == (
        Lateness.TOO_OLD, "It has had no new data since 2026-06-15 10:30 UTC, which is over 1.5 hours ago."
    )  # fmt: skip


@pytest.mark.parametrize("why", [{"suspended_at": NOW}, {"not_ready": "No peers."}])
def test_nothing_of_a_suspended_task_is_late(why: dict[str, Any]) -> None:
    everything = {"started": LONG_AGO, "asked_at": LONG_AGO, "data_at": LONG_AGO}
    assert found(document(**everything), timedelta(hours=1), busy=True) == [*Lateness]
    assert found(document(**everything, **why), timedelta(hours=1), busy=True) == []


def test_the_next_slot_is_told_as_far_as_it_can_be() -> None:
    assert next_slot(document(), NOW) == NOW + timedelta(hours=1)
    rate = document(schedule="rate(2 hours)", fired_at=ago(minutes=30))
    assert next_slot(rate, NOW) == NOW + timedelta(minutes=90)
    assert next_slot(document(schedule="rate(2 hours)"), NOW) == NOW + timedelta(hours=2)
    for without in ({"schedule": None}, {"is_enabled": False}, {"suspended_at": NOW}, {"not_ready": "No peers."}):
        assert next_slot(document(**without), NOW) is None
