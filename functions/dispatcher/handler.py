"""SQS `starts` → StartExecution. Its event source's MaximumConcurrency paces it below StartExecution's quota."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.services import executions
from jobmill.jobs.starts import Start
from jobmill.log import logger


def start(record: SQSRecord) -> None:
    """Start one execution."""
    wanted = Start.from_json(record.body)
    executions().start(wanted)
    logger.info("execution started", job_id=wanted.job_id, run=wanted.run)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give back only the messages that failed; SQS brings those again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=start, processor=processor, context=context)
