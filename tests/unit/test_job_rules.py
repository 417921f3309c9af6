"""The job's rules, without AWS."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmill.jobs.ids import first_id_at, is_job_id, last_id_before, uuid7
from jobmill.jobs.job import JobCounts
from jobmill.jobs.status import CHANGES, FINAL, Status, may_cancel, may_retry
from jobmill.json_values import dump_json
from jobmill.names import safe_name
from jobmill.settings import read_settings
from jobmill.times import from_milliseconds, iso, milliseconds

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))


@pytest.mark.requirement("J2")
def test_there_are_five_statuses_and_these_moves_between_them() -> None:
    moves = {(source, change.target or source) for change in CHANGES for source in change.sources if change.is_move}
    assert [str(status) for status in Status] == ["Queued", "Running", "Completed", "Failed", "Cancelled"]
    assert moves == {
        (Status.QUEUED, Status.RUNNING),
        (Status.RUNNING, Status.COMPLETED),
        (Status.RUNNING, Status.FAILED),
        (Status.QUEUED, Status.FAILED),
        (Status.QUEUED, Status.CANCELLED),
        (Status.RUNNING, Status.CANCELLED),
        (Status.RUNNING, Status.QUEUED),
        (Status.FAILED, Status.QUEUED),
        (Status.CANCELLED, Status.QUEUED),
    }


def test_every_change_of_a_running_job_by_its_worker_is_fenced() -> None:
    assert all(change.fences for change in CHANGES)


@pytest.mark.parametrize("status", Status)
def test_cancel_and_retry_are_offered_only_where_they_are_legal(status: Status) -> None:
    assert may_cancel(status) == (status not in FINAL)
    assert may_retry(status) == (status in (Status.FAILED, Status.CANCELLED))


@given(MOMENTS, st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid7_that_carries_its_time(moment: datetime, randomness: bytes) -> None:
    job_id = uuid7(moment, randomness)
    parsed = uuid.UUID(job_id)
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert is_job_id(job_id)
    assert from_milliseconds(parsed.int >> 80) == from_milliseconds(milliseconds(moment))
    assert first_id_at(moment) <= job_id < first_id_at(moment + timedelta(milliseconds=1))
    assert last_id_before(job_id) < job_id


@given(MOMENTS, MOMENTS, st.binary(min_size=10, max_size=10))
def test_ids_sort_by_time(one: datetime, other: datetime, randomness: bytes) -> None:
    one, other = sorted((from_milliseconds(milliseconds(one)), from_milliseconds(milliseconds(other))))
    if one < other:
        assert uuid7(one, randomness) < uuid7(other, bytes(10))


@pytest.mark.parametrize("text", ["", "x", "01A200C4-8C3F-7A9D-A777-0D6D8D7BC971", "01a200c48c3f7a9da7770d6d8d7bc971"])
def test_other_spellings_are_no_ids(text: str) -> None:
    assert not is_job_id(text)


def test_counts_always_sum_to_their_total() -> None:
    counts = JobCounts({status: number for number, status in enumerate(Status)})
    assert counts.total == 10


def test_times_show_as_utc_with_z() -> None:
    assert iso(datetime(2026, 1, 15, 10, 30, tzinfo=UTC)) == "2026-01-15T10:30:00.000Z"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_what_is_not_json_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dump_json(value)


@given(st.text())
def test_a_safe_name_is_short_and_plain_and_never_a_path(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 100
    assert safe[0] not in ".-"
    assert not set(safe) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Größe 1.csv", "Groe-1.csv"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "file"),
        ("x" * 200 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_safe_names_keep_what_they_can(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_settings_read_every_duration_and_refuse_nonsense() -> None:
    settings = read_settings({"LEASE_SECONDS": "10", "JOB_RETENTION_DAYS": "2", "PUBLIC_URL": "https://x/"})
    assert (settings.lease, settings.job_retention) == (timedelta(seconds=10), timedelta(days=2))
    assert settings.public_url == "https://x"
    with pytest.raises(ValueError, match="soon"):
        read_settings({"LEASE_SECONDS": "soon"})
