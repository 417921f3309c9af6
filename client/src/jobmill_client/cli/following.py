"""Following a job to its end, as several commands do."""

from __future__ import annotations

from typing import Annotated

import typer

from jobmill_client.cli.call import Call, Detached
from jobmill_client.cli.progress import watching
from jobmill_client.client import Client
from jobmill_client.models import Job, Summary

Timeout = Annotated[float | None, typer.Option(help="Wait at most this many seconds; the job goes on.", min=0)]


def follow(call: Call, client: Client, job: Summary | str, timeout: float | None) -> Job:
    """The completed job. Raises JobFailed, WaitTimeout; Detached on Ctrl-C, which leaves the job running."""
    job_id = job if isinstance(job, str) else job.id
    try:
        with watching(call.err) as on_change:
            ended = client.wait(job_id, on_change, timeout)
    except KeyboardInterrupt as error:
        raise Detached(job_id) from error
    return ended.raise_unless_completed()
