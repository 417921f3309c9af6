"""EventBridge Scheduler → the run of a task's slot, as a job; none while one is under way or the task suspended."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.log import logger
from jobmill.scheduled import scheduled_tasks
from jobmill.tasks.starting import start_slot
from jobmill.times import now_utc


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> str | None:
    """Begin the run of a slot; gives its job's id. Raises only if AWS is away: EventBridge then calls again."""
    name = str(event["task"])
    task = scheduled_tasks().get(name)
    if task is None:
        logger.error("schedule of no task", task=name, known=list(scheduled_tasks()))
        return None
    job = start_slot(task.spec, slot_of(event.get("slot"), now_utc()))
    return job.id if job else None


def slot_of(text: object, now: datetime) -> datetime:
    """The slot that a schedule names, which is the same in each delivery; the minute `now` is in if it names none.

    (The local AWS leaves `<aws.scheduler.scheduled-time>` as it is.)
    """
    try:
        slot = datetime.fromisoformat(str(text))
    except ValueError:
        return now.replace(second=0, microsecond=0)
    return slot if slot.tzinfo else slot.replace(tzinfo=UTC)
