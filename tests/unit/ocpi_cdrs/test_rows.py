"""Objects become rows of a dataset, and come back."""

import math
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobmill.ocpi.cdr_checks import issues
from jobmill.ocpi.rows import (
    CDR_COLUMNS,
    LOCATION_COLUMNS,
    cdr_of,
    cdr_row,
    location_rows,
    write_rows,
)
from jobmill.ocpi.totals import Totals
from jobmill.tables.columns import ColumnType
from jobmill.tables.stored import stored_columns
from tests.unit.ocpi_cdrs.builders import Json, cdr, connector, credit, evse, location, parsed, period, price
from tests.unit.ocpi_cdrs.conftest import named, read


@pytest.mark.requirement("T15")
def test_a_cdr_is_one_flat_row() -> None:
    changed = cdr(total_fixed_cost=price("0.5"), credit=False, end_date_time="2026-01-29T23:37:32.25")
    row = named(CDR_COLUMNS, cdr_row(changed))
    assert {name: value for name, value in row.items() if value is not None} == {
        "country_code": "BE",
        "party_id": "BEC",
        "id": "12345",
        "start_date_time": datetime(2026, 1, 29, 21, 39, 9),
        "end_date_time": datetime(2026, 1, 29, 23, 37, 32, 250_000),
        "cdr_token_country_code": "DE",
        "cdr_token_party_id": "TNM",
        "cdr_token_uid": "012345678",
        "cdr_token_type": "RFID",
        "cdr_token_contract_id": "C1",
        "auth_method": "WHITELIST",
        "cdr_location_id": "LOC1",
        "cdr_location_name": "Gent Zuid",
        "cdr_location_address": "F.Rooseveltlaan 3A",
        "cdr_location_city": "Gent",
        "cdr_location_country": "BEL",
        "cdr_location_latitude": 3.729944,
        "cdr_location_longitude": 51.047599,
        "cdr_location_evse_uid": "3256",
        "cdr_location_evse_id": "BE*BEC*E041503003",
        "cdr_location_connector_id": "1",
        "cdr_location_connector_standard": "IEC_62196_T2",
        "cdr_location_connector_format": "SOCKET",
        "cdr_location_connector_power_type": "AC_1_PHASE",
        "currency": "EUR",
        "tariff_ids": "12, 14",
        "charging_periods": '[{"start_date_time":"2026-01-29T21:39:09Z","dimensions":'
        '[{"type":"ENERGY","volume":15.342},{"type":"TIME","volume":1.973}]}]',
        "total_energy": 15.342,
        "total_time": 1.973,
        "total_cost_excl_vat": 4.0,
        "total_cost_incl_vat": 4.84,
        "total_fixed_cost_excl_vat": 0.5,
        "credit": False,
        "last_updated": datetime(2026, 1, 30, 22, 1, 13),
    }


@pytest.mark.requirement("T15")
def test_a_location_is_a_row_for_each_evse() -> None:
    first, second = location_rows(location(evses=[evse("1"), evse("2", status="REMOVED", coordinates=None)]))
    row = named(LOCATION_COLUMNS, first)
    assert row | named(LOCATION_COLUMNS, second) | {"evse_latitude": None, "evse_longitude": None} == row | {
        "evse_uid": "2", "evse_id": "BE*BEC*E2", "evse_status": "REMOVED",
        "evse_latitude": None, "evse_longitude": None,
    }  # fmt: skip
    assert {name: value for name, value in row.items() if value is not None} == {
        "country_code": "BE",
        "party_id": "BEC",
        "id": "LOC1",
        "publish": True,
        "name": "Gent Zuid",
        "address": "F.Rooseveltlaan 3A",
        "city": "Gent",
        "country": "BEL",
        "coordinates_latitude": 51.04759,
        "coordinates_longitude": 3.72994,
        "time_zone": "Europe/Brussels",
        "facilities": "CAFE, MALL",
        "operator_name": "BeCharged",
        "opening_times_twentyfourseven": True,
        "last_updated": datetime(2026, 1, 29, 20, 39, 9),
        "evse_uid": "1",
        "evse_id": "BE*BEC*E1",
        "evse_status": "AVAILABLE",
        "evse_capabilities": "RFID_READER, RESERVABLE",
        "evse_latitude": 51.04759,
        "evse_longitude": 3.72994,
        "evse_last_updated": datetime(2026, 1, 28, 10, 0, 0, 500_000),
        "connectors": 2,
        "connector_id": "1, 2",
        "connector_standard": "IEC_62196_T2, IEC_62196_T2_COMBO",
        "connector_format": "CABLE",
        "connector_power_type": "AC_3_PHASE",
        "connector_max_voltage": 220,
        "connector_max_amperage": 16,
        "connector_max_electric_power": 50_000,
        "tariff_ids": "11",
    }


@pytest.mark.parametrize("evses", [{}, {"evses": []}, {"evses": None}])
def test_a_location_without_evses_is_one_row(evses: Json) -> None:
    [row] = location_rows(location(**evses))
    after = named(LOCATION_COLUMNS, row)
    assert after["id"] == "LOC1"
    assert {value for name, value in after.items() if name.startswith(("evse_", "connector"))} == {None}


def test_columns_have_different_names_and_stable_types() -> None:
    for columns, sizes in (
        (CDR_COLUMNS, {"text": 32, "timestamp": 3, "number": 17, "boolean": 2}),
        (LOCATION_COLUMNS, {"text": 27, "timestamp": 2, "number": 4, "boolean": 4, "integer": 4}),
    ):
        assert len({column.name.lower() for column in columns}) == len(columns)
        assert {str(type_): sum(column.type is type_ for column in columns) for type_ in ColumnType} == {
            "date": 0, "integer": 0,
        } | sizes  # fmt: skip


