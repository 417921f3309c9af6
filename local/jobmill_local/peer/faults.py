"""What goes wrong between a collector and a peer: which faults meet a request, and what they make of its answer."""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum
from random import Random

MAX_FAILURES_IN_A_ROW = 3
"""So many requests to a route fail by chance before one does not: a collector that tries more often gets through."""


class Fault(StrEnum):
    """What happens to a request."""

    TOO_MANY_REQUESTS = "too-many-requests"
    """429, with the seconds to wait in Retry-After."""
    TOO_MANY_REQUESTS_UNTIL = "too-many-requests-until"
    """429, with a date in Retry-After."""
    SERVER_ERROR = "server-error"
    UNAVAILABLE = "unavailable"
    """503, without Retry-After."""
    UNAUTHORIZED = "unauthorized"
    """401, whatever the token."""
    OCPI_CLIENT_ERROR = "ocpi-client-error"
    """200, and 2001 in the body."""
    OCPI_SERVER_ERROR = "ocpi-server-error"
    """200, and 3000 in the body."""
    BROKEN_JSON = "broken-json"
    """The body, whole by its length, ends in the middle of its JSON."""
    CUT_OFF = "cut-off"
    """The connection ends in the middle of the body."""
    SLOW = "slow"
    NO_LINK = "no-link"
    LINK_ELSEWHERE = "link-elsewhere"
    """The link has another host's name, which leads here, too: who follows it is seen."""
    NO_TOTAL = "no-total"
    TOTAL_TOO_HIGH = "total-too-high"
    """By 10."""
    TOTAL_TOO_LOW = "total-too-low"
    """By half."""
    TOTAL_RANDOM = "total-random"
    MOVING = "moving"
    """After a page but the last, one to three objects of the window are updated, one of this page among them."""
    TICKING = "ticking"
    """After the answer, the world goes on by a change."""


@dataclass(frozen=True)
class Faults:
    """How often each fault meets a request: 1 for always, less for by chance."""

    rates: Mapping[Fault, float] = field(default_factory=dict)
    slow_seconds: float = 0.2
    retry_after_seconds: int = 1


@dataclass(frozen=True)
class Answer:
    """An answer; `sent` is how much of the body is, if not all."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: int | None = None


class Chance:
    """Chooses faults; the same seed and, for each route, the same number of requests give the same faults."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice: dict[str, Random] = {}
        self._failures: Counter[str] = Counter()
        self._ordered: deque[Fault] = deque()
        self._lock = threading.Lock()

    def order(self, fault: Fault, times: int) -> None:
        """Let this fault, and no other, meet each of the next requests, of whatever route."""
        with self._lock:
            self._ordered.extend([fault] * times)

    def choose(self, route: str, rates: Mapping[Fault, float]) -> frozenset[Fault]:
        """The faults that meet a request; one failure at the most."""
        with self._lock:
            if self._ordered:
                return frozenset({self._ordered.popleft()})
            dice = self.dice(route)
            met = [fault for fault, rate in rates.items() if dice.random() < rate]
            is_spared = self._failures[route] >= MAX_FAILURES_IN_A_ROW
            failures = [fault for fault in met if fault in FAILURES and not (is_spared and rates[fault] < 1)]
            self._failures[route] = self._failures[route] + 1 if failures else 0
            return frozenset([*failures[:1], *(fault for fault in met if fault not in FAILURES)])

    def dice(self, route: str) -> Random:
        """The route's own dice."""
        return self._dice.setdefault(route, Random(f"faults of {self._seed} on {route}"))  # noqa: S311 - no secret


def bend(answer: Answer, met: frozenset[Fault], faults: Faults, dice: Random) -> Answer:
    """What the faults make of a good answer."""
    for fault in met & _REFUSALS.keys():
        return _refusal(fault, faults)
    half = len(answer.body) // 2
    return Answer(
        answer.status,
        _bent_headers(dict(answer.headers), met, dice),
        answer.body[:half] if Fault.BROKEN_JSON in met else answer.body,
        half if Fault.CUT_OFF in met else None,
    )


_REFUSALS: Mapping[Fault, tuple[int, int, str]] = {
    Fault.TOO_MANY_REQUESTS: (429, 2000, "Too many requests"),
    Fault.TOO_MANY_REQUESTS_UNTIL: (429, 2000, "Too many requests"),
    Fault.SERVER_ERROR: (500, 3000, "Out of order"),
    Fault.UNAVAILABLE: (503, 3000, "Come back later"),
    Fault.UNAUTHORIZED: (401, 2001, "Unknown token"),
    Fault.OCPI_CLIENT_ERROR: (200, 2001, "Wrong parameters"),
    Fault.OCPI_SERVER_ERROR: (200, 3000, "Out of order"),
}
"""The status of HTTP, the one of OCPI, and its message."""
FAILURES = frozenset({*_REFUSALS, Fault.BROKEN_JSON, Fault.CUT_OFF})
"""The faults that leave a request without a page."""


def _refusal(fault: Fault, faults: Faults) -> Answer:
    status, code, message = _REFUSALS[fault]
    wait = {
        Fault.TOO_MANY_REQUESTS: str(faults.retry_after_seconds),
        Fault.TOO_MANY_REQUESTS_UNTIL: formatdate(time.time() + faults.retry_after_seconds, usegmt=True),
    }.get(fault)
    body = {"status_code": code, "status_message": message, "timestamp": "2026-01-01T00:00:00Z"}
    return Answer(status, {"Retry-After": wait} if wait else {}, json.dumps(body).encode())


def _bent_headers(headers: dict[str, str], met: frozenset[Fault], dice: Random) -> dict[str, str]:
    for fault, name in ((Fault.NO_LINK, "Link"), (Fault.NO_TOTAL, "X-Total-Count")):
        if fault in met:
            headers.pop(name, None)
    if Fault.LINK_ELSEWHERE in met and "Link" in headers:
        headers["Link"] = headers["Link"].replace("//127.0.0.1", "//localhost")
    if "X-Total-Count" in headers:
        headers["X-Total-Count"] = str(_bent_total(int(headers["X-Total-Count"]), met, dice))
    return headers


def _bent_total(total: int, met: frozenset[Fault], dice: Random) -> int:
    if Fault.TOTAL_TOO_HIGH in met:
        return total + 10
    if Fault.TOTAL_TOO_LOW in met:
        return total // 2
    return dice.randrange(2 * total + 2) if Fault.TOTAL_RANDOM in met else total
