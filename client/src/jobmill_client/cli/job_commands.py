"""The commands about jobs: submit, watch, list, show, stats."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from jobmill_client.cli import expressions
from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import events_table, job_table, jobs_table, result_table, stats_table
from jobmill_client.cli.findings import with_findings
from jobmill_client.cli.following import Timeout, follow

JobId = Annotated[str, typer.Argument(help="The job's id.")]
LIST_LIMIT = 50


@command
def submit(
    call: Call,
    type: Annotated[str, typer.Argument(help="The job type, e.g. Import.")],
    params: Annotated[str, typer.Option(help="The type's parameters: a JSON object, or @file with one.")] = "{}",
    run_limit: Annotated[int | None, typer.Option(help="Seconds of work before the job fails.", min=1)] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Follow the job to its end.")] = False,
    timeout: Timeout = None,
) -> None:
    """Submit a job of any type."""
    parsed, project_id = expressions.params(params), call.project_id()
    with call.client() as client:
        job = client.submit(type, parsed, project_id=project_id, run_limit_seconds=run_limit)
        if wait:
            job = follow(call, client, job, timeout)
    call.answer(job.raw, with_findings(result_table(job), job))


@command
def watch(call: Call, job_id: JobId, timeout: Timeout = None) -> None:
    """Follow a job to its end. Ctrl-C leaves it running."""
    with call.client() as client:
        job = follow(call, client, job_id, timeout)
    call.answer(job.raw, with_findings(result_table(job), job))


@command
def list_(
    call: Call,
    status: Annotated[str | None, typer.Option(help="Queued, Running, Completed, Failed or Cancelled.")] = None,
    type: Annotated[str | None, typer.Option(help="Only jobs of this type.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Created from this date or time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Created before this date or time.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many jobs.", min=1)] = LIST_LIMIT,
) -> None:
    """List jobs, the newest first: of --project, or of all your projects."""
    begin = expressions.moment(since) if since else None
    end = expressions.moment(until) if until else None
    with call.client() as client:
        found = client.jobs(
            project_id=call.given_project_id(), status=status, type=type, since=begin, until=end, limit=limit
        )
        jobs = list(found)
    call.answer([job.raw for job in jobs], jobs_table(jobs))
    if len(jobs) == limit:
        call.note(f"The newest {limit}; --limit shows more.")


@command
def show(
    call: Call,
    job_id: JobId,
    events: Annotated[bool, typer.Option("--events", help="Tell its story instead, oldest first.")] = False,
) -> None:
    """Show all of one job, or all that happened to it."""
    with call.client() as client:
        if events:
            story = client.events(job_id)
            call.answer([event.raw for event in story], events_table(story))
        else:
            job = client.job(job_id)
            call.answer(job.raw, with_findings(job_table(job), job))


@command
def stats(call: Call) -> None:
    """Count the project's jobs by status."""
    with call.client() as client:
        counts = client.stats(call.project_id())
    call.answer(asdict(counts), stats_table(counts))
