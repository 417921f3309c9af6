"""`python -m tests.chaos`: what `make chaos`, `make outage` and `make cost` run."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jobmill_local.toolchain import ROOT
from tests.chaos import prices
from tests.chaos.cost import AIMS, Cost, cost
from tests.chaos.outage import outage
from tests.chaos.run import Judged, chaos

SHOWN = 20
STATE = ROOT / ".local" / "chaos"
AT_REST = """
At rest, not in the figures above: the reconciler, 43,200 times a month, with four queries each; and Lambda's long polls
of the three queues, about 15 a minute and queue (five pollers, 20 s each), which are 1.9 million SQS requests a month.
Locally each change of a job is a batch of the notifier's own; on AWS it gathers those of a second, so that its calls
and units are at most these."""
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True, markup=False)
State = Annotated[Path, typer.Option(help="Folder of the stack, which is made and ended.")]


@app.callback()
def main() -> None:
    """Jobs on a local AWS of their own, while things go wrong."""


@app.command()
def run(jobs: int = 300, seed: int = 1, state: State = STATE) -> None:
    """Run jobs under faults, and judge what came of them; exits 1 on any violation."""
    _tell(chaos(state.resolve(), ROOT / "out", jobs, seed))


@app.command("outage")
def outage_command(seconds: float = 60, state: State = STATE) -> None:
    """Take SQS, Step Functions and S3 away, and judge what became of the jobs; exits 1 on any violation."""
    _tell(outage(state.resolve(), ROOT / "out", seconds))


@app.command("cost")
def cost_command(jobs: int = 100, state: State = STATE) -> None:
    """Count what a small job costs on the happy path."""
    for counted in cost(state.resolve(), jobs):
        _tell_cost(counted)
    console.print(AT_REST)


def _tell(judged: Judged) -> None:
    for violation in judged.violations[:SHOWN]:
        console.print(f"{violation.invariant}: {violation.of}: {violation.seen}", style="red")
    console.print(judged.line())
    if judged.violations:
        raise SystemExit(1)


def _tell_cost(counted: Cost) -> None:
    console.print(f"\n{counted.name}, mean of {counted.jobs} completed jobs:")
    for name, value in counted.per_job.items():
        console.print(f"  {value:8.2f} {name}{_aim(name)}")
    console.print(f"  {counted.control_dollars:8.2f} dollars per million jobs, control plane{_aim('dollars')}")
    console.print(f"  of them, at {prices.REGION}'s prices of {prices.AS_OF}, the dearest first:")
    for name, dollars in sorted(counted.dollars.items(), key=lambda each: -each[1]):
        beside = " (beside the control plane: the job's own files)" if name.startswith("S3") else ""
        console.print(f"    {dollars:8.2f} {name}{beside}")
    console.print("  calls by function:")
    for name, number in sorted(counted.operations.items(), key=lambda each: -each[1]):
        console.print(f"    {number:8.2f} {name}")


def _aim(name: str) -> str:
    return f" (aim: at most {AIMS[name]:g})" if name in AIMS else ""


if __name__ == "__main__":
    app()
