"""Many jobs at once: the client's calls, and the command's question and tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from jobmill_client import ApiProblem, Client, JobFilter
from jobmill_client.cli import app

from .api_server import JOB_ID, ApiServer, Canned, as_json
from .conftest import RunCommand

pytestmark = pytest.mark.requirement("J22")
OTHER_ID = "0198c0de-0000-7000-8000-000000000002"


def done(job_id: str, outcome: str = "cancelled") -> dict[str, str]:
    return {"id": job_id, "outcome": outcome, "status": outcome.title()}


def refused(job_id: str) -> dict[str, str]:
    return {"id": job_id, "outcome": "refused", "error": "It is Completed.", "errorCode": "not-cancellable"}


def answer(*outcomes: dict[str, str], **fields: Any) -> Canned:
    return as_json({"outcomes": list(outcomes), **fields})


def bodies(api: ApiServer, action: str) -> list[Any]:
    return [one.json for one in api.seen("POST", f"/api/jobs/{action}")]


# the client


def test_ids_go_in_parts_of_200_each_once_and_the_outcomes_come_together(api: ApiServer, client: Client) -> None:
    ids = [f"id-{number}" for number in range(201)]
    api.will_answer("POST", "/api/jobs/cancel", answer(*map(done, ids[:200])), answer(refused(ids[200])))
    outcomes = client.cancel_many([*ids, ids[0]])
    assert bodies(api, "cancel") == [{"ids": ids[:200]}, {"ids": ids[200:]}]
    assert [one.id for one in outcomes] == ids
    last = outcomes[-1]
    assert (last.outcome, last.error, last.error_code, last.status) == (
        *("refused", "It is Completed.", "not-cancellable"),
        None,
    )


def test_a_filter_is_repeated_by_its_cursor_to_the_end(api: ApiServer, client: Client) -> None:
    api.will_answer(
        "POST",
        "/api/jobs/retry",
        answer(done("3", "queued"), next="c2"),
        answer(next="c1"),
        answer(done("1", "queued")),
    )
    which = JobFilter(project_id="demo", status="Failed", type="Import", since=datetime(2026, 7, 1, tzinfo=UTC))
    assert [(one.id, one.outcome, one.status) for one in client.retry_many(which)] == [
        ("3", "queued", "Queued"),
        ("1", "queued", "Queued"),
    ]
    sent = {"projectId": "demo", "status": "Failed", "type": "Import", "from": "2026-07-01T00:00:00Z"}
    first = {"filter": sent, "limit": 200}
    assert bodies(api, "retry") == [first, first | {"cursor": "c2"}, first | {"cursor": "c1"}]


def test_no_ids_are_no_request(api: ApiServer, client: Client) -> None:
    assert client.cancel_many([]) == ()
    assert api.requests == []


def test_a_retry_of_many_is_not_repeated_by_itself_and_a_cancel_is(api: ApiServer, client: Client) -> None:
    broken = as_json({"message": "?"}, 500)
    api.will_answer("POST", "/api/jobs/retry", broken)
    api.will_answer("POST", "/api/jobs/cancel", broken, answer(done(JOB_ID)))
    with pytest.raises(ApiProblem):
        client.retry_many([JOB_ID])
    assert len(api.requests) == 1
    assert [one.outcome for one in client.cancel_many([JOB_ID])] == ["cancelled"]


# the command


def test_several_ids_are_one_request_and_the_refused_are_told(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", "/api/jobs/cancel", answer(done(JOB_ID), refused(OTHER_ID)))
    result = jobmill("cancel", JOB_ID, OTHER_ID)
    assert result.exit_code == 1
    counts, reason = result.stdout.splitlines()[0::2]
    assert counts.split() == ["cancelled", "1"]
    assert reason.split() == ["refused", OTHER_ID, "It", "is", "Completed.", "[not-cancellable]"]
    assert bodies(api, "cancel") == [{"ids": [JOB_ID, OTHER_ID]}]


def test_several_retries_give_one_document_with_json(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", "/api/jobs/retry", answer(done("1", "queued"), done("2", "queued")))
    result = jobmill("retry", "1", "2", "--json")
    assert result.exit_code == 0
    assert [one["outcome"] for one in json.loads(result.stdout)] == ["queued", "queued"]


def test_all_of_a_project_are_changed_after_a_yes_page_after_page(
    api: ApiServer, jobmill: RunCommand, local_stack: object
) -> None:
    api.will_answer("POST", "/api/jobs/cancel", answer(done("2"), next="c"), answer(done("1")))
    command = ["cancel", "--project", "p", "--status", "Queued", "--type", "Import"]
    asked = CliRunner().invoke(app, command, input="y\n", env={"COLUMNS": "200"})
    assert asked.exit_code == 0, asked.output
    assert "Cancel all Queued Import jobs of project p?" in asked.stderr
    assert asked.stdout.split()[-2:] == ["cancelled", "2"]
    sent = {"projectId": "p", "status": "Queued", "type": "Import"}
    assert [body["filter"] for body in bodies(api, "cancel")] == [sent, sent]


@pytest.mark.parametrize(("said", "exit_code"), [("n\n", 1), ("", 2)])
def test_without_a_yes_nothing_is_changed(api: ApiServer, local_stack: object, said: str, exit_code: int) -> None:
    result = CliRunner().invoke(app, ["retry", "--project", "p"], input=said)
    assert (result.exit_code, result.stdout.strip()) == (exit_code, said.strip())
    assert "Nothing was changed" in result.stderr or "nothing was changed" in result.stderr
    assert bodies(api, "retry") == []


def test_yes_does_not_ask(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("POST", "/api/jobs/retry", answer())
    result = jobmill("retry", "--project", "p", "--yes")
    assert (result.exit_code, result.stdout.split()) == (0, ["jobs", "0"])
    assert "?" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["cancel"],
        ["retry", "--yes"],
        ["cancel", JOB_ID, "--status", "Queued"],
        ["retry", JOB_ID, OTHER_ID, "--params", "{}"],
        ["retry", "--project", "p", "--params", "{}"],
    ],
)
def test_jobs_are_named_in_one_way(api: ApiServer, jobmill: RunCommand, arguments: list[str]) -> None:
    result = jobmill(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert bodies(api, "cancel") == bodies(api, "retry") == []
