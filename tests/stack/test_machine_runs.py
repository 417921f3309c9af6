"""The shipped state machine file, run by moto's interpreter with real clocks and short waits.

What moto 5.2.5 does not do: it calls no Lambda function without Docker, so Settle's task gives back what it was handed,
and the test hands that to the real function. It keeps one token for all passes of a state, where AWS makes a fresh one
for each, and hears a token after its execution's end: that such a report is not heard is therefore not shown here.
That jitter is drawn and delays are capped is left to AWS, too: `tests/template/test_machine.py` holds the figures.
"""

import json
import string
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from jobmill import aws
from jobmill.errors import ErrorKind
from jobmill.jobs.executions import RETRYABLE
from jobmill.jobs.job import Job, JobError
from jobmill.jobs.services import executions, store
from jobmill.jobs.starts import Start
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message
from jobmill.processing.machine import Machine
from jobmill.times import now_utc
from settle import handler as settle
from tests.stack.builders import queued, running
from tests.stack.conftest import MACHINES, empty_aws
from tests.stack.http import LambdaContext

DEFINITION = Path(__file__).parents[2] / "statemachines" / "job.asl.json"
ROLE = "arn:aws:iam::123456789012:role/machine"
SETTLE = "arn:aws:lambda:eu-central-1:123456789012:function:settle"
DEADLINE_SECONDS = 60


class Substitution(string.Template):
    """CloudFormation's form: only `${Name}`."""

    pattern = r"\$\{(?P<braced>[A-Za-z]+)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"


def definition(queue_url: str, timeout_seconds: int) -> str:
    """The file with short waits."""
    return Substitution(DEFINITION.read_text()).substitute(
        Partition="aws",
        QueueUrl=queue_url,
        SettleArn=SETTLE,
        MachineTimeoutSeconds=timeout_seconds,
        RetryIntervalSeconds=1,
        RetryCapSeconds=2,
        SendIntervalSeconds=1,
        SendCapSeconds=2,
    )


def wait_for[T](look: Callable[[], T | None]) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"nothing found within {DEADLINE_SECONDS} s")


class Run:
    """The execution of a job's run, and the worker's side of it."""

    def __init__(self, job: Job, timeout_seconds: int = DEADLINE_SECONDS) -> None:
        self.job = job
        self.machine = Machine(aws.step_functions)
        self._queue_url = boto3.client("sqs").create_queue(QueueName=job.id)["QueueUrl"]
        boto3.client("stepfunctions").create_state_machine(
            name=MACHINES.rpartition(":")[2] + job.type,
            definition=definition(self._queue_url, timeout_seconds),
            roleArn=ROLE,
        )
        executions().start(Start.of(job))

    def message(self) -> Message:
        """The next message of the type's queue, acknowledged."""
        return Message.from_json(self.raw_message()["Body"])

    def raw_message(self) -> dict[str, Any]:
        def receive() -> dict[str, Any] | None:
            found = sqs.receive_message(QueueUrl=self._queue_url, MessageSystemAttributeNames=["All"])
            return cast("dict[str, Any]", found["Messages"][0]) if "Messages" in found else None

        sqs = boto3.client("sqs")
        message = wait_for(receive)
        sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
        return message

    def end(self) -> dict[str, Any]:
        """The execution, once it has ended."""
        name = (
            MACHINES.replace(":stateMachine:", ":execution:") + f"{self.job.type}:{Start.of(self.job).execution_name}"
        )

        def look() -> dict[str, Any] | None:
            found = boto3.client("stepfunctions").describe_execution(executionArn=name)
            return cast("dict[str, Any]", found) if found["status"] != "RUNNING" else None

        return wait_for(look)

    def states(self) -> list[str]:
        """The states that the execution entered."""
        history = boto3.client("stepfunctions").get_execution_history(executionArn=self.end()["executionArn"])
        entered = (event.get("stateEnteredEventDetails") for event in history["events"])
        return [details["name"] for details in entered if details]

    def messages_sent(self) -> int:
        """How many messages lie in the queue."""
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=["All"])
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def settled(self) -> dict[str, Any]:
        """What Settle was handed, once the execution has ended with it."""
        end = self.end()
        assert end["status"] == "SUCCEEDED", end
        assert self.states() == ["Run", "Settle"]
        return cast("dict[str, Any]", json.loads(end["output"]))


