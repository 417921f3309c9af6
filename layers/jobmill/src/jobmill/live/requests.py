"""What clients send on a WebSocket. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum

from jobmill.errors import CallerError, TooLarge
from jobmill.json_values import Json

MAX_BYTES = 1_000
MAX_ID_CHARACTERS = 64


class Action(StrEnum):
    """What a client may ask for."""

    SUBSCRIBE_JOB = "subscribe-job"
    SUBSCRIBE_PROJECT = "subscribe-project"
    UNSUBSCRIBE_JOB = "unsubscribe-job"
    UNSUBSCRIBE_PROJECT = "unsubscribe-project"
    PING = "ping"


_JOB_ACTIONS = (Action.SUBSCRIBE_JOB, Action.UNSUBSCRIBE_JOB)


@dataclass(frozen=True)
class Request:
    """A message of a client: what it wants, and of which job or project."""

    action: Action
    id: str = ""

    @property
    def subject(self) -> dict[str, Json]:
        """What the answer repeats, so that the client knows which of its requests it is to."""
        return {} if self.action is Action.PING else {_id_key(self.action): self.id}


def read_request(body: str) -> Request:
    """The request of a message; what else stands in it is passed over.

    Raises TooLarge `message-too-large`, CallerError `invalid-json`, `unknown-action`, `invalid-id`.
    """
    if len(body.encode(errors="surrogatepass")) > MAX_BYTES:
        raise TooLarge("message-too-large", f"A message has at most {MAX_BYTES:,} bytes.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallerError("invalid-json", "The message is not valid JSON.") from error
    action = content.get("action") if isinstance(content, dict) else None
    if action not in list(Action):
        raise CallerError("unknown-action", f"The message needs an action: {', '.join(Action)}.")
    wanted = Action(action)
    if wanted is Action.PING:
        return Request(wanted)
    key = _id_key(wanted)
    id = content.get(key)
    if not (isinstance(id, str) and 0 < len(id) <= MAX_ID_CHARACTERS):
        raise CallerError("invalid-id", f"{wanted} needs a {key}: a text of at most {MAX_ID_CHARACTERS} characters.")
    return Request(wanted, id)


def _id_key(action: Action) -> str:
    return "jobId" if action in _JOB_ACTIONS else "projectId"
