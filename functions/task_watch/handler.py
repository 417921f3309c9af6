"""EventBridge rule → a look at all tasks: what their schedules are, and what is late. Its silence is an alarm too."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill import aws
from jobmill.log import logger
from jobmill.scheduled import scheduled_tasks
from jobmill.settings import settings
from jobmill.tasks.watching import TaskWatch
from jobmill.times import now_utc


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Look at the tasks, and tell CloudWatch how many are late; gives the same figures."""
    watch = TaskWatch(aws.scheduler, aws.cloudwatch, settings(), now_utc)
    found = watch.look(task.spec for task in scheduled_tasks().values())
    logger.info("tasks looked at", late=found)
    return {str(what): number for what, number in found.items()}
