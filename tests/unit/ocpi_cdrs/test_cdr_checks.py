"""What is found wrong in valid CDRs."""

from decimal import Decimal
from typing import Any

import pytest

from jobmill.ocpi.cdr_checks import issues, pair_issues, pairs, tolerance
from jobmill.ocpi.objects import Kind, reasons
from tests.unit.ocpi_cdrs.builders import Json, cdr, credit, parsed, period, price

KEY = ("BE", "BEC", "12345-C")


def found(changed: Json) -> list[tuple[str, str]]:
    # A check of what is refused before proves nothing.
    assert reasons(Kind.CDR, changed) == []
    return [(issue.code, issue.field) for issue in issues(changed)]


@pytest.mark.parametrize(
    "fine",
    [
        cdr(),
        credit(),
        cdr(total_parking_time=0),
        cdr(total_parking_time=Decimal("1.9730"), charging_periods=[period(ENERGY="15.342")]),
        cdr(end_date_time="2026-01-29T21:39:09"),
    ],
)
def test_nothing_is_wrong_in_a_sound_cdr(fine: Json) -> None:
    assert found(fine) == []


PARKED_TOO_LONG = {"total_parking_time": Decimal("1.974"), "charging_periods": [period(ENERGY="15.342")]}
WRONG = [
    (PARKED_TOO_LONG, "parking-exceeds-time", "total_parking_time"),
    ({"total_energy": Decimal("15.353")}, "energy-differs", "total_energy"),
    ({"total_time": Decimal("1.9831")}, "time-differs", "total_time"),
    ({"end_date_time": "2026-01-29T21:39:08Z"}, "end-before-start", "end_date_time"),
    ({"currency": "EUX"}, "currency-unknown", "currency"),
    ({"total_cost": price("4.00", "3.99")}, "vat-below-zero", "total_cost.incl_vat"),
    ({"total_cost": price("4.00", "-4.84")}, "vat-below-zero", "total_cost.incl_vat"),
    ({"total_cost": price("-4.00", "-3.99")}, "vat-below-zero", "total_cost.incl_vat"),
    ({"total_parking_cost": price("1", "0.5")}, "vat-below-zero", "total_parking_cost.incl_vat"),
    ({"credit_reference_id": "1"}, "reference-without-credit", "credit_reference_id"),
    ({"start_date_time": "1970-1-1T00:00:00Z"}, "date-unknown", "start_date_time"),
    ({"end_date_time": "1970-1-1"}, "date-unknown", "end_date_time"),
    ({"last_updated": "1970-01-01T00:00:00Z"}, "date-unknown", "last_updated"),
]  # fmt: skip


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(("changes", "code", "field"), WRONG)
def test_what_does_not_fit_is_an_issue(changes: Json, code: str, field: str) -> None:
    assert found(cdr(**changes)) == [(code, field)]


def test_each_issue_is_a_sentence_that_says_what_to_do() -> None:
    every = [issue for changes, *_ in WRONG for issue in issues(cdr(**changes))]
    every += [issue for _, issue in pair_issues([credit(), credit(total_cost=price("1"))])]
    assert len(every) > len(WRONG)
    assert all(issue.sentence.endswith(".") and " ask " in f" {issue.sentence.lower()}" for issue in every)


@pytest.mark.parametrize(
    "fine",
    [
        {"total_cost": price("-4.00", "-4.84")},
        {"total_cost": price("4.00", "4.00")},
        {"total_cost": price("4.00")},
        {"total_cost": price("0", "0")},
    ],
)
def test_a_tax_of_the_cost_s_sign_or_none_is_fine(fine: Json) -> None:
    assert found(cdr(**fine)) == []


def test_only_the_first_period_without_a_time_is_named() -> None:
    periods = [period(ENERGY="15.342"), period("1970-1-1", TIME="1"), period("1970-1-1", TIME="0.973")]
    assert found(cdr(charging_periods=periods)) == [("date-unknown", "charging_periods[1].start_date_time")]


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(
    ("volumes", "total", "wrong"),
    [
        (["0.1", "0.2"], "0.3", False),
        (["0.1", "0.2"], "0.31", False),
        (["0.1", "0.2"], "0.3101", True),
        (["0.1", "0.2"], "0.2899", True),
        (["0.001"] * 199, "0.219", False),
        (["0.001"] * 199, "0.2191", True),
        (["-1", "3.5"], "2.5", False),
    ],
)
def test_a_sum_may_differ_from_its_total_by_what_rounding_explains(volumes: list[str], total: str, wrong: bool) -> None:
    changed = cdr(charging_periods=[period(ENERGY=each) for each in volumes], total_energy=Decimal(total))
    assert found(changed) == ([("energy-differs", "total_energy")] if wrong else [])


