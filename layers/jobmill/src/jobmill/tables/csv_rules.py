"""SQL that reads a file's text cells by rules: the rows that hold them, and what is wrong with the others.

`source` is SQL with the text columns c0, c1 and so on, and, but for `plain`, the row's number in ROW.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import duckdb

from jobmill.tables.bad_rows import BadRow, CellError
from jobmill.tables.csv_plan import Plan
from jobmill.tables.engine import identifier, literal
from jobmill.tables.rules import MARK, CompiledSchema, Rule, fill

ROW: Final = "c_row"
_ROWS_AT_ONCE: Final = 1_000


def plain(plan: Plan, source: str) -> str:
    """SQL of the rows as they are stored; duckdb.InvalidInputException at the first one that breaks a rule."""
    values = [
        f"CASE WHEN {_any(field.rules, i)} THEN error('misfit') ELSE v{i} END AS {identifier(field.name)}"
        for i, field in enumerate(_rules(plan).fields)
    ]
    return f"SELECT {', '.join(values)} FROM {_values(plan, source)}"


def good(plan: Plan, source: str, *, has_repeats: bool) -> str:
    """SQL of the rows that hold every rule, as they are stored, but for those of the table `repeated`."""
    fields = _rules(plan).fields
    values = [f"v{i} AS {identifier(field.name)}" for i, field in enumerate(fields)]
    rows = f"SELECT {', '.join(values)} FROM {_values(plan, source)} q WHERE {_is_good(plan)}"
    # A join loses the order. Qualified, because a field may have any name.
    return f"{rows} AND q.{ROW} NOT IN (SELECT row FROM repeated) ORDER BY q.{ROW}" if has_repeats else rows


def broken(connection: duckdb.DuckDBPyConnection, plan: Plan, source: str, width: int) -> Iterator[BadRow]:
    """The rows that break rules, in the file's order, with each cell, and each rule that they break."""
    rules = [(i, rule) for i, field in enumerate(_rules(plan).fields) for rule in field.rules]
    numbers = ", ".join(f"CASE WHEN {_sql(rule.broken, i)} THEN {n} END" for n, (i, rule) in enumerate(rules))
    result = connection.execute(
        f"SELECT {ROW}, [{_cells(width)}], list_filter([{numbers}], lambda x: x IS NOT NULL)"
        f" FROM {_values(plan, source)} WHERE NOT ({_is_good(plan)})"
    )
    while rows := result.fetchmany(_ROWS_AT_ONCE):
        for row, cells, found in rows:
            errors = []
            for number in found:
                i, rule = rules[number]
                column = plan.sources[i]
                text = None if column is None else _shown(cells[column])
                errors.append(CellError(column, plan.names[i], rule.code, rule.message(text)))
            yield BadRow(row, plan.origin_of(row), tuple(_shown(cell) for cell in cells), tuple(errors))


def find_repeated(connection: duckdb.DuckDBPyConnection, plan: Plan, source: str) -> None:
    """Fill the table `repeated` with the good rows whose key an earlier row has."""
    rules = _rules(plan)
    names = [field.name for field in rules.fields]
    used = sorted({names.index(name) for group in rules.unique for name in group})
    keys = ", ".join(f"v{i}" for i in used)
    connection.execute("CREATE OR REPLACE TABLE repeated (row BIGINT, number INTEGER, earlier BIGINT)")
    connection.execute(
        f"CREATE OR REPLACE TABLE keyed AS SELECT {ROW} AS row, {keys} FROM {_values(plan, source)}"
        f" WHERE {_is_good(plan)}"
    )
    for number, group in enumerate(rules.unique):
        columns = {name: f"v{names.index(name)}" for name in names}
        key = [columns[name] for name in group]
        connection.execute(
            f"INSERT INTO repeated SELECT row, {number}, CASE WHEN n > 1 THEN first END FROM"
            f" (SELECT *, row_number() OVER w AS n, first_value(row) OVER w AS first FROM keyed"
            f" WHERE {_has_key(key)} WINDOW w AS (PARTITION BY {', '.join(key)} ORDER BY row)) k"
            f" WHERE n > 1{''.join(f' OR {taken}' for taken in _taken(plan, group, columns))}"
        )
    connection.execute("DROP TABLE keyed")


