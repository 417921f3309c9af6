"""A question to a table, ready to run: its SQL was compiled here, its values are bound."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import duckdb

from jobmill.tables.columns import Column
from jobmill.tables.engine import PARQUET, literal


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that answers exactly `columns`, each in the SQL type of its column type, in a fixed order.

    Made by `datasets.query.select`. `sql` holds no text from outside except quoted column names. The first of its
    `parameters` is the list of the files that it asks.
    """

    connection: duckdb.DuckDBPyConnection
    sql: str
    parameters: tuple[object, ...]
    columns: tuple[Column, ...]

    @property
    def parts(self) -> list[str]:
        """The paths of the files, parts of one table in order."""
        asked = self.parameters[0]
        assert isinstance(asked, list)
        return asked

    def by_part(self) -> list[Self]:
        """The same question to each part alone; without an order, the answers follow on each other."""
        return [replace(self, parameters=([part], *self.parameters[1:])) for part in self.parts]

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Fetch all rows of `statement`, in which `{query}` stands for this query: for aggregates and COPY."""
        return self.connection.execute(statement.replace("{query}", self.sql), list(self.parameters)).fetchall()

    def store(self, target: Path) -> None:
        """Write the rows in their order to the Parquet file `target`, inside the connection's workspace."""
        self.run(f"COPY ({{query}}) TO {literal(str(target))} ({PARQUET})")
