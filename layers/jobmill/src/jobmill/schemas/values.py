"""Limits in a schema, read as cells of their field are: so the API can refuse what is no value. No data library."""

import re
from datetime import UTC, date, datetime, time
from math import isfinite
from typing import TYPE_CHECKING, Final

from jobmill.schemas import date_patterns

if TYPE_CHECKING:
    from jobmill.schemas.table_schema import Field

type Limit = bool | int | float | str | date | datetime | time

INTEGER: Final = r"[ \t\n\v\f\r]*[+-]?[0-9]+[ \t\n\v\f\r]*"
NUMBER: Final = r"[ \t\n\v\f\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t\n\v\f\r]*"
DATE: Final = "[0-9]{4}-(?:1[0-2]|0?[1-9])-(?:3[01]|[12][0-9]|0?[1-9])"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
DATETIME: Final = f"{_DAY}[T ]{_CLOCK}"
ZONED: Final = f"{DATETIME}(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
TIME: Final = _CLOCK
YEAR: Final = "[0-9]{4}"
YEARMONTH: Final = "[0-9]{4}-(?:0[1-9]|1[0-2])"


def read_limit(field: "Field", value: bool | int | float | str) -> Limit | None:
    """The value in the field's own type: from JSON's type, or from text in the form of the field's cells."""
    if field.type in ("string", "any"):
        return value if isinstance(value, str) else None
    if field.type == "boolean":
        return _boolean(field, value)
    if isinstance(value, bool):
        return None
    if field.type in ("integer", "year"):
        return _integer(field, value)
    if field.type == "number":
        return _number(field, value)
    return _moment(field, value) if isinstance(value, str) else None


def _boolean(field: "Field", value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    return True if value in field.true_values else False if value in field.false_values else None


def _integer(field: "Field", value: int | float | str) -> int | None:
    if isinstance(value, float):
        whole = int(value) if value.is_integer() else None
    elif isinstance(value, int):
        whole = value
    else:
        text = _bare(field, value) if field.type == "integer" else value
        whole = int(text) if re.fullmatch(INTEGER if field.type == "integer" else YEAR, text) else None
    if whole is None or (field.type == "year" and not 0 <= whole <= 9999):
        return None
    return whole if -(2**63) <= whole < 2**63 else None


def _number(field: "Field", value: int | float | str) -> float | None:
    if isinstance(value, str):
        text, point = _bare(field, value), field.decimal_char or "."
        if point != "." and "." in text:
            return None
        return read_number(text.replace(point, "."))
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def read_number(text: str) -> float | None:
    """A number with a decimal point; None if the text is none."""
    number = float(text) if re.fullmatch(NUMBER, text) else None
    return number if number is not None and isfinite(number) else None


def _bare(field: "Field", text: str) -> str:
    if not field.bare_number:
        if field.type == "number" and re.match(rf"[^0-9-]*{re.escape(field.decimal_char or '.')}[0-9]", text):
            return ""
        text = re.sub(r"^[^0-9-]*|[^0-9]*$", "", text)
    return text.replace(field.group_char, "") if field.group_char else text


def _moment(field: "Field", text: str) -> Limit | None:
    if field.type == "yearmonth":
        return text if re.fullmatch(YEARMONTH, text) else None
    try:
        found = _default(field, text) if field.format == "default" else date_patterns.read(text, field.format)
    except (ValueError, OverflowError):
        return None
    if found is None or field.type == "datetime":
        return found
    return found.date() if field.type == "date" else found.time()


def _default(field: "Field", text: str) -> datetime | None:
    if field.type == "date" and re.fullmatch(DATE, text):
        return datetime(*map(int, text.split("-")))  # type: ignore[arg-type]
    if field.type == "time" and re.fullmatch(TIME, text):
        return datetime.combine(date.min, time.fromisoformat(text))
    if field.type == "datetime" and re.fullmatch(DATETIME, text):
        return datetime.fromisoformat(text)
    if field.type == "datetime" and re.fullmatch(ZONED, text):
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    return None
