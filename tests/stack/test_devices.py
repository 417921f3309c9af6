"""Devices' health as their service tells it, and resets: at most one a device and day, whatever happens."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError
from moto.core.base_backend import BackendDict
from moto.sns.models import sns_backends

from jobmill import aws
from jobmill.jobs.job import Job
from jobmill.jobs.operations import get_job
from jobmill.jobs.services import recovery
from jobmill.jobs.status import Status
from jobmill.processing.attempt import Message, Tools, run_attempt
from jobmill.processors.tasks import run_task
from jobmill.scheduled import scheduled_tasks
from jobmill.settings import settings
from jobmill.tasks.data import get_task_data
from jobmill.tasks.names import TaskName
from jobmill.tasks.rows import change_document, get_document
from jobmill.tasks.running import execute_task
from jobmill.tasks.services import task_cache
from jobmill.tasks.starting import Asker, start_now
from jobmill.times import now_utc
from jobmill_local.peer import Fault, Faults, Peer
from tests.stack.attempts import delivery
from tests.stack.collecting import Clock, configure, configured_peer, run
from tests.stack.http import call
from tests.stack.test_recovery import silent

pytestmark = pytest.mark.usefixtures("cloud")

HEALTH, SMS = TaskName.COLLECT_DEVICES_HEALTH, TaskName.SEND_RESET_SMS
SENDER = "jobmill.scheduled.send_reset_sms"
TEXT = "RESET 1234"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.charging.peers.time.sleep", lambda seconds: None)


@pytest.fixture
def peer(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    with configured_peer(monkeypatch, Clock(), page_limit=7) as peer:
        yield peer


@pytest.fixture
def sending(cloud: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment that has devices, and sends."""
    configure(monkeypatch, {"project": "charging", "devices": {"url": "https://devices.example"}})
    monkeypatch.setenv("SMS_SENDING", "On")
    monkeypatch.setenv("SMS_TEXT", TEXT)
    settings.cache_clear()


def sent() -> list[tuple[str, str]]:
    """What SNS has sent: numbers and texts, in order."""
    backends: BackendDict[Any] = sns_backends
    messages: dict[str, tuple[str, str]] = backends["123456789012"]["eu-central-1"].sms_messages
    return [(number, text) for number, text, *_ in messages.values()]


def collected(*devices: dict[str, Any]) -> None:
    """The devices' last collection."""
    execute_task("collection", HEALTH, lambda: [*devices])


def device(number: int, health: str = "bad", **fields: Any) -> dict[str, Any]:
    return {"id": f"d{number}", "health": health, "phone": f"+4477009000{number:02}"} | fields


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """The sender's clock; the collection is as new as it was."""
    monkeypatch.setattr(f"{SENDER}.now_utc", lambda: moment)
    change_document(HEALTH, {"data_at": moment - timedelta(hours=1)})


def result(job: Job) -> Any:
    assert job.status is Status.COMPLETED, job.error
    data = get_task_data(SMS)
    assert isinstance(data, dict)
    return data


def counts(**named: int) -> dict[str, Any]:
    return {"sent": True, "devices": 0, "messages": 0, "alreadySent": 0, "withoutPhone": 0, "failed": 0} | named


@pytest.mark.requirement("T16")
def test_devices_are_collected_over_all_pages_as_their_service_has_them(peer: Peer, kit: Tools) -> None:
    job = run(HEALTH, kit)
    devices = peer.world.devices()
    assert job.status is Status.COMPLETED, job.error
    task_cache().clear()
    assert get_task_data(HEALTH) == [*devices.values()]
    assert len(devices) > 7, "of several pages"
    assert (get_document(HEALTH).records, job.result and job.result["savedIn"]) == (len(devices), "db")
    assert call("GET", f"/api/tasks/{HEALTH}/data").body == [*devices.values()]
    peer.world.set_health("device-001", "bad")
    run(HEALTH, kit)
    assert {each["id"]: each["health"] for each in call("GET", f"/api/tasks/{HEALTH}/data").body}["device-001"] == "bad"


@pytest.mark.requirement("T16")
@pytest.mark.parametrize("fault", [Fault.TOO_MANY_REQUESTS, Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.CUT_OFF])
def test_a_service_that_stumbles_is_asked_again(fault: Fault, peer: Peer, kit: Tools) -> None:
    peer.faults = Faults({}, retry_after_seconds=0)
    peer.fail_next(fault, 2)
    job = run(HEALTH, kit)
    assert job.status is Status.COMPLETED, job.error
    assert get_task_data(HEALTH) == [*peer.world.devices().values()]


