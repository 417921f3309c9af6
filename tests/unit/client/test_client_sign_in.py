"""The `jobmill` command's ways to the API and to a token."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .api_server import JOB_ID, TOKEN, ApiServer, a_job, as_json
from .conftest import RunCommand


def sign_ins(api: ApiServer) -> list[dict[str, str]]:
    return [one.json["AuthParameters"] for one in api.seen("POST", "/")]


# token


def test_token_prints_the_token_and_nothing_else(api: ApiServer, jobmill: RunCommand) -> None:
    result = jobmill("token", "--user", "viewer")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"{TOKEN}\n", "")
    (asked,) = api.seen("POST", "/")
    assert asked.headers["X-Amz-Target"] == "AWSCognitoIdentityProviderService.InitiateAuth"
    assert asked.headers["Content-Type"] == "application/x-amz-json-1.1"
    assert "Authorization" not in asked.headers
    assert asked.json == {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": "client-1",
        "AuthParameters": {"USERNAME": "viewer", "PASSWORD": "viewer-password"},
    }


REFUSALS = {
    "wrong password": (
        as_json({"__type": "x#NotAuthorizedException", "message": "Incorrect username or password."}, 400),
        "The user name or the password is wrong. [sign-in-refused]",
    ),
    "temporary password": (
        as_json({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s", "ChallengeParameters": {}}),
        "The password is a temporary one",
    ),
    "second factor": (as_json({"ChallengeName": "SOFTWARE_TOKEN_MFA"}), "(SOFTWARE_TOKEN_MFA)"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refused_sign_in_is_a_sentence_and_exit_4(api: ApiServer, jobmill: RunCommand, case: str) -> None:
    canned, sentence = REFUSALS[case]
    api.will_answer("POST", "/", canned)
    result = jobmill("token")
    assert (result.exit_code, result.stdout) == (4, "")
    assert sentence in result.stderr
    assert "demo-password" not in result.stderr


def test_the_password_of_a_user_unknown_locally_is_of_the_environment(api: ApiServer, jobmill: RunCommand) -> None:
    assert jobmill("token", "--user", "ada").exit_code == 2
    assert jobmill("token", "--user", "ada", JOBMILL_PASSWORD="pw").stdout == f"{TOKEN}\n"
    assert sign_ins(api) == [{"USERNAME": "ada", "PASSWORD": "pw"}]


@pytest.mark.parametrize(
    "arguments", [["--client-id", "c"], ["--client-id", "c", "--region", "eu-central-1.evil.example/"]]
)
def test_a_user_pool_needs_a_client_id_and_a_real_region(jobmill: RunCommand, arguments: list[str]) -> None:
    result = jobmill("token", "--user", "ada", *arguments, JOBMILL_PASSWORD="pw")
    assert (result.exit_code, result.stdout) == (2, "")


# the way to the API


def test_options_after_the_command_hold_over_those_before_it(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job())
    result = jobmill("--user", "viewer", "--json", "show", JOB_ID, "--user", "demo")
    assert json.loads(result.stdout) == a_job()
    assert [one["USERNAME"] for one in sign_ins(api)] == ["demo"]


def test_a_given_token_needs_no_sign_in(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_go(a_job())
    assert jobmill("show", JOB_ID, JOBMILL_TOKEN=TOKEN).exit_code == 0
    assert jobmill("show", JOB_ID, "--token", TOKEN).exit_code == 0
    assert sign_ins(api) == []


def test_a_local_users_token_is_not_made_for_another_api(api: ApiServer, jobmill: RunCommand) -> None:
    result = jobmill("show", JOB_ID, "--url", "https://jobmill.example")
    assert result.exit_code == 2
    assert "No token" in result.stderr
    assert api.requests == []


def test_without_a_stack_the_url_is_asked_for(
    jobmill: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".local" / "stack.json").unlink()
    assert "give --url" in jobmill("list").stderr
