"""The commands about dead letters: jobs whose messages no worker could take."""

from __future__ import annotations

from typing import Annotated

import typer

from jobmill_client.cli.call import Call, command
from jobmill_client.cli.change_commands import answer_outcomes
from jobmill_client.cli.display import dead_letters_table

app = typer.Typer(no_args_is_help=True, help="Jobs that no worker could begin: list them, and retry them.")


@command
def list_(call: Call) -> None:
    """List the project's jobs that failed as poison and were not retried, the newest 200 first."""
    with call.client() as client:
        letters = client.dead_letters(call.project_id())
    call.answer([letter.raw for letter in letters], dead_letters_table(letters))


@command
def redrive(
    call: Call, job_ids: Annotated[list[str] | None, typer.Argument(help="The jobs' ids; none: all of them.")] = None
) -> None:
    """Queue the project's dead letters again."""
    with call.client() as client:
        answer_outcomes(call, client.redrive(call.project_id(), job_ids or None))


app.command("list")(list_)
app.command("redrive")(redrive)
