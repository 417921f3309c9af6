"""The words of tasks: their names, statuses, and where their data goes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from jobmill.json_values import Json

TASK_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""What a task's name looks like: it stands in keys, in S3 paths and in the names of schedules."""
TASK = "Task"
"""The type of the jobs that are runs of tasks."""

type TaskData = list[Json] | dict[str, Json]


class TaskName(StrEnum):
    """The tasks that Jobmill comes with."""

    SEND_RESET_SMS = "send_reset_sms"
    COLLECT_DEVICES_HEALTH = "collect_devices_health"
    COLLECT_CHARGE_LOCATIONS = "collect_charge_locations"
    COLLECT_CHARGE_CDRS = "collect_charge_cdrs"


class TaskStatus(StrEnum):
    """How a task is. The last one is spelled as the wire has had it from the beginning."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    SUSPENEDED = "suspeneded"

    @classmethod
    def _missing_(cls, value: object) -> "TaskStatus | None":
        return cls.SUSPENEDED if value == "suspended" else None


class SaveIn(StrEnum):
    """Where a run's data goes, beside this process's cache."""

    STORAGE = "storage"
    """The tasks' bucket; the document has a link of some days."""
    DB = "db"
    """The task's document, or the bucket if it is over 100 KB."""
    NONE = "none"
    """Nowhere else."""


@dataclass(frozen=True)
class TaskSpec:
    """What is promised of a task, and what it needs."""

    name: str
    save_in: SaveIn
    run_limit: timedelta
    """Working time of a run."""
    fresh_for: timedelta | None
    """How old its data may become before it counts as late; none: any age."""
    not_ready: Callable[[], str | None]
    """Why it cannot run, in a sentence for the operator, if something that it needs is not configured."""
