"""The machine's `Settle` state → the job's end, by the same rules as every other end."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.lifecycle import Failure
from jobmill.jobs.services import lifecycle
from jobmill.log import logger


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Settle the run that the machine's input names, with the failure that it caught."""
    failure = Failure(event["failure"].get("Error", "Unknown"), event["failure"].get("Cause", ""))
    lifecycle().settle(event["job_id"], int(event["run"]), failure)
