"""What surrounds the store in the random lives: a clock, the queues, and the state machines with their tokens.

Nothing here knows a rule of the job's row. It stands in the place of SQS and Step Functions, as their clients do.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from jobmill.jobs.executions import CONTINUE, RETRYABLE
from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.starts import Start
from jobmill.processing.attempt import Message

MACHINES = "arn:aws:states:eu-central-1:123456789012:stateMachine:jobmill-test-"
RETRIES = 5
"""How often the machine sends a job again on `Job.Retryable`, as its definition has it."""


@dataclass
class Run:
    """One execution: it waits on the token of its newest message, or has caught a failure, or is closed."""

    start: Start
    pass_: int = -1
    token: str = ""
    retries: int = 0
    is_open: bool = True
    failure: Failure | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody may still report to it."""
        return self.is_open and self.failure is None


@dataclass
class World:
    """The clock and the messages. It is the SQS client and the Step Functions client of the code under test."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    ids: int = 0
    starts: list[Start] = field(default_factory=list)
    runs: dict[str, Run] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    """All that were ever sent: any may come late or twice."""
    acknowledged: set[str] = field(default_factory=set)
    """Tokens of messages that SQS need not bring again."""

    def clock(self) -> datetime:
        return self.now

    def random_bytes(self, number: int) -> bytes:
        """Bytes that come once in one life, and in every repeat of it the same."""
        self.ids += 1
        return self.ids.to_bytes(number)

    def waiting(self) -> list[Message]:
        """The messages that lie in their queue."""
        return [message for message in self.messages if message.token not in self.acknowledged]

    def send(self, run: Run) -> None:
        """The machine's next message; the one before has no listener any more."""
        run.pass_ += 1
        run.token = f"{run.start.execution_name}:{run.pass_}"
        self.messages.append(Message(run.start.job_id, run.start.run, run.pass_, run.token))

    # SQS

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        self.starts.append(Start.from_json(MessageBody))

    # Step Functions

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> None:  # noqa: N803
        if name in self.runs:
            raise _error("ExecutionAlreadyExists")
        body = json.loads(input)
        self.runs[name] = Run(Start(body["job_id"], body["run"], body["project_id"], body["type"]))
        self.send(self.runs[name])

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803
        return {"status": "RUNNING" if self._run(executionArn).is_open else "ABORTED"}

    def stop_execution(self, executionArn: str, error: str) -> None:  # noqa: N803
        self._run(executionArn).is_open = False

    def send_task_success(self, taskToken: str, output: str) -> None:  # noqa: N803
        self._listener(taskToken).is_open = False

    def send_task_failure(self, taskToken: str, error: str, cause: str) -> None:  # noqa: N803
        run = self._listener(taskToken)
        if error == RETRYABLE and run.retries == RETRIES:
            run.failure = Failure(error, cause)
            return
        assert error in (RETRYABLE, CONTINUE), f"the machine knows no {error}"
        run.retries += error == RETRYABLE
        self.send(run)

    def _run(self, arn: str) -> Run:
        name = arn.rpartition(":")[2]
        if name not in self.runs:
            raise _error("ExecutionDoesNotExist")
        return self.runs[name]

    def _listener(self, token: str) -> Run:
        run = self.runs[token.rpartition(":")[0]]
        if not run.waits or run.token != token:
            raise _error("TaskTimedOut")
        return run


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Call")
