"""`python -m bench.live`: the command behind `make live-bench`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.live import ends, latency
from bench.live.own_stack import own_stack
from bench.live.receivers import browser_path, receiver
from jobmill.log import logger
from jobmill_local.live_socket import live_ticket
from jobmill_local.stack import Stack

STATE = Path(__file__).parents[2] / ".local" / "live-bench"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)


@app.command()
def main(
    writes: Annotated[int, typer.Option(min=20, help="Writes of progress whose way is measured.")] = 200,
    sockets: Annotated[int, typer.Option(min=ends.ON_THE_PROJECT + 1, help="Open at the same time.")] = 200,
    jobs: Annotated[int, typer.Option(min=ends.JOBS_EACH, help="That end while they listen.")] = 1000,
    state: Annotated[Path, typer.Option(help="Folder of the stack, which is made and ended.")] = STATE,
) -> None:
    """Measure live updates on a local stack of their own; exits 1 if an end did not reach who listened to it."""
    # What this process does to its jobs would be thousands of lines.
    logger.setLevel("CRITICAL")
    with own_stack(state.resolve()) as stack:
        for name in ("client", "browser"):
            _tell_latency(stack, name, writes)
        found = ends.measure(stack, sockets, jobs)
    console.print(
        f"{found.sockets:,} sockets, {found.jobs:,} jobs: {found.expected:,} ends to be heard, {found.lost:,} lost, "
        f"{found.repeated:,} heard again"
    )
    if found.lost:
        raise typer.Exit(1)


def _tell_latency(stack: Stack, name: str, writes: int) -> None:
    if name == "browser" and browser_path() is None:
        console.print(
            "From a write of progress to a page: not measured, as there is no chromium (apt install chromium)"
        )
        return
    with receiver(name, live_ticket(stack, stack.token("demo"))["url"]) as one:
        found = latency.measure(one, writes)
    where = "a page in chromium" if name == "browser" else "a WebSocket client"
    console.print(
        f"From a write of progress to {where}, {len(found.seconds)} of {writes} writes: "
        f"p50 {found.percentile(50) * 1000:.0f} ms, p95 {found.percentile(95) * 1000:.0f} ms"
    )


if __name__ == "__main__":
    app()
