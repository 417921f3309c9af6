"""Who the token is of."""

from __future__ import annotations

import pytest

from jobmill_client import ApiProblem, Client, Me, Membership

from .api_server import ApiServer, as_json
from .conftest import RunCommand

ME = {
    "id": "u1",
    "name": "Dana",
    "isAdmin": True,
    "projects": [
        {"id": "demo", "name": "Demo plant", "role": "writer"},
        {"id": "other", "name": "other", "role": "reader"},
    ],
}


def test_the_caller_knows_its_projects_and_roles(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", "/api/me", as_json(ME))
    projects = (
        Membership(id="demo", name="Demo plant", role="writer"),
        Membership(id="other", name="other", role="reader"),
    )
    assert client.me() == Me(id="u1", name="Dana", is_admin=True, projects=projects)


def test_an_answer_without_projects_is_a_problem(api: ApiServer, client: Client) -> None:
    api.will_answer("GET", "/api/me", as_json({"id": "u1"}))
    with pytest.raises(ApiProblem) as caught:
        client.me()
    assert caught.value.code == "unreadable-answer"


def test_whoami_names_the_caller_and_each_project_with_its_role(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", "/api/me", as_json(ME))
    lines = [line.split() for line in jobmill("whoami").stdout.splitlines()]
    assert lines == [
        ["user", "Dana"],
        ["id", "u1"],
        ["admin", "yes"],
        ["Demo", "plant", "(demo)", "writer"],
        ["other", "reader"],
    ]


def test_a_caller_who_is_no_admin_is_not_called_one(api: ApiServer, jobmill: RunCommand) -> None:
    api.will_answer("GET", "/api/me", as_json(ME | {"isAdmin": False, "projects": []}))
    assert [line.split() for line in jobmill("whoami").stdout.splitlines()] == [["user", "Dana"], ["id", "u1"]]
