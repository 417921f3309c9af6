"""What of a job's changes is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.jobs.status import FINAL, Status
from jobmill.live.messages import Message, message_of, newest

JOB = "01a200c4-8c3f-7a9d-a777-0d6d8d7bc971"
Image = dict[str, Any]


def image(**changes: Any) -> Image:
    """A job's row as the stream has it; `progress=None` for one without."""
    values: dict[str, Any] = {"id": JOB, "project_id": "demo", "status": "Running"}
    values |= {"run": 1, "version": 2, "progress": 10, "lease_until": 1000} | changes
    kinds = {name: "S" if isinstance(value, str) else "N" for name, value in values.items()}
    return {name: {kinds[name]: str(value)} for name, value in values.items() if value is not None}


def message(**changes: Any) -> Message:
    values = {"job_id": JOB, "project_id": "demo", "run": 1, "version": 2, "status": Status.RUNNING, "progress": 10}
    return Message(**(values | changes))


def told(old: Image | None, new: Image) -> Any:
    found = message_of(old, new)
    return found and found.to_json()


@pytest.mark.requirement("A16")
@pytest.mark.parametrize(
    ("status", "type"),
    [
        ("Queued", "job-progress"),
        ("Running", "job-progress"),
        ("Completed", "job-completed"),
        ("Failed", "job-failed"),
        ("Cancelled", "job-cancelled"),
    ],
)
def test_a_message_has_these_keys_and_no_other(status: str, type: str) -> None:
    expected = {"type": type, "jobId": JOB, "run": 1, "version": 3, "status": status, "progress": 10}
    assert told(image(), image(status=status, version=3)) == expected


def test_a_new_job_is_told_with_no_progress() -> None:
    new = image(status="Queued", version=1, progress=None)
    assert told(None, new)["progress"] == 0
    assert told(None, new)["type"] == "job-progress"


@pytest.mark.parametrize(
    "change",
    [{"lease_until": 2000}, {"look_at": 5}, {"pass": 1}, {"progress_message": "Reading"}, {"updated_at": 9}],
)
def test_what_a_reader_does_not_see_is_not_told(change: dict[str, Any]) -> None:
    assert message_of(image(), image(**change)) is None


def test_a_report_added_to_an_ended_job_is_not_told_as_another_end() -> None:
    ended = image(status="Failed", version=3)
    assert message_of(ended, ended | {"reports": {"L": [{"M": {}}]}}) is None


def test_a_next_run_is_told_though_the_status_stays() -> None:
    old = image(status="Queued")
    assert told(old, image(status="Queued", run=2))["run"] == 2


@pytest.mark.parametrize("broken", [{"status": "Nonsense"}, {"version": "x"}, {"project_id": None}, {"run": None}])
def test_what_is_no_job_s_row_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises((KeyError, ValueError)):
        message_of(None, image(**broken))


def test_of_one_batch_only_the_newest_progress_of_a_job_is_told() -> None:
    assert newest([message(progress=percent) for percent in (10, 30, 20)]) == [message(progress=30)]


def test_an_end_is_told_though_the_job_was_queued_again_in_the_same_batch() -> None:
    end = message(status=Status.FAILED, version=3)
    again = message(status=Status.QUEUED, version=4, run=2, progress=0)
    assert newest([message(progress=50), end, again]) == [end, again]


def test_progress_that_comes_after_the_end_is_not_told() -> None:
    end = message(status=Status.COMPLETED, version=3, progress=100)
    assert newest([end, message(progress=99)]) == [end]


messages = st.builds(
    Message,
    job_id=st.sampled_from(["a", "b"]),
    project_id=st.just("demo"),
    run=st.integers(1, 2),
    version=st.integers(1, 4),
    status=st.sampled_from(Status),
    progress=st.integers(0, 3),
)


@given(st.lists(messages))
def test_no_end_is_lost_and_each_job_s_newest_state_is_told(batch: list[Message]) -> None:
    kept = newest(batch)
    assert {(each.job_id, each.order) for each in batch if each.status in FINAL} <= {
        (each.job_id, each.order) for each in kept
    }
    for job in {each.job_id for each in batch}:
        highest = max(each.order for each in batch if each.job_id == job)
        mine = [each.order for each in kept if each.job_id == job]
        assert mine == sorted(mine)
        assert mine[-1] == highest


@given(st.lists(messages))
def test_repeats_and_any_order_tell_the_same(batch: list[Message]) -> None:
    def states(kept: list[Message]) -> set[tuple[str, tuple[int, int, int]]]:
        return {(each.job_id, each.order) for each in kept}

    distinct = {(each.job_id, each.order): each for each in batch}.values()
    assert states(newest([*distinct])) == states(newest([*distinct][::-1] * 2))
