"""JSON whose numbers stay as they were sent: money is never a binary float."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

_MAX_INT_CHARACTERS = 4_000
"""Below the length at which Python refuses to read an int; longer ones become Decimal."""


def read_json(text: str | bytes) -> Any:
    """The value of a JSON text, with Decimal for numbers that have a point or an exponent.

    NaN and infinities, which are no JSON, become their names as text, and exponents beyond Decimal's stay text, so that
    the one object that has them is found invalid, and not its whole page. Raises ValueError for what is no JSON, or
    nested too deeply.
    """
    try:
        return json.loads(text, parse_float=_decimal, parse_int=_integer, parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def write_json(value: object) -> str:
    """Compact JSON text in ASCII of what `read_json` gives: `read_json(write_json(value)) == value`.

    Raises RecursionError for what `read_json` would not have read.
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{write_json(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, allow_nan=False)


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= _MAX_INT_CHARACTERS else Decimal(text)


def _decimal(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
