"""The commands about who calls: sign in, and look."""

from __future__ import annotations

from typing import Annotated

import typer

from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import me_table
from jobmill_client.errors import Misuse
from jobmill_client.login import UserPool


@command
def token(
    call: Call,
    client_id: Annotated[str | None, typer.Option(help="The user pool's app client (the local stack's)")] = None,
    region: Annotated[str | None, typer.Option(help="The user pool's AWS region.")] = None,
) -> None:
    """Sign in as --user and print the bearer token alone.

    The password is the local user's, else of JOBMILL_PASSWORD, else asked for.
    """
    if (client_id is None) != (region is None):
        raise Misuse("--client-id and --region belong together.")
    if client_id is not None and region is not None:
        try:
            found = call.sign_in(UserPool.on_aws(region, client_id))
        except ValueError as error:
            raise Misuse(f"{region} is not the name of an AWS region.") from error
    else:
        found = call.sign_in()
    if call.options.json:
        call.answer({"token": found}, "")
    else:
        typer.echo(found)


@command
def whoami(call: Call) -> None:
    """Show who the token is of, and what it may do in which projects."""
    with call.client() as client:
        me = client.me()
    call.answer(me.raw, me_table(me))
