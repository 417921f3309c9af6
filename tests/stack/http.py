"""Calls of the API's handler, as the HTTP API makes them: the golden event with another request in it."""

import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from jobs_api.handler import handler

EVENT = json.loads((Path(__file__).parents[2] / "events" / "http_api.json").read_text())
TOKEN_SECONDS = 3600
GROUPS = {
    "demo": "[demo:writer]",
    "viewer": "[demo:reader]",
    "other": "[other:writer]",
    "both": "[demo:writer other:reader]",
    "admin": "[admin]",
    "system-writer": "[system:writer]",
    "system-reader": "[system:reader]",
    "nobody": None,
}


class LambdaContext:
    """What Powertools' logger reads of a Lambda context."""

    function_name = "jobs_api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:jobs_api"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


@dataclass(frozen=True)
class Answer:
    """A response; `body` is its JSON."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


def call(
    method: str,
    path: str,
    body: object = None,
    *,
    user: str | None = "demo",
    headers: dict[str, str] | None = None,
    raw_body: str | None = None,
    base64_body: bool = False,
) -> Answer:
    """One request of `user`; None for one without a token."""
    event = copy.deepcopy(EVENT)
    parts = urlsplit(path)
    # HTTP APIs decode the path, though its name says otherwise.
    event["rawPath"] = event["requestContext"]["http"]["path"] = unquote(parts.path)
    event["rawQueryString"] = parts.query
    event["queryStringParameters"] = dict(parse_qsl(parts.query, keep_blank_values=True))
    event["requestContext"]["http"]["method"] = method
    event["headers"] |= {name.lower(): value for name, value in (headers or {}).items()}
    if raw_body is not None or body is not None:
        event["body"] = raw_body if raw_body is not None else json.dumps(body)
        event["isBase64Encoded"] = base64_body
    if user is None:
        del event["requestContext"]["authorizer"]
    else:
        claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
        claims |= {"sub": f"id-of-{user}", "name": user.title(), "cognito:groups": GROUPS[user]}
        claims["exp"] = str(int(time.time()) + TOKEN_SECONDS)
        if GROUPS[user] is None:
            del claims["cognito:groups"]
    response = handler(event, LambdaContext())
    headers = {name.lower(): value for name, value in response["headers"].items()}
    return Answer(response["statusCode"], headers, response.get("body") or "")
