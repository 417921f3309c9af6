"""`make peer`: a peer that goes on until it is stopped, and a stack's secret that leads there."""

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from jobmill_local.peer.server import Peer, serve_peer
from jobmill_local.peer.truth import World
from jobmill_local.stack import Stack

PORT = 4651
SECRET = "jobmill-peers"  # noqa: S105 - its name
TICK_SECONDS = 5.0
TELL_SECONDS = 0.2


def serve_until(stack: Stack, port: int, console: Console, stopped: threading.Event) -> None:
    """Serve a world of the last 90 days that changes every few seconds, and tell what is asked; Ctrl-C ends it."""
    world = World(clock=lambda: datetime.now(UTC))
    with serve_peer(world=world, port=port) as peer, suppress(KeyboardInterrupt):
        arn = keep_secret(stack.aws("secretsmanager"), peer)
        console.print(f"An OCPI party and devices at {peer.url}; something changes every {TICK_SECONDS:.0f} s.")
        # Rich would make an emoji of the ARN's `:secret:`.
        console.print(f"Let the stack collect from it:\n\n  {_command(arn, peer)}\n", emoji=False)
        console.print("What it is asked (Ctrl-C ends it):")
        told, ticked_at = 0, time.monotonic()
        while not stopped.wait(TELL_SECONDS):
            told = _tell(peer, told, console)
            if time.monotonic() - ticked_at >= TICK_SECONDS:
                world.tick()
                ticked_at = time.monotonic()
    console.print("Stopped.")


def keep_secret(secrets: Any, peer: Peer) -> str:
    """Write how to reach the peer into the local AWS's secret, made if it is not there; gives its ARN."""
    content = json.dumps(peer.secret())
    try:
        answer = secrets.create_secret(Name=SECRET, SecretString=content)
    except secrets.exceptions.ResourceExistsException:
        answer = secrets.put_secret_value(SecretId=SECRET, SecretString=content)
    arn: str = answer["ARN"]
    return arn


def _command(arn: str, peer: Peer) -> str:
    return f'make run PARAMS="PeersSecret={arn} PrivatePeerHosts={peer.url.removeprefix("http://")}"'


def _tell(peer: Peer, told: int, console: Console) -> int:
    """Print the requests after the first `told`; gives how many there are."""
    seen = peer.counting.seen()
    for one in seen[told:]:
        console.print(f"  GET {one.target}")
    return len(seen)