def repeated(connection: duckdb.DuckDBPyConnection, plan: Plan, source: str, width: int) -> Iterator[BadRow]:
    """The rows of the table `repeated`, in the file's order, with each cell and each key that is taken."""
    rules = _rules(plan)
    found = connection.execute(
        f"SELECT {ROW}, any_value([{_cells(width)}]), list((number, earlier) ORDER BY number)"
        f" FROM {source} JOIN repeated ON row = {ROW} GROUP BY {ROW} ORDER BY {ROW}"
    )
    while rows := found.fetchmany(_ROWS_AT_ONCE):
        for row, cells, repeats in rows:
            errors = tuple(_repeat(plan, rules, cells, number, earlier) for number, earlier in repeats)
            yield BadRow(row, plan.origin_of(row), tuple(_shown(cell) for cell in cells), errors)


def has_repeats(connection: duckdb.DuckDBPyConnection, plan: Plan, part: str) -> bool:
    """Whether rows of a stored part (SQL) have a key that another row has."""
    for group in _rules(plan).unique:
        columns = {name: identifier(name) for name in plan.names}
        key = [columns[name] for name in group]
        twice = f"SELECT 1 FROM {part} WHERE {_has_key(key)} GROUP BY {', '.join(key)} HAVING count(*) > 1"
        asked = [twice, *(f"SELECT 1 FROM {part} k WHERE {taken}" for taken in _taken(plan, group, columns))]
        if any(connection.execute(f"{statement} LIMIT 1").fetchall() for statement in asked):
            return True
    return False


def _rules(plan: Plan) -> CompiledSchema:
    assert plan.rules is not None
    return plan.rules


def _repeat(plan: Plan, rules: CompiledSchema, cells: list[str | None], number: int, earlier: int | None) -> CellError:
    group = rules.unique[number]
    columns = [plan.sources[plan.names.index(name)] for name in group]
    value = ", ".join(str(_shown(cells[column])) for column in columns if column is not None)
    where = "in an earlier row, or in the dataset," if earlier is None else f"in row {earlier}"
    code = "primary-key" if group == rules.primary_key else "unique"
    return CellError(columns[0], ", ".join(group), code, f'"{value}" stands {where} already, and may stand only once.')


def _taken(plan: Plan, group: tuple[str, ...], columns: Mapping[str, str]) -> Iterator[str]:
    """SQL conditions on the key of `k`, which has the fields as `columns`: that another row, stored before, has it."""

    def equal(names: tuple[str, ...]) -> str:
        return " AND ".join(f"s.{identifier(name)} = k.{columns[name]}" for name in names)

    same = equal(group)
    if plan.earlier:
        yield f"EXISTS (FROM {_stored(plan.earlier)} s WHERE {same})"
    if plan.base and not plan.replaces:
        yield f"EXISTS (FROM {_stored(plan.base)} s WHERE {same})"
    elif plan.base and group != _rules(plan).primary_key:
        replaced = equal(_rules(plan).primary_key)
        yield f"EXISTS (FROM {_stored(plan.base)} s WHERE {same} AND NOT ({replaced}))"


def _stored(parts: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(literal(part) for part in parts)}])"


def _has_key(key: Sequence[str]) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in key)


def _values(plan: Plan, source: str) -> str:
    """The source's columns, with the text t0, t1, … and the value v0, v1, … of each of the plan's."""
    fields = _rules(plan).fields
    cells = ["NULL::VARCHAR" if i is None else f"c{i}" for i in plan.sources]
    texts = [f"{fill(field.text, c=cell)} AS t{i}" for i, (field, cell) in enumerate(zip(fields, cells, strict=True))]
    values = [f"{fill(field.value, t=f't{i}')} AS v{i}" for i, field in enumerate(fields)]
    return f"(SELECT *, {', '.join(values)} FROM (SELECT *, {', '.join(texts)} FROM {source}))"


def _is_good(plan: Plan) -> str:
    return " AND ".join(f"({_any(field.rules, i)}) IS NOT TRUE" for i, field in enumerate(_rules(plan).fields))


def _any(rules: tuple[Rule, ...], column: int) -> str:
    return " OR ".join(f"({_sql(rule.broken, column)})" for rule in rules) or "false"


def _sql(template: str, column: int) -> str:
    return fill(template, t=f"t{column}", v=f"v{column}")


def _cells(width: int) -> str:
    return ", ".join(f"c{i}" for i in range(width))


def _shown(cell: str | None) -> str | None:
    return cell.removeprefix(MARK) if cell else cell
