"""The rules that the model checks: the shipped table of changes, and the habits of the code around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from jobmill.jobs.status import CHANGES, FINAL, Change, Fence, Status
from tests.model.state import Known, Row, State

FENCES: dict[Fence, Callable[[Row, Known], bool]] = {
    Fence.RUN: lambda row, known: row.run == known.run,
    Fence.PASS: lambda row, known: row.pass_ <= known.pass_,
    Fence.ATTEMPT: lambda row, known: row.attempt == known.attempt,
    Fence.VERSION: lambda row, known: row.version == known.version,
    Fence.LEASE: lambda row, known: row.lease == known.lease,
}
"""What each fence asks of the row, given what the writer knows: as `jobmill.jobs.writes.condition_of` does."""


@dataclass(frozen=True)
class Design:
    """The design under check. `changes` is the shipped table; each flag is a habit that a mutant breaks."""

    changes: dict[str, Change] = field(default_factory=lambda: {change.name: change for change in CHANGES})
    claim_takes_lease: bool = True
    claim_knows_its_owner: bool = True
    """A claim repeated by its owner, because the answer was lost, gives the job again."""
    release_raises_pass: bool = True
    release_is_untold: bool = True
    tells_only_what_was_heard: bool = True
    """A release whose report went to a token that nobody waits for stays untold."""
    dropper_reports: bool = True
    """Who drops a message of an old run, or of a job that has ended, reports success with its token."""
    upload_comes_first: bool = True
    publishes_with_completion: bool = True
    keys_have_attempt: bool = True
    reconciles: bool = True
    next_run_is_new: bool = True
    """A restart, a recovery and a retry raise the run."""
    settle_spares_workers: bool = True
    """A timeout of the machine does not end a job that a worker has."""
    moves_raise_version: bool = True
    refused_cancel_is_read_again: bool = True


def write(design: Design, state: State, name: str, known: Known, **values: object) -> State | None:
    """The state after the conditional write of a change, or none if the row refuses it.

    `values` are set beside what the change itself sets.
    """
    change, row = design.changes[name], state.row
    if row.status not in change.sources or not all(FENCES[fence](row, known) for fence in change.fences):
        return None
    if change.target is not None:
        values["status"] = change.target
    if change.is_move and design.moves_raise_version:
        values["version"] = row.version + 1
    row = row._replace(**values)
    announced = state.announced
    if row.status in FINAL and row.version > state.row.version:
        announced = (*announced, (row.run, row.status))
    return state._replace(row=row, announced=announced)


def end_of_attempt(known: Known) -> dict[str, object]:
    """What a write sets that ends an attempt, by what is known of the row: nothing if nobody has the job."""
    return {"lease": 0, "ended": known.attempt} if known.is_running else {}


def next_run(design: Design, row: Row) -> dict[str, object]:
    """What the next run of a job starts with."""
    return {"run": row.run + 1 if design.next_run_is_new else row.run, "pass_": 0, "told": True}


def read(row: Row) -> Known:
    """What a reader of the row knows, who is going to write by run and version."""
    return Known(run=row.run, attempt=row.attempt, version=row.version, is_running=row.status is Status.RUNNING)
