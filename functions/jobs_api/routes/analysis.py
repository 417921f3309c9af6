"""Analyses of a file: one request to start, one to poll, a workbook to fetch. Jobs of one type, in other words."""

import re
from http import HTTPStatus
from typing import Annotated
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Query

from jobmill.callers import Caller
from jobmill.errors import CallerError, NotFound, TooLarge
from jobmill.jobs.access import visible_job
from jobmill.jobs.changing import no_such_job
from jobmill.jobs.ids import analysis_id, from_analysis_id
from jobmill.jobs.job import Job
from jobmill.jobs.status import FINAL
from jobmill.projects.counters import read_counts
from jobmill.settings import settings
from jobs_api.analysis_submissions import ANALYSIS, submit_analysis
from jobs_api.analysis_views import (
    PREFIX,
    TAKES_FORMS,
    AnalysisStatsView,
    StartedView,
    StatusView,
    status_view,
)
from jobs_api.forms import body_bytes, read_form
from jobs_api.requests import FILE_FIELD, MAX_BODY_BYTES, AnalyzeRequest, Key, ProjectId, field_names
from jobs_api.responses import documented, json_response, retry_after, tagged_response
from jobs_api.routes.access import current_caller, whole
from jobs_api.routes.reports import redirect_to_report

router = Router()
_FILENAME = re.compile(r".*-(job_[0-9]+_[0-9a-z]+)\.[a-z]+")


@router.post(
    TAKES_FORMS,
    summary="Analyse a file",
    tags=["Analysis"],
    responses=documented(HTTPStatus.ACCEPTED, "Accepted; `Location` is where to ask for the result", StartedView),
)
def analyze_file(
    key: Annotated[Key | None, Header(alias="Idempotency-Key", description="Repeats are one job, for a day")] = None,
) -> Response[str]:
    """Take a file of up to 4 MB, a crawl's export or a list of keywords, and start its analysis.

    Larger ones go by POST /api/uploads, and then POST /api/jobs with the type Analysis. A repeat with the same
    Idempotency-Key, file and fields is the same job, and gives the same answer.
    """
    event = router.current_event
    caller = current_caller(event)
    if len(event.body or "") * (3 / 4 if event.is_base64_encoded else 1) > MAX_BODY_BYTES:
        raise TooLarge(
            "body-too-large",
            "The form has over 4 MB. Send the file by POST /api/uploads, and then"
            ' POST /api/jobs {"type": "Analysis", "params": {"uploadId": …}}.',
            field=FILE_FIELD,
        )
    content_type = event.headers.get("content-type", "")
    form = read_form(body_bytes(event), content_type, file_field=FILE_FIELD, text_fields=field_names(AnalyzeRequest))
    job_id = analysis_id(submit_analysis(form, caller, key).id)
    location = f"{settings().public_url}{PREFIX}/job/{job_id}"
    return json_response(
        StartedView(job_id=job_id), HTTPStatus.ACCEPTED, headers=retry_after() | {"Location": location}
    )


@router.get(
    f"{PREFIX}/job/<job_id>",
    summary="How an analysis stands",
    tags=["Analysis"],
    responses=documented(HTTPStatus.OK, "As it is now: processing, completed or failed", StatusView)
    | {HTTPStatus.NOT_MODIFIED.value: {"description": "As the caller knows it; no body"}},
)
def status(
    job_id: str,
    known: Annotated[str | None, Header(alias="If-None-Match", description="ETag of the answer before")] = None,
) -> Response[str]:
    """Show an analysis: its progress, its result, or why it failed, which is also 200. 304 if nothing is new."""
    job = whole(_visible_analysis(current_caller(router.current_event), job_id))
    return tagged_response(status_view(job), known, headers={} if job.status in FINAL else retry_after())


@router.get(
    f"{PREFIX}/download/<filename>",
    summary="Download a file of an analysis",
    tags=["Analysis"],
    responses=documented(HTTPStatus.FOUND, "A redirect to the file, good for a few minutes"),
)
def download(filename: str) -> Response[str]:
    """Redirect to the workbook, or to the whole result as JSON, by the name that the analysis has for it."""
    filename = unquote(filename)
    spelled = _FILENAME.fullmatch(filename)
    job = _visible_analysis(current_caller(router.current_event), spelled[1] if spelled else "")
    report = job.report(filename)
    if report is None:
        raise NotFound("report-not-found", "The analysis has no such file.")
    return redirect_to_report(report)


@router.get(
    f"{PREFIX}/stats",
    summary="How many analyses there are",
    tags=["Analysis"],
    responses=documented(HTTPStatus.OK, "The counts; they follow the jobs within seconds", AnalysisStatsView),
)
def stats(
    project_id: Annotated[ProjectId | None, Query(alias="projectId", description="Only this project")] = None,
) -> Response[str]:
    """Count the analyses of the caller's projects, or of the one it names."""
    caller = current_caller(router.current_event)
    if project_id is not None:
        caller.require_reader(project_id)
    elif caller.is_admin and not caller.roles:
        raise CallerError("project-required", "An admin names the project: ?projectId=…", field="projectId")
    projects = caller.roles if project_id is None else (project_id,)
    return json_response(AnalysisStatsView.of(read_counts(each, ANALYSIS) for each in projects))


def _visible_analysis(caller: Caller, spelled: str) -> Job:
    """The Analysis of this spelling. Raises NotFound, alike for all that the caller is not to see."""
    job_id = from_analysis_id(spelled)
    if job_id is None:
        raise no_such_job()
    job = visible_job(caller, job_id)
    if job.type != ANALYSIS:
        raise no_such_job()
    return job
