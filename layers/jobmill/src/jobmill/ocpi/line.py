"""Guarded GET requests to one party, asked again with growing pauses while the party is out of order."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urljoin

from jobmill.addresses import Address
from jobmill.errors import CallerError, DependencyError
from jobmill.fetching import Answer, Fetch, Limits, Lookup, Question, public_addresses, whole
from jobmill.hosts import AllowedHosts, Target, parse_url
from jobmill.ocpi.exact_json import read_json
from jobmill.times import now_utc

HOSTS_PARAMETER: Final = "PrivatePeerHosts"
"""Where an operator lists the hosts that are asked over http, or at private addresses: a parameter of the template."""
TRIES: Final = 6
REQUEST_SECONDS: Final = 60
ANSWER_BYTES: Final = 16 << 20
MAX_PAUSE_SECONDS: Final = 120
MAX_SECONDS: Final = 300
"""After which a page is not asked for again: a worker lives for 15 minutes, and keeps what it has between pages."""
_PAUSE_STEP_SECONDS: Final = 1
_RETRIED: Final = frozenset(("no-connection", "timed-out", "broken-answer", "host-not-found"))
_RETRIED_STATUSES: Final = frozenset((408, 429))
_SAFE_LINK: Final = re.compile(r"[\x21-\x5b\x5d-\x7e]+")
# RFC 8288. Not by requests, which cuts a URL at its first semicolon.
_LINK: Final = re.compile(r"<([^<>]*)>([^<>]*)")
_REL: Final = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)
_SECONDS: Final = re.compile(r"[0-9]{1,9}")

type Wait = Callable[[float], None]
"""Lets so many seconds pass, about a second at most at a time; may raise what ends the work."""
type OnStop = Callable[[Callable[[], None]], None]
"""Takes what is to be called, from another thread, when the work must stop."""


class OutOfOrder(Exception):
    """The party cannot answer now: a sentence, and after how many seconds it wants to be asked again, if it says so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


def peer_addresses(hosts: AllowedHosts) -> Lookup:
    """The lookup for peers: anybody over https at public addresses, over http only those of the list.

    An entry of the list that names an address is asked there, and only there. Raises as `public_addresses`, and
    Unprocessable `host-not-allowed`.
    """

    def look_up(target: Target) -> Sequence[Address]:
        entries = [entry for entry in hosts.entries if entry.allows(target)]
        if target.scheme != "https" and not entries:
            hosts.find(target)
        return [entry.address for entry in entries if entry.address is not None] or public_addresses(target)

    return look_up


