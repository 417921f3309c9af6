"""The stack's event bus, and the queue in which events wait that it did not take."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from jobmill.announcements.event import JobEvent
from jobmill.errors import DependencyError
from jobmill.log import logger
from jobmill.times import iso

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

SOURCE = "jobmill"
EVENTS_PER_CALL = 10
"""Of PutEvents and of SendMessageBatch alike (Amazon's API references)."""
BYTES_PER_CALL = 256_000
"""PutEvents takes 256 kB in all, SendMessageBatch no less; the rest of an entry is counted with its detail."""
PATIENCE_SECONDS = 5
"""After which a batch of the stream waits for the bus no more: the next batch's counts wait for it."""
AWAY_SECONDS = 60
"""For which this process then puts events into the queue at once. `announcer` asks the bus meanwhile."""
_ENTRY_BYTES = 100
"""Of an entry beside its detail: source, type, and 14 for the time."""


class Announcer:
    """Puts events on the bus; those that the bus does not take wait in the queue, and none is lost."""

    def __init__(
        self,
        events: Callable[[], "EventBridgeClient"],
        bus: str,
        sqs: Callable[[], "SQSClient"],
        queue_url: str,
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives seconds from any moment, as `time.monotonic`."""
        self._events = events
        self._bus = bus
        self._sqs = sqs
        self._queue_url = queue_url
        self._clock = clock
        self._asked_from = clock()

    def announce(self, events: Iterable[JobEvent]) -> None:
        """Put these events on the bus, or else in the queue: it must not hold up those who wait for the counts.

        A bus that took nothing of one call, or let a batch wait too long, is not asked again for a minute. Raises
        DependencyError if the queue does not take them either; the caller repeats it all, and repeats carry the same
        ids.
        """
        waiting: list[JobEvent] = []
        began = self._clock()
        for part in calls_of(events):
            if self._clock() < self._asked_from:
                waiting += part
                continue
            refused = self.put(part)
            waiting += refused
            now = self._clock()
            if len(refused) == len(part) or now - began >= PATIENCE_SECONDS:
                self._asked_from = now + AWAY_SECONDS
        for part in calls_of(waiting):
            self._keep(part)

    def put(self, part: Sequence[JobEvent]) -> list[JobEvent]:
        """Put one call's events on the bus. Those that it did not take."""
        try:
            answers = self._events().put_events(Entries=[self._entry(event) for event in part])["Entries"]
        except (BotoCoreError, ClientError):
            logger.exception("event bus away", events=len(part))
            return list(part)
        refused = [(event, answer) for event, answer in zip(part, answers, strict=True) if "EventId" not in answer]
        for event, answer in refused:
            logger.warning("event not taken", id=event.id, code=answer.get("ErrorCode"))
        return [event for event, _ in refused]

    def _entry(self, event: JobEvent) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": str(event.type),
            "Time": event.time,
            "Detail": event.to_json(),
        }

    def _keep(self, part: Sequence[JobEvent]) -> None:
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": event.to_json()} for number, event in enumerate(part)
        ]
        try:
            failed = self._sqs().send_message_batch(QueueUrl=self._queue_url, Entries=entries).get("Failed", [])
        except (BotoCoreError, ClientError) as error:
            raise _not_kept() from error
        if failed:
            logger.error("events not kept", codes=sorted({each["Code"] for each in failed}))
            raise _not_kept()
        logger.warning("events wait", events=len(part), first=part[0].id, since=iso(part[0].time))


def calls_of(events: Iterable[JobEvent]) -> Iterator[list[JobEvent]]:
    """The events in their order, in as few calls as their number and size allow; one that is too large is alone."""
    part: list[JobEvent] = []
    size = 0
    for event in events:
        more = len(event.to_json().encode()) + _ENTRY_BYTES
        if part and (len(part) == EVENTS_PER_CALL or size + more > BYTES_PER_CALL):
            yield part
            part, size = [], 0
        part.append(event)
        size += more
    if part:
        yield part


def _not_kept() -> DependencyError:
    return DependencyError("events-not-kept", "Neither the event bus nor the queue beside it takes events.")
