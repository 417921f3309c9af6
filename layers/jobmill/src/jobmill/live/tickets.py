"""Tickets: what opens a WebSocket once, as a browser cannot send a token with it.

A ticket is 32 random bytes, told once. Its row is found by their SHA-256: who reads the table can open nothing.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pynamodb.exceptions import DeleteError
from pynamodb.models import Model

from jobmill.live.listener import Listener, listener_of
from jobmill.records import ExpiryAttribute, JsonTextAttribute, TableMeta, hash_key, is_refused, sort_key

RANDOM_BYTES = 32
MAX_CHARACTERS = 100
"""Longer texts are no tickets of ours, and not looked up."""


@dataclass(frozen=True)
class LiveTicket:
    """A ticket just made."""

    text: str = field(repr=False)
    expires_at: datetime


class TicketRow(Model):
    """A ticket that was not used yet."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key("live-ticket")
    listener = JsonTextAttribute()
    expires_at = ExpiryAttribute()


def make_ticket(
    listener: Listener,
    now: datetime,
    lifetime: timedelta,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> LiveTicket:
    """Make a ticket for one connection of this listener, which must be opened within `lifetime`.

    It ends in whole seconds, rounded down, and never after the listener's token. Repeating it makes another one.
    """
    text = random_bytes(RANDOM_BYTES).hex()
    expires_at = min(now + lifetime, listener.signed_in_until).replace(microsecond=0)
    TicketRow(_key(text), listener=listener.to_json(), expires_at=expires_at).save()
    return LiveTicket(text, expires_at)


def use_ticket(text: str, now: datetime) -> Listener | None:
    """Who comes with this ticket; none if it is no ticket, used, or expired. Of two uses at once one wins."""
    if not 0 < len(text) <= MAX_CHARACTERS:
        return None
    try:
        row = TicketRow.get(_key(text), "live-ticket", consistent_read=True)
        row.delete(condition=TicketRow.pk.exists())
    except TicketRow.DoesNotExist:
        return None
    except DeleteError as error:
        if is_refused(error):
            return None
        raise
    return listener_of(row.listener) if row.expires_at > now else None  # type: ignore[arg-type]  # written by us


def _key(text: str) -> str:
    return f"live-ticket#{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"
