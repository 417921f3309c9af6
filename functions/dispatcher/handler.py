"""SQS `starts` → StartExecution. Its event source's MaximumConcurrency paces it below StartExecution's quota."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from jobmill import aws
from jobmill.jobs.starts import Start
from jobmill.log import logger
from jobmill.settings import settings


def start(record: SQSRecord) -> None:
    """Start one execution. One that is there already, under its run's name, is as good."""
    wanted = Start.from_json(record.body)
    try:
        aws.step_functions().start_execution(
            stateMachineArn=settings().machine_arn_prefix + wanted.type,
            name=wanted.execution_name,
            input=wanted.to_json(),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise
    logger.info("execution started", job_id=wanted.job_id, run=wanted.run)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give back only the messages that failed; SQS brings those again."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=start, processor=processor, context=context)
