"""Text tables judged by a compiled schema, as an import does it: the cells, their texts, their values, the rules."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from jobmill.schemas.compiler import CompiledSchema, compile_schema, fill
from jobmill.schemas.table_schema import TableSchema
from jobmill.tables.engine import connect

type Cells = Sequence[Sequence[str | None]]


def parse(*fields: dict[str, Any], **schema: Any) -> TableSchema:
    return TableSchema.model_validate({"fields": list(fields), **schema})


class Bench:
    """A connection, and what a schema makes of rows of text."""

    def __init__(self, folder: Path) -> None:
        self.connection = connect(folder)

    def judge(self, schema: CompiledSchema, rows: Cells) -> tuple[list[tuple[Any, ...]], set[tuple[int, str, str]]]:
        """The values of all rows, and what is wrong as (row from 1, field, code)."""
        self._load(len(schema.fields), rows)
        values = self._ask(schema, [f"v{i}" for i in range(len(schema.fields))])
        rules = [(i, rule) for i, field in enumerate(schema.fields) for rule in field.rules]
        broken = self._ask(schema, [fill(rule.broken, t=f"t{i}", v=f"v{i}") for i, rule in rules] or ["false"])
        wrong = {
            (row, rule.field or "", rule.code)
            for row, verdicts in enumerate(broken, start=1)
            for (_, rule), is_broken in zip(rules, verdicts, strict=False)
            if is_broken
        }
        return values, wrong

    def values(self, field: dict[str, Any], *cells: str | None, **options: Any) -> list[Any]:
        compiled = compile_schema(parse({"name": "f", **field}), **options)
        return [value for (value,) in self.judge(compiled, [[cell] for cell in cells])[0]]

    def wrong(self, field: dict[str, Any], *cells: str | None) -> list[tuple[int, str]]:
        compiled = compile_schema(parse({"name": "f", **field}))
        return sorted((row, code) for row, _, code in self.judge(compiled, [[cell] for cell in cells])[1])

    def _load(self, width: int, rows: Cells) -> None:
        columns = [[row[i] or None for row in rows] for i in range(width)]
        listed = "".join(f", unnest(?::VARCHAR[]) AS c{i}" for i in range(width))
        numbers = list(range(1, len(rows) + 1))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE source AS SELECT unnest(?::INTEGER[]) AS row{listed}", [numbers, *columns]
        )

    def _ask(self, schema: CompiledSchema, wanted: Sequence[str]) -> list[tuple[Any, ...]]:
        texts = ", ".join(f"{fill(field.text, c=f'c{i}')} AS t{i}" for i, field in enumerate(schema.fields))
        values = ", ".join(f"{fill(field.value, t=f't{i}')} AS v{i}" for i, field in enumerate(schema.fields))
        sql = f"SELECT row, *, {values} FROM (SELECT row, {texts} FROM source)"
        try:
            return self.connection.execute(f"SELECT {', '.join(wanted)} FROM ({sql}) ORDER BY row").fetchall()
        except duckdb.Error as error:
            raise AssertionError(sql) from error
