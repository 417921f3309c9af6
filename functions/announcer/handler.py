"""Events that the bus did not take → the bus. One that fails disturbs no other."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.announcements.event import JobEvent
from jobmill.announcements.services import announcer
from jobmill.errors import DependencyError
from jobmill.log import logger


def put(record: SQSRecord) -> None:
    """Put one event on the bus. What cannot be read, or not be put now, is raised: it stays in the queue."""
    try:
        event = JobEvent.model_validate_json(record.body)
    except ValueError:
        logger.exception("unreadable event", message_id=record.message_id)
        raise
    if announcer().put([event]):
        raise DependencyError("event-not-taken", "The event bus does not take the event.")
    logger.info("event told late", id=event.id)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give back only the events that were not taken; SQS brings those again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=put, processor=processor, context=context)
