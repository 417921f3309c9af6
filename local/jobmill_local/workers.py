"""The functions' worker processes on the local AWS: which there are, which one holds a job, and how it dies."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobmill_local.server import Server
from jobmill_local.stack import Stack
from jobmill_local.toolchain import ToolFailed

_PROCESSES = Path("/proc")
WAIT_SECONDS = 60
"""How long a Queued job is waited for."""


@dataclass(frozen=True)
class Worker:
    """A process that runs a function's code; it is gone and another one comes when it dies."""

    pid: int
    function: str


def workers(state: Path, server: Server) -> list[Worker]:
    """The workers of this folder's server: its children, started from its folder. Raises ToolFailed without /proc."""
    if not _PROCESSES.exists():
        raise ToolFailed("workers are found in /proc, which this system has not.")
    mark = str(state / "tmp" / "ministack-lambda-")
    found = []
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        _, is_ours, folder = command.partition(mark)
        if is_ours and parent == server.pid:
            found.append(Worker(int(process.name), folder.partition("/")[0].rpartition("-")[0]))
    return found


def holder(stack: Stack, server: Server, job_id: str) -> Worker:
    """The worker that holds a job, by the owner in its row; of a Queued job the next one, waited for.

    Raises ToolFailed if none does.
    """
    until = time.monotonic() + WAIT_SECONDS
    while (row := _row(stack, job_id))["status"]["S"] == "Queued" and time.monotonic() < until:
        time.sleep(0.05)
    if "owner" not in row:
        raise ToolFailed(f"no worker holds the job {job_id}: it is {row['status']['S']}.")
    pid = int(row["owner"]["S"].rpartition("/")[2])
    for worker in workers(stack.state, server):
        if worker.pid == pid:
            return worker
    raise ToolFailed(f"the worker of the job {job_id}, process {pid}, is gone; the job is recovered after its lease.")


def _row(stack: Stack, job_id: str) -> dict[str, Any]:
    key = {"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}}
    table = stack.outputs["TableName"]
    row: dict[str, Any] | None = (
        stack.aws("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    )
    if row is None:
        raise ToolFailed(f"there is no job {job_id}.")
    return row


def kill(worker: Worker) -> None:
    """End a worker at once, whatever it is doing, as a crash would; nothing to do if it has gone."""
    try:
        os.kill(worker.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def set_processors(stack: Stack, *, paused: bool) -> list[str]:
    """Let the processors take no more messages, or take them again; gives the names of the job types.

    What they work on goes on, and messages wait in their queues.
    """
    functions = stack.aws("lambda")
    mark = "ProcessorFunctionName"
    names = {value: name.removesuffix(mark) for name, value in stack.outputs.items() if name.endswith(mark)}
    for name in names:
        for mapping in _mappings(functions, name):
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=not paused)
    return sorted(names.values())


def _mappings(functions: Any, name: str) -> list[dict[str, Any]]:
    mappings: list[dict[str, Any]] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    return mappings
