"""Table stream → counts. A record that cannot be read is logged and passed over: it must not block the rest."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from jobmill.jobs.rows import SORT_KEY, job_key
from jobmill.jobs.status import Status
from jobmill.log import logger
from jobmill.projects.counters import Counted, count


def counted(record: dict[str, Any]) -> Counted | None:
    """What a stream record says for the counts; none if it is not of a job's row."""
    change = record["dynamodb"]
    if change["Keys"]["sk"]["S"] != SORT_KEY:
        return None
    image = change.get("NewImage") or change["OldImage"]
    return Counted(
        job_id=change["Keys"]["pk"]["S"].removeprefix(job_key("")),
        project_id=image["project_id"]["S"],
        version=int(image["version"]["N"]),
        status=Status(image["status"]["S"]) if "NewImage" in change else None,
    )


def read(record: dict[str, Any]) -> Counted | None:
    """Like `counted`, and none for a record that cannot be read."""
    try:
        return counted(record)
    except (KeyError, ValueError):
        logger.exception("unreadable stream record", event_id=record.get("eventID"))
        return None


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Count a batch. If the table refuses, it raises, and the whole batch comes again: counting repeats safely."""
    count(change for change in map(read, event["Records"]) if change is not None)
    return {"batchItemFailures": []}
