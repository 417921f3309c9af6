"""EventBridge rule → deletes the jobs whose time after their end is over."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.operations import cleanup
from jobmill.log import logger


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> int:
    """Clean up; gives how many jobs went. What one call leaves, the next one takes."""
    return cleanup()
