"""A dataset's rows judged by a schema and by checks: one pass that counts, and a second one where errors are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import duckdb

from jobmill.schemas.checks import Check
from jobmill.schemas.patterns import check_patterns
from jobmill.schemas.row_checks import compile_check
from jobmill.schemas.stored import compile_stored
from jobmill.schemas.table_schema import TableSchema
from jobmill.schemas.whole_checks import WholeCheck, compile_whole
from jobmill.tables.constants import find_column
from jobmill.tables.engine import identifier
from jobmill.tables.rules import CompiledField, CompiledSchema, Rule, fill
from jobmill.tables.stored import stored_columns

# The time to plan a statement grows with the square of its columns.
COLUMNS_AT_ONCE: Final = 100
# The row that Excel shows for the first row of an export, below the header.
FIRST_ROW: Final = 2
MAX_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Judgement:
    """A rule, and how often it is broken. `field` is None for a rule of several columns; `name` is a check's."""

    field: str | None
    rule: str
    name: str | None
    errors: int


@dataclass(frozen=True, slots=True)
class ErrorLine:
    """One error. `row` is the row that Excel shows in an export of the version; None for the dataset as a whole.

    Of a value the first 200 characters are kept.
    """

    row: int | None
    field: str
    value: str | None
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class _Item:
    """Something to judge: a rule of the rows (of `columns`, which must not repeat in a key), or of the whole."""

    columns: tuple[int, ...]
    rule: Rule | None = None
    is_key: bool = False
    title: str | None = None
    whole: WholeCheck | None = None
    number: int = 0

    @property
    def measure(self) -> str:
        """The aggregate that counts the errors, or measures the whole."""
        if self.whole:
            return self.whole.measure
        assert self.rule
        if self.is_key:
            present = " AND ".join(f"v{i} IS NOT NULL" for i in self.columns)
            values = ", ".join(f"v{i}" for i in self.columns)
            key = f"row({values})" if len(self.columns) > 1 else values
            return f"count(*) FILTER ({present}) - count(DISTINCT {key}) FILTER ({present})"
        return f"count_if({self.broken})"

    @property
    def broken(self) -> str:
        """When a row breaks the rule, over the texts and values t0, v0 and so on."""
        assert self.rule
        return fill(self.rule.broken, t=f"t{self.columns[0]}", v=f"v{self.columns[0]}")

    @property
    def shown(self) -> str:
        """What an error shows of a row's values."""
        texts = [f"coalesce(left(t{i}::VARCHAR, {MAX_SHOWN}), '')" for i in self.columns]
        return texts[0] if len(texts) == 1 else f"left(concat_ws(' / ', {', '.join(texts)}), {MAX_SHOWN})"


