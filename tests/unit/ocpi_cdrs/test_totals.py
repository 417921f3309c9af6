"""Totals of CDRs, in exact decimals, and days without any."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from jobmill.ocpi.totals import PartyTotals, Totals, exact_sum, gaps
from tests.unit.ocpi_cdrs.builders import Json, cdr, credit, parsed, price


def totals(*cdrs: Json) -> Totals:
    made = Totals()
    for each in cdrs:
        made.add(each)
    return made


@pytest.mark.requirement("T15")
def test_the_totals_of_a_party_month_and_currency() -> None:
    [line] = totals(
        cdr(total_parking_time=Decimal("0.5")),
        cdr(id="2", total_energy=10, total_time=1, total_cost=price("2.50")),
        cdr(id="3", total_energy=Decimal("0.1"), total_time=Decimal("0.2"), total_cost=price("0.1", "0.2")),
    ).lines()
    assert line == PartyTotals(
        "BE", "BEC", "2026-01", "EUR", sessions=3, credits=0,
        energy=Decimal("25.442"), hours=Decimal("3.173"), parking_hours=Decimal("0.5"),
        excl_vat=Decimal("6.60"), incl_vat=Decimal("5.04"), without_incl_vat=1,
    )  # fmt: skip


@pytest.mark.requirement("T15")
@pytest.mark.parametrize("energy", ["15.342", "-15.342"])
def test_a_credit_takes_its_session_back(energy: str) -> None:
    [line] = totals(
        cdr(), credit(total_energy=Decimal(energy)), cdr(id="new", total_cost=price("3.00", "3.63"))
    ).lines()
    assert (line.sessions, line.credits) == (2, 1)
    assert (line.energy, line.hours, line.excl_vat, line.incl_vat) == tuple(
        map(Decimal, ("15.342", "1.973", "3.00", "3.63"))
    )


def test_a_credit_s_cost_is_added_as_it_is_stated() -> None:
    [line] = totals(cdr(), credit(total_cost=price("1.00", "1.21"))).lines()
    assert (line.excl_vat, line.incl_vat) == (Decimal("5.00"), Decimal("6.05"))


@pytest.mark.requirement("T15")
def test_a_tenth_and_two_tenths_are_three_tenths_and_no_digit_is_lost_in_any_order() -> None:
    texts = ["0.1", "0.2", "999999999999999", "0.00000000000000000001", "-999999999999999", "1E+14"]
    for figures in permutations(texts):
        cdrs = [cdr(total_cost=parsed(f'{{"excl_vat": {text}}}')) for text in figures]
        [line] = totals(*cdrs).lines()
        assert line.excl_vat == Decimal("100000000000000.30000000000000000001")
    assert exact_sum([]) == 0


def test_parties_months_and_currencies_are_apart_and_in_order() -> None:
    lines = totals(
        cdr(party_id="ZZZ"),
        cdr(currency="SEK"),
        cdr(party_id="BEC"),
        # The month is that of the end, in UTC.
        cdr(start_date_time="2026-01-31T23:00:00Z", end_date_time="2026-02-01T00:00:00"),
        cdr(start_date_time="1970-1-1", end_date_time="1970-1-1"),
    ).lines()
    assert [(line.party_id, line.month, line.currency, line.sessions) for line in lines] == [
        ("BEC", "1970-01", "EUR", 1),
        ("BEC", "2026-01", "EUR", 1),
        ("BEC", "2026-01", "SEK", 1),
        ("BEC", "2026-02", "EUR", 1),
        ("ZZZ", "2026-01", "EUR", 1),
    ]


def test_days_between_the_first_and_the_last_one_are_missing() -> None:
    january = [date(2026, 1, day) for day in (9, 2, 5, 9)]
    assert gaps(january) == tuple(date(2026, 1, day) for day in (3, 4, 6, 7, 8))
    assert gaps([date(2026, 1, 1)]) == gaps([]) == ()


@pytest.mark.requirement("T15")
def test_gaps_are_those_of_a_party_within_a_month() -> None:
    ends = {"BEC": ["2026-01-30", "2026-01-28", "2026-02-03", "2026-02-04"], "ZZZ": ["2026-01-01"]}
    found = totals(
        *(
            cdr(party_id=party, start_date_time=f"{day}T00:00:00Z", end_date_time=f"{day}T23:59:59.999Z")
            for party, days in ends.items()
            for day in days
        )
    ).gaps()
    assert [(each.party_id, each.month, each.first.day, each.last.day, each.missing) for each in found] == [
        ("BEC", "2026-01", 28, 30, (date(2026, 1, 29),)),
        ("BEC", "2026-02", 3, 4, ()),
        ("ZZZ", "2026-01", 1, 1, ()),
    ]
