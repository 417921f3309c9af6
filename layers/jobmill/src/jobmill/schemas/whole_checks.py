"""A check of the dataset as a whole becomes one aggregate, and a sentence if its value is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from jobmill.errors import CallerError
from jobmill.schemas.checks import Check, Complete, RowCount, Sum
from jobmill.schemas.row_checks import Find
from jobmill.tables.columns import ColumnType
from jobmill.tables.rules import CompiledField

# Sums of fractions are not exact.
TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class WholeCheck:
    """`measure` is an aggregate over v0, v1, …; `fault(rows, measured)` says what is wrong with it, if anything."""

    code: str
    title: str
    column: tuple[int, CompiledField] | None
    measure: str
    fault: Callable[[int, Any], str | None]


def compile_whole(check: Check, find: Find, place: str) -> WholeCheck:
    """Raise CallerError `unknown-column`, or `bad-check` for a sum of what is no number."""
    if check.row_count:
        return WholeCheck("row-count", check.title, None, "count(*)", _row_count(check.row_count))
    if check.complete:
        column = find(check.complete.column, f"{place}.complete.column")
        return WholeCheck("complete", check.title, column, f"count(v{column[0]})", _complete(check.complete))
    assert check.sum
    column = find(check.sum.column, f"{place}.sum.column")
    if column[1].type not in (ColumnType.INTEGER, ColumnType.NUMBER):
        message = f'"{column[1].name}" holds {column[1].type}, which has no sum.'
        raise CallerError("bad-check", message, field=f"{place}.sum.column")
    is_whole = column[1].type is ColumnType.INTEGER
    measure = f"{'sum' if is_whole else 'fsum'}(v{column[0]})"
    return WholeCheck("sum", check.title, column, measure, _sum(check.sum, 0 if is_whole else TOLERANCE))


def _row_count(wanted: RowCount) -> Callable[[int, Any], str | None]:
    def fault(rows: int, _: Any) -> str | None:
        if wanted.min is not None and rows < wanted.min:
            return f"The dataset has {rows:,} rows, fewer than {wanted.min:,}."
        if wanted.max is not None and rows > wanted.max:
            return f"The dataset has {rows:,} rows, more than {wanted.max:,}."
        return None

    return fault


def _complete(wanted: Complete) -> Callable[[int, Any], str | None]:
    def fault(rows: int, filled: Any) -> str | None:
        if filled * 100 >= wanted.percent * rows:
            return None
        share = f"{filled:,} of {rows:,} rows ({100 * filled / rows:.2f} %)"
        return f'"{wanted.column}" has a value in {share}, and {wanted.percent:g} % are wanted.'

    return fault


def _sum(wanted: Sum, usual: float) -> Callable[[int, Any], str | None]:
    tolerance = usual if wanted.tolerance is None else wanted.tolerance

    def fault(_: int, total: Any) -> str | None:
        total = total or 0
        if abs(total - wanted.equals) <= tolerance:
            return None
        return f'"{wanted.column}" adds up to {_shown(total)}, and not to {_shown(wanted.equals)}.'

    return fault


def _shown(number: int | float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.15g}"