@pytest.fixture(autouse=True)
def machines_run(environment: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with empty_aws(monkeypatch, {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}):
        yield
        stop_all()


def stop_all() -> None:
    """End what runs: moto's threads outlive its reset, and would send into the next test's queues."""
    step_functions = boto3.client("stepfunctions")
    for machine in step_functions.list_state_machines()["stateMachines"]:
        found = step_functions.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")
        for execution in found["executions"]:
            step_functions.stop_execution(executionArn=execution["executionArn"])


def test_the_message_names_the_run_and_goes_into_the_projects_group() -> None:
    job = queued("demo")
    run = Run(job)

    raw = run.raw_message()

    assert raw["Attributes"]["MessageGroupId"] == "demo"
    message = Message.from_json(raw["Body"])
    assert (message.job_id, message.run, message.pass_) == (job.id, 1, 0)
    assert message.token


def test_a_success_ends_the_execution_after_one_state() -> None:
    run = Run(queued())

    run.machine.succeed(run.message().token)

    assert run.end()["status"] == "SUCCEEDED"
    assert run.states() == ["Run"]


def test_slices_go_on_by_messages_of_rising_passes() -> None:
    run = Run(queued())
    messages = [run.message()]
    for _ in range(9):  # more than the retries of any other kind
        run.machine.next_slice(messages[-1].token)
        messages.append(run.message())
    run.machine.succeed(messages[-1].token)

    assert [message.pass_ for message in messages] == list(range(10))
    assert run.end()["status"] == "SUCCEEDED"
    assert run.states() == ["Run"]


def test_passes_count_slices_trouble_and_failed_sends_alike() -> None:
    run = Run(queued())
    run.machine.next_slice(run.message().token)
    run.machine.retry_later(run.message().token, "trouble")
    aws.step_functions().send_task_failure(taskToken=run.message().token, error="SQS.AmazonSQSException", cause="")

    assert run.message().pass_ == 3


def test_trouble_is_tried_five_times_more_and_then_settled() -> None:
    job = running()
    away = JobError("dependency-unavailable", "A service did not answer.", kind=ErrorKind.DEPENDENCY, retryable=True)
    store().release(job, pass_=6, error=away, now=now_utc())
    run = Run(job)
    for pass_ in range(6):
        message = run.message()
        assert message.pass_ == pass_
        run.machine.retry_later(message.token, "released")

    handed = run.settled()

    assert handed["failure"]["Error"] == RETRYABLE
    settle.handler(handed, LambdaContext())
    failed = store().get(job.id)
    assert failed.status is Status.FAILED
    assert failed.error == away


def test_a_timeout_is_not_sent_again_but_settled() -> None:
    job = queued()
    run = Run(job, timeout_seconds=2)

    handed = run.settled()

    assert handed["failure"]["Error"] == "States.Timeout"
    assert run.messages_sent() == 1
    assert {name: handed[name] for name in ("job_id", "run")} == {"job_id": job.id, "run": 1}
    settle.handler(handed, LambdaContext())
    failed = store().get(job.id)
    assert failed.status is Status.FAILED
    assert failed.error is not None
    assert failed.error.code == "machine-timeout"


def test_a_timeout_spares_a_job_that_a_worker_has() -> None:
    job = running()
    run = Run(job, timeout_seconds=2)

    settle.handler(run.settled(), LambdaContext())

    assert store().get(job.id).status is Status.RUNNING
