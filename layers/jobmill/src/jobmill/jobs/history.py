"""What happened to a job: the newest events lie in its row, written with the change itself; older ones beside it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from jobmill.jobs import rows
from jobmill.jobs.conversions import event_map, event_of, report_map
from jobmill.jobs.job import Event, EventKind, Job, JobError, StoredReport
from jobmill.jobs.rows import HistoryRow, JobRow, Looked, look_shard
from jobmill.jobs.status import Status
from jobmill.jobs.writes import removals

EVENTS_KEPT = 30
"""Events that a row keeps: it ends at 400 KB, and a job of many slices or retries has thousands."""
ARCHIVED_AT_ONCE = 20


def happened(
    job: Job, kind: EventKind, now: datetime, *, by: str | None = None, error: JobError | None = None
) -> list[Any]:
    """What the change of a job, as read, adds to its row: the event, and what an attempt that it ends gives up.

    Room is made first: events do not change, so laying the oldest ones down again does no harm.
    """
    ends_attempt = job.status is Status.RUNNING and job.claimed_at is not None
    event = Event(kind, now, job.run, by=by, error=error)
    if ends_attempt:
        event = Event(kind, now, job.run, job.attempt, job.claimed_at, by, error)
    actions = [JobRow.events.set(JobRow.events.append([event_map(event)]))]
    if len(job.events) >= EVENTS_KEPT:
        oldest, kept = job.events[:ARCHIVED_AT_ONCE], job.events[ARCHIVED_AT_ONCE:]
        HistoryRow(
            rows.job_key(job.id), rows.history_key(job.archived), events=[event_map(each) for each in oldest]
        ).save()
        actions = [
            JobRow.events.set([event_map(each) for each in (*kept, event)]),
            JobRow.archived.set(job.archived + len(oldest)),
        ]
    if ends_attempt:
        actions += removals("owner", "lease_until", "deadline", "claimed_at")
    return actions


def ended(
    job: Job,
    kind: EventKind,
    now: datetime,
    retention: timedelta,
    *,
    reports: Iterable[StoredReport] | None = None,
    by: str | None = None,
    error: JobError | None = None,
) -> list[Any]:
    """What every end of a job, as read, writes; `retention` later the job and its reports are gone.

    Without `reports` those stay that it has.
    """
    listed = [] if reports is None else [JobRow.reports.set([report_map(report) for report in reports])]
    return [
        JobRow.completed_at.set(now),
        JobRow.expires_at.set(now + retention),
        JobRow.look_at.set(now + retention),
        JobRow.look_shard.set(look_shard(Looked.ENDED, job.id)),
        *listed,
        *happened(job, kind, now, by=by, error=error),
    ]


def all_events(job: Job) -> tuple[Event, ...]:
    """Every kept event of the job, oldest first."""
    if job.archived == 0:
        return job.events
    span = HistoryRow.sk.between(rows.history_key(0), rows.history_key(job.archived - 1))
    older = HistoryRow.query(rows.job_key(job.id), span, consistent_read=True)
    return (*(event_of(entry) for row in older for entry in row.events), *job.events)


def forget_rows(job_id: str) -> None:
    """Delete what lies beside the row of a job that is gone, events and links; mark and tombstone stay.

    Safe to repeat.
    """
    key = rows.job_key(job_id)
    for found in HistoryRow.query(key, attributes_to_get=["pk", "sk"]):
        if found.sk not in (rows.SORT_KEY, rows.COUNTED, rows.GONE):
            HistoryRow(key, found.sk).delete()
