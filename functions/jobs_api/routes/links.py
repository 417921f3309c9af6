"""Links to reports: made, listed and revoked by callers; used by anyone who has one."""

from http import HTTPStatus
from itertools import islice
from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jobmill.errors import JobmillError, NotFound, TooMany
from jobmill.jobs.access import visible_job
from jobmill.links.link import Link, TaskLink, deleted
from jobmill.links.rows import get_link, job_links, no_such_link
from jobmill.links.services import links
from jobmill.reports.services import report_files
from jobmill.reports.storage import Operation
from jobmill.settings import settings
from jobmill.tasks.services import storage
from jobmill.times import now_utc
from jobs_api.link_views import LinkView, NewLinkView
from jobs_api.pages import problem_page, wants_page
from jobs_api.problems import problem_of
from jobs_api.requests import LinkQuery
from jobs_api.responses import documented, json_response, next_link
from jobs_api.routes.access import current_caller

router = Router()
LINKS_OF_A_JOB = 200
"""From so many on callers make no more of them; approximate. One link serves any number of people."""
ROWS_OF_A_JOB = 1000
"""The same, with those that were revoked."""
_USE_DOCUMENT = documented(HTTPStatus.FOUND, "A redirect to the file, good for a few minutes")


@router.post(
    "/api/jobs/<job_id>/reports/<name>/links",
    summary="Make a link to a report",
    tags=["Links"],
    responses=documented(HTTPStatus.CREATED, "The link; its `url` is told only here", NewLinkView),
)
def create(job_id: str, name: str) -> Response[str]:
    """Make a link that gives the report to anyone who has it, for some days; any reader of the job may."""
    caller = current_caller(router.current_event)
    job = visible_job(caller, job_id)
    report = job.report(unquote(name))
    if report is None:
        raise NotFound("report-not-found", "The job has no such report.")
    found = list(islice(job_links(job.id, now_utc()), ROWS_OF_A_JOB))
    if len(found) == ROWS_OF_A_JOB or sum(link.revoked_at is None for link in found) >= LINKS_OF_A_JOB:
        raise TooMany(
            "too-many-links", f"The job has {LINKS_OF_A_JOB} links. Use one of them, or try when some expired."
        )
    link = links().create_link(job, report, by=caller.id, by_name=caller.name)
    return json_response(NewLinkView.of_new(link), HTTPStatus.CREATED, headers={"Cache-Control": "no-store"})


@router.get(
    "/api/jobs/<job_id>/links",
    summary="A job's links",
    tags=["Links"],
    responses=documented(HTTPStatus.OK, "Newest first; `Link: rel=next` when there may be more", list[LinkView]),
)
def list_of_job(job_id: str, which: Annotated[LinkQuery, Query()]) -> Response[str]:
    """List the job's links that have not expired, revoked ones too, with how often each was used."""
    job = visible_job(current_caller(router.current_event), job_id)
    found = list(islice(job_links(job.id, now_utc(), which.after), which.limit))
    is_full = len(found) == which.limit
    headers = next_link(router.current_event.path, {"limit": which.limit, "after": found[-1].id}) if is_full else {}
    return json_response([LinkView.of(link) for link in found], headers=headers)


@router.delete(
    "/api/jobs/<job_id>/links/<link_id>",
    summary="Revoke a link",
    tags=["Links"],
    responses=documented(HTTPStatus.OK, "Revoked, for good", LinkView),
)
def revoke(job_id: str, link_id: str) -> Response[str]:
    """End a link, for good when answered. A writer of the project may, and who made it. A repeat changes nothing."""
    caller = current_caller(router.current_event)
    job = visible_job(caller, job_id)
    link = get_link(job.id, link_id)
    if link is None or link.expires_at <= now_utc():
        raise no_such_link()
    if link.created_by != caller.id:
        caller.require_writer(job.project_id)
    return json_response(LinkView.of(links().revoke_link(link, by_name=caller.name)))


@router.get("/d/<ticket>", summary="Use a link", tags=["Links"], security=[], responses=_USE_DOCUMENT)
def use(ticket: str) -> Response[str]:
    """Redirect to the link's file in S3, and count the use. No token is asked for; browsers get errors as a page."""
    return _redirect(ticket, "get_object", count=True)


@router.head("/d/<ticket>", summary="Look at a link", tags=["Links"], security=[], responses=_USE_DOCUMENT)
def look(ticket: str) -> Response[str]:
    """Answer as GET would, without counting it; the redirect leads to a HEAD of the file."""
    return _redirect(ticket, "head_object", count=False)


def _file_url(link: Link | TaskLink, operation: Operation) -> str:
    """Where the link's file is for some minutes. Raises Gone `link-deleted` for data of a task that is no more."""
    lifetime = settings().report_link
    if isinstance(link, Link):
        return report_files().link(link, lifetime, operation=operation)
    name, version = link.subject.name, link.subject.version
    if not storage().has(name, version):
        raise deleted()
    return storage().url(name, version, lifetime, is_head=operation == "head_object")


def _redirect(ticket: str, operation: Operation, *, count: bool) -> Response[str]:
    try:
        url = _file_url(links().open(ticket, count=count), operation)
    except JobmillError as error:
        if wants_page(router.current_event.headers.get("accept")):
            return problem_page(problem_of(error))
        raise
    return Response(
        status_code=HTTPStatus.FOUND.value,
        content_type="text/plain",
        headers={
            "Location": url,
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
        },
        body="",
    )
