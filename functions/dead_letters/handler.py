"""A type's dead letters → the end of their jobs as `poison`. Other jobs are not disturbed."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill import aws
from jobmill.jobs.services import lifecycle
from jobmill.log import logger
from jobmill.processing.attempt import Message
from jobmill.processing.machine import Machine


def end(record: SQSRecord) -> None:
    """End one message's job, and its execution. A message that is none of ours is logged and dropped."""
    try:
        message = Message.from_json(record.body)
    except (KeyError, TypeError, ValueError):
        logger.exception("unreadable dead letter", message_id=record.message_id)
        return
    lifecycle().poison(message.job_id, message.run, message.pass_)
    Machine(aws.step_functions).succeed(message.token)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give back only the messages that failed; SQS brings those again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=end, processor=processor, context=context)
