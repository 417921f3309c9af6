"""The job types that there are."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.processors import job_types
from jobs_api.job_type_views import JobTypeView
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller

router = Router()


@router.get(
    "/api/job-types",
    summary="All job types",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "Those that can be submitted, by name", list[JobTypeView]),
)
def list_all() -> Response[str]:
    """List the job types with the JSON Schema of their parameters. For everyone signed in."""
    current_caller(router.current_event)
    known = sorted(job_types().values(), key=lambda each: each.name)
    return json_response([JobTypeView.of(each) for each in known if not each.is_internal])
