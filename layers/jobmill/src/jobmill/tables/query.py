"""A question to a table, ready to run: its SQL was compiled here, its values are bound."""

from dataclasses import dataclass

import duckdb

from jobmill.tables.columns import Column


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that answers exactly `columns`, each in the SQL type of its column type, in a fixed order.

    Made by `datasets.query.select`. `sql` holds no text from outside except quoted column names.
    """

    connection: duckdb.DuckDBPyConnection
    sql: str
    parameters: tuple[object, ...]
    columns: tuple[Column, ...]

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Fetch all rows of `statement`, in which `{query}` stands for this query: for aggregates and COPY."""
        return self.connection.execute(statement.replace("{query}", self.sql), list(self.parameters)).fetchall()
