"""Random lives of jobs: any order of what may happen, on the real code; after each write all that must hold is checked.

`JOBMILL_LIVES=2000 pytest tests/stack/test_random_lives.py` runs that many, at random; else a fixed few run.
"""

import os
import sys
from collections import Counter
from datetime import timedelta
from itertools import batched
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from jobmill.errors import Conflict, NotFound, Unprocessable
from jobmill.jobs.idempotency import IdempotencyKey
from jobmill.jobs.lifecycle import Failure, Submission
from jobmill.jobs.status import Status
from jobmill.projects.counters import count, read_counts
from notifier.handler import change_of
from tests.stack.conftest import TABLE
from tests.stack.lives import one
from tests.stack.lives_of_workers import WorkersLives, pick
from tests.stack.moves import ACTIVE, BY, IDEMPOTENCY, LEASE
from tests.stack.world import Run

LIVES = os.environ.get("JOBMILL_LIVES")
PROJECTS = ("demo", "other")
JOBS = 3
RUN_LIMIT = timedelta(seconds=600)
ROUNDS = 12
"""Hours within which every job ends once nothing goes wrong any more: a look comes at least once an hour."""
PAUSES = [timedelta(**each) for each in (
    {"seconds": 1}, {"seconds": 61}, {"seconds": 121}, {"minutes": 11}, {"days": 31},
)]  # fmt: skip


