"""Executions of the state machines: one for each run of a job, under a name of its own."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.jobs.job import CUSTOM, Job
from jobmill.jobs.starts import Start
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


RETRYABLE = "Job.Retryable"
"""The error name on which the machine sends the job again, with backoff."""
CONTINUE = "Job.Continue"
"""The error name on which the machine sends the job's next slice."""


class Execution(StrEnum):
    """What there is of a run's execution."""

    MISSING = "missing"
    OPEN = "open"
    CLOSED = "closed"


class Executions:
    """Starts, finds and stops executions. `machine_arn_prefix` and a job's type make its machine's ARN."""

    def __init__(self, step_functions: Callable[[], "SFNClient"], machine_arn_prefix: str) -> None:
        self._step_functions = step_functions
        self._prefix = machine_arn_prefix

    def start(self, start: Start) -> None:
        """Start the run's execution. One that is there already, under its name, is as good."""
        try:
            self._step_functions().start_execution(
                stateMachineArn=self._prefix + start.type, name=start.execution_name, input=start.to_json()
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise

    def find(self, job: Job) -> Execution:
        """What there is of the execution of the job's present run."""
        try:
            found = self._step_functions().describe_execution(executionArn=self._arn(job))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionDoesNotExist":
                raise
            return Execution.MISSING
        return Execution.OPEN if found["status"] == "RUNNING" else Execution.CLOSED

    def stop(self, job: Job) -> None:
        """Stop the execution of the job's run, if it goes on; nobody depends on it, so failures are only logged."""
        if job.type == CUSTOM:
            return
        try:
            self._step_functions().stop_execution(executionArn=self._arn(job), error=str(job.status))
        except (BotoCoreError, ClientError) as error:
            logger.info("execution not stopped", job_id=job.id, run=job.run, error=str(error))

    def _arn(self, job: Job) -> str:
        machines = self._prefix.replace(":stateMachine:", ":execution:")
        return f"{machines}{job.type}:{Start.of(job).execution_name}"
