"""`python -m bench`: the command behind `make bench`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.comparisons import BARE, COMPARISONS, OURS, Comparison, Word
from bench.environments import python_of
from bench.figures import Figures, show
from bench.measure import ProgramFailed, Run, measure
from bench.table import Files, make_table

_STATE = Path(__file__).parents[1] / ".local" / "bench"
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    rows: Annotated[int, typer.Option(min=1, help="Rows of the table; ten columns.")] = 1_000_000,
    runs: Annotated[int, typer.Option(min=1, help="Pairs of runs, ours and the bare engine's in turn.")] = 2,
    only: Annotated[Word | None, typer.Option(help="One of the three alone.")] = None,
    peer_rows: Annotated[int, typer.Option(min=1, help="Rows for what is slow; its seconds are scaled.")] = 100_000,
    peers: Annotated[bool, typer.Option(help="Run what people use today as well, once.")] = True,
    state: Annotated[Path, typer.Option(help="Folder of the files and environments.")] = _STATE,
) -> None:
    """Measure import, validation and export of a table, each beside the bare engine and beside a peer."""
    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    chosen = [each for each in COMPARISONS if only in (None, each.word)]
    try:
        files = Files(state.resolve() / str(rows))
        _prepare(files, (rows, peer_rows), chosen, console)
        figures = [_compare(each, files, runs, console) for each in chosen]
        for each in figures if peers else ():
            _ask_peer(each, state.resolve(), files, console)
    except ProgramFailed as error:
        console.print(f"{error}.", style="red")
        raise typer.Exit(1) from error
    console.print()
    show(figures, console)


def _prepare(files: Files, rows: tuple[int, int], chosen: list[Comparison], console: Console) -> None:
    console.print(f"A table of {rows[0]:,} rows × 10 columns in {files.folder} …", soft_wrap=True)
    make_table(files, *rows)
    if any(each.word != "import" for each in chosen):
        measure(OURS, "make-dataset", files.folder)


def _compare(comparison: Comparison, files: Files, runs: int, console: Console) -> Figures:
    """Ours and the bare engine in turn: what else this machine does hits both alike."""
    figures = Figures(comparison, [], [], [])
    for _ in range(runs):
        for module, done in ((OURS, figures.ours), (BARE, figures.bare)):
            done.append(_told(module, comparison.step, measure(module, comparison.step, files.folder), console))
    return figures


def _ask_peer(figures: Figures, state: Path, files: Files, console: Console) -> None:
    peer = figures.comparison.peer
    if peer:
        python = python_of(peer.name, state)
        run = measure(peer.module, figures.comparison.word, files.folder, python)
        figures.peers.append(_told(peer.module, figures.comparison.word, run, console))


def _told(module: str, step: str, run: Run, console: Console) -> Run:
    console.print(
        f"{module} {step}: {run.rows:,} rows, CPU {run.work_seconds:.2f} s and {run.other_seconds:.2f} s around it,"
        f" {run.wall_seconds:.1f} s, {run.peak_megabytes:.0f} MB"
        + (f", {run.found:,} errors" if run.found is not None else "")
    )
    return run


if __name__ == "__main__":
    app()
