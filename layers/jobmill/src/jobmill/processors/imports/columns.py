"""Which of a file's columns goes where: by the mapping, by the schema's names, or each under its own name."""

from collections.abc import Sequence
from pathlib import Path

from jobmill.errors import CallerError
from jobmill.names import nearest
from jobmill.processors.imports.order import Order
from jobmill.schemas.compiler import compile_schema
from jobmill.schemas.table_schema import TableSchema
from jobmill.tables.bad_rows import IDENTITY, OWN_HEADERS
from jobmill.tables.csv_layout import Layout
from jobmill.tables.csv_plan import Corrections, Plan

MAX_SHOWN = 5
"""How many of a file's headers an error lists."""


def plan_of(order: Order, layout: Layout, origin: str, base_parts: Sequence[Path], *, has_native_cells: bool) -> Plan:
    """Find each column of the dataset in the file.

    The mapping goes first; then a field takes the column of its name, as it stands there or else in any case. A field
    that is not required may have no column: its cells are then empty. Without a schema every column of the file becomes
    one of the dataset. Corrections must have the column that says which rows they are.
    Raises CallerError `missing-column` with the nearest headers, `duplicate-column`, `not-a-correction`.
    """
    if not order.is_correction and set(OWN_HEADERS) & set(layout.names):
        raise CallerError(
            "reserved-column",
            f'The file has a column "{IDENTITY}" or another one of ours: it looks like the errors.xlsx of an import. '
            "Send it as the continuation of that import, or remove these columns.",
            field="params.continues",
        )
    fields = _fields(layout.names, order)
    if order.schema is None:
        return Plan(tuple(name for name in fields if name), tuple(range(len(fields))), origin)
    compiled = compile_schema(order.schema, decimal_char=layout.decimal, has_native_cells=has_native_cells)
    return Plan(
        tuple(field.name for field in compiled.fields),
        _sources(order.schema, fields, layout.names),
        origin,
        compiled,
        _corrections(order, layout),
        tuple(str(path) for path in base_parts),
        order.replaces_rows,
    )


def ignored(plan: Plan, layout: Layout) -> list[str]:
    """The headers of the file's columns that go nowhere."""
    return [name for i, name in enumerate(layout.names) if i not in plan.sources]


def _fields(headers: Sequence[str], order: Order) -> list[str | None]:
    """The field of each header, none for a column that goes nowhere."""
    for header in order.mapping:
        if header not in headers:
            raise _missing(header, headers, f'The mapping takes the field "{order.mapping[header]}" from it.')
    if order.schema is None:
        renamed = [order.mapping.get(header, header) for header in headers]
        _refuse_duplicates(renamed)
        return [*renamed]
    names = [field.name for field in order.schema.fields]
    for header, name in order.mapping.items():
        if name not in names:
            raise _unknown_field(header, name, names)
    fields: list[str | None] = [order.mapping.get(header) for header in headers]
    free = [name for name in names if name not in fields]
    for in_any_case in (False, True):
        for i, header in enumerate(headers):
            if fields[i] is None:
                same = [name for name in free if name == header or (in_any_case and name.lower() == header.lower())]
                fields[i] = same[0] if same and same[0] not in fields else None
    return fields


def _unknown_field(header: str, name: str, names: Sequence[str]) -> CallerError:
    near = nearest(name, names) or names[:MAX_SHOWN]
    listed = ", ".join(f'"{each}"' for each in near)
    message = f'The mapping takes "{header}" to "{name}", which is no column of the dataset. It has {listed}.'
    return CallerError("unknown-field", message, field="params.mapping")


def _sources(schema: TableSchema, fields: list[str | None], headers: Sequence[str]) -> tuple[int | None, ...]:
    for field in schema.fields:
        if field.name not in fields and (field.constraints.required or field.name in (schema.primary_key or ())):
            raise _missing(field.name, headers, "It is required.")
    if not any(fields):
        raise _missing(schema.fields[0].name, headers, "No other column of the dataset is there, either.")
    return tuple(fields.index(field.name) if field.name in fields else None for field in schema.fields)


def _refuse_duplicates(names: list[str]) -> None:
    lower = [name.lower() for name in names]
    for i, name in enumerate(lower):
        if name in lower[:i]:
            message = f'By the mapping, two columns would be named "{names[i]}". Rename one of them.'
            raise CallerError("duplicate-column", message, field="params.mapping")


def _missing(name: str, headers: Sequence[str], reason: str) -> CallerError:
    near = nearest(name, headers)
    listed = ", ".join(f'"{header}"' for header in near or headers[:MAX_SHOWN])
    hint = f"Did you mean {listed}?" if near else f"Its columns begin with {listed}."
    return CallerError("missing-column", f'The file has no column "{name}". {reason} {hint}', field="params.mapping")


def _corrections(order: Order, layout: Layout) -> Corrections | None:
    if not order.is_correction:
        return None
    assert order.base is not None
    if IDENTITY not in layout.names:
        raise CallerError(
            "not-a-correction",
            f'The file lacks the hidden first column "{IDENTITY}", which says which rows its own are. '
            "Correct the errors.xlsx of the import, and send that.",
        )
    open_rows = order.base[1].open_rows.get(order.job_id, ())
    return Corrections(order.job_id, frozenset(open_rows), layout.names)
