"""The commands that change jobs: cancel and retry, one or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

import typer

from jobmill_client.bulk import JobFilter, Outcome
from jobmill_client.cli import expressions
from jobmill_client.cli.call import Call, command
from jobmill_client.cli.display import facts, outcomes_table, plain, status
from jobmill_client.errors import JobmillError, Misuse
from jobmill_client.models import StatusChange

JobIds = Annotated[list[str] | None, typer.Argument(help="The jobs' ids; none: all of --project that fit.")]
OfStatus = Annotated[str | None, typer.Option("--status", help="Without ids: only jobs of this status.")]
OfType = Annotated[str | None, typer.Option("--type", help="Without ids: only jobs of this type.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Declined(JobmillError):
    """The answer to the question was no."""

    code = "declined"


@command
def cancel(call: Call, job_ids: JobIds = None, status: OfStatus = None, type: OfType = None, yes: Yes = False) -> None:
    """End queued or running jobs: those named, or all of --project (of a --status, of a --type)."""
    ids = job_ids or []
    with call.client() as client:
        if len(ids) == 1 and not (status or type):
            _answer_change(call, client.cancel(ids[0]))
        else:
            _change_many(call, "Cancel", client.cancel_many, _chosen(call, ids, status, type), yes=yes)


@command
def retry(
    call: Call,
    job_ids: JobIds = None,
    params: Annotated[
        str | None, typer.Option(help="Other parameters, of one job: a JSON object, or @file with one.")
    ] = None,
    status: OfStatus = None,
    type: OfType = None,
    yes: Yes = False,
) -> None:
    """Queue failed or cancelled jobs again: those named, or all of --project (of a --status, of a --type)."""
    ids, parsed = job_ids or [], expressions.params(params) if params else None
    if parsed is not None and len(ids) != 1:
        raise Misuse("--params goes with one job.")
    with call.client() as client:
        if len(ids) == 1 and not (status or type):
            _answer_change(call, client.retry(ids[0], parsed))
        else:
            _change_many(call, "Retry", client.retry_many, _chosen(call, ids, status, type), yes=yes)


@command
def delete(call: Call, job_id: Annotated[str, typer.Argument(help="The job's id.")], yes: Yes = False) -> None:
    """Delete an ended job with its reports and links, for good; a dataset keeps what it has of it."""
    confirm(f"Delete the job {plain(job_id)} with its reports and links?", yes=yes)
    with call.client() as client:
        client.delete(job_id)
    call.answer({"id": job_id, "deleted": True}, facts([("job", job_id), ("status", "deleted")]))


def answer_outcomes(call: Call, outcomes: Sequence[Outcome]) -> None:
    """Say what became of each job. Exits with 1 if any was refused."""
    call.answer([outcome.raw for outcome in outcomes], outcomes_table(outcomes))
    if any(outcome.outcome == "refused" for outcome in outcomes):
        raise typer.Exit(1)


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless `yes`. Raises Declined, and Misuse where nobody answers."""
    if yes:
        return
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort as error:
        raise Misuse("Nobody answered, so nothing was changed; --yes does not ask.") from error
    if not agreed:
        raise Declined("Nothing was changed.")


def _chosen(call: Call, ids: list[str], status: str | None, type: str | None) -> list[str] | JobFilter:
    if not ids:
        # All jobs of a project are too many to be taken by a default.
        project_id = call.given_project_id()
        if project_id is None:
            raise Misuse("Name jobs by their ids, or a project by --project.")
        return JobFilter(project_id=project_id, status=status, type=type)
    if status or type:
        raise Misuse("--status and --type go without ids.")
    return ids


def _change_many(
    call: Call,
    verb: str,
    change: Callable[[Iterable[str] | JobFilter], tuple[Outcome, ...]],
    which: list[str] | JobFilter,
    *,
    yes: bool,
) -> None:
    if isinstance(which, JobFilter):
        kind = " ".join(plain(word) for word in (which.status, which.type) if word)
        kinds = f"all {kind} jobs" if kind else "all jobs that can be"
        confirm(f"{verb} {kinds} of project {plain(which.project_id)}?", yes=yes)
    answer_outcomes(call, change(which))


def _answer_change(call: Call, change: StatusChange) -> None:
    call.answer(change.raw, facts([("job", change.id), ("status", status(change.status))]))
