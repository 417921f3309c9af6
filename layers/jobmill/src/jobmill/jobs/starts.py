"""The `starts` queue: a job's id goes there, and the dispatcher starts its state machine."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.jobs.job import Job
from jobmill.log import logger

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True)
class Start:
    """One execution to start: run `run` of a job. Also the input of its state machine."""

    job_id: str
    run: int
    project_id: str
    type: str

    @property
    def execution_name(self) -> str:
        """The execution's name: one for each run, so that a second start of it changes nothing."""
        return f"{self.job_id}-{self.run}"

    @classmethod
    def of(cls, job: Job) -> "Start":
        """The start of the job's present run."""
        return cls(job.id, job.run, job.project_id, job.type)

    def to_json(self) -> str:
        """The message's body and the machine's input."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Start":
        """The start of a message's body. Raises ValueError, KeyError or TypeError for anything else."""
        body = json.loads(text)
        return cls(str(body["job_id"]), int(body["run"]), str(body["project_id"]), str(body["type"]))


class StartQueue:
    """Sends starts to SQS."""

    def __init__(self, sqs: Callable[[], "SQSClient"], queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def send(self, job: Job) -> None:
        """Send the start of the job's present run.

        If SQS is away, nothing is raised: the job is safe in its row, and its `look_at` has it started later.
        """
        start = Start.of(job)
        try:
            self._sqs().send_message(QueueUrl=self._queue_url, MessageBody=start.to_json())
        except (BotoCoreError, ClientError) as error:
            logger.warning("start not sent", job_id=job.id, run=job.run, error=str(error))
