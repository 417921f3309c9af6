"""The patterns of a schema, tried by the engine that will use them."""

import duckdb

from jobmill.errors import CallerError
from jobmill.schemas.table_schema import TableSchema


def check_patterns(connection: duckdb.DuckDBPyConnection, schema: TableSchema) -> None:
    """Raise CallerError `bad-pattern` for a `pattern` that is no regular expression of RE2.

    RE2 answers in a time that grows with the text alone, so it has no look-around and no back-references.
    """
    for i, field in enumerate(schema.fields):
        pattern = field.constraints.pattern
        if pattern is None:
            continue
        try:
            connection.execute("SELECT regexp_full_match('', ?)", [pattern]).fetchall()
        except duckdb.Error as error:
            raise CallerError(
                "bad-pattern",
                f'The pattern {pattern} of "{field.name}" cannot be used: it must be a regular expression of RE2, '
                "which has no look-ahead, no look-behind and no back-references.",
                field=f"schema.fields.{i}.constraints.pattern",
            ) from error
