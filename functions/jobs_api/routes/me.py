"""Who calls."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.projects.project import get_projects
from jobmill.projects.register import register, registered
from jobs_api.project_views import MeView
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller

router = Router()
MAX_PROJECTS = 1000
"""That an admin is told of."""


@router.get(
    "/api/me",
    summary="Who calls, and its projects",
    tags=["Projects"],
    responses=documented(
        HTTPStatus.OK, "The caller, and its projects by name; an admin's are all that are known, 1,000 at most", MeView
    ),
)
def me() -> Response[str]:
    """Tell the caller who it is, and what it may do in which projects. An admin writes in all of the register.

    The caller's own projects come into it, so that admins see those whose jobs were all made before there was one.
    """
    caller = current_caller(router.current_event)
    register(caller.roles)
    ids = set(caller.roles) | set(registered(MAX_PROJECTS) if caller.is_admin else ())
    return json_response(MeView.of(caller, get_projects(sorted(ids)[:MAX_PROJECTS]).values()))
