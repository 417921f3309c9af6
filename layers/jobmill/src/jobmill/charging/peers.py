"""The peers that tasks ask, as their secret has them."""

import json
import time
from collections.abc import Callable
from typing import Any

from jobmill import aws
from jobmill.errors import CallerError
from jobmill.hosts import AllowedHosts
from jobmill.ocpi.line import HOSTS_PARAMETER, Wait
from jobmill.ocpi.peers import Peers, read_peers
from jobmill.processing.context import Context
from jobmill.settings import settings

SECRET_PARAMETER = "PeersSecret"  # noqa: S105 - the parameter's name
NO_SECRET = f"No peers are configured: name the secret that has them in the template's parameter {SECRET_PARAMETER}."


def peers() -> Peers:
    """The peers as they are now: a secret is changed without a deployment.

    Raises CallerError `bad-peers` for a secret that cannot be read as such; `no-peers` if there is none.
    """
    secret = settings().peers_secret
    if not secret:
        raise CallerError("no-peers", NO_SECRET)
    client = aws.secrets()
    try:
        text = client.get_secret_value(SecretId=secret).get("SecretString", "")
    except client.exceptions.ResourceNotFoundException as error:
        raise CallerError("no-peers", f"There is no secret of the name that {SECRET_PARAMETER} gives.") from error
    try:
        return read_peers(json.loads(text))
    except ValueError as error:
        raise CallerError("bad-peers", f"The secret of {SECRET_PARAMETER} holds no JSON.") from error


def lacks(what: str, has: Callable[[Peers], bool]) -> Callable[[], str | None]:
    """For a task's `not_ready`: why it cannot run unless the peers have `what`."""

    def not_ready() -> str | None:
        try:
            return None if has(peers()) else f"The secret of {SECRET_PARAMETER} has no {what}."
        except CallerError as error:
            return error.message

    return not_ready


def private_hosts() -> AllowedHosts:
    """The hosts of peers that this deployment lets tasks ask though they are not public."""
    return AllowedHosts.parse(HOSTS_PARAMETER, settings().private_peer_hosts)


def waiting(context: Context[Any]) -> Wait:
    """The pauses between requests of an attempt, which end when it must stop."""

    def wait(seconds: float) -> None:
        time.sleep(seconds)
        context.check_cancelled()

    return wait
