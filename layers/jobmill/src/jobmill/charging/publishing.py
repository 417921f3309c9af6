"""What is collected of charging as the next version of a dataset: the newer rows in the place of the older ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmill.ocpi.rows import KEY, Row, drop_older, write_rows
from jobmill.processing.context import Context
from jobmill.processing.merging import without_replaced
from jobmill.projects.dataset_files import DatasetColumn, Manifest
from jobmill.projects.datasets import DatasetVersion
from jobmill.tables.columns import Column
from jobmill.tables.engine import PARQUET, literal
from jobmill.tables.upsert import check_same_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


MAX_PARTS = 50
"""Each run adds a part; from so many on they are joined into one."""


@dataclass(frozen=True)
class Target:
    """A dataset of a project, its columns, and those that tell the rows of one object apart."""

    project_id: str
    name: str
    columns: Sequence[Column]
    row: Sequence[str] = ()


@dataclass(frozen=True)
class Base:
    """The newest version of the dataset, if there is one."""

    version: DatasetVersion | None
    manifest: Manifest | None

    @property
    def collected_until(self) -> Mapping[str, str]:
        """Of each peer, how far this version has it."""
        return self.manifest.collected_until if self.manifest else {}


def base_of(context: Context[Any], target: Target) -> Base:
    """The newest version of the dataset. Raises CallerError `columns-differ` if somebody gave it other columns."""
    head = context.dataset_head(target.name, target.project_id)
    if head is None:
        return Base(None, None)
    check_same_columns(head[1].columns, target.columns)
    return Base(*head)


def publish_rows(
    context: Context[Any],
    connection: "DuckDBPyConnection",
    target: Target,
    base: Base,
    rows: Iterable[Row],
    collected_until: Mapping[str, str],
) -> list[Path]:
    """Have the dataset's next version published with the job: `base`, and `rows` where they are newer.

    Nothing is published if no row is. Gives the version's parts as they lie in the workspace.
    """
    manifest = base.manifest
    base_keys = manifest.parts if manifest else ()
    base_paths = context.fetch_parts(base_keys)
    every, new = context.workspace / "collected.parquet", context.workspace / "new.parquet"
    write_rows(connection, target.columns, rows, every)
    written = drop_older(connection, base_paths, every, KEY, new, target.row)
    if not written:
        return base_paths
    left_keys, left_paths, left_rows = base_keys, tuple(base_paths), 0
    if manifest is not None:
        left = without_replaced(context, connection, (base_keys, base_paths, manifest.rows), [new], KEY, 1)
        left_keys, left_paths, left_rows = left.keys, left.paths, left.rows
    if len(left_paths) >= MAX_PARTS:
        joined = _joined(connection, left_paths, context.workspace / "joined.parquet")
        # Numbers after those of the parts that were written anew
        left_keys, left_paths = (context.store_part(joined, len(left_paths) + 1),), (joined,)
    parts = (*left_keys, context.store_part(new, 0))
    columns = tuple(DatasetColumn(column.name, column.type) for column in target.columns)
    version = Manifest(left_rows + written, columns, parts, collected_until=dict(collected_until))
    context.publish_dataset(
        target.name, version, base.version, is_first=base.version is None, project_id=target.project_id
    )
    return [*left_paths, new]


def _joined(connection: "DuckDBPyConnection", parts: Sequence[Path], target: Path) -> Path:
    """All rows of the parts, in their order, as one part."""
    files = ", ".join(literal(str(part)) for part in parts)
    connection.execute(f"COPY (FROM read_parquet([{files}])) TO {literal(str(target))} ({PARQUET})")
    return target
