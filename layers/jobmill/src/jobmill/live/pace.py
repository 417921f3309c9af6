"""How often the progress of a job is told."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jobmill.live.messages import Message

LEAST_SECONDS = 0.5
"""Between two messages of the progress of one job: twice a second is as much as an eye follows."""
_MANY = 10_000


@dataclass
class Pace:
    """Remembers when each job was told of last. `clock` gives seconds that never go back.

    Work by Jobmill's own types is slower than this bound (ProgressSeconds); programs with Custom jobs may not be.
    """

    clock: Callable[[], float]
    _told: dict[str, tuple[float, int, int]] = field(default_factory=dict)

    def due(self, messages: Iterable[Message]) -> list[Message]:
        """Those to be told now: ends, other runs and statuses always, and progress if the last was long enough ago."""
        now = self.clock()
        due = [each for each in messages if self._is_due(each, now)]
        if len(self._told) > _MANY:
            self._told.clear()
        for each in due:
            self._told[each.job_id] = (now, each.run, each.version)
        return due

    def _is_due(self, message: Message, now: float) -> bool:
        last, run, version = self._told.get(message.job_id, (-LEAST_SECONDS, 0, 0))
        return message.is_end or (message.run, message.version) != (run, version) or now - last >= LEAST_SECONDS
