"""What every route asks first: who calls, and which job."""

from collections.abc import Mapping
from typing import Any

from jobmill.callers import Caller, caller_of
from jobmill.jobs.access import visible_job
from jobmill.jobs.job import Job
from jobmill.jobs.operations import get_job
from jobmill.settings import settings


def claims_of(event: Any) -> Mapping[str, Any]:
    """The checked claims of an HTTP API event's token; empty without one."""
    authorizer = event.request_context.authorizer
    return (authorizer.jwt_claim if authorizer else None) or {}


def current_caller(event: Any) -> Caller:
    """The caller of an HTTP API event. Raises NotSignedIn if it has no claims."""
    return caller_of(claims_of(event), settings().membership_claim)


def changeable_job(caller: Caller, job_id: str) -> Job:
    """The job, which the caller may change. Raises NotFound, Gone, and Forbidden for a reader."""
    job = visible_job(caller, job_id)
    caller.require_writer(job.project_id)
    return job


def whole(job: Job) -> Job:
    """The job with its large values, which only those who may see it have read."""
    return job if job.is_whole else get_job(job.id)
