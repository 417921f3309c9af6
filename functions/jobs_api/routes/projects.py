"""A project's name and settings."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from jobmill.projects.project import Project, get_project, put_project
from jobs_api.requests import ProjectRequest
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller
from jobs_api.views import ProjectView

router = Router()


@router.get(
    "/api/projects/<project_id>",
    summary="A project",
    tags=["Projects"],
    responses=documented(HTTPStatus.OK, "The project; unnamed, it bears its id", ProjectView),
)
def show(project_id: str) -> Response[str]:
    """Show a project's name and settings to its members."""
    current_caller(router.current_event).require_reader(project_id)
    return json_response(ProjectView.of(get_project(project_id)))


@router.put(
    "/api/projects/<project_id>",
    summary="Name a project and set its settings",
    tags=["Projects"],
    responses=documented(HTTPStatus.OK, "The project as it is now", ProjectView),
)
def put(project_id: str, wanted: Annotated[ProjectRequest, Body()]) -> Response[str]:
    """Write the project whole; settings that are left out go back to their defaults. For admins."""
    current_caller(router.current_event).require_admin(project_id)
    project = Project(project_id, wanted.name, wanted.settings.dataset_versions_kept)
    put_project(project)
    return json_response(ProjectView.of(project))
