"""The client's calls, their repeats and their pages, against a server on this computer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobmill_client import ApiProblem, Client, Misuse, NotAuthorized, Unreachable, WaitTimeout

from .api_server import JOB_ID, TOKEN, ApiServer, Canned, a_job, as_json

BUSY = as_json({"message": "Service Unavailable"}, 503)


def test_a_submit_that_meets_503_is_repeated_under_the_same_idempotency_key(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", "/api/jobs", BUSY, as_json(a_job("Queued"), 202))
    assert client.submit("Import", {"dataset": "a"}, project_id="demo").status == "Queued"
    tries = api.seen("POST", "/api/jobs")
    assert len(tries) == 2
    assert len({one.headers["Idempotency-Key"] for one in tries}) == 1
    assert tries[1].json == {"type": "Import", "projectId": "demo", "params": {"dataset": "a"}}


def test_two_submits_have_two_idempotency_keys(api: ApiServer, client: Client) -> None:
    for _ in range(2):
        client.submit("Import", {}, project_id="demo", run_limit_seconds=60)
    first, second = api.seen("POST", "/api/jobs")
    assert first.headers["Idempotency-Key"] != second.headers["Idempotency-Key"]
    assert first.json["options"] == {"runLimitSeconds": 60}


def test_a_server_that_stays_busy_is_a_problem_after_the_last_try(api: ApiServer) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", BUSY)
    with Client(api.url, TOKEN, retries=1) as client, pytest.raises(ApiProblem) as caught:
        client.job(JOB_ID)
    assert (caught.value.status, caught.value.code) == (503, "service-unavailable")
    assert len(api.requests) == 2


def test_a_manual_retry_is_not_repeated_by_itself(api: ApiServer, client: Client) -> None:
    api.will_answer("POST", f"/api/jobs/{JOB_ID}/retry", as_json({"message": "?"}, 500))
    with pytest.raises(ApiProblem):
        client.retry(JOB_ID)
    assert len(api.requests) == 1


def test_a_long_retry_after_is_waited_for_thirty_seconds_at_most(
    api: ApiServer, client: Client, pauses: list[float]
) -> None:
    path = f"/api/jobs/{JOB_ID}"
    running = [as_json(a_job("Running"), Retry_After=said) for said in ("7", "900", "0", "soon")]
    api.will_answer("GET", path, *running, as_json(a_job("Running")), as_json(a_job("Completed")))
    client.wait(JOB_ID)
    assert pauses == [7, 30, 0.2, 2, 2]


def test_waiting_tells_each_change_once_and_gives_the_ended_job(api: ApiServer, client: Client) -> None:
    steps = [a_job("Queued", progress=0), a_job("Running", progress=10), a_job("Running", progress=10)]
    api.will_go(*steps, a_job("Failed", error="Bad rows.", errorCode="no-valid-rows"))
    told: list[tuple[str, int]] = []
    job = client.wait(JOB_ID, lambda job: told.append((job.status, job.progress)))
    assert told == [("Queued", 0), ("Running", 10), ("Failed", 40)]
    assert (job.status, job.error_code) == ("Failed", "no-valid-rows")


def test_waiting_ends_at_its_timeout_with_the_job_as_last_seen(
    api: ApiServer, client: Client, pauses: list[float]
) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", as_json(a_job("Running"), Retry_After="4"))
    with pytest.raises(WaitTimeout) as caught:
        client.wait(JOB_ID, timeout=10)
    assert caught.value.job.status == "Running"
    assert sum(pauses) <= 10


def test_pages_are_followed_as_they_are_asked_for(api: ApiServer, client: Client) -> None:
    pages = [[a_job(id="3"), a_job(id="2")], [a_job(id="1")]]
    link = f'<{api.url}/api/jobs?cursor=c2&limit=200>; rel="next"'
    api.will_answer("GET", "/api/jobs", as_json(pages[0], Link=link), as_json(pages[1]))
    jobs = client.jobs(project_id="demo", status="Failed", since=datetime(2026, 7, 1, tzinfo=UTC))
    assert next(jobs).id == "3"
    assert len(api.requests) == 1
    assert [job.id for job in jobs] == ["2", "1"]
    first, second = api.requests
    asked = {"projectId": ["demo"], "status": ["Failed"], "from": ["2026-07-01T00:00:00Z"], "limit": ["200"]}
    assert first.query == asked
    assert second.query == {"cursor": ["c2"], "limit": ["200"]}


def test_a_limit_ends_the_list_within_a_page(api: ApiServer, client: Client) -> None:
    link = f'<{api.url}/api/jobs?cursor=c2>; rel="next"'
    pages = [as_json([a_job(id=first), a_job(id=second)], Link=link) for first, second in ("65", "43")]
    api.will_answer("GET", "/api/jobs", *pages, as_json([a_job(id="2")]))
    assert [job.id for job in client.jobs(limit=3)] == ["6", "5", "4"]
    assert len(api.requests) == 2


def test_the_token_is_not_sent_to_a_next_page_on_another_server(api: ApiServer, client: Client) -> None:
    other = ApiServer()
    link = f'<{other.root}/api/jobs?cursor=c2>; rel="next"'
    api.will_answer("GET", "/api/jobs", as_json([a_job()], Link=link))
    with pytest.raises(ApiProblem, match="another server") as caught:
        list(client.jobs())
    assert caught.value.code == "foreign-link"
    assert other.requests == []
    other.close()


def test_unknown_fields_are_tolerated_and_times_are_aware(api: ApiServer, client: Client) -> None:
    api.will_go(a_job("Paused", novelty={"a": 1}, startedAt="2026-07-31T08:00:01Z", progress=None))
    job = client.job(JOB_ID)
    assert job.created_at == datetime(2026, 7, 31, 8, 0, 0, 123000, UTC)
    assert job.started_at is not None
    assert job.started_at.tzinfo is not None
    assert (job.has_ended, job.progress, job.raw["novelty"]) == (False, 0, {"a": 1})


def test_cancel_retry_stats_and_projects_speak_the_contract(api: ApiServer, client: Client) -> None:
    path = f"/api/jobs/{JOB_ID}"
    ended = {"id": JOB_ID, "status": "Cancelled", "completedAt": "2026-07-31T08:00:09Z"}
    queued = {"id": JOB_ID, "status": "Queued", "progress": 0, "error": None, "completedAt": None}
    counts = {"total": 6, "queued": 1, "running": 2, "completed": 3, "failed": 0, "cancelled": 0}
    project = {"id": "p", "name": "P", "settings": {"datasetVersionsKept": 3}}
    api.will_answer("POST", f"{path}/cancel", as_json(ended))
    api.will_answer("POST", f"{path}/retry", as_json(queued, 202))
    api.will_answer("GET", "/api/jobs/projects/p/stats", as_json(counts))
    api.will_answer("PUT", "/api/projects/p", as_json(project))
    api.will_answer("GET", "/api/projects/p", as_json(project))
    assert client.cancel(JOB_ID).completed_at == datetime(2026, 7, 31, 8, 0, 9, tzinfo=UTC)
    assert client.retry(JOB_ID, {"dataset": "b"}).completed_at is None
    assert api.seen("POST", f"{path}/retry")[0].json == {"params": {"dataset": "b"}}
    assert client.stats("p").completed == 3
    assert client.put_project("p", "P", {"datasetVersionsKept": 3}) == client.project("p")


def test_a_job_s_events_come_with_their_times_and_errors(api: ApiServer, client: Client) -> None:
    told = {"type": "failed", "at": "2026-07-31T08:00:01Z", "run": 2, "attempt": 3, "error": "Bad.", "errorCode": "bad"}
    wanted = {"type": "retried", "at": "2026-07-31T08:00:00.5Z", "run": 1, "by": "Dana"}
    api.will_answer("GET", f"/api/jobs/{JOB_ID}/events", as_json([wanted, told]))
    first, second = client.events(JOB_ID)
    assert (first.type, first.by, first.attempt) == ("retried", "Dana", None)
    assert first.at == datetime(2026, 7, 31, 8, 0, 0, 500000, UTC)
    assert (second.run, second.attempt, second.error, second.error_code) == (2, 3, "Bad.", "bad")


def test_an_event_without_a_time_is_no_answer_of_the_api(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", f"/api/jobs/{JOB_ID}/events", as_json([{"type": "created", "run": 1}]))
    with pytest.raises(ApiProblem) as caught:
        client.events(JOB_ID)
    assert caught.value.code == "unreadable-answer"


def test_an_id_cannot_lead_to_another_address(api: ApiServer, client: Client) -> None:
    for hostile in ("../projects/x", "a?b#c"):
        with pytest.raises(ApiProblem):
            client.job(hostile)
    paths = [one.path for one in api.requests]
    assert paths == ["/api/jobs/..%2Fprojects%2Fx", "/api/jobs/a%3Fb%23c"]
    for hostile in ("..", ""):
        with pytest.raises(Misuse):
            client.job(hostile)
    assert len(api.requests) == 2


def test_a_slash_at_the_urls_end_does_not_matter(api: ApiServer) -> None:
    api.will_go(a_job())
    with Client(f"{api.url}/", TOKEN) as client:
        client.job(JOB_ID)
    assert api.requests[0].target == f"/_aws/execute-api/abc/$default/api/jobs/{JOB_ID}"


def test_a_proxy_and_a_netrc_of_the_environment_do_not_reach_this_computer(
    api: ApiServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    api.will_go(a_job())
    with Client(api.url, TOKEN, retries=0) as client:
        client.job(JOB_ID)
    assert api.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


PROBLEM = {
    "type": "urn:jobmill:problem:invalid-params",
    "title": "Invalid parameters",
    "status": 400,
    "detail": "The parameters are not valid.",
    "code": "invalid-params",
    "errors": [{"field": "params.dataset", "message": "is missing"}],
}
PAGE = Canned(502, b"<html><body><h1>Bad</h1></body></html>", {"Content-Type": "text/html"})
SHAPES = {
    "problem+json": (as_json(PROBLEM, 400), 400, "invalid-params", "not valid. (params.dataset: is missing)"),
    "the gateway's message": (as_json({"message": "Too big"}, 413), 413, "content-too-large", "Too big"),
    "a proxy's page": (PAGE, 502, "bad-gateway", "not the API's (text/html)"),
    "a broken body": (
        Canned(200, b'{"id": "x', {}),
        200,
        "unreadable-answer",
        "not what Jobmill's API gives",
    ),
    "another shape": (as_json({"id": "x"}), 200, "unreadable-answer", "not what Jobmill's API gives"),
    "not an object": (as_json(["x"]), 200, "unreadable-answer", "not what Jobmill's API gives"),
    "odd problem": (as_json({"code": 7, "errors": [1]}, 409), 409, "7", "Conflict"),
    "a redirect": (
        Canned(301, b"", {"Location": "https://new.example/"}),
        301,
        "moved-permanently",
        "new.ex",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_error_is_a_problem_with_a_sentence(api: ApiServer, shape: str) -> None:
    canned, status, code, sentence = SHAPES[shape]
    api.will_answer("GET", f"/api/jobs/{JOB_ID}", canned)
    with Client(api.url, TOKEN, retries=0) as client, pytest.raises(ApiProblem) as caught:
        client.job(JOB_ID)
    assert (caught.value.status, caught.value.code) == (status, code)
    assert sentence in str(caught.value)


def test_the_gateways_401_is_not_authorized(api: ApiServer) -> None:
    with Client(api.url, "old-token") as client, pytest.raises(NotAuthorized, match="Unauthorized"):
        client.job(JOB_ID)


def test_no_server_is_unreachable_and_says_why(api: ApiServer) -> None:
    api.close()
    with Client(api.url, TOKEN, retries=0) as client, pytest.raises(Unreachable, match="refused") as caught:
        client.job(JOB_ID)
    assert "Traceback" not in str(caught.value)
    assert "HTTPConnectionPool" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "jobmill", "ftp://x", "http://"])
def test_what_is_no_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Client(url, TOKEN)


@pytest.mark.parametrize("token", ["", "two\nlines", "snow☃"])
def test_what_cannot_be_a_token_is_refused_at_once(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Client("http://127.0.0.1:1", token)
