"""The job store, the lifecycle and the recovery of this process, made from its settings at their first use."""

from functools import cache

from jobmill import aws
from jobmill.jobs.documents import Documents
from jobmill.jobs.executions import Executions
from jobmill.jobs.lifecycle import Lifecycle
from jobmill.jobs.recovery import Recovery
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
        retention_of=here.retention_of,
        start_grace=here.start_grace,
    )


@cache
def starts() -> StartQueue:
    """The `starts` queue of the settings."""
    return StartQueue(aws.sqs, settings().starts_queue_url)


@cache
def executions() -> Executions:
    """The executions of the settings' machines."""
    return Executions(aws.step_functions, settings().machine_arn_prefix)


@cache
def lifecycle() -> Lifecycle:
    """The lifecycle on that store, the `starts` queue and the machines."""
    return Lifecycle(store(), starts(), executions(), idempotency=settings().idempotency, clock=now_utc)


@cache
def recovery() -> Recovery:
    """The recovery of what gets stuck in that store."""
    return Recovery(store(), starts(), executions(), grace=settings().start_grace, clock=now_utc)
