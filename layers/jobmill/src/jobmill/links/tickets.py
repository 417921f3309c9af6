"""Tickets: what the address of a link ends with. Signing and reading them is pure.

A ticket is base64url, without padding, of `body ‖ checksum ‖ MAC`: the body (the key's id, the link's id, when it
ends, what it leads to), 4 bytes of the body's SHA-256, and the body's HMAC-SHA256 (RFC 2104). The checksum tells a link
that was cut or mistyped from one that was forged; only the MAC makes it valid.
"""

import base64
import hashlib
import hmac
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from jobmill.errors import CallerError, Gone
from jobmill.times import from_milliseconds, milliseconds

MAX_SUBJECT_BYTES = 1_200
"""Room for 255 characters of four bytes each, and the job. The ticket has then 1,700 characters."""
KEY_ID_BYTES = 4
MIN_SECRET_BYTES = 32
"""As many as the MAC has: a shorter key would be its weakest part (RFC 2104, section 3)."""
_HEAD = struct.Struct(f">{KEY_ID_BYTES}s16sQ")
"""The key's id, the link's id, and when it ends, in milliseconds since 1970."""
_CHECKSUM_BYTES = 4
_MAC_BYTES = 32
_KEY_LABEL = b"jobmill ticket, form 1"


@dataclass(frozen=True)
class Key:
    """A key that signs tickets. Its id is made of the secret and tells nothing of it."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """What names the key in tickets: also of a later form of tickets, whose label is another, it is another."""
        return self.mac(_KEY_LABEL)[:KEY_ID_BYTES]

    def mac(self, body: bytes) -> bytes:
        """The signature of a body."""
        return hmac.digest(self.secret, body, "sha256")


@dataclass(frozen=True)
class Ticket:
    """What a ticket says; whether that is still so, only the link's row knows."""

    link_id: str
    expires_at: datetime
    subject: str


def sign(ticket: Ticket, key: Key) -> str:
    """The ticket's text. Raises CallerError `link-name-too-long` for a subject that no address should hold."""
    subject = ticket.subject.encode()
    if len(subject) > MAX_SUBJECT_BYTES:
        raise CallerError("link-name-too-long", "The file's name is too long for a link; 255 characters always fit.")
    head = _HEAD.pack(key.id, uuid.UUID(ticket.link_id).bytes, milliseconds(ticket.expires_at))
    body = head + subject
    return _encode(body + _checksum(body) + key.mac(body))


def read_ticket(text: str, find_key: Callable[[bytes], Key | None]) -> Ticket:
    """What a ticket of ours says, expired or not; `find_key` gives the key of an id.

    Raises CallerError: `link-damaged` for what is no whole ticket, `link-foreign` for a key that is not, or no longer,
    one of ours, `link-tampered` for a signature that is not this key's.
    """
    content = _decode(text)
    body, checksum, mac = _parted(content)
    if len(body) <= _HEAD.size or _checksum(body) != checksum:
        raise _damaged()
    key_id, link_id, expires_ms = _HEAD.unpack_from(body)
    key = find_key(key_id)
    if key is None:
        raise CallerError(
            "link-foreign", "This link was signed by another service, or so long ago that it holds no more."
        )
    if not hmac.compare_digest(key.mac(body), mac):
        raise CallerError("link-tampered", "This link was changed, and does not hold. Ask for the original.")
    return Ticket(str(uuid.UUID(bytes=link_id)), from_milliseconds(expires_ms), body[_HEAD.size :].decode())


def require_in_time(expires_at: datetime, now: datetime) -> None:
    """Raise Gone `link-expired` from `expires_at` on."""
    if expires_at <= now:
        raise Gone("link-expired", "This link has expired. Ask for a new one.")


def _damaged() -> CallerError:
    return CallerError("link-damaged", "This link is not whole. Copy all of it, and nothing around it.")


def _parted(content: bytes) -> tuple[bytes, bytes, bytes]:
    end = max(0, len(content) - _CHECKSUM_BYTES - _MAC_BYTES)
    return content[:end], content[end : end + _CHECKSUM_BYTES], content[end + _CHECKSUM_BYTES :]


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:_CHECKSUM_BYTES]


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """The bytes of a text that encodes them: Python passes over foreign letters and unused bits, we do not."""
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _damaged() from error
    if _encode(content) != text:
        raise _damaged()
    return content
