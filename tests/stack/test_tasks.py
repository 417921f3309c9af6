"""Runs of tasks: what the document says, where the data is, and that of two at once one gives way."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import boto3
import pytest

from jobmill.errors import AttemptLost, CallerError, SliceOver
from jobmill.jobs.operations import complete_job, create_job, get_all_jobs, get_job
from jobmill.jobs.status import Status
from jobmill.tasks import cache as cache_module
from jobmill.tasks.data import get_task_data, get_task_data_from_storage, keep_task_data_in_storage
from jobmill.tasks.names import SaveIn, TaskName, TaskStatus
from jobmill.tasks.rows import change_document, get_document
from jobmill.tasks.running import execute_task
from jobmill.tasks.services import task_cache
from jobmill.times import now_utc
from tests.stack.conftest import BUCKETS
from tests.stack.http import call

pytestmark = pytest.mark.usefixtures("cloud")

HEALTH = TaskName.COLLECT_DEVICES_HEALTH
DEVICES = [{"id": "1", "health": "good"}, {"id": "2", "health": "bad"}]


def another_process() -> None:
    task_cache().clear()


def raiser(error: Exception) -> Callable[[], Any]:
    def task() -> Any:
        raise error

    return task


@pytest.mark.requirement("T1")
@pytest.mark.requirement("T2")
def test_the_names_and_statuses_are_the_seeds() -> None:
    assert [*TaskName] == [
        "send_reset_sms", "collect_devices_health", "collect_charge_locations", "collect_charge_cdrs"
    ]  # fmt: skip
    assert [*TaskStatus] == ["running", "completed", "failed", "suspeneded"]
    assert TaskStatus("suspended") is TaskStatus.SUSPENEDED
    with pytest.raises(ValueError, match="stopped"):
        TaskStatus("stopped")


@pytest.mark.requirement("T3")
@pytest.mark.requirement("T4")
@pytest.mark.requirement("T5")
@pytest.mark.requirement("T8")
def test_a_run_is_running_then_completed_with_its_data() -> None:
    seen = []

    def task() -> Any:
        seen.append(get_document(HEALTH))
        return DEVICES

    assert execute_task("scheduler", HEALTH, task) is None  # type: ignore[func-returns-value]
    during, after = seen[0], get_document(HEALTH)
    assert (during.source, during.status, during.error) == ("scheduler", TaskStatus.RUNNING, "")
    assert during.started == during.timestamp
    assert during.completed is None
    assert (after.status, after.error, after.started) == (TaskStatus.COMPLETED, "", during.started)
    assert after.completed == after.timestamp
    assert after.duration_ms is not None
    assert (json.loads(after.data or ""), after.saved_in, after.records) == (DEVICES, SaveIn.DB, 2)
    another_process()
    assert get_task_data(HEALTH) == DEVICES


@pytest.mark.requirement("T4")
@pytest.mark.requirement("T7")
def test_a_failed_run_says_why_and_the_last_good_data_stays() -> None:
    execute_task("scheduler", HEALTH, lambda: DEVICES)
    execute_task("person", HEALTH, raiser(CallerError("x", "The peer is gone.")))
    failed = get_document(HEALTH)
    assert (failed.source, failed.status, failed.error) == ("person", TaskStatus.FAILED, "The peer is gone.")
    assert failed.completed == failed.timestamp
    another_process()
    assert get_task_data(HEALTH) == DEVICES
    execute_task("scheduler", HEALTH, lambda: [])
    again = get_document(HEALTH)
    assert (again.status, again.error, again.version) == (TaskStatus.COMPLETED, "", 2)
    another_process()
    assert get_task_data(HEALTH) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [(ValueError("no devices"), "no devices"), (KeyError(), "KeyError"), (RuntimeError("x" * 5000), "x" * 1000)],
)
@pytest.mark.requirement("T7")
def test_any_error_is_a_message(error: Exception, said: str) -> None:
    execute_task("scheduler", HEALTH, raiser(error))
    assert get_document(HEALTH).error == said


@pytest.mark.parametrize("data", ["text", 3, None, {1, 2}, [object()], [float("nan")]])
def test_data_that_is_no_list_or_dict_of_json_fails_the_run(data: Any) -> None:
    execute_task("scheduler", HEALTH, lambda: DEVICES)
    execute_task("scheduler", HEALTH, lambda: data)
    assert get_document(HEALTH).status is TaskStatus.FAILED
    another_process()
    assert get_task_data(HEALTH) == DEVICES


@pytest.mark.requirement("T6")
@pytest.mark.requirement("T10")
def test_data_goes_to_storage_and_the_document_has_a_link() -> None:
    execute_task("scheduler", HEALTH, lambda: DEVICES, save_in=SaveIn.STORAGE)
    document = get_document(HEALTH)
    assert (document.data or "").startswith("https://jobs.example.com/d/")
    stored = boto3.client("s3").get_object(Bucket=BUCKETS["TASKS_BUCKET"], Key="tasks_data/collect_devices_health.json")
    assert stored["ContentType"] == "application/json"
    assert json.loads(stored["Body"].read()) == DEVICES
    another_process()
    assert get_task_data(HEALTH) == DEVICES
    change_document(HEALTH, {"data": "https://elsewhere.example/"})
    assert get_task_data_from_storage(HEALTH) == DEVICES


@pytest.mark.requirement("T6")
def test_data_over_100_kb_does_not_go_into_the_document() -> None:
    large = {"text": "x" * 100_000}
    execute_task("scheduler", HEALTH, lambda: large, save_in=SaveIn.DB)
    document = get_document(HEALTH)
    assert (document.saved_in, document.size_bytes) == (SaveIn.STORAGE, 100_011)
    another_process()
    assert get_task_data(HEALTH) == large


@pytest.mark.requirement("T5")
def test_data_that_is_saved_nowhere_is_cached_here_all_the_same() -> None:
    execute_task("scheduler", HEALTH, lambda: {"sent": True}, save_in=SaveIn.NONE)
    assert get_document(HEALTH).data == "no data to save"
    assert get_task_data(HEALTH) == {"sent": True}
    another_process()
    assert get_task_data(HEALTH) == []


@pytest.mark.requirement("T9")
def test_no_data_is_an_empty_list() -> None:
    assert get_task_data("never_run") == []
    assert get_task_data_from_storage("never_run") is None


@pytest.mark.requirement("T9")
def test_a_warm_process_sees_newer_data(monkeypatch: pytest.MonkeyPatch) -> None:
    execute_task("scheduler", HEALTH, lambda: DEVICES)
    mine = task_cache().get(HEALTH)
    assert mine is not None
    execute_task("elsewhere", HEALTH, lambda: [])
    task_cache().put(HEALTH, mine)
    assert get_task_data(HEALTH) == DEVICES, "it is believed for some seconds"
    monkeypatch.setattr(cache_module, "BELIEVED", timedelta(0))
    assert get_task_data(HEALTH) == []


def test_what_is_believed_is_asked_for_again_only_when_the_version_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "BELIEVED", timedelta(0))
    execute_task("scheduler", HEALTH, lambda: DEVICES, save_in=SaveIn.STORAGE)
    boto3.client("s3").delete_object(Bucket=BUCKETS["TASKS_BUCKET"], Key="tasks_data/collect_devices_health.json")
    assert get_task_data(HEALTH) == DEVICES
    another_process()
    assert get_task_data(HEALTH) == DEVICES, "the version that the document names is still there"


@pytest.mark.requirement("T11")
def test_data_is_kept_and_linked_without_a_run() -> None:
    url = keep_task_data_in_storage("mine", DEVICES)
    answer = call("GET", url.removeprefix("https://jobs.example.com"), user=None)
    assert answer.status == 302
    assert "tasks_data/mine.json" in answer.headers["location"]
    assert get_task_data_from_storage("mine") == DEVICES
    for data in ("text", 3, None):
        with pytest.raises(ValueError, match="a list or a dict"):
            keep_task_data_in_storage("mine", data)  # type: ignore[arg-type]


@pytest.mark.requirement("T6")
def test_a_link_leads_to_the_version_that_it_was_made_of() -> None:
    execute_task("scheduler", HEALTH, lambda: DEVICES, save_in=SaveIn.STORAGE)
    link = (get_document(HEALTH).data or "").removeprefix("https://jobs.example.com")
    execute_task("scheduler", HEALTH, lambda: [], save_in=SaveIn.STORAGE)
    first = call("GET", link, user=None).headers["location"]
    version = first.partition("versionId=")[2].partition("&")[0]
    body = boto3.client("s3").get_object(
        Bucket=BUCKETS["TASKS_BUCKET"], Key="tasks_data/collect_devices_health.json", VersionId=version
    )
    assert json.loads(body["Body"].read()) == DEVICES
    key = "tasks_data/collect_devices_health.json"
    boto3.client("s3").delete_object(Bucket=BUCKETS["TASKS_BUCKET"], Key=key, VersionId=version)
    gone = call("GET", link, user=None)
    assert (gone.status, gone.body["code"]) == (410, "link-deleted")


@pytest.mark.requirement("T12")
def test_a_second_run_gives_way_to_the_one_under_way_and_that_is_noted() -> None:
    ran = []

    def outer() -> Any:
        execute_task("second", HEALTH, lambda: ran.append("second") or [])
        return DEVICES

    execute_task("first", HEALTH, outer)
    document = get_document(HEALTH)
    assert ran == []
    assert (document.source, document.status, document.skipped) == ("first", TaskStatus.COMPLETED, 1)
    assert document.skipped_for == document.job_id
    results = [get_job(job.id).result for job in get_all_jobs("system")]
    assert results == [{"skipped": True}, {"version": 1}]


@pytest.mark.requirement("T12")
def test_of_many_starts_at_once_one_runs() -> None:
    ran, barrier = [], threading.Barrier(6)
    done = threading.Event()

    def start(number: int) -> None:
        barrier.wait()
        execute_task(f"source-{number}", HEALTH, lambda: ran.append(number) or (done.wait(5) and []))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads[:]:
        thread.join(0.5)
    done.set()
    for thread in threads:
        thread.join(20)
    assert len(ran) == 1
    assert get_document(HEALTH).source == f"source-{ran[0]}"


@pytest.mark.requirement("T12")
def test_a_crashed_run_is_taken_over_once_its_job_has_ended() -> None:
    lost = create_job(project_id="system", created_by="crashed")
    change_document(HEALTH, {"status": TaskStatus.RUNNING, "job_id": lost.id, "attempt": 1, "source": "crashed"})
    execute_task("second", HEALTH, lambda: DEVICES)
    assert get_document(HEALTH).source == "crashed"
    complete_job(lost.id, {})
    execute_task("third", HEALTH, lambda: DEVICES)
    assert (get_document(HEALTH).source, get_document(HEALTH).status) == ("third", TaskStatus.COMPLETED)


def test_a_run_that_lost_its_task_writes_no_end() -> None:
    def task() -> Any:
        change_document(HEALTH, {"attempt": 2})
        return DEVICES

    with pytest.raises(AttemptLost):
        execute_task("zombie", HEALTH, task)
    assert get_document(HEALTH).status is TaskStatus.RUNNING
    assert get_document(HEALTH).version == 0


@pytest.mark.parametrize("error", [SliceOver(), AttemptLost("x")])
def test_what_ends_an_attempt_passes(error: Exception) -> None:
    with pytest.raises(type(error)):
        execute_task("scheduler", HEALTH, raiser(error))
    assert get_document(HEALTH).status is TaskStatus.RUNNING


def test_each_run_outside_a_job_is_a_job_of_its_own() -> None:
    execute_task("script", HEALTH, lambda: DEVICES)
    execute_task("script", HEALTH, raiser(ValueError("no")))
    failed, completed = get_all_jobs("system")
    assert (failed.status, completed.status) == (Status.FAILED, Status.COMPLETED)
    assert (failed.type, failed.created_by) == ("Custom", "script")
    assert get_job(failed.id).error.message == "no"  # type: ignore[union-attr]


@pytest.mark.requirement("T3")
@pytest.mark.requirement("T8")
@pytest.mark.parametrize(("debug_logs", "lines"), [(True, ["task started", "task completed"]), (False, [])])
def test_starts_and_ends_are_logged_with_the_time_taken(
    debug_logs: bool, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "jobmill"):
        execute_task("scheduler", HEALTH, lambda: DEVICES, debug_logs=debug_logs)
    assert [record.message for record in caplog.records if record.message.startswith("task")] == lines


def test_the_cache_forgets_what_was_not_asked_for_when_it_is_full() -> None:
    cache = cache_module.TaskCache(max_bytes=10)
    entry = cache_module.Cached(1, [], 4, now_utc())
    for name in ("a", "b"):
        cache.put(name, entry)
    assert cache.get("a")
    cache.put("c", entry)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (entry, None, entry)
    cache.put("d", cache_module.Cached(1, [], 11, now_utc()))
    assert cache.get("d") is None
    assert cache.get("c")
