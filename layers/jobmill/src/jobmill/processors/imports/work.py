"""The work of one attempt at an import: it reads what none before it has read, then publishes all of it."""

from dataclasses import dataclass
from pathlib import Path

from jobmill.processing.context import Context
from jobmill.processors.imports.order import order_of
from jobmill.processors.imports.params import ImportParams
from jobmill.schemas.patterns import check_patterns
from jobmill.tables.csv_position import Position
from jobmill.tables.csv_reader import CsvReading
from jobmill.tables.engine import connect

READ_SHARE = 80
"""Per cent of the progress that reading the file and storing its parts takes; publishing takes the rest."""


@dataclass
class BadPart:
    """A file of bad rows: here, or kept under a key, or both."""

    path: Path | None = None
    key: str | None = None


class Work:
    """One attempt. What it raises is of the modules that it calls."""

    def __init__(self, context: Context[ImportParams]) -> None:
        self._context = context
        self._order = order_of(context)
        saved = self._saved()
        self._connection = connect(context.workspace)
        context.on_stop(self._connection.interrupt)
        if self._order.schema:
            check_patterns(self._connection, self._order.schema)
        self._source = self._open(saved)
        self._keys: list[str] = list(saved.get("parts", ()))
        self._bad_parts = [BadPart(key=key) for key in saved.get("badParts", ())]
        self._plan = self._plan_of()
        since = saved.get("position")
        self._reading = CsvReading(
            self._connection,
            self._source.text,
            self._source.layout,
            self._plan,
            Position.from_json(since) if since else None,
            self._tell,
        )

    def read(self) -> None:
        """Read the file to its end, or until more of its rows are bad than may be."""
        for step in self._reading.steps():
            self._store(step)
            if self._reading.position.bad_rows > self._context.params.max_errors:
                return
            # Corrections are read in one go; and what has no base can be published in any case.
            if self._plan.corrections is None and (self._order.base or not self._reading.is_complete):
                self._checkpoint()
