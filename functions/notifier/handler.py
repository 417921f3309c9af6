"""Table stream → counts, the register of projects, and events on the bus.

What ended runs left and nobody will read is removed, and all that was a deleted job's.

A record that cannot be read is logged and passed over: it must not block the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from jobmill.announcements.changes import events_of
from jobmill.announcements.event import JobEvent
from jobmill.announcements.services import announcer
from jobmill.errors import DependencyError
from jobmill.jobs.job import CUSTOM
from jobmill.jobs.rows import SORT_KEY, job_key
from jobmill.jobs.status import FINAL, Status
from jobmill.log import logger
from jobmill.projects.counters import Counted, count
from jobmill.projects.gone_jobs import GoneJob
from jobmill.projects.leftovers import EndedRun
from jobmill.projects.register import register
from jobmill.projects.services import gone_jobs, leftovers
from jobmill.settings import settings
from jobmill.times import from_milliseconds, now_utc


@dataclass(frozen=True)
class Change:
    """What a stream record says of a job: for the counts, the run that may have left files, and that it is gone."""

    counted: Counted
    ended: EndedRun | None
    gone: GoneJob | None


def change_of(record: dict[str, Any]) -> Change | None:
    """The change of a record; none if it is not of a job's row. Raises KeyError or ValueError for any other thing."""
    content = record["dynamodb"]
    if content["Keys"]["sk"]["S"] != SORT_KEY:
        return None
    image = content.get("NewImage") or content["OldImage"]
    is_gone = "NewImage" not in content
    status = Status(image["status"]["S"])
    counted = Counted(
        job_id=content["Keys"]["pk"]["S"].removeprefix(job_key("")),
        project_id=image["project_id"]["S"],
        type=image["type"]["S"],
        version=int(image["version"]["N"]),
        status=None if is_gone else status,
        ended_at=from_milliseconds(int(image["completed_at"]["N"])) if "completed_at" in image else None,
    )
    ended = EndedRun(
        job_id=counted.job_id,
        project_id=counted.project_id,
        run=int(image["run"]["N"]),
        attempt=int(image["attempt"]["N"]),
        is_completed=status is Status.COMPLETED,
    )
    had_trouble = ended.attempt > int(ended.is_completed)
    gone = GoneJob(
        job_id=counted.job_id,
        project_id=counted.project_id,
        report_keys=tuple(report["M"]["key"]["S"] for report in image["reports"]["L"]) if is_gone else (),
        # A write that was refused may have left some without a note in the row: such jobs had trouble, or are Custom.
        may_have_documents="has_documents" in image or had_trouble or counted.type == CUSTOM,
    )
    # A job that was completed at its first attempt, in one slice, has left nothing: most cost no call.
    may_have_files = had_trouble or "checkpoint" in image
    return Change(
        counted,
        ended if status in FINAL and may_have_files else None,
        gone if is_gone else None,
    )


def read(record: dict[str, Any]) -> Change | None:
    """Like `change_of`, and none for a record that cannot be read."""
    try:
        return change_of(record)
    except (KeyError, ValueError):
        logger.exception("unreadable stream record", event_id=record.get("eventID"))
        return None


def read_events(record: dict[str, Any]) -> tuple[JobEvent, ...]:
    """Like `events_of`, and none for a record that cannot be read."""
    try:
        return events_of(record, settings().public_url)
    except (KeyError, TypeError, ValueError):
        logger.exception("unreadable stream record", event_id=record.get("eventID"))
        return ()


def remove_files(runs: Iterable[EndedRun]) -> None:
    """Remove what the runs left, until S3 fails: counting must not wait for it. The rest goes with the jobs."""
    for ended in runs:
        try:
            leftovers().remove(ended)
        except (BotoCoreError, ClientError, DependencyError):
            logger.exception("leftovers stay", job_id=ended.job_id, run=ended.run)
            return


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[Any]]:
    """Work a batch off. If the table refuses, it raises, and the whole batch comes again: all of it repeats safely.

    So does S3, where a deleted job's files are concerned: nobody else would remove them. The bus does not hold it up:
    only when the queue beside it is away as well, the batch comes again, and its events with the same ids.
    """
    readable = [(record, change) for record in event["Records"] if (change := read(record)) is not None]
    changes = [change for _, change in readable]
    count((change.counted for change in changes), now_utc(), settings().tombstone)
    register(change.counted.project_id for change in changes)
    announcer().announce(happened for record, _ in readable for happened in read_events(record))
    remove_files(change.ended for change in changes if change.ended)
    for change in changes:
        if change.gone:
            gone_jobs().remove(change.gone, now_utc() + settings().tombstone)
    return {"batchItemFailures": []}
