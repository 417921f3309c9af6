"""Slots of schedules delivered to the starter, and tasks of the tests' own."""

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

import task_starter.handler
from jobmill.jobs.job import JobSummary
from jobmill.jobs.operations import get_all_jobs
from jobmill.scheduled import scheduled_tasks
from jobmill.scheduled.registry import ScheduledTask, TaskWork
from jobmill.tasks.names import SaveIn
from jobmill.times import iso
from tests.stack.http import LambdaContext

MINE = "mine"


def add_task(
    monkeypatch: pytest.MonkeyPatch,
    work: TaskWork = lambda context: [],
    *,
    name: str = MINE,
    save_in: SaveIn = SaveIn.DB,
    not_ready: Callable[[], str | None] = lambda: None,
    fresh_for: timedelta | None = None,
    run_limit: timedelta = timedelta(minutes=15),
) -> ScheduledTask:
    """A task of the test's own, beside those that come with Jobmill."""
    task = ScheduledTask(name, work, save_in, run_limit, fresh_for, not_ready)
    monkeypatch.setitem(scheduled_tasks(), name, task)
    return task


def deliver(slot: datetime | str, name: str = MINE) -> str | None:
    """What EventBridge Scheduler does at a slot; gives the run's job."""
    return send({"task": name, "slot": iso(slot) if isinstance(slot, datetime) else slot})


def send(event: dict[str, Any]) -> str | None:
    return task_starter.handler.handler(copy.deepcopy(event), LambdaContext())


def runs() -> list[JobSummary]:
    """All jobs in `system`, the newest first."""
    return [*get_all_jobs("system")]
