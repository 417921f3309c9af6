"""The commands about datasets: what a project has, and which versions are kept."""

from __future__ import annotations

from typing import Annotated

import typer

from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import datasets_table, versions_table

app = typer.Typer(no_args_is_help=True, help="The project's datasets: list them, and show their versions.")


@command
def list_(call: Call) -> None:
    """List the project's datasets by name, each with its newest version."""
    with call.client() as client:
        found = list(client.datasets(call.project_id()))
    call.answer([dataset.raw for dataset in found], datasets_table(found))


@command
def show(call: Call, name: Annotated[str, typer.Argument(help="The dataset's name.")]) -> None:
    """Show the versions of a dataset that are kept, the newest first."""
    with call.client() as client:
        dataset = client.dataset(call.project_id(), name)
    call.answer(dataset.raw, versions_table(dataset.versions))


app.command("list")(list_)
app.command("show")(show)
