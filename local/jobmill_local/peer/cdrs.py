"""Charge detail records (CDRs), valid ones, and credits of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from jobmill_local.peer.objects import Party, Raw, written

_CENT = Decimal("0.0001")
_PER_KWH, _PER_PARKED_HOUR, _START = Decimal("0.3519"), Decimal("1.5"), Decimal("0.5")
_TWENTIETH = timedelta(minutes=3)
"""Of an hour: sessions last whole ones, so that hours have two decimals."""


def make_cdr(party: Party, location: Raw, number: int, day: date, dice: Random) -> tuple[Raw, datetime]:
    """A valid CDR of a session on this day (in UTC), and when it was made: later that day.

    Its periods add up to its totals, and its costs to the cost of all. Party DE*XYZ makes all its CDRs at 22:00.
    """
    start = datetime.combine(day, time(6 + dice.randrange(12), dice.randrange(60)), UTC)
    charging = [dice.randrange(2, 20) for _ in range(dice.randrange(1, 4))]
    parked = dice.choice((0, 0, 10))
    end = start + (sum(charging) + parked) * _TWENTIETH
    made = datetime.combine(day, time(22), UTC) if party.party_id == "XYZ" else end + timedelta(minutes=5)
    energies = [Decimal(dice.randrange(500, 20_000)) / 1000 for _ in charging]
    return {
        "country_code": party.country_code,
        "party_id": party.party_id,
        "id": f"CDR{number:06}",
        "start_date_time": written(start, number),
        "end_date_time": written(end, number),
        "session_id": f"SES{number:06}",
        "cdr_token": {
            "country_code": party.country_code,
            "party_id": "MSP",
            "uid": f"{dice.randrange(16**8):08X}",
            "type": "RFID",
            "contract_id": f"{party.country_code}-MSP-C{dice.randrange(10**6):06}",
        },
        "auth_method": dice.choice(("AUTH_REQUEST", "COMMAND", "WHITELIST")),
        "cdr_location": _place(location),
        "currency": party.currency,
        "charging_periods": _periods(start, charging, energies, parked),
        **_totals(party, charging, energies, parked),
        "last_updated": written(made, number),
    }, made


def make_credit(raw: Raw, made: datetime) -> Raw:
    """The CDR that takes another one back."""
    cost = {name: -amount for name, amount in raw["total_cost"].items()}
    own = {"id": f"{raw['id']}-C", "credit": True, "credit_reference_id": raw["id"]}
    return raw | own | {"total_cost": cost, "last_updated": written(made)}


def _place(location: Raw) -> Raw:
    evse = location["evses"][0]
    connector = evse["connectors"][0]
    return {
        **{name: location[name] for name in ("id", "name", "address", "city", "postal_code", "country", "coordinates")},
        "evse_uid": evse["uid"],
        "evse_id": evse["evse_id"],
        "connector_id": connector["id"],
        "connector_standard": connector["standard"],
        "connector_format": connector["format"],
        "connector_power_type": connector["power_type"],
    }


def _periods(start: datetime, charging: list[int], energies: list[Decimal], parked: int) -> list[Raw]:
    periods, at = [], start
    for twentieths, energy in zip(charging, energies, strict=True):
        volumes = {"ENERGY": energy, "TIME": Decimal(twentieths) / 20}
        periods.append(_period(at, volumes))
        at += twentieths * _TWENTIETH
    if parked:
        periods.append(_period(at, {"PARKING_TIME": Decimal(parked) / 20}))
    return periods


def _period(at: datetime, volumes: Mapping[str, Decimal]) -> Raw:
    dimensions = [{"type": type, "volume": volume} for type, volume in volumes.items()]
    return {"start_date_time": written(at), "dimensions": dimensions}


def _totals(party: Party, charging: list[int], energies: list[Decimal], parked: int) -> Raw:
    energy, hours = sum(energies, Decimal()), Decimal(parked) / 20
    costs = {"total_fixed_cost": _START, "total_energy_cost": energy * _PER_KWH}
    if parked:
        costs["total_parking_cost"] = hours * _PER_PARKED_HOUR
    prices = {name: _price(amount, party) for name, amount in costs.items()}
    return {
        "total_cost": {name: sum(price[name] for price in prices.values()) for name in ("excl_vat", "incl_vat")},
        **prices,
        "total_energy": energy,
        "total_time": Decimal(sum(charging) + parked) / 20,
        **({"total_parking_time": hours} if parked else {}),
    }


def _price(amount: Decimal, party: Party) -> dict[str, Decimal]:
    net = amount.quantize(_CENT, ROUND_HALF_UP)
    return {"excl_vat": net, "incl_vat": (net * (1 + party.vat)).quantize(_CENT, ROUND_HALF_UP)}
