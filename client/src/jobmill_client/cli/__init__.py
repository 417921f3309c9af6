"""The `jobmill` command."""

from __future__ import annotations

import typer

from jobmill_client.cli import (
    analyze_command,
    change_commands,
    check_commands,
    dataset_commands,
    dead_letter_commands,
    file_commands,
    import_command,
    job_commands,
    link_commands,
    task_commands,
    token_command,
)
from jobmill_client.cli.call import Json, Options, Project, Token, Url, User

app = typer.Typer(
    name="jobmill",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def shared_options(
    ctx: typer.Context,
    url: Url = None,
    token: Token = None,
    user: User = None,
    project: Project = None,
    json: Json = False,
) -> None:
    """Import, check and export datasets and run jobs. The options may stand before or after a command.

    Without --url, the local stack of this folder (.local/stack.json, here or above) is used and signed in to.

    Exit codes: 0 done; 1 the job failed or was cancelled, or the API refused; 2 called wrongly;
    3 API not reached, or waited too long; 4 not signed in, or not allowed;
    5 validate: the dataset is not valid, test: a step failed; 130 interrupted.
    """
    ctx.obj = Options(url, token, user, project, json)


app.command("token")(token_command.token)
app.command("whoami")(token_command.whoami)
app.command("import")(import_command.import_)
app.command("export")(file_commands.export)
app.command("validate")(check_commands.validate)
app.command("test")(check_commands.run_scenario)
app.command("analyze")(analyze_command.analyze)
app.command("submit")(job_commands.submit)
app.command("watch")(job_commands.watch)
app.command("list")(job_commands.list_)
app.command("show")(job_commands.show)
app.command("cancel")(change_commands.cancel)
app.command("retry")(change_commands.retry)
app.command("delete")(change_commands.delete)
app.command("download")(file_commands.download)
app.command("link")(link_commands.link)
app.command("links")(link_commands.links)
app.command("unlink")(link_commands.unlink)
app.command("stats")(job_commands.stats)
app.add_typer(dataset_commands.app, name="datasets")
app.add_typer(dead_letter_commands.app, name="dead-letters")
app.add_typer(task_commands.app, name="tasks")

__all__ = ["app"]
