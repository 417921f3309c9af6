"""`python -m jobmill_local`: the commands behind the Makefile."""

import threading
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jobmill_client import JobmillError
from jobmill_local import function_logs, server
from jobmill_local.demo import demonstrate
from jobmill_local.deploy import StackBroken, deploy
from jobmill_local.peer import foreground
from jobmill_local.stack import FILE, Stack, read_stack
from jobmill_local.toolchain import ROOT, ToolFailed
from jobmill_local.workers import holder, kill, set_processors

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="Jobmill on this machine.",
)
State = Annotated[Path, typer.Option(help="Folder of this stack's state.")]
Parameters = Annotated[list[str] | None, typer.Option("--param", help="Template parameter, Key=Value.")]
console = Console(highlight=False, soft_wrap=True, markup=False)


@app.command()
def up(
    state: State = ROOT / ".local",
    port: Annotated[int, typer.Option(help="Port to prefer; 0 for any.")] = server.PORT,
    param: Parameters = None,
) -> None:
    """Start the local AWS if it does not run, and deploy what changed."""
    state = state.resolve()
    given = dict(_parameter(text) for text in param or [])
    started_at = time.monotonic()
    running = server.running(state)
    with console.status("Starting the local AWS, building and deploying (the first time takes a minute) …"):
        stack = _redeployed(state, running, given) if running else _fresh(state, port, given)
    console.print(f"Jobmill runs at {stack.api_url} (ready in {time.monotonic() - started_at:.1f} s).")
    console.print(f"Its users are {', '.join(stack.users)}; their passwords are in {state / 'users.json'}.")


@app.command()
def down(state: State = ROOT / ".local") -> None:
    """End the local AWS; all that it holds is gone."""
    state = state.resolve()
    (state / FILE).unlink(missing_ok=True)
    console.print("Stopped." if server.stop(state) else "Nothing was running.")


@app.command()
def logs(
    state: State = ROOT / ".local",
    follow: Annotated[bool, typer.Option(help="Go on with what comes.")] = True,
) -> None:
    """What the functions logged."""
    function_logs.show(_stack(state.resolve()), console, follow=follow)


@app.command()
def demo(state: State = ROOT / ".local") -> None:
    """Show the main job: a file in, a dataset, a workbook out."""
    demonstrate(_stack(state.resolve()), console)


@app.command()
def peer(
    state: State = ROOT / ".local",
    port: Annotated[int, typer.Option(help="Port to prefer; 0 for any.")] = foreground.PORT,
) -> None:
    """Serve an OCPI party and devices, for the running stack to collect from, until Ctrl-C."""
    foreground.serve_until(_stack(state.resolve()), port, console, threading.Event())


@app.command()
def kill_worker(job: Annotated[str, typer.Argument(help="Id of the job.")], state: State = ROOT / ".local") -> None:
    """Kill the process that holds a job, as a crash would."""
    stack, running = _running_stack(state.resolve())
    worker = holder(stack, running, job)
    kill(worker)
    lease = stack.parameters.get("LeaseSeconds", "120")
    console.print(f"Killed process {worker.pid} of {worker.function}. Another worker goes on when the lease has passed")
    console.print(f"(LeaseSeconds={lease}) and the reconciler has looked (each minute): jobmill show {job}")


@app.command()
def pause_workers(state: State = ROOT / ".local") -> None:
    """Let processors take no more jobs; what they work on goes on."""
    types = set_processors(_stack(state.resolve()), paused=True)
    console.print(f"Paused: {', '.join(types)}. Jobs wait in their queues until `make resume-workers`.")


@app.command()
def resume_workers(state: State = ROOT / ".local") -> None:
    """Let processors take jobs again."""
    types = set_processors(_stack(state.resolve()), paused=False)
    console.print(f"At work again: {', '.join(types)}.")


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text} is not of the form Key=Value")
    return name, value


def _stack(state: Path) -> Stack:
    return _running_stack(state)[0]


def _running_stack(state: Path) -> tuple[Stack, server.Server]:
    stack, running = read_stack(state), server.running(state)
    if stack is None or running is None:
        raise ToolFailed("no stack is running here: `make run` starts one.")
    return stack, running


def _fresh(state: Path, port: int, given: dict[str, str]) -> Stack:
    (state / FILE).unlink(missing_ok=True)
    return deploy(state, server.start(state, port), given)


def _redeployed(state: Path, running: server.Server, given: dict[str, str]) -> Stack:
    """Update the stack that is there; one that cannot be updated to this revision is made anew, empty."""
    try:
        return deploy(state, running, given)
    except StackBroken as error:
        console.print(f"The running stack could not be updated, so it starts over. {error}")
        server.stop(state)
        return _fresh(state, running.port, given)


def main() -> None:
    """Run a command; a failure is told in one paragraph."""
    try:
        app()
    except (ToolFailed, JobmillError) as error:
        console.print(f"Failed: {error}", style="red")
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
