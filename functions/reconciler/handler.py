"""EventBridge rule → looks at the jobs that are due. One that cannot be looked at does not stop the rest."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.services import recovery
from jobmill.log import logger

CLAIMED_PER_SHARD = 200
"""Workers may be lost by the hundred, when a version is bad or a zone is."""
WAITING_PER_SHARD = 25
"""With four shards at most 100 a tick, for each costs a call of DescribeExecution, which allows few a second."""


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Look at the jobs that are due; gives how many looks led to each step."""
    steps: dict[str, int] = {}
    for job_id in recovery().due(CLAIMED_PER_SHARD, WAITING_PER_SHARD):
        try:
            step = recovery().look(job_id)
        except Exception:  # one record of a batch
            logger.exception("job not looked at", job_id=job_id)
            continue
        if step is not None:
            steps[step] = steps.get(step, 0) + 1
    logger.info("reconciled", steps=steps)
    return steps
