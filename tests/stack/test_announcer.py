"""Events when the bus is away, or takes some only: they wait, the counts do not, and none is lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from announcer.handler import handler
from jobmill import aws
from jobmill.announcements import services
from jobmill.announcements.bus import AWAY_SECONDS, BYTES_PER_CALL, EVENTS_PER_CALL, Announcer, calls_of
from jobmill.announcements.changes import events_of
from jobmill.announcements.event import JobEvent
from jobmill.errors import DependencyError
from jobmill.settings import settings
from tests.stack import builders
from tests.stack.bus import Bus, heard, listen, waiting
from tests.stack.http import LambdaContext, call
from tests.stack.stream import image, notify, record

pytestmark = pytest.mark.usefixtures("cloud")

EVENTS = Path(__file__).parents[2] / "events"


def made(number: int, message: str = "") -> list[JobEvent]:
    """So many events, of which each tells of a job of its own."""
    base = image(builders.failed().id)
    error = {"S": json.dumps({"code": "x", "message": message, "details": None, "kind": "input", "retryable": False})}
    return [
        event
        for n in range(number)
        for event in events_of(record(base | {"id": {"S": f"job-{n}"}, "error": error}, old=base | RUNNING), "")
    ]


RUNNING = {"status": {"S": "Running"}}


def announcer(bus: Bus, clock: Callable[[], float] = lambda: 0.0) -> Announcer:
    return Announcer(lambda: bus, "jobmill-test", aws.sqs, settings().announcements_queue_url, clock)


def ids(events: list[dict[str, Any]]) -> list[str]:
    return sorted(event["id"] for event in events)


def test_events_go_ten_to_a_call_and_no_call_is_too_large() -> None:
    bus = Bus()
    events = made(23)
    announcer(bus).announce(events)
    assert [len(part) for part in bus.calls] == [10, 10, 3]
    assert [json.loads(entry["Detail"])["id"] for part in bus.calls for entry in part] == [each.id for each in events]
    many = [event.model_copy(update={"source": "x" * 60_000}) for event in events]
    sizes = [sum(len(event.to_json()) for event in part) for part in calls_of(many)]
    assert [len(part) for part in calls_of(many)] == [4, 4, 4, 4, 4, 3]
    assert max(sizes) <= BYTES_PER_CALL
    too_large = many[0].model_copy(update={"source": "x" * 300_000})
    assert [len(part) for part in calls_of([too_large, *events[:3]])] == [1, 3]


def test_what_the_bus_refuses_waits_alone_with_its_id() -> None:
    events = made(12)
    announcer(Bus(events[3].id, events[11].id)).announce(events)
    assert ids(waiting()) == sorted([events[3].id, events[11].id])


def test_a_bus_that_is_away_is_asked_once_and_everything_waits() -> None:
    bus, events = Bus(away=True), made(25)
    announcer(bus).announce(events)
    assert len(bus.calls) == 1
    assert ids(waiting()) == sorted(event.id for event in events)


class SlowBus(Bus):
    """Takes everything, and lets each call wait for `seconds` of its own clock."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.now, self._seconds = 1000.0, seconds

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.now += self._seconds
        return super().put_events(Entries)


@pytest.mark.parametrize(("seconds", "calls"), [(2.9, 2), (1, 5), (0.4, 10)])
def test_a_slow_bus_holds_a_batch_up_for_some_seconds_only(seconds: float, calls: int) -> None:
    bus, events = SlowBus(seconds), made(100)
    announcer(bus, lambda: bus.now).announce(events)
    assert len(bus.calls) == calls
    assert len(waiting()) == 100 - 10 * calls


@pytest.mark.parametrize("bus", [SlowBus(6), Bus(away=True)], ids=["hangs", "away"])
def test_a_bus_that_was_away_is_asked_again_after_a_minute(bus: Bus) -> None:
    now = 0.0
    here, events = announcer(bus, lambda: now + getattr(bus, "now", 0)), made(4)
    for event in events[:3]:
        here.announce([event])
        now += AWAY_SECONDS / 3
    assert len(bus.calls) == 1
    now += 1
    here.announce(events[3:])
    assert len(bus.calls) == 2


def test_counts_do_not_wait_for_the_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws.events(), "put_events", Bus(away=True).put_events)
    job = builders.queued()
    notify(record(image(job.id)))
    assert call("GET", "/api/jobs/projects/demo/stats").body["queued"] == 1
    assert ids(waiting()) == [f"{job.id}:created"]


def test_while_the_queue_is_away_too_the_batch_comes_again_and_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    job = builders.queued()
    batch = record(image(job.id))
    with monkeypatch.context() as away:
        away.setattr(aws.events(), "put_events", Bus(away=True).put_events)
        away.setattr(aws.sqs(), "send_message_batch", _no_queue)
        for _ in range(2):
            with pytest.raises(DependencyError) as caught:
                notify(batch)
            assert caught.value.code == "events-not-kept"
    services.announcer.cache_clear()  # as in another process, or a minute later
    listen()
    notify(batch)
    assert [each["detail"]["id"] for each in heard()] == [f"{job.id}:created"]
    assert call("GET", "/api/jobs/projects/demo/stats").body["queued"] == 1


def test_an_event_that_the_queue_refuses_makes_the_batch_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
    monkeypatch.setattr(aws.sqs(), "send_message_batch", lambda **_: refusal)
    with pytest.raises(DependencyError):
        announcer(Bus(away=True)).announce(made(1))


def test_what_waited_is_told_when_the_bus_is_back_and_stays_while_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    listen()
    events = made(3)
    sent = {"Records": [_message(str(n), event.to_json()) for n, event in enumerate(events)]}
    sent["Records"].append(_message("broken", "{}"))
    with monkeypatch.context() as partly:
        partly.setattr(aws.events(), "put_events", Bus(events[1].id).put_events)
        assert _given_back(sent) == ["1", "broken"]
    sent["Records"] = sent["Records"][1:2]
    assert _given_back(sent) == []
    assert [each["detail"] for each in heard()] == [json.loads(events[1].to_json())]


@pytest.mark.requirement("C6")
def test_the_golden_message_is_an_event_for_the_bus() -> None:
    listen()
    golden = json.loads((EVENTS / "sqs_announcement.json").read_text())
    assert _given_back(golden) == []
    assert [each["detail"] for each in heard()] == [json.loads(golden["Records"][0]["body"])]


def test_the_golden_record_of_the_stream_tells_of_a_start() -> None:
    (one,) = json.loads((EVENTS / "table_stream.json").read_text())["Records"]
    assert [event.type for event in events_of(one, "")] == ["job.started"]


def test_the_bus_is_the_stack_s_and_the_time_is_the_event_s() -> None:
    bus, (event,) = Bus(), made(1)
    announcer(bus).announce([event])
    ((entry,),) = bus.calls
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == ("jobmill-test", "jobmill", "job.failed")
    assert entry["Time"] == event.time
    assert len(bus.calls[0]) <= EVENTS_PER_CALL


def _no_queue(**_: Any) -> None:
    raise EndpointConnectionError(endpoint_url="https://sqs.example.com")


def _message(id: str, body: str) -> dict[str, Any]:
    golden = json.loads((EVENTS / "sqs_announcement.json").read_text())["Records"][0]
    return golden | {"messageId": id, "body": body}


def _given_back(event: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in handler(event, LambdaContext())["batchItemFailures"]]
