"""Attempts in trouble: lost, late, unwritable, or without their store."""

import threading
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pynamodb.exceptions import GetError

import processor.handler
from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle, store
from jobmill.jobs.status import Status
from jobmill.jobs.store import JobStore
from jobmill.processing.attempt import Message, run_attempt
from jobmill.processing.context import Context
from jobmill.processing.machine import Machine
from tests.stack import builders
from tests.stack.attempts import Ear, attempt, delivery, wait_until_stopped, work_with
from tests.stack.builders import row_of
from tests.stack.http import LambdaContext
from tests.stack.test_handlers import golden
from tests.stack.test_processors import PLAIN, upload

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.mark.parametrize(
    "broken",
    [EndpointConnectionError(endpoint_url="x"), GetError("secret", cause=ClientError({"Error": {}}, "GetItem"))],
)
def test_every_dependency_s_failure_is_one(broken: Exception, kit) -> None:
    def work(context: Context) -> dict:
        raise broken

    job = attempt(builders.queued(), work, kit)
    error = job.attempts[0].error
    assert error is not None
    assert (job.status, error.code, error.retryable) == (Status.QUEUED, "dependency-unavailable", True)


def test_a_result_that_cannot_be_written_fails_the_job(kit, ear) -> None:
    failed = attempt(builders.queued(), lambda context: {"x": float("nan")}, kit)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (Status.FAILED, "internal-error")
    assert ear.told == ["success token"]


def test_a_job_that_is_deleted_under_its_worker_stops_it_and_ends_its_execution(kit, ear) -> None:
    job = builders.queued()
    stopped = []

    def work(context: Context) -> dict:
        row_of(job).delete()
        try:
            wait_until_stopped(context)
        except RuntimeError:
            stopped.append(True)
        return {}

    run_attempt(Message(job.id, 1, 0, "token"), work_with(work), delivery("owner"), kit)
    assert stopped == [True]
    assert ear.told == ["success token"]


class Hiccup(JobStore):
    """The store fails while `away` is set."""

    def __init__(self, real: JobStore) -> None:
        self.__dict__ = dict(real.__dict__)
        self.away = threading.Event()
        self.looks = 0

    def is_owned(self, job: Job) -> bool:
        self.looks += 1
        if self.away.is_set():
            raise GetError("throttled")
        return super().is_owned(job)

    def renew(self, *args: object, **kwargs: object) -> Job:
        self.looks += 1
        if self.away.is_set():
            raise GetError("throttled")
        return super().renew(*args, **kwargs)


def test_the_watch_outlasts_a_hiccup_of_the_store(kit) -> None:
    hiccup = Hiccup(store())
    stopped: list[bool] = []

    def work(context: Context) -> dict:
        hiccup.away.set()
        looks = hiccup.looks
        for _ in range(500):
            if hiccup.looks >= looks + 3:
                break
            threading.Event().wait(0.01)
        hiccup.away.clear()
        lifecycle().cancel(store().get(context.job.id))
        try:
            wait_until_stopped(context)
        except RuntimeError:
            stopped.append(True)
        return {}

    attempt(builders.queued(), work, replace(kit, store=hiccup))
    assert stopped == [True]


def test_a_quiet_attempt_still_looks(kit) -> None:
    stopped = []

    def work(context: Context) -> dict:
        context.progress(1, 2)
        while store().get(context.job.id).progress != 50:
            threading.Event().wait(0.01)
        lifecycle().cancel(store().get(context.job.id))
        try:
            wait_until_stopped(context)
        except RuntimeError:
            stopped.append(True)
        return {}

    attempt(builders.queued(), work, kit)
    assert stopped == [True]


def test_an_interrupt_that_is_registered_late_is_called_at_once(kit) -> None:
    called = []

    def work(context: Context) -> dict:
        lifecycle().cancel(store().get(context.job.id))
        wait = threading.Event()
        context.on_stop(wait.set)
        wait.wait(20)
        context.on_stop(lambda: called.append(True))
        return {}

    attempt(builders.queued(), work, kit)
    assert called


def test_a_transfer_is_stopped_with_its_attempt(kit) -> None:
    reached = []
    upload_id = upload(PLAIN)

    def work(context: Context) -> dict:
        lifecycle().cancel(store().get(context.job.id))
        with pytest.raises(RuntimeError):
            wait_until_stopped(context)
        context.input_file(upload_id)
        reached.append(True)
        return {}

    attempt(builders.queued(), work, kit)
    assert not reached


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_every_form_of_a_dead_token_counts_as_told(code: str) -> None:
    ear = Ear(error=code)
    Machine(lambda: ear).succeed("token")
    assert ear.told


def test_each_delivery_is_an_owner_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[str] = []
    monkeypatch.setenv("JOB_TYPE", "Import")
    monkeypatch.setattr(
        processor.handler, "run_attempt", lambda message, job_type, delivery, tools: owners.append(delivery.name)
    )
    event = golden("sqs_job")
    for request_id in ("request-1", "request-2"):
        context = LambdaContext()
        context.aws_request_id = request_id
        processor.handler.handler(event, context)
    assert len(set(owners)) == 2
