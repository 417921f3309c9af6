"""Values and names from outside, fitted to a table's columns."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from math import isfinite
from typing import Final

from jobmill.errors import CallerError
from jobmill.names import nearest
from jobmill.tables.columns import ColumnType

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
WANTED: Final = {
    ColumnType.TEXT: "a text in quotation marks, not empty",
    ColumnType.INTEGER: "a number",
    ColumnType.NUMBER: "a number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "a date like 2024-02-29",
    ColumnType.TIMESTAMP: "a date or a time without a zone, like 2024-02-29 or 2024-02-29T23:59:00",
}

type Constant = str | int | float | bool | date | datetime


def find_column(name: str, known: Iterable[str], field: str) -> str:
    """The name, if it is one of the known ones; it counts in upper and lower case.

    Raises CallerError `unknown-column` at `field`, which names the nearest ones.
    """
    names = list(known)
    if name in names:
        return name
    near = nearest(name, names)
    listed = ", ".join(f'"{other}"' for other in near or names[:5])
    hint = f"Did you mean {listed}?" if near else f"It begins with {listed}."
    raise CallerError("unknown-column", f'The table has no column "{name}". {hint}', field=field)


def fit(value: object, type_: ColumnType) -> Constant | None:
    """A JSON value as a value of the type (`WANTED` says what fits); None if it is none."""
    if type_ is ColumnType.TEXT and isinstance(value, str) and value:
        return value
    if type_ is ColumnType.BOOLEAN and isinstance(value, bool):
        return value
    if type_ in (ColumnType.INTEGER, ColumnType.NUMBER) and _is_number(value):
        assert isinstance(value, (int, float))
        return value
    if type_ in (ColumnType.DATE, ColumnType.TIMESTAMP) and isinstance(value, str):
        return _moment(value, type_)
    return None


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return abs(value) < 2**63
    return isinstance(value, float) and isfinite(value)


def _moment(value: str, type_: ColumnType) -> date | datetime | None:
    try:
        if type_ is ColumnType.DATE and _DATE.fullmatch(value):
            return date.fromisoformat(value)
        if type_ is ColumnType.TIMESTAMP and _TIMESTAMP.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    return None
