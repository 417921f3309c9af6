"""Live updates on the whole stack, by a real WebSocket."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from jobmill_client import Client
from jobmill_local.live_socket import SECONDS, LiveSocket, Message, live_socket, live_ticket
from jobmill_local.stack import Stack
from tests.e2e.jobs import import_params

pytestmark = pytest.mark.requirement("A16")


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[Client]:
    with stack.client("demo") as client:
        yield client


@pytest.fixture
def socket(stack: Stack) -> Iterator[LiveSocket]:
    with live_socket(stack, "demo") as socket:
        yield socket


@pytest.fixture
def small(client: Client, tmp_path: Path) -> dict[str, str]:
    """The parameters of an Import that takes no time."""
    path = tmp_path / "small.csv"
    path.write_text("code,name\n007,Oslo\n008,Bergen\n")
    return import_params(client, path, "e2e-live")


def orders(messages: list[Message]) -> list[tuple[int, int, int]]:
    return [(message["run"], message["version"], message["progress"]) for message in messages]


def listening(connection_rows: Callable[[], int], expected: int) -> bool:
    """Whether so many connections are there, or within 10 s: a socket's end is told after it."""
    until = time.monotonic() + 10
    while connection_rows() != expected and time.monotonic() < until:
        time.sleep(0.05)
    return connection_rows() == expected


def test_a_ticket_opens_one_socket(stack: Stack) -> None:
    ticket = live_ticket(stack, stack.token("demo"))
    assert ticket["url"] == f"{stack.outputs['LiveUrl']}?ticket={ticket['ticket']}"
    with connect(ticket["url"], open_timeout=SECONDS) as first:
        with pytest.raises(InvalidStatus) as refused, connect(ticket["url"], open_timeout=SECONDS):
            pass
        assert refused.value.response.status_code in (401, 403)
        assert LiveSocket(first).ask(action="ping") == {"type": "pong"}, "the first one lives on"


def test_a_ticket_opens_nothing_after_its_time(stack: Stack) -> None:
    ticket = live_ticket(stack, stack.token("demo"))
    digest = hashlib.sha256(ticket["ticket"].encode()).hexdigest()
    stack.aws("dynamodb").update_item(
        TableName=stack.outputs["TableName"],
        Key={"pk": {"S": f"live-ticket#{digest}"}, "sk": {"S": "live-ticket"}},
        UpdateExpression="SET expires_at = :now",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":now": {"N": str(int(time.time()))}},
    )
    with pytest.raises(InvalidStatus), connect(ticket["url"], open_timeout=SECONDS):
        pass


@pytest.mark.parametrize("query", ["", "?ticket=", f"?ticket={'0' * 64}"])
def test_without_a_ticket_nothing_opens(stack: Stack, query: str) -> None:
    with pytest.raises(InvalidStatus), connect(stack.outputs["LiveUrl"] + query, open_timeout=SECONDS):
        pass


def test_an_import_is_told_in_order_to_who_listens_to_its_project(
    socket: LiveSocket, client: Client, small: dict[str, str]
) -> None:
    assert socket.ask(action="subscribe-project", projectId="demo") == {"type": "subscribed", "projectId": "demo"}
    job = client.submit("Import", small, project_id="demo")
    told = socket.until_type("job-completed", job.id)
    assert orders(told) == sorted(set(orders(told)))
    assert told[0] | {"jobId": ""} == {
        **{"type": "job-progress", "jobId": "", "run": 1, "version": 1, "status": "Queued", "progress": 0}
    }
    assert told[-1] | {"jobId": ""} == {
        **{"type": "job-completed", "jobId": "", "run": 1, "version": 3, "status": "Completed", "progress": 100}
    }


def test_progress_is_told_while_it_goes_on(socket: LiveSocket, client: Client, large_file: Path) -> None:
    job = client.submit("Import", import_params(client, large_file, "e2e-live-large"), project_id="demo")
    assert socket.ask(action="subscribe-job", jobId=job.id) == {"type": "subscribed", "jobId": job.id}
    told = socket.until(lambda message: message["status"] == "Running" and message["progress"] > 0)
    assert {message["jobId"] for message in told} == {job.id}
    client.cancel(job.id)
    assert socket.until_type("job-cancelled", job.id)[-1]["status"] == "Cancelled"


def test_a_failure_is_told_and_the_next_run(socket: LiveSocket, client: Client, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("code\nx\n")
    params = import_params(client, path, "e2e-live-bad") | {"schema": {"fields": [{"name": "code", "type": "integer"}]}}
    socket.ask(action="subscribe-project", projectId="demo")
    job = client.submit("Import", params, project_id="demo")
    assert socket.until_type("job-failed", job.id)[-1]["run"] == 1
    client.retry(job.id)
    again = socket.until_type("job-failed", job.id)
    assert (again[0]["status"], again[0]["run"], again[-1]["run"]) == ("Queued", 2, 2)


def test_another_project_s_jobs_are_refused_and_never_told(stack: Stack, client: Client, small: dict[str, str]) -> None:
    with live_socket(stack, "other") as foreign, live_socket(stack, "viewer") as reader:
        reader.ask(action="subscribe-project", projectId="demo")
        assert foreign.ask(action="subscribe-project", projectId="demo")["code"] == "project-not-found"
        job = client.submit("Import", small, project_id="demo")
        assert foreign.ask(action="subscribe-job", jobId=job.id)["code"] == "job-not-found"
        reader.until_type("job-completed", job.id)
        assert foreign.ask(action="ping") == {"type": "pong"}
        assert foreign.waiting == []


def test_what_makes_no_sense_is_answered_on_a_socket_that_stays_open(socket: LiveSocket) -> None:
    for text in ("nonsense", "", "[]", '{"action": "$connect"}', '{"action": "subscribe-job"}', "x" * 2000):
        assert socket.ask_text(text)["type"] == "error"
    assert socket.ask(action="ping") == {"type": "pong"}


def test_who_was_cut_off_reconnects_and_catches_up(stack: Stack, client: Client, small: dict[str, str]) -> None:
    table = stack.aws("dynamodb")

    def connections() -> int:
        rows = table.scan(TableName=stack.outputs["TableName"], ConsistentRead=True, ProjectionExpression="pk")["Items"]
        return sum(row["pk"]["S"].startswith("live-connection#") for row in rows)

    assert listening(connections, 0)
    with live_socket(stack, "demo") as lost:
        lost.ask(action="subscribe-project", projectId="demo")
        assert connections() == 1
        lost.connection.socket.close()
    assert listening(connections, 0)
    job = client.submit("Import", small, project_id="demo")
    with live_socket(stack, "demo") as again:
        assert again.ask(action="subscribe-job", jobId=job.id) == {"type": "subscribed", "jobId": job.id}
        if client.job(job.id).status != "Completed":  # then the end is still to be told
            again.until_type("job-completed", job.id)
        assert client.job(job.id).status == "Completed"
