"""What must hold after each step, and where nothing more happens by itself."""

from enum import StrEnum

from jobmill.jobs.status import CHANGES, FINAL, Status
from tests.model.state import Object, Phase, Row, State


class Broken(StrEnum):
    """The promises, by what it is when they are broken."""

    CHANGE = "a change of status that the table does not have"
    TWO_ENDS = "a run ended twice"
    RESULT = "a result without completion, or a completion without result"
    OBJECT = "the result's object is missing, or another attempt's"
    PUBLICATION = "published without completion, or not exactly once"
    CANCEL = "completed after a cancel of this run was acknowledged"
    PROGRESS = "progress went down in a run"
    STORY = "the story lacks an attempt's end, or tells it twice"
    ANNOUNCEMENT = "an end that the stream does not show"
    ROBBED = "a worker lost its job though it had renewed its lease since the look"
    STUCK = "the job cannot end any more, unless something goes wrong"
    LEFT_OVER = "an execution that nothing will ever end"


LEGAL = frozenset((source, change.target) for change in CHANGES if change.target for source in change.sources)
"""The moves of the shipped table; a mutant's own table does not count."""


def broken_step(before: State, after: State) -> Broken | None:
    """What the step broke, if anything."""
    old, new = before.row, after.row
    if old is new:
        return broken_state(after)
    if old.status is not new.status and (old.status, new.status) not in LEGAL:
        return Broken.CHANGE
    if old.run == new.run and new.slices < old.slices:
        return Broken.PROGRESS
    if _is_robbed(before, after):
        return Broken.ROBBED
    return broken_state(after)


def _is_robbed(before: State, after: State) -> bool:
    """Only the reconciler's own steps change its look."""
    look = before.look
    took = old_worker_gone(before.row, after.row) and look is not None and look != after.look
    return took and look is not None and before.row.lease != look.job.lease


def old_worker_gone(old: Row, new: Row) -> bool:
    return old.status is Status.RUNNING and new.status is not Status.RUNNING


def broken_state(state: State) -> Broken | None:
    """What is wrong with the state in itself, if anything."""
    row = state.row
    is_completed = row.status is Status.COMPLETED
    runs = [run for run, _ in state.announced]
    if len(set(runs)) < len(runs):
        return Broken.TWO_ENDS
    if is_completed and row.run in state.cancelled:
        return Broken.CANCEL
    if (row.result is not None) != is_completed:
        return Broken.RESULT
    if row.result is not None and Object(row.result, row.attempt) not in state.objects:
        return Broken.OBJECT
    if state.published != ((row.attempt,) if is_completed else ()):
        return Broken.PUBLICATION
    if row.ended != (row.attempt - 1 if row.status is Status.RUNNING else row.attempt):
        return Broken.STORY
    if row.status in FINAL and (row.run, row.status) not in state.announced:
        return Broken.ANNOUNCEMENT
    return None


def broken_rest(state: State) -> Broken | None:
    """What is wrong with a state in which nothing more happens by itself.

    The job has ended. An execution may be left open if it waits for a token: the machine's last timeout ends it,
    and Settle then finds nothing to do.
    """
    if state.row.status not in FINAL:
        return Broken.STUCK
    if any(execution.is_open and execution.phase is not Phase.WAITING for execution in state.executions):
        return Broken.LEFT_OVER
    return None


def is_left_over(state: State) -> bool:
    """Whether an execution is open that only its last timeout will end."""
    return any(execution.is_open for execution in state.executions)
