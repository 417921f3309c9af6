"""What must hold after each step, and where nothing more happens by itself."""

from enum import StrEnum

from jobmill.jobs.status import CHANGES, FINAL, Status
from tests.model.state import Object, Phase, State


class Broken(StrEnum):
    """The promises, by what it is when they are broken."""

    CHANGE = "a change of status that the table does not have"
    TWO_ENDS = "a run ended twice"
    RESULT = "a result without completion, or a completion without result"
    OBJECT = "the result's object is missing, or another attempt's"
    PUBLICATION = "published without completion, or not exactly once"
    CANCEL = "completed after a cancel of this run was acknowledged"
    PROGRESS = "progress went down in a run"
    STORY = "the newest attempt's end is missing in the story, or told too soon"
    ANNOUNCEMENT = "an end that the stream does not show"
    ROBBED = "a live worker lost its job: it had renewed its lease since the look, or the machine timed out"
    WASTED = "a job was recovered though its worker was not lost"
    STUCK = "the job cannot end any more, unless something goes wrong"
    LEFT_OVER = "an execution is left open when all is done"


LEGAL = frozenset((source, change.target) for change in CHANGES if change.target for source in change.sources)
"""The moves of the shipped table; a mutant's own table does not count."""


def broken_step(before: State, after: State) -> Broken | None:
    """What the step broke, if anything."""
    old, new = before.row, after.row
    if old is not new:
        if old.status is not new.status and (old.status, new.status) not in LEGAL:
            return Broken.CHANGE
        if old.run == new.run and new.slices < old.slices:
            return Broken.PROGRESS
        if _is_robbed(before, after):
            return Broken.ROBBED
    return _broken_files(after) or _broken_end(after)


def _is_robbed(before: State, after: State) -> bool:
    """By the reconciler, or by Settle. Only their own steps change a look, and what a Settle has read."""
    if before.row.status is not Status.RUNNING or after.row.status is Status.RUNNING:
        return False
    look = before.look
    if look is not None and look != after.look:
        return before.row.lease != look.job.lease
    pairs = zip(before.executions, after.executions, strict=True)
    return any(old.timed_out and old.settle is not None and new.settle is None for old, new in pairs)


def _broken_end(state: State) -> Broken | None:
    row = state.row
    runs = [run for run, _ in state.announced]
    if len(set(runs)) < len(runs):
        return Broken.TWO_ENDS
    if row.status is Status.COMPLETED and row.run in state.cancelled:
        return Broken.CANCEL
    if row.ended != (row.attempt - 1 if row.status is Status.RUNNING else row.attempt):
        return Broken.STORY
    if row.status in FINAL and (row.run, row.status) not in state.announced:
        return Broken.ANNOUNCEMENT
    return None


def _broken_files(state: State) -> Broken | None:
    row = state.row
    is_completed = row.status is Status.COMPLETED
    if (row.result is not None) != is_completed:
        return Broken.RESULT
    if row.result is not None and Object(row.result, row.attempt) not in state.objects:
        return Broken.OBJECT
    if state.published != ((row.attempt,) if is_completed else ()):
        return Broken.PUBLICATION
    return None


def broken_rest(state: State) -> Broken | None:
    """What is wrong with a state in which nothing more happens by itself."""
    if state.row.status not in FINAL:
        return Broken.STUCK
    if any(execution.is_open for execution in state.executions):
        return Broken.LEFT_OVER
    return None


def only_waits(state: State) -> bool:
    """Whether each open execution waits for a token: the machine's last timeout ends it, and Settle finds nothing."""
    return all(execution.phase is Phase.WAITING for execution in state.executions if execution.is_open)
