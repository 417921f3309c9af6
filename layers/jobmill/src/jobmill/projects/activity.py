"""How many jobs of a project ended in each hour, and since when its oldest waiting job waits.

The hours are counted with the project's counts (`projects.counters`), in the same transaction, so that an end counts
once. They tell of about a day, and are gone soon after.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from jobmill.jobs.rows import SORT_KEY, JobRow, scope, status_id
from jobmill.jobs.status import FINAL, Status
from jobmill.projects.project import project_key
from jobmill.records import ExpiryAttribute, TableMeta, hash_key, sort_key

HOUR = timedelta(hours=1)
WHOLE_HOURS = 24
HOURS = "hour#"
"""What the sort keys of a project's hours begin with; the hour comes after it, as `2026-01-15T10`."""
KEPT = timedelta(days=3)
"""For which an hour's row is kept from its beginning: longer than it is shown."""
MAX_HOURS_AT_ONCE = WHOLE_HOURS + 2
"""How many hours' rows one transaction may change: those that are shown, and the next, by another machine's clock."""


@dataclass(frozen=True)
class End:
    """That a job ended, at `at`, by the change of its row to `version`."""

    version: int
    status: Status
    at: datetime


@dataclass(frozen=True)
class Hour:
    """How many jobs ended in the hour that begins at `starts_at`, by the clock of UTC."""

    starts_at: datetime
    ended: Mapping[Status, int]


@dataclass(frozen=True)
class Activity:
    """The last 24 whole hours and the running one, oldest first, and since when the oldest job waits that does."""

    hours: tuple[Hour, ...]
    oldest_queued_at: datetime | None


class HourRow(Model):
    """The ends of one hour in a project."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    completed = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    cancelled = NumberAttribute(default=0)
    expires_at = ExpiryAttribute()


def add_ends(transaction: TransactWrite, project_key: str, ends: Iterable[End], now: datetime) -> None:
    """Have the transaction count these ends, but those that are too old to be shown.

    One row for each hour, `MAX_HOURS_AT_ONCE` at most: two write units each, as it is a transaction's.
    """
    shown = _hours_until(now)
    soonest, latest = shown[0], shown[-1] + HOUR
    by_hour: dict[datetime, Counter[str]] = {}
    for end in ends:
        hour = hour_of(end.at)
        if soonest <= hour <= latest:
            by_hour.setdefault(hour, Counter())[end.status.lower()] += 1
    for hour, numbers in by_hour.items():
        added = [getattr(HourRow, name).add(number) for name, number in numbers.items()]
        transaction.update(HourRow(project_key, _key(hour)), [*added, HourRow.expires_at.set(hour + KEPT)])


def read_activity(project_id: str, types: Iterable[str], now: datetime) -> Activity:
    """The project's last day: one query, one for each of the `types` that may have jobs waiting, and a read of those.

    It follows the jobs within seconds.
    """
    shown = _hours_until(now)
    span = HourRow.sk.between(_key(shown[0]), _key(shown[-1]))
    rows = {row.sk: row for row in HourRow.query(project_key(project_id), span, consistent_read=True)}
    hours = tuple(Hour(hour, _ended(rows.get(_key(hour)))) for hour in shown)
    return Activity(hours, _oldest_queued_at(project_id, types))


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour of an aware UTC time."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _hours_until(now: datetime) -> list[datetime]:
    running = hour_of(now)
    return [running - HOUR * before for before in range(WHOLE_HOURS, -1, -1)]


def _key(hour: datetime) -> str:
    return f"{HOURS}{hour:%Y-%m-%dT%H}"


def _ended(row: HourRow | None) -> dict[Status, int]:
    return {status: 0 if row is None else int(getattr(row, status.lower())) for status in FINAL}


def _oldest_queued_at(project_id: str, types: Iterable[str]) -> datetime | None:
    """Since when the longest waiting of each type's oldest job waits: since its row was written last.

    So a retry, a slice's end, or a recovery begins the wait anew.
    The index has the jobs by their ids, which are by when they were made: one that was made later, and neither retried
    nor in slices, may wait longer than the oldest of its type.
    """
    waits = JobRow.status_id.startswith(status_id(Status.QUEUED, ""))
    oldest = [
        (entry.pk, SORT_KEY)
        for job_type in types
        for entry in JobRow.by_status.query(scope(project_id, job_type), waits, limit=1)
    ]
    rows = JobRow.batch_get(oldest) if oldest else ()
    return min((row.updated_at for row in rows if row.status == Status.QUEUED), default=None)
