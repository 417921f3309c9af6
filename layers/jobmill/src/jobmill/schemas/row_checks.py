"""A check of rows becomes an SQL condition over two values: of columns, or a column and a constant."""

from collections.abc import Callable
from typing import Final

from jobmill.errors import CallerError
from jobmill.schemas.checks import Check, ColumnOf, Side
from jobmill.schemas.templates import sql_of
from jobmill.tables.columns import ColumnType
from jobmill.tables.constants import WANTED, fit
from jobmill.tables.rules import CompiledField, Rule

_NUMBERS: Final = (ColumnType.INTEGER, ColumnType.NUMBER)
_MOMENTS: Final = (ColumnType.DATE, ColumnType.TIMESTAMP)
_EQUALITIES: Final = ("=", "!=")

type Find = Callable[[str, str], tuple[int, CompiledField]]
"""Gives a column's place and what it is; raises CallerError `unknown-column` at the place in the request."""


def compile_check(check: Check, find: Find, place: str) -> tuple[Rule, tuple[int, ...]]:
    """The rule, over v0, v1, … for the columns' places, and the places that it is about.

    A row without one of the values does not break it. Raises CallerError `bad-check` for what cannot be compared.
    """
    left, right = _column(check.left, find, f"{place}.left"), _column(check.right, find, f"{place}.right")
    columns = tuple(column for column in (left, right) if column)
    if left and right and not _alike(left[1].type, right[1].type):
        raise _bad(f'"{left[1].name}" holds {left[1].type}, "{right[1].name}" holds {right[1].type}.', place)
    if check.op not in _EQUALITIES and columns[0][1].type is ColumnType.BOOLEAN:
        raise _bad(f'"{columns[0][1].name}" is true or false: only = and != compare it.', f"{place}.op")
    sql = [
        f"v{column[0]}" if column else _constant(side, columns[0][1], f"{place}.{name}")
        for column, side, name in ((left, check.left, "left"), (right, check.right, "right"))
    ]
    names = list(dict.fromkeys(column[1].name for column in columns))
    sentence = f'{{value}}: "{check.title}" does not hold.'
    rule = Rule(
        names[0] if len(names) == 1 else None, "row-check", f"NOT ({sql[0]} {check.op} {sql[1]})", None, sentence
    )
    return rule, tuple(dict.fromkeys(column[0] for column in columns))


def _column(side: Side | None, find: Find, place: str) -> tuple[int, CompiledField] | None:
    return find(side.column, f"{place}.column") if isinstance(side, ColumnOf) else None


def _alike(one: ColumnType, other: ColumnType) -> bool:
    return one is other or any(one in kinds and other in kinds for kinds in (_NUMBERS, _MOMENTS))


def _constant(side: Side | None, beside: CompiledField, place: str) -> str:
    value = None if isinstance(side, ColumnOf) else fit(side, beside.type)
    if value is None:
        raise _bad(f'"{beside.name}" holds {beside.type}: give {WANTED[beside.type]}.', place)
    return sql_of(value)


def _bad(message: str, field: str) -> CallerError:
    return CallerError("bad-check", message, field=field)
