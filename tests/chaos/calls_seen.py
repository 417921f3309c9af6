"""The proxy's log, read back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Seen:
    """A call that the proxy saw. Times are epoch milliseconds; a status of 0 was never asked for."""

    started_at: int
    ended_at: int
    function: str
    service: str
    operation: str
    status: int
    received: int
    fault: str | None
    keys: tuple[str, ...]
    """Rows of the table (`pk|sk`), or one object (`bucket/key`)."""
    is_consistent: bool

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> Self:
        """The call of a line."""
        return cls(
            started_at=line["at"],
            ended_at=line["at"] + round(line["seconds"] * 1000),
            function=line["function"],
            service=line["service"],
            operation=line["operation"],
            status=line["status"],
            received=line["received"],
            fault=line.get("fault"),
            keys=tuple(line.get("keys", [line["key"]] if "key" in line else [])),
            is_consistent=line.get("consistent", False),
        )


def calls_seen(log: Path) -> Iterator[Seen]:
    """All calls, in the order of their ends."""
    with log.open() as lines:
        for line in lines:
            yield Seen.from_json(json.loads(line))
