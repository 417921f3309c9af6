"""What every route asks first: who calls, and which job."""

from typing import Any

from jobmill.errors import NotFound
from jobmill.jobs.changing import job_gone, no_such_job, project_of_gone
from jobmill.jobs.job import Job
from jobmill.jobs.operations import get_job
from jobmill.settings import settings
from jobmill.times import now_utc
from jobs_api.callers import Caller, caller_of


def current_caller(event: Any) -> Caller:
    """The caller of an HTTP API event. Raises NotSignedIn if it has no claims."""
    authorizer = event.request_context.authorizer
    claims = authorizer.jwt_claim if authorizer else None
    return caller_of(claims, settings().membership_claim)


def visible_job(caller: Caller, job_id: str) -> Job:
    """The job, without its large values.

    Raises NotFound, alike for unknown, malformed and foreign ones; Gone for one that the caller's project had.
    """
    try:
        job = get_job(job_id, whole=False)
    except NotFound:
        project_id = project_of_gone(job_id)
        if project_id is not None and caller.may_read(project_id):
            raise job_gone() from None
        raise
    if not caller.may_read(job.project_id):
        raise no_such_job()
    if job.expires_at is not None and job.expires_at <= now_utc():
        raise job_gone()
    return job


def changeable_job(caller: Caller, job_id: str) -> Job:
    """The job, which the caller may change. Raises NotFound, Gone, and Forbidden for a reader."""
    job = visible_job(caller, job_id)
    caller.require_writer(job.project_id)
    return job


def whole(job: Job) -> Job:
    """The job with its large values, which only those who may see it have read."""
    return job if job.is_whole else get_job(job.id)
