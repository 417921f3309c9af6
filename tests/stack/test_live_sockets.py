"""Tickets, connections and subscriptions, on the real table: who gets in, and what he may listen to."""

import threading
from datetime import timedelta

import boto3
import pytest

from jobmill.callers import Caller, Role
from jobmill.errors import Gone, TooMany
from jobmill.jobs.operations import destroy_job
from jobmill.live.connections import MAX_CONNECTIONS, MAX_SUBSCRIPTIONS, get_connection, put_connection, subscribe
from jobmill.live.listener import Listener
from jobmill.live.subscriptions import Topic
from jobmill.live.tickets import make_ticket, use_ticket
from jobmill.times import now_utc
from tests.stack import builders
from tests.stack.conftest import TABLE
from tests.stack.http import TOKEN_SECONDS, call
from tests.stack.sockets import Socket, golden, live_rows, new_ticket, opened, subscribed

pytestmark = [pytest.mark.usefixtures("cloud"), pytest.mark.requirement("A16")]
DEMO = Caller("id-of-demo", "Demo", {"demo": Role.WRITER})
MINUTE = timedelta(minutes=1)


def listener() -> Listener:
    return Listener(DEMO, now_utc() + timedelta(seconds=TOKEN_SECONDS))


def test_a_ticket_is_told_with_the_address_to_open_and_never_kept_by_anyone() -> None:
    answer = call("POST", "/api/live-tickets")
    assert answer.status == 201
    assert set(answer.body) == {"ticket", "url", "expiresAt"}
    assert answer.body["url"] == f"wss://live.example.com/live?ticket={answer.body['ticket']}"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body["ticket"] not in str(boto3.client("dynamodb").scan(TableName=TABLE)["Items"])


def test_nobody_gets_a_ticket_without_a_token() -> None:
    assert call("POST", "/api/live-tickets", user=None).status == 401


def test_a_ticket_opens_one_socket() -> None:
    ticket = new_ticket()
    assert Socket("one=").open(ticket) == 200
    assert Socket("two=").open(ticket) == 401
    assert [row for row in live_rows() if "ticket" in row] == []


@pytest.mark.parametrize("ticket", [None, "", "nonsense", "0" * 64, "x" * 10_000, "\ud800"])
def test_what_is_no_ticket_opens_nothing(ticket: str | None) -> None:
    assert Socket("one=").open(ticket) == 401
    assert live_rows() == []


def test_a_ticket_opens_nothing_after_its_time_and_is_used_up_by_trying() -> None:
    now = now_utc()
    ticket = make_ticket(listener(), now, MINUTE)
    late = make_ticket(listener(), now, MINUTE)
    came = use_ticket(ticket.text, now + timedelta(seconds=58))
    assert came is not None
    assert (came.caller.id, came.caller.roles, came.caller.is_admin) == (DEMO.id, DEMO.roles, False)
    assert use_ticket(late.text, now + MINUTE) is None
    assert use_ticket(late.text, now) is None


def test_a_ticket_ends_with_its_token_at_the_latest() -> None:
    now = now_utc()
    soon = Listener(DEMO, now + timedelta(seconds=5))
    assert make_ticket(soon, now, MINUTE).expires_at <= soon.signed_in_until


def test_of_many_uses_at_once_one_wins() -> None:
    ticket, now = make_ticket(listener(), now_utc(), MINUTE), now_utc()
    barrier, won = threading.Barrier(8), []

    def use() -> None:
        barrier.wait()
        if use_ticket(ticket.text, now):
            won.append(1)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


def test_a_caller_has_at_most_50_connections_and_another_one_when_one_is_closed() -> None:
    for number in range(MAX_CONNECTIONS):
        put_connection(f"{number}=", listener(), now_utc())
    assert Socket("more=").open(new_ticket()) == 429
    assert Socket("other=").open(new_ticket("other")) == 200
    assert "live-connection#more= live-connection" not in live_rows()
    Socket("7=").close()
    assert Socket("more=").open(new_ticket()) == 200