@pytest.mark.requirement("T16")
@pytest.mark.requirement("T7")
@pytest.mark.parametrize(
    ("fault", "status", "why"),
    [(Fault.UNAUTHORIZED, Status.FAILED, "token"), (Fault.BROKEN_JSON, Status.QUEUED, "no JSON")],
)
def test_a_service_that_is_no_use_leaves_the_devices_of_before(
    fault: Fault, status: Status, why: str, peer: Peer, kit: Tools
) -> None:
    run(HEALTH, kit)
    peer.faults = Faults({fault: 1})
    job = run(HEALTH, kit)
    assert job.status is status, "what was cut on its way may be whole the next time"
    error = job.attempts[-1].error
    assert error is not None
    assert why in error.message
    task_cache().clear()
    assert get_task_data(HEALTH) == [*peer.world.devices().values()]
    assert call("GET", f"/api/tasks/{HEALTH}").body["status"] == ("failed" if status is Status.FAILED else "running")


@pytest.mark.requirement("T17")
def test_each_unhealthy_device_with_a_telephone_is_sent_a_reset(sending: None, kit: Tools) -> None:
    collected(device(1), device(2, "good"), device(3, "UNHEALTHY"), device(4, "unknown"), device(5, phone=None))
    assert result(run(SMS, kit)) == counts(devices=3, messages=2, withoutPhone=1)
    assert sent() == [("+447700900001", TEXT), ("+447700900003", TEXT)]


@pytest.mark.requirement("T17")
def test_devices_collected_from_a_peer_are_reset(peer: Peer, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SENDING", "On")
    monkeypatch.setenv("SMS_TEXT", TEXT)
    settings.cache_clear()
    run(HEALTH, kit)
    run(SMS, kit)
    unhealthy = [each for each in peer.world.devices().values() if each["health"] == "unhealthy"]
    assert [number for number, _ in sent()] == [each["phone"] for each in unhealthy if "phone" in each]


@pytest.mark.requirement("T17")
def test_a_device_is_sent_one_reset_a_day(sending: None, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    collected(device(1), device(2))
    at(monkeypatch, datetime(2026, 5, 1, 0, 0, tzinfo=UTC))
    assert result(run(SMS, kit)) == counts(devices=2, messages=2)
    at(monkeypatch, datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC))
    collected(device(1), device(2), device(3))
    at(monkeypatch, datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC))
    assert result(run(SMS, kit)) == counts(devices=3, messages=1, alreadySent=2)
    at(monkeypatch, datetime(2026, 5, 2, 0, 0, tzinfo=UTC))
    assert result(run(SMS, kit)) == counts(devices=3, messages=3)
    assert len(sent()) == 6


@pytest.mark.requirement("T17")
def test_a_device_that_stands_there_twice_is_sent_one(sending: None, kit: Tools) -> None:
    collected(device(1), device(1), device(1, phone="+447700900099"))
    assert result(run(SMS, kit)) == counts(devices=3, messages=1, alreadySent=2)
    assert len(sent()) == 1


