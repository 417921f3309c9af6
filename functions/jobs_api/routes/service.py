"""What anyone may ask, without a token: is it up, and what can it do."""

from http import HTTPStatus
from typing import cast

from aws_lambda_powertools.event_handler import ApiGatewayResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.announcements.event import events_schema
from jobmill.settings import settings
from jobs_api.openapi import openapi_document
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
    body = openapi_document(cast("ApiGatewayResolver", router.api_resolver), settings().public_url)
    return Response(status_code=HTTPStatus.OK.value, content_type="application/json", body=body)


@router.get(
    "/api/events.schema.json",
    summary="The schema of the events on the bus",
    tags=["Service"],
    security=[],
    responses=documented(HTTPStatus.OK, "JSON Schema 2020-12"),
)
def events() -> Response[str]:
    """Give the JSON Schema of a job's events, to which their `dataschema` points."""
    return Response(status_code=HTTPStatus.OK.value, content_type="application/schema+json", body=events_schema())
