"""The parts of a conditional write: its condition, by the change's fences, and what every move sets."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from jobmill.errors import Conflict, DependencyError
from jobmill.jobs import rows
from jobmill.jobs.documents import Documents, is_pointer
from jobmill.jobs.job import Job
from jobmill.jobs.rows import JobRow
from jobmill.jobs.status import Change, Fence
from jobmill.records import is_contended, is_refused
from jobmill.times import from_milliseconds, milliseconds

CONTENTION_TRIES = 6
"""How often a transaction is tried that meets others on the same rows."""
CONTENTION_SECONDS = 0.05
"""The longest pause before the second try; it doubles with each further one, and any part of it is taken."""
FORMER_PARAMS_KEPT = 50
FORMER_PARAMS_BYTES = 1024
"""Earlier parameters of more bytes than this lie in S3, for rows end at 400 KB."""


def transact(*parts: Callable[[TransactWrite], None]) -> None:
    """Write all parts or none; repeated where another transaction was on the same rows.

    Raises TransactWriteError when a condition refuses, DependencyError when the rows stay contended.
    """
    for number in range(CONTENTION_TRIES):
        try:
            with TransactWrite(connection=JobRow._get_connection().connection) as transaction:
                for part in parts:
                    part(transaction)
            return
        except TransactWriteError as error:
            if is_refused(error) or not is_contended(error):
                raise
            time.sleep(random.uniform(0, CONTENTION_SECONDS * 2**number))  # noqa: S311
    raise DependencyError("store-contended", "The job store is busy with the same rows. Try again in a moment.")


def condition_of(change: Change, fences: dict[Fence, int]) -> Condition:
    """What must hold of the row: one of the change's statuses, and every one of its fences."""
    if fences.keys() != change.fences:
        raise ValueError(f"{change.name} needs the fences {sorted(change.fences)}")
    condition: Condition = JobRow.status.is_in(*sorted(map(str, change.sources)))
    if Fence.RUN in fences:
        condition &= JobRow.run == fences[Fence.RUN]
    if Fence.PASS in fences:
        condition &= JobRow.pass_ <= fences[Fence.PASS]
    if Fence.ATTEMPT in fences:
        condition &= JobRow.attempt == fences[Fence.ATTEMPT]
    if Fence.VERSION in fences:
        condition &= JobRow.version == fences[Fence.VERSION]
    if Fence.LEASE in fences:
        condition &= JobRow.lease_until == from_milliseconds(fences[Fence.LEASE])
    return condition


def known(change: Change, job: Job) -> dict[Fence, int]:
    """The fences of a change, by the job as it was read."""
    values = {Fence.RUN: job.run, Fence.ATTEMPT: job.attempt, Fence.VERSION: job.version}
    if job.lease_until is not None:
        values[Fence.LEASE] = milliseconds(job.lease_until)
    return {fence: values[fence] for fence in change.fences}


def note_documents(*texts: str | None) -> list[Any]:
    """What a write of these texts of free JSON adds, so that a deletion of the job finds those that lie in S3."""
    return [JobRow.has_documents.set(True)] if any(text is not None and is_pointer(text) for text in texts) else []


def former_params(job: Job, documents: Documents) -> rows.FormerParamsMap:
    """The entry of the parameters that a retry is about to replace. Raises Conflict `too-many-edits`."""
    if len(job.former_params) >= FORMER_PARAMS_KEPT:
        message = f"The job's parameters were edited {FORMER_PARAMS_KEPT} times. Submit a new job."
        raise Conflict("too-many-edits", message, field="params")
    return rows.FormerParamsMap(run=job.run, params=documents.write(job.id, "params", job.params, FORMER_PARAMS_BYTES))


def next_attempt(job_id: str, owner: str, lease: timedelta, now: datetime) -> list[Any]:
    """The next attempt at a job: the owner's, for a lease; it may work until the run's time is used up."""
    return [
        JobRow.attempt.add(1),
        JobRow.owner.set(owner),
        JobRow.claimed_at.set(now),
        JobRow.started_at.set(JobRow.started_at | now),
        JobRow.lease_until.set(now + lease),
        JobRow.deadline.set(JobRow.time_left_ms + milliseconds(now)),
        JobRow.look_at.set(now + lease),
        JobRow.look_shard.set(rows.look_shard(rows.Looked.CLAIMED, job_id)),
    ]


def next_run(job: Job, look_at: datetime) -> list[Any]:
    """The next run of a job: any message of it may claim, and its whole run limit is before it."""
    return [
        JobRow.run.add(1),
        JobRow.pass_.set(0),
        JobRow.told.set(True),
        JobRow.time_left_ms.set(job.run_limit // timedelta(milliseconds=1)),
        JobRow.look_at.set(look_at),
        JobRow.look_shard.set(rows.look_shard(rows.Looked.WAITING, job.id)),
    ]


def moves(change: Change, job_id: str, now: datetime) -> list[Any]:
    """What each write sets: its time, and for a change of status the status and the next version."""
    actions: list[Any] = [JobRow.updated_at.set(now)]
    if change.is_move and change.target is not None:
        status = rows.status_id(change.target, job_id)
        actions += [
            JobRow.status.set(str(change.target)),
            JobRow.status_id.set(status),
            JobRow.version.add(1),
        ]
    return actions


def removals(*names: str) -> list[Any]:
    """Actions that empty these fields."""
    return [getattr(JobRow, name).remove() for name in names]
