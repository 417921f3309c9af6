"""`python -m tests.chaos`: what `make chaos`, `make outage` and `make cost` run."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from jobmill_local.toolchain import ROOT
from tests.chaos.run import chaos

SHOWN = 20
app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True, markup=False)
State = Annotated[Path, typer.Option(help="Folder of the stack, which is made and ended.")]


@app.callback()
def main() -> None:
    """Jobs on a local AWS of their own, while things go wrong."""


@app.command()
def run(jobs: int = 300, seed: int = 1, state: State = ROOT / ".local" / "chaos") -> None:
    """Run jobs under faults, and judge what came of them; exits 1 on any violation."""
    judged = chaos(state.resolve(), ROOT / "out", jobs, seed)
    for violation in judged.violations[:SHOWN]:
        console.print(f"{violation.invariant}: {violation.of}: {violation.seen}", style="red")
    console.print(judged.line())
    if judged.violations:
        raise SystemExit(1)


if __name__ == "__main__":
    app()
