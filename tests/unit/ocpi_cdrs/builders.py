"""A valid CDR and a valid location, to be changed by the tests."""

import json
from decimal import Decimal
from typing import Any

type Json = dict[str, Any]


def cdr(**changes: Any) -> Json:
    """Charged 15.342 kWh within 1.973 hours, 4.00 without VAT; None takes a field away."""
    made: Json = {
        "country_code": "be",
        "party_id": "Bec",
        "id": "12345",
        "start_date_time": "2026-01-29T21:39:09Z",
        "end_date_time": "2026-01-29T23:37:32Z",
        "cdr_token": {"country_code": "DE", "party_id": "TNM", "uid": "012345678", "type": "RFID", "contract_id": "C1"},
        "auth_method": "WHITELIST",
        "cdr_location": {
            "id": "LOC1",
            "name": "Gent Zuid",
            "address": "F.Rooseveltlaan 3A",
            "city": "Gent",
            "country": "BEL",
            "coordinates": {"latitude": "3.729944", "longitude": "51.047599"},
            "evse_uid": "3256",
            "evse_id": "BE*BEC*E041503003",
            "connector_id": "1",
            "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET",
            "connector_power_type": "AC_1_PHASE",
        },
        "currency": "EUR",
        "tariffs": [{"id": "12"}, {"id": "14"}],
        "charging_periods": [period(ENERGY="15.342", TIME="1.973")],
        "total_cost": price("4.00", "4.84"),
        "total_energy": Decimal("15.342"),
        "total_time": Decimal("1.973"),
        "last_updated": "2026-01-30T22:01:13Z",
    }
    made |= changes
    return {name: value for name, value in made.items() if value is not None}


def credit(**changes: Any) -> Json:
    """Takes back `cdr()`."""
    taken_back = {
        "id": "12345-C",
        "credit": True,
        "credit_reference_id": "12345",
        "total_cost": price("-4.00", "-4.84"),
    }
    return cdr(**taken_back | changes)


def price(excl_vat: str, incl_vat: str | None = None) -> Json:
    with_vat = {} if incl_vat is None else {"incl_vat": Decimal(incl_vat)}
    return {"excl_vat": Decimal(excl_vat), **with_vat}


def period(start: str = "2026-01-29T21:39:09Z", **volumes: str) -> Json:
    dimensions = [{"type": name, "volume": Decimal(volume)} for name, volume in volumes.items()]
    return {"start_date_time": start, "dimensions": dimensions}


def parsed(text: str) -> Json:
    made: Json = json.loads(text, parse_float=Decimal)
    return made


def evse(uid: str, **changes: Any) -> Json:
    return {
        "uid": uid,
        "evse_id": f"BE*BEC*E{uid}",
        "status": "AVAILABLE",
        "capabilities": ["RFID_READER", "RESERVABLE"],
        "connectors": [connector("1"), connector("2", standard="IEC_62196_T2_COMBO", max_electric_power=50_000)],
        "coordinates": {"latitude": "51.04759", "longitude": "3.72994"},
        "last_updated": "2026-01-28T10:00:00.5Z",
        **changes,
    }


def connector(id: str, **changes: Any) -> Json:
    return {
        "id": id,
        "standard": "IEC_62196_T2",
        "format": "CABLE",
        "power_type": "AC_3_PHASE",
        "max_voltage": 220,
        "max_amperage": 16,
        "tariff_ids": ["11"],
        "last_updated": "2026-01-28T10:00:00Z",
        **changes,
    }


def location(**changes: Any) -> Json:
    return {
        "country_code": "be",
        "party_id": "bec",
        "id": "LOC1",
        "publish": True,
        "name": "Gent Zuid",
        "address": "F.Rooseveltlaan 3A",
        "city": "Gent",
        "country": "BEL",
        "coordinates": {"latitude": "51.04759", "longitude": "3.72994"},
        "operator": {"name": "BeCharged"},
        "facilities": ["CAFE", "MALL"],
        "time_zone": "Europe/Brussels",
        "opening_times": {"twentyfourseven": True},
        "last_updated": "2026-01-29T20:39:09Z",
        **changes,
    }
