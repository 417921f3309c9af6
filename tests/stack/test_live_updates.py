"""Changes of jobs, made by the real operations, told to the sockets that listen."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from jobmill.aws import LIVE_SENDERS
from jobmill.callers import Caller, Role
from jobmill.jobs.job import Job
from jobmill.jobs.services import lifecycle, store
from jobmill.live.connections import put_connection
from jobmill.live.listener import Listener
from jobmill.live.subscriptions import Subscription, Topic, put_subscription
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.sockets import Gateway, live_rows, opened, serve_gateway, subscribed, update
from tests.stack.stream import Image, image, record

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("A16")]
LEASE = timedelta(minutes=2)


@pytest.fixture
def gateway(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """The sockets' other end."""
    with serve_gateway() as one:
        monkeypatch.setenv("LIVE_URL", one.url)
        yield one


def progress(job: Job, percent: int) -> Image:
    """The row of a running job after it told its progress."""
    store().renew(job, progress=percent, message="Reading", lease=LEASE, now=now_utc())
    return image(job.id)


def life(project_id: str = "demo", *percents: int) -> tuple[Job, list[Image]]:
    """The images of a job's row from its beginning to its completion."""
    job = builders.queued(project_id=project_id)
    images = [image(job.id)]
    job = builders.running(job)
    images += [image(job.id), *(progress(job, percent) for percent in percents)]
    store().complete(job, result={}, reports=(), publication=None, now=now_utc())
    return job, [*images, image(job.id)]


def changes(images: list[Image]) -> list[dict[str, Any]]:
    """The stream's records of these images."""
    return [record(new, old=old) for old, new in zip([None, *images], images, strict=False)]


def tell_one_by_one(records: list[dict[str, Any]]) -> None:
    for each in records:
        assert update(each) == []


def test_who_listens_to_a_job_or_its_project_is_told_its_whole_life(gateway: Gateway) -> None:
    job, images = life()
    other, other_images = life()
    subscribed("one=", job=job.id)
    subscribed("all=", project="demo")
    for each in changes(images):
        update(each)
    update(*changes(other_images))
    assert gateway.got["one="] == [
        {"type": "job-progress", "jobId": job.id, "run": 1, "version": 1, "status": "Queued", "progress": 0},
        {"type": "job-progress", "jobId": job.id, "run": 1, "version": 2, "status": "Running", "progress": 0},
        {"type": "job-completed", "jobId": job.id, "run": 1, "version": 3, "status": "Completed", "progress": 100},
    ]
    assert gateway.got["all="][:3] == gateway.got["one="]
    assert [message["jobId"] for message in gateway.got["all="][3:]] == [other.id]


def test_failed_cancelled_and_queued_again_are_told(gateway: Gateway) -> None:
    subscribed(project="demo")
    failed = builders.failed()
    before = image(failed.id)
    lifecycle().retry(failed, {})
    after = image(failed.id)
    cancelled = builders.cancelled()
    update(record(before))
    update(record(after, old=before))
    update(record(image(cancelled.id)))
    assert gateway.types() == ["job-failed", "job-progress", "job-cancelled"]
    assert gateway.got["one="][1] | {"jobId": ""} == {
        **{"type": "job-progress", "jobId": "", "run": 2, "version": 4, "status": "Queued", "progress": 0}
    }


def test_another_project_is_told_nothing(gateway: Gateway) -> None:
    subscribed(user="other", project="other")
    update(*changes(life()[1]))
    assert gateway.got == {}


def test_who_listens_twice_is_told_once(gateway: Gateway) -> None:
    job, images = life()
    socket = subscribed(job=job.id)
    socket.ask({"action": "subscribe-project", "projectId": "demo"})
    update(*changes(images))
    assert gateway.types() == ["job-completed"]


def test_a_lease_that_is_renewed_is_not_told(gateway: Gateway) -> None:
    subscribed(project="demo")
    job = builders.running()
    before = progress(job, 10)
    update(record(progress(job, 10), old=before))
    assert gateway.got == {}


def test_of_a_batch_only_the_newest_progress_of_each_job_is_told(gateway: Gateway) -> None:
    subscribed(project="demo")
    job = builders.running()
    images = [image(job.id), *(progress(job, percent) for percent in (10, 20, 30))]
    update(*changes(images))
    assert [message["progress"] for message in gateway.got["one="]] == [30]


def test_progress_is_told_twice_a_second_at_most_and_the_end_at_once(gateway: Gateway) -> None:
    subscribed(project="demo")
    _, images = life("demo", *range(1, 21))
    begun = time.monotonic()
    tell_one_by_one(changes(images))
    seconds = time.monotonic() - begun
    told = [message for message in gateway.got["one="] if message["status"] == "Running"]
    assert len(told) <= 1 + 2 * seconds + 1
    assert gateway.types()[-1] == "job-completed"


