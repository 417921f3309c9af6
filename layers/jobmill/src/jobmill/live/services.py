"""The sender of this process, made from its settings at its first use."""

import time
from datetime import timedelta
from functools import cache

from jobmill import aws
from jobmill.live.pace import Pace
from jobmill.live.sending import Sender
from jobmill.times import now_utc

PATIENCE = timedelta(seconds=20)
"""For telling the ends of one batch: the next batch of the shard waits as long, so the rest comes again."""
PATIENCE_WITH_PROGRESS = timedelta(seconds=3)
"""For telling progress: after that, newer is on its way."""


@cache
def sender() -> Sender:
    """What tells the sockets at the settings' address."""
    return Sender(aws.live_sockets, patience=PATIENCE, patience_with_progress=PATIENCE_WITH_PROGRESS, clock=now_utc)


@cache
def pace() -> Pace:
    """How often this process has told of each job."""
    return Pace(time.monotonic)
