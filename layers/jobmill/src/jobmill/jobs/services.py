"""The job store and the lifecycle of this process, made from its settings at their first use."""

from functools import cache

from jobmill import aws
from jobmill.jobs.documents import Documents
from jobmill.jobs.lifecycle import Lifecycle
from jobmill.jobs.starts import StartQueue
from jobmill.jobs.store import JobStore
from jobmill.settings import settings
from jobmill.times import now_utc


@cache
def store() -> JobStore:
    """The job store on the table of the settings."""
    here = settings()
    return JobStore(
        Documents(aws.s3, here.datasets_bucket),
        job_retention=here.job_retention,
        start_grace=here.start_grace,
    )


@cache
def lifecycle() -> Lifecycle:
    """The lifecycle on that store and the `starts` queue."""
    here = settings()
    return Lifecycle(store(), StartQueue(aws.sqs, here.starts_queue_url), idempotency=here.idempotency, clock=now_utc)