@pytest.mark.requirement("T17")
@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_run_that_dies_at_a_send_sends_that_device_nothing_more(
    dies: str, sending: None, kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected(device(1), device(2), device(3))
    publish: Callable[..., Any] = aws.sns().publish
    tried: list[str] = []

    def dying(**named: Any) -> Any:
        tried.append(named["PhoneNumber"])
        if dies == "after" or len(tried) != 2:
            publish(**named)
        if len(tried) == 2:
            raise KeyboardInterrupt
        return None

    monkeypatch.setattr(aws.sns(), "publish", dying)
    job = start_now(scheduled_tasks()[SMS].spec, Asker("id-of-admin", "admin"))
    message = Message(job.id, 1, 0, "token")
    with pytest.raises(KeyboardInterrupt):
        run_attempt(message, run_task, delivery("dies"), kit)
    assert get_job(job.id).status is Status.RUNNING
    silent(get_job(job.id))
    recovery().look(job.id)
    job = get_job(job.id)
    run_attempt(Message(job.id, job.run, job.pass_, "token"), run_task, delivery("goes on"), kit)
    assert result(get_job(job.id)) == counts(devices=3, messages=1, alreadySent=2)
    assert tried == ["+447700900001", "+447700900002", "+447700900003"]
    assert len(sent()) == (3 if dies == "after" else 2)


@pytest.mark.requirement("T17")
def test_a_message_that_fails_is_told_and_not_tried_again_that_day(
    sending: None, kit: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected(device(1), device(2))
    publish: Callable[..., Any] = aws.sns().publish
    tried: list[str] = []

    def failing(**named: Any) -> Any:
        tried.append(named["PhoneNumber"])
        if len(tried) == 1:
            raise ConnectTimeoutError(endpoint_url="https://sns.example")
        return publish(**named)

    monkeypatch.setattr(aws.sns(), "publish", failing)
    assert result(run(SMS, kit)) == counts(devices=2, messages=1, failed=1)
    assert result(run(SMS, kit)) == counts(devices=2, alreadySent=2)
    assert tried == ["+447700900001", "+447700900002"]


@pytest.mark.requirement("T17")
def test_sns_is_asked_once_however_it_answers(sending: None, kit: Tools, request: pytest.FixtureRequest) -> None:
    collected(device(1))
    asked: list[str] = []

    def answer(request: Any, **_: Any) -> Any:
        asked.append(request.url)
        return AWSResponse(request.url, 503, {}, _Body())

    events = aws.sns().meta.events
    events.register("before-send.sns.Publish", answer)
    # The client is all tests'.
    request.addfinalizer(lambda: events.unregister("before-send.sns.Publish", answer))
    assert result(run(SMS, kit)) == counts(devices=1, failed=1)
    assert len(asked) == 1


class _Body:
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield b""


@pytest.mark.requirement("T17")
@pytest.mark.parametrize(
    "phone",
    ["", "07700900001", "+0447700900001", "+44 7700 900001", "+4477009000011234567", "+447700900001\n",
     "tel:+4477009000",
     "+٤٤٧٧٠٠٩٠٠٠٠١", 447700900001, True, ["+447700900001"], {"a": 1}],
)  # fmt: skip
def test_what_is_no_telephone_number_is_sent_nothing(phone: Any, sending: None, kit: Tools) -> None:
    collected(device(1, phone=phone), device(2))
    assert result(run(SMS, kit)) == counts(devices=2, messages=1, withoutPhone=1)
    assert [number for number, _ in sent()] == ["+447700900002"]


@pytest.mark.requirement("T17")
@pytest.mark.parametrize(
    "odd",
    [{"health": "bad"}, {"id": None, "health": "bad", "phone": "+447700900007"}, "bad", None, 3, ["bad"],
     {"id": "x" * 3000, "health": "bad", "phone": "+447700900008"}, {"id": "", "health": "bad", "phone": "+447700900"}],
)  # fmt: skip
def test_what_is_no_device_keeps_no_other_from_its_reset(odd: Any, sending: None, kit: Tools) -> None:
    collected(odd, device(1))
    job = run(SMS, kit)
    assert job.status is Status.COMPLETED, job.error
    assert ("+447700900001", TEXT) in sent()


@pytest.mark.requirement("T17")
def test_nothing_is_sent_unless_it_is_switched_on(sending: None, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    for switch in ("Off", "", "on", "true"):
        monkeypatch.setenv("SMS_SENDING", switch)
        settings.cache_clear()
        collected(device(1), device(2, phone=None))
        assert result(run(SMS, kit)) == counts(devices=2, messages=1, withoutPhone=1) | {"sent": False}
    assert sent() == []
    monkeypatch.setenv("SMS_SENDING", "On")
    settings.cache_clear()
    assert result(run(SMS, kit))["messages"] == 1, "what was only counted was not sent"


@pytest.mark.requirement("T17")
def test_old_news_of_devices_resets_none(sending: None, kit: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    collected(device(1))
    now = now_utc()
    change_document(HEALTH, {"data_at": now - timedelta(days=1, seconds=1)})
    monkeypatch.setattr(f"{SENDER}.now_utc", lambda: now)
    job = run(SMS, kit)
    assert job.error is not None
    assert (job.status, job.error.code, sent()) == (Status.FAILED, "devices-too-old", [])
    change_document(HEALTH, {"data_at": now - timedelta(days=1)})
    assert run(SMS, kit).status is Status.COMPLETED
    assert len(sent()) == 1


@pytest.mark.requirement("T17")
def test_devices_that_were_never_collected_are_no_success(sending: None, kit: Tools) -> None:
    job = run(SMS, kit)
    assert job.error is not None
    assert job.error.code == "devices-too-old"
    collected()
    assert result(run(SMS, kit)) == counts()


@pytest.mark.requirement("T17")
def test_a_message_tells_no_numbers_to_the_log(sending: None, kit: Tools, caplog: pytest.LogCaptureFixture) -> None:
    collected(device(1))
    with caplog.at_level("DEBUG", "jobmill"):
        run(SMS, kit)
    told = json.dumps([[record.getMessage(), str(vars(record))] for record in caplog.records])
    assert "reset sent" in told
    assert "+447700900001" not in told
