"""Jobs, uploads and datasets as the tests need them, made by the real operations."""

import json
from datetime import timedelta
from typing import Any

import boto3

from jobmill.jobs.job import Job, JobError
from jobmill.jobs.lifecycle import Submission
from jobmill.jobs.rows import JobRow
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL, Status
from jobmill.settings import settings
from jobmill.times import now_utc

LEASE = timedelta(seconds=120)


def queued(project_id: str = "demo", type: str = "Import", **params: object) -> Job:
    """A job that waits."""
    return lifecycle().submit(
        Submission(type, project_id, dict(params), timedelta(seconds=600), "id-of-demo", "Demo"),
        None,
        check=lambda: None,
    )


def running(job: Job | None = None, **wanted: str) -> Job:
    """A job that a worker has."""
    job = job or queued(**wanted)
    return store().claim(job.id, run=job.run, pass_=0, owner="worker", lease=LEASE, now=now_utc())


def completed(job: Job | None = None, **wanted: str) -> Job:
    """A job that is done, with an empty result."""
    job = running(job, **wanted)
    store().complete(job, result={"recordsProcessed": 1}, reports=(), publication=None, now=now_utc())
    return store().get(job.id)


def failed(job: Job | None = None, **wanted: str) -> Job:
    """A job that has failed."""
    return store().fail(FAIL, running(job, **wanted), JobError("broken", "It is broken."), now_utc())


def cancelled(job: Job | None = None, **wanted: str) -> Job:
    """A job that nobody wants."""
    return lifecycle().cancel(job or queued(**wanted))


def in_status(status: Status) -> Job:
    """A job of this status."""
    makers = {
        Status.QUEUED: queued,
        Status.RUNNING: running,
        Status.COMPLETED: completed,
        Status.FAILED: failed,
        Status.CANCELLED: cancelled,
    }
    return makers[status]()


def row_of(job: Job) -> JobRow:
    """The job's row, for what no operation makes of it."""
    return JobRow.get(f"job#{job.id}", "job")


def claim(job: Job, **changes: Any) -> Job:
    """Claim the job's present run; `changes` are of the claim's arguments."""
    wanted = {"run": job.run, "pass_": 0, "owner": "w", "lease": LEASE, "now": now_utc()}
    return store().claim(job.id, **(wanted | changes))


def starts_sent() -> list[str]:
    """The ids of the jobs whose starts lie in their queue."""
    url = settings().starts_queue_url
    found = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
    return [json.loads(message["Body"])["job_id"] for message in found.get("Messages", ())]
