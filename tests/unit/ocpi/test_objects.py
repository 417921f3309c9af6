"""What OCPI 2.2.1 allows of an object, at the bounds; which object it is; how new it is."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from jobmill.ocpi.exact_json import read_json, write_json
from jobmill.ocpi.objects import MAX_REASONS, Kind, key_of, moment, reasons
from tests.unit.ocpi.building import cdr, connector, evse, location

MISSING = object()


def placed(raw: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The object with this value at the place, or without it."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at: Any = raw
    for part in way:
        at = at[part]
    if value is MISSING:
        del at[last]
    else:
        at[last] = value
    return raw


@pytest.mark.parametrize(("kind", "raw"), [(Kind.LOCATION, location()), (Kind.CDR, cdr())])
def test_a_plain_object_is_valid_and_may_have_fields_of_its_peer(kind: Kind, raw: dict[str, Any]) -> None:
    assert reasons(kind, raw) == []
    assert reasons(kind, {**raw, "extra": {"any": [1]}}) == []


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("country_code", "nl", "NLD"),
        ("country_code", "NL", "N1"),
        ("party_id", "ABC", "ABCD"),
        ("id", "x" * 36, "x" * 37),
        ("id", "x", ""),
        ("id", "#1", "é"),
        ("publish", False, "true"),
        ("name", "x" * 255, "x" * 256),
        ("name", None, 7),
        ("address", "x" * 255, "x" * 256),
        ("city", "é" * 45, "é" * 46),
        ("city", "Gent", MISSING),
        ("city", "Gent", "\ud800"),
        ("postal_code", "x" * 10, "x" * 11),
        ("state", "x" * 45, "x" * 46),
        ("country", "BEL", "BE"),
        ("coordinates.latitude", "-9.12345", "9.1234"),
        ("coordinates.latitude", "90.1234567", "90.12345678"),
        ("coordinates.latitude", "90.12345", "190.12345"),
        ("coordinates.longitude", "-180.12345", "1180.12345"),
        ("coordinates.longitude", "4.12345", 4.12345),
        ("coordinates", location()["coordinates"], MISSING),
        ("parking_type", "ON_DRIVEWAY", "ON_ROOF"),
        ("evses", [], {}),
        ("evses", None, [1]),
        ("facilities", ["HOTEL"], "HOTEL"),
        ("operator", {"name": "x" * 100}, {"name": "x" * 101}),
        ("time_zone", "Europe/Oslo", MISSING),
        ("last_updated", "2026-01-15T10:30:00", "2026-01-15T10:30:00+00:00"),
        ("evses.0.uid", "x" * 36, "x" * 37),
        ("evses.0.evse_id", "x" * 48, "x" * 49),
        ("evses.0.status", "REMOVED", "removed"),
        ("evses.0.connectors", [connector()], []),
        ("evses.0.floor_level", "-1", "first"),
        ("evses.0.physical_reference", "x" * 16, "x" * 17),
        ("evses.0.connectors.0.standard", "IEC_60309_2_three_64", "TYPE_2"),
        ("evses.0.connectors.0.format", "CABLE", "PLUG"),
        ("evses.0.connectors.0.power_type", "AC_2_PHASE_SPLIT", "AC"),
        ("evses.0.connectors.0.max_voltage", Decimal("230.0"), Decimal("230.5")),
        ("evses.0.connectors.0.max_voltage", 230, "230"),
        ("evses.0.connectors.0.max_amperage", 32, True),
        ("evses.0.connectors.0.tariff_ids", ["x" * 36], ["x" * 37]),
    ],
)
def test_a_location_is_judged_at_the_place(path: str, good: object, bad: object) -> None:
    # A fresh copy of all its parts.
    fresh = write_json(location())
    assert reasons(Kind.LOCATION, placed(read_json(fresh), path, good)) == []
    found = reasons(Kind.LOCATION, placed(read_json(fresh), path, bad))
    assert found
    assert found[0].startswith(path)
    assert found[0].endswith(".")


@pytest.mark.parametrize(
    ("path", "good", "bad"),
    [
        ("id", "x" * 36, "x" * 40),
        ("start_date_time", "1970-1-1T00:00:00Z", "1971-1-1"),
        ("end_date_time", "1970-1-1", 0),
        ("cdr_token.type", "AD_HOC_USER", "CARD"),
        ("cdr_token", cdr()["cdr_token"], MISSING),
        ("auth_method", "COMMAND", "NONE"),
        ("cdr_location.evse_uid", "#NA", ""),
        ("currency", "EUR", "EURO"),
        ("charging_periods", cdr()["charging_periods"], []),
        ("charging_periods.0.dimensions", [{"type": "ENERGY", "volume": 1}], []),
        ("charging_periods.0.dimensions.0.type", "STATE_OF_CHARGE", "SOC"),
        ("total_cost.excl_vat", Decimal("-4.0000"), "4.00"),
        ("total_cost", {"excl_vat": 1}, 1),
        ("total_cost.incl_vat", None, "NaN"),
        ("total_energy", 999_999_999_999_999, 10**15),
        ("total_energy", Decimal("1E-20"), Decimal("1E-21")),
        ("total_time", 0, None),
        ("remark", "x" * 255, "x" * 256),
        ("credit", False, "false"),
    ],
)
def test_a_cdr_is_judged_at_the_place(path: str, good: object, bad: object) -> None:
    # A fresh copy of all its parts.
    fresh = write_json(cdr())
    assert reasons(Kind.CDR, placed(read_json(fresh), path, good)) == []
    found = reasons(Kind.CDR, placed(read_json(fresh), path, bad))
    assert found
    assert found[0].startswith(f"{path}: ")


def test_only_a_credit_cdr_has_a_longer_id_and_must_say_what_it_credits() -> None:
    long = "x" * 39

    assert reasons(Kind.CDR, cdr(id=long)) == ["id: has more than 36 characters, which only a credit CDR may."]
    assert reasons(Kind.CDR, cdr(id=long, credit=True, credit_reference_id="CDR1")) == []
    assert reasons(Kind.CDR, cdr(credit=True)) == ["credit_reference_id: is missing, though this is a credit CDR."]


def test_reasons_are_sentences_and_not_too_many() -> None:
    many = reasons(Kind.LOCATION, location(evses=[evse(status="NEW") for _ in range(100)]))

    assert reasons(Kind.LOCATION, location(city=None)) == ["city: must be text."]
    assert reasons(Kind.CDR, cdr(auth_method="X")) == ["auth_method: must be AUTH_REQUEST, COMMAND or WHITELIST."]
    assert len(many) == MAX_REASONS
    assert reasons(Kind.LOCATION, "text") == ["location: must be a JSON object."]


def test_an_object_that_is_nested_without_end_is_invalid() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]

    assert reasons(Kind.CDR, cdr(extra=deep)) == ["cdr: is nested more than 50 levels deep."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2015-06-29T20:39:09Z", datetime(2015, 6, 29, 20, 39, 9, tzinfo=UTC)),
        ("2015-06-29T20:39:09", datetime(2015, 6, 29, 20, 39, 9, tzinfo=UTC)),
        ("2016-12-29T17:45:09.2Z", datetime(2016, 12, 29, 17, 45, 9, 200_000, tzinfo=UTC)),
        ("2016-12-29T17:45:09.123456789", datetime(2016, 12, 29, 17, 45, 9, 123_456, tzinfo=UTC)),
        ("1970-1-1", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1970-1-1T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_moment_is_utc(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "2015-06-29", "2015-6-29T20:39:09Z", "2015-06-29T20:39:09+02:00", "2015-06-29 20:39:09",
     "2015-02-30T00:00:00Z", "2015-06-29T24:00:00Z", "2015-06-29T20:39:60Z", "2015-06-29T20:39:09.Z",
     "٢٠١٥-06-29T20:39:09Z", "2015-06-29T20:39:09Z\n"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - some are datetime's own
        moment(text)


def test_keys_do_not_heed_the_case_of_country_and_party() -> None:
    assert key_of(cdr(country_code="nl", party_id="aBc", id="Id")) == ("NL", "ABC", "Id")


@pytest.mark.parametrize("raw", [None, [], {}, cdr(id=1), cdr(id=""), cdr(party_id=None), cdr(id="a\n"), cdr(id="é")])
def test_without_a_key_there_is_no_object(raw: object) -> None:
    with pytest.raises(ValueError, match="no"):
        key_of(raw)


def test_numbers_stay_as_they_were_sent() -> None:
    text = '{"a":0.10,"b":12345678901234567890,"c":[1E+2,-0.0],"d":"0.10","e":null,"f":true,"g":"\\ud800"}'

    assert write_json(read_json(text)) == text
    assert read_json(text)["a"] == Decimal("0.10")
    assert read_json("[NaN, -Infinity, 1e99999999999999999999]") == ["NaN", "-Infinity", "1e99999999999999999999"]
    assert read_json("9" * 5_000) == Decimal("9" * 5_000)


@pytest.mark.parametrize("text", ["", "{", b"\xff", "[" * 200_000])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own
        read_json(text)
