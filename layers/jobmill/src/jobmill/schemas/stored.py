"""A Table Schema becomes SQL for the typed columns of a dataset.

A column of the field's type holds values of it. Where the types differ without loss (5 and 5.0, a day and its
midnight) the value is taken over; else the value's text is read as the text of a file would be.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jobmill.schemas import cells, constraints
from jobmill.schemas.compiler import unique_groups
from jobmill.schemas.table_schema import Field, TableSchema
from jobmill.schemas.templates import constant
from jobmill.schemas.values import read_number
from jobmill.tables.columns import ColumnType
from jobmill.tables.rules import CompiledField, CompiledSchema, fill

_TAKEN_OVER: Final = {
    (ColumnType.INTEGER, "number"): "{t}",
    (ColumnType.NUMBER, "integer"): "CASE WHEN {t} = trunc({t}) AND abs({t}) < 9e18 THEN {t}::BIGINT END",
    (ColumnType.INTEGER, "year"): "CASE WHEN {t} BETWEEN 0 AND 9999 THEN {t} END",
    (ColumnType.NUMBER, "year"): "CASE WHEN {t} = trunc({t}) AND {t} BETWEEN 0 AND 9999 THEN {t}::BIGINT END",
    (ColumnType.TIMESTAMP, "date"): "CASE WHEN {t} = date_trunc('day', {t}) THEN {t}::DATE END",
}
_NUMBERS: Final = (ColumnType.INTEGER, ColumnType.NUMBER)


def compile_stored(schema: TableSchema, stored: Mapping[str, ColumnType]) -> CompiledSchema:
    """Compile the schema for columns of the types `stored`, which has all its fields."""
    key = tuple(schema.primary_key or ())
    fields = tuple(
        _compile(field, schema.missing(field), field.name in key, stored[field.name]) for field in schema.fields
    )
    return CompiledSchema(fields, unique_groups(schema), key)


def _compile(field: Field, missing: list[str], is_key: bool, stored: ColumnType) -> CompiledField:
    rules = constraints.rules(field, is_key)
    if stored is field.stored and stored is not ColumnType.TEXT and field.type != "year":
        fitting = tuple(replace(rule, broken="false") if rule.code == "type-error" else rule for rule in rules)
        return CompiledField(field.name, field.stored, _text(missing, stored), "{t}", fitting)
    value = _TAKEN_OVER.get((stored, field.type))
    if value:
        return CompiledField(field.name, field.stored, _text(missing, stored), value, rules)
    raw = "{c}" if stored is ColumnType.TEXT else "{c}::VARCHAR"
    text = fill(cells.text(field, missing, False), c=raw)
    return CompiledField(field.name, field.stored, text, cells.value(field, ".", False), rules)


def _text(missing: list[str], stored: ColumnType) -> str:
    """The typed cell; NULL if it is what a missing value's text was read as."""
    if stored in _NUMBERS:
        numbers = [number for text in missing if (number := read_number(text)) is not None]
        listed = ", ".join(f"'{number!r}'::DOUBLE" for number in numbers)
        return f"CASE WHEN {{c}} IN ({listed}) THEN NULL ELSE {{c}} END" if listed else "{c}"
    texts = [constant(text) for text in missing if text[:1].isdigit() or text in ("true", "false")]
    return f"CASE WHEN {{c}}::VARCHAR IN ({', '.join(texts)}) THEN NULL ELSE {{c}} END" if texts else "{c}"
