"""The stage of the random lives: the real store, lifecycle, recovery and tools on an empty table."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis.stateful import RuleBasedStateMachine

from jobmill import aws
from jobmill.jobs.documents import Documents
from jobmill.jobs.executions import Executions
from jobmill.jobs.job import Job
from jobmill.jobs.lifecycle import Lifecycle
from jobmill.jobs.recovery import Recovery
from jobmill.jobs.starts import StartQueue
from jobmill.jobs.store import JobStore
from jobmill.json_values import Json
from jobmill.processing.attempt import Message, Tools
from jobmill.processing.machine import Machine
from jobmill.processing.services import tools
from jobmill.times import milliseconds
from tests.stack.ledger import Change, Guard, Ledger, make_table_with_stream
from tests.stack.moves import ACTIVE, GRACE, IDEMPOTENCY, RETENTION, SLICE, Row
from tests.stack.world import MACHINES, World


def one[T](items: list[T], number: int) -> T:
    """One of them, counted from the newest."""
    return items[-1 - number % len(items)]


@dataclass
class Worker:
    """An attempt that somebody holds, for as long as the test lasts: its job may long be another's."""

    job: Job
    message: Message
    owner: str
    progress: int
    """What it would tell next: never down, as the watch has it."""
    released: Job | None = None
    is_slice: bool = False
    is_reported: bool = False


class Reader(JobStore):
    """The store to somebody who read the job a while ago and decides only now."""

    def __init__(self, real: JobStore, read: Job) -> None:
        self.__dict__ = dict(real.__dict__)
        self._reads = [read]

    def get(self, job_id: str, *, whole: bool = True) -> Job:
        return self._reads.pop() if self._reads else super().get(job_id, whole=whole)


class Stage(RuleBasedStateMachine):
    """The parts, put together anew for each life, and what the rules ask them."""

    def __init__(self) -> None:
        super().__init__()
        make_table_with_stream()
        self.world = World()
        self.ledger = Ledger(self.world.clock)
        self.workers: list[Worker] = []
        self.reads = self.ledger.reads
        self.states = 0
        self.keys: dict[str, tuple[str, datetime]] = {}
        self.store = JobStore(Documents(aws.s3, "none"), lambda _: RETENTION, GRACE)
        self.starts = StartQueue(lambda: self.world, "starts")
        self.executions = Executions(lambda: self.world, MACHINES)
        # The watch of an attempt must not look by the machine's own clock: looks and renewals are moves of these lives.
        settings = replace(tools().settings, slice=SLICE, progress_interval=timedelta(days=1))
        given = replace(tools(), settings=settings)
        self.tools = Tools(self.store, Machine(lambda: self.world), given.files, given.settings, self.world.clock)

    def lifecycle(self, read: Job | None = None) -> Lifecycle:
        return Lifecycle(
            Reader(self.store, read) if read else self.store,
            self.starts,
            self.executions,
            idempotency=IDEMPOTENCY,
            clock=self.world.clock,
            random_bytes=self.world.random_bytes,
        )

    def recovery(self, read: Job | None = None) -> Recovery:
        store = Reader(self.store, read) if read else self.store
        return Recovery(store, self.starts, self.executions, grace=GRACE, clock=self.world.clock)

    def step(self, job_id: str | None, guard: Guard) -> AbstractContextManager[list[Change]]:
        return self.ledger.step(job_id, guard)

    def new_state(self) -> Json:
        """A checkpoint that was never saved before."""
        self.states += 1
        return {"state": self.states}

    def read(self, number: int, age: int) -> Job:
        """One of the jobs, as it was some changes ago."""
        return one(one(list(self.reads.values()), number), age)

    def row(self, job_id: str) -> Row:
        """The job's row as it is; of a job that is gone, one that nothing may be done to."""
        return self.ledger.rows.get(job_id, {"status": "Gone"})

    def active(self) -> list[str]:
        return [job_id for job_id, row in self.ledger.rows.items() if row["status"] in ACTIVE]

    def given_up(self) -> list[str]:
        return [job_id for job_id, row in self.ledger.rows.items() if row["status"] in ("Failed", "Cancelled")]

    def expired(self) -> list[str]:
        now = self.now_ms()
        return [job_id for job_id, row in self.ledger.rows.items() if row.get("expires_at", now) * 1000 <= now]

    def now_ms(self) -> int:
        return milliseconds(self.world.now)

    def due(self) -> set[str]:
        now = self.now_ms()
        return {job_id for job_id in self.active() if self.row(job_id)["look_at"] <= now}

    def owns(self, worker: Worker) -> bool:
        row = self.row(worker.job.id)
        return row["status"] == "Running" and row["attempt"] == worker.job.attempt