def test_connections_that_are_over_are_not_counted() -> None:
    now = now_utc()
    for number in range(MAX_CONNECTIONS):
        put_connection(f"{number}=", Listener(DEMO, now + MINUTE), now)
    put_connection("later=", Listener(DEMO, now + 3 * MINUTE), now + 2 * MINUTE)
    assert get_connection("later=", now + 2 * MINUTE) is not None


def test_a_connection_is_over_with_its_token_and_after_two_hours() -> None:
    now = now_utc()
    put_connection("short", Listener(DEMO, now + 10 * MINUTE), now)
    put_connection("long", Listener(DEMO, now + timedelta(hours=8)), now)
    assert get_connection("short", now + 9 * MINUTE) is not None
    assert get_connection("short", now + 10 * MINUTE) is None
    assert get_connection("long", now + timedelta(minutes=119)) is not None
    assert get_connection("long", now + timedelta(hours=2)) is None


def test_who_is_signed_out_by_time_is_told_so_and_listens_to_nothing() -> None:
    put_connection("one=", Listener(DEMO, now_utc() - MINUTE), now_utc())
    socket, job = Socket("one="), builders.queued()
    for message in ({"action": "subscribe-job", "jobId": job.id}, {"action": "ping"}):
        assert socket.ask(message)["code"] == "connection-over"


@pytest.mark.parametrize(
    ("user", "sees_demo", "sees_system"),
    [
        ("demo", True, False),
        ("viewer", True, False),
        ("other", False, False),
        ("nobody", False, False),
        ("admin", True, True),
        ("system-reader", False, True),
    ],
)
def test_only_who_may_read_a_project_may_listen_to_it_and_its_jobs(
    user: str, sees_demo: bool, sees_system: bool
) -> None:
    socket = opened(user=user)
    for project, sees in (("demo", sees_demo), ("system", sees_system)):
        job = builders.queued(project_id=project)
        to_job = socket.ask({"action": "subscribe-job", "jobId": job.id})
        to_project = socket.ask({"action": "subscribe-project", "projectId": project})
        if sees:
            assert to_job == {"type": "subscribed", "jobId": job.id}
            assert to_project == {"type": "subscribed", "projectId": project}
        else:
            assert (to_job["type"], to_job["code"], to_job["jobId"]) == ("error", "job-not-found", job.id)
            assert (to_project["type"], to_project["code"]) == ("error", "project-not-found")
            assert to_project["projectId"] == project
    assert len([row for row in live_rows() if row.startswith("live#")]) == 2 * (sees_demo + sees_system)


def test_a_foreign_job_is_answered_as_one_that_is_not_there() -> None:
    socket, foreign = opened(user="other"), builders.queued()
    answers = [
        socket.ask({"action": "subscribe-job", "jobId": id}) | {"jobId": ""}
        for id in (foreign.id, "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971", "nonsense")
    ]
    assert answers[0] == answers[1] == answers[2]


def test_a_deleted_job_is_gone_for_its_project_alone() -> None:
    job = builders.completed()
    destroy_job(job.id)
    ask = {"action": "subscribe-job", "jobId": job.id}
    assert opened("one=").ask(ask)["code"] == "job-gone"
    assert opened("two=", "other").ask(ask)["code"] == "job-not-found"


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"action": "drop"}', '{"action": "subscribe-job"}'])
def test_what_makes_no_sense_is_answered_by_an_error(text: str) -> None:
    answer = opened().ask(text=text)
    assert set(answer) == {"type", "code", "message"}
    assert answer["type"] == "error"


def test_a_ping_is_answered() -> None:
    assert opened().ask({"action": "ping"}) == {"type": "pong"}


def test_a_socket_that_never_connected_is_refused_everything() -> None:
    assert Socket("ghost").ask({"action": "ping"})["code"] == "connection-over"


