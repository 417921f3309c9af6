"""The commands about scheduled tasks: how they stand, their data; starting, suspending and resuming one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import facts, plain, result_table, status
from jobmill_client.cli.file_commands import Target
from jobmill_client.cli.following import Timeout, follow
from jobmill_client.cli.task_tables import change_table, task_table, tasks_table

RUNS_SHOWN = 10
PRINTED_CHARACTERS = 256 * 1024
"""So much of the data is in memory at once."""
HARMLESS = (
    {code: "\ufffd" for code in range(0x20) if chr(code) not in "\t\n"}
    | {ord("\r"): " "}
    | {code: rf"\u{code:04x}" for code in range(0x7F, 0xA0)}
)
"""The same JSON, without characters that control a terminal."""

Name = Annotated[str, typer.Argument(help="The task's name.")]

app = typer.Typer(no_args_is_help=True, help="Scheduled tasks: list and show them, run, suspend and resume one.")


@command
def list_(call: Call) -> None:
    """List the tasks by name: how the last run went, when the next is, how old the data is, and what is late."""
    with call.client() as client:
        found = client.tasks()
    call.answer([task.raw for task in found], tasks_table(found, datetime.now(UTC), call.out.width))


@command
def show(call: Call, name: Name) -> None:
    """Show all of one task, with its last runs, the newest first."""
    with call.client() as client:
        task = client.task(name)
        runs = client.task_runs(name, limit=RUNS_SHOWN)
    document = {**task.raw, "runs": [run.raw for run in runs]}
    call.answer(document, task_table(task, runs, datetime.now(UTC)))


@command
def run(
    call: Call,
    name: Name,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the run to its end.")] = False,
    timeout: Timeout = None,
) -> None:
    """Start a run of a task now; its schedule stays as it is. For admins."""
    with call.client() as client:
        started = client.run_task(name)
        if wait:
            job = follow(call, client, started.job_id, timeout)
            call.answer(job.raw, result_table(job))
        else:
            rows = [("task", started.task), ("job", started.job_id), ("status", status(started.status))]
            call.answer(started.raw, facts(rows))


@command
def suspend(
    call: Call,
    name: Name,
    reason: Annotated[str | None, typer.Option(help="Why, for people: at most 200 characters.")] = None,
) -> None:
    """Let a task start no more runs; one that is under way goes on. For admins."""
    with call.client() as client:
        task = client.suspend_task(name, reason)
    call.answer(task.raw, change_table(task))


@command
def resume(call: Call, name: Name) -> None:
    """Let a suspended task run by its schedule again. For admins."""
    with call.client() as client:
        task = client.resume_task(name)
    call.answer(task.raw, change_table(task))


@command
def data(call: Call, name: Name, output: Target = None) -> None:
    """Print what the last good run of a task gave, as JSON, or save it; [] when there is none."""
    with call.client() as client:
        if output is None:
            with TemporaryDirectory() as folder:
                _print_json(client.download_task_data(name, folder))
        else:
            path = client.download_task_data(name, output)
            document = {"task": name, "file": str(path), "sizeBytes": path.stat().st_size}
            call.answer(document, plain(path))


def _print_json(path: Path) -> None:
    """Write the file to stdout, whole or not at all: it has arrived before its first byte is printed."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        while text := file.read(PRINTED_CHARACTERS):
            typer.echo(text.translate(HARMLESS).encode(), nl=False)
    typer.echo()


app.command("list")(list_)
app.command("show")(show)
app.command("run")(run)
app.command("suspend")(suspend)
app.command("resume")(resume)
app.command("data")(data)