@pytest.mark.requirement("T15")
@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 20))
def test_fifteen_digits_come_back_exactly_and_need_no_second_column(digits: int, places: int) -> None:
    number = Decimal(digits).scaleb(-places)
    row = cdr_row(cdr(total_energy=number))
    assert named(CDR_COLUMNS, row)["exact_numbers"] is None
    assert cdr_of(row)["total_energy"] == number


@given(st.decimals(-(10**15) + 1, 10**15 - 1, allow_nan=False, places=20))
@example(Decimal("0.12345678901234567890"))
@example(Decimal("999999999999999.99999999999999999999"))
def test_no_longer_number_is_changed_unseen(number: Decimal) -> None:
    row = cdr_row(cdr(total_cost={"excl_vat": number}, charging_periods=[period(ENERGY=str(number))]))
    back = cdr_of(row)
    assert back["total_cost"] == {"excl_vat": number}
    assert back["charging_periods"][0]["dimensions"][0]["volume"] == number


def test_what_a_float_would_change_is_told_in_digits() -> None:
    row = named(CDR_COLUMNS, cdr_row(cdr(total_energy=Decimal("0.12345678901234567890"))))
    assert (row["total_energy"], row["exact_numbers"]) == (
        0.12345678901234568,
        '{"total_energy":0.12345678901234567890}',
    )


@pytest.mark.parametrize(
    "changed", [cdr(), credit(total_parking_time=Decimal("1.0")), cdr(currency="EUX", total_energy=Decimal(16))]
)
def test_a_cdr_is_judged_and_counted_from_its_row_as_from_itself(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, changed: Json
) -> None:
    write_rows(connection, CDR_COLUMNS, [cdr_row(changed)], tmp_path / "part")
    [row] = read(connection, tmp_path / "part")
    back = cdr_of(row)
    # Zeros at a number's end are lost, in the sentences, too.
    told = [[(issue.code, issue.field) for issue in issues(each)] for each in (back, changed)]
    assert told[0] == told[1]
    assert bool(told[0]) is (changed != cdr())
    ours, others = Totals(), Totals()
    ours.add(back)
    others.add(changed)
    assert (ours.lines(), ours.gaps()) == (others.lines(), others.gaps())


HOSTILE = [
    "=1+1",
    'a"b\\c',
    "a,b\nc\r\nd",
    "\x00\x07",
    "NULL",
    "",
    " ",
    "مرحبا 🔌",
    "\ud800",
    "{}",
    "'; DROP TABLE x; --",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_as_they_are(connection: duckdb.DuckDBPyConnection, tmp_path: Path, text: str) -> None:
    changed = cdr(remark=text, tariffs=[{"id": text}, {"no": "id"}])
    changed["cdr_location"]["name"] = text
    rows = [cdr_row(changed), cdr_row(cdr())]
    assert write_rows(connection, CDR_COLUMNS, rows, tmp_path / "part") == 2
    assert read(connection, tmp_path / "part") == rows
    first = named(CDR_COLUMNS, rows[0])
    assert first["remark"] == first["cdr_location_name"] == text.replace("\ud800", "?")


@pytest.mark.requirement("T15")
def test_parts_have_the_columns_types_and_nulls_of_the_rows(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for columns, rows in (
        (CDR_COLUMNS, [cdr_row(cdr()), cdr_row(credit(start_date_time="1970-1-1"))]),
        (LOCATION_COLUMNS, [*location_rows(location()), *location_rows(location(id="2", evses=[evse("1")]))]),
    ):
        part = tmp_path / "part"
        assert write_rows(connection, columns, iter(rows), part) == 2
        assert tuple(stored_columns(connection, [str(part)]).values()) == columns
        assert read(connection, part) == rows
        assert list(tmp_path.glob("*.jsonl")) == []


def test_no_rows_are_a_part_with_columns_and_the_same_rows_the_same_bytes(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert write_rows(connection, CDR_COLUMNS, [], tmp_path / "none") == 0
    assert tuple(stored_columns(connection, [str(tmp_path / "none")]).values()) == CDR_COLUMNS
    for name in "ab":
        write_rows(connection, CDR_COLUMNS, [cdr_row(cdr(id=str(n))) for n in range(5_000)], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert [row[2] for row in read(connection, tmp_path / "a")] == [str(n) for n in range(5_000)]


def test_a_failure_leaves_no_file_of_lines(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = list(cdr_row(cdr()))
    row[[column.name for column in CDR_COLUMNS].index("total_energy")] = math.inf
    with pytest.raises(ValueError, match="Out of range float"):
        write_rows(connection, CDR_COLUMNS, [tuple(row)], tmp_path / "part")
    assert list(tmp_path.iterdir()) == []


def test_of_several_connectors_the_largest_number_counts() -> None:
    connectors = [connector(str(volts), max_voltage=volts) for volts in (230, 400, 48)]
    [row] = location_rows(location(evses=[evse("1", connectors=connectors)]))
    assert named(LOCATION_COLUMNS, row)["connector_max_voltage"] == 400


def test_a_number_with_an_exponent_is_one(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    changed = cdr(total_cost=parsed('{"excl_vat": 1E+3, "incl_vat": 1.21e3}'), total_energy=parsed('{"x": 0E+9}')["x"])
    row = named(CDR_COLUMNS, cdr_row(changed))
    assert (row["total_cost_excl_vat"], row["total_cost_incl_vat"], row["total_energy"]) == (1_000.0, 1_210.0, 0.0)
    assert cdr_of(cdr_row(changed))["total_cost"] == {"excl_vat": 1_000, "incl_vat": 1_210}
