"""Dead letters of the job types' queues → the end of their jobs. One that fails disturbs no other."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.services import lifecycle
from jobmill.log import logger
from jobmill.processing.attempt import Message
from jobmill.processing.dead_letters import end_dead_letter
from jobmill.processing.services import tools


def end(record: SQSRecord) -> None:
    """End one letter's job. What cannot be read, or not be done now, is raised: it stays in the queue."""
    try:
        message = Message.from_json(record.body)
    except (ValueError, KeyError, TypeError):
        logger.exception("unreadable dead letter", message_id=record.message_id)
        raise
    try:
        end_dead_letter(message, lifecycle(), tools().machine)
    except Exception:  # one record of a batch
        logger.exception("dead letter stays", message_id=record.message_id, job_id=message.job_id)
        raise


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give back only the letters that failed; SQS brings those again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=end, processor=processor, context=context)
