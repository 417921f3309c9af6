"""How far an analysis is: each step has its share of the whole."""

from collections.abc import Callable
from typing import Final

STEPS: Final = {
    "Reading": (0, 20),
    "Comparing pages": (20, 20),
    "Checking pages": (20, 30),
    "Indexing pages": (30, 30),
    "Mapping keywords": (30, 70),
    "Writing the workbook": (70, 90),
    "Writing the results": (90, 99),
}
"""Per cent at each step's beginning and end. Those that know no total stand still."""


class Steps:
    """Tells progress, which also ends the work when it must stop: call it often, it writes nothing itself."""

    def __init__(self, progress: Callable[[float, float, str | None], None]) -> None:
        self._progress = progress

    def tell(self, step: str, done: int, total: int) -> None:
        """`done` of `total` of the step is done."""
        begin, end = STEPS[step]
        self._progress(begin + (end - begin) * min(done / total if total else 1.0, 1.0), 100, step)
