"""How many jobs a project has, of each type and in each status: counted from the table's stream, each change once.

A stream's records come at least once and carry no number to remember them by. So each job has a mark: the
version of the job that is in the counts, and the status that it is counted under. The mark and the counts
change in one transaction, and only forwards, so that repeats and late records change nothing. The hours in which
jobs ended are counted in it too (`projects.activity`): every end that is newer than the mark, for a job may have ended,
been retried and ended again in one batch. A stream tells a job's changes in their order, so that no end is passed over.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from jobmill.errors import DependencyError, TooMany
from jobmill.jobs.job import JobCounts
from jobmill.jobs.rows import COUNTED, GONE, MarkRow, job_key
from jobmill.jobs.status import FINAL, Status
from jobmill.jobs.writes import transact
from jobmill.projects.activity import MAX_HOURS_AT_ONCE, End, add_ends
from jobmill.projects.project import project_key
from jobmill.records import TableMeta, hash_key, is_refused, sort_key

JOBS_PER_TRANSACTION = 99 - MAX_HOURS_AT_ONCE
"""DynamoDB's transactions hold at most 100 rows; one of them has the counts, and each hour with an end is another."""
COUNTS = "counts#"
"""What the sort keys of a project's counts begin with; a job type comes after it."""
RACES = 10


type CountsKey = tuple[str, str]
"""Partition and sort key of the counts of one job type in a project."""


@dataclass(frozen=True)
class Counted:
    """What a stream record says of a job: its version and status, or that it is gone."""

    job_id: str
    project_id: str
    type: str
    version: int
    status: Status | None
    """None: the row was deleted."""
    ended_at: datetime | None = None
    """When it ended, if the status says so."""

    @property
    def end(self) -> End | None:
        """The end that it tells of, if it does."""
        if self.status not in FINAL or self.ended_at is None:
            return None
        return End(self.version, self.status, self.ended_at)


@dataclass(frozen=True)
class _Step:
    """The way of one job from its mark to the newest that is told of it, by all the ends that are told."""

    newest: Counted
    ends: frozenset[End]
    mark: MarkRow | None = None

    @property
    def new_ends(self) -> list[End]:
        counted = 0 if self.mark is None else self.mark.version
        return [end for end in self.ends if end.version > counted]


class CountsRow(Model):
    """The counts of one job type in a project."""

    class Meta(TableMeta):
        pass

    pk = hash_key()
    sk = sort_key()
    queued = NumberAttribute(default=0)
    running = NumberAttribute(default=0)
    completed = NumberAttribute(default=0)
    failed = NumberAttribute(default=0)
    cancelled = NumberAttribute(default=0)


def read_counts(project_id: str, job_type: str | None = None) -> JobCounts:
    """The project's counts, of one job type or of all: one query, however many jobs.

    They follow the jobs within seconds.
    """
    wanted = CountsRow.sk.startswith(COUNTS) if job_type is None else CountsRow.sk == f"{COUNTS}{job_type}"
    rows = list(CountsRow.query(project_key(project_id), wanted, consistent_read=True))
    return JobCounts({status: sum(int(getattr(row, status.lower())) for row in rows) for status in Status})


def counted_types(project_id: str) -> list[str]:
    """The types of which the project has had jobs that were counted: one query."""
    rows = CountsRow.query(project_key(project_id), CountsRow.sk.startswith(COUNTS), attributes_to_get=["pk", "sk"])
    return [row.sk.removeprefix(COUNTS) for row in rows]


def require_room(project_id: str, max_waiting: int) -> None:
    """Raise TooMany `too-many-waiting` if so many of the project's jobs are queued, by its counts.

    One project's burst is not to keep the others waiting. As the counts follow within seconds, a burst passes
    the limit by what comes in that time.
    """
    waiting = read_counts(project_id).by_status[Status.QUEUED]
    if waiting >= max_waiting:
        raise TooMany(
            "too-many-waiting",
            f"The project {project_id} has {waiting:,} jobs waiting; at most {max_waiting:,} may. Try again later.",
        )


def count(changes: Iterable[Counted], now: datetime, tombstone: timedelta) -> None:
    """Bring the counts up to date with these changes. Repeating it changes nothing.

    A deleted job is remembered for `tombstone`, longer than the day for which a stream keeps its records.

    Raises DependencyError when other writers are faster for too long; the caller repeats it.
    """
    told: dict[str, list[Counted]] = {}
    for change in changes:
        told.setdefault(change.job_id, []).append(change)
    by_row: dict[CountsKey, list[_Step]] = {}
    for of_job in told.values():
        newest = max(of_job, key=_rank)
        step = _Step(newest, frozenset(change.end for change in of_job if change.end))
        by_row.setdefault((project_key(newest.project_id), f"{COUNTS}{newest.type}"), []).append(step)
    for key, of_row in by_row.items():
        for part in batched(of_row, JOBS_PER_TRANSACTION, strict=False):
            _count_in(key, part, now, tombstone)


def _rank(change: Counted) -> tuple[int, bool]:
    return change.version, change.status is None


def _count_in(key: CountsKey, told: Sequence[_Step], now: datetime, tombstone: timedelta) -> None:
    for _ in range(RACES):
        keys = [(job_key(step.newest.job_id), COUNTED) for step in told]
        marks = {mark.pk: mark for mark in MarkRow.batch_get(keys, consistent_read=True)}
        steps = [replace(step, mark=marks.get(job_key(step.newest.job_id))) for step in told]
        steps = [step for step in steps if _is_news(step.newest, step.mark)]
        if not steps:
            return

        def add_steps(transaction: TransactWrite, steps: Sequence[_Step] = steps) -> None:
            _add_counts(transaction, key, steps)
            add_ends(transaction, key[0], (end for step in steps for end in step.new_ends), now)
            for step in steps:
                _add_mark(transaction, step.newest, step.mark, now + tombstone)

        try:
            transact(add_steps)
            return
        except TransactWriteError as error:
            if not is_refused(error):
                raise
    raise DependencyError("counts-contended", "The counts of a project change too fast.")


def _is_news(change: Counted, mark: MarkRow | None) -> bool:
    if mark is not None and mark.status == GONE:
        return False
    if change.status is None:
        return True
    return mark is None or mark.version < change.version


def _add_counts(transaction: TransactWrite, key: CountsKey, steps: Sequence[_Step]) -> None:
    delta: Counter[str] = Counter()
    for step in steps:
        if step.mark is not None:
            delta[step.mark.status.lower()] -= 1
        if step.newest.status is not None:
            delta[step.newest.status.lower()] += 1
    actions = [getattr(CountsRow, name).add(number) for name, number in delta.items() if number]
    if actions:
        transaction.update(CountsRow(*key), actions)


def _add_mark(transaction: TransactWrite, change: Counted, mark: MarkRow | None, forgotten_at: datetime) -> None:
    row = MarkRow(job_key(change.job_id), version=change.version, status=str(change.status or GONE))
    if change.status is None:
        row.expires_at = forgotten_at
    as_read = MarkRow.pk.does_not_exist()
    if mark is not None:
        as_read = (MarkRow.version == mark.version) & (MarkRow.status == mark.status)
    transaction.save(row, condition=as_read)
