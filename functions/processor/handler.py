"""SQS queue of a job type → one attempt at one job (BatchSize 1)."""

import os
from datetime import timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.log import logger
from jobmill.processing.attempt import Delivery, Message, run_attempt
from jobmill.processing.services import tools
from jobmill.processors import job_types
from jobmill.settings import settings
from jobmill.times import now_utc

LAST_SECONDS = timedelta(seconds=30)
"""Of its function's time, an attempt leaves this much for its end to be written."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Run the attempt of each message. Returning acknowledges; only a machine that cannot be told raises."""
    job_type = job_types()[settings().job_type]
    time_left = timedelta(milliseconds=context.get_remaining_time_in_millis())
    ends_at = now_utc() + time_left - LAST_SECONDS
    for record in event["Records"]:
        # The process is the last part: `make kill-worker` goes by it.
        owner = f"{context.aws_request_id}/{record['messageId']}/{os.getpid()}"
        run_attempt(Message.from_json(record["body"]), job_type, Delivery(owner, ends_at), tools())
