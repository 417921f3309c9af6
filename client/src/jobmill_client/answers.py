"""Reading answers: good ones into values, every other one into an ApiProblem with a sentence."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests

from jobmill_client.errors import ApiProblem, FieldError, NotAuthorized

FOREIGN_MESSAGE_CHARACTERS = 500
"""A foreign server's message is cut to this, so that a page never becomes a sentence."""


def read[T](response: requests.Response, build: Callable[[Any], T]) -> T:
    """What `build` makes of the answer's JSON. Raises ApiProblem for an error or an unreadable body."""
    if not response.ok or response.is_redirect:
        raise problem(response)
    try:
        return build(response.json())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"The answer ({_media_type(response) or 'no media type'}) is not what Jobmill's API gives."
        raise ApiProblem(response.status_code, "unreadable-answer", "The answer could not be read", detail) from error


def problem(response: requests.Response) -> ApiProblem:
    """The error that `response` is: problem+json, the gateway's `{"message"}`, S3's XML, or a page."""
    body = _json_object(response)
    if body is not None and ("code" in body or "title" in body or "detail" in body):
        return _of_problem_json(response.status_code, body)
    if body is not None and (message := body.get("message") or body.get("Message")):
        return _made(response.status_code, "", str(message)[:FOREIGN_MESSAGE_CHARACTERS])
    if (code := _element(response, "Code")) is not None:
        title = _phrase(response.status_code)
        detail = f"The file store refused: {_element(response, 'Message') or code}"
        return ApiProblem(response.status_code, code, title, detail)
    if response.is_redirect:
        target = response.headers["Location"].partition("?")[0]
        return _made(response.status_code, "", f"The address redirects to {target}; is the URL the API's own?")
    detail = f"HTTP {response.status_code} {_phrase(response.status_code)}, in words that are not the API's"
    return _made(response.status_code, "", f"{detail} ({_media_type(response) or 'an empty answer'}).")


def _of_problem_json(status: int, body: dict[str, Any]) -> ApiProblem:
    listed = body.get("errors")
    errors = tuple(
        FieldError(str(entry.get("field", "")), str(entry.get("message", "")))
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict)
    )
    title = str(body.get("title") or _phrase(status))
    return _made(status, str(body.get("code") or ""), str(body.get("detail") or ""), title, errors)


def _made(status: int, code: str, detail: str, title: str = "", errors: tuple[FieldError, ...] = ()) -> ApiProblem:
    kind = NotAuthorized if status in (401, 403) else ApiProblem
    phrase = _phrase(status)
    return kind(status, code or phrase.lower().replace(" ", "-"), title or phrase, detail, errors)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP {status}"


def _json_object(response: requests.Response) -> dict[str, Any] | None:
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _element(response: requests.Response, name: str) -> str | None:
    """The text of S3's `<Code>` or `<Message>`: a flat document, so no XML parser and none of its attacks."""
    if "xml" not in _media_type(response) or "<Error>" not in response.text:
        return None
    found = re.search(rf"<{name}>([^<]*)</{name}>", response.text)
    return html.unescape(found[1])[:FOREIGN_MESSAGE_CHARACTERS] if found else None


def _media_type(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
