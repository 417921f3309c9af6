"""Responses: a view as JSON, and how the API's document describes it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import BaseModel

from jobmill.json_values import dump_json
from jobmill.settings import settings
from jobs_api.problems import CONTENT_TYPE, Problem

_PROBLEM_STATUSES = (400, 401, 403, 404, 409, 410, 413, 422, 429, 500, 503)


def json_response(
    view: BaseModel | Sequence[BaseModel],
    status: HTTPStatus = HTTPStatus.OK,
    *,
    headers: dict[str, str | list[str]] | None = None,
    keep_nulls: bool = False,
) -> Response[str]:
    """A view, or a list of them, in the API's JSON; fields without a value are left out unless `keep_nulls`."""
    views = [view] if isinstance(view, BaseModel) else view
    contents = [_content(each, keep_nulls) for each in views]
    return Response(
        status_code=status.value,
        content_type="application/json",
        headers={"Cache-Control": "private, no-cache"} | (headers or {}),
        body=dump_json(contents[0] if isinstance(view, BaseModel) else contents),
    )


def tagged_response(
    view: BaseModel, known: str | None, *, headers: dict[str, str | list[str]] | None = None
) -> Response[str]:
    """A view as `json_response` gives it, with an ETag; 304 without it if the caller knows it (If-None-Match)."""
    response = json_response(view, headers=headers)
    tag = f'"{hashlib.sha256(str(response.body).encode()).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    if knows(known, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED.value, headers=response.headers, body="")
    return response


def knows(known: str | None, tag: str) -> bool:
    """Whether the header If-None-Match names this ETag."""
    return known is not None and (known.strip() == "*" or tag in re.findall(r'"[^"]*"', known))


def job_url(job_id: str) -> str:
    """Where the API has this job."""
    return f"{settings().public_url}/api/jobs/{job_id}"


def next_link(path: str, query: Mapping[str, object]) -> dict[str, str | list[str]]:
    """The header that leads to a list's next page, at the same `path`."""
    return {"Link": f'<{settings().public_url}{path}?{urlencode(query)}>; rel="next"'}


def retry_after() -> dict[str, str | list[str]]:
    """When to ask again for something that is under way."""
    return {"Retry-After": str(int(settings().retry_after.total_seconds()))}


def documented(status: HTTPStatus, description: str, model: Any = None) -> dict[int, OpenAPIResponse]:
    """The response of this status, and the problem that any route may answer, for the API's document."""
    success: OpenAPIResponse = {"description": description}
    if model is not None:
        success["content"] = {"application/json": {"model": model}}
    problem: OpenAPIResponse = {"description": "A problem", "content": {CONTENT_TYPE: {"model": Problem}}}
    return {status.value: success, **dict.fromkeys(_PROBLEM_STATUSES, problem)}


def _content(view: BaseModel, keep_nulls: bool) -> Any:
    content = view.model_dump(mode="json", by_alias=True)
    return content if keep_nulls else {name: value for name, value in content.items() if value is not None}
