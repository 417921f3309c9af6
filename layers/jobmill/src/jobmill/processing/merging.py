"""A version's parts beside new rows: those without a replaced row stay as they are, the others are written anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobmill.processing.context import Context
from jobmill.tables.upsert import rows_replaced, write_unreplaced

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Left:
    """What is left of a version: the keys of its parts, where they lie in the workspace, and their rows."""

    keys: tuple[str, ...]
    paths: tuple[Path, ...]
    rows: int


def without_replaced(
    context: Context[Any],
    connection: "DuckDBPyConnection",
    base: tuple[Sequence[str], Sequence[Path], int],
    new: Sequence[Path],
    key: Sequence[str],
    number: int,
) -> Left:
    """What is left of `base` (keys, paths and rows) without the rows whose `key` a row of `new` has.

    Parts that are written anew are stored as part `number` and so on.
    """
    stored, parts, rows = base
    replaced = rows_replaced(connection, parts, new, key)
    keys: list[str] = []
    paths: list[Path] = []
    for old, part, count in zip(stored, parts, replaced, strict=True):
        if not count:
            keys.append(old)
            paths.append(part)
            continue
        target = part.with_name(f"left-{part.name}")
        if write_unreplaced(connection, part, new, key, target):
            keys.append(context.store_part(target, number))
            paths.append(target)
            number += 1
    return Left(tuple(keys), tuple(paths), rows - sum(replaced))
