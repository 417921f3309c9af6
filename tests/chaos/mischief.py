"""What is done to a stack from outside while it works: workers die, messages come twice and late, executions stop."""

import json
import random
import threading
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from jobmill_local.workers import kill, workers
from tests.chaos.callers import Callers
from tests.chaos.own_stack import OwnStack

PAUSE_SECONDS = 0.05
LATE_SECONDS = 12
KEPT_MESSAGES = 200
QUEUES = ("Starts", "Import", "Export")


class Mischief:
    """Does harm at random, and counts it. One object's methods each run in a thread of their own."""

    def __init__(self, own: OwnStack, callers: Callers, seed: int) -> None:
        self._own = own
        self._callers = callers
        self._random = random.Random(f"mischief-{seed}")
        self._copies: deque[tuple[str, str]] = deque(maxlen=KEPT_MESSAGES)
        self.done: Counter[str] = Counter()

    def _each(self, jobs: int, stop: threading.Event) -> Iterator[None]:
        """Once for about so many jobs that were accepted, until stopped: a slow machine sees no more harm per job."""
        due = 0.0
        while not stop.wait(PAUSE_SECONDS):
            if len(self._callers.accepted_ids) >= due:
                due = len(self._callers.accepted_ids) + self._random.uniform(0.5, 1.5) * jobs
                yield

    def kill_workers(self, stop: threading.Event, jobs: int) -> None:
        """Kill a process of a function for each so many jobs: mostly of a processor."""
        for _ in self._each(jobs, stop):
            running = workers(self._own.stack.state, self._own.server)
            processors = [worker for worker in running if "Processor" in worker.function]
            wanted = processors if self._random.random() < 0.8 else running
            if wanted:
                kill(self._random.choice(wanted))
                self.done["kills"] += 1

    def meddle_with_messages(self, stop: threading.Event, jobs: int) -> None:
        """Take messages that wait: they come late, and copies of them come too, at once and much later."""
        sqs = self._own.stack.aws("sqs")
        for _ in self._each(jobs, stop):
            url = self._own.stack.outputs[f"{self._random.choice(QUEUES)}QueueUrl"]
            late = self._random.randrange(LATE_SECONDS)
            taken = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=late).get("Messages", [])
            self.done["late messages"] += len(taken)
            self._copies.extend((url, message["Body"]) for message in taken)
            if self._copies and self._random.random() < 0.7:
                where, body = self._random.choice(self._copies)
                sqs.send_message(QueueUrl=where, MessageBody=body, DelaySeconds=self._random.randrange(LATE_SECONDS))
                self.done["duplicates"] += 1

    def stop_executions(self, stop: threading.Event, jobs: int) -> None:
        """Stop the execution of a job that was submitted lately, if it goes on."""
        machines = self._own.stack.aws("stepfunctions")
        for _ in self._each(jobs, stop):
            job_id = self._random.choice(self._callers.accepted_ids[-30:] or [""])
            if not job_id:
                continue
            machine = self._own.stack.outputs[f"{self._callers.accepted[job_id].type}MachineArn"]
            arn = f"{machine.replace(':stateMachine:', ':execution:')}:{job_id}-1"
            self.done["stops"] += _stopped(machines, arn)

    def reconcile(self, stop: threading.Event, every: float) -> None:
        """Have the reconciler look more often than the rule does, which EventBridge allows once a minute."""
        functions = self._own.stack.aws("lambda")
        while not stop.wait(every):
            answer = functions.invoke(FunctionName=self._own.functions["Reconciler"])
            steps = json.loads(answer["Payload"].read() or b"{}")
            if "FunctionError" not in answer:
                self.done.update({f"reconciler: {step}": number for step, number in steps.items()})


def _stopped(machines: Any, arn: str) -> bool:
    try:
        if machines.describe_execution(executionArn=arn)["status"] != "RUNNING":
            return False
        machines.stop_execution(executionArn=arn, error="Chaos")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
            raise
        return False
    return True
