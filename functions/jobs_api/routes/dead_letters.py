"""Dead letters: jobs whose messages no worker could take."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from jobmill.projects.dead_letters import dead_letters
from jobmill.projects.project import get_project
from jobmill.times import now_utc
from jobs_api.requests import LARGEST_PAGE, RedriveRequest
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller
from jobs_api.routes.changes import change_each, redrive_job
from jobs_api.views import BulkView, DeadLetterView

router = Router()


@router.get(
    "/api/jobs/projects/<project_id>/dead-letters",
    summary="Jobs that no worker could begin",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "Newest first, at most 200", list[DeadLetterView]),
)
def show(project_id: str) -> Response[str]:
    """List the project's jobs that failed as `poison` and have not been retried."""
    current_caller(router.current_event).require_reader(project_id)
    project = get_project(project_id)
    letters = dead_letters(project_id, LARGEST_PAGE, now_utc())
    return json_response([DeadLetterView.of_letter(letter, project) for letter in letters])


@router.post(
    "/api/jobs/projects/<project_id>/dead-letters/redrive",
    summary="Retry jobs that no worker could begin",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "What became of each job", BulkView),
)
def redrive(project_id: str, wanted: Annotated[RedriveRequest | None, Body()] = None) -> Response[str]:
    """Retry the named dead letters, or the newest 200. One that is refused disturbs no other."""
    caller = current_caller(router.current_event)
    caller.require_writer(project_id)
    ids = wanted.ids if wanted else None
    if ids is None:
        ids = [letter.job.id for letter in dead_letters(project_id, LARGEST_PAGE, now_utc())]
    outcomes = change_each(ids, lambda job_id: redrive_job(caller, project_id, job_id), "queued")
    return json_response(BulkView(outcomes=outcomes))
