"""What charge detail records (CDRs) come to, by party, month and currency: exact decimals, never floats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Final

from jobmill.ocpi.objects import key_of, moment

type Party = tuple[str, str]
"""country_code and party_id, in upper case."""

# A valid number is below 10**15 with at most 20 decimals (`jobmill.ocpi.fields`), so 10**18 of them need 53 digits.
# What would not fit is an error, and never rounded.
_EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation])
_VOLUMES: Final = ("total_energy", "total_time", "total_parking_time")
_COSTS: Final = ("total_cost.excl_vat", "total_cost.incl_vat")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PartyTotals:
    """What the sessions of a party that ended in a month (`YYYY-MM`, UTC) come to, in one currency.

    `sessions` are the CDRs without the credits. Energy is in kWh, times in hours; parking hours are part of the hours.
    A credit CDR repeats the session that it takes back, with its cost below zero (OCPI 2.2.1, "Credit CDRs"): so its
    cost is added, and its volumes are taken away. `incl_vat` is the sum of what has it; `without_incl_vat` says how
    many CDRs do not.
    """

    country_code: str
    party_id: str
    month: str
    currency: str
    sessions: int = 0
    credits: int = 0
    energy: Decimal = Decimal(0)
    hours: Decimal = Decimal(0)
    parking_hours: Decimal = Decimal(0)
    excl_vat: Decimal = Decimal(0)
    incl_vat: Decimal = Decimal(0)
    without_incl_vat: int = 0


@dataclass(frozen=True, slots=True)
class PartyGaps:
    """The days (UTC) of a month on which no session of a party ended, between the `first` and the `last` one."""

    country_code: str
    party_id: str
    month: str
    first: date
    last: date
    missing: tuple[date, ...]


class Totals:
    """Adds up CDRs, in any order. Memory grows with the parties, months, currencies and days, not with the CDRs."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Party, str, str], _Sums] = {}
        self._days: dict[tuple[Party, str], set[date]] = {}

    def add(self, cdr: Mapping[str, Any]) -> None:
        """Add a valid CDR, in the month of its end."""
        country_code, party_id, _ = key_of(cdr)
        party, day = (country_code, party_id), moment(cdr["end_date_time"]).date()
        month = month_of(day)
        self._sums.setdefault((party, month, cdr["currency"]), _Sums()).add(cdr)
        self._days.setdefault((party, month), set()).add(day)

    def lines(self) -> list[PartyTotals]:
        """The totals, by party, month and currency."""
        return [
            PartyTotals(*party, month, currency, **sums.fields())
            for (party, month, currency), sums in sorted(self._sums.items(), key=lambda item: item[0])
        ]

    def gaps(self) -> list[PartyGaps]:
        """For each party and month, in this order, the days without a CDR (none missing: an empty tuple)."""
        return [
            PartyGaps(*party, month, min(days), max(days), gaps(days))
            for (party, month), days in sorted(self._days.items(), key=lambda item: item[0])
        ]


def gaps(days: Iterable[date]) -> tuple[date, ...]:
    """The days between the first and the last of `days` that are not among them, ascending."""
    known = set(days)
    if not known:
        return ()
    first = min(known)
    every = (first + number * _DAY for number in range((max(known) - first).days))
    return tuple(day for day in every if day not in known)


def month_of(day: date) -> str:
    """`2026-01`."""
    return f"{day.year:04}-{day.month:02}"


def figure(cdr: Mapping[str, Any], path: str) -> Decimal | None:
    """The number at `path` (`total_energy`, `total_cost.incl_vat`); none if it is not there."""
    value: Any = cdr
    for name in path.split("."):
        value = value.get(name)
        if value is None:
            return None
    return Decimal(value)


def exact_sum(figures: Iterable[Decimal | int]) -> Decimal:
    """The exact sum, 0 of none."""
    total = Decimal(0)
    for value in figures:
        total = _EXACT.add(total, value)
    return total


class _Sums:
    """The sums of one party, month and currency."""

    def __init__(self) -> None:
        self._sums = dict.fromkeys((*_VOLUMES, *_COSTS), Decimal(0))
        self._sessions = self._credits = self._without = 0

    def add(self, cdr: Mapping[str, Any]) -> None:
        is_credit = bool(cdr.get("credit"))
        self._credits += is_credit
        self._sessions += not is_credit
        for path, total in self._sums.items():
            value = figure(cdr, path)
            if value is not None:
                # Some peers negate the volumes of a credit, too.
                added = -abs(value) if is_credit and path in _VOLUMES else value
                self._sums[path] = exact_sum((total, added))
            elif path == "total_cost.incl_vat":
                self._without += 1

    def fields(self) -> dict[str, Any]:
        energy, hours, parking_hours, excl_vat, incl_vat = self._sums.values()
        return {
            "sessions": self._sessions,
            "credits": self._credits,
            "energy": energy,
            "hours": hours,
            "parking_hours": parking_hours,
            "excl_vat": excl_vat,
            "incl_vat": incl_vat,
            "without_incl_vat": self._without,
        }
