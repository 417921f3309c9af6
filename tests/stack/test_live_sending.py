"""The sender by itself, with sockets in this process and a clock of its own: who is told, and in which turn."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from jobmill.aws import LIVE_SENDERS
from jobmill.jobs.status import Status
from jobmill.live.messages import Message
from jobmill.live.sending import Sender
from jobmill.live.subscriptions import Subscription, Topic, put_subscription
from jobmill.times import now_utc

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("A16")]


def end(job: str = "job", project_id: str = "demo") -> Message:
    return Message(job, project_id, run=1, version=3, status=Status.COMPLETED, progress=100)


def listen(connection_id: str, project_id: str = "demo", *, lasts: timedelta = timedelta(hours=1)) -> None:
    put_subscription(Subscription(connection_id, Topic(project_id), now_utc() + lasts))


@dataclass
class Sockets:
    """Stands for boto3's client: takes every message."""

    told: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        self.told.append(ConnectionId)

    def delete_connection(self, *, ConnectionId: str) -> None:  # noqa: N803
        self.closed.append(ConnectionId)


def sender(sockets: Sockets, **how: Any) -> Sender:
    seconds = timedelta(seconds=20)
    known: dict[str, Any] = {"client": lambda: sockets, "patience": seconds, "patience_with_progress": seconds}
    return Sender(**known | {"clock": now_utc} | how)


def test_the_client_is_made_by_one_thread_before_the_others_begin() -> None:
    sockets, makers = Sockets(), set[threading.Thread]()

    def make() -> Sockets:
        makers.add(threading.current_thread())
        return sockets

    for number in range(3):
        listen(f"here{number}=")
        listen(f"over{number}=", lasts=timedelta(seconds=-1))
    assert sender(sockets, client=make).tell([end()]) == []
    assert makers == {threading.current_thread()}
    assert (len(sockets.told), len(sockets.closed)) == (3, 3)


@dataclass
class SlowSockets(Sockets):
    """Takes no time, but for its stopwatch: each message is one more second."""

    lock: threading.Lock = field(default_factory=threading.Lock)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        with self.lock:
            super().post_to_connection(ConnectionId=ConnectionId, Data=Data)

    def stopwatch(self) -> float:
        return len(self.told)

    def sender(self, posts: int) -> Sender:
        """One that has the time for so many messages in each batch."""
        return sender(self, stopwatch=self.stopwatch, patience=timedelta(seconds=posts))


def test_a_project_of_many_sockets_does_not_starve_another_s() -> None:
    for number in range(100):
        listen(f"many{number}=", "aaa")
    listen("few=", "bbb")
    sockets = SlowSockets()
    messages = [*(end(f"job{number}", "aaa") for number in range(5)), end(project_id="bbb")]
    assert sockets.sender(posts=50).tell(messages) != []
    assert sockets.told.count("few=") == 1


def test_an_end_that_comes_again_is_told_to_those_whom_it_missed_alone() -> None:
    for number in range(100):
        listen(f"many{number}=")
    sockets, messages = SlowSockets(), [end(f"job{number}") for number in range(5)]
    telling, left = sockets.sender(posts=100), messages
    assert len(telling.tell(messages)) > 0
    for _ in range(6):
        left = list(dict.fromkeys(telling.tell(left)))
    assert left == []
    assert sorted(sockets.told) == sorted([f"many{number}=" for number in range(100)] * 5)


def test_who_is_missed_for_want_of_time_is_not_always_the_same() -> None:
    for number in range(200):
        listen(f"many{number}=")
    told = []
    for batch in range(2):
        sockets = SlowSockets()
        sockets.sender(posts=50).tell([end(f"job{batch}")])
        told.append(set(sockets.told))
    assert len(told[0] & told[1]) < 35, "of at least 50 in each batch"


def test_what_is_remembered_of_those_who_were_told_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.live.sending.MOST_REMEMBERED", 10)
    for number in range(100):
        listen(f"many{number}=")
    sockets = SlowSockets()
    telling = sockets.sender(posts=50)
    assert telling.tell([end()]) != []
    first = set(sockets.told)
    sockets.told.clear()
    telling.tell([end()])
    assert first & set(sockets.told), "forgotten, and told twice"


@dataclass
class StuckSockets(Sockets):
    """Those of the project `stuck` are not told before all others were, or 3 s have gone by."""

    others: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    in_time: list[bool] = field(default_factory=list)

    def post_to_connection(self, *, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        if ConnectionId.startswith("stuck"):
            self.in_time.append(self.done.wait(3))
            return
        self.told.append(ConnectionId)
        if len(self.told) == self.others:
            self.done.set()


def test_more_stuck_sockets_than_threads_hold_up_no_other_project_s() -> None:
    few = LIVE_SENDERS // 2
    for number in range(2 * LIVE_SENDERS):
        listen(f"stuck{number}=", "stuck")
    for number in range(few):
        listen(f"quick{number}=", "quick")
    sockets = StuckSockets(others=few)
    assert sender(sockets).tell([end(project_id="stuck"), end(project_id="quick")]) == []
    assert all(sockets.in_time)
