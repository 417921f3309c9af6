"""From a write of progress to who listens: how long each of some hundred writes took."""

import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import quantiles

from bench.live.own_stack import PROJECT
from bench.live.receivers import Receiver
from jobmill.jobs.operations import create_job, update_progress

JOBS = 20
"""In turn: progress of one job is told twice a second at most."""
PAUSE_SECONDS = (0.05, 0.25)
LAST_SECONDS = 30
"""For which the last message is waited for."""


@dataclass(frozen=True)
class Latency:
    """Seconds from just before each write to its message, of those that came; and how many did not."""

    seconds: tuple[float, ...]
    missing: int

    def percentile(self, percent: int) -> float:
        """The seconds within which so many of a hundred came."""
        return quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def measure(receiver: Receiver, writes: int, seed: int = 1) -> Latency:
    """Write progress `writes` times at uneven times, and see when the receiver knows of each."""
    pauses = random.Random(seed)
    jobs = [create_job(project_id=PROJECT, created_by="bench").id for _ in range(JOBS)]
    _warm_up(receiver, jobs)
    written: dict[tuple[str, int], float] = {}
    for number in range(writes):
        job, percent = jobs[number % JOBS], 2 + number // JOBS
        time.sleep(pauses.uniform(*PAUSE_SECONDS))
        written[job, percent] = time.time()
        update_progress(job, percent)
    until = time.monotonic() + LAST_SECONDS
    while not written.keys() <= (known := _known(receiver)).keys() and time.monotonic() < until:
        time.sleep(0.1)
    seconds = tuple(known[key] - at for key, at in written.items() if key in known)
    return Latency(seconds, len(written) - len(seconds))


def _warm_up(receiver: Receiver, jobs: list[str]) -> None:
    """Write once to each job, and wait until the receiver knows of it all: the function has started by then."""
    for job in jobs:
        update_progress(job, 1)
    until = time.monotonic() + 2 * LAST_SECONDS
    while not {(job, 1) for job in jobs} <= _known(receiver).keys() and time.monotonic() < until:
        time.sleep(0.1)


def _known(receiver: Receiver) -> dict[tuple[str, int], float]:
    """When each job's progress was known first: by its own message, or by a newer one that took its place."""
    known: dict[tuple[str, int], float] = {}
    last: dict[str, int] = defaultdict(int)
    for at, text in receiver.heard():
        message = json.loads(text)
        if message["type"] == "job-progress":
            job, progress = message["jobId"], message["progress"]
            known |= {(job, percent): at for percent in range(last[job] + 1, progress + 1)}
            last[job] = max(last[job], progress)
    return known