class Line:
    """The way to one party. Requests go one after the other."""

    def __init__(
        self,
        name: str,
        hosts: AllowedHosts,
        wait: Wait,
        on_stop: OnStop,
        *,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self.name = name
        self._look_up = peer_addresses(hosts)
        self._wait = wait
        self._jitter = jitter
        self._now = now
        self._fetch: Fetch[Answer] | None = None
        self._is_stopped = threading.Event()
        on_stop(self.stop)

    def stop(self) -> None:
        """End the request under way, and the pause; none follows. From any thread; safe to repeat."""
        self._is_stopped.set()
        if self._fetch is not None:
            self._fetch.stop()

    def get[T](self, url: str, headers: Callable[[], Mapping[str, str]], read: Callable[[Answer], T]) -> T:
        """What `read` makes of the answer, which has a status of 2xx; it may raise OutOfOrder.

        Up to 6 tries with `headers` made anew. Before try n + 1 comes a pause: as long as the party wants by its
        Retry-After, or a random part of 2^n seconds; never more than 120 seconds. Source: "full jitter" of Amazon's
        Builders' Library, Timeouts, retries and backoff with jitter.

        Raises DependencyError `peer-unavailable` after the last try; CallerError `peer-refused-token`,
        `peer-answer-broken`, `request-stopped`, and what Fetch raises that time does not mend.
        """
        target, begun = parse_url(url), time.monotonic()
        for number in range(1, TRIES + 1):
            try:
                return read(self._answer(target, headers()))
            except OutOfOrder as problem:
                if number == TRIES or time.monotonic() - begun > MAX_SECONDS:
                    raise DependencyError(
                        "peer-unavailable", f"{self.name} was asked {number} times. The last time: {problem.message}"
                    ) from problem
                wanted = problem.retry_after
                self._pause(2.0**number * self._jitter() if wanted is None else wanted)
        raise AssertionError

    def broken(self, what: str) -> CallerError:
        """The error for an answer that is not what the protocol says; `what` follows the party's name."""
        return CallerError("peer-answer-broken", f"{self.name} {what}")

    def json(self, answer: Answer) -> Any:
        """The answer's JSON value, numbers exact. Raises OutOfOrder: what was cut on its way is whole the next time."""
        try:
            return read_json(answer.content)
        except ValueError as error:
            raise OutOfOrder(f"{self.name} answers with what is no JSON.") from error

    def next_url(self, asked: str, answer: Answer) -> str | None:
        """The answer's `Link` of `rel="next"`, made whole with the URL that was asked, and else as it came.

        Raises CallerError `peer-link-elsewhere` if it leads to another scheme, host or port, where the token must not
        go; `peer-answer-broken` if it is no plain URL.
        """
        links: list[tuple[str, str]] = _LINK.findall(answer.headers.get("link", ""))
        given = next((url for url, parameters in links if "next" in _relations(parameters)), None)
        if given is None:
            return None
        target = self._target(asked, given)
        origin = parse_url(asked)
        if (target.scheme, target.host, target.port) != (origin.scheme, origin.host, origin.port):
            raise CallerError(
                "peer-link-elsewhere",
                f"{self.name} links from {origin.scheme}://{origin.authority} to {target.scheme}://{target.authority},"
                " where its token must not go. Ask it for links to the host of its own URL.",
            )
        return urljoin(asked, given)

    def _target(self, asked: str, given: str) -> Target:
        bad = self.broken("gives a link to the next page that is no plain URL.")
        if not _SAFE_LINK.fullmatch(given):
            raise bad
        try:
            return parse_url(urljoin(asked, given))
        except (CallerError, ValueError) as error:
            raise bad from error

    def _answer(self, target: Target, headers: Mapping[str, str]) -> Answer:
        limits = Limits(REQUEST_SECONDS, ANSWER_BYTES)
        self._fetch = Fetch(Question("GET", target, headers), self._look_up, limits, whole)
        self._check_stopped()
        try:
            answer = self._fetch.run()
        except CallerError as error:
            if error.code in _RETRIED and not self._is_stopped.is_set():
                raise OutOfOrder(error.message) from error
            self._check_stopped()
            raise
        self._judge(target, answer)
        return answer

    def _judge(self, target: Target, answer: Answer) -> None:
        """Raise what the status says, unless it is 2xx."""
        status = answer.status
        if status in _RETRIED_STATUSES or status >= 500:
            raise OutOfOrder(f"{target.place} answers with status {status}.", self._retry_after(answer))
        if status in (401, 403):
            raise CallerError(
                "peer-refused-token",
                f"{self.name} refuses the token (status {status}). Check the token and encodeToken of this peer.",
            )
        if 300 <= status < 400:
            raise self.broken(f"redirects (status {status}), which is not followed. Give the URL that it redirects to.")
        if not 200 <= status < 300:
            raise self.broken(f"answers {target.place} with status {status}. Check the URL of this peer.")

    def _retry_after(self, answer: Answer) -> float | None:
        """Seconds, of both forms that RFC 9110, 10.2.3 has."""
        text = answer.headers.get("retry-after", "").strip()
        if _SECONDS.fullmatch(text):
            return float(text)
        with suppress(ValueError):
            at = parsedate_to_datetime(text)
            return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - self._now()).total_seconds())
        return None

    def _pause(self, seconds: float) -> None:
        left = min(seconds, MAX_PAUSE_SECONDS)
        while left > 0:
            self._check_stopped()
            self._wait(min(left, _PAUSE_STEP_SECONDS))
            left -= _PAUSE_STEP_SECONDS
        self._check_stopped()

    def _check_stopped(self) -> None:
        if self._is_stopped.is_set():
            raise CallerError("request-stopped", f"The requests to {self.name} were stopped.")


def _relations(parameters: str) -> list[str]:
    found = _REL.search(parameters)
    return (found[1] or found[2] or "").lower().split() if found else []
