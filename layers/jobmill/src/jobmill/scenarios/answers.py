"""What is expected of an HTTP answer, and what came."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from jobmill.errors import CallerError
from jobmill.json_values import Json
from jobmill.scenarios.comparisons import holds, shown
from jobmill.tables.filters import Comparison

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


@dataclass(frozen=True, slots=True)
class ValueExpectation:
    """The value that the JSON pointer (RFC 6901) leads to stands in `op` to `value`."""

    pointer: str
    op: Comparison
    value: Json


@dataclass(frozen=True, slots=True)
class AnswerExpectation:
    """What an answer must have; names of headers count in neither upper nor lower case."""

    status: int | None
    headers: Mapping[str, str]
    values: Sequence[ValueExpectation]


@dataclass(frozen=True, slots=True)
class Finding:
    """One expectation and what came instead of it, or as it; `message` is empty where it is met."""

    expected: str
    actual: str
    message: str = ""


def findings(expected: AnswerExpectation, status: int, headers: Mapping[str, str], content: bytes) -> list[Finding]:
    """One finding for each expectation, in their order. `headers` finds names in any case."""
    found = [_of_status(expected.status, status)] if expected.status is not None else []
    found += [_of_header(name, value, headers.get(name)) for name, value in expected.headers.items()]
    return [*found, *_of_values(expected.values, content)]


def is_pointer(text: str) -> bool:
    """Whether the text is a JSON pointer: empty for the whole, or each part behind a slash."""
    return (text == "" or text.startswith("/")) and not _BAD_ESCAPE.search(text)


def value_at(document: Json, pointer: str) -> Json:
    """What the pointer leads to. Raises CallerError `no-such-value`."""
    value = document
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        match value:
            case dict() if key in value:
                value = value[key]
            case list() if _INDEX.fullmatch(key) and int(key) < len(value):
                value = value[int(key)]
            case _:
                raise CallerError("no-such-value", f"The answer has nothing at {pointer}.")
    return value


def _of_status(expected: int, actual: int) -> Finding:
    message = "" if actual == expected else f"The status is {actual}, not {expected}."
    return Finding(f"status = {expected}", f"status {actual}", message)


def _of_header(name: str, expected: str, actual: str | None) -> Finding:
    wanted = f"{name} = {shown(expected)}"
    if actual is None:
        return Finding(wanted, f"no {name}", f"The answer has no header {name}.")
    message = "" if actual == expected else f"The header {name} is {shown(actual)}, not {shown(expected)}."
    return Finding(wanted, f"{name} {shown(actual)}", message)


def _of_values(expected: Sequence[ValueExpectation], content: bytes) -> Iterator[Finding]:
    if not expected:
        return
    try:
        document = _parsed(content)
    except CallerError as error:
        yield from (Finding(_wanted(each), "no JSON", error.message) for each in expected)
        return
    yield from (_of_value(each, document) for each in expected)


def _of_value(expected: ValueExpectation, document: Json) -> Finding:
    wanted = _wanted(expected)
    try:
        actual = value_at(document, expected.pointer)
    except CallerError as error:
        return Finding(wanted, f"nothing at {expected.pointer}", error.message)
    place = expected.pointer or "the whole"
    came = f"{place} {shown(actual)}"
    try:
        is_met = holds(expected.op, actual, expected.value)
    except CallerError as error:
        return Finding(wanted, came, error.message)
    return Finding(wanted, came, "" if is_met else f"{came} is not {expected.op} {shown(expected.value)}.")


def _wanted(expected: ValueExpectation) -> str:
    return f"{expected.pointer or 'the whole'} {expected.op} {shown(expected.value)}"


def _parsed(content: bytes) -> Json:
    try:
        document: Json = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise CallerError("not-json", "The answer is not valid JSON in UTF-8, or is nested too deep.") from error
    return document


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
