"""What all objects of the peer's parties share: who the parties are, and how moments are written."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

type Raw = dict[str, Any]
"""An object as parsed JSON, its fractions as Decimal."""
type Key = tuple[str, str, str]
"""country_code and party_id in upper case (OCPI compares them so), and id."""


@dataclass(frozen=True)
class Party:
    """An operator of charge points; `vat` is a fraction, `position` latitude and longitude of its city."""

    country_code: str
    party_id: str
    country: str
    city: str
    time_zone: str
    currency: str
    vat: Decimal
    position: tuple[Decimal, Decimal]


PARTIES = (
    Party("NL", "ABC", "NLD", "Utrecht", "Europe/Amsterdam", "EUR", Decimal("0.21"), (Decimal(52), Decimal(5))),
    Party("DE", "XYZ", "DEU", "Köln", "Europe/Berlin", "EUR", Decimal("0.19"), (Decimal(50), Decimal(6))),
    Party("SE", "ELV", "SWE", "Göteborg", "Europe/Stockholm", "SEK", Decimal("0.25"), (Decimal(57), Decimal(11))),
)


def written(moment: datetime, number: int = 0) -> str:
    """An OCPI DateTime of a moment in UTC, in the notation whose turn it is: with Z, without it, with a fraction."""
    plain = moment.replace(tzinfo=None)
    if plain.microsecond:
        return f"{plain.isoformat(timespec='microseconds')}Z"
    return (f"{plain.isoformat()}Z", plain.isoformat(), f"{plain.isoformat(timespec='milliseconds')}Z")[number % 3]


def key_of(raw: Raw) -> Key:
    """The key of a whole object."""
    return raw["country_code"].upper(), raw["party_id"].upper(), raw["id"]
