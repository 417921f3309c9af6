"""Deleting a job: the client's call and the command."""

from __future__ import annotations

import json

import pytest

from jobmill_client import ApiProblem, Client

from .api_server import JOB_ID, ApiServer, Canned, as_json
from .conftest import RunCommand

PATH = f"/api/jobs/{JOB_ID}"
NOT_ENDED = {"title": "Conflict", "status": 409, "code": "not-ended", "detail": "The job is Running."}


def test_an_ended_job_is_deleted(api: ApiServer, client: Client) -> None:
    api.will_answer("DELETE", PATH, Canned(204, b""))
    client.delete(JOB_ID)
    assert len(api.seen("DELETE", PATH)) == 1


def test_what_the_api_refuses_is_an_error(api: ApiServer, client: Client) -> None:
    api.will_answer("DELETE", PATH, as_json(NOT_ENDED, 409))
    with pytest.raises(ApiProblem) as refused:
        client.delete(JOB_ID)
    assert refused.value.code == "not-ended"


def test_the_command_asks_before_it_deletes(api: ApiServer, jobmill: RunCommand) -> None:
    unanswered = jobmill("delete", JOB_ID)
    assert (unanswered.exit_code, api.requests) == (2, [])
    api.will_answer("DELETE", PATH, Canned(204, b""))
    done = jobmill("delete", JOB_ID, "--yes", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"id": JOB_ID, "deleted": True})
