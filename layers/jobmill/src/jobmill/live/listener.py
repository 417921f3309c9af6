"""Who listens, with which rights, and until when: what a ticket hands to its connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobmill.callers import Caller, Role
from jobmill.json_values import Json
from jobmill.times import from_milliseconds, milliseconds

LONGEST_CONNECTION = timedelta(hours=2)
"""For which API Gateway keeps a WebSocket, whatever happens on it."""


@dataclass(frozen=True)
class Listener:
    """A caller as the token said, whose rights hold until the token's end."""

    caller: Caller
    signed_in_until: datetime

    def connected_until(self, now: datetime) -> datetime:
        """When a connection that is opened now is over: with the token, or after two hours."""
        return min(self.signed_in_until, now + LONGEST_CONNECTION)

    def to_json(self) -> Json:
        """As a row keeps it; the name, which no right depends on, is not in it."""
        return {
            "id": self.caller.id,
            "roles": {project: str(role) for project, role in self.caller.roles.items()},
            "isAdmin": self.caller.is_admin,
            "signedInUntil": milliseconds(self.signed_in_until),
        }


def listener_of(stored: Mapping[str, Any]) -> Listener:
    """The listener of a row."""
    roles = {project: Role(role) for project, role in stored["roles"].items()}
    caller = Caller(stored["id"], stored["id"], roles, is_admin=stored["isAdmin"])
    return Listener(caller, from_milliseconds(stored["signedInUntil"]))
