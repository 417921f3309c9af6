"""A project with too many waiting jobs is told to try later; the others are not."""

import pytest

from jobmill.jobs.job import Job
from jobmill.jobs.services import store
from jobmill.jobs.status import Status
from jobmill.settings import settings
from tests.stack import builders
from tests.stack.http import Answer, call
from tests.stack.stream import image, notify, record
from tests.stack.test_api_bad_input import assert_problem
from tests.stack.test_api_jobs import import_request

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture(autouse=True)
def at_most_two(monkeypatch: pytest.MonkeyPatch, cloud: None) -> None:
    monkeypatch.setenv("MAX_WAITING_JOBS", "2")
    settings.cache_clear()


def counted(*jobs: Job) -> None:
    notify(*(record(image(job.id)) for job in jobs))


def assert_told_to_wait(answer: Answer) -> None:
    assert_problem(answer, 429, "too-many-waiting")
    assert int(answer.headers["retry-after"]) > 0


def test_a_submit_over_the_limit_is_told_to_try_later_until_the_queue_is_shorter() -> None:
    first, second = builders.queued(), builders.queued()
    counted(first)
    assert call("POST", "/api/jobs", import_request()).status == 202
    counted(second)
    refused = call("POST", "/api/jobs", import_request())
    assert_told_to_wait(refused)
    assert "2 jobs waiting" in refused.body["detail"]
    counted(builders.running(first))
    assert call("POST", "/api/jobs", import_request()).status == 202


def test_another_project_s_queue_does_not_count() -> None:
    counted(*(builders.queued(project_id="other") for _ in range(3)))
    assert call("POST", "/api/jobs", import_request()).status == 202


@pytest.mark.requirement("J20")
def test_a_repeat_of_an_accepted_submit_gives_its_job_all_the_same() -> None:
    request, key = import_request(), {"Idempotency-Key": "k1"}
    first = call("POST", "/api/jobs", request, headers=key)
    counted(store().get(first.body["id"]), builders.queued())
    assert_told_to_wait(call("POST", "/api/jobs", request))
    assert call("POST", "/api/jobs", request, headers=key).body["id"] == first.body["id"]


def test_a_refused_submit_can_be_repeated_with_its_key() -> None:
    request, key = import_request(), {"Idempotency-Key": "k1"}
    waiting = builders.queued()
    counted(waiting, builders.queued())
    assert_told_to_wait(call("POST", "/api/jobs", request, headers=key))
    counted(builders.cancelled(waiting))
    assert call("POST", "/api/jobs", request, headers=key).status == 202


@pytest.mark.requirement("J22")
def test_a_retry_over_the_limit_is_told_to_try_later_and_is_an_outcome_among_many() -> None:
    failed, elsewhere = builders.failed(), builders.failed(project_id="other")
    counted(builders.queued(), builders.queued())
    assert_told_to_wait(call("POST", f"/api/jobs/{failed.id}/retry"))
    answer = call("POST", "/api/jobs/retry", {"ids": [failed.id, elsewhere.id]}, user="admin")
    assert [(each["outcome"], each.get("errorCode")) for each in answer.body["outcomes"]] == [
        ("refused", "too-many-waiting"),
        ("queued", None),
    ]
    assert store().get(failed.id).status is Status.FAILED
