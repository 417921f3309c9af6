"""Scheduled tasks: a name, what is promised of it, and the function that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import AwareDatetime, Field

from jobmill.processing.context import Context
from jobmill.processing.registry import Params, Result
from jobmill.settings import settings
from jobmill.tasks.names import TASK_NAME, SaveIn, TaskData, TaskName, TaskSpec

RUN_LIMIT = timedelta(minutes=15)


class TaskParams(Params):
    """What a job of the type Task is to run: the task, and, if its schedule wanted that, for which slot."""

    task: str = Field(pattern=f"^{TASK_NAME.pattern}$")
    slot: AwareDatetime | None = Field(default=None, strict=False)


type TaskContext = Context[TaskParams]
"""One attempt at a run, as the task's function sees it: `checkpoint`, `progress`, files, datasets, reports."""


@dataclass(frozen=True)
class Collected:
    """A task's data, and what else its run's job is to tell in its result."""

    data: TaskData
    result: Result


type TaskWork = Callable[[TaskContext], TaskData | Collected]


@dataclass(frozen=True)
class ScheduledTask:
    """A task and its function."""

    name: str
    work: TaskWork
    save_in: SaveIn
    run_limit: timedelta
    fresh_for: timedelta | None
    not_ready: Callable[[], str | None]

    @property
    def spec(self) -> TaskSpec:
        """What is promised of the task in this deployment."""
        fresh_for = settings().fresh_for.get(self.name, self.fresh_for)
        return TaskSpec(self.name, self.save_in, self.run_limit, fresh_for, self.not_ready)


def scheduled_task(
    name: TaskName | str,
    *,
    save_in: SaveIn = SaveIn.DB,
    run_limit: timedelta = RUN_LIMIT,
    fresh_for: timedelta | None = None,
    not_ready: Callable[[], str | None] = lambda: None,
) -> Callable[[TaskWork], ScheduledTask]:
    """Make the decorated function the task `name`: lower case letters, digits and underscores.

    It takes a `Context` and gives the task's data, a list or a dict of JSON, which goes where `save_in` says (or, with
    more for its job's result, `Collected`). What it raises fails the run; a DependencyError has it tried again first. A
    run may work for `run_limit` (at most a day), in several Lambdas one after the other if it calls
    `context.checkpoint`. Data older than `fresh_for` counts as late.
    `not_ready` gives a sentence for the operator if something is not configured: no run begins then.
    Raises ValueError for a name of another form.
    """
    if not TASK_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a task: lower case letters, digits and underscores")

    def make(work: TaskWork) -> ScheduledTask:
        return ScheduledTask(str(name), work, save_in, run_limit, fresh_for, not_ready)

    return make
