"""Calls of one API with one token: addresses, pages, and how soon to ask again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from urllib3 import Retry
from urllib3.exceptions import InvalidHeader

from jobmill_client.answers import read
from jobmill_client.errors import ApiProblem, Misuse
from jobmill_client.models import JsonObject
from jobmill_client.transport import BearerToken, Transport

PAGE_LIMIT = 200
"""The most jobs that the API gives, or changes, at once."""
POLL_SECONDS = 2.0
"""Between two looks at a job when the API names no Retry-After."""
POLL_LEAST_SECONDS = 0.2
POLL_MOST_SECONDS = 30.0


class Api:
    """The API at `api_url` (no trailing slash needed). Raises ValueError when that is no http(s) URL."""

    def __init__(self, api_url: str, token: str, transport: Transport) -> None:
        parts = urlsplit(api_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not the http(s) URL of an API: {api_url!r}")
        self._base = api_url.rstrip("/")
        self._auth = BearerToken(token.strip())
        self._transport = transport

    def call(
        self,
        method: str,
        path: str,
        body: JsonObject | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> requests.Response:
        """The answer to `path` (from `/api/`), whatever its status."""
        return self._send(method, self._base + path, body=body, headers=headers, repeatable=repeatable)

    def post(
        self, path: str, content: Iterable[bytes], content_type: str, *, headers: Mapping[str, str]
    ) -> requests.Response:
        """The answer to a POST of `content`, which is read again when the request is repeated (`seek`)."""
        return self._send("POST", self._base + path, content=content, headers={"Content-Type": content_type, **headers})

    def pages(self, path: str, query: Mapping[str, str]) -> Iterator[list[JsonObject]]:
        """The arrays at `path` and, as they are asked for, at the addresses of its `Link: rel="next"`.

        The token goes to the API only: a link to another server raises ApiProblem `foreign-link`.
        """
        response = self._send("GET", self._base + path, params=query)
        yield read(response, _array)
        while link := response.links.get("next", {}).get("url"):
            address = urljoin(response.url, link)
            if _origin(address) != _origin(self._base):
                title = "The next page is elsewhere"
                detail = f"The API's next page is on another server ({urlsplit(address).netloc}); not followed."
                raise ApiProblem(response.status_code, "foreign-link", title, detail)
            response = self._send("GET", address)
            yield read(response, _array)

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
        content: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> requests.Response:
        accepts = {"Accept": "application/json, application/problem+json", **(headers or {})}
        request = requests.Request(
            method, url, params=params, json=body, data=content, headers=accepts, auth=self._auth
        )
        return self._transport.send(request, repeatable=repeatable)


def path_part(value: str) -> str:
    """`value` as one part of a path: an id from a user or a file cannot lead to another address.

    Raises Misuse for an empty one or one of dots only, which quoting does not keep from being a path.
    """
    if not value.strip("."):
        raise Misuse(f"{value!r} is neither an id nor a name.")
    return quote(value, safe="")


def pause_seconds(response: requests.Response) -> float:
    """When to look again: Retry-After (seconds or a date) within 0.2 to 30 s, or 2 s without one."""
    said = response.headers.get("Retry-After")
    try:
        seconds = Retry().parse_retry_after(said) if said else POLL_SECONDS
    except InvalidHeader:
        seconds = POLL_SECONDS
    return min(max(seconds, POLL_LEAST_SECONDS), POLL_MOST_SECONDS)


def _array(answer: Any) -> list[JsonObject]:
    if not isinstance(answer, list):
        raise TypeError("not an array")
    return answer


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
