"""What a world begins with: the same objects for the same seed and the same last day."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from jobmill_local.peer.cdrs import make_cdr, make_credit
from jobmill_local.peer.flaws import DOUBTFUL_CDRS, DOUBTFUL_CREDITS, INVALID_CDRS, INVALID_LOCATIONS, Flaws, spoil
from jobmill_local.peer.locations import make_location
from jobmill_local.peer.objects import PARTIES, Key, Party, Raw, key_of

DAYS = 90
LOCATIONS_PER_PARTY = 20
DEVICES = 60
_CREDITED = 25
"""Every CDR with a number that this divides is credited."""


class Made(NamedTuple):
    """An object of the history. An invalid one may lack its key and its time; the party knows them all the same."""

    key: Key
    raw: Raw
    updated: datetime
    invalid: str | None = None
    doubt: str | None = None


@dataclass(frozen=True)
class History:
    """Locations and CDRs, oldest first, devices, and the days on which a party made no CDR."""

    locations: list[Made]
    cdrs: list[Made]
    devices: list[dict[str, str]]
    missing_days: dict[tuple[str, str], list[date]]


def make_history(dice: Random, end: datetime, days: int) -> History:
    """The history of these days, the last of which is the one before `end` (in UTC)."""
    first = end.astimezone(UTC).date() - timedelta(days=days)
    calendar = [first + timedelta(days=day) for day in range(days)]
    # Neither the first nor the last one, so that the range of days is known from the CDRs alone.
    missing = {(party.country_code, party.party_id): sorted(dice.sample(calendar[1:-1], k=days // 20 + 1))
               for party in PARTIES}  # fmt: skip
    locations = list(_locations(dice, datetime.combine(first, time(8), UTC), days))
    cdrs = list(_cdrs(dice, locations, calendar, missing))
    return History(locations, sorted(cdrs, key=lambda made: made.updated), list(_devices()), missing)


def _locations(dice: Random, start: datetime, days: int) -> Iterator[Made]:
    """Every fourth was last updated at one and the same time, as by an import; the others whenever."""
    number = 0
    flaws = list(INVALID_LOCATIONS.items())
    for place in range(LOCATIONS_PER_PARTY):
        for party in PARTIES:
            number += 1
            moment = start if number % 4 == 0 else start + timedelta(minutes=dice.randrange(days * 24 * 60 - 600))
            raw = make_location(party, number, moment, dice)
            flaw = flaws.pop() if flaws and place % 2 else None
            yield _spoiled(raw, moment, *flaw) if flaw else Made(key_of(raw), raw, moment)


def _cdrs(
    dice: Random, locations: list[Made], calendar: list[date], missing: dict[tuple[str, str], list[date]]
) -> Iterator[Made]:
    number = 0
    for party in PARTIES:
        days = [day for day in calendar if day not in missing[party.country_code, party.party_id]]
        places = [made.raw for made in locations if made.invalid is None and made.key[1] == party.party_id]
        for day in days:
            for _ in range(dice.randrange(2, 6)):
                number += 1
                raw, moment = make_cdr(party, dice.choice(places), number, day, dice)
                yield Made(key_of(raw), raw, moment)
                if number % _CREDITED == 0:
                    yield _credited(raw, moment, days)
        for made in _flawed(dice, party, places, days, number):
            number += 1
            yield made


def _credited(raw: Raw, moment: datetime, days: list[date]) -> Made:
    """The credit of a CDR, a while later on a day that has others too."""
    later = [day for day in days if day > moment.date()][:5]
    made = moment.replace(year=later[-1].year, month=later[-1].month, day=later[-1].day) if later else moment
    credit = make_credit(raw, made)
    return Made(key_of(credit), credit, made)


def _flawed(dice: Random, party: Party, places: list[Raw], days: list[date], number: int) -> Iterator[Made]:
    """One CDR of each flaw, beside those that hold a day's place."""
    for flaws, is_credit, is_valid in _FLAWS:
        for flaw, (path, value) in flaws.items():
            number += 1
            raw, moment = make_cdr(party, dice.choice(places), number, dice.choice(days), dice)
            if is_credit:
                raw = make_credit(raw, moment)
            if is_valid:
                raw = copy.deepcopy(raw)
                spoil(raw, path, value)
                yield Made(key_of(raw), raw, moment, doubt=flaw)
            else:
                yield _spoiled(raw, moment, flaw, (path, value))


_FLAWS: tuple[tuple[Flaws, bool, bool], ...] = (
    (INVALID_CDRS, False, False),
    (DOUBTFUL_CDRS, False, True),
    (DOUBTFUL_CREDITS, True, True),
)


def _spoiled(raw: Raw, moment: datetime, flaw: str, change: tuple[str, object]) -> Made:
    whole = copy.deepcopy(raw)
    spoil(whole, *change)
    return Made(key_of(raw | whole), whole, moment, invalid=flaw)


def _devices() -> Iterator[dict[str, str]]:
    """Every fifth unhealthy, every third without a phone. The numbers are among those that Ofcom keeps for fiction."""
    for number in range(DEVICES):
        device = {"id": f"device-{number:03}", "health": "unhealthy" if number % 5 == 0 else "good"}
        yield device if number % 3 == 0 else device | {"phone": f"+447700900{number:03}"}
