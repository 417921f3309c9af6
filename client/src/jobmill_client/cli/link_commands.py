"""The commands about links: link, links, unlink."""

from __future__ import annotations

from typing import Annotated

import typer

from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import link_table, links_table, local_time, plain

JobId = Annotated[str, typer.Argument(help="The job's id.")]


@command
def link(
    call: Call,
    job_id: JobId,
    name: Annotated[str | None, typer.Argument(help="The report's name (the only one)")] = None,
) -> None:
    """Print an address that gives a report of a job to anyone who has it, without a sign-in."""
    with call.client() as client:
        made = client.create_link(job_id, name)
    call.answer(made.raw, plain(made.url))
    call.note(f"It holds until {local_time(made.expires_at)}; `jobmill unlink {job_id} {made.id}` ends it before.")


@command
def links(call: Call, job_id: JobId) -> None:
    """List a job's links, the newest first, with how often each was used."""
    with call.client() as client:
        found = list(client.links(job_id))
    call.answer([one.raw for one in found], links_table(found))


@command
def unlink(call: Call, job_id: JobId, link_id: Annotated[str, typer.Argument(help="The link's id.")]) -> None:
    """End a link at once, for good."""
    with call.client() as client:
        ended = client.revoke_link(job_id, link_id)
    call.answer(ended.raw, link_table(ended))
