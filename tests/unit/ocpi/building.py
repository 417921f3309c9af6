"""OCPI objects that are valid, and have what a test wants of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
UPDATED = "2026-01-15T10:30:00Z"
COORDINATES = {"latitude": "50.770774", "longitude": "-126.104965"}


def at(seconds: int) -> str:
    """An OCPI DateTime, so many seconds after the beginning of 2026."""
    return (BEGIN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def connector(**fields: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "standard": "IEC_62196_T2",
        "format": "SOCKET",
        "power_type": "AC_3_PHASE",
        "max_voltage": 230,
        "max_amperage": 32,
        "last_updated": UPDATED,
    } | fields


def evse(**fields: Any) -> dict[str, Any]:
    return {"uid": "3256", "status": "AVAILABLE", "connectors": [connector()], "last_updated": UPDATED} | fields


def location(**fields: Any) -> dict[str, Any]:
    return {
        "country_code": "NL",
        "party_id": "ABC",
        "id": "LOC1",
        "publish": True,
        "address": "F.Rooseveltlaan 3A",
        "city": "Gent",
        "country": "BEL",
        "coordinates": COORDINATES,
        "evses": [evse()],
        "time_zone": "Europe/Brussels",
        "last_updated": UPDATED,
    } | fields


def cdr(**fields: Any) -> dict[str, Any]:
    return {
        "country_code": "NL",
        "party_id": "ABC",
        "id": "CDR1",
        "start_date_time": "2026-01-15T08:30:00Z",
        "end_date_time": "2026-01-15T10:00:00Z",
        "cdr_token": {"uid": "012345678", "type": "RFID", "contract_id": "NL8ACC12E46L89"},
        "auth_method": "WHITELIST",
        "cdr_location": {
            "id": "LOC1",
            "address": "F.Rooseveltlaan 3A",
            "city": "Gent",
            "country": "BEL",
            "coordinates": COORDINATES,
            "evse_uid": "3256",
            "evse_id": "BE*BEC*E041503003",
            "connector_id": "1",
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_3_PHASE",
        },
        "currency": "EUR",
        "charging_periods": [
            {"start_date_time": "2026-01-15T08:30:00Z", "dimensions": [{"type": "TIME", "volume": Decimal("1.5")}]}
        ],
        "total_cost": {"excl_vat": Decimal("4.00"), "incl_vat": Decimal("4.84")},
        "total_energy": Decimal("15.342"),
        "total_time": Decimal("1.5"),
        "last_updated": UPDATED,
    } | fields
