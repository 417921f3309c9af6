"""A Table Schema becomes SQL for DuckDB 2.0: for the text cells of a file that is read."""

from jobmill.schemas import cells, constraints
from jobmill.schemas.table_schema import Field, TableSchema
from jobmill.tables.rules import MARK, CompiledField, CompiledSchema, Rule, fill

__all__ = ["MARK", "CompiledField", "CompiledSchema", "Rule", "compile_schema", "fill", "unique_groups"]


def compile_schema(schema: TableSchema, *, decimal_char: str = ".", has_native_cells: bool = False) -> CompiledSchema:
    """Compile the schema for text cells, in which an empty cell is NULL.

    `decimal_char` is the file's; a field's own wins. `has_native_cells`: the text comes from a workbook, where a cell
    of a type has U+001F before its canonical form, and is read by that form, whatever the field's format.
    Patterns are taken as they are: see `patterns.check_patterns`.
    """
    key = tuple(schema.primary_key or ())
    fields = tuple(
        _compile(field, schema.missing(field), field.name in key, decimal_char, has_native_cells)
        for field in schema.fields
    )
    return CompiledSchema(fields, unique_groups(schema), key)


def unique_groups(schema: TableSchema) -> tuple[tuple[str, ...], ...]:
    """Which fields' values together occur once, the primary key first."""
    key = tuple(schema.primary_key or ())
    alone = [(field.name,) for field in schema.fields if field.constraints.unique]
    return tuple(dict.fromkeys([*([key] if key else []), *alone]))


def _compile(
    field: Field, missing: list[str], is_key: bool, decimal_char: str, has_native_cells: bool
) -> CompiledField:
    return CompiledField(
        field.name,
        field.stored,
        cells.text(field, missing, has_native_cells),
        cells.value(field, decimal_char, has_native_cells),
        constraints.rules(field, is_key),
    )
