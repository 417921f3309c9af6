"""What programs do to their Custom jobs by id, and attempts to the job that they work on."""

import threading
import time
from datetime import timedelta

import pytest

from jobmill.errors import Conflict, NotFound
from jobmill.jobs.changing import ChangeRefused, JobExists
from jobmill.jobs.job import Job
from jobmill.jobs.operations import (
    JobManaged,
    complete_job,
    create_job,
    fail_job,
    get_all_jobs,
    get_job,
    set_job_error,
    update_data,
    update_error,
    update_job,
    update_progress,
    update_upload_job_status,
)
from jobmill.jobs.services import lifecycle, recovery, store
from jobmill.jobs.status import Status
from jobmill.json_values import Json
from jobmill.processing.attempt import Tools
from jobmill.processing.context import Context
from jobmill.processing.registry import Result
from tests.stack import builders
from tests.stack.attempts import AnyParams, attempt
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")

UNKNOWN = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"


def custom(**wanted: Json) -> Job:
    return create_job(project_id="demo", created_by="id-of-demo", **wanted)  # type: ignore[arg-type]


@pytest.mark.requirement("M4")
@pytest.mark.requirement("A9")
def test_a_custom_job_is_its_makers_from_the_beginning() -> None:
    job = get_job(custom(data={"foo": 1}, internal_data={"bar": 2}).id)
    assert (job.type, job.status, job.attempt) == ("Custom", Status.RUNNING, 1)
    assert (job.data, job.internal_data, job.progress) == ({"foo": 1}, {"bar": 2}, None)
    assert job.started_at == job.created_at
    assert [event["type"] for event in call("GET", f"/api/jobs/{job.id}/events").body] == ["created", "started"]
    assert builders.starts_sent() == []


@pytest.mark.requirement("M4")
def test_a_job_of_a_type_with_a_machine_is_started() -> None:
    job = create_job(type="Import", project_id="demo", created_by="id-of-demo", params={"x": 1})
    assert (job.status, job.params) == (Status.QUEUED, {"x": 1})
    assert builders.starts_sent() == [job.id]


@pytest.mark.requirement("A9")
def test_an_id_can_be_given_once() -> None:
    custom(id=UNKNOWN)
    assert get_job(UNKNOWN).id == UNKNOWN
    with pytest.raises(JobExists):
        custom(id=UNKNOWN)
    with pytest.raises(ValueError, match="no job id"):
        custom(id="job_123")


@pytest.mark.requirement("M5")
def test_progress_only_rises_and_an_unknown_id_is_false() -> None:
    job = custom()
    assert [update_progress(job.id, value) for value in (50, 30)] == [True] * 2
    assert get_job(job.id).progress == 50
    assert update_progress(job.id, 74.9)
    assert get_job(job.id).progress == 74
    assert update_progress(job.id, 250)
    assert get_job(job.id).progress == 100
    assert (update_progress(UNKNOWN, 5), update_progress("x", 5)) == (False, False)


@pytest.mark.requirement("U2")
@pytest.mark.parametrize("value", [-1, -0.5, float("nan"), float("-inf")])
def test_what_is_no_progress_is_refused(value: float) -> None:
    job = custom()
    with pytest.raises(ValueError, match="no progress"):
        update_upload_job_status(job.id, value)
    assert get_job(job.id).progress is None


@pytest.mark.requirement("M6")
def test_data_is_replaced_and_not_merged() -> None:
    job = custom(data={"foo": 1})
    assert update_data(job.id, {"step": "processing"})
    assert get_job(job.id).data == {"step": "processing"}
    large = ["x" * 1000] * 100
    assert update_data(job.id, large)
    assert get_job(job.id).data == large
    assert update_data(UNKNOWN, {}) is False


@pytest.mark.requirement("A9")
def test_one_update_writes_both_and_a_lower_progress_does_not_lose_the_data() -> None:
    job = custom()
    assert update_job(job.id, progress=50, data={"a": 1})
    assert update_job(job.id, progress=10, data={"a": 2})
    found = get_job(job.id)
    assert (found.progress, found.data) == (50, {"a": 2})


