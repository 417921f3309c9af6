"""Locations, valid ones."""

from datetime import datetime
from decimal import Decimal
from random import Random

from jobmill_local.peer.objects import Party, Raw, written

STATUSES = (
    "AVAILABLE", "CHARGING", "REMOVED", "BLOCKED", "INOPERATIVE", "OUTOFORDER", "PLANNED", "RESERVED", "UNKNOWN",
)  # fmt: skip
_SOCKETS = (
    ("IEC_62196_T2", "SOCKET", "AC_3_PHASE", 230, 16),
    ("IEC_62196_T2_COMBO", "CABLE", "DC", 920, 500),
    ("CHADEMO", "CABLE", "DC", 500, 125),
    ("DOMESTIC_F", "SOCKET", "AC_1_PHASE", 230, 16),
)


def make_location(party: Party, number: int, updated: datetime, dice: Random) -> Raw:
    """A valid location with one to three EVSEs; over nine locations, every status comes up."""
    at = written(updated, number)
    latitude, longitude = (
        f"{degrees + Decimal(dice.randrange(100_000, 900_000)) / 1_000_000:.6f}" for degrees in party.position
    )
    return {
        # Letters' case is of no account there.
        "country_code": party.country_code.lower() if number % 10 == 7 else party.country_code,
        "party_id": party.party_id,
        "id": f"LOC{number:05}",
        "publish": number % 11 != 3,
        "name": f"{party.city} {number} · Ladeplätze",
        "address": f"Street {number}",
        "city": party.city,
        "postal_code": f"{10_000 + number}",
        "country": party.country,
        "coordinates": {"latitude": latitude, "longitude": longitude},
        "evses": [_evse(party, number, place, at) for place in range(1 + number % 3)],
        "time_zone": party.time_zone,
        "last_updated": at,
    }


def _evse(party: Party, number: int, place: int, at: str) -> Raw:
    standard, format, power, volts, amperes = _SOCKETS[(number + place) % len(_SOCKETS)]
    return {
        "uid": f"{number:05}-{place}",
        "evse_id": f"{party.country_code}*{party.party_id}*E{number:05}{place}",
        "status": STATUSES[(number + place) % len(STATUSES)],
        "capabilities": ["RFID_READER", "REMOTE_START_STOP_CAPABLE"],
        "connectors": [
            {
                "id": "1",
                "standard": standard,
                "format": format,
                "power_type": power,
                "max_voltage": volts,
                "max_amperage": amperes,
                "last_updated": at,
            }
        ],
        "last_updated": at,
    }
