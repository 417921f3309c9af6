"""A charge detail record (`mod_cdrs`): one ended charging session and what it costs.

It never changes: a credit CDR takes it back. Whether its sums agree is no matter of its form, and not judged here.
"""

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import model_validator

from jobmill.ocpi.fields import (
    CiString3,
    CiString36,
    CiString39,
    CiString48,
    Country,
    CountryCode,
    Currency,
    DateTime,
    Number,
    OcpiObject,
    Text10,
    Text45,
    Text255,
    refused,
)
from jobmill.ocpi.locations import ConnectorFormat, ConnectorType, GeoLocation, PowerType

type AuthMethod = Literal["AUTH_REQUEST", "COMMAND", "WHITELIST"]
type TokenType = Literal["AD_HOC_USER", "APP_USER", "OTHER", "RFID"]
type DimensionType = Literal[
    "CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT", "MAX_CURRENT", "MIN_CURRENT", "MAX_POWER", "MIN_POWER",
    "PARKING_TIME", "POWER", "RESERVATION_TIME", "STATE_OF_CHARGE", "TIME",
]  # fmt: skip
MAX_ID = 36
"""Of a CDR's id; a credit CDR's may have 3 more, so that it can be the old one's with something appended."""


class Price(OcpiObject):
    """An amount in the CDR's currency."""

    excl_vat: Number
    incl_vat: Number | None = None


class CdrToken(OcpiObject):
    """By which card or app the session was paid for."""

    country_code: CountryCode | None = None
    party_id: CiString3 | None = None
    uid: CiString36
    type: TokenType
    contract_id: CiString36


class CdrLocation(OcpiObject):
    """The place as it was at the session's start; ids may be `#NA` after a reservation that nobody used."""

    id: CiString36
    name: Text255 | None = None
    address: Text255
    city: Text45
    postal_code: Text10 | None = None
    state: Text45 | None = None
    country: Country
    coordinates: GeoLocation
    evse_uid: CiString36
    evse_id: CiString48
    connector_id: CiString36
    connector_standard: ConnectorType
    connector_format: ConnectorFormat
    connector_power_type: PowerType


class CdrDimension(OcpiObject):
    """How much of something: kWh, hours, A or kW, as its type says."""

    type: DimensionType
    volume: Number


class ChargingPeriod(OcpiObject):
    """A part of the session; it ends where the next one begins."""

    start_date_time: DateTime
    dimensions: Annotated[list[CdrDimension], Len(1)]
    tariff_id: CiString36 | None = None


class Cdr(OcpiObject):
    """The record. Energy in kWh, times in hours."""

    country_code: CountryCode
    party_id: CiString3
    id: CiString39
    start_date_time: DateTime
    end_date_time: DateTime
    session_id: CiString36 | None = None
    cdr_token: CdrToken
    auth_method: AuthMethod
    authorization_reference: CiString36 | None = None
    cdr_location: CdrLocation
    meter_id: Text255 | None = None
    currency: Currency
    tariffs: list[dict[str, Any]] | None = None
    charging_periods: Annotated[list[ChargingPeriod], Len(1)]
    signed_data: dict[str, Any] | None = None
    total_cost: Price
    total_fixed_cost: Price | None = None
    total_energy: Number
    total_energy_cost: Price | None = None
    total_time: Number
    total_time_cost: Price | None = None
    total_parking_time: Number | None = None
    total_parking_cost: Price | None = None
    total_reservation_cost: Price | None = None
    remark: Text255 | None = None
    invoice_reference_id: CiString39 | None = None
    credit: bool | None = None
    credit_reference_id: CiString39 | None = None
    home_charging_compensation: bool | None = None
    last_updated: DateTime

    @model_validator(mode="after")
    def _credits_what_it_names(self) -> Self:
        if self.credit and self.credit_reference_id is None:
            raise refused("credit_reference_id: is missing, though this is a credit CDR.")
        if not self.credit and len(self.id) > MAX_ID:
            raise refused(f"id: has more than {MAX_ID} characters, which only a credit CDR may.")
        return self
