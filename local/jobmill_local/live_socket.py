"""A client of live updates, for tests and measurements: one WebSocket of a local stack."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

from jobmill_local.stack import Stack

SECONDS = 30
"""For which anything is waited for: a function's first start takes its time on a busy machine."""
Message = dict[str, Any]


@dataclass
class LiveSocket:
    """An open socket. What comes between a question and its answer is kept for `until`."""

    connection: ClientConnection
    waiting: list[Message] = field(default_factory=list)

    def ask(self, **message: str) -> Message:
        """Send a message; gives its answer."""
        return self.ask_text(json.dumps(message))

    def ask_text(self, text: str) -> Message:
        """Send a text; gives its answer, which no message about a job is."""
        self.connection.send(text)
        while "run" in (answer := self._receive()):
            self.waiting.append(answer)
        return answer

    def until(self, is_last: Callable[[Message], bool]) -> list[Message]:
        """The messages about jobs from here on, up to one that `is_last`. Raises TimeoutError if none comes in 30 s."""
        messages: list[Message] = []
        while not messages or not is_last(messages[-1]):
            messages.append(self.waiting.pop(0) if self.waiting else self._receive())
        return messages

    def until_type(self, type: str, job_id: str) -> list[Message]:
        """The messages about this job up to one of this type."""
        found = self.until(lambda message: (message["type"], message["jobId"]) == (type, job_id))
        return [message for message in found if message["jobId"] == job_id]

    def _receive(self) -> Message:
        message: Message = json.loads(self.connection.recv(timeout=SECONDS))
        return message


def live_ticket(stack: Stack, token: str) -> Message:
    """A ticket for who has this token, as the API answers."""
    answer = requests.post(
        f"{stack.api_url}/api/live-tickets", headers={"Authorization": f"Bearer {token}"}, timeout=2 * SECONDS
    )
    answer.raise_for_status()
    ticket: Message = answer.json()
    return ticket


@contextmanager
def live_socket(stack: Stack, user: str) -> Iterator[LiveSocket]:
    """An open socket of a local user."""
    with connect(live_ticket(stack, stack.token(user))["url"], open_timeout=SECONDS) as connection:
        yield LiveSocket(connection)
