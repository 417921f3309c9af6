"""Lists of jobs and their counts."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jobmill.errors import CallerError
from jobmill.jobs.job import CUSTOM, JobSummary
from jobmill.jobs.listing import JobFilter, Page, list_jobs
from jobmill.processors import job_types
from jobmill.projects.activity import read_activity
from jobmill.projects.counters import counted_types, read_counts
from jobmill.projects.project import get_projects
from jobmill.times import now_utc
from jobs_api.cursors import from_cursor, to_cursor
from jobs_api.problems import FieldProblem, InvalidRequest
from jobs_api.project_views import ActivityView
from jobs_api.requests import ListQuery
from jobs_api.responses import documented, json_response, next_link
from jobs_api.routes.access import current_caller
from jobs_api.views import CountsView, SummaryView

router = Router()
_PAGE_DOCUMENT = documented(HTTPStatus.OK, "Newest first; `Link: rel=next` when there is more", list[SummaryView])


@router.get("/api/jobs", summary="Jobs of the caller's projects", tags=["Jobs"], responses=_PAGE_DOCUMENT)
def list_all(which: Annotated[ListQuery, Query()]) -> Response[str]:
    """List the jobs of all projects that the caller is a member of, or of the one it names."""
    caller = current_caller(router.current_event)
    if which.project_id is not None:
        caller.require_reader(which.project_id)
        return _page((which.project_id,), which)
    if caller.is_admin and not caller.roles:
        raise CallerError("project-required", "An admin names the project: ?projectId=…", field="projectId")
    return _page(tuple(caller.roles), which)


@router.get("/api/jobs/projects/<project_id>", summary="Jobs of a project", tags=["Jobs"], responses=_PAGE_DOCUMENT)
def list_project(project_id: str, which: Annotated[ListQuery, Query()]) -> Response[str]:
    """List the jobs of one project."""
    current_caller(router.current_event).require_reader(project_id)
    return _page((project_id,), which)


@router.get(
    "/api/jobs/projects/<project_id>/stats",
    summary="How many jobs of a project are in each status",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "The counts; they follow the jobs within seconds", CountsView),
)
def stats(project_id: str) -> Response[str]:
    """Count the project's jobs, at a cost that does not depend on their number."""
    current_caller(router.current_event).require_reader(project_id)
    return json_response(CountsView.of(read_counts(project_id)))


@router.get(
    "/api/jobs/projects/<project_id>/activity",
    summary="How many jobs of a project ended in each hour of the last day",
    tags=["Jobs"],
    responses=documented(HTTPStatus.OK, "24 whole hours and the running one; they follow the jobs", ActivityView),
)
def activity(project_id: str) -> Response[str]:
    """Count the project's ends of the last day by the hour of UTC, and tell since when its oldest queued job waits."""
    current_caller(router.current_event).require_reader(project_id)
    return json_response(ActivityView.of(read_activity(project_id, counted_types(project_id), now_utc())))


def _page(projects: tuple[str, ...], which: ListQuery) -> Response[str]:
    _refuse_unknown_parameters()
    wanted = JobFilter(
        projects=projects,
        types=known_types(which.type),
        type_given=which.type is not None,
        statuses=(which.status,) if which.status else (),
        created_from=which.from_,
        created_until=which.until,
    )
    page = list_jobs(wanted, limit=which.limit, before=from_cursor(which.cursor), now=now_utc())
    return json_response(_views(page.jobs), headers=_next_link(page))


def known_types(wanted: str | None, field: str = "type") -> tuple[str, ...]:
    """The wanted job type, or all there are. Raises CallerError `unknown-type`."""
    types = (*job_types(), CUSTOM)
    if wanted is None:
        return types
    if wanted not in types:
        raise CallerError("unknown-type", f"There are only: {', '.join(types)}.", field=field)
    return (wanted,)


def _views(jobs: Sequence[JobSummary]) -> list[SummaryView]:
    projects = get_projects({job.project_id for job in jobs})
    return [SummaryView.of(job, projects[job.project_id]) for job in jobs]


def _next_link(page: Page) -> dict[str, str | list[str]]:
    if page.next_before is None:
        return {}
    event = router.current_event
    query = dict(event.query_string_parameters or {}) | {"cursor": to_cursor(page.next_before)}
    return next_link(event.path, query)


def _refuse_unknown_parameters() -> None:
    known = {field.alias or name for name, field in ListQuery.model_fields.items()}
    unknown = sorted(set(router.current_event.query_string_parameters or {}) - known)
    if unknown:
        message = f"There is no such parameter; there are: {', '.join(sorted(known))}"
        raise InvalidRequest([FieldProblem(field=name, message=message) for name in unknown])