def test_repeats_and_any_order_are_told_with_what_lets_clients_drop_them(gateway: Gateway) -> None:
    subscribed(project="demo")
    _, images = life()
    records = changes(images)
    tell_one_by_one([records[2], records[2], records[0], records[1]])
    seen, kept = (0, 0, 0), []
    for message in gateway.got["one="]:
        order = (message["run"], message["version"], message["progress"])
        if order > seen:
            seen = order
            kept.append(message["type"])
    assert kept == ["job-completed"]


@pytest.mark.parametrize(
    "poison",
    [
        {"eventID": "x"},
        {"eventID": "x", "dynamodb": {}},
        {"eventID": "x", "dynamodb": {"Keys": {"sk": {"S": "job"}}, "NewImage": {"status": {"S": "Nonsense"}}}},
        {"eventID": "x", "dynamodb": {"Keys": {"sk": {"S": "job"}}, "NewImage": None}},
    ],
)
def test_what_cannot_be_read_is_logged_and_passed_over(
    gateway: Gateway, poison: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    subscribed(project="demo")
    poison.setdefault("dynamodb", {})
    assert update(poison, *changes(life()[1])) == []
    assert gateway.types() == ["job-completed"]
    assert "unreadable stream record" in caplog.text


def test_other_rows_and_deleted_jobs_are_not_told(gateway: Gateway) -> None:
    subscribed(project="demo")
    _, images = life()
    mark = images[-1] | {"sk": {"S": "counted"}}
    assert update(record(mark), record(None, old=images[-1])) == []
    assert gateway.got == {}


def test_a_socket_that_is_gone_is_removed_with_all_it_listens_to(gateway: Gateway) -> None:
    gone = subscribed("gone=", project="demo")
    gone.ask({"action": "subscribe-job", "jobId": builders.queued().id})
    subscribed("here=", project="demo")
    gateway.gone.add("gone=")
    assert update(*changes(life()[1])) == []
    assert gateway.types("here=") == ["job-completed"]
    assert live_rows() == ["live#demo here=#*", "live-connection#here= live-connection"]


@pytest.mark.parametrize("lasts", [timedelta(hours=1), timedelta(seconds=-1)], ids=["gone", "over"])
def test_a_subscription_whose_connection_is_not_there_is_removed_when_it_is_found(
    gateway: Gateway, lasts: timedelta
) -> None:
    put_subscription(Subscription("gone=", Topic("demo"), now_utc() + lasts))
    gateway.gone.add("gone=")
    update(*changes(life()[1]))
    assert live_rows() == []


def test_an_end_that_did_not_reach_a_socket_comes_again_from_its_record_on(gateway: Gateway) -> None:
    subscribed("broken=", project="demo")
    subscribed("here=", project="demo")
    gateway.broken.add("broken=")
    records = changes(life()[1])
    assert update(*records) == ["3"]
    gateway.broken.clear()
    assert update(*records) == []
    assert gateway.types("broken=") == ["job-completed"]
    assert gateway.types("here=") == ["job-completed"], "only those whom it missed are told again"


def test_progress_that_did_not_reach_a_socket_is_left(gateway: Gateway) -> None:
    subscribed("broken=", project="demo")
    gateway.broken.add("broken=")
    job = builders.running()
    assert update(record(image(job.id))) == []


def test_sockets_that_do_not_answer_are_given_up_and_their_ends_come_again(gateway: Gateway) -> None:
    for number in range(LIVE_SENDERS - 1):
        subscribed(f"slow{number}=", project="demo")
        gateway.slow[f"slow{number}="] = 60
    for number in range(20):
        subscribed(f"quick{number}=", project="demo")
    begun = time.monotonic()
    failed = update(*changes(life()[1]))
    assert time.monotonic() - begun < 10
    assert failed == ["3"]
    assert all(gateway.types(f"quick{number}=") == ["job-completed"] for number in range(20))


def test_a_connection_that_is_over_is_told_nothing_and_closed(gateway: Gateway) -> None:
    now = now_utc()
    until = now - timedelta(seconds=1)
    put_connection("over=", Listener(Caller("id-of-demo", "Demo", {"demo": Role.READER}), until), now)
    put_subscription(Subscription("over=", Topic("demo"), until))
    update(*changes(life()[1]))
    assert gateway.got == {}
    assert gateway.closed == ["over="]


def test_with_nobody_listening_nothing_is_sent(gateway: Gateway) -> None:
    opened()
    assert update(*changes(life()[1])) == []
    assert gateway.got == {}
