"""What anyone may ask, without a token: is it up, and what can it do."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.settings import settings
from jobs_api.responses import documented

router = Router()


@router.get(
    "/api/health",
    summary="Is the API up?",
    tags=["Service"],
    security=[],
    responses=documented(HTTPStatus.OK, "It is"),
)
def health() -> Response[str]:
    """Answer without touching anything else."""
    return Response(status_code=HTTPStatus.OK.value, content_type="application/json", body='{"status":"ok"}')


@router.get(
    "/api/openapi.json",
    summary="The API's description",
    tags=["Service"],
    security=[],
    responses=documented(HTTPStatus.OK, "OpenAPI 3.1"),
)
def openapi() -> Response[str]:
    """Give the OpenAPI document, with this deployment's address in it."""
    from jobs_api.handler import openapi_document  # noqa: PLC0415 - the document is of all routes, this one too

    body = openapi_document(settings().public_url)
    return Response(status_code=HTTPStatus.OK.value, content_type="application/json", body=body)
