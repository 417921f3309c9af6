"""HTTP API → routes. Every error leaves as a problem document."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.errors import TooLarge
from jobmill.log import logger
from jobs_api.problems import handle_errors
from jobs_api.routes import jobs, listing, projects, reports, service, uploads

MAX_BODY_BYTES = 4_000_000
"""Lambda takes 6 MB with base64 counted, which is 4.5 MB of content."""


def parse_body(text: str) -> Any:
    """The JSON of a body. Raises TooLarge for what belongs into an upload, ValueError for what is no JSON."""
    if len(text) > MAX_BODY_BYTES:
        raise TooLarge("body-too-large", "The body has over 4 MB. Send files by POST /api/uploads.")
    return json.loads(text)


app = APIGatewayHttpResolver(enable_validation=True, json_body_deserializer=parse_body)
handle_errors(app)
for routes in (listing, jobs, reports, uploads, projects, service):
    app.include_router(routes.router)


def openapi_document(url: str | None = None) -> str:
    """The API's description as JSON text; `url` is the deployment's address, if it is to be in it."""
    return app.get_openapi_json_schema(
        title="Jobmill",
        version="1",
        openapi_version="3.1.0",
        description="Background jobs and reports. Errors are problem documents (RFC 9457) with a stable `code`.",
        servers=[Server(url=url)] if url else None,
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
    )


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)
