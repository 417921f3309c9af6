"""Job ids: UUIDv7 (RFC 9562, section 5.7), so that ids sort by the time of their making."""

import uuid
from datetime import datetime

from jobmill.times import from_milliseconds, milliseconds

RANDOM_BYTES = 10
_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_RANDOM_BITS = ((1 << 76) - 1) & ~(0b11 << 62)


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
