"""The datasets of a project and their versions."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jobmill.errors import NotFound
from jobmill.names import DATASET_NAME
from jobmill.projects.datasets import kept_versions, list_datasets, newest_version
from jobmill.projects.project import get_project
from jobs_api.dataset_views import DatasetView, WholeDatasetView
from jobs_api.requests import DatasetQuery
from jobs_api.responses import documented, json_response, next_link
from jobs_api.routes.access import current_caller

router = Router()


@router.get(
    "/api/projects/<project_id>/datasets",
    summary="Datasets of a project",
    tags=["Datasets"],
    responses=documented(HTTPStatus.OK, "By name; `Link: rel=next` when there may be more", list[DatasetView]),
)
def list_project(project_id: str, which: Annotated[DatasetQuery, Query()]) -> Response[str]:
    """List the project's datasets, each with its newest version."""
    current_caller(router.current_event).require_reader(project_id)
    found = list_datasets(project_id, after=which.after, limit=which.limit)
    is_full = len(found) == which.limit
    headers = next_link(router.current_event.path, {"limit": which.limit, "after": found[-1].name}) if is_full else {}
    return json_response([DatasetView.of(newest) for newest in found], headers=headers)


@router.get(
    "/api/projects/<project_id>/datasets/<name>",
    summary="A dataset",
    tags=["Datasets"],
    responses=documented(HTTPStatus.OK, "The newest version, and all that are kept", WholeDatasetView),
)
def show(project_id: str, name: str) -> Response[str]:
    """Show a dataset and the versions of it that the project keeps."""
    current_caller(router.current_event).require_reader(project_id)
    newest = newest_version(project_id, name) if DATASET_NAME.fullmatch(name) else None
    if newest is None:
        raise NotFound("dataset-not-found", "There is no such dataset in this project.")
    kept = kept_versions(project_id, name, get_project(project_id).dataset_versions_kept)
    return json_response(WholeDatasetView.whole(newest, kept))
