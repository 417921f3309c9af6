"""The search: every state that the steps lead to, the nearest first, so that a trace is a shortest one."""

import gc
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from jobmill.jobs.status import FINAL
from tests.model.design import Design
from tests.model.invariants import Broken, broken_rest, broken_step, only_waits
from tests.model.machine import steps_of_machine
from tests.model.people import steps_of_people, steps_of_reconciler
from tests.model.state import Event, State, Step
from tests.model.workers import steps_of_workers


@dataclass(frozen=True)
class Bounds:
    """How far a search goes: every order of at most `events` events of these kinds."""

    name: str
    events: int
    kinds: frozenset[Event]
    slices: int = 2
    may_leave: bool = False
    """Whether an execution may be left that waits until its last timeout, for a token that nobody has any more."""


LOSES_WORKERS = frozenset({Event.KILL, Event.SLOW, Event.CLAIM_ERROR})


@dataclass
class Found:
    """What a search found. Without a violation it has seen everything."""

    states: int = 0
    steps: int = 0
    leftovers: int = 0
    """States at rest in which an execution waits for its last timeout."""
    broken: Broken | None = None
    trace: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{self.broken or 'all holds'} ({self.states} states, {self.steps} steps, {self.leftovers} left over)"]
        return "\n".join(lines + [f"{number:3}. {name}" for number, name in enumerate(self.trace, start=1)])


def next_steps(design: Design, bounds: Bounds, state: State) -> Iterator[Step]:
    """What may happen next; an event costs one of those that are left."""
    for steps in (
        steps_of_workers(design, state, bounds.slices),
        steps_of_machine(design, state),
        steps_of_reconciler(design, state),
        steps_of_people(design, state),
    ):
        for step in steps:
            if step.event is None:
                yield step
            elif state.events and step.event in bounds.kinds:
                yield step._replace(after=step.after._replace(events=state.events - 1))


class Search:
    """One breadth-first search. States have numbers, in the order in which they were found."""

    def __init__(self, design: Design, bounds: Bounds) -> None:
        self._design = design
        self._bounds = bounds
        first = State(events=bounds.events)
        self._numbers = {first: 0}
        self._states = [first]
        self._parents = array("l", [-1])
        self._before = array("l")
        self._after = array("l")
        self._found = Found()

    def run(self) -> Found:
        """Explore until something is broken or everything is seen."""
        for number, state in enumerate(self._states):  # it grows meanwhile
            moves_by_itself = False
            for step in next_steps(self._design, self._bounds, state):
                self._found.steps += 1
                broken = broken_step(state, step.after) or self._wasted(step.after)
                after = self._number(step.after, number)
                if broken:
                    return self._result(broken, number, step.name)
                if step.event is None and after != number:
                    moves_by_itself = True
                    self._before.append(number)
                    self._after.append(after)
            if not moves_by_itself:
                broken = self._broken_rest(state)
                if broken:
                    return self._result(broken, number)
        stuck = self._first_without_end()
        return self._result(None if stuck is None else Broken.STUCK, stuck)

    def _wasted(self, state: State) -> Broken | None:
        """Without an event that loses a worker, nothing is recovered."""
        return Broken.WASTED if state.row.recoveries and self._bounds.kinds.isdisjoint(LOSES_WORKERS) else None

    def _broken_rest(self, state: State) -> Broken | None:
        broken = broken_rest(state)
        if broken is Broken.LEFT_OVER and self._bounds.may_leave and only_waits(state):
            self._found.leftovers += 1
            return None
        return broken

    def _number(self, state: State, parent: int) -> int:
        number = self._numbers.setdefault(state, len(self._states))
        if number == len(self._states):
            self._states.append(state)
            self._parents.append(parent)
        return number

    def _first_without_end(self) -> int | None:
        """The first state from which no end of the job can be reached by what happens by itself."""
        sources: list[list[int]] = [[] for _ in self._states]
        for before, after in zip(self._before, self._after, strict=True):
            sources[after].append(before)
        ends = [state.row.status in FINAL for state in self._states]
        todo = [number for number, is_end in enumerate(ends) if is_end]
        while todo:
            for source in sources[todo.pop()]:
                if not ends[source]:
                    ends[source] = True
                    todo.append(source)
        return ends.index(False) if False in ends else None

    def _result(self, broken: Broken | None, number: int | None, *last: str) -> Found:
        self._found.states = len(self._states)
        self._found.broken = broken
        if number is not None:
            self._found.trace = [*self._names_to(number), *last]
        return self._found

    def _names_to(self, number: int) -> list[str]:
        names: list[str] = []
        while (parent := self._parents[number]) >= 0:
            before, after = self._states[parent], self._states[number]
            names.append(next(s.name for s in next_steps(self._design, self._bounds, before) if s.after == after))
            number = parent
        return names[::-1]


def explore(design: Design, bounds: Bounds) -> Found:
    """Search everything within the bounds, for the shortest way to break a promise."""
    gc.disable()  # it would look through a million tuples again and again, and none of them are in cycles
    try:
        return Search(design, bounds).run()
    finally:
        gc.enable()
