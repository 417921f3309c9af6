"""The types of OCPI's fields: text, numbers, times, as the models of objects use them.

Stricter than a reader needs in nothing but the specification's own words; line breaks in plain text, which the
specification forbids, are let pass, for peers do send them in remarks and directions.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

MAX_NUMBER: Final = Decimal(10) ** 15
"""Numbers are below it in amount: sums of them stay exact in Decimal's usual 28 digits."""
MAX_DECIMALS: Final = 20
_MOMENT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?Z?", re.ASCII
)
# A CPO that knows no time of a session says this (mod_cdrs, the last note of the CDR object).
_UNKNOWN: Final = re.compile(r"1970-0?1-0?1(T00:00:00(\.0+)?Z?)?", re.ASCII)
_CI_STRING: Final = re.compile(r"[\x20-\x7e]*")


def moment(text: str) -> datetime:
    """The aware UTC time of an OCPI DateTime: `2016-12-29T17:45:09.2Z`, with the `Z` or without it.

    Also "1970-1-1", with which a peer says that it knows no time. Fractions are cut to microseconds. Raises ValueError
    for all else: other zones (`+00:00` included) are against the specification.
    """
    if _UNKNOWN.fullmatch(text):
        return datetime(1970, 1, 1, tzinfo=UTC)
    parts = _MOMENT.fullmatch(text)
    if parts is None:
        raise ValueError("no OCPI DateTime")
    year, month, day, hour, minute, second = (int(part) for part in parts.groups()[:6])
    return datetime(year, month, day, hour, minute, second, int((parts[7] or "0").ljust(6, "0")[:6]), tzinfo=UTC)


def refused(sentence: str) -> PydanticCustomError:
    """An error with the sentence as it is."""
    return PydanticCustomError("ocpi", "{sentence}", {"sentence": sentence})


def _is_moment(text: str) -> str:
    try:
        moment(text)
    except ValueError as error:
        raise refused("is no time like 2016-12-29T17:45:09Z, in UTC.") from error
    return text


def _printable_ascii(text: str) -> str:
    if not _CI_STRING.fullmatch(text):
        raise refused("has characters that are not printable ASCII.")
    return text


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refused("must be a number.")
    number = Decimal(value)
    if abs(number) >= MAX_NUMBER or int(number.as_tuple().exponent) < -MAX_DECIMALS:
        raise refused(f"must have at most 15 digits before the point and {MAX_DECIMALS} after it.")
    return number


def _integer(value: object) -> int:
    number = _number(value)
    if number != number.to_integral_value():
        raise refused("must be a whole number.")
    return int(number)


def _pattern(pattern: str, sentence: str) -> AfterValidator:
    compiled = re.compile(pattern, re.ASCII)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise refused(sentence)
        return text

    return AfterValidator(check)


_PRINTABLE_ASCII: Final = AfterValidator(_printable_ascii)

type Text4 = Annotated[str, StringConstraints(max_length=4)]
type Text10 = Annotated[str, StringConstraints(max_length=10)]
type Text16 = Annotated[str, StringConstraints(max_length=16)]
type Text45 = Annotated[str, StringConstraints(max_length=45)]
type Text100 = Annotated[str, StringConstraints(max_length=100)]
type Text255 = Annotated[str, StringConstraints(max_length=255)]
# What names something is never empty.
type CiString3 = Annotated[str, StringConstraints(min_length=1, max_length=3), _PRINTABLE_ASCII]
type CiString36 = Annotated[str, StringConstraints(min_length=1, max_length=36), _PRINTABLE_ASCII]
type CiString39 = Annotated[str, StringConstraints(min_length=1, max_length=39), _PRINTABLE_ASCII]
type CiString48 = Annotated[str, StringConstraints(min_length=1, max_length=48), _PRINTABLE_ASCII]
type DateTime = Annotated[str, AfterValidator(_is_moment)]
type Number = Annotated[Decimal, BeforeValidator(_number)]
type Integer = Annotated[int, BeforeValidator(_integer)]
type CountryCode = Annotated[str, _pattern(r"[A-Za-z]{2}", "must be two letters (ISO 3166-1 alpha-2).")]
type Country = Annotated[str, _pattern(r"[A-Za-z]{3}", "must be three letters (ISO 3166-1 alpha-3).")]
type Currency = Annotated[str, _pattern(r"[A-Z]{3}", "must be three capital letters (ISO 4217).")]
type Latitude = Annotated[
    str, _pattern(r"-?[0-9]{1,2}\.[0-9]{5,7}", "must be text like 50.770774, with 5 to 7 decimals.")
]
type Longitude = Annotated[
    str, _pattern(r"-?[0-9]{1,3}\.[0-9]{5,7}", "must be text like -126.104965, with 5 to 7 decimals.")
]


class OcpiObject(BaseModel):
    """What all models share: fields that OCPI 2.2.1 does not know are let pass; `null` stands for a missing one."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)
