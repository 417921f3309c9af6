"""Who calls, and which projects are theirs; the register of all projects."""

from typing import Any

import pytest

from jobmill.projects.project import Project, put_project
from jobmill.projects.register import RegisterRow, known_here, registered
from tests.stack import builders
from tests.stack.http import call
from tests.stack.stream import image, notify, record

pytestmark = pytest.mark.usefixtures("cloud")


def me(user: str) -> Any:
    return call("GET", "/api/me", user=user).body


def test_a_member_is_told_its_projects_by_name_with_its_roles() -> None:
    put_project(Project("demo", "Zebra"))
    assert me("both") == {
        "id": "id-of-both",
        "name": "Both",
        "isAdmin": False,
        "projects": [
            {"id": "other", "name": "other", "role": "reader"},
            {"id": "demo", "name": "Zebra", "role": "writer"},
        ],
    }
    assert me("nobody") == {"id": "id-of-nobody", "name": "Nobody", "isAdmin": False, "projects": []}
    assert call("GET", "/api/me", user=None).status == 401


def test_nobody_but_an_admin_writes_in_the_project_of_the_tasks() -> None:
    assert [each["role"] for each in me("system-writer")["projects"]] == ["reader"]


def test_an_admin_writes_in_every_project_that_was_ever_seen() -> None:
    assert me("admin") == {"id": "id-of-admin", "name": "Admin", "isAdmin": True, "projects": []}
    jobs = [builders.queued(project_id=project) for project in ("demo", "other", "system", "demo")]
    notify(*(record(image(job.id)) for job in jobs))
    put_project(Project("named", "Named by an admin, without a job yet"))
    assert [(each["id"], each["role"]) for each in me("admin")["projects"]] == [
        ("demo", "writer"), ("named", "writer"), ("other", "writer"), ("system", "writer"),
    ]  # fmt: skip
    assert [each["id"] for each in me("demo")["projects"]] == ["demo"]


def test_an_admin_sees_the_projects_of_who_called_though_no_job_of_theirs_changed_since() -> None:
    assert me("admin")["projects"] == []
    for user in ("viewer", "both", "nobody"):
        me(user)
    assert [each["id"] for each in me("admin")["projects"]] == ["demo", "other"]


def test_a_project_stays_in_the_register_when_its_jobs_go_and_other_processes_meet_it() -> None:
    before = image(builders.completed().id)
    notify(record(before), record(None, old=before))
    known_here.cache_clear()
    notify(record(image(builders.queued().id)))
    assert registered(10) == ["demo"]


def test_an_admin_s_list_ends() -> None:
    with RegisterRow.batch_write() as batch:
        for number in range(1005):
            batch.save(RegisterRow("projects", f"p{number:04}"))
    found = me("admin")["projects"]
    assert (len(found), found[0]["id"], found[-1]["id"]) == (1000, "p0000", "p0999")
