"""Values compared as people mean it: numbers by their value, true is not 1, text by code points."""

import json
from datetime import date
from decimal import Decimal

from jobmill.errors import CallerError
from jobmill.tables.filters import Comparison

MAX_SHOWN = 200


def holds(op: Comparison, actual: object, expected: object) -> bool:
    """Whether `actual` stands in `op` to `expected`: JSON values, dates or times.

    Raises CallerError `not-comparable` for an order between values that have none.
    """
    if op == "=":
        return is_equal(actual, expected)
    if op == "!=":
        return not is_equal(actual, expected)
    order = _order(actual, expected)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[op]


def is_equal(one: object, other: object) -> bool:
    """Whether two values are the same; 1 and 1.0 are, 1 and true are not. Objects have no order, lists have."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(is_equal(*pair) for pair in zip(one, other, strict=True))
    if _is_number(one) and _is_number(other):
        return one == other
    return type(one) is type(other) and one == other


def shown(value: object) -> str:
    """The value for people, as JSON writes it, and cut where it gets long."""
    text = value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def _order(one: object, other: object) -> int:
    have_order = (_is_number(one) and _is_number(other)) or (type(one) is type(other) and isinstance(one, str | date))
    if not have_order:
        raise CallerError("not-comparable", f"{shown(one)} is neither less nor greater than {shown(other)}.")
    return 0 if one == other else 1 if one > other else -1  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
