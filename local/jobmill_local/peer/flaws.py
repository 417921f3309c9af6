"""What is wrong with some objects: a sentence, a place in the object, and what stands there instead."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from jobmill_local.peer.objects import Raw

GONE: Final = object()
"""Instead of a value: nothing, not even the name."""
type Flaws = Mapping[str, tuple[str, Any]]

INVALID_LOCATIONS: Flaws = {
    "address is missing": ("address", GONE),
    "last_updated is missing": ("last_updated", GONE),
    "an EVSE's status is none of OCPI's": ("evses.0.status", "ASLEEP"),
    "a connector's standard is none of OCPI's": ("evses.0.connectors.0.standard", "IEC_62196_T9"),
    "an EVSE has no connector": ("evses.0.connectors", []),
    "name is longer than 255 characters": ("name", "n" * 256),
    "latitude has one decimal": ("coordinates.latitude", "52.1"),
    "latitude has three digits before the point": ("coordinates.latitude", "105.123456"),
}
INVALID_CDRS: Flaws = {
    "id is missing": ("id", GONE),
    "id is longer than 36 characters, and it is no credit": ("id", "C" * 37),
    "currency is missing": ("currency", GONE),
    "auth_method is none of OCPI's": ("auth_method", "MIND_READING"),
    "remark is longer than 255 characters": ("remark", "r" * 256),
    "charging_periods is empty": ("charging_periods", []),
    "end_date_time is no time": ("end_date_time", "yesterday"),
    "total_cost is text": ("total_cost", "12.50"),
    "it is a credit of nothing that it names": ("credit", True),
    "the location's longitude has a comma": ("cdr_location.coordinates.longitude", "5,123456"),
}
DOUBTFUL_CDRS: Flaws = {
    "it parked for longer than it lasted": ("total_parking_time", Decimal(100)),
    "its periods' energy is not its total": ("total_energy", Decimal("999.5")),
    "its periods' time is not its total": ("charging_periods.0.dimensions.1.volume", Decimal("50.05")),
    "its currency is not known": ("currency", "ZZZ"),
    "its start is not known": ("start_date_time", "1970-1-1T00:00:00Z"),
    "its end is not known": ("end_date_time", "1970-1-1"),
}
"""Valid ones. OCPI lets a CDR begin and end on 1970-1-1 where both sides agree to bill without knowing when."""
DOUBTFUL_CREDITS: Flaws = {
    "it takes back another amount": ("total_cost.excl_vat", Decimal("-0.01")),
    "it takes back a CDR that never came": ("credit_reference_id", "CDR-NEVER"),
}


def spoil(raw: Raw, path: str, value: Any) -> None:
    """Put the value, or nothing, at this place of the object."""
    *way, last = path.split(".")
    place: Any = raw
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
