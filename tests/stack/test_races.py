"""Races: fifty threads at once at one job, through the real store and lifecycle, with the real conditional writes.

Each request is atomic, as AWS's are (conftest.py); between requests the threads interleave as they like. So this shows
that the conditions hold, and not that DynamoDB does. `JOBMILL_RACES=1000 pytest tests/stack/test_races.py` runs more.
"""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from jobmill.errors import Conflict, ErrorKind
from jobmill.jobs.job import Job, JobError
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.recovery import LOST, out_of_time
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import FAIL, GIVE_UP, Status
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.builders import LEASE
from tests.stack.ledger import json_of, make_table_with_stream, plain, shard
from tests.stack.moves import BY, Row, check_move, check_row

ROUNDS = 20
"""Rounds of one test: a request to moto costs 10 to 20 ms, and a round makes some eighty."""
TESTS = int(os.environ.get("JOBMILL_RACES") or ROUNDS) // ROUNDS
AT_ONCE = 50
BUSY = JobError("busy", "Try again.", kind=ErrorKind.DEPENDENCY, retryable=True)
type Deed = Callable[[Job, str], Job | None]
"""Something done to the job, as all read it, by somebody of this name."""


def cancel(job: Job, name: str) -> Job:
    return lifecycle().cancel(job, by=BY)


def retry(job: Job, name: str) -> Job:
    return lifecycle().retry(store().get(job.id), {"by": name}, by=BY)


def settle(job: Job, name: str) -> None:
    lifecycle().settle(job.id, job.run, Failure("SQS.QueueDoesNotExist", ""))


def claim(job: Job, name: str) -> Job:
    return builders.claim(job, owner=name)


def claim_next(job: Job, name: str) -> Job:
    return builders.claim(job, owner=name, run=job.run + 1)


def renew(job: Job, name: str) -> None:
    """Until the same time whoever does it: an attempt has one watch, and so leases never get shorter."""
    store().renew(job, progress=1, message=None, lease=2 * LEASE, now=job.updated_at)


def complete(job: Job, name: str) -> None:
    store().complete(job, result={"by": name}, reports=(), publication=None, now=now_utc())


def fail(job: Job, name: str) -> Job:
    return store().fail(FAIL, job, JobError("broken", name), now_utc())


def release(job: Job, name: str) -> Job:
    return store().release(job, pass_=1, error=BUSY, now=now_utc())


def recover(job: Job, name: str) -> Job:
    return store().recover(job, LOST, now_utc())


def give_up(job: Job, name: str) -> Job:
    return store().fail(GIVE_UP, job, out_of_time(job), now_utc())


WORKERS: tuple[Deed, ...] = (renew, complete, fail, release, recover, give_up)
"""Of a Running job, whose lease has passed."""
ANYBODYS: tuple[Deed, ...] = (cancel, retry, settle, claim, claim_next)
MAY_BE_REPEATED = {"cancel", "complete", "fail", "release"}
"""Doing it again is told the same, and changes nothing."""
KIND_OF = {
    ("Queued", "Cancelled"): {"cancel"},
    ("Running", "Cancelled"): {"cancel"},
    ("Cancelled", "Queued"): {"retry"},
    ("Failed", "Queued"): {"retry"},
    ("Running", "Completed"): {"complete"},
    ("Queued", "Running"): {"claim", "claim_next"},
    ("Queued", "Failed"): {"settle"},
    ("Running", "Failed"): {"fail", "give_up", "settle"},
    ("Running", "Queued"): {"release", "recover"},
}


def at_once(threads: ThreadPoolExecutor, job: Job, deeds: list[Deed]) -> list[tuple[str, str, Job | None]]:
    """Do all deeds at the same moment: deed, doer and answer of those that were not refused."""
    barrier = threading.Barrier(len(deeds))

    def do(number: int) -> tuple[str, str, Job | None] | None:
        deed, name = deeds[number], f"{deeds[number].__name__} {number}"
        barrier.wait()
        try:
            return deed.__name__, name, deed(job, name)
        except Conflict:
            return None

    return [done for done in threads.map(do, range(len(deeds))) if done]


def history(job: Job, since: int) -> list[Row]:
    """The job's row at each of its versions, by the table's stream from the record `since` on, each step checked."""
    stream = shard()
    records = stream.get(stream.starting_sequence_number + since, 10_000)
    images = [plain(record["dynamodb"]["NewImage"]) for record in records]
    rows = [image for image in images if image["pk"] == f"job#{job.id}"]
    for old, new in pairwise(rows):
        check_row(new)
        check_move(old, new, new["updated_at"])
    return rows


def winner(old: Row, new: Row, done: list[tuple[str, str, Job | None]]) -> str:
    """The deed that made this move: the answers of those who say that they did it agree with it."""
    kinds = KIND_OF[old["status"], new["status"]]
    sayers = [
        (kind, name) for kind, name, job in done if kind in kinds and (job is None or job.version == new["version"])
    ]
    assert sayers, f"nobody says that he made {new}"
    answered = [(kind, name) for kind, name in sayers if kind not in MAY_BE_REPEATED and kind != "settle"]
    assert len(answered) <= 1, "two were told that they made one move"
    match new["status"]:
        case "Running":
            assert new["owner"] == answered[0][1]
        case "Completed":
            assert ("complete", json_of(new, "result")["by"]) in sayers
        case "Failed":
            error = json_of(new, "error")
            assert {"broken": "fail", "run-limit": "give_up", "not-delivered": "settle"}[error["code"]] in dict(sayers)
            assert error["code"] != "broken" or ("fail", error["message"]) in sayers
        case "Queued" if old["status"] != "Running":
            assert json_of(new, "params")["by"] == answered[0][1]
    return sayers[0][0]


def ready(status: Status, chance: random.Random) -> tuple[Job, list[Deed]]:
    """A job as everybody has read it, and what fifty may do to it."""
    job = builders.failed() if status is Status.FAILED else builders.queued()
    deeds = ANYBODYS
    if status is Status.CANCELLED:
        job = cancel(job, "")
    if status is Status.RUNNING:
        job = builders.claim(job, now=now_utc() - LEASE - timedelta(seconds=60))
        deeds = chance.sample(WORKERS, chance.randint(1, len(WORKERS))) + chance.sample(ANYBODYS, 3)
    return job, [chance.choice(list(deeds)) for _ in range(AT_ONCE)]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("seed", range(TESTS))
def test_of_fifty_at_once_one_wins_each_move_and_the_others_write_nothing(seed: int) -> None:
    make_table_with_stream()
    chance, wins = random.Random(seed), Counter[str]()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for number in range(ROUNDS):
            before = len(shard().items)
            status = (Status.RUNNING, Status.RUNNING, Status.QUEUED, Status.FAILED, Status.CANCELLED)[number % 5]
            job, deeds = ready(status, chance)
            done = at_once(threads, job, deeds)
            rows = history(job, before)
            moves = [(old, new) for old, new in pairwise(rows) if new["version"] > max(old["version"], job.version)]
            wins.update(winner(old, new, done) for old, new in moves)
            assert store().get(job.id).version == job.version + len(moves)
            told = {answer.version for _, _, answer in done if answer is not None}
            assert told <= {new["version"] for _, new in moves} | {job.version}
    print(f"{ROUNDS} rounds, winners: {dict(wins)}")
