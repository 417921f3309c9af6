"""What code does to a job by its id: a program to its own Custom jobs, an attempt to the job that it works on.

A job of any other type is changed by its machine and its attempt alone: from outside, these functions raise JobManaged.
`docs/seeds.md` maps the names of the documents that Jobmill began with to these.
"""

import math
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from jobmill.errors import Conflict, NotFound
from jobmill.jobs.changing import ChangeRefused, require_not_gone
from jobmill.jobs.holding import holder_of
from jobmill.jobs.job import CUSTOM, MAX_RUN_LIMIT, Job, JobError, JobSummary
from jobmill.jobs.listing import JobFilter, due_jobs, list_jobs
from jobmill.jobs.rows import Looked
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL, FINAL
from jobmill.json_values import Json
from jobmill.log import logger
from jobmill.settings import settings
from jobmill.times import now_utc

UPLOAD_BEGINS_AT = 80
"""Where the progress of a job stands, in per cent, when its work is done and the upload of its report begins."""
PAGE = 100
CLEANUP_AT_ONCE = 20_000
"""Jobs that one cleanup deletes: some minutes of work, and hourly half a million a day."""


class JobManaged(Conflict):
    """The job is its machine's: only its own attempt may do this to it."""

    def __init__(self, job: Job, what: str = "Only the work on it can change it.") -> None:
        super().__init__("job-managed", f"The job {job.id} is of type {job.type}. {what}")


def create_job(
    *,
    project_id: str,
    created_by: str,
    type: str = CUSTOM,
    created_by_name: str | None = None,
    params: Json = None,
    data: Json = None,
    internal_data: Json = None,
    id: str | None = None,
    run_limit: timedelta | None = None,
) -> Job:
    """Make a job. One of a type with a machine is Queued and started; a Custom one is Running, and its maker's.

    `data` is free JSON that the project sees, `internal_data` free JSON that nobody sees; of any size. A job that has
    not ended within its run limit (none: its type's) fails as timed out. Parameters are checked when work begins.
    Raises JobExists if `id` is taken, Gone if it was, ValueError if it is none of ours, or for a run limit over a day.
    """
    if id is not None:
        require_not_gone(id)
    if run_limit is not None and run_limit > MAX_RUN_LIMIT:
        raise ValueError(f"{run_limit} is over {MAX_RUN_LIMIT}, for which reports are kept beyond a job's life")
    return lifecycle().create_job(
        type=type,
        project_id=project_id,
        created_by=created_by,
        created_by_name=created_by_name,
        params=params,
        data=data,
        internal_data=internal_data,
        id=id,
        run_limit=settings().run_limit_of(type) if run_limit is None else run_limit,
    )


def get_job(job_id: str, *, whole: bool = True) -> Job:
    """The job as it is now; unless `whole`, without its large values. Raises NotFound, for malformed ids too."""
    return store().get(job_id, whole=whole)


def update_job(job_id: str, *, progress: float | None = None, data: Json = None) -> bool:
    """Raise the progress (0 to 100, the rest cut off) and replace the data in one write; what is none stays.

    False for an unknown id. A progress lower than the job's is ignored; an attempt's is written with its next look.
    Raises ValueError for a progress that is negative or no number, JobManaged, ChangeRefused if the job has ended.
    """
    percent = None if progress is None else _percent(progress)
    holder = holder_of(job_id)
    if holder is not None:
        if percent is not None:
            holder.progress(percent, 100)
        if data is not None:
            store().update(holder.job, progress=None, data=data, now=now_utc())
        return True
    job = _own(job_id)
    if job is None:
        return False
    store().update(job, progress=percent, data=data, now=now_utc())
    return True


def update_progress(job_id: str, progress: float) -> bool:
    """Raise the job's progress; as `update_job`."""
    return update_job(job_id, progress=progress)


def update_data(job_id: str, data: Json) -> bool:
    """Replace the job's data: nothing of the old is merged into it; none leaves it, {} empties it. As `update_job`."""
    return update_job(job_id, data=data)


def update_upload_job_status(
    job_id: str, upload_progress: float, data: Json = None, *, begins_at: int = UPLOAD_BEGINS_AT
) -> None:
    """Tell how much of the job's report is uploaded, in per cent (more than 100 is 100); `data` is replaced if given.

    The upload owns the last window of the job's progress, from `begins_at` to 100: with 80, 75 % uploaded is 95.
    Raises NotFound for an unknown id, and as `update_job`.
    """
    percent = begins_at + _percent(upload_progress) * (100 - begins_at) / 100
    if not update_job(job_id, progress=percent, data=data):
        raise _unknown(job_id)


def complete_job(job_id: str, result: dict[str, Json]) -> bool:
    """End a Custom job as Completed, with its result and the reports that it has; False for an unknown id.

    Of a job that is Completed already, the first result stays. Raises JobManaged for a job of another type (what its
    work returns completes it), ChangeRefused if the job has ended otherwise.
    """
    holder = holder_of(job_id)
    if holder is not None:
        raise JobManaged(holder.job, "What its work returns completes it.")
    job = _own(job_id)
    if job is None:
        return False
    store().complete(job, result=result, reports=None, publication=None, now=now_utc())
    return True


