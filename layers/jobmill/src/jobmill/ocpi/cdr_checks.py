"""What is wrong in a valid charge detail record (CDR): figures that do not fit together, and credits without a pair.

An issue leaves the CDR in place: it is immutable, and only the party that made it can correct it, by a credit CDR.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from iso4217 import Currency

from jobmill.ocpi.objects import Key, key_of, moment
from jobmill.ocpi.totals import exact_sum, figure

type Cdr = Mapping[str, Any]

MIN_TOLERANCE: Final = Decimal("0.01")
"""By how much a sum over periods may differ from its total, in kWh or hours. Many parties round totals to two places:
0.01 kWh are worth a cent at most, and 0.01 hours are 36 seconds."""
PLACE: Final = Decimal("0.0001")
"""OCPI's numbers have 4 decimals ("number type"): each volume of a period, and the total, may be cut by this much."""
_VOLUMES: Final = ("total_energy", "total_time", "total_parking_time")
_COSTS: Final = (
    "total_cost",
    "total_fixed_cost",
    "total_energy_cost",
    "total_time_cost",
    "total_parking_cost",
    "total_reservation_cost",
)
_PRICES: Final = ("excl_vat", "incl_vat")
_TIMES: Final = ("start_date_time", "end_date_time", "last_updated")
_SENTINEL_YEAR: Final = 1970
_CURRENCIES: Final = frozenset(currency.code for currency in Currency)


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong: a stable code, the field's path, and a sentence for the user."""

    code: str
    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CreditPair:
    """A credit CDR and the one that it takes back. `original` and `net` are none if that is not there.

    Amounts are `total_cost.excl_vat`; `net` is their sum, none also if the currencies differ.
    """

    key: Key
    reference: str | None
    currency: str
    credit: Decimal | None
    original: Decimal | None
    net: Decimal | None
    issues: tuple[Issue, ...]

    def cells(self) -> tuple[str, str, str, str | None, str, Decimal | None, Decimal | None, Decimal | None, str]:
        """Its row in a report; the last cell says what is wrong, or nothing."""
        wrong = " ".join(issue.sentence for issue in self.issues)
        return (*self.key, self.reference, self.currency, self.credit, self.original, self.net, wrong)


def issues(cdr: Cdr) -> list[Issue]:
    """What is wrong in the CDR itself; empty if nothing is. It is valid by `jobmill.ocpi.objects.reasons`."""
    return [*_dates(cdr), *_currency(cdr), *_parking(cdr), *_periods(cdr), *_costs(cdr), *_credit(cdr)]


def tolerance(volumes: int) -> Decimal:
    """By how much the sum of so many volumes may differ from their total: 0.01, and more from 100 volumes on."""
    return max(MIN_TOLERANCE, PLACE * (volumes + 1))


def pair_issues(cdrs: Iterable[Cdr], others: Iterable[Cdr] = ()) -> list[tuple[Key, Issue]]:
    """What is wrong between the credits among `cdrs` and the CDRs that they take back, with the credit's key.

    The CDRs taken back are looked for in both: `others` are those of other months. Both are held in memory, so
    give no more of `others` than are referred to.
    """
    return [(pair.key, issue) for pair in pairs(cdrs, others) for issue in pair.issues]


def pairs(cdrs: Iterable[Cdr], others: Iterable[Cdr] = ()) -> list[CreditPair]:
    """The credits among `cdrs`, in their order, each with what it takes back (see `pair_issues`)."""
    judged = list(cdrs)
    by_id = {_identity(cdr): cdr for cdr in (*others, *judged)}
    seen: set[tuple[str, str, str]] = set()
    found = []
    for credit in judged:
        if credit.get("credit"):
            found.append(_pair(credit, by_id, seen))
    return found


def _pair(credit: Cdr, by_id: Mapping[Key, Cdr], seen: set[Key]) -> CreditPair:
    key, reference = key_of(credit), credit.get("credit_reference_id")
    amount = figure(credit, "total_cost.excl_vat")
    # Ids are case insensitive in OCPI (CiString).
    target = None if reference is None else (key[0], key[1], reference.upper())
    original = None if target is None else by_id.get(target)
    currency = credit["currency"]
    if target is None or original is None:
        missing = [] if target is None else [_missing(reference)]
        return CreditPair(key, reference, currency, amount, None, None, tuple(missing))
    paid = figure(original, "total_cost.excl_vat")
    wrong = list(_mismatches(credit, original, is_repeated=target in seen))
    seen.add(target)
    same_currency = currency == original["currency"]
    net = exact_sum((amount, paid)) if same_currency and amount is not None and paid is not None else None
    return CreditPair(key, reference, currency, amount, paid, net, tuple(wrong))


def _missing(reference: object) -> Issue:
    sentence = f"There is no CDR {reference} of this party. Ask the party for it, or collect the time before."
    return Issue("credit-reference-missing", "credit_reference_id", sentence)


def _mismatches(credit: Cdr, original: Cdr, *, is_repeated: bool) -> Iterator[Issue]:
    name = original["id"]
    if is_repeated:
        sentence = f"CDR {name} is taken back by another credit CDR, too. Ask the party which one counts."
        yield Issue("credited-twice", "credit_reference_id", sentence)
    if original.get("credit"):
        sentence = f"CDR {name} is a credit CDR itself. Ask the party for the id of the session's CDR."
        yield Issue("credit-of-credit", "credit_reference_id", sentence)
        return
    if credit["currency"] != original["currency"]:
        sentence = f"The credit is in {credit['currency']}, and CDR {name} in {original['currency']}. Ask the party."
        yield Issue("credit-currency-differs", "currency", sentence)
        return
    for price in _PRICES:
        path = f"total_cost.{price}"
        amount, paid = figure(credit, path), figure(original, path)
        if amount is not None and paid is not None and (net := exact_sum((amount, paid))):
            sentence = f"The credit of {amount:f} and the {paid:f} of CDR {name} leave {net:f} instead of 0."
            yield Issue("credit-not-zero", path, f"{sentence} Ask the party for a credit of {-paid:f}.")


