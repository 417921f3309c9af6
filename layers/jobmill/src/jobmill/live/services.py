"""The sender of this process, made from its settings at its first use."""

import time
from datetime import timedelta
from functools import cache

from jobmill import aws
from jobmill.live.pace import Pace
from jobmill.live.sending import Sender
from jobmill.times import now_utc

PATIENCE = timedelta(seconds=5)
"""For telling one batch, if some sockets are slow: the next batch of the shard waits as long."""


@cache
def sender() -> Sender:
    """What tells the sockets at the settings' address."""
    return Sender(aws.live_sockets, patience=PATIENCE, clock=now_utc)


@cache
def pace() -> Pace:
    """How often this process has told of each job."""
    return Pace(time.monotonic)
