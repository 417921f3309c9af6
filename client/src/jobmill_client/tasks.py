"""Scheduled tasks: how they stand, their runs, their data; starting, suspending and resuming one."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import requests

from jobmill_client.answers import read
from jobmill_client.api import Api, path_part
from jobmill_client.files import CHUNK_BYTES, appearing, check_target, stored
from jobmill_client.task_models import Task, TaskRun, TaskStart
from jobmill_client.transport import Transport

RUNS_LIMIT = 20

type TaskJson = list[Any] | dict[str, Any]
"""What a task gives: a list, of its records, or an object."""


class Tasks:
    """The client's calls about scheduled tasks; all but the reading ones are for admins.

    Each raises ApiProblem 404 `task-not-found` for a name that is none, NotAuthorized for who may not.
    """

    _api: Api
    _transport: Transport

    def tasks(self) -> list[Task]:
        """All tasks, by name."""
        return read(self._api.call("GET", "/api/tasks"), lambda rows: [Task.from_json(row) for row in rows])

    def task(self, name: str) -> Task:
        """One task as it stands."""
        return read(self._api.call("GET", _task(name)), Task.from_json)

    def task_runs(self, name: str, *, limit: int = RUNS_LIMIT) -> list[TaskRun]:
        """The task's last `limit` runs, newest first."""
        response = self._api.call("GET", f"{_task(name)}/runs?limit={limit:d}")
        return read(response, lambda rows: [TaskRun.from_json(row) for row in rows])

    def run_task(self, name: str, idempotency_key: str | None = None) -> TaskStart:
        """Start a run now, beside the schedule; `wait(start.job_id)` waits for it.

        A repeated request makes no second run. Raises ApiProblem 409 `task-running`, `task-suspended`.
        """
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return read(self._api.call("POST", f"{_task(name)}/run", headers=headers), TaskStart.from_json)

    def suspend_task(self, name: str, reason: str | None = None) -> Task:
        """Let the task start no more runs until it is resumed; one that is under way goes on.

        `reason` is for people, of at most 200 characters.
        """
        body = {} if reason is None else {"reason": reason}
        return read(self._api.call("POST", f"{_task(name)}/suspend", body), Task.from_json)

    def resume_task(self, name: str) -> Task:
        """Let the task run by its schedule again. Raises ApiProblem 409 `task-not-configured` where that is why not."""
        return read(self._api.call("POST", f"{_task(name)}/resume"), Task.from_json)

    def task_data(self, name: str) -> TaskJson:
        """What the task's last good run gave, all of it in memory; `[]` when there is none.

        For large data there is `download_task_data`, which also keeps numbers as they were written.
        """
        response = self._api.call("GET", f"{_task(name)}/data")
        if not response.is_redirect:
            return read(response, _list_or_object)
        with stored(self._transport, _target(response)) as answer:
            return read(answer, _list_or_object)

    def download_task_data(self, name: str, target: str | Path) -> Path:
        """Save what the task's last good run gave as `target`, or as `NAME.json` into it when it is a folder.

        Data in the store is streamed (what the API itself gives is at most the 6 MB of a Lambda's answer). The file
        appears whole, or not at all; an older one stays on failure. Gives its path. Raises OSError, Unreachable.
        """
        path = Path(target)
        check_target(path)
        path = path / f"{name}.json" if path.is_dir() else path
        response = self._api.call("GET", f"{_task(name)}/data")
        if not response.is_redirect:
            read(response, _list_or_object)
        with appearing(path) as file:
            if response.is_redirect:
                with stored(self._transport, _target(response)) as answer:
                    for block in answer.iter_content(CHUNK_BYTES):
                        file.write(block)
            else:
                file.write(response.content)
        return path


def _task(name: str) -> str:
    return f"/api/tasks/{path_part(name)}"


def _target(response: requests.Response) -> str:
    return urljoin(response.url, response.headers["Location"])


def _list_or_object(found: Any) -> TaskJson:
    if not isinstance(found, list | dict):
        raise TypeError("neither a list nor an object")
    return found
