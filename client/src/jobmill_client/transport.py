"""HTTP with the manners the client needs: retries, no surprises from the environment, one kind of error.

Redirects are never followed here: requests keeps the Authorization header when only the path changes, and
on the local stack API and file store share host and port; S3 refuses a request with two signatures.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3 import Retry

from jobmill_client.errors import JobmillError, Unreachable

CONNECT_SECONDS = 5.0
RETRIES = 4
"""Repeats after the first try; a refused connection or a broken answer is repeated at most twice."""
BACKOFF_SECONDS = 0.3
"""Waits of 0, 0.6, 1.2, 2.4 s (and up to 0.2 s of jitter), unless the server names another."""
RETRY_AFTER_LIMIT_SECONDS = 30
BUSY = frozenset({429, 500, 502, 503, 504})


class BearerToken(AuthBase):
    """Sends the token. As an auth object, not a header: else requests replaces it from a ~/.netrc.

    Raises ValueError for what cannot stand in the header.
    """

    def __init__(self, token: str) -> None:
        if not re.fullmatch(r"[!-~]+", token):
            raise ValueError("the token is empty, or not one line of ASCII")
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class NoAuthorization(AuthBase):
    """Sends none, not even one from a ~/.netrc: a presigned URL carries its own signature."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Take any authorization out of the request."""
        request.headers.pop("Authorization", None)
        return request


def is_loopback(url: str) -> bool:
    """Whether `url` names this computer by `localhost` or a loopback address."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _session(retry: Retry) -> requests.Session:
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


class Transport:
    """Sends requests without following redirects; connections are kept and reused.

    `timeout` is in seconds between two signs of life of the server, not for the whole exchange.
    """

    def __init__(self, timeout: float, retries: int = RETRIES) -> None:
        self._timeout = timeout
        patient = Retry(
            total=retries,
            connect=min(retries, 2),
            read=min(retries, 2),
            backoff_factor=BACKOFF_SECONDS,
            backoff_jitter=0.2,
            retry_after_max=RETRY_AFTER_LIMIT_SECONDS,
            status_forcelist=BUSY,
            allowed_methods=None,
            raise_on_status=False,
        )
        self._repeating = _session(patient)
        # A request that must not be done twice is repeated only when it was surely not done.
        self._cautious = _session(patient.new(read=False, other=0, status_forcelist={429}))

    def send(
        self,
        request: requests.Request,
        *,
        repeatable: bool,
        stream: bool = False,
        timeout: float | None = None,
    ) -> requests.Response:
        """The answer, whatever its status. `repeatable`: doing it twice is as good as once.

        The environment's proxies and certificates hold, but this computer is never asked through a proxy.
        Raises Unreachable when there is no answer.
        """
        session = self._repeating if repeatable else self._cautious
        with network_errors(request.url):
            prepared = session.prepare_request(request)
            settings = session.merge_environment_settings(prepared.url or "", {}, stream, None, None)
            if is_loopback(request.url):
                settings["proxies"] = {}
            limits = (CONNECT_SECONDS, timeout or self._timeout)
            return session.send(prepared, timeout=limits, allow_redirects=False, **settings)

    def close(self) -> None:
        """Close the kept connections."""
        self._repeating.close()
        self._cautious.close()


@contextmanager
def network_errors(url: str) -> Iterator[None]:
    """Turn what requests raises into Unreachable, naming the server but never the URL's (signed) query."""
    try:
        yield
    except requests.RequestException as error:
        server = f"{urlsplit(url).scheme}://{urlsplit(url).netloc.rpartition('@')[2]}"
        if isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError):
            raise Unreachable(f"{server} does not answer: {_reason(error)}.") from error
        raise JobmillError(f"A request to {server} could not be made: {type(error).__name__}.") from error


def _reason(error: BaseException) -> str:
    """A few words for the innermost cause that has some."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate could not be verified"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused or failed"
    if isinstance(error, requests.Timeout):
        return "it took too long"
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
    return "the connection broke off"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies under it; urllib3 keeps causes in `reason` and in arguments as well."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or any(cause is known for known in seen):
            continue
        seen.append(cause)
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__context__, cause.__cause__]
        yield cause
