"""Many jobs at once: cancel and retry by ids, or by filter and page after page."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Body

from jobmill.callers import Caller
from jobmill.jobs.job import Job
from jobmill.jobs.listing import JobFilter, Page, list_jobs
from jobmill.jobs.status import CANCEL, RETRY, Change
from jobmill.times import now_utc
from jobs_api.cursors import from_cursor, to_cursor
from jobs_api.problems import FieldProblem, InvalidRequest
from jobs_api.requests import BulkFilter, BulkRequest
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller
from jobs_api.routes.changes import cancel_job, change_each, retry_job
from jobs_api.routes.listing import known_types
from jobs_api.views import BulkView

router = Router()
_DOCUMENT = documented(HTTPStatus.OK, "What became of each job", BulkView)


@router.post("/api/jobs/cancel", summary="Cancel many jobs", tags=["Jobs"], responses=_DOCUMENT)
def cancel(wanted: Annotated[BulkRequest, Body()]) -> Response[str]:
    """Cancel jobs by ids, or a filter's Queued and Running ones. One that is refused disturbs no other."""
    return _change(wanted, CANCEL, cancel_job, "cancelled")


@router.post("/api/jobs/retry", summary="Retry many jobs", tags=["Jobs"], responses=_DOCUMENT)
def retry(wanted: Annotated[BulkRequest, Body()]) -> Response[str]:
    """Retry jobs by ids, or a filter's Failed and Cancelled ones. One that is refused disturbs no other."""
    return _change(wanted, RETRY, retry_job, "queued")


def _change(
    wanted: BulkRequest, change: Change, one: Callable[[Caller, str], Job], done: Literal["cancelled", "queued"]
) -> Response[str]:
    caller = current_caller(router.current_event)
    ids, following = _chosen(wanted, change, caller)
    outcomes = change_each(ids, lambda job_id: one(caller, job_id), done)
    return json_response(BulkView(outcomes=outcomes, next=following))


def _chosen(wanted: BulkRequest, change: Change, caller: Caller) -> tuple[list[str], str | None]:
    """The ids to change, and the cursor of those that are left."""
    given = wanted.model_fields_set
    if (wanted.ids is None) == (wanted.filter is None):
        _refuse("body", "Give either ids or a filter")
    if wanted.filter is None:
        for name in given & {"limit", "cursor"}:
            _refuse(name, "It goes with a filter only")
        return list(wanted.ids or ()), None
    page = _page(wanted.filter, wanted, change, caller)
    return [job.id for job in page.jobs], page.next_before and to_cursor(page.next_before)


def _page(which: BulkFilter, wanted: BulkRequest, change: Change, caller: Caller) -> Page:
    caller.require_writer(which.project_id)
    statuses = tuple(sorted(change.sources))
    if which.status is not None and which.status not in statuses:
        _refuse("filter.status", f"Only jobs of these can {change.name}: {', '.join(statuses)}")
    jobs = JobFilter(
        projects=(which.project_id,),
        types=known_types(which.type, "filter.type"),
        type_given=which.type is not None,
        statuses=(which.status,) if which.status else statuses,
        created_from=which.from_,
        created_until=which.until,
    )
    return list_jobs(jobs, limit=wanted.limit, before=from_cursor(wanted.cursor), now=now_utc())


def _refuse(field: str, message: str) -> None:
    raise InvalidRequest([FieldProblem(field=field, message=message)])
