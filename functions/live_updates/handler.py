"""Table stream → the WebSockets that listen. What is not told is not gathered: clients catch up by GET.

A record that cannot be read is logged and passed over: it must not block the rest.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.rows import SORT_KEY
from jobmill.live.messages import Message, message_of, newest
from jobmill.live.services import pace, sender
from jobmill.log import logger


def read(record: dict[str, Any]) -> Message | None:
    """What a record tells; none if nothing, or if it cannot be read."""
    try:
        content = record["dynamodb"]
        if content["Keys"]["sk"]["S"] != SORT_KEY or "NewImage" not in content:
            return None
        return message_of(content.get("OldImage"), content["NewImage"])
    except (KeyError, TypeError, ValueError, AttributeError):
        logger.exception("unreadable stream record", event_id=record.get("eventID"))
        return None


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Tell a batch. If an end did not reach a socket that may still be there, the batch comes again from it on."""
    records: list[dict[str, Any]] = event["Records"]
    read_messages = [(record, message) for record in records if (message := read(record))]
    due = pace().due(newest([message for _, message in read_messages]))
    lost = set(sender().tell(due))
    failed = [record["dynamodb"]["SequenceNumber"] for record, message in read_messages if message in lost]
    # In the order of the shard: Lambda goes on from the first.
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed[:1]]}
