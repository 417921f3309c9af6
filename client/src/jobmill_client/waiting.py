"""Waiting for the end of what goes on at the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import requests

from jobmill_client.api import pause_seconds


class Ending(Protocol):
    """What goes on until it has ended."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens to it by itself."""


@dataclass(frozen=True)
class Patience:
    """How long somebody waits (none: for ever), and by which clock."""

    timeout: float | None
    sleep: Callable[[float], None]
    clock: Callable[[], float]


def wait_until_ended[E: Ending](
    look: Callable[[], tuple[E, requests.Response]],
    on_change: Callable[[E], None],
    late: Callable[[E], Exception],
    patience: Patience,
) -> E:
    """What `look` sees at last; it looks as often as the answers' Retry-After say.

    `on_change` is told the first sight and each change. Raises `late` of the last one when the time is over.
    """
    started_at, before = patience.clock(), None
    while True:
        seen, response = look()
        if seen != before:
            on_change(seen)
        before = seen
        if seen.has_ended:
            return seen
        pause = pause_seconds(response)
        if patience.timeout is not None and patience.clock() - started_at + pause > patience.timeout:
            raise late(seen)
        patience.sleep(pause)