def fail_job(job_id: str, message: str, details: str | None = None) -> bool:
    """End the job as Failed, with a sentence for its user, and more facts if there are; False for an unknown id.

    The progress stays. In an attempt, what the work does afterwards is lost. Raises JobManaged, ChangeRefused.
    """
    return _fail(job_id, JobError("failed", message, details))


def update_error(job_id: str, error: str) -> bool:
    """Set the job's error, which ends it as Failed, and leave its progress; as `fail_job`."""
    return fail_job(job_id, error)


def set_job_error(job_id: str, error_to_user: str, error_detail: BaseException | None = None) -> None:
    """End the job as Failed with this sentence, its progress back at 0 (`failed_at_progress` keeps it).

    The detail, with its stack, goes to the log and into `internal_data` under `error`, if that is an object.
    Raises NotFound for an unknown id, JobManaged, ChangeRefused.
    """
    logger.error("job error set", job_id=job_id, error_to_user=error_to_user, exc_info=error_detail)
    error = JobError("failed", error_to_user)
    if not _fail(job_id, error, keeps_progress=False, detail=error_detail):
        raise _unknown(job_id)


def destroy_job(job_id: str) -> bool:
    """Delete an ended job of any type; False for an unknown id. What a dataset has of it stays.

    Its links are dead at once; its reports, events and large values are removed within seconds, by the table's stream.
    Raises Conflict `not-ended`, ChangeRefused if it is retried at this moment.
    """
    try:
        job = store().get(job_id, whole=False)
        if job.status not in FINAL:
            raise Conflict("not-ended", f"The job is {job.status}; only an ended job can be deleted. Cancel it first.")
        store().destroy(job, now_utc() + settings().tombstone)
    except NotFound:
        return False
    logger.info("job destroyed", job_id=job_id, type=job.type, project_id=job.project_id)
    return True


def get_all_jobs(project_id: str, job_type: str | None = None) -> Iterator[JobSummary]:
    """All jobs of a project, or those of one type, the newest first; reads a page at a time."""
    types = () if job_type is None else (job_type,)
    which = JobFilter(projects=(project_id,), types=types, type_given=bool(types))
    before: str | None = None
    while True:
        page = list_jobs(which, limit=PAGE, before=before, now=now_utc())
        yield from page.jobs
        before = page.next_before
        if before is None:
            return


def cleanup(max_age: timedelta | None = None) -> int:
    """Delete the jobs whose time after their end is over, or, by `max_age`, all that ended longer ago than that.

    Gives how many, at most 20,000 at once. Each as `destroy_job` does it; one that is retried at this moment stays. By
    age it looks at all ended jobs. DynamoDB's TTL, which may be days late, is the net below it.
    """
    now = now_utc()
    ended = due_jobs(Looked.ENDED, now if max_age is None else None)
    over = (job_id for job_id in ended if _remove(job_id, now, max_age))
    removed = sum(1 for _ in islice(over, CLEANUP_AT_ONCE))
    logger.info("cleaned up", jobs=removed)
    return removed


def _remove(job_id: str, now: datetime, max_age: timedelta | None) -> bool:
    """Delete the job if its time is over; one that cannot be judged or deleted does not stop the rest."""
    try:
        job = store().get(job_id, whole=False)
        if job.status not in FINAL or not _is_over(job, now, max_age):
            return False
        store().destroy(job, now + settings().tombstone)
    except (ChangeRefused, NotFound):
        return False
    except Exception:  # one record of a batch
        logger.exception("job not cleaned up", job_id=job_id)
        return False
    return True


def _is_over(job: Job, now: datetime, max_age: timedelta | None) -> bool:
    if max_age is None:
        return job.expires_at is not None and job.expires_at <= now
    return job.completed_at is not None and job.completed_at <= now - max_age


def _own(job_id: str) -> Job | None:
    """The Custom job of this id; none if there is no such job. Raises JobManaged for one of another type."""
    try:
        job = store().get(job_id, whole=False)
    except NotFound:
        return None
    if job.type != CUSTOM:
        raise JobManaged(job)
    return job


def _fail(job_id: str, error: JobError, *, keeps_progress: bool = True, detail: BaseException | None = None) -> bool:
    holder = holder_of(job_id)
    job = holder.job if holder is not None else _own(job_id)
    if job is None:
        return False
    reports = tuple(holder.reports) if holder is not None else None
    told = _told(job, detail)
    store().fail(FAIL, job, error, now_utc(), reports, keeps_progress=keeps_progress, internal_data=told)
    return True


def _told(job: Job, detail: BaseException | None) -> Json:
    """The job's internal data with the detail of an error in it; none where it stays as it is."""
    if detail is None:
        return None
    internal = (job if job.is_whole else store().get(job.id)).internal_data
    if internal is not None and not isinstance(internal, dict):
        return None
    stack = "".join(traceback.format_exception(detail))
    return {**(internal or {}), "error": {"type": type(detail).__name__, "message": str(detail), "stack": stack}}


def _percent(progress: float) -> int:
    if math.isnan(progress) or progress < 0:
        raise ValueError(f"{progress} is no progress in per cent")
    return int(min(progress, 100))


def _unknown(job_id: str) -> NotFound:
    return NotFound("job-not-found", f"There is no job {job_id}.")
