"""Pages of jobs, newest first. A page costs the same at a hundred jobs and at ten million: no scan."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from jobmill.jobs import conversions, rows
from jobmill.jobs.ids import first_id_at, last_id_before
from jobmill.jobs.job import JobSummary
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import Status

_LEAST_ID = str(uuid.UUID(int=0))
_GREATEST_ID = str(uuid.UUID(int=(1 << 128) - 1))


@dataclass(frozen=True)
class JobFilter:
    """Which jobs: those of `projects` that fit all the rest; none, of times and statuses, means any."""

    projects: tuple[str, ...]
    types: tuple[str, ...]
    """All types there are, or the one asked for."""
    type_given: bool = False
    statuses: tuple[Status, ...] = ()
    created_from: datetime | None = None
    created_until: datetime | None = None
    """Exclusive."""


@dataclass(frozen=True)
class Page:
    """Some jobs, newest first, and the id to go on after; none at the end."""

    jobs: tuple[JobSummary, ...]
    next_before: str | None


def list_jobs(which: JobFilter, *, limit: int, before: str | None, now: datetime) -> Page:
    """At most `limit` jobs made before the job `before`. Reads of an index lag by up to seconds.

    Costs one query for each project, or, filtered by status or type, for each project, type and status.
    A page may hold fewer than `limit` and still have a next one: jobs that have just moved are left out.
    """
    least, greatest = _bounds(which, before)
    if least > greatest or greatest == _LEAST_ID:
        return Page((), None)
    found = sorted(set(_ids(which, least, greatest, limit + 1)), reverse=True)
    ids = found[:limit]
    jobs = summaries(ids)
    shown = (jobs[id_] for id_ in ids if id_ in jobs)
    return Page(tuple(job for job in shown if _fits(job, which, now)), ids[-1] if len(found) > limit else None)


def summaries(ids: Iterable[str]) -> dict[str, JobSummary]:
    """The jobs of these ids, as lists show them, by their ids; those that are gone are left out."""
    keys = [(rows.job_key(id_), rows.SORT_KEY) for id_ in ids]
    found = JobRow.batch_get(keys, attributes_to_get=conversions.SUMMARY_FIELDS) if keys else ()
    return {row.id: conversions.summary_of(row) for row in found}


def due_jobs(which: rows.Looked, until: datetime | None, limit: int | None = None) -> Iterator[str]:
    """Ids of the jobs whose `look_at` is not after `until` (none: of all), by shards, of each at most `limit`.

    The longest due come first. Reads of the index lag by up to seconds: look at the job itself.
    """
    for shard in rows.look_shards(which):
        is_due = None if until is None else JobRow.look_at <= until
        for row in JobRow.by_look.query(shard, is_due, limit=limit):
            yield row.pk.removeprefix(rows.job_key(""))


def _bounds(which: JobFilter, before: str | None) -> tuple[str, str]:
    least = first_id_at(which.created_from) if which.created_from else _LEAST_ID
    ends = [_GREATEST_ID]
    if which.created_until:
        ends.append(last_id_before(first_id_at(which.created_until)))
    if before:
        ends.append(last_id_before(before))
    return least, min(ends)


def _ids(which: JobFilter, least: str, greatest: str, limit: int) -> Iterable[str]:
    if not which.statuses and not which.type_given:
        for project in which.projects:
            for entry in JobRow.by_project.query(
                project, JobRow.id.between(least, greatest), scan_index_forward=False, limit=limit
            ):
                yield entry.pk.removeprefix(rows.job_key(""))
        return
    for project in which.projects:
        for job_type in which.types:
            for status in which.statuses or tuple(Status):
                span = JobRow.status_id.between(rows.status_id(status, least), rows.status_id(status, greatest))
                for entry in JobRow.by_status.query(
                    rows.scope(project, job_type), span, scan_index_forward=False, limit=limit
                ):
                    yield entry.pk.removeprefix(rows.job_key(""))


def _fits(job: JobSummary, which: JobFilter, now: datetime) -> bool:
    expired = job.expires_at is not None and job.expires_at <= now
    return not expired and (not which.statuses or job.status in which.statuses)