@pytest.mark.requirement("U1")
@pytest.mark.requirement("U2")
@pytest.mark.requirement("U3")
def test_an_upload_owns_the_last_window_of_the_progress() -> None:
    job = custom(data={"kept": True})
    shown = []
    for uploaded in (0, 75, 1000):
        update_upload_job_status(job.id, uploaded)
        shown.append(get_job(job.id).progress)
    assert shown == [80, 95, 100]
    assert get_job(job.id).data == {"kept": True}
    other = custom()
    update_upload_job_status(other.id, 50, {"file": "report.xlsx"}, begins_at=60)
    found = get_job(other.id)
    assert (found.progress, found.data) == (80, {"file": "report.xlsx"})
    with pytest.raises(NotFound):
        update_upload_job_status(UNKNOWN, 5)


@pytest.mark.requirement("U4")
def test_an_error_for_the_user_takes_the_progress_back_and_keeps_its_detail_to_us(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = custom(internal_data={"user": 123})
    update_progress(job.id, 70)
    set_job_error(job.id, "Failed to process file", ValueError("secret path"))
    found = get_job(job.id)
    assert (found.status, found.progress, found.failed_at_progress) == (Status.FAILED, 0, 70)
    assert isinstance(found.internal_data, dict)
    detail = found.internal_data["error"]
    assert isinstance(detail, dict)
    assert (found.internal_data["user"], detail["type"], detail["message"]) == (123, "ValueError", "secret path")
    assert "secret path" in caplog.text
    shown = call("GET", f"/api/jobs/{job.id}")
    assert (shown.body["error"], shown.body["progress"]) == ("Failed to process file", 0)
    assert "secret path" not in shown.text + call("GET", f"/api/jobs/{job.id}/events").text
    with pytest.raises(NotFound):
        set_job_error(UNKNOWN, "x")


def test_internal_data_that_is_no_object_stays_as_it_is() -> None:
    job = custom(internal_data=[1, 2])
    set_job_error(job.id, "No.", ValueError("detail"))
    assert get_job(job.id).internal_data == [1, 2]


@pytest.mark.requirement("M7")
def test_an_error_alone_leaves_the_progress() -> None:
    job = custom()
    update_progress(job.id, 50)
    assert update_error(job.id, "Failed at step 2")
    found = get_job(job.id)
    assert found.error is not None
    assert (found.status, found.progress, found.error.message) == (Status.FAILED, 50, "Failed at step 2")
    assert update_error(UNKNOWN, "x") is False


@pytest.mark.requirement("A9")
def test_a_custom_job_is_completed_or_failed_once() -> None:
    done, failed = custom(), custom()
    assert complete_job(done.id, {"summary": 1})
    assert fail_job(failed.id, "Error message", "the details")
    assert (get_job(done.id).status, get_job(done.id).result) == (Status.COMPLETED, {"summary": 1})
    error = get_job(failed.id).error
    assert error is not None
    assert (error.message, error.details) == ("Error message", "the details")
    for job in (done, failed):
        with pytest.raises(ChangeRefused, match=r"The job is (Completed|Failed)"):
            update_progress(job.id, 99)
    with pytest.raises(ChangeRefused, match="The job is Failed"):
        complete_job(failed.id, {})
    assert complete_job(done.id, {"other": 2})
    assert get_job(done.id).result == {"summary": 1}
    assert (complete_job(UNKNOWN, {}), fail_job(UNKNOWN, "x")) == (False, False)


def test_a_program_learns_that_its_job_was_cancelled() -> None:
    job = custom()
    assert call("POST", f"/api/jobs/{job.id}/cancel").status == 200
    with pytest.raises(ChangeRefused, match="Cancelled"):
        update_progress(job.id, 5)
    refused = call("POST", f"/api/jobs/{job.id}/retry")
    assert (refused.status, refused.body["code"]) == (409, "not-retryable")


@pytest.mark.requirement("A10")
def test_a_custom_job_that_nobody_ends_fails_by_its_run_limit() -> None:
    job = create_job(project_id="demo", created_by="x", run_limit=timedelta(0))
    assert recovery().look(job.id) == "time-out"
    found = get_job(job.id)
    assert found.error is not None
    assert (found.status, found.error.code) == (Status.FAILED, "run-limit")
    assert recovery().look(custom().id) is None


@pytest.mark.requirement("A9")
def test_all_jobs_of_a_project_come_page_after_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobmill.jobs.operations.PAGE", 2)
    ids = [custom().id for _ in range(5)]
    imported = builders.queued().id
    create_job(project_id="other", created_by="x")
    assert [job.id for job in get_all_jobs("demo", "Custom")] == ids[::-1]
    assert [job.id for job in get_all_jobs("demo")] == [imported, *ids[::-1]]


@pytest.mark.requirement("M6")
@pytest.mark.parametrize(
    "change",
    [
        lambda job_id: update_progress(job_id, 5),
        lambda job_id: update_data(job_id, {}),
        lambda job_id: update_upload_job_status(job_id, 5),
        lambda job_id: update_error(job_id, "x"),
        lambda job_id: set_job_error(job_id, "x"),
        lambda job_id: complete_job(job_id, {}),
    ],
)
def test_a_job_with_a_machine_is_changed_by_its_own_attempt_alone(change, kit: Tools) -> None:  # type: ignore[no-untyped-def]
    other = builders.running()

    def work(_: Context[AnyParams]) -> Result:
        with pytest.raises(JobManaged):
            change(other.id)
        return {}

    before = store().get(other.id)
    assert attempt(builders.queued(), work, kit).status is Status.COMPLETED
    with pytest.raises(JobManaged):
        change(other.id)
    assert store().get(other.id) == before


@pytest.mark.requirement("U1")
@pytest.mark.requirement("M5")
def test_an_attempt_changes_its_own_job_by_its_id(kit: Tools) -> None:
    seen: list[Job] = []

    def work(context: Context[AnyParams]) -> Result:
        assert update_progress(context.job.id, 30)
        update_upload_job_status(context.job.id, 50, {"file": "report.xlsx"})
        until = time.monotonic() + 20
        while (store().get(context.job.id).progress or 0) < 90 and time.monotonic() < until:
            context.check_cancelled()
        seen.append(get_job(context.job.id))
        with pytest.raises(JobManaged, match="returns"):
            complete_job(context.job.id, {})
        return {}

    done = attempt(builders.queued(), work, kit)
    assert (seen[0].progress, seen[0].data) == (90, {"file": "report.xlsx"})
    assert (done.status, done.data) == (Status.COMPLETED, {"file": "report.xlsx"})


@pytest.mark.requirement("U4")
def test_an_attempt_that_sets_an_error_has_failed_whatever_its_work_returns(kit: Tools) -> None:
    def work(context: Context[AnyParams]) -> Result:
        set_job_error(context.job.id, "No rows in it", ValueError("empty"))
        return {"rows": 0}

    job = attempt(builders.queued(), work, kit)
    assert job.error is not None
    assert (job.status, job.error.message, job.result) == (Status.FAILED, "No rows in it", None)
    again = lifecycle().retry(job, job.params)
    assert (again.progress, again.failed_at_progress, again.error) == (None, None, None)


def test_what_one_attempt_holds_no_other_thread_does(kit: Tools) -> None:
    refused: list[Conflict] = []

    def elsewhere(job_id: str) -> None:
        try:
            update_progress(job_id, 5)
        except JobManaged as error:
            refused.append(error)

    def work(context: Context[AnyParams]) -> Result:
        thread = threading.Thread(target=elsewhere, args=(context.job.id,))
        thread.start()
        thread.join()
        return {}

    attempt(builders.queued(), work, kit)
    assert [error.code for error in refused] == ["job-managed"]
