"""The routes of datasets: a project's list, and the versions that are kept of one."""

import pytest

from jobmill.projects.project import Project, put_project
from tests.stack.http import call
from tests.stack.test_processors import PLAIN, csv_rows, run, run_import, upload

pytestmark = pytest.mark.usefixtures("cloud")
LIST = "/api/projects/demo/datasets"


def put_dataset(name: str) -> str:
    return run("Import", {"uploadId": upload(PLAIN), "dataset": name}).id


def test_a_project_s_datasets_are_listed_by_name_page_by_page() -> None:
    jobs = {name: put_dataset(name) for name in ("c", "a", "B")}
    first = call("GET", f"{LIST}?limit=2", user="viewer")
    assert [each["name"] for each in first.body] == ["B", "a"]
    address = first.headers["link"].removeprefix("<https://jobs.example.com").partition(">")[0]
    second = call("GET", address, user="viewer")
    (listed,) = second.body
    assert listed.pop("createdAt") > "2026"
    by = call("GET", f"/api/jobs/{jobs['c']}").body["createdByName"]
    assert listed == {"name": "c", "version": 1, "rows": 2, "createdByName": by, "jobId": jobs["c"]}
    assert "link" not in second.headers


def test_a_dataset_shows_the_versions_that_are_kept_and_each_can_be_exported() -> None:
    put_project(Project("demo", "Demo", 2))
    imports = [run_import(b"n\n" + b"1\n" * rows) for rows in (1, 2, 3)]
    shown = call("GET", f"{LIST}/places").body
    assert (shown["name"], shown["version"], shown["rows"], shown["jobId"]) == ("places", 3, 3, imports[-1].id)
    assert [(each["version"], each["rows"]) for each in shown["versions"]] == [(3, 3), (2, 2)]
    assert [len(csv_rows(version=each["version"])) - 1 for each in shown["versions"]] == [3, 2]


@pytest.mark.parametrize("name", ["nothing", "a%23b", "x" * 65])
def test_a_dataset_that_is_not_there_is_not_found(name: str) -> None:
    answer = call("GET", f"{LIST}/{name}")
    assert (answer.status, answer.body["code"]) == (404, "dataset-not-found")


def test_only_members_see_a_project_s_datasets_and_limits_hold() -> None:
    put_dataset("a")
    for path in (LIST, f"{LIST}/a"):
        assert call("GET", path, user="other").body["code"] == "project-not-found"
    assert call("GET", f"{LIST}?limit=201").status == call("GET", f"{LIST}?limit=0").status == 400
    assert call("GET", "/api/projects/other/datasets", user="other").body == []
