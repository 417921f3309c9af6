"""Idempotency keys: a repeated submit is one job."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError
from pynamodb.models import Model

from jobmill.errors import Unprocessable
from jobmill.records import ExpiryAttribute, TableMeta, hash_key, is_refused, sort_key


@dataclass(frozen=True)
class IdempotencyKey:
    """Who repeats what: a key is the caller's own, and of one route."""

    caller: str
    route: str
    key: str
    body_sha256: str

    @property
    def digest(self) -> str:
        """A fixed-length name for the three parts that make it one."""
        return hashlib.sha256("\n".join((self.caller, self.route, self.key)).encode()).hexdigest()


class IdempotencyRow(Model):
    """Which job a key stands for."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key("idempotency")
    body_sha256 = UnicodeAttribute()
    job_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


def reserve(key: IdempotencyKey, job_id: str, *, now: datetime, lifetime: timedelta) -> str:
    """The id of the job that this key stands for: `job_id` at its first use, the first one's later.

    Written before the job, so that a repeat finds it and finishes a half-done submit.
    Raises Unprocessable `idempotency-key-reused` if the key came with another body.
    """
    row = IdempotencyRow(
        f"idempotency#{key.digest}", body_sha256=key.body_sha256, job_id=job_id, expires_at=now + lifetime
    )
    try:
        row.save(condition=IdempotencyRow.pk.does_not_exist() | (IdempotencyRow.expires_at <= now))
    except PutError as error:
        if not is_refused(error):
            raise
        known = IdempotencyRow.get(row.pk, row.sk, consistent_read=True)
        if known.body_sha256 != key.body_sha256:
            raise Unprocessable(
                "idempotency-key-reused",
                "This Idempotency-Key was used with another request. Use a new key for a new request.",
                field="Idempotency-Key",
            ) from error
        return known.job_id
    return job_id
