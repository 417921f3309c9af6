"""The version that an import makes of its rows and, unless they replace them, of those that the dataset has."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from jobmill.processing.context import Context
from jobmill.processing.merging import without_replaced
from jobmill.processors.imports.order import Order
from jobmill.processors.imports.params import ImportParams
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.tables.columns import Table
from jobmill.tables.csv_plan import Plan

MAX_OPEN_IMPORTS = 100
MAX_OPEN_ROWS = 200_000
"""Of so many imports, and so many rows, a dataset remembers which are not in yet; older ones cannot be corrected."""


def publish(
    context: Context[ImportParams],
    connection: duckdb.DuckDBPyConnection,
    order: Order,
    table: Table,
    plan: Plan,
    keys: Sequence[str],
    open_rows: Mapping[str, tuple[int, ...]],
) -> None:
    """Publish the stored parts `keys`, after those of the base as far as their rows are not replaced.

    `open_rows` are the rows of an import that are not in now; empty if it had none.
    """
    columns = tuple(DatasetColumn(column.name, column.type) for column in table.columns)
    if order.base is None:
        manifest = Manifest(table.rows, columns, tuple(keys), order.stored_schema, open_rows)
        context.publish_dataset(order.dataset, manifest, is_first=order.mode != "replace")
        return
    version, base = order.base
    base_keys, base_rows = base.parts, base.rows
    if order.replaces_rows and keys:
        assert plan.rules is not None
        parts, new = [Path(path) for path in plan.base], [Path(path) for path in plan.earlier]
        left = without_replaced(
            context, connection, (base.parts, parts, base.rows), new, plan.rules.primary_key, len(keys)
        )
        base_keys, base_rows = left.keys, left.rows
    remembered = newest_open(base.open_rows, open_rows)
    manifest = Manifest(base_rows + table.rows, base.columns, (*base_keys, *keys), order.stored_schema, remembered)
    context.publish_dataset(order.dataset, manifest, version)


def newest_open(
    before: Mapping[str, tuple[int, ...]], now: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """The open rows of both, by import, those of `now` last; the oldest are forgotten where they are too many."""
    kept: dict[str, tuple[int, ...]] = {}
    ordered = [*((job_id, rows) for job_id, rows in before.items() if job_id not in now), *now.items()]
    for job_id, rows in reversed(ordered[-MAX_OPEN_IMPORTS:]):
        if kept and sum(map(len, kept.values())) + len(rows) > MAX_OPEN_ROWS:
            break
        kept[job_id] = rows
    return dict(reversed(kept.items()))
