"""Job ids: UUIDv7 (RFC 9562, section 5.7), so that ids sort by the time of their making."""

import re
import uuid
from datetime import datetime

from jobmill.times import from_milliseconds, milliseconds

RANDOM_BYTES = 10
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = ((1 << 76) - 1) & ~(0b11 << 62)
_RAND_B_BITS = 62
_SPELLING = re.compile(r"job_(0|[1-9][0-9]{0,14})_([0-9a-z]{16})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SPELLED_DIGITS = 16


def uuid7(now: datetime, randomness: bytes) -> str:
    """A new id: 48 bits of epoch milliseconds and 74 random bits, of `randomness` (10 bytes)."""
    random_bits = int.from_bytes(randomness) & _RANDOM_BITS
    return str(uuid.UUID(int=(milliseconds(now) << 80) | _VERSION_AND_VARIANT | random_bits))


def time_of(job_id: str) -> datetime:
    """When the id was made, to the millisecond."""
    return from_milliseconds(uuid.UUID(job_id).int >> 80)


def first_id_at(moment: datetime) -> str:
    """The least text that any id made at `moment` or later can have: a bound for ranges, not an id."""
    return str(uuid.UUID(int=max(0, milliseconds(moment)) << 80))


def last_id_before(job_id: str) -> str:
    """The greatest text that an id before `job_id` can have: an inclusive bound that leaves it out."""
    return str(uuid.UUID(int=max(0, uuid.UUID(job_id).int - 1)))


def is_job_id(text: str) -> bool:
    """Whether `text` is a UUIDv7 in its usual spelling (lower case, with hyphens)."""
    try:
        return str(uuid.UUID(text)) == text and uuid.UUID(text).version == 7
    except ValueError:
        return False


def analysis_id(job_id: str) -> str:
    """The same id as the analysis API spells it: `job_{epoch milliseconds}_{16 of 0-9a-z}`.

    The 74 random bits fit into 16 digits of base 36; `from_analysis_id` gives the id back, without a table.
    """
    value = uuid.UUID(job_id).int
    random_bits = ((value >> 64) & 0xFFF) << _RAND_B_BITS | value & ((1 << _RAND_B_BITS) - 1)
    digits = []
    for _ in range(_SPELLED_DIGITS):
        random_bits, digit = divmod(random_bits, 36)
        digits.append(_DIGITS[digit])
    return f"job_{value >> 80}_{''.join(reversed(digits))}"


def from_analysis_id(text: str) -> str | None:
    """The job id of its spelling on the analysis API; none for a text that spells no id of ours."""
    parts = _SPELLING.fullmatch(text)
    if parts is None:
        return None
    moment, random_bits = int(parts[1]), int(parts[2], 36)
    if moment >= 1 << 48 or random_bits >= 1 << (12 + _RAND_B_BITS):
        return None
    high = (random_bits >> _RAND_B_BITS) << 64
    low = random_bits & ((1 << _RAND_B_BITS) - 1)
    return str(uuid.UUID(int=(moment << 80) | _VERSION_AND_VARIANT | high | low))
