"""SQS queue of a job type → one attempt at one job (BatchSize 1)."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.log import logger
from jobmill.processing.attempt import Message, run_attempt
from jobmill.processing.services import tools
from jobmill.processors import job_types
from jobmill.settings import settings


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Run the attempt of each message. Returning acknowledges; only a machine that cannot be told raises."""
    job_type = job_types()[settings().job_type]
    for record in event["Records"]:
        owner = f"{context.aws_request_id}/{record['messageId']}"
        run_attempt(Message.from_json(record["body"]), job_type, owner, tools())
