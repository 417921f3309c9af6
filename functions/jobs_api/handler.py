"""HTTP API → routes. Every error leaves as a problem document."""

import json
import re
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.errors import TooLarge
from jobmill.log import logger
from jobs_api.analysis_views import TAKES_FORMS
from jobs_api.problems import handle_errors, invalid_json
from jobs_api.requests import MAX_BODY_BYTES
from jobs_api.routes import (
    analysis,
    bulk,
    dashboard,
    datasets,
    dead_letters,
    job_types,
    jobs,
    links,
    listing,
    live,
    me,
    projects,
    reports,
    service,
    tasks,
    uploads,
)

_REPORT_PATH = re.compile(r"(/api/jobs/[^/]+/reports/)(.+)", re.DOTALL)


def parse_body(text: str) -> Any:
    """The JSON of a body. Raises TooLarge for what belongs into an upload, CallerError for what is no JSON.

    NaN, infinities and halves of characters, which Python would take, are no JSON either.
    """
    if len(text) > MAX_BODY_BYTES:
        raise TooLarge("body-too-large", "The body has over 4 MB. Send files by POST /api/uploads.")
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise invalid_json() from error
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_body)
handle_errors(app)
for routes in (
    listing,
    bulk,
    dead_letters,
    job_types,
    jobs,
    reports,
    links,
    live,
    uploads,
    projects,
    me,
    datasets,
    analysis,
    tasks,
    service,
    dashboard,
):
    app.include_router(routes.router)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    answer = app.resolve(with_encoded_path(without_forms(event)), context)
    return answer | {"body": ""} if event["requestContext"]["http"]["method"] == "HEAD" else answer


def without_forms(event: dict[str, Any]) -> dict[str, Any]:
    """The event, with a form's content type replaced by one that nobody takes: Powertools would parse the form.

    One route takes forms, and reads them itself: it is more strict.
    """
    headers = event.get("headers") or {}
    if event.get("rawPath") == TAKES_FORMS:
        return event
    if not headers.get("content-type", "").strip().lower().startswith(("multipart/", "application/x-www-form")):
        return event
    return event | {"headers": headers | {"content-type": "application/octet-stream"}}


def with_encoded_path(event: dict[str, Any]) -> dict[str, Any]:
    """The event, with its path as it was sent: HTTP APIs hand it over decoded, and names may hold any letter.

    A slash of a report's name is encoded too, whether it was or not.
    """
    path: str = event["rawPath"]
    report = _REPORT_PATH.fullmatch(path)
    if report is None:
        return event | {"rawPath": quote(path)}
    # What is made of a report is its links; what is read, the file or its preview: a report may be called "links".
    last = {"POST": "/links", "GET": "/preview"}.get(event["requestContext"]["http"]["method"], "")
    name = report[2].removesuffix(last)
    return event | {"rawPath": quote(report[1]) + quote(name, safe="") + report[2][len(name) :]}
