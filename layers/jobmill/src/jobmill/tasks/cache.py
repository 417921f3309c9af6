"""Data of tasks that this process has at hand. A warm Lambda lives for hours: what is kept says its version."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jobmill.tasks.names import TaskData

MAX_BYTES: Final = 64_000_000
"""Of all data in here, as JSON text; parsed it takes several times that."""
BELIEVED: Final = timedelta(seconds=5)
"""How long data is taken for the newest without a look at the task's document."""


@dataclass(frozen=True)
class Cached:
    """Data of a task: which version, how many bytes of JSON text, and when it was last known to be the newest."""

    version: int
    data: TaskData
    size_bytes: int
    known_at: datetime

    def is_believed(self, now: datetime) -> bool:
        """Whether it may be given without asking for its version."""
        return now - self.known_at < BELIEVED


class TaskCache:
    """The data of the tasks asked for last, within `max_bytes`; what is larger by itself is not kept."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[str, Cached] = OrderedDict()

    def get(self, name: str) -> Cached | None:
        """What is kept of a task."""
        found = self._entries.get(name)
        if found is not None:
            self._entries.move_to_end(name)
        return found

    def put(self, name: str, entry: Cached) -> None:
        """Keep this, and forget what was longest not asked for where it is too much."""
        self._entries.pop(name, None)
        if entry.size_bytes > self._max_bytes:
            return
        self._entries[name] = entry
        while sum(each.size_bytes for each in self._entries.values()) > self._max_bytes:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
