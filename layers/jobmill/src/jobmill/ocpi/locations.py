"""A Location with its EVSEs and Connectors (`mod_locations`).

Fields that only adorn (images, energy mix, opening times) are held to their shape, so that a bad picture keeps no
charge point out.
"""

from typing import Annotated, Any, Final, Literal, get_args

from annotated_types import Len

from jobmill.ocpi.fields import (
    CiString3,
    CiString36,
    CiString48,
    Country,
    CountryCode,
    DateTime,
    Integer,
    Latitude,
    Longitude,
    OcpiObject,
    Text4,
    Text10,
    Text16,
    Text45,
    Text100,
    Text255,
)

type Status = Literal[
    "AVAILABLE", "BLOCKED", "CHARGING", "INOPERATIVE", "OUTOFORDER", "PLANNED", "REMOVED", "RESERVED", "UNKNOWN"
]
type ConnectorType = Literal[
    "CHADEMO", "CHAOJI",
    "DOMESTIC_A", "DOMESTIC_B", "DOMESTIC_C", "DOMESTIC_D", "DOMESTIC_E", "DOMESTIC_F", "DOMESTIC_G", "DOMESTIC_H",
    "DOMESTIC_I", "DOMESTIC_J", "DOMESTIC_K", "DOMESTIC_L", "DOMESTIC_M", "DOMESTIC_N", "DOMESTIC_O",
    "GBT_AC", "GBT_DC",
    "IEC_60309_2_single_16", "IEC_60309_2_three_16", "IEC_60309_2_three_32", "IEC_60309_2_three_64",
    "IEC_62196_T1", "IEC_62196_T1_COMBO", "IEC_62196_T2", "IEC_62196_T2_COMBO", "IEC_62196_T3A", "IEC_62196_T3C",
    "NEMA_5_20", "NEMA_6_30", "NEMA_6_50", "NEMA_10_30", "NEMA_10_50", "NEMA_14_30", "NEMA_14_50",
    "PANTOGRAPH_BOTTOM_UP", "PANTOGRAPH_TOP_DOWN",
    "TESLA_R", "TESLA_S",
]  # fmt: skip
type ConnectorFormat = Literal["SOCKET", "CABLE"]
type PowerType = Literal["AC_1_PHASE", "AC_2_PHASE", "AC_2_PHASE_SPLIT", "AC_3_PHASE", "DC"]
type ParkingType = Literal[
    "ALONG_MOTORWAY", "PARKING_GARAGE", "PARKING_LOT", "ON_DRIVEWAY", "ON_STREET", "UNDERGROUND_GARAGE"
]

STATUSES: Final[tuple[str, ...]] = get_args(Status.__value__)
"""What an EVSE's status may be."""

type _Object = dict[str, Any]
type _Objects = list[dict[str, Any]] | None
type _Texts = list[str] | None


class GeoLocation(OcpiObject):
    """A point in WGS 84. Numbers as text: 5 decimals are about a metre."""

    latitude: Latitude
    longitude: Longitude


class BusinessDetails(OcpiObject):
    """Who operates or owns it."""

    name: Text100


class Connector(OcpiObject):
    """A socket or a cable. Volt, ampere, watt."""

    id: CiString36
    standard: ConnectorType
    format: ConnectorFormat
    power_type: PowerType
    max_voltage: Integer
    max_amperage: Integer
    max_electric_power: Integer | None = None
    tariff_ids: list[CiString36] | None = None
    terms_and_conditions: Text255 | None = None
    last_updated: DateTime


class Evse(OcpiObject):
    """What charges one vehicle at a time. One that is REMOVED stays in its location, as the mark of that."""

    uid: CiString36
    evse_id: CiString48 | None = None
    status: Status
    status_schedule: _Objects = None
    capabilities: _Texts = None
    connectors: Annotated[list[Connector], Len(1)]
    floor_level: Text4 | None = None
    coordinates: GeoLocation | None = None
    physical_reference: Text16 | None = None
    directions: _Objects = None
    parking_restrictions: _Texts = None
    images: _Objects = None
    last_updated: DateTime


class Location(OcpiObject):
    """A place with EVSEs."""

    country_code: CountryCode
    party_id: CiString3
    id: CiString36
    publish: bool
    publish_allowed_to: _Objects = None
    name: Text255 | None = None
    address: Text255
    city: Text45
    postal_code: Text10 | None = None
    state: Text45 | None = None
    country: Country
    coordinates: GeoLocation
    related_locations: _Objects = None
    parking_type: ParkingType | None = None
    evses: list[Evse] | None = None
    directions: _Objects = None
    operator: BusinessDetails | None = None
    suboperator: BusinessDetails | None = None
    owner: BusinessDetails | None = None
    facilities: _Texts = None
    time_zone: Text255
    opening_times: _Object | None = None
    charging_when_closed: bool | None = None
    images: _Objects = None
    energy_mix: _Object | None = None
    last_updated: DateTime
