"""The rules of the random lives that are of workers: attempts whole, and piece by piece, also by those who lost it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from jobmill.errors import CallerError, DependencyError, ErrorKind, NotFound
from jobmill.jobs.changing import ChangeRefused
from jobmill.jobs.job import JobError, StoredReport
from jobmill.jobs.status import FAIL
from jobmill.processing.attempt import Delivery, Message, run_attempt
from jobmill.processing.context import Context, NewDataset
from jobmill.processing.publishing import complete
from jobmill.processing.registry import JobType, Params, Result
from tests.stack.ledger import json_or_none
from tests.stack.lives import Stage, Worker, one
from tests.stack.moves import ACTIVE, LEASE, SLICE, Row

BUSY = JobError("busy", "Try again.", kind=ErrorKind.DEPENDENCY, retryable=True)
REFUSED = (ChangeRefused, NotFound)
DEEDS = {
    "done": "Completed",
    "publish": "Completed",
    "refuse": "Failed",
    "break": "Failed",
    "busy": "Queued",
    "slice": "Queued",
}
"""What the work of a whole attempt does, and where that leaves its job."""

FOREVER = datetime(2999, 1, 1, tzinfo=UTC)

pick = st.integers(0, 7)


class AnyNumber(Params):
    n: int = 0


def may_claim(message: Message, row: Row) -> bool:
    return row["status"] == "Queued" and row["run"] == message.run and row["pass"] <= message.pass_


class WorkersLives(Stage):
    """What workers do, whenever they like: only the one whose attempt is the row's may change it."""

    def must_if_owned(self, worker: Worker, status: str, act: Callable[[], Any]) -> Any:
        """The act makes one change, to `status`, if the worker has the job, and else none."""
        must, number, given = self.owns(worker), worker.job.attempt, None
        with self.step(
            worker.job.id,
            lambda old, new: (old["status"], old["attempt"], new["status"]) == ("Running", number, status),
        ) as changes:
            try:
                given = act()
            except REFUSED:
                assert not must
        assert len(changes) == must
        return given

    @precondition(lambda self: self.world.messages)
    @rule(message=pick, is_repeat=st.booleans())
    def claim(self, message: int, is_repeat: bool) -> None:
        taken = one(self.world.messages, message)
        before = [each for each in self.workers if each.message == taken]
        owner = before[-1].owner if is_repeat and before else f"owner {len(self.workers)}"
        must = may_claim(taken, self.row(taken.job_id))
        row = self.row(taken.job_id)
        mine = row["status"] == "Running" and (row["owner"], row["run"]) == (owner, taken.run)
        with self.step(taken.job_id, lambda old, new: must and new["owner"] == owner) as changes:
            try:
                job = self.store.claim(
                    taken.job_id, run=taken.run, pass_=taken.pass_, owner=owner, lease=LEASE, now=self.world.now
                )
                assert must or (mine and job.attempt == before[-1].job.attempt)
            except REFUSED:
                assert not must
                assert not mine
        assert len(changes) == must
        if must:
            self.workers.append(Worker(job, taken, owner, job.progress or 0))

    @precondition(lambda self: self.workers)
    @rule(worker=pick, by=st.sampled_from((0, 1, 30)), saves=st.booleans())
    def renew(self, worker: int, by: int, saves: bool) -> None:
        mine = one(self.workers, worker)
        mine.progress = min(mine.progress + by, 99)
        self.must_if_owned(
            mine,
            "Running",
            lambda: self.store.renew(
                mine.job,
                progress=mine.progress or None,
                message=None,
                checkpoint=self.new_state() if saves else None,
                lease=LEASE,
                now=self.world.now,
            ),
        )
        assert self.row(mine.job.id)["status"] == "Gone" or self.store.is_owned(mine.job) == self.owns(mine)

    @precondition(lambda self: self.workers)
    @rule(worker=pick, is_slice=st.booleans())
    def release(self, worker: int, is_slice: bool) -> None:
        mine = one(self.workers, worker)
        mine.is_slice, mine.is_reported = is_slice, False
        error, state = (None, self.new_state()) if is_slice else (BUSY, None)
        mine.released = self.must_if_owned(
            mine,
            "Queued",
            lambda: self.store.release(
                mine.job, pass_=mine.message.pass_ + 1, error=error, checkpoint=state, now=self.world.now
            ),
        )

    @precondition(lambda self: any(worker.released for worker in self.workers))
    @rule(worker=pick)
    def report_a_release(self, worker: int) -> None:
        mine = one([each for each in self.workers if each.released], worker)
        if mine.is_slice:
            mine.is_reported = self.tools.machine.next_slice(mine.message.token)
        else:
            mine.is_reported = self.tools.machine.retry_later(mine.message.token, "released")

    @precondition(lambda self: any(worker.released and worker.is_reported for worker in self.workers))
    @rule(worker=pick)
    def tell(self, worker: int) -> None:
        mine = one([each for each in self.workers if each.released and each.is_reported], worker)
        row, released = self.row(mine.job.id), mine.released
        must = row["status"] == "Queued" and (row["run"], row["attempt"]) == (released.run, released.attempt)
        with self.step(mine.job.id, lambda old, new: must and old["status"] == new["status"]) as changes:
            try:
                self.store.tell(released, self.world.now)
            except REFUSED:
                assert not must
        assert len(changes) == must
        self.world.acknowledged.add(mine.message.token)

    @precondition(lambda self: self.workers)
    @rule(worker=pick, publishes=st.booleans())
    def complete(self, worker: int, publishes: bool) -> None:
        mine = one(self.workers, worker)
        made = f"{mine.job.run}-{mine.job.attempt}"
        report = StoredReport("r", f"{made}/r", "text/csv", 1, "sha")
        dataset = NewDataset("places", f"{mine.job.id}/{made}", 1) if publishes else None
        context: Context[Any] = Context(None, mine.job, None, Path(), None, None, [report], dataset)
        result = {"attempt": mine.job.attempt}
        self.must_if_owned(
            mine,
            "Completed",
            lambda: complete(mine.job, result, context, self.store, self.tools.files, self.world.now),
        )

    @precondition(lambda self: self.workers)
    @rule(worker=pick, explains=st.booleans())
    def fail(self, worker: int, explains: bool) -> None:
        mine = one(self.workers, worker)
        error = JobError("broken", "It is broken.")
        report = StoredReport("r", f"{mine.job.run}-{mine.job.attempt}/r", "text/csv", 1, "sha")
        reports = (report,) if explains else ()
        self.must_if_owned(mine, "Failed", lambda: self.store.fail(FAIL, mine.job, error, self.world.now, reports))

    @precondition(lambda self: self.workers)
    @rule(worker=pick)
    def report_an_end(self, worker: int) -> None:
        mine = one(self.workers, worker)
        if self.row(mine.job.id)["status"] not in ACTIVE or self.row(mine.job.id)["run"] > mine.job.run:
            self.tools.machine.succeed(mine.message.token)
            self.world.acknowledged.add(mine.message.token)

    @precondition(lambda self: self.world.messages)
    @rule(
        message=pick,
        deed=st.sampled_from(list(DEEDS)),
        meanwhile=st.sampled_from(("", "", "cancel", "again", "silence")),
    )
    def attempt_it_whole(self, message: int, deed: str, meanwhile: str) -> None:
        self.attempt(one(self.world.messages, message), deed, meanwhile)

    def attempt(self, message: Message, deed: str, meanwhile: str = "") -> None:
        """The real attempt, and what happens to its job while it works."""
        row = self.row(message.job_id)
        must = may_claim(message, row)
        number, owner = row.get("attempt", 0) + 1, f"whole {self.world.now}"

        def may(old: Row, new: Row) -> bool:
            if new["status"] == "Running":
                return must and new["owner"] == owner
            return must and (new["attempt"], new["run"]) == (number, message.run)

        def work(context: Context[AnyNumber]) -> Result:
            assert context.state == json_or_none(row, "checkpoint"), "it begins somewhere else"
            self.let_happen(meanwhile, message.job_id)
            return self.do(deed, context)

        with self.step(message.job_id, may):
            run_attempt(message, JobType("Import", AnyNumber, work), Delivery(owner, FOREVER), self.tools)
        self.world.acknowledged.add(message.token)
        if must and not meanwhile:
            assert self.row(message.job_id)["status"] == DEEDS[deed]

    def let_happen(self, what: str, job_id: str) -> None:
        """Something that the worker does not know of."""
        raise NotImplementedError

    def do(self, deed: str, context: Context[AnyNumber]) -> Result:
        job = context.job
        match deed:
            case "publish":
                context.new_dataset = NewDataset("places", f"{job.id}/{job.run}-{job.attempt}", 1)
            case "refuse":
                raise CallerError("bad-file", "The file is bad.")
            case "break":
                raise RuntimeError("broken")
            case "busy":
                raise DependencyError("busy", "It is busy.")
            case "slice":
                self.world.now += SLICE
                context.checkpoint(self.new_state())
        return {"attempt": job.attempt}
