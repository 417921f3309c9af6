"""Which job a caller may see."""

from jobmill.callers import Caller
from jobmill.errors import NotFound
from jobmill.jobs.changing import job_gone, no_such_job, project_of_gone
from jobmill.jobs.job import Job
from jobmill.jobs.services import store
from jobmill.times import now_utc


def visible_job(caller: Caller, job_id: str) -> Job:
    """The job, without its large values.

    Raises NotFound, alike for unknown, malformed and foreign ones; Gone for one that the caller's project had.
    """
    try:
        job = store().get(job_id, whole=False)
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
