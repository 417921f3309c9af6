"""Every error as a problem document (RFC 9457) with a stable `code`: never a stack trace, never a bare 500."""

import binascii
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel
from pynamodb.exceptions import PynamoDBException

from jobmill.callers import NotSignedIn
from jobmill.errors import (
    CallerError,
    Conflict,
    DependencyError,
    Forbidden,
    Gone,
    JobmillError,
    NotFound,
    TooLarge,
    TooMany,
    Unprocessable,
    UnsupportedKind,
)
from jobmill.json_values import dump_json
from jobmill.log import logger

CONTENT_TYPE = "application/problem+json"
_SECONDS_TO_RETRY = {HTTPStatus.SERVICE_UNAVAILABLE.value: "2", HTTPStatus.TOO_MANY_REQUESTS.value: "5"}
MAX_FIELD_PROBLEMS = 20
MAX_DETAIL_CHARACTERS = 2000


class FieldProblem(BaseModel):
    """What is wrong with one field; `field` is its path, such as `params.where.0.column`."""

    field: str
    message: str


class Problem(BaseModel):
    """An error: `code` is stable, `detail` is a sentence for the user, `errors` names the fields."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


class InvalidRequest(CallerError):
    """Fields are missing, unknown or wrong."""

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        super().__init__("invalid-request", " ".join(f"{each.field}: {each.message}." for each in errors))
        self.errors = list(errors)


class UnsupportedType(CallerError):
    """The body is of a content type that the route does not take."""

    def __init__(self, message: str) -> None:
        super().__init__("unsupported-content-type", message)


_STATUSES: Mapping[type[JobmillError], HTTPStatus] = {
    NotSignedIn: HTTPStatus.UNAUTHORIZED,
    UnsupportedKind: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UnsupportedType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Gone: HTTPStatus.GONE,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
    CallerError: HTTPStatus.BAD_REQUEST,
    DependencyError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def invalid_json() -> CallerError:
    """The error of a body that cannot be read."""
    return CallerError("invalid-json", "The request's body is not valid JSON in UTF-8, or is nested too deep.")


def field_problems(errors: Iterable[Mapping[str, Any]], prefix: tuple[str, ...] = ()) -> list[FieldProblem]:
    """Pydantic's errors, each with the path of its field; places inside a body are named from its root."""
    return [
        FieldProblem(field=cut(".".join((*prefix, *map(str, _path(each["loc"])))) or "body", 200), message=each["msg"])
        for each in errors
    ]


def cut(text: str, characters: int) -> str:
    """The text, or its beginning: answers do not grow with what was sent."""
    return text if len(text) <= characters else text[: characters - 1] + "…"


def problem_of(error: Exception) -> Problem:
    """What a caller may know of an error. Of one that is not the caller's, the log is told the rest."""
    if isinstance(error, JobmillError) and (status := _status_of(error)) is not None:
        errors = [FieldProblem(field=error.field, message=error.message)] if error.field else None
        return _problem(status, error.code, error.message, getattr(error, "errors", errors))
    if isinstance(error, (PynamoDBException, BotoCoreError, ClientError)):
        logger.exception("dependency failed", exc_info=error)
        detail = "A service that we need did not answer. Try again in a moment."
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail)
    logger.exception("request broke", exc_info=error)
    detail = "Something went wrong on our side, and it is in our log."
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)


def handle_errors(app: APIGatewayHttpResolver) -> None:
    """Make the resolver answer every error as a problem."""
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(RequestUnsupportedContentType)(_unsupported)
    app.exception_handler([binascii.Error, UnicodeError])(_unreadable)
    app.exception_handler(NotFoundError)(_no_route)
    app.exception_handler(Exception)(lambda error: _answer(problem_of(error)))


def _status_of(error: JobmillError) -> HTTPStatus | None:
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), None)


def _problem(status: HTTPStatus, code: str, detail: str, errors: list[FieldProblem] | None = None) -> Problem:
    return Problem(
        type=f"urn:jobmill:problem:{code}",
        title=status.phrase,
        status=status.value,
        detail=cut(detail, MAX_DETAIL_CHARACTERS),
        code=code,
        errors=errors,
    )


def _answer(problem: Problem) -> Response[str]:
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if problem.status in _SECONDS_TO_RETRY:
        headers["Retry-After"] = _SECONDS_TO_RETRY[problem.status]
    return Response(
        status_code=problem.status,
        content_type=CONTENT_TYPE,
        headers=headers,
        body=dump_json(problem.model_dump(exclude_none=True)),
    )


def _invalid(error: RequestValidationError) -> Response[str]:
    return _answer(problem_of(InvalidRequest(field_problems(error.errors()[:MAX_FIELD_PROBLEMS]))))


def _unreadable(error: Exception) -> Response[str]:
    logger.info("unreadable body", error=type(error).__name__)
    return _answer(problem_of(invalid_json()))


def _unsupported(_: RequestUnsupportedContentType) -> Response[str]:
    return _answer(problem_of(UnsupportedType("Send the body as JSON, with Content-Type: application/json.")))


def _no_route(_: NotFoundError) -> Response[str]:
    return _answer(_problem(HTTPStatus.NOT_FOUND, "route-not-found", "There is nothing at this address and method."))


def _path(location: Sequence[int | str]) -> Sequence[int | str]:
    """The path of a field from the root of the body, or its name among the parameters."""
    if not location:
        return location
    if location[0] == "body":
        return location[1:]
    return location[-1:] if location[0] in ("query", "path", "header") else location
