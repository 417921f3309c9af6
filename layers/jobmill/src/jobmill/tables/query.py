"""A question to a table, ready to run: its SQL was compiled here, its values are bound."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import duckdb

from jobmill.tables.columns import Column
from jobmill.tables.engine import PARQUET, identifier, literal


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

    def export(self, target: Path) -> int:
        """Write the rows in their order to the Parquet file `target`, inside the workspace; return how many.

        Columns bear their names and types. Repeating it writes the same bytes.
        """
        [(rows,)] = self.run(f"COPY ({{query}}) TO {literal(str(target))} ({PARQUET})")
        return int(str(rows))

    def store(self, target: Path) -> "StoredRows":
        """Lay the rows down in their order in the file `target`, inside the workspace, to be asked by their number."""
        names = [identifier(column.name) for column in self.columns]
        cells = [f"{name} AS {stored}" for name, stored in zip(names, _stored_names(self.columns), strict=True)]
        self.run(f"COPY (SELECT {', '.join(cells)} FROM ({{query}})) TO {literal(str(target))} ({PARQUET})")
        return StoredRows(self.connection, target, self.columns)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of a query, in its order, in a file that `Query.store` wrote."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    columns: tuple[Column, ...]

    def all(self) -> Query:
        """All rows."""
        return Query(self.connection, self._select, ([str(self.path)],), self.columns)

    def ranges(self, rows: int, at_once: int) -> list[Query]:
        """The rows, `rows` in all, by `at_once` and the rest; one query without rows if there are none."""
        sql = f"{self._select} WHERE file_row_number >= ? AND file_row_number < ?"
        return [
            Query(self.connection, sql, ([str(self.path)], first, first + at_once), self.columns)
            for first in range(0, max(rows, 1), at_once)
        ]

    @property
    def _select(self) -> str:
        names = zip(_stored_names(self.columns), self.columns, strict=True)
        cells = [f"{stored} AS {identifier(column.name)}" for stored, column in names]
        return f"SELECT {', '.join(cells)} FROM read_parquet(?)"


def _stored_names(columns: tuple[Column, ...]) -> list[str]:
    """Names of our own: a user's column file_row_number would hide the number of the row."""
    return [f"c{i}" for i in range(len(columns))]