def test_trouble_inside_is_answered_too() -> None:
    socket = opened()
    boto3.client("dynamodb").delete_table(TableName=TABLE)
    answer = socket.ask({"action": "subscribe-project", "projectId": "demo"})
    assert (answer["type"], answer["code"], answer["projectId"]) == ("error", "unavailable", "demo")


def test_unsubscribing_ends_one_subscription_and_repeats_do_no_harm() -> None:
    socket, job = opened(), builders.queued()
    wanted = [{"action": "subscribe-job", "jobId": job.id}, {"action": "subscribe-project", "projectId": "demo"}]
    for message in wanted * 2:
        socket.ask(message)
    for _ in range(2):
        answer = socket.ask({"action": "unsubscribe-job", "jobId": job.id})
        assert answer == {"type": "unsubscribed", "jobId": job.id}
        assert live_rows() == ["live#demo one=#*", "live-connection#one= live-connection"]
    answer = socket.ask({"action": "unsubscribe-project", "projectId": "demo"})
    assert answer == {"type": "unsubscribed", "projectId": "demo"}
    assert live_rows() == ["live-connection#one= live-connection"]


def test_a_connection_has_at_most_100_subscriptions() -> None:
    socket = opened(user="admin")
    for number in range(MAX_SUBSCRIPTIONS):
        assert socket.ask({"action": "subscribe-project", "projectId": f"p{number}"})["type"] == "subscribed"
    over = socket.ask({"action": "subscribe-project", "projectId": "more"})
    assert (over["code"], over["projectId"]) == ("too-many-subscriptions", "more")
    assert socket.ask({"action": "subscribe-project", "projectId": "p7"})["type"] == "subscribed"
    socket.ask({"action": "unsubscribe-project", "projectId": "p7"})
    assert socket.ask({"action": "subscribe-project", "projectId": "more"})["type"] == "subscribed"


def test_a_connection_that_others_filled_meanwhile_is_full_and_not_over() -> None:
    opened()
    known = get_connection("one=", now_utc())
    assert known is not None
    for number in range(MAX_SUBSCRIPTIONS):
        subscribe(known, Topic("demo", f"job{number}"))
    with pytest.raises(TooMany) as raised:
        subscribe(known, Topic("demo"))
    assert raised.value.code == "too-many-subscriptions"


def test_a_closed_socket_leaves_nothing() -> None:
    socket = subscribed(project="demo")
    other = subscribed("two=", project="demo")
    socket.close()
    socket.close()
    assert live_rows() == ["live#demo two=#*", "live-connection#two= live-connection"]
    other.close()
    assert live_rows() == []


def test_a_subscription_that_meets_the_socket_s_end_leaves_nothing() -> None:
    socket = opened()
    known = get_connection("one=", now_utc())
    assert known is not None
    socket.close()
    with pytest.raises(Gone) as raised:
        subscribe(known, Topic("demo"))
    assert raised.value.code == "connection-over"
    assert live_rows() == []


def test_every_row_has_a_time_at_which_it_goes_by_itself() -> None:
    new_ticket()
    subscribed(project="demo")
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    ends = [int(row["expires_at"]["N"]) for row in rows if row["pk"]["S"].startswith("live")]
    now = now_utc().timestamp()
    assert len(ends) == 4
    assert all(now < end <= now + 7200 for end in ends)


def test_no_log_line_holds_a_ticket(caplog: pytest.LogCaptureFixture) -> None:
    ticket = new_ticket()
    Socket("one=").open(ticket)
    Socket("two=").open(ticket)
    logged = str([vars(record) for record in caplog.records])
    assert "socket opened" in logged
    assert ticket not in logged


def test_the_golden_events_are_those_of_one_socket() -> None:
    ids = {golden(name)["requestContext"]["connectionId"] for name in ("connect", "message", "disconnect")}
    assert len(ids) == 1
