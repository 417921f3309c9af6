"""The sender by itself, with sockets in this process and a clock of its own: who is told, and in which turn."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

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
    how = {"client": lambda: sockets, "patience": seconds, "patience_with_progress": seconds, "clock": now_utc} | how
    return Sender(**how)


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
