"""Many sockets on many jobs: whether each hears the end of all that it listens to."""

import asyncio
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from websockets.asyncio.client import ClientConnection, connect

from bench.live.own_stack import PROJECT
from jobmill.callers import Caller, Role
from jobmill.jobs.operations import complete_job, create_job, fail_job, get_job
from jobmill.jobs.services import lifecycle
from jobmill.live.connections import MAX_CONNECTIONS
from jobmill.live.listener import Listener
from jobmill.live.tickets import make_ticket
from jobmill.times import now_utc
from jobmill_local.stack import Stack

JOBS_EACH = 5
ON_THE_PROJECT = 10
AT_ONCE = 2
"""Sockets opened at the same time: each more is a function's process more to start."""
SILENCE_SECONDS = 30
"""Without any message, after which what has not come is lost."""
ENDS = {"job-completed", "job-failed", "job-cancelled"}


@dataclass
class Listening:
    """One socket: the ends that it is to hear, and those that it heard, each (job, type) with how often."""

    connection: ClientConnection
    expected: set[str] = field(default_factory=set)
    heard: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    subscribed: int = 0


@dataclass(frozen=True)
class Ends:
    """How many ends were to be heard, did not come, and came more than once."""

    sockets: int
    jobs: int
    expected: int
    lost: int
    repeated: int


def measure(stack: Stack, sockets: int, jobs: int, seed: int = 1) -> Ends:
    """Open the sockets, let each listen, end all jobs in one of three ways, and count."""
    ids = [create_job(project_id=PROJECT, created_by="bench").id for _ in range(jobs)]
    return asyncio.run(_measure(stack, ids, sockets, random.Random(seed)))


async def _measure(stack: Stack, ids: list[str], sockets: int, chance: random.Random) -> Ends:
    few = asyncio.Semaphore(AT_ONCE)
    addresses = [_address(stack, number) for number in range(sockets)]
    listening = await asyncio.gather(*(_open(address, few) for address in addresses))
    last_heard = [asyncio.get_running_loop().time()]
    readers = [asyncio.create_task(_listen(each, last_heard)) for each in listening]
    wanted = [ids if number < ON_THE_PROJECT else chance.sample(ids, JOBS_EACH) for number in range(sockets)]
    await asyncio.gather(*(_subscribe(*each, few) for each in zip(listening, wanted, strict=True)))
    how = {id: chance.choice(("job-completed", "job-failed", "job-cancelled")) for id in ids}
    await asyncio.to_thread(_end, how)
    await _wait_for_ends(listening, how, last_heard)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*(each.connection.close() for each in listening))
    ends = [(each, (job, how[job])) for each in listening for job in each.expected]
    return Ends(
        sockets=sockets,
        jobs=len(ids),
        expected=len(ends),
        lost=sum(end not in each.heard for each, end in ends),
        repeated=sum(times - 1 for each in listening for times in each.heard.values()),
    )


def _address(stack: Stack, number: int) -> str:
    """Of one socket, with its ticket. Readers of the project take them, each as many as he may have."""
    reader = Caller(f"bench{number // MAX_CONNECTIONS}", "Bench", {PROJECT: Role.READER})
    now = now_utc()
    ticket = make_ticket(Listener(reader, now + timedelta(hours=2)), now, timedelta(hours=1))
    return f"{stack.outputs['LiveUrl']}?ticket={ticket.text}"


async def _open(address: str, few: asyncio.Semaphore) -> Listening:
    async with few:
        # The local AWS answers no ping of the protocol while one of its functions works.
        return Listening(await connect(address, ping_interval=None, open_timeout=60))


async def _listen(each: Listening, last_heard: list[float]) -> None:
    async for text in each.connection:
        message = json.loads(text)
        last_heard[0] = asyncio.get_running_loop().time()
        if message["type"] in ENDS:
            each.heard[message["jobId"], message["type"]] += 1
        each.subscribed += message["type"] == "subscribed"


async def _subscribe(each: Listening, jobs: list[str], few: asyncio.Semaphore) -> None:
    each.expected = set(jobs)
    wanted = [{"action": "subscribe-job", "jobId": job} for job in jobs]
    if len(jobs) > JOBS_EACH:
        wanted = [{"action": "subscribe-project", "projectId": PROJECT}]
    async with few:
        for message in wanted:
            await each.connection.send(json.dumps(message))
        while each.subscribed < len(wanted):
            await asyncio.sleep(0.005)


def _end(how: dict[str, str]) -> None:
    for job, end in how.items():
        if end == "job-completed":
            complete_job(job, {})
        elif end == "job-failed":
            fail_job(job, "It is broken.")
        else:
            lifecycle().cancel(get_job(job))


async def _wait_for_ends(listening: list[Listening], how: dict[str, str], last_heard: list[float]) -> None:
    last_heard[0] = asyncio.get_running_loop().time()

    def is_all_heard() -> bool:
        return all((job, how[job]) in each.heard for each in listening for job in each.expected)

    while not is_all_heard() and asyncio.get_running_loop().time() - last_heard[0] < SILENCE_SECONDS:
        await asyncio.sleep(0.2)
