"""Jobs: submit, look, cancel, retry."""

from http import HTTPStatus
from itertools import pairwise
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from jobmill.jobs.access import visible_job
from jobmill.jobs.history import all_events
from jobmill.jobs.job import attempts_of, story
from jobmill.jobs.operations import destroy_job
from jobmill.jobs.services import lifecycle
from jobmill.jobs.status import FINAL
from jobmill.projects.counters import require_room
from jobmill.projects.project import get_project
from jobmill.settings import settings
from jobs_api.requests import Key, RetryRequest, SubmitRequest
from jobs_api.responses import documented, job_url, json_response, retry_after
from jobs_api.routes.access import changeable_job, current_caller, whole
from jobs_api.routes.changes import cancel_job, retry_job
from jobs_api.submissions import idempotency_key, submission_of
from jobs_api.views import AttemptView, CancelView, EventView, JobView, RetryView

router = Router()


@router.post(
    "/api/jobs",
    summary="Submit a job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.ACCEPTED, "Accepted: the job is safe, and will be started", JobView),
)
def submit(
    submission: Annotated[SubmitRequest, Body()],
    key: Annotated[Key | None, Header(alias="Idempotency-Key", description="Repeats are one job, for a day")] = None,
) -> Response[str]:
    """Accept a job. A repeat with the same Idempotency-Key and body gives the same job."""
    caller = current_caller(router.current_event)
    new, wanted = submission_of(submission, caller)
    key_of_caller = idempotency_key(key, submission, caller)

    def check() -> None:
        require_room(new.project_id, settings().max_waiting_jobs)
        wanted.check(new.project_id)

    job = whole(lifecycle().submit(new, key_of_caller, check=check))
    url = job_url(job.id)
    view = JobView.whole(job, get_project(job.project_id), url)
    return json_response(view, HTTPStatus.ACCEPTED, headers=retry_after() | {"Location": url})


@router.get(
    "/api/jobs/<job_id>",
    summary="A job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "The job as it is now", JobView),
)
def show(job_id: str) -> Response[str]:
    """Show a job; while it is under way, `Retry-After` says when to ask again."""
    job = whole(visible_job(current_caller(router.current_event), job_id))
    view = JobView.whole(job, get_project(job.project_id), job_url(job.id))
    return json_response(view, headers={} if job.status in FINAL else retry_after())


@router.get(
    "/api/jobs/<job_id>/attempts",
    summary="A job's ended attempts",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "All attempts of all runs, oldest first", list[AttemptView]),
)
def attempts(job_id: str) -> Response[str]:
    """List every attempt at the job that has ended, with its error."""
    job = whole(visible_job(current_caller(router.current_event), job_id))
    ended = attempts_of(all_events(job))
    pairs = pairwise([None, *ended])
    return json_response(
        [AttemptView.of(each, job, first=before is None or before.run != each.run) for before, each in pairs if each]
    )


@router.get(
    "/api/jobs/<job_id>/events",
    summary="What happened to a job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "The whole story, oldest first", list[EventView]),
)
def events(job_id: str) -> Response[str]:
    """Tell everything that happened to the job, in order: who wanted what, each attempt, each error."""
    job = visible_job(current_caller(router.current_event), job_id)
    return json_response([EventView.of(event) for event in story(job, all_events(job))])


@router.post(
    "/api/jobs/<job_id>/cancel",
    summary="Cancel a Queued or Running job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "Cancelled, for good", CancelView),
)
def cancel(job_id: str) -> Response[str]:
    """Cancel a job; final when answered. Cancelling a Cancelled job answers the same again."""
    job = cancel_job(current_caller(router.current_event), job_id)
    return json_response(CancelView(id=job.id, status=job.status, completed_at=job.completed_at))


@router.delete(
    "/api/jobs/<job_id>",
    summary="Delete an ended job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.NO_CONTENT, "Gone, for good; its reports and links with it"),
)
def destroy(job_id: str) -> Response[str]:
    """Delete a Completed, Failed or Cancelled job with its reports, links and events; a dataset keeps its rows."""
    destroy_job(changeable_job(current_caller(router.current_event), job_id).id)
    return Response(status_code=HTTPStatus.NO_CONTENT.value, headers={"Cache-Control": "no-store"}, body="")


@router.post(
    "/api/jobs/<job_id>/retry",
    summary="Retry a Failed or Cancelled job",
    tags=["Jobs"],
    responses=documented(HTTPStatus.ACCEPTED, "Queued again, as the job's next run", RetryView),
)
def retry(job_id: str, changes: Annotated[RetryRequest | None, Body()] = None) -> Response[str]:
    """Queue the job's next run, with its parameters or with edited ones."""
    queued = retry_job(current_caller(router.current_event), job_id, changes.params if changes else None)
    headers = retry_after() | {"Location": job_url(queued.id)}
    view = RetryView(id=queued.id, status=queued.status)
    return json_response(view, HTTPStatus.ACCEPTED, headers=headers, keep_nulls=True)
