"""From a write of progress to who listens: how long each of some hundred writes took."""

import json
import random
import time
from dataclasses import dataclass
from statistics import quantiles

from bench.live.own_stack import PROJECT
from bench.live.receivers import Receiver
from jobmill.jobs.operations import create_job, update_progress

JOBS = 20
"""In turn: progress of one job is told twice a second at most."""
WARM_UP = 10
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
    """Write progress `writes` times at uneven times, and see when the receiver hears of each."""
    pauses = random.Random(seed)
    jobs = [create_job(project_id=PROJECT, created_by="bench").id for _ in range(JOBS)]
    written: dict[tuple[str, int], float] = {}
    for number in range(WARM_UP + writes):
        job, percent = jobs[number % JOBS], 1 + number // JOBS
        time.sleep(pauses.uniform(*PAUSE_SECONDS))
        written[job, percent] = time.time()
        update_progress(job, percent)
    wanted = dict([*written.items()][WARM_UP:])
    until = time.monotonic() + LAST_SECONDS
    while not wanted.keys() <= (came := _came(receiver)).keys() and time.monotonic() < until:
        time.sleep(0.1)
    seconds = tuple(came[key] - at for key, at in wanted.items() if key in came)
    return Latency(seconds, len(wanted) - len(seconds))


def _came(receiver: Receiver) -> dict[tuple[str, int], float]:
    """When each job's progress was heard of first."""
    came: dict[tuple[str, int], float] = {}
    for at, text in receiver.heard():
        message = json.loads(text)
        if message["type"] == "job-progress":
            came.setdefault((message["jobId"], message["progress"]), at)
    return came
