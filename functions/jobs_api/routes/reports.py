"""Reports: a redirect to the file, and its beginning as JSON."""

from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from jobmill.errors import NotFound
from jobmill.jobs.access import visible_job
from jobmill.jobs.job import StoredReport
from jobmill.reports.services import report_files
from jobmill.settings import settings
from jobs_api.preview_views import PreviewView
from jobs_api.responses import documented, json_response
from jobs_api.routes.access import current_caller
from jobs_api.views import ReportUrlView

router = Router()


@router.get(
    "/api/jobs/<job_id>/reports/<name>",
    summary="Download a report",
    tags=["Reports"],
    responses=documented(HTTPStatus.FOUND, "A redirect to the file, good for a few minutes")
    | documented(HTTPStatus.OK, "With `as=url`, where the redirect would lead", ReportUrlView),
)
def download(
    job_id: str,
    name: str,
    wanted: Annotated[Literal["url"] | None, Query(alias="as", description="For pages: they see no redirect")] = None,
) -> Response[str]:
    """Redirect to the report's file in S3. Follow it without the Authorization header: S3 takes one of two."""
    job = visible_job(current_caller(router.current_event), job_id)
    report = job.report(unquote(name))
    if report is None:
        raise NotFound("report-not-found", "The job has no such report.")
    if wanted == "url":
        view = ReportUrlView(url=report_files().link(report, settings().report_link))
        return json_response(view, headers={"Cache-Control": "no-store"})
    return redirect_to_report(report)


@router.get(
    "/api/jobs/<job_id>/reports/<name>/preview",
    summary="Look at a report's beginning",
    tags=["Reports"],
    responses=documented(
        HTTPStatus.OK, "The first 100 rows of a workbook's first sheet, or of a CSV file", PreviewView
    ),
)
def preview(job_id: str, name: str) -> Response[str]:
    """Give the first rows as JSON. Other kinds of files have no preview (415). Long texts are cut, and end with …."""
    job = visible_job(current_caller(router.current_event), job_id)
    named_so = job.report(f"{unquote(name)}/preview")
    if named_so is not None:
        return redirect_to_report(named_so)
    report = job.report(unquote(name))
    if report is None:
        raise NotFound("report-not-found", "The job has no such report.")
    return json_response(PreviewView.of(report_files().preview(report)))


def redirect_to_report(report: StoredReport) -> Response[str]:
    """A redirect to the report's file in S3, by a link of a few minutes."""
    link = report_files().link(report, settings().report_link)
    return Response(
        status_code=HTTPStatus.FOUND.value,
        content_type="text/plain",
        headers={"Location": link, "Cache-Control": "no-store"},
        body="",
    )
