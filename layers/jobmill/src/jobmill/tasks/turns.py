"""Turns: of several jobs that want the same thing to themselves, one has it until it lets go or ends."""

from datetime import timedelta

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError
from pynamodb.models import Model

from jobmill.records import ExpiryAttribute, TableMeta, hash_key, is_refused, sort_key
from jobmill.tasks.running import is_under_way
from jobmill.times import now_utc

_KEPT = timedelta(days=30)


class TurnRow(Model):
    """Which job has a thing."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key("turn")
    job_id = UnicodeAttribute()
    expires_at = ExpiryAttribute()


def take_turn(thing: str, job_id: str) -> bool:
    """Let the job have the thing, unless another one that is under way has it. Safe to repeat."""
    key = f"turn#{thing}"
    try:
        holder: str | None = TurnRow.get(key, "turn", consistent_read=True).job_id
    except TurnRow.DoesNotExist:
        holder = None
    if holder not in (None, job_id) and is_under_way(holder):
        return False
    row = TurnRow(key, job_id=job_id, expires_at=now_utc() + _KEPT)
    free = TurnRow.pk.does_not_exist() if holder is None else TurnRow.job_id == holder
    try:
        row.save(condition=free)
    except PutError as error:
        if is_refused(error):
            return False
        raise
    return True


def end_turn(thing: str, job_id: str) -> None:
    """Let go of the thing, if the job has it."""
    try:
        TurnRow(f"turn#{thing}").delete(condition=TurnRow.job_id == job_id)
    except DeleteError as error:
        if not is_refused(error):
            raise
