"""The dashboard: its page, and the files that the page loads. Anyone may have them; what they show needs a token."""

import base64
import re
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from jobmill.errors import NotFound
from jobs_api.dashboard_files import DashboardFile, asset, page
from jobs_api.dashboard_policy import content_security_policy
from jobs_api.pages import problem_page, wants_page
from jobs_api.problems import problem_of
from jobs_api.responses import knows

router = Router()
FOR_A_YEAR = "public, max-age=31536000, immutable"
"""Of files whose names change with their content."""
ALWAYS_ASK = "no-cache"

type Headers = dict[str, str | list[str]]


@router.route("/", method=["GET", "HEAD"], include_in_schema=False)
def index() -> Response[Any]:
    """Give the page. It names its files relatively, so its address ends with a slash, whatever stands before that."""
    return _page()


@router.route("/index.html", method=["GET", "HEAD"], include_in_schema=False)
def index_by_name() -> Response[Any]:
    """Give the same page."""
    return _page()


@router.route("/assets/<name>", method=["GET", "HEAD"], include_in_schema=False)
def file(name: str) -> Response[Any]:
    """Give a file of the page's."""
    try:
        return _answer(asset(name), {"Cache-Control": FOR_A_YEAR})
    except NotFound as error:
        return _not_found(error)


def _page() -> Response[Any]:
    try:
        found = page()
    except NotFound as error:
        return _not_found(error)
    headers: Headers = {
        "Cache-Control": ALWAYS_ASK,
        "Content-Security-Policy": content_security_policy(),
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return _answer(found, headers)


def _answer(found: DashboardFile, headers: Headers) -> Response[Any]:
    asked = router.current_event.headers
    headers |= {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
    is_packed = found.packed is not None and takes_gzip(asked.get("accept-encoding"))
    headers["ETag"] = tag = found.packed_tag if is_packed else found.tag
    if knows(asked.get("if-none-match"), tag):
        return Response(
            status_code=HTTPStatus.NOT_MODIFIED.value, content_type=found.media_type, headers=headers, body=""
        )
    if is_packed:
        headers["Content-Encoding"] = "gzip"
    body = found.packed if is_packed and found.packed is not None else found.content
    answer: Response[Any] = Response(
        status_code=HTTPStatus.OK.value,
        content_type=found.media_type,
        headers=headers,
        body=base64.b64encode(body).decode(),
    )
    answer.base64_encoded = True  # said so by ourselves: of bytes, Powertools would check that they are UTF-8
    return answer


def takes_gzip(accepted: str | None) -> bool:
    """Whether the header Accept-Encoding lets an answer be packed by gzip (RFC 9110, 12.5.3)."""
    weights: dict[str, bool] = {}
    for part in (accepted or "").lower().split(","):
        coding, _, parameters = part.partition(";")
        weights[coding.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", parameters)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", False)))


def _not_found(error: NotFound) -> Response[str]:
    if wants_page(router.current_event.headers.get("accept")):
        return problem_page(problem_of(error))
    raise error