class Validation:
    """The judgement of the rows in `parts`, the Parquet files of one table in order."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        parts: Sequence[Path],
        schema: TableSchema | None,
        checks: Sequence[Check],
    ) -> None:
        """Compile the rules.

        Raises CallerError `unknown-column`, `bad-pattern`, `bad-check`.
        """
        self.rows = 0
        self.judgements: list[Judgement] = []
        self._connection = connection
        self._parts = [str(part) for part in parts]
        self._stored = stored_columns(connection, self._parts)
        compiled = self._compile(schema) if schema else CompiledSchema((), (), ())
        self._columns = list(compiled.fields)
        self._places = {field.name: i for i, field in enumerate(self._columns)}
        self._items = [_Item((i,), rule) for i, field in enumerate(self._columns) for rule in field.rules]
        for group in compiled.unique:
            columns = tuple(self._places[name] for name in group)
            self._items.append(_Item(columns, compiled.unique_rule(group), is_key=True))
        self._items += [self._of_check(check, f"checks.{i}") for i, check in enumerate(checks)]
        self._items = [replace(item, number=number) for number, item in enumerate(self._items)]
        self._measured: list[Any] = []

    def count(self) -> list[Judgement]:
        """Count the rows, and each rule's errors: the schema's rules first, then the checks in their order."""
        self._measured = []
        for items in _batches(self._items):
            wanted = ", ".join(["count(*)", *(item.measure for item in items)])
            [(self.rows, *measured)] = self._fetch(f"SELECT {wanted} FROM ({self._source(items)})")
            self._measured += measured
        self.judgements = [self._judged(*each) for each in zip(self._items, self._measured, strict=True)]
        return self.judgements

    def errors(self, limit: int) -> list[ErrorLine]:
        """The first `limit` errors, after `count`: those of the dataset as a whole, then those of its rows in order."""
        broken = [item for item, found in zip(self._items, self.judgements, strict=True) if found.errors]
        cells: list[tuple[int, int, str]] = []
        for items in _batches([item for item in broken if not item.whole and not item.is_key]):
            cells += self._broken_cells(items, limit)
        for item in broken:
            cells += self._repeated(item, limit) if item.is_key else ()
        cells.sort(key=lambda cell: (cell[0], self._items[cell[1]].columns[0], cell[1]))
        return [*self._whole_lines(), *(self._line(*cell) for cell in cells[:limit])][:limit]

    def _compile(self, schema: TableSchema) -> CompiledSchema:
        check_patterns(self._connection, schema)
        for i, field in enumerate(schema.fields):
            find_column(field.name, self._stored, f"schema.fields.{i}.name")
        return compile_stored(schema, {name: column.type for name, column in self._stored.items()})

    def _of_check(self, check: Check, place: str) -> _Item:
        if check.op:
            rule, columns = compile_check(check, self._find, place)
            return _Item(columns, rule, title=check.title)
        whole = compile_whole(check, self._find, place)
        return _Item((whole.column[0],) if whole.column else (), title=whole.title, whole=whole)

    def _find(self, name: str, place: str) -> tuple[int, CompiledField]:
        """A column by its name, as the schema reads it, or else as it is stored."""
        if name not in self._places:
            stored = self._stored[find_column(name, self._stored, place)]
            self._places[name] = len(self._columns)
            self._columns.append(CompiledField(name, stored.type, "{c}", "{t}", ()))
        return self._places[name], self._columns[self._places[name]]

    def _source(self, items: Sequence[_Item], extra: str = "") -> str:
        """The rows, with the texts t0, t1, … and the values v0, v1, … of the items' columns."""
        used = sorted({i for item in items for i in item.columns})
        texts = [f"{fill(self._columns[i].text, c=identifier(self._columns[i].name))} AS t{i}" for i in used]
        values = [f"t{i}, {fill(self._columns[i].value, t=f't{i}')} AS v{i}" for i in used]
        texts, values = [*texts, *([extra] if extra else [])], [*values, *(["row"] if extra else [])]
        inner = f"SELECT {', '.join(texts) or '1 AS one'} FROM read_parquet(?)"
        return f"SELECT {', '.join(values) or 'one'} FROM ({inner})"

    def _numbered(self, items: Sequence[_Item]) -> str:
        return self._source(items, f"row_number() OVER () + {FIRST_ROW - 1} AS row")

    def _broken_cells(self, items: Sequence[_Item], limit: int) -> list[tuple[int, int, str]]:
        """(row, item, value) of the first errors, in the rows' order."""
        if not items:
            return []
        cases = ", ".join(
            f"CASE WHEN {item.broken} THEN {{'item': {item.number}, 'value': {item.shown}}} END" for item in items
        )
        lines = (
            f"SELECT row, unnest(list_filter([{cases}], lambda e: e IS NOT NULL)) AS e FROM ({self._numbered(items)})"
        )
        return self._fetch(f"SELECT row, e.item, e.value FROM ({lines}) LIMIT {limit}")

    def _repeated(self, item: _Item, limit: int) -> list[tuple[int, int, str]]:
        """The second and later rows of each key that comes more than once. No window: it would hold all rows."""
        keys = ", ".join(f"v{i}" for i in item.columns)
        present = " AND ".join(f"v{i} IS NOT NULL" for i in item.columns)
        same = " AND ".join(f"r.v{i} = k.v{i}" for i in item.columns)
        source = self._numbered([item])
        self._fetch(
            f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {keys}, min(row) AS first FROM ({source})"
            f" WHERE {present} GROUP BY ALL HAVING count(*) > 1"
        )
        return self._fetch(
            f"SELECT row, {item.number}, {item.shown} FROM ({source}) r JOIN repeated k ON {same}"
            f" WHERE row > first ORDER BY row LIMIT {limit}"
        )

    def _fetch(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, [self._parts]).fetchall()

    def _judged(self, item: _Item, measured: Any) -> Judgement:
        if item.whole:
            field = item.whole.column[1].name if item.whole.column else None
            is_broken = item.whole.fault(self.rows, measured) is not None
            return Judgement(field, item.whole.code, item.title, int(is_broken))
        assert item.rule
        return Judgement(item.rule.field, item.rule.code, item.title, measured or 0)

    def _whole_lines(self) -> Iterator[ErrorLine]:
        for item, measured in zip(self._items, self._measured, strict=True):
            message = item.whole.fault(self.rows, measured) if item.whole else None
            if item.whole and message:
                field = item.whole.column[1].name if item.whole.column else ""
                yield ErrorLine(None, field, None, item.whole.code, message)

    def _line(self, row: int, place: int, value: str) -> ErrorLine:
        item = self._items[place]
        assert item.rule
        field = ", ".join(self._columns[i].name for i in item.columns)
        return ErrorLine(row, field, value or None, item.rule.code, item.rule.message(value))


def _batches(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """The items in their order, of at most so many columns at once; without any, an empty one, to count the rows."""
    batch: list[_Item] = []
    columns: set[int] = set()
    for item in items:
        if batch and len(columns | set(item.columns)) > COLUMNS_AT_ONCE:
            yield batch
            batch, columns = [], set()
        batch.append(item)
        columns |= set(item.columns)
    if batch or not items:
        yield batch