def test_the_tolerance_is_a_hundredth_and_a_ten_thousandth_for_each_of_many() -> None:
    assert [tolerance(count) for count in (1, 99, 100, 999)] == [
        Decimal("0.01"), Decimal("0.01"), Decimal("0.0101"), Decimal("0.1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        # Without its own total, the parking of the periods counts.
        ({"charging_periods": [period(TIME="1.473"), period(PARKING_TIME="0.5")]}, []),
        ({"charging_periods": [period(TIME="1.973"), period(PARKING_TIME="0.5")]}, ["time-differs"]),
        ({"charging_periods": [period(TIME="1.473")], "total_parking_time": Decimal("0.5")}, []),
        # Free parking that is in no period (github.com/ocpi/ocpi, issue 385).
        (
            {
                "charging_periods": [period(TIME="1.473"), period(PARKING_TIME="0.2")],
                "total_parking_time": Decimal("0.5"),
            },
            ["parking-time-differs"],
        ),
        # The reservation may be in the total, or not.
        ({"charging_periods": [period(RESERVATION_TIME="0.5"), period(TIME="1.473")]}, []),
        ({"charging_periods": [period(RESERVATION_TIME="0.5"), period(TIME="1.973")]}, []),
        ({"charging_periods": [period(RESERVATION_TIME="0.5"), period(TIME="1.7")]}, ["time-differs"]),
        # What has no price may be in no period.
        ({"charging_periods": [period(MAX_POWER="11")]}, []),
    ],
)
def test_time_charging_is_the_total_less_parking(changes: Json, codes: list[str]) -> None:
    assert [code for code, _ in found(cdr(**changes))] == codes


@pytest.mark.requirement("T15")
@pytest.mark.parametrize("amount", [price("4", "-1"), price("-1", "4")])
def test_a_credit_of_a_cost_above_zero_is_an_issue(amount: Json) -> None:
    [(code, field)] = found(credit(total_cost=amount))
    assert (code, field) == ("credit-not-negative", f"total_cost.{max(amount, key=lambda name: amount[name])}")


def test_a_credit_of_nothing_is_fine_and_one_of_no_cdr_is_not() -> None:
    assert found(credit(total_cost=price("0", "0"))) == []
    assert [issue.code for issue in issues(credit(credit_reference_id=None))] == ["credit-without-reference"]


@pytest.mark.requirement("T15")
def test_a_credit_and_its_cdr_net_to_zero() -> None:
    [pair] = pairs([credit(), cdr(id="other")], [cdr()])
    assert (pair.key, pair.credit, pair.original, pair.net, pair.issues) == (
        KEY, Decimal("-4.00"), Decimal("4.00"), Decimal(0), (),
    )  # fmt: skip
    assert pair.cells() == (*KEY, "12345", "EUR", Decimal("-4.00"), Decimal("4.00"), Decimal(0), "")


@pytest.mark.requirement("T15")
@pytest.mark.parametrize(
    ("cdrs", "expected"),
    [
        ([credit(), cdr(id="999")], [("credit-reference-missing", "credit_reference_id")]),
        ([credit(), cdr(party_id="OTH")], [("credit-reference-missing", "credit_reference_id")]),
        ([credit(party_id="OTH"), cdr(party_id="oth"), cdr(id="1")], []),
        ([credit(), cdr(country_code="NL")], [("credit-reference-missing", "credit_reference_id")]),
        ([credit(total_cost=price("-3.99", "-4.84")), cdr()], [("credit-not-zero", "total_cost.excl_vat")]),
        ([credit(total_cost=price("-4", "-4.8")), cdr()], [("credit-not-zero", "total_cost.incl_vat")]),
        ([credit(total_cost=price("-4.0000")), cdr()], []),
        ([credit(currency="SEK"), cdr()], [("credit-currency-differs", "currency")]),
        ([credit(credit_reference_id="12345-c")], [("credit-of-credit", "credit_reference_id")]),
        ([cdr(id="AbC"), credit(credit_reference_id="aBc")], []),
        ([credit(), cdr(), credit(id="again")], [("credited-twice", "credit_reference_id")]),
        ([cdr()], []),
    ],
)
def test_credits_without_a_pair_are_issues(cdrs: list[Json], expected: list[Any]) -> None:
    assert [(issue.code, issue.field) for _, issue in pair_issues(cdrs)] == expected
    assert all(key[:2] == ("BE", "BEC") for key, _ in pair_issues(cdrs))


def test_pairs_are_exact_and_told_in_plain_figures() -> None:
    texts = ('{"excl_vat": 0.1}', '{"excl_vat": -0.30000000000000004}', '{"excl_vat": 1E+3}')
    tenth, noise, thousand = (parsed(text) for text in texts)
    [(key, issue)] = pair_issues([credit(total_cost=noise), cdr(total_cost=tenth)])
    assert key == KEY
    assert issue.sentence.startswith(
        "The credit of -0.30000000000000004 and the 0.1 of CDR 12345 leave -0.20000000000000004"
    )
    [(_, issue)] = pair_issues([credit(), cdr(total_cost=thousand)])
    assert issue.sentence.startswith("The credit of -4.00 and the 1000 of CDR 12345 leave 996.00 instead of 0.")


def test_a_credit_whose_cdr_is_in_another_currency_has_no_net() -> None:
    [pair] = pairs([credit(currency="SEK"), cdr()])
    assert (pair.original, pair.net) == (Decimal("4.00"), None)
