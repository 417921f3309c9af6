"""The announcer of this process, made from its settings at its first use."""

import time
from functools import cache

from jobmill import aws
from jobmill.announcements.bus import Announcer
from jobmill.settings import settings


@cache
def announcer() -> Announcer:
    """The announcer on the bus and the queue of the settings."""
    here = settings()
    return Announcer(aws.events, here.event_bus, aws.sqs, here.announcements_queue_url, time.monotonic)
