"""The protocol of the job's life, in every order of its steps: the design holds, and each broken one is caught.

What the steps are is told in `state`; what must hold, in `invariants`. The changes of the row are asked of the shipped
table, `jobmill.jobs.status.CHANGES`. A failure shows the shortest way to it, step by step.
"""

import pytest

from tests.model.design import Design
from tests.model.explore import Bounds, explore
from tests.model.mutants import MUTANTS, SPARED, Mutant
from tests.model.state import Event

UNHEARD = frozenset({Event.SEND_ERROR, Event.CLAIM_ERROR})
"""After these the machine is a pass ahead of the worker that has the job."""

SEARCHES = (
    Bounds("nothing happens", 0, frozenset(), slices=4),
    Bounds("any one event", 1, frozenset(Event) - UNHEARD, slices=3),
    Bounds("any two events", 2, frozenset(Event), may_leave=True),
    Bounds("slices and copies", 3, frozenset({Event.DUPLICATE, Event.TROUBLE}), slices=3),
    Bounds("slow workers", 3, frozenset({Event.SLOW, Event.RENEWAL})),
    Bounds("killed workers", 3, frozenset({Event.KILL}), may_leave=True),
    Bounds("lost answers", 3, frozenset({Event.LOST_ANSWER, Event.LOST_START, Event.STOP})),
    Bounds("cancels and retries", 3, frozenset({Event.CANCEL, Event.RETRY, Event.TIMEOUT}), slices=1),
)


@pytest.mark.parametrize("bounds", SEARCHES, ids=lambda bounds: bounds.name)
def test_the_design_keeps_its_promises_in_every_order(bounds: Bounds) -> None:
    found = explore(Design(), bounds)

    print(f"{bounds.name}: {found}")
    assert found.broken is None, str(found)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_design_is_caught(mutant: Mutant) -> None:
    found = explore(mutant.design, mutant.bounds)

    assert found.broken is mutant.expected, f"{mutant.name}: {mutant.breaks}\n{found}"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_catches_a_broken_design_spares_the_unbroken_one(mutant: Mutant) -> None:
    found = explore(Design(), mutant.bounds)

    assert found.broken is None, str(found)


def test_the_fences_of_a_restart_only_save_work() -> None:
    found = explore(SPARED.design, SPARED.bounds)

    assert found.broken is None, str(found)


def test_a_failure_tells_its_shortest_trace() -> None:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "no told flag")

    lines = str(explore(mutant.design, mutant.bounds)).splitlines()

    assert lines[0].startswith("the job cannot end any more")
    assert lines[1] == "  1. the dispatcher starts run 1"
    assert (
        lines[7] == "  7. worker of run 1 pass 0 is killed; its next step was: report that the job is to be sent again"
    )
