"""Attempts at jobs, made by the tests: a type whose work is given, and an ear in the machine's place."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from botocore.exceptions import ClientError

from jobmill.jobs.job import Job
from jobmill.jobs.services import store
from jobmill.processing.attempt import Delivery, Message, Tools, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.registry import JobType, Params, Result
from jobmill.times import now_utc


class AnyParams(Params):
    pass


@dataclass
class Ear:
    """What the machine was told; with `error`, it answers that instead."""

    told: list[str] = field(default_factory=list)
    error: str | None = None

    def send_task_success(self, taskToken: str, output: str) -> None:  # noqa: N803
        self._hear(f"success {taskToken}")

    def send_task_failure(self, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        self._hear(f"{error} {taskToken}")

    def _hear(self, what: str) -> None:
        self.told.append(what)
        if self.error:
            raise ClientError({"Error": {"Code": self.error, "Message": ""}}, "SendTask")


def delivery(name: str = "owner", seconds: float = 600) -> Delivery:
    """A delivery to a worker that has `seconds` left."""
    return Delivery(name, now_utc() + timedelta(seconds=seconds))


def work_with(work: Callable[[Context[AnyParams]], Result]) -> JobType[AnyParams]:
    return JobType("Import", AnyParams, work)


def attempt(job: Job, work: Callable[[Context[AnyParams]], Result], kit: Tools, run: int = 1) -> Job:
    run_attempt(Message(job.id, run, 0, "token"), work_with(work), delivery("owner"), kit)
    return store().get(job.id)


def wait_until_stopped(context: Context[AnyParams]) -> Result:
    """Work that only an interrupt ends, as a long statement of DuckDB."""
    stopped = threading.Event()
    context.on_stop(stopped.set)
    assert stopped.wait(20), "nobody interrupted the work"
    raise RuntimeError("interrupted")