class JobLives(WorkersLives):
    """What may happen. Each rule says which change it may make to which job, and when it must make it."""

    def teardown(self) -> None:
        if sys.exc_info()[0] is None:  # a life that was broken off has no end to check
            self.see_every_job_to_its_end()
            self.compare_the_counts()

    # People

    @precondition(lambda self: len(self.reads) < JOBS)
    @rule(project=st.sampled_from(PROJECTS), then=st.sampled_from(("nothing", "sent", "begun", "begun")))
    def create(self, project: str, then: str) -> None:
        with self.step(None, lambda old, new: old is None and new["status"] == "Queued") as changes:
            job = self.lifecycle().create_job(
                type="Import", project_id=project, created_by="u", run_limit=RUN_LIMIT, params={},
                data={"free": 1}, internal_data={"secret": 1},
            )  # fmt: skip
            if then != "nothing":
                self.starts.send(job)
        assert len(changes) == 1
        if then == "begun":
            self.begin(0)

    @precondition(lambda self: len(self.reads) < JOBS or self.keys)
    @rule(project=st.sampled_from(PROJECTS), is_good=st.booleans())
    def submit_with_a_key(self, project: str, is_good: bool) -> None:
        first_id, until = self.keys.get(project, ("", self.world.now))
        if until <= self.world.now:
            first_id, until = "", self.world.now + IDEMPOTENCY
        if not first_id and len(self.reads) >= JOBS:
            return

        def check() -> None:
            assert not first_id, "a repeat is checked again"
            if not is_good:
                raise Unprocessable("bad", "It is bad.")

        wanted = Submission("Import", project, {}, RUN_LIMIT, "u", "U")
        job_id = first_id
        with self.step(None, lambda old, new: not first_id and is_good and old is None) as changes:
            try:
                job_id = self.lifecycle().submit(wanted, IdempotencyKey("u", "r", project, "hash"), check=check).id
            except Unprocessable:
                assert not is_good
        assert [new["id"] for _, new in changes] == ([job_id] if is_good and not first_id else [])
        assert job_id == first_id or not first_id
        self.keys[project] = (job_id, until)

    @precondition(lambda self: self.workers)
    @rule(job=pick, age=pick)
    def cancel(self, job: int, age: int) -> None:
        read = self.read(job, age)
        must = read.status in ACTIVE and self.row(read.id)["status"] in ACTIVE
        with self.step(read.id, lambda old, new: must and new["status"] == "Cancelled") as changes:
            try:
                assert self.lifecycle().cancel(read, by=BY).status is Status.CANCELLED
                assert "Cancelled" in (read.status, self.row(read.id)["status"]) or must
            except (Conflict, NotFound):
                assert not must
        assert len(changes) == must

    @precondition(lambda self: self.given_up())
    @rule(job=pick, age=st.sampled_from((0, 0, 0, 1)), n=st.integers(0, 1))
    def retry(self, job: int, age: int, n: int) -> None:
        read = one(self.reads[one(self.given_up(), job)], age)
        row = self.row(read.id)
        must = read.status in ("Failed", "Cancelled") and row.get("version") == read.version
        with self.step(read.id, lambda old, new: must and new["status"] == "Queued") as changes:
            try:
                self.lifecycle().retry(read, {"n": n}, by=BY)
                assert must
            except (Conflict, NotFound):
                assert not must
        assert len(changes) == must

    # The queues and the machines

    @precondition(lambda self: any(self.row(job_id)["status"] == "Queued" for job_id in self.active()))
    @rule(job=pick)
    def begin(self, job: int) -> None:
        """What mostly happens: the start is delivered, then the message, and a worker takes the job."""
        job_id = one([each for each in self.reads if self.row(each)["status"] == "Queued"], job)
        for start in self.world.starts:
            if start.job_id == job_id:
                self.executions.start(start)
        newest = [number for number, each in enumerate(reversed(self.world.messages)) if each.job_id == job_id]
        if newest:
            self.claim(newest[0], False)

    @precondition(lambda self: self.world.starts)
    @rule(start=pick)
    def deliver_a_start(self, start: int) -> None:
        self.executions.start(one(self.world.starts, start))

    @precondition(lambda self: self.world.runs)
    @rule(run=pick, event=st.sampled_from(("sent again", "stopped", "timeout", "not sent")))
    def the_machine_has_trouble(self, run: int, event: str) -> None:
        found = one(list(self.world.runs.values()), run)
        if not found.waits:
            return
        match event:
            case "sent again":
                self.world.send(found)
            case "stopped":
                found.is_open = False
            case _:
                found.failure = Failure("States.Timeout" if event == "timeout" else "SQS.Nobody", "")

    @precondition(lambda self: any(run.failure for run in self.world.runs.values()))
    @rule(run=pick, age=pick)
    def settle(self, run: int, age: int) -> None:
        self.settle_run(one([each for each in self.world.runs.values() if each.failure], run), age)

    def settle_run(self, run: Run, age: int | None = None) -> None:
        start, failure = run.start, run.failure
        row = self.row(start.job_id)
        is_late = row["status"] != "Running" or row["deadline"] <= self.now_ms()
        may = row["status"] in ACTIVE and row["run"] == start.run and (failure.error != "States.Timeout" or is_late)
        read = None if age is None else one(self.reads[start.job_id], age)
        with self.step(start.job_id, lambda old, new: may and new["status"] == "Failed") as changes:
            try:
                self.lifecycle(read).settle(start.job_id, start.run, failure)
            except NotFound:
                assert row["status"] == "Gone"
        assert len(changes) == may or age is not None
        run.is_open = False

    # Time

    @rule(pause=st.sampled_from(PAUSES))
    def wait(self, pause: timedelta) -> None:
        self.world.now += pause

    @precondition(lambda self: self.active())
    @rule(job=pick, age=pick)
    def look_late(self, job: int, age: int) -> None:
        """A look whose reader read the job some changes ago: whatever it does is a legal change of the row as it is."""
        read = self.read(job, age)
        with self.step(read.id, lambda old, new: old["status"] in ACTIVE and old["attempt"] == read.attempt):
            self.recovery(read).look(read.id)

    @precondition(lambda self: any(map(self.owns, self.workers)))
    @rule(worker=pick)
    def renew_between_a_look_and_its_write(self, worker: int) -> None:
        """The worker was silent for too long when the look read its job, and alive when it writes."""
        mine = one([each for each in self.workers if self.owns(each)], worker)
        self.wait(LEASE + timedelta(seconds=1))
        self.renew(self.workers[::-1].index(mine), 0, False)
        self.look_late(list(self.reads)[::-1].index(mine.job.id), 1)
        assert self.owns(mine)

    @rule()
    def fall_silent(self) -> None:
        """So long that every lease passes, and no run limit does."""
        self.wait(LEASE + timedelta(seconds=1))
        self.look_at_all()

    @rule()
    def reconcile(self) -> None:
        assert set(self.recovery().due(JOBS, JOBS)) == self.due()
        self.look_at_all()

    def look_at_all(self) -> None:
        for job_id in sorted(self.due()):
            with self.step(job_id, lambda old, new: True) as changes:
                assert self.recovery().look(job_id)
            assert len(changes) == 1
            assert job_id not in self.due()

    @precondition(lambda self: self.expired())
    @rule(job=pick)
    def expire(self, job: int) -> None:
        job_id = one(self.expired(), job)
        with self.step(job_id, lambda old, new: new is None):
            boto3.client("dynamodb").delete_item(
                TableName=TABLE, Key={"pk": {"S": f"job#{job_id}"}, "sk": {"S": "job"}}
            )

    def let_happen(self, what: str, job_id: str) -> None:
        number = list(self.reads)[::-1].index(job_id)
        match what:
            case "cancel":
                self.cancel(number, 0)
            case "again":
                self.cancel(number, 0)
                self.retry(self.given_up()[::-1].index(job_id), 0, 1)
            case "silence":
                self.fall_silent()

    # Counts

    def count(self, *records: dict[str, Any]) -> None:
        count((change.counted for change in map(change_of, records) if change), self.world.now, timedelta(days=30))

    @precondition(lambda self: self.ledger.records)
    @rule(picks=st.lists(st.integers(0, 30), min_size=1, max_size=4))
    def deliver_records(self, picks: list[int]) -> None:
        self.count(*(one(self.ledger.records, each) for each in picks))
        for project in PROJECTS:
            assert min(read_counts(project).by_status.values()) >= 0

    # Ends

    def see_every_job_to_its_end(self) -> None:
        """From here on nothing goes wrong: all that was sent comes, workers work, and time passes."""
        for _ in range(ROUNDS):
            if not self.active():
                return
            for start in set(self.world.starts):
                self.executions.start(start)
            for run in [each for each in self.world.runs.values() if each.is_open and each.failure]:
                self.settle_run(run)
            for message in self.world.waiting():
                self.attempt(message, "done")
            self.world.now += timedelta(hours=1)
            self.look_at_all()
        assert not self.active(), "a job never ends"

    def compare_the_counts(self) -> None:
        for part in batched(self.ledger.records, 10, strict=False):
            self.count(*part)
        for project in PROJECTS:
            rows = [row for row in self.ledger.rows.values() if row["project_id"] == project]
            counts = {str(status): number for status, number in read_counts(project).by_status.items() if number}
            assert counts == Counter(row["status"] for row in rows)


@pytest.mark.usefixtures("cloud")
def test_whatever_happens_in_whatever_order_the_rules_hold_and_every_job_ends() -> None:
    run_state_machine_as_test(
        JobLives,
        settings=settings(
            max_examples=int(LIVES or 50),
            stateful_step_count=40,
            derandomize=LIVES is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
