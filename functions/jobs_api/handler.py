"""HTTP API → routes. Every error leaves as a problem document."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.errors import TooLarge
from jobmill.log import logger
from jobs_api.problems import handle_errors, invalid_json
from jobs_api.routes import bulk, datasets, dead_letters, jobs, listing, projects, reports, service, uploads

MAX_BODY_BYTES = 4_000_000
"""Lambda takes 6 MB with base64 counted, which is 4.5 MB of content."""


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
for routes in (listing, bulk, dead_letters, jobs, reports, uploads, projects, datasets, service):
    app.include_router(routes.router)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(without_forms(event), context)


def without_forms(event: dict[str, Any]) -> dict[str, Any]:
    """The event, with a form's content type replaced by one that nobody takes: Powertools would parse the form."""
    headers = event.get("headers") or {}
    if not headers.get("content-type", "").strip().lower().startswith(("multipart/", "application/x-www-form")):
        return event
    return event | {"headers": headers | {"content-type": "application/octet-stream"}}
