"""What a peer was asked: every request, and how many there were at a time."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """A request: its route (`locations`, `cdrs`, `devices`; empty for none), and its headers by names in lower case."""

    route: str
    target: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Counting:
    """The requests that came, in their order, and the highest number that were answered at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Seen] = []
        self._now: Counter[str] = Counter()
        self._highest: Counter[str] = Counter()

    def seen(self, route: str | None = None) -> list[Seen]:
        """The requests so far, of one route or all."""
        with self._lock:
            return [one for one in self._seen if route in (None, one.route)]

    def highest(self, *routes: str) -> int:
        """The most requests that a route had at a time; without a name, the most that all had together."""
        with self._lock:
            return max(self._highest[route] for route in routes or (_ALL,))

    @contextmanager
    def one(self, seen: Seen) -> Iterator[None]:
        """Count a request for as long as it lasts."""
        with self._lock:
            self._seen.append(seen)
            for place in (seen.route, _ALL):
                self._now[place] += 1
                self._highest[place] = max(self._highest[place], self._now[place])
        try:
            yield
        finally:
            with self._lock:
                self._now.subtract((seen.route, _ALL))


_ALL = "*"