def _identity(cdr: Cdr) -> Key:
    country_code, party_id, id_ = key_of(cdr)
    return country_code, party_id, id_.upper()


def _dates(cdr: Cdr) -> Iterator[Issue]:
    times = {name: moment(cdr[name]) for name in _TIMES}
    starts = (moment(period["start_date_time"]) for period in cdr["charging_periods"])
    unknown = next((number for number, start in enumerate(starts) if _is_unknown(start)), None)
    fields = [name for name, at in times.items() if _is_unknown(at)]
    # One of them says it: some parties know the time of no period.
    fields += [] if unknown is None else [f"charging_periods[{unknown}].start_date_time"]
    for field in fields:
        yield Issue("date-unknown", field, "1970 stands for a time that the party does not know. Ask it for the time.")
    start, end = times["start_date_time"], times["end_date_time"]
    if end < start and not _is_unknown(start, end):
        sentence = f"The session ends ({end:%Y-%m-%d %H:%M:%S}) before it starts ({start:%Y-%m-%d %H:%M:%S}), in UTC."
        yield Issue("end-before-start", "end_date_time", f"{sentence} Ask the party for a correction.")


def _is_unknown(*times: datetime) -> bool:
    return any(at.year == _SENTINEL_YEAR for at in times)


def _currency(cdr: Cdr) -> Iterator[Issue]:
    if cdr["currency"] not in _CURRENCIES:
        sentence = f"{cdr['currency']} is no currency of ISO 4217 that is in use. Ask the party which one is meant."
        yield Issue("currency-unknown", "currency", sentence)


def _parking(cdr: Cdr) -> Iterator[Issue]:
    time, parking = figure(cdr, "total_time"), figure(cdr, "total_parking_time")
    if time is not None and parking is not None and parking > time:
        sentence = f"{parking:f} hours of parking are more than the {time:f} hours of the session, which include them."
        yield Issue("parking-exceeds-time", "total_parking_time", f"{sentence} Ask the party for a correction.")


def _periods(cdr: Cdr) -> Iterator[Issue]:
    """Each dimension against its total, if a period has it at all: a party may leave out what has no price."""
    energy, charging, parked, reserved = (
        _volumes(cdr, kind) for kind in ("ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME")
    )
    yield from _differs("energy-differs", "total_energy", "ENERGY", energy, [figure(cdr, "total_energy")])
    total_parking = figure(cdr, "total_parking_time")
    yield from _differs("parking-time-differs", "total_parking_time", "PARKING_TIME", parked, [total_parking])
    time = figure(cdr, "total_time")
    if time is None:
        return
    # TIME is time charging; the total has the parking in it, and with some parties the reservation.
    parking = exact_sum(parked) if total_parking is None else total_parking
    expected = [exact_sum((time, -parking))]
    if reserved:
        expected.append(exact_sum((expected[0], -exact_sum(reserved))))
    yield from _differs("time-differs", "total_time", "TIME", charging, expected)


def _volumes(cdr: Cdr, kind: str) -> list[Decimal]:
    dimensions = (each for period in cdr["charging_periods"] for each in period["dimensions"])
    return [Decimal(each["volume"]) for each in dimensions if each["type"] == kind]


def _differs(
    code: str, field: str, kind: str, volumes: Sequence[Decimal], expected: Sequence[Decimal | None]
) -> Iterator[Issue]:
    allowed = [total for total in expected if total is not None]
    if not volumes or not allowed:
        return
    found, limit = exact_sum(volumes), tolerance(len(volumes))
    if all(abs(exact_sum((found, -total))) > limit for total in allowed):
        of = "total_time less parking" if kind == "TIME" else field
        sentence = f"The periods' {kind} comes to {found:f}, and {of} to {allowed[0]:f}; {limit:f} would be rounding."
        yield Issue(code, field, f"{sentence} Ask the party for a correction.")


def _costs(cdr: Cdr) -> Iterator[Issue]:
    if cdr.get("credit"):
        return
    for cost in _COSTS:
        excl_vat, incl_vat = figure(cdr, f"{cost}.excl_vat"), figure(cdr, f"{cost}.incl_vat")
        if excl_vat is None or incl_vat is None:
            continue
        # Of a cost below zero, as for energy fed back, the tax is below zero, too.
        if incl_vat < excl_vat if excl_vat >= 0 else incl_vat > excl_vat:
            sentence = f"{incl_vat:f} with VAT is less than {excl_vat:f} without it. Ask the party for a correction."
            yield Issue("vat-below-zero", f"{cost}.incl_vat", sentence)


def _credit(cdr: Cdr) -> Iterator[Issue]:
    reference = cdr.get("credit_reference_id")
    if not cdr.get("credit"):
        if reference is not None:
            sentence = (
                f"The CDR refers to CDR {reference} as a credit CDR does, and is none. Ask the party which is right."
            )
            yield Issue("reference-without-credit", "credit_reference_id", sentence)
        return
    if not reference:
        sentence = "A credit CDR has to name the CDR that it takes back. Ask the party for its id."
        yield Issue("credit-without-reference", "credit_reference_id", sentence)
    for price in _PRICES:
        amount = figure(cdr, f"total_cost.{price}")
        if amount is not None and amount > 0:
            sentence = (
                f"A credit CDR's total_cost is below zero, and this one is {amount:f}. Ask the party for a correction."
            )
            yield Issue("credit-not-negative", f"total_cost.{price}", sentence)
